/* Profiles: the documents of apps about users. */
#pragma once

#include "app_document/kind.hpp"

namespace opigno::profile {

extern const app_document::Kind profiles;

} // namespace opigno::profile
