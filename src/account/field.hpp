/* The site's configuration of extended profile fields. */
#pragma once

#include "pg/vector.hpp"

#include <string_view>

namespace opigno::account {

enum class Visibility { Private, Shared, Custom };

struct Field {
    std::string_view name;
    Visibility visibility;
    bool replaces;   /* a patch replaces an object as a whole; otherwise merges into it */
    bool in_account; /* a member of the account itself; otherwise an entry of extended_profile */
};

using Fields = pg::Vector<Field>;

/*
 * Returns the fields in their order. Called between SPI_connect and SPI_finish as the owner. The
 * names live in SPI's memory. latest: use a new snapshot, not that of the calling statement.
 */
Fields configured_fields(bool latest);

/* Returns nullptr if the field is not configured. */
const Field *find(const Fields &fields, std::string_view name);

/* Whether this is the name of a member of accounts or answers, which fields must not have. */
bool is_account_member(std::string_view name);

} // namespace opigno::account
