/* The header fields of a request, and those of the answer. */
#pragma once

#include "pg/jsonb.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"

#include <optional>
#include <string_view>

namespace opigno::gateway {

struct Header {
    std::string_view name;
    JsonbValue value;
};

/* The header fields of a request, as they were given. They point into the jsonb value. */
using Headers = pg::Vector<Header>;

/* Reads an object of names and values. Raises 22023 if it is no object. */
Headers read_headers(Jsonb *object);

/*
 * Returns the value of a header. Names are compared without regard to case. A value is a string, or
 * a list of strings for a header that came several times. Several values are joined with ", " (RFC
 * 9110, section 5.3), so that a header that must not be repeated is malformed. Returns nothing if
 * the header is missing. Raises 22023 for a value of another type.
 */
std::optional<std::string_view> find_header(const Headers &headers, std::string_view name);

/* Compares without regard to the case of letters in ASCII. */
bool is_same_name(std::string_view left, std::string_view right);

/* Returns a value without blanks around it. */
std::string_view trimmed(std::string_view value);

/*
 * Returns the weight that the header Accept gives to this media type, in thousandths (RFC 9110,
 * section 12.5.1): that of the most specific media range, 0 if there is none, and 1000 if the header
 * is missing or empty. Parameters of media types make no difference.
 */
int accepted_weight(const Headers &headers, std::string_view media_type);

inline bool is_accepted(const Headers &headers, std::string_view media_type)
{
    return accepted_weight(headers, media_type) > 0;
}

/*
 * Whether the header Prefer has this value for the preference (RFC 7240). If a preference comes
 * several times, the first counts. Unknown preferences and values are ignored.
 */
bool is_preferred(const Headers &headers, std::string_view preference, std::string_view value);

/* Whether the header's value, without parameters after a semicolon, is this media type. */
bool is_media_type(std::string_view value, std::string_view media_type);

} // namespace opigno::gateway
