/* What the site has configured for accounts: the fields of extended profiles, and settings. */
#pragma once

#include "identity/access.hpp"
#include "pg/vector.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::account {

enum class Visibility { Private, Shared, Custom };

/* How an account shows a field that has no value, or an empty string. Text: as it is stored; without
 * a value null, or "" in extended_profile. */
enum class EmptyAs { Text, Null, List };

struct Field {
    std::string_view name;
    Visibility visibility;
    bool replaces;      /* a patch replaces an object as a whole; otherwise merges into it */
    bool in_account;    /* a member of the account itself; otherwise an entry of extended_profile */
    bool for_operators; /* only operators may change it */
    EmptyAs empty_as;
    Datum value_schema; /* jsonb; 0: there is none, or it was not read */
};

/* The fields in their order, and the settings of configure_accounts(). */
struct Fields {
    pg::Vector<Field> list;
    bool refuses_unconfigured = false;
    std::string_view default_visibility; /* account_privacy of users who have not set it */

    [[nodiscard]] const Field *begin() const { return list.begin(); }
    [[nodiscard]] const Field *end() const { return list.end(); }
};

static_assert(std::is_trivially_destructible_v<Fields>);

/*
 * Reads the configuration. Called between SPI_connect and SPI_finish as the owner. The names live in
 * SPI's memory. latest: use a new snapshot, not that of the calling statement.
 */
Fields configured_fields(bool latest);

/* Reads the configuration with the schemas of values, as it is committed now. No other session
 * changes the schemas until the transaction ends. */
Fields fields_to_write(const identity::Caller &caller);

/* Returns nullptr if the field is not configured. */
const Field *find(const Fields &fields, std::string_view name);

/* Whether this is the name of a member of accounts or answers, which fields must not have. */
bool is_account_member(std::string_view name);

} // namespace opigno::account
