/* explain_patch; schemas.sql has the contract. */
#include "app_document/store.hpp"
#include "identity/request.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "profile/kind.hpp"
#include "schema/lock.hpp"
#include "json/error_list.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

#include <optional>

namespace opigno::profile {

namespace {

using namespace app_document;
using identity::Caller;

/* What the write does before it is rolled back. Documents are shown as the caller may see them. */
struct Explanation {
    std::optional<identity::Outcome> outcome; /* nothing: the patch is refused */
    Jsonb *stored = nullptr;
    Jsonb *result = nullptr; /* nullptr: it is not known */
    std::span<const pg::Error> errors;
    pg::Error other; /* an error that was raised alone */
};

/* Whether the error says what is wrong with the patch. */
bool is_about_patch(int sqlstate)
{
    for (const int known :
         {ERRCODE_INVALID_PARAMETER_VALUE, ERRCODE_FOREIGN_KEY_VIOLATION, ERRCODE_CHECK_VIOLATION,
          ERRCODE_INSUFFICIENT_PRIVILEGE, ERRCODE_PROGRAM_LIMIT_EXCEEDED, ERRCODE_STATEMENT_TOO_COMPLEX,
          ERRCODE_WRONG_STATE})
        if (sqlstate == known)
            return true;
    return false;
}

void take_errors(const ErrorData &error, Explanation &explanation)
{
    explanation.errors = pg::raised_with(error);
    if (!explanation.errors.empty())
        return;
    explanation.other = {error.sqlerrcode, "", pstrdup(error.message),
                         error.hint == nullptr ? nullptr : pstrdup(error.hint)};
    explanation.errors = {&explanation.other, 1};
}

/* Writes in a subtransaction, which is rolled back: so nothing differs from opigno.patch_profile(). */
void try_patch(const Caller &caller, const Key &key, Jsonb *patch, Explanation &explanation)
{
    pg::forget_raised_errors();
    pg::in_subtransaction(
        [&] {
            pg::allow_writes_to_roll_back();
            pg::with_spi([&](MemoryContext outer) {
                const SizeLimit limit = check_may_write(caller, key);
                schema::lock_to_write(caller.function, schema::DocumentKind::Profile, key.app_id);
                Jsonb *stored = read(key, outer);
                explanation.stored = visible(caller, key, stored, outer);
                if (!json::loses_object(stored, patch))
                    explanation.result =
                        visible(caller, key, merged(caller, key, stored, patch, outer), outer);
                explanation.outcome =
                    write(caller, key, Operation::Merge, patch, pg::ExpectedVersion(), limit).outcome;
                return 0;
            });
            return false;
        },
        [&](const ErrorData &error) {
            if (!is_about_patch(error.sqlerrcode))
                return false;
            take_errors(error, explanation);
            return true;
        });
}

void write_document(json::Writer &out, const char *name, Jsonb *document)
{
    out.key(name);
    if (document == nullptr)
        out.null();
    else
        out.value(json::root_of(document));
}

Datum answer_of(const Explanation &explanation)
{
    json::Writer out;
    out.begin_object();
    out.key("outcome");
    if (explanation.outcome.has_value())
        out.string(identity::word_of(*explanation.outcome));
    else
        out.null();
    write_document(out, "profile_data", explanation.result);
    write_document(out, "diff",
                   explanation.result == nullptr ? nullptr
                                                 : json::merge_diff(explanation.stored, explanation.result));
    json::write_errors(out, explanation.errors, json::Hints::Shown);
    out.end_object();
    return out.json();
}

} // namespace

} // namespace opigno::profile

using namespace opigno;

OPIGNO_FUNCTION(opigno_explain_patch)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Request, [&](const identity::Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        pg::require(fcinfo, 1, "app_id", errors);
        pg::require(fcinfo, 2, "patch", errors);
        errors.raise();
        profile::Explanation explanation;
        profile::try_patch(caller, {profile::profiles, user_uuid, PG_GETARG_INT32(1)}, PG_GETARG_JSONB_P(2),
                           explanation);
        identity::refresh_request(nullptr);
        return profile::answer_of(explanation);
    });
}
