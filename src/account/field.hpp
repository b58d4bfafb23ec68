/* The site's configuration of extended profile fields. */
#pragma once

#include "pg/vector.hpp"

#include <string_view>

namespace opigno::account {

enum class Visibility { Private, Shared, Custom };

struct Field {
    std::string_view name;
    Visibility visibility;
    bool replaces;   /* a patch replaces an object whole, and does not merge it */
    bool in_account; /* a member of the account itself, and no entry of extended_profile */
};

using Fields = pg::Vector<Field>;

/*
 * In their order. Called between SPI_connect and SPI_finish as the owner; names live as long as SPI's memory.
 * latest: as the transaction sees them by now, and not as the calling statement does.
 */
Fields configured_fields(bool latest);

/* nullptr where it is not configured. */
const Field *find(const Fields &fields, std::string_view name);

/* Members of an account and of its answers that no field may be named like. */
bool is_account_member(std::string_view name);

} // namespace opigno::account
