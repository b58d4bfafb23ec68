#include "gateway/open_edx.hpp"

#include "pg/spi.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

/* The last column is how Open edX writes a retirement in messages. */
constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement
    get_step("SELECT r.current_state, s.category = 'working', s.erases_data,"
             "  concat('User: ', r.user_context_id, ' State: ', r.current_state, ' (step ',"
             "   s.execution_order, ') Last Updated: ',"
             "   to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"+00:00\"'))"
             " FROM opigno.get_retirement($1) AS r"
             "  JOIN opigno.list_retirement_states() AS s ON s.state_name = r.current_state"
             " WHERE r.user_uuid = opigno.canonical_user_uuid($1)",
             user_type);

} // namespace

void answer_with_text(Answer &answer, int status, const char *text)
{
    json::Writer out;
    out.string(text);
    answer.body = out.json();
    answer.status = status;
}

void answer_with_message(Answer &answer, int status, const char *message)
{
    json::Writer out;
    out.begin_object();
    out.key("message").string(message);
    out.end_object();
    answer.body = out.json();
    answer.status = status;
}

void append_list(StringInfo out, const pg::Names &texts)
{
    const char *separator = "[";
    for (const std::string_view text : texts) {
        CHECK_FOR_INTERRUPTS();
        appendStringInfo(out, "%s'", separator);
        for (const char next : text) {
            if (next == '\'' || next == '\\')
                appendStringInfoChar(out, '\\');
            appendStringInfoChar(out, next);
        }
        appendStringInfoChar(out, '\'');
        separator = ", ";
    }
    appendStringInfoString(out, texts.empty() ? "[]" : "]");
}

text *take_username(Exchange &exchange, Members &members, pg::Errors &errors)
{
    text *username = members.string("username", false);
    errors.raise();
    if (username != nullptr && !pg::view(username).empty())
        return username;
    answer_with_message(*exchange.answer, 404, "The user was not specified.");
    return nullptr;
}

pg::Names strings_in(const JsonbValue &list, const char *member, pg::Errors &errors)
{
    pg::Names strings;
    int place = 0;
    json::each_element(list, [&](const JsonbValue &element) {
        CHECK_FOR_INTERRUPTS();
        errors.set_element(place++);
        if (element.type == jbvString)
            strings.push_back(json::string_of(element));
        else if (!errors.is_full())
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "\"%s\" must be a list of strings", member);
    });
    errors.set_element(-1);
    return strings;
}

bool is_in_step(Exchange &exchange, const text *username, Step step)
{
    const Datum key = PointerGetDatum(username);
    if (get_step.read_latest(&key) == 0)
        refuse(404, "the user has no retirement");
    if (DatumGetBool(pg::column(2)) && (step == Step::Any || DatumGetBool(pg::column(3))))
        return true;
    answer_with_text(*exchange.answer, 400,
                     psprintf("%s is in %s, not a valid state to perform retirement actions on.",
                              TextDatumGetCString(pg::column(4)), TextDatumGetCString(pg::column(1))));
    return false;
}

} // namespace opigno::gateway
