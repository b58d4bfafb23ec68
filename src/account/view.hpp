/* Writes accounts as JSON, with the members that the caller may see. */
#pragma once

#include "account/field.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "json/value/writer.hpp"

namespace opigno::account {

/* Each shows more than the one before. */
enum class View { None, Shared, Own, Operator };

/* Reads the argument that limits how much to show. Raises 22023 for an unknown word. */
View view_argument(FunctionCallInfo fcinfo, int argument_number);

/* Reads accounts, and decides what the caller may see of each. Its functions are called between
 * SPI_connect and SPI_finish as the owner. */
class Reader {
  public:
    /* most: the most to show of any account. */
    Reader(const identity::Caller &caller, View most);

    [[nodiscard]] View view_of(const text *user_uuid) const;
    /* Whether view_of() is not None for some user. */
    [[nodiscard]] bool sees_anybody() const
    {
        return sees_all_ || own_ != nullptr || of_others_ != View::None;
    }
    [[nodiscard]] bool sees_all() const { return sees_all_; }

    /*
     * Looks up the accounts of these users, in the same order, and returns the number found. The
     * user uuids are canonical. latest: use a new snapshot, not that of the calling statement.
     */
    [[nodiscard]] std::uint64_t look_up(const pg::Names &user_uuids, const Fields &fields, bool latest) const;

    /* After look_up(): writes the account of a row. Returns false if the caller may not see it.
     * not_shown: names of fields for the member "not_shown", which is left out if there are none. */
    bool write(json::Writer &out, std::uint64_t row, const Fields &fields,
               const pg::Names &not_shown = {}) const;

    /* Both for one user, with the snapshot of the calling statement. Returns false, too, if the user
     * does not exist. */
    bool write_one(json::Writer &out, text *user_uuid, const Fields &fields) const;

  private:
    View most_;
    bool sees_all_;
    const text *own_ = nullptr; /* the request's user, if it may act */
    View of_others_ = View::None;
};

static_assert(std::is_trivially_destructible_v<Reader>);

/* An account as get_account() shows it to the caller now. It is read when the first member is
 * compared. */
class ShownAccount {
  public:
    ShownAccount(const identity::Caller &caller, text *user_uuid, const Fields &fields)
        : caller_(caller), user_uuid_(user_uuid), fields_(fields)
    {
    }

    /* Whether the account has this member with this value. */
    [[nodiscard]] bool has(std::string_view member, const JsonbValue &value);

  private:
    void read();

    const identity::Caller &caller_;
    text *user_uuid_;
    const Fields &fields_;
    bool is_read_ = false;
    Jsonb *account_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<ShownAccount>);

/* After look_up(): returns the user of a row. */
text *user_of(std::uint64_t row);

} // namespace opigno::account
