/*
 * What the kinds of documents of apps have of their own. A document belongs to a holder, a user or a
 * training, and to an app, which together are its key. The rules are the same for all kinds.
 */
#pragma once

#include "bulk/foreign_key_triggers.hpp"
#include "bulk/load.hpp"
#include "document/document.hpp"
#include "identity/user.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/spi.hpp"
#include "schema/document_kind.hpp"

#include <span>
#include <type_traits>

namespace opigno::app_document {

/* The statements for single documents: document::Table has their contracts. select_references takes
 * the key and returns the holder's is_active, and the app's is_private and max_profile_size. A column of
 * a missing row is NULL. */
struct Statements {
    pg::Statement select_row;
    pg::Statement lock_row;
    pg::Statement insert_row;
    pg::Statement update_row;
    pg::Statement remove_row;
    pg::Statement select_references;
};

/* The statements of loads. statements.hpp has their text. */
struct BatchStatements {
    pg::BatchStatement insert_new;
    pg::BatchStatement insert_or_lock;
    pg::BatchStatement lock_existing;
    pg::BatchStatement read_existing;
    pg::BatchStatement update_locked;
    pg::BatchStatement find_existing;
    pg::BatchStatement replace_existing;
    pg::BatchStatement merge_existing;
    pg::BatchStatement delete_keys;
    pg::BatchStatement select_times;
};

struct Kind {
    schema::DocumentKind document_kind;
    document::Table documents;
    pg::Statement &select_references;
    BatchStatements &batch;
    const char *holder_and_app;  /* the key in messages, as "user and app" */
    const char *holder_argument; /* the argument of functions that names it */
    const char *holder_member;   /* the member of an entry that names it */
    const char *other_member;    /* another name of this member; nullptr: there is none */
    bool is_of_user;             /* the holder is a user */
    bulk::Kind writes;           /* loads that write documents */
    bulk::Kind deletes;          /* loads that delete them */
    std::span<const bulk::ForeignKey> foreign_keys;

    /* Locks each holder of the text[] FOR KEY SHARE. Returns for each element whether it exists. */
    pg::Vector<bool> (*lock_holders)(ArrayType *holders);

    /* The error of a holder that does not exist: 23503, or PT409 for a user of another server. */
    identity::MissingUser (*missing_holder)(const text *holder);
    void (*add_missing_holder)(const text *holder, const char *member, pg::Errors &errors);

    /* In messages: "profile" or "training profile". */
    [[nodiscard]] const char *name() const { return documents.what; }
    /* In the names of SQL functions: "profile" or "training_profile". */
    [[nodiscard]] const char *word() const { return schema::word_of(document_kind); }
};

static_assert(std::is_trivially_destructible_v<Kind>);

} // namespace opigno::app_document
