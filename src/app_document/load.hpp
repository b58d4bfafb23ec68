/* Writes the entries of a load of documents after they are read and sorted. */
#pragma once

#include "app_document/bulk_store.hpp"

namespace opigno::app_document {

enum class Task { Create, Patch, Delete };

struct LoadOptions {
    bulk::Options bulk;
    Task task = Task::Create;
    Oid table = InvalidOid; /* of the documents */
    OnConflict on_conflict = OnConflict::Error;
    bool create_missing_users = false;
};

/*
 * Reads the options from the arguments of a load of this task, and checks that the first argument
 * is given. source: the name of the first argument. on_duplicate: the number of that argument.
 */
LoadOptions options_argument(const identity::Caller &caller, FunctionCallInfo fcinfo, const Kind &kind,
                             Task task, const char *source, std::optional<int> on_duplicate,
                             pg::Errors &errors);

/* What entries of such a load have. */
EntryForm form_of(const Kind &kind, const LoadOptions &options, schema::AppJudge &judge);

/* Writes all entries. Called as the owner. */
void write_all(const Kind &kind, const LoadOptions &options, schema::AppJudge &judge,
               bulk::EntrySort<Entry> &entries, bulk::Run &run);

/* The name of the entries' member that holds the document, or nullptr if the task has no
 * documents. */
const char *document_of(Task task);

inline const bulk::Kind &load_of(const Kind &kind, Task task)
{
    return task == Task::Delete ? kind.deletes : kind.writes;
}

/* Runs a load with the arguments of a function, the first of which is the body. */
Datum load(FunctionCallInfo fcinfo, const identity::Caller &caller, const Kind &kind, Task task);

} // namespace opigno::app_document
