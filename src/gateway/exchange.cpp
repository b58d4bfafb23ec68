#include "gateway/exchange.hpp"

#include "gateway/http/headers.hpp"
#include "gateway/number.hpp"
#include "pg/error.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

constexpr int sqlstate_of(int status)
{
    const auto digit = [](int value) { return static_cast<char>('0' + value % 10); };
    return MAKE_SQLSTATE('P', 'T', digit(status / 100), digit(status / 10), digit(status));
}

std::string_view joined(std::string_view first, std::string_view second)
{
    const char *both = psprintf("%.*s, %.*s", static_cast<int>(first.size()), first.data(),
                                static_cast<int>(second.size()), second.data());
    return {both, first.size() + second.size() + 2};
}

} // namespace

void Answer::header(const char *name, std::string_view value)
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    const std::string_view copy = {pnstrdup(value.data(), value.size()), value.size()};
    Parameter *known = std::find_if(headers.begin(), headers.end(),
                                    [&](const Parameter &header) { return header.name == name; });
    if (known == headers.end())
        headers.push_back({name, copy});
    else
        known->value = joined(known->value, copy);
    MemoryContextSwitchTo(before);
}

void Answer::keep_body()
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    if (body != Datum{0} && GetMemoryChunkContext(DatumGetPointer(body)) != memory)
        body = PointerGetDatum(DatumGetTextPCopy(body));
    MemoryContextSwitchTo(before);
}

void refuse(int status, const char *message)
{
    ereport(ERROR, errcode(sqlstate_of(status)), errmsg_internal("%s", message));
}

void make_minimal(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    if (answer.status >= 300 || !value_of(answer.headers, "ETag").has_value() ||
        !exchange.wants_minimal_answer)
        return;
    answer.header("Preference-Applied", "return=minimal");
    answer.status = answer.status == 200 ? 204 : answer.status;
    answer.body = Datum{0};
}

void answer_with_errors(Answer &answer, Datum json)
{
    const text *body = DatumGetTextPCopy(json);
    answer.body = PointerGetDatum(body);
    for (const std::string_view start : {R"({"field_errors":)", R"({"developer_message":)"})
        if (pg::view(body).starts_with(start))
            answer.status = 400;
}

std::int32_t captured_app(const Exchange &exchange, std::size_t number)
{
    const std::optional<std::int32_t> app_id = number_of<std::int32_t>(exchange.captures[number]);
    if (!app_id.has_value())
        refuse(404, "no app has this number");
    return *app_id;
}

} // namespace opigno::gateway
