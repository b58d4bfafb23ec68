/* Judges all documents of an app by a schema. */
#pragma once

#include "app_document/kind.hpp"

namespace opigno::app_document {

/* Returns the answer of validate_profiles() and its kin, whose arguments fcinfo has. Called as the
 * owner. */
Datum validate(FunctionCallInfo fcinfo, const identity::Caller &caller, const Kind &kind);

} // namespace opigno::app_document
