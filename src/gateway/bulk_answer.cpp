#include "gateway/bulk_answer.hpp"

#include "gateway/http/headers.hpp"
#include "pg/spi.hpp"
#include "json/text/json_text.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"

namespace opigno::gateway {

namespace {

/* Whether the first error is that the text is no JSON. */
bool is_malformed(const JsonbValue &errors)
{
    bool is_first = true;
    bool is_syntax = false;
    json::each_element(errors, [&](const JsonbValue &error) {
        if (is_first)
            json::each_member(error, [&](std::string_view name, const JsonbValue &value) {
                is_syntax = is_syntax || (name == "code" && json::string_of(value) == "22P02");
            });
        is_first = false;
    });
    return is_syntax;
}

int status_of_bulk(std::string_view answer)
{
    int refused = 422;
    int status = 200;
    json::each_member(json::root_of(json::read_json(answer)),
                      [&](std::string_view name, const JsonbValue &value) {
                          if (name == "errors" && is_malformed(value))
                              refused = 400;
                          else if (name == "refused" && value.type == jbvBool && value.val.boolean)
                              status = refused;
                          else if (name == "failed" && json::integer_of(value).value_or(0) > 0)
                              status = 207;
                      });
    return status;
}

} // namespace

bool is_lenient(const Exchange &exchange)
{
    return is_preferred(exchange.headers, "handling", "lenient");
}

void answer_with_counts(Exchange &exchange)
{
    Answer &answer = *exchange.answer;
    answer.body = PointerGetDatum(DatumGetTextPCopy(pg::column(1)));
    answer.status = status_of_bulk(pg::view(DatumGetTextPP(answer.body)));
    if (is_lenient(exchange))
        answer.header("Preference-Applied", "handling=lenient");
}

} // namespace opigno::gateway
