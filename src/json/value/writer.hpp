/* Writes compact JSON text from left to right, with the commas. */
#pragma once

#include "pg/jsonb.hpp"
#include "pg/time.hpp"

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace opigno::json {

class Writer {
  public:
    Writer();

    /* name: one of our own constants, which needs no escaping. */
    Writer &key(const char *name);
    /* Any key. */
    Writer &member(std::string_view name);

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }

    void string(const char *value);
    void string(std::string_view value);
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void null() { raw("null"); }
    void integer(std::int64_t value);
    /* ISO 8601 in UTC, as to_json() writes it where TimeZone is UTC. */
    void timestamp(TimestampTz value);
    /* JSON text, as it is. */
    void json(std::string_view value);
    /* A jsonb value in the server's own spelling. */
    void value(const JsonbValue &value);

    /* What has been written so far, as a value of type json. */
    [[nodiscard]] Datum json() const;
    /* The same; the next call may move it. */
    [[nodiscard]] std::string_view text() const { return {out_.data, static_cast<std::size_t>(out_.len)}; }

  private:
    void separate();
    void begin(char bracket);
    void end(char bracket);
    void raw(const char *value);
    void append(std::string_view value);
    /* A string without characters that need escaping. */
    void plain_string(std::string_view value);

    StringInfoData out_;
    bool needs_comma_ = false;
};

static_assert(std::is_trivially_destructible_v<Writer>);

} // namespace opigno::json
