/* Compact JSON text, written from left to right: commas are the writer's concern. */
#pragma once

#include "pg/text.hpp"
#include "json/value/reader.hpp"

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace opigno::json {

class Writer {
  public:
    Writer() { initStringInfo(&out_); }

    /* Keys are our own constants and need no escaping. */
    Writer &key(const char *name)
    {
        separate();
        appendStringInfo(&out_, "\"%s\":", name);
        needs_comma_ = false;
        return *this;
    }
    /* Any key. */
    Writer &member(std::string_view name)
    {
        string(name);
        appendStringInfoCharMacro(&out_, ':');
        needs_comma_ = false;
        return *this;
    }
    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }

    void string(const char *value)
    {
        separate();
        escape_json(&out_, value);
    }
    void string(std::string_view value) { string(pnstrdup(value.data(), value.size())); }
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void null() { raw("null"); }
    void integer(std::int64_t value)
    {
        separate();
        appendStringInfo(&out_, INT64_FORMAT, value);
    }

    /* ISO 8601 in UTC, as to_json() writes it where TimeZone is UTC. */
    void timestamp(TimestampTz value)
    {
        constexpr int utc = 0;
        char text[MAXDATELEN + 1];
        JsonEncodeDateTime(text, TimestampTzGetDatum(value), TIMESTAMPTZOID, &utc);
        string(text);
    }
    /* A jsonb value in the server's own spelling. */
    void value(const JsonbValue &value)
    {
        switch (value.type) {
        case jbvNull:
            null();
            break;
        case jbvString:
            string(string_of(value));
            break;
        case jbvNumeric:
            raw(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric))));
            break;
        case jbvBool:
            boolean(value.val.boolean);
            break;
        default:
            separate();
            JsonbToCString(&out_, value.val.binary.data, value.val.binary.len);
        }
    }

    /* What has been written so far, as a value of type json. */
    [[nodiscard]] Datum json() const
    {
        return PointerGetDatum(pg::make_text({out_.data, static_cast<std::size_t>(out_.len)}));
    }

  private:
    void separate()
    {
        if (needs_comma_)
            appendStringInfoCharMacro(&out_, ',');
        needs_comma_ = true;
    }
    void begin(char bracket)
    {
        separate();
        appendStringInfoCharMacro(&out_, bracket);
        needs_comma_ = false;
    }
    void end(char bracket)
    {
        appendStringInfoCharMacro(&out_, bracket);
        needs_comma_ = true;
    }
    void raw(const char *value)
    {
        separate();
        appendStringInfoString(&out_, value);
    }

    StringInfoData out_;
    bool needs_comma_ = false;
};

static_assert(std::is_trivially_destructible_v<Writer>);

} // namespace opigno::json
