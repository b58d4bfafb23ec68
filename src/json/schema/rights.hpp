/*
 * The rights of requests on members of documents, as a schema gives them: "readOnly", "writeOnly",
 * "x-opigno-read" and "x-opigno-write". They are compiled apart from the rules of validation. Does
 * not depend on PostgreSQL.
 */
#pragma once

#include "json/merge/plan.hpp"
#include "json/schema/compile.hpp"

#include <optional>

namespace opigno::json::schema {

/* A set of the scopes that a schema names: the bits of Rights::scopes. */
using ScopeSet = std::uint64_t;
inline constexpr std::size_t max_scopes = 64;

/* A scope that a schema names, and where it does so first. */
struct NamedScope {
    std::string_view name;
    const char *pointer;
};

struct RightsMember {
    std::string_view name;
    std::uint32_t place;
};

/* A place in documents. Its rights hold for everything within it, too. */
struct RightsPlace {
    std::span<const RightsMember> members; /* in the order of compare_keys() */
    /* Who may see and write the place needs a scope of each set. */
    std::span<const ScopeSet> readers;
    std::span<const ScopeSet> writers;
    bool is_read_only = false;
    bool is_write_only = false;
};

/* The places that have rights, and those on the way to them. The first is the whole document. */
struct Rights {
    std::span<const RightsPlace> places;
    std::span<const NamedScope> scopes;
};

static_assert(std::is_trivially_destructible_v<Rights> && std::is_trivially_destructible_v<RightsPlace>);

/*
 * Returns the rights in allocate()'s memory, or nullptr if the schema gives none or there are faults.
 * Faults: values that are not valid, and rights at places that properties, allOf and static
 * references do not lead to, because there they would depend on the document. The names of scopes
 * are parts of the schema's jsonb bytes.
 */
const Rights *compile_rights(const Program &program, SchemaFaults &faults);

/* A request: the scopes it has of those that the rights name. */
class Asker {
  public:
    Asker(const Rights &rights, ScopeSet scopes) : rights_(&rights), scopes_(scopes) {}

    [[nodiscard]] const Rights &rights() const { return *rights_; }
    [[nodiscard]] bool may_see(const RightsPlace &place) const
    {
        return !place.is_write_only && has_one_of_each(place.readers);
    }
    /* Who may not see a member because of "x-opigno-read" may not write it. "writeOnly" alone lets
     * requests write what they do not see. */
    [[nodiscard]] bool may_write(const RightsPlace &place) const
    {
        return !place.is_read_only && has_one_of_each(place.readers) && has_one_of_each(place.writers);
    }
    [[nodiscard]] bool sees_everything() const;
    /* Whether a place of a document is hidden from the request. What it has given itself, and hides
     * only by "writeOnly", is not. pointer: a JSON Pointer into the document */
    [[nodiscard]] bool hides(std::string_view pointer, const std::optional<Value> &given) const;

  private:
    [[nodiscard]] bool has_one_of_each(std::span<const ScopeSet> sets) const;

    const Rights *rights_;
    ScopeSet scopes_;
};

static_assert(std::is_trivially_destructible_v<Asker>);

/* Plans to leave out the members that the request may not see. container: of an object. plan: a new
 * one. */
void plan_visible(const Asker &asker, std::string_view container, Plan &plan);

/* Plans to keep, in a document that replaces a stored one, the members of the stored one that the
 * request may not see and that the new one does not have. Both are containers of objects. plan: a
 * new one, for the new document. */
void plan_kept(const Asker &asker, std::string_view stored, std::string_view given, Plan &plan);

/* JSON Pointers in allocate()'s memory. */
using Pointers = SmallVector<const char *, 4>;

/*
 * What a request wants to write. A value is nothing if there is no document. given: the document or
 * the merge patch as the request has sent it.
 */
struct Change {
    std::optional<Value> stored;
    std::optional<Value> wanted;
    std::optional<Value> given;
};

/*
 * Finds the places that the request may not write and that the change writes, at most max_faults. A
 * member that the request sees may be written if its value stays. A member that it does not see is
 * written if what is given has it: otherwise the answer would tell whether a guess is right.
 */
void find_forbidden(const Asker &asker, const Change &change, std::size_t max_faults, Pointers &found);

/* Whether what is given has a member that the request may write and not see. */
bool writes_unseen(const Asker &asker, const Value &given);

} // namespace opigno::json::schema
