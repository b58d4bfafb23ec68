/* Whose data a caller may see. The policies and the functions that read ask this. */
#pragma once

#include "identity/request.hpp"
#include "pg/text.hpp"

namespace opigno::identity {

enum class Visibility {
    None,
    Own, /* the user is the one of the request, and may act */
    All, /* the caller reads the data of every user */
};

inline Visibility visibility_of(const text *user_uuid, bool reads_all)
{
    if (reads_all)
        return Visibility::All;
    const Request *request = acting_request();
    return request != nullptr && pg::view(request->user_uuid) == pg::view(user_uuid) ? Visibility::Own
                                                                                     : Visibility::None;
}

} // namespace opigno::identity
