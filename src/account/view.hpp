/* Accounts as JSON: which members who may see. */
#pragma once

#include "account/field.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"
#include "json/value/writer.hpp"

namespace opigno::account {

/* Each shows more than the one before. */
enum class View { None, Shared, Own, Operator };

/* The argument of this argument_number: the most that is to be shown. Raises 22023 for an unknown word. */
View view_argument(FunctionCallInfo fcinfo, int argument_number);

/* What a caller sees. Its functions are called between SPI_connect and SPI_finish as the owner. */
class Reader {
  public:
    /* most: the most that is to be shown. */
    Reader(const identity::Caller &caller, View most);

    [[nodiscard]] View view_of(const text *user_uuid) const;
    /* Else view_of() is None for everybody. */
    [[nodiscard]] bool sees_anybody() const
    {
        return sees_all_ || own_ != nullptr || of_others_ != View::None;
    }
    [[nodiscard]] bool sees_all() const { return sees_all_; }

    /*
     * Looks up the accounts of these users, canonical, in their order, and gives how many there are. latest:
     * as the transaction sees them by now, and not as the calling statement does.
     */
    [[nodiscard]] std::uint64_t look_up(const pg::Names &user_uuids, const Fields &fields, bool latest) const;

    /* After look_up(): writes the account of a row; false where nothing of it is shown. */
    bool write(json::Writer &out, std::uint64_t row, const Fields &fields) const;

  private:
    View most_;
    bool sees_all_;
    const text *own_ = nullptr; /* the request's user, if it may act */
    View of_others_ = View::None;
};

static_assert(std::is_trivially_destructible_v<Reader>);

/* After look_up(): the user of a row. */
text *user_of(std::uint64_t row);

} // namespace opigno::account
