/* Writes batches of documents, each with one statement or a few. Called between SPI_connect and
 * SPI_finish as the owner. */
#pragma once

#include "app_document/bulk_entry.hpp"
#include "bulk/load.hpp"

namespace opigno::app_document {

enum class OnConflict { Error, Skip, Replace, Merge };

using Entries = bulk::Batch<Entry>;

/* What the functions below share during a load. */
struct Store {
    const Kind &kind;
    OnConflict on_conflict; /* Merge: the documents are merge patches */
    const char *document;   /* the entries' member that holds the document; nullptr if there is none */
    schema::AppJudge &judge;
    bulk::Run &run;

    [[nodiscard]] bool merges() const { return on_conflict == OnConflict::Merge; }
};

static_assert(std::is_trivially_destructible_v<Store>);

/*
 * Replaces the documents of the entries, or merges into them, by one statement, if all of them
 * exist. Returns the entries that remain to be written: all of them if a document does not exist.
 * May be used only if no trigger of the table can suppress a write.
 */
Entries update_existing(const Entries &entries, const Store &store);

/*
 * Writes entries with distinct keys, in their order, so that two loads do not deadlock. With
 * OnConflict::Merge a new document is the patch applied to nothing, and the results are judged by the
 * schemas of their apps. Other documents were judged when they were read.
 */
void write_entries(const Entries &entries, const Store &store);

/*
 * Merges into documents that exist. A document that was deleted meanwhile counts as missing. is_plain: no
 * trigger of the table can suppress a write.
 */
void merge_into_existing(const Entries &entries, const Store &store, bool is_plain);

void delete_entries(const Entries &entries, const Store &store);

} // namespace opigno::app_document
