/*
 * The document of an HTTP PATCH on an account, as Open edX's clients send it: from JSON to what is to be
 * changed, with every error. Rules: Open edX's user_api; DESIGN section 7 where that has defects.
 */
#pragma once

#include "account/field.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <string_view>

namespace opigno::account {

struct Patch {
    text *name = nullptr;      /* the display name; nullptr: as it is */
    Jsonb *merged = nullptr;   /* fields and values to merge (RFC 7396); nullptr: none */
    Jsonb *replaced = nullptr; /* fields and values to set as they are, null to remove; nullptr: none */
    bool sets_privacy = false; /* the preference account_privacy */
    text *privacy = nullptr;   /* nullptr: delete it */
    const char *given = "";    /* names of what is given, for the audit trail */
};

/*
 * Reads a patch and adds all its errors, with the messages that Open edX has. name: the display name so far.
 * skipped: a member that is no part of the patch. What is returned points into the patch.
 */
Patch patch_from_json(const JsonbValue &patch, const Fields &fields, std::string_view name,
                      pg::Errors &errors, std::string_view skipped = {});

/* Names that Open edX keeps for itself among the fields. */
bool is_reserved_field(std::string_view name);

} // namespace opigno::account
