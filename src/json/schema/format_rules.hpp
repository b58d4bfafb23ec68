/* The rules of the formats, a file for each of their fields. */
#pragma once

#include <string_view>

namespace opigno::json::schema {

/* format_time.cpp */
bool is_date(std::string_view text);
bool is_time(std::string_view text);
bool is_date_time(std::string_view text);
bool is_duration(std::string_view text);

/* format_net.cpp */
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
bool is_email(std::string_view text);

/* format_uri.cpp */
bool is_uri(std::string_view text);
bool is_uri_reference(std::string_view text);

} // namespace opigno::json::schema
