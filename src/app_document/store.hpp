/* Writes one document of an app, by document/document.hpp. */
#pragma once

#include "app_document/kind.hpp"
#include "document/document.hpp"
#include "identity/audit.hpp"
#include "pg/jsonb.hpp"
#include "pg/version.hpp"

#include <cstdint>

namespace opigno::app_document {

struct Key {
    const Kind &kind;
    text *holder; /* canonical */
    std::int32_t app_id;
};

enum class Operation { Create, Replace, Merge };

using document::Written;

/* The size limit of a document in bytes of text: the app's limit for requests, that of jsonb for
 * operators. */
using SizeLimit = std::int64_t;

/* Raises 42501 unless the caller may write this document, and 23503 if a request names an unknown
 * app. */
SizeLimit check_may_write(const identity::Caller &caller, const Key &key);

/* Called between SPI_connect and SPI_finish as the owner. Raises PT412, 23505, 23503, 23514,
 * 54000 and 54001. */
Written write(const identity::Caller &caller, const Key &key, Operation operation, Jsonb *given,
              pg::ExpectedVersion expected, SizeLimit limit);

/* Reads the document as it is now, in the given memory, and locks its row; nullptr if there is none. */
Jsonb *read(const Key &key, MemoryContext memory);

/* The document that a merge patch makes of a stored one, with the defaults of the app's schema, in the
 * given memory. */
Jsonb *merged(const identity::Caller &caller, const Key &key, Jsonb *stored, Jsonb *patch,
              MemoryContext memory);

/* The document without the members that the caller may not see, in the given memory. */
Jsonb *visible(const identity::Caller &caller, const Key &key, Jsonb *document, MemoryContext memory);

/* Deletes the document. Returns false if there is none. */
bool remove(const identity::Caller &caller, const Key &key, pg::ExpectedVersion expected);

} // namespace opigno::app_document
