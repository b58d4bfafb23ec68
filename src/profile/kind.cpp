#include "profile/kind.hpp"

#include "app_document/counts.hpp"
#include "app_document/statements.hpp"
#include "identity/user.hpp"
#include "pg/version.hpp"

namespace opigno::profile {

namespace {

using namespace app_document;

constinit Statements single OPIGNO_DOCUMENT_STATEMENTS(profile, user_uuid, user_context, uuid);
constinit BatchStatements batch OPIGNO_DOCUMENT_BATCH_STATEMENTS(profile, user_uuid);

constexpr bulk::ForeignKey foreign_keys[] = {{"user_uuid", "user_context", "uuid"},
                                             {"app_id", "app", "app_id"}};
constexpr const char *key_columns = "user_uuid, app_id";

} // namespace

constinit const app_document::Kind profiles{
    .document_kind = schema::DocumentKind::Profile,
    .documents = {"profile", "opigno.profile", single.select_row, single.lock_row, single.insert_row,
                  single.update_row, &single.remove_row, pg::first_version},
    .select_references = single.select_references,
    .batch = batch,
    .holder_and_app = "user and app",
    .holder_argument = "user_uuid",
    .holder_member = "user_id",
    .other_member = "user_uuid",
    .is_of_user = true,
    .writes = {"profiles", "profile", key_columns, counts_of_writes},
    .deletes = {"profiles", "profile", key_columns, counts_of_deletes},
    .foreign_keys = foreign_keys,
    .lock_holders = identity::lock_users,
    .missing_holder = identity::missing_user,
    .add_missing_holder = identity::add_missing_user,
};

} // namespace opigno::profile
