/* The subschemas of a schema, and reports about them. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/compile.hpp"
#include "json/value/hash_table.hpp"

namespace opigno::json::schema {

using PlaceId = std::uint32_t;
inline constexpr PlaceId no_place = 0xFFFFFFFF;

/* Where something is in its parent: the pointer is that of the parent, "/keyword" and "/name". Either
 * can be missing: an empty keyword, and a name without data. */
struct Step {
    std::string_view keyword; /* can have several tokens, escaped */
    std::string_view name;    /* unescaped */
};

struct Place {
    Value value;
    Step step;
    PlaceId parent = no_place;
    std::uint32_t resource = 0;
    std::uint32_t level = 0;
    Draft draft = Draft::Draft2020;
    bool is_dynamic = false;            /* the dynamic target has the anchor */
    PlaceId reference = no_place;       /* the target of "$ref" */
    PlaceId dynamic = no_place;         /* of "$dynamicRef" or "$recursiveRef" */
    std::string_view dynamic_name = {}; /* of the anchor; "" for "$recursiveRef" */
    NodeId node = no_node;
};

class Places {
  public:
    Places(Arena &arena, SchemaFaults &faults, SchemaFaults &unknown)
        : arena_(&arena), faults_(&faults), unknown_(&unknown), by_address_(arena)
    {
    }

    /* The reference is valid until the next call. */
    PlaceId add(const Place &place);
    Place &operator[](PlaceId place) { return places_[place]; }
    const Place &operator[](PlaceId place) const { return places_[place]; }
    [[nodiscard]] PlaceId size() const { return static_cast<PlaceId>(places_.size()); }

    /* Finds the place of an array or object. */
    [[nodiscard]] PlaceId find(const Value &value) const;

    /* The pointer, which ends with a byte 0. */
    std::string_view pointer_to(PlaceId place, Step step);

    void add_fault(PlaceId place, Step step, std::string_view message);
    void add_unknown(PlaceId place, Step step, std::string_view message);
    [[nodiscard]] bool have_faults() const { return !faults_->empty(); }
    /* No more faults are kept. */
    [[nodiscard]] bool are_full() const { return faults_->size() == max_schema_faults; }

    /* Quotes the keyword before the rest of the message. */
    std::string_view message(std::string_view keyword, std::string_view rest)
    {
        return arena_->join({"\"", keyword, "\" ", rest});
    }

  private:
    void add_report(SchemaFaults &to, std::size_t &reported, PlaceId place, Step step,
                    std::string_view message);

    Arena *arena_;
    SchemaFaults *faults_;
    SchemaFaults *unknown_;
    SmallVector<Place, 1> places_;
    HashTable<std::uint64_t, PlaceId> by_address_; /* plus one */
    std::size_t reported_faults_ = 0;              /* bytes of pointers and messages */
    std::size_t reported_unknown_ = 0;
};

static_assert(std::is_trivially_destructible_v<Place> && std::is_trivially_destructible_v<Places>);

} // namespace opigno::json::schema
