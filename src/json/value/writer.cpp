#include "json/value/writer.hpp"

#include "pg/jsonb.hpp"
#include "pg/number.hpp"
#include "pg/text.hpp"
#include "pg/timestamp.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::json {

namespace {

/* Whether escape_json() writes the character in another way. */
bool needs_escape(char c)
{
    return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
}

} // namespace

Writer::Writer()
{
    initStringInfo(&out_);
}

Writer &Writer::key(const char *name)
{
    plain_string(name);
    appendStringInfoCharMacro(&out_, ':');
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
    if (std::none_of(value.begin(), value.end(), needs_escape))
        return plain_string(value);
    char *copy = pnstrdup(value.data(), value.size());
    string(copy);
    pfree(copy);
}

void Writer::plain_string(std::string_view value)
{
    separate();
    appendStringInfoCharMacro(&out_, '"');
    append(value);
    appendStringInfoCharMacro(&out_, '"');
}

void Writer::integer(std::int64_t value)
{
    char digits[MAXINT8LEN + 1];
    json({digits, static_cast<std::size_t>(pg_lltoa(value, digits))});
}

void Writer::timestamp(TimestampTz value)
{
    char text[pg::max_timestamp_text + 1];
    plain_string(pg::utc_text(value, text));
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
    append(value);
}

void Writer::append(std::string_view value)
{
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
