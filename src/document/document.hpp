/*
 * A jsonb document with a version under a key: profiles, the fields of accounts. The stored document is read
 * without a lock, and the row is written only if it is still that version of it; after another session came
 * in between, it is read again under its lock. So no change is lost, and a write that changes nothing writes
 * no row.
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

/* The first parameters of a table's statements. */
struct Key {
    Datum values[2];
    int size;
};

/* The document as it was found; version 0: there is none. */
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
 * The statements of a table of documents. The key's parameters come first. select and lock give (version,
 * xmin, ctid, document). insert takes the document and the time. update takes those, version, xmin and ctid:
 * the transaction that wrote a row and its version name its state, also where the row was deleted and created
 * anew, and where it stood saves a search in the index. remove takes the expected version or NULL. All three
 * give the version.
 */
struct Table {
    const char *what; /* "profile", for messages */
    const char *name; /* "opigno.profile" */
    pg::Statement &select_row;
    pg::Statement &lock_row;
    pg::Statement &insert_row;
    pg::Statement &update_row;
    pg::Statement *remove_row;
};

/* All that follow are called between SPI_connect and SPI_finish as the owner. */

/* As of now; lock: and locks it. */
Found find(const Table &table, const Key &key, bool lock);

/* The new version, which a trigger of the site may have set; nothing where another session was faster. */
std::optional<std::int64_t> insert(const Table &table, const Key &key, const Jsonb *document);
std::optional<std::int64_t> update(const Table &table, const Key &key, const Jsonb *document,
                                   const Found &found);

/* Another round is needed only where another session wrote the row between two statements: with many that
 * delete and create the same document all the time, now and then quite a few. */
inline constexpr int max_rounds = 100;

[[noreturn]] void give_up(const Table &table);

/*
 * Writes what merge(found, round) wants in the place of the document that was found, nullptr to leave it,
 * if that differs and accepts(wanted, found) is true. changed: the outcome for a document that was there.
 * Raises PT412 where the version is not the expected one.
 */
template <typename Merge, typename Accepts> Written write(const Table &table, const Key &key,
                                                          pg::ExpectedVersion expected, Outcome changed,
                                                          Merge merge, Accepts accepts)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const Found found = find(table, key, round > 0);
        const bool is_new = found.version == 0;
        pg::check_version(table.what, found.version, expected);
        Jsonb *wanted = merge(found, round);
        if (wanted == nullptr || (!is_new && json::is_same(wanted, found.document)) ||
            !accepts(wanted, found))
            return {found.version, Outcome::Unchanged};
        const std::optional<std::int64_t> version =
            is_new ? insert(table, key, wanted) : update(table, key, wanted, found);
        if (version.has_value())
            return {*version, is_new ? Outcome::Created : changed};
    }
    give_up(table);
}

/* The version that was deleted; nothing where there is no document. Raises PT412. */
std::optional<std::int64_t> remove(const Table &table, const Key &key, pg::ExpectedVersion expected);

} // namespace opigno::document
