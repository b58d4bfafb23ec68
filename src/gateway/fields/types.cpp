#include "gateway/fields/types.hpp"

namespace opigno::fields {

using graphql::ScalarForm;
using graphql::TypeKind;

namespace {

constexpr EnumValue scopes[] = {
    {"ANONYMOUS", "No scope. User contexts without scopes show an empty list.", {}},
    {"AUTHENTICATED", "A registered user.", {}},
    {"ADMINISTRATOR", "A user who administers the site.", {}},
};

} // namespace

constinit const Type big_int_type = {
    .kind = TypeKind::Scalar,
    .name = "BigInt",
    .description = "An integer with up to 64 bits. An argument can also be a string with its digits.",
    .form = ScalarForm::BigInt};

constinit const Type cursor_type = {.kind = TypeKind::Scalar,
                                    .name = "Cursor",
                                    .description = "A place in a list. It is opaque and must not be parsed.",
                                    .form = ScalarForm::String};

constinit const Type date_time_type = {.kind = TypeKind::Scalar,
                                       .name = "DateTime",
                                       .description = "A time, as 2026-11-28T18:09:13.123456+00:00.",
                                       .form = ScalarForm::String,
                                       .specified_by = "https://www.rfc-editor.org/rfc/rfc3339"};

constinit const Type json_type = {TypeKind::Scalar, "JSON", "Any JSON value. Numbers keep their digits."};

constinit const Type scope_type = {.kind = TypeKind::Enum,
                                   .name = "Scope",
                                   .description =
                                       "A permission of a user context. A site can have further values.",
                                   .values = scopes,
                                   .has_site_scopes = true};

constinit const Type violation_type = {
    TypeKind::Scalar, "Violation",
    "An error of a mutation: an object with the members code (an SQLSTATE), path (a JSON Pointer to the "
    "argument) and message. It can have a hint. Those of setUserContexts have the ordinal of the entry."};

} // namespace opigno::fields
