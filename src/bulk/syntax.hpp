/* Messages about JSON that is malformed in the text of a load. They quote nothing of the text. */
#pragma once

#include "pg/error.hpp"
#include "json/text/entry_splitter.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace opigno::bulk {

/*
 * The message of an error that the reader of JSON text has found in a text. For malformed JSON it
 * says what is wrong at which byte, counted from 1: of the body if the text is part of it, and of
 * the text if `body` is empty. offset: where the body's first byte is, for a part of a larger body.
 */
const char *message_of(const pg::Error &why, std::string_view text, std::string_view body,
                       std::int64_t offset = 0);

/* The error of a malformed body. list: the member of the body that holds the entries. read: the
 * number of entries before the error. */
std::optional<pg::Error> error_of(const json::BodyFlaw &flaw, std::string_view list, std::int64_t read);

} // namespace opigno::bulk
