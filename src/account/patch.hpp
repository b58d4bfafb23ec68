/*
 * Reads the document of an HTTP PATCH on an account, as Open edX's clients send it. The rules are
 * those of Open edX's user_api, except where DESIGN section 7 corrects its defects.
 */
#pragma once

#include "account/field.hpp"
#include "account/view.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/vector.hpp"

#include <span>
#include <string_view>

namespace opigno::account {

/* A given field whose change is checked when it is written. */
struct CheckedField {
    const Field *field;
    const char *path;       /* where the patch names the field */
    const char *value_path; /* where the patch has its value */
};

struct Patch {
    text *name = nullptr;             /* the display name; nullptr: leave it as it is */
    Jsonb *merged = nullptr;          /* fields and values to merge (RFC 7396); nullptr: none */
    Jsonb *replaced = nullptr;        /* fields to set to these values, null to remove; nullptr: none */
    bool sets_privacy = false;        /* whether to set the preference account_privacy */
    text *privacy = nullptr;          /* its value; nullptr: delete it */
    const char *given = "";           /* names of the given members, for the audit trail */
    pg::Names not_shown;              /* fields that are set and not configured, each once */
    pg::Vector<CheckedField> checked; /* those that only operators may change, or with a schema */
};

/*
 * Reads a patch and adds all its errors, with the messages of Open edX. name: the stored display
 * name. shown: the account, which read-only members must be equal to. skipped: members to ignore. The
 * result points into the patch.
 */
Patch patch_from_json(const JsonbValue &patch, const Fields &fields, std::string_view name,
                      ShownAccount &shown, pg::Errors &errors,
                      std::span<const std::string_view> skipped = {});

/* Whether Open edX reserves this name of a field. */
bool is_reserved_field(std::string_view name);

} // namespace opigno::account
