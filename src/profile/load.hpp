/* Writes the entries of a load of profiles after they are read and sorted. */
#pragma once

#include "bulk/foreign_key_triggers.hpp"
#include "profile/bulk_store.hpp"

namespace opigno::profile {

enum class Task { Create, Patch, Delete };

struct LoadOptions {
    bulk::Options bulk;
    Task task = Task::Create;
    Oid table = InvalidOid; /* opigno.profile */
    OnConflict on_conflict = OnConflict::Error;
    bool create_missing_users = false;
};

/*
 * Reads the options from the arguments of a load of this task, and checks that the first argument
 * is given. source: the name of the first argument. on_duplicate: the number of that argument.
 */
LoadOptions options_argument(const identity::Caller &caller, FunctionCallInfo fcinfo, Task task,
                             const char *source, std::optional<int> on_duplicate, pg::Errors &errors);

/* The foreign keys of opigno.profile. */
inline constexpr bulk::ForeignKey foreign_keys[] = {{"user_uuid", "user_context", "uuid"},
                                                    {"app_id", "app", "app_id"}};

/* Writes all entries. Called as the owner. */
void write_all(const LoadOptions &options, schema::AppJudge &judge, bulk::EntrySort<Entry> &entries,
               bulk::Run &run);

/* The name of the entries' member that holds the document, or nullptr if the task has no
 * documents. */
const char *document_of(Task task);

const bulk::Kind &kind_of(Task task);

} // namespace opigno::profile
