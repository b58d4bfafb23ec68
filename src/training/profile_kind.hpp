/* Training profiles: the documents of apps about trainings. */
#pragma once

#include "app_document/kind.hpp"

namespace opigno::training {

extern const app_document::Kind training_profiles;

} // namespace opigno::training
