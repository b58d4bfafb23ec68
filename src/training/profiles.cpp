/* The SQL functions that write training profiles; profiles.sql has the contracts. */
#include "app_document/call.hpp"
#include "app_document/load.hpp"
#include "app_document/validate.hpp"
#include "identity/access.hpp"
#include "training/profile_kind.hpp"

namespace opigno::training {

namespace {

using app_document::Key;
using app_document::Operation;
using identity::Caller;
using identity::RequiredAccess;

constexpr int document_number = 2; /* the argument after the key */

Datum write_profile(FunctionCallInfo fcinfo, Operation operation)
{
    return identity::as_owner(fcinfo, RequiredAccess::Progress, [&](const Caller &caller) {
        pg::Errors errors;
        const Key key = app_document::key_argument(fcinfo, training_profiles, errors);
        return app_document::write_document(caller, fcinfo, key, operation, document_number, errors);
    });
}

Datum load(FunctionCallInfo fcinfo, app_document::Task task)
{
    return identity::as_owner(fcinfo, RequiredAccess::Training, [&](const Caller &caller) {
        return app_document::load(fcinfo, caller, training_profiles, task);
    });
}

} // namespace

} // namespace opigno::training

using namespace opigno;
using app_document::Operation;
using app_document::Task;

OPIGNO_FUNCTION(opigno_upsert_training_profile)
{
    return training::write_profile(fcinfo, Operation::Replace);
}

OPIGNO_FUNCTION(opigno_patch_training_profile)
{
    return training::write_profile(fcinfo, Operation::Merge);
}

OPIGNO_FUNCTION(opigno_delete_training_profile)
{
    PG_RETURN_BOOL(
        identity::as_owner(fcinfo, identity::RequiredAccess::Progress, [&](const identity::Caller &caller) {
            pg::Errors errors;
            const app_document::Key key =
                app_document::key_argument(fcinfo, training::training_profiles, errors);
            return app_document::remove_document(caller, fcinfo, key, training::document_number, errors);
        }));
}

OPIGNO_FUNCTION(opigno_create_training_profiles)
{
    return training::load(fcinfo, Task::Create);
}

OPIGNO_FUNCTION(opigno_patch_training_profiles)
{
    return training::load(fcinfo, Task::Patch);
}

OPIGNO_FUNCTION(opigno_delete_training_profiles)
{
    return training::load(fcinfo, Task::Delete);
}

OPIGNO_FUNCTION(opigno_validate_training_profiles)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Training,
                              [&](const identity::Caller &caller) {
                                  return app_document::validate(fcinfo, caller, training::training_profiles);
                              });
}

OPIGNO_STRICT_FUNCTION(opigno_merged_training_profile)
{
    return app_document::merged_document(fcinfo, schema::DocumentKind::TrainingProfile);
}
