/* Errors of account patches as in Open edX: each has two messages. */
#pragma once

#include "pg/error.hpp"
#include "pg/pointer.hpp"
#include "pg/text.hpp"

namespace opigno::account {

/* path: a JSON Pointer into the patch. */
inline void add_error_at(const char *path, const char *developer_message, const char *user_message,
                         pg::Errors &errors)
{
    pg::Error error{ERRCODE_INVALID_PARAMETER_VALUE, path, developer_message};
    error.user_message = user_message;
    errors.add(error);
}

inline void add_error(std::string_view member, const char *developer_message, const char *user_message,
                      pg::Errors &errors)
{
    if (!errors.is_full())
        add_error_at(pg::pointer_to(member), developer_message, user_message, errors);
}

inline void add_not_editable(std::string_view member, const char *path, pg::Errors &errors)
{
    if (!errors.is_full())
        add_error_at(path, "This field is not editable via this API",
                     psprintf("The '%s' field cannot be edited.", pg::quoted(member)), errors);
}

} // namespace opigno::account
