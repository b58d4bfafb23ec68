/* Documents that this backend has parsed and validated, by their text. */
#pragma once

#include "gateway/graphql/ast.hpp"
#include "gateway/graphql/limits.hpp"
#include "gateway/graphql/schema.hpp"

namespace opigno::graphql {

struct ValidDocument {
    const Document *document = nullptr; /* nullptr: there are errors */
    std::span<const EnumValue> site_scopes = {};
    Errors errors = {};
    std::string_view text = {}; /* of the document, in UTF-8 */
};

/*
 * Returns the document of this text, which is in the database's encoding. It is valid for the schema
 * with the scopes that the site has now. These are read only if the document can depend on them. The
 * result is valid until SPI_finish. Called between SPI_connect and SPI_finish.
 */
ValidDocument find_document(std::string_view query, const Limits &limits);

} // namespace opigno::graphql
