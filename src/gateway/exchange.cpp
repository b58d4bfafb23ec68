#include "gateway/exchange.hpp"

#include "gateway/http/headers.hpp"
#include "gateway/number.hpp"
#include "pg/error.hpp"

namespace opigno::gateway {

namespace {

constexpr int sqlstate_of(int status)
{
    const auto digit = [](int value) { return static_cast<char>('0' + value % 10); };
    return MAKE_SQLSTATE('P', 'T', digit(status / 100), digit(status / 10), digit(status));
}

} // namespace

void Answer::header(const char *name, std::string_view value)
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    headers.push_back({name, {pnstrdup(value.data(), value.size()), value.size()}});
    MemoryContextSwitchTo(before);
}

void Answer::keep_body()
{
    MemoryContext before = MemoryContextSwitchTo(memory);
    if (body != Datum{0})
        body = PointerGetDatum(DatumGetTextPCopy(body));
    MemoryContextSwitchTo(before);
}

void refuse(int status, const char *message)
{
    ereport(ERROR, errcode(sqlstate_of(status)), errmsg_internal("%s", message));
}

bool takes_minimum(Exchange &exchange)
{
    const bool is_minimal = is_preferred(exchange.headers, "return", "minimal");
    if (is_minimal)
        exchange.answer->header("Preference-Applied", "return=minimal");
    return is_minimal;
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
