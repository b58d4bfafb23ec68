/*
 * A jsonb document that is stored with a version under a key: a profile, or the fields of an
 * account. A write reads the document without a lock, and updates the row only if its version is
 * unchanged. If another session has changed the row, the write locks the row and reads it again. So
 * no change is lost. A write that changes nothing writes no row.
 */
#pragma once

#include "identity/outcome.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/version.hpp"
#include "json/merge/merge_patch.hpp"

#include <cstdint>
#include <optional>

namespace opigno::document {

using identity::Outcome;

/* The key of a document: the first parameters of the table's statements. */
struct Key {
    Datum values[2];
    int size;
};

/* A stored document as it was read. version 0: there is no document. */
struct Found {
    std::int64_t version = 0;
    TransactionId written_by = InvalidTransactionId;
    ItemPointer place = nullptr;
    Jsonb *document = nullptr;
};

struct Written {
    std::int64_t version = 0;
    Outcome outcome = Outcome::Unchanged;
};

/*
 * The statements of a table of documents. The parameters of each statement start with the key.
 * select_row and lock_row return (version, xmin, ctid, document).
 * insert_row takes the document, the time and the version, and returns the version.
 * update_row takes the document, the time, and the version, xmin and ctid that were read, and
 * returns the new version. Version and xmin together identify the state of a row, even if the row
 * was deleted and created again. ctid saves a search in the index.
 * remove_row takes the expected version or NULL, and returns the version.
 */
struct Table {
    const char *what; /* "profile", for messages */
    const char *name; /* "opigno.profile" */
    pg::Statement &select_row;
    pg::Statement &lock_row;
    pg::Statement &insert_row;
    pg::Statement &update_row;
    pg::Statement *remove_row;
    std::int64_t (*first_version)(); /* the version of a new row */
};

/* All functions below are called between SPI_connect and SPI_finish as the owner. */

/* Reads the document as it is now. lock: whether to lock its row. */
Found find(const Table &table, const Key &key, bool lock);

/* Return the new version, which a trigger may have set, or nothing if another session has written
 * the row. */
std::optional<std::int64_t> insert(const Table &table, const Key &key, const Jsonb *document);
std::optional<std::int64_t> update(const Table &table, const Key &key, const Jsonb *document,
                                   const Found &found);

/* Another round is needed only if another session has written the row between two statements. If
 * many sessions delete and create the same document, a write can need many rounds. */
inline constexpr int max_rounds = 100;

[[noreturn]] void give_up(const Table &table);

/*
 * Writes the document that merge(found, round) returns, if it differs from the stored one and
 * accepts(wanted, found) is true. merge returns nullptr to leave the stored document as it is.
 * changed: the outcome if a stored document changes. writes_same: also write a document that is the
 * stored one. Raises PT412 if the stored version is not the expected one.
 */
template <typename Merge, typename Accepts>
Written write(const Table &table, const Key &key, pg::ExpectedVersion expected, Outcome changed, Merge merge,
              Accepts accepts, bool writes_same = false)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const Found found = find(table, key, round > 0);
        const bool is_new = found.version == 0;
        pg::check_version(table.what, found.version, expected);
        Jsonb *wanted = merge(found, round);
        if (wanted == nullptr || (!is_new && !writes_same && json::is_same(wanted, found.document)) ||
            !accepts(wanted, found))
            return {found.version, Outcome::Unchanged};
        const std::optional<std::int64_t> version =
            is_new ? insert(table, key, wanted) : update(table, key, wanted, found);
        if (version.has_value())
            return {*version, is_new ? Outcome::Created : changed};
    }
    give_up(table);
}

/* Returns the version that was deleted, or nothing if there was no document. Raises PT412 if the
 * stored version is not the expected one. */
std::optional<std::int64_t> remove(const Table &table, const Key &key, pg::ExpectedVersion expected);

} // namespace opigno::document
