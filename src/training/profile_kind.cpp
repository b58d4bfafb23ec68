#include "training/profile_kind.hpp"

#include "app_document/counts.hpp"
#include "app_document/statements.hpp"
#include "pg/version.hpp"
#include "training/reference.hpp"

namespace opigno::training {

namespace {

using namespace app_document;

constinit Statements single OPIGNO_DOCUMENT_STATEMENTS(training_profile, training_id, training, training_id);
constinit BatchStatements batch OPIGNO_DOCUMENT_BATCH_STATEMENTS(training_profile, training_id);

constexpr bulk::ForeignKey foreign_keys[] = {{"training_id", "training", "training_id"},
                                             {"app_id", "app", "app_id"}};
constexpr const char *key_columns = "training_id, app_id";

identity::MissingUser missing(const text * /*training_id*/)
{
    return {ERRCODE_FOREIGN_KEY_VIOLATION, training_does_not_exist};
}

void add_missing(const text * /*training_id*/, const char *member, pg::Errors &errors)
{
    add_missing_training(member, errors);
}

} // namespace

constinit const app_document::Kind training_profiles{
    .document_kind = schema::DocumentKind::TrainingProfile,
    .documents = {"training profile", "opigno.training_profile", single.select_row, single.lock_row,
                  single.insert_row, single.update_row, &single.remove_row, pg::first_version},
    .select_references = single.select_references,
    .batch = batch,
    .holder_and_app = "training and app",
    .holder_argument = "training_id",
    .holder_member = "training_id",
    .other_member = nullptr,
    .is_of_user = false,
    .writes = {"profiles", "training_profile", key_columns, counts_of_writes, bulk::Owner::Training},
    .deletes = {"profiles", "training_profile", key_columns, counts_of_deletes, bulk::Owner::Training},
    .foreign_keys = foreign_keys,
    .lock_holders = lock_trainings,
    .missing_holder = missing,
    .add_missing_holder = add_missing,
};

} // namespace opigno::training
