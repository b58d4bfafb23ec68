#include "json/value/writer.hpp"

#include "pg/jsonb.hpp"
#include "pg/number.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "json/value/reader.hpp"

namespace opigno::json {

Writer::Writer()
{
    initStringInfo(&out_);
}

Writer &Writer::key(const char *name)
{
    separate();
    appendStringInfo(&out_, "\"%s\":", name);
    needs_comma_ = false;
    return *this;
}

Writer &Writer::member(std::string_view name)
{
    string(name);
    appendStringInfoCharMacro(&out_, ':');
    needs_comma_ = false;
    return *this;
}

void Writer::string(const char *value)
{
    separate();
    escape_json(&out_, value);
}

void Writer::string(std::string_view value)
{
    string(pnstrdup(value.data(), value.size()));
}

void Writer::integer(std::int64_t value)
{
    separate();
    appendStringInfo(&out_, INT64_FORMAT, value);
}

void Writer::timestamp(TimestampTz value)
{
    constexpr int utc = 0;
    char text[MAXDATELEN + 1];
    JsonEncodeDateTime(text, TimestampTzGetDatum(value), TIMESTAMPTZOID, &utc);
    string(text);
}

void Writer::value(const JsonbValue &value)
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

void Writer::json(std::string_view value)
{
    separate();
    appendBinaryStringInfo(&out_, value.data(), static_cast<int>(value.size()));
}

Datum Writer::json() const
{
    return PointerGetDatum(pg::make_text({out_.data, static_cast<std::size_t>(out_.len)}));
}

void Writer::separate()
{
    if (needs_comma_)
        appendStringInfoCharMacro(&out_, ',');
    needs_comma_ = true;
}

void Writer::begin(char bracket)
{
    separate();
    appendStringInfoCharMacro(&out_, bracket);
    needs_comma_ = false;
}

void Writer::end(char bracket)
{
    appendStringInfoCharMacro(&out_, bracket);
    needs_comma_ = true;
}

void Writer::raw(const char *value)
{
    separate();
    appendStringInfoString(&out_, value);
}

} // namespace opigno::json
