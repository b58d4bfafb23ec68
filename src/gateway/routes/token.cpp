/* OAuth 2.0: the token endpoint (RFC 6749, section 4.4), and revocation (RFC 7009). */
#include "gateway/body.hpp"
#include "gateway/error_answer.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/http/split.hpp"
#include "pg/base64.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::gateway {

namespace {

constexpr Oid types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement issue("SELECT opigno.issue_access_token($1, $2, $3, $4)::text", types);
constexpr Oid revoke_types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement revoke("SELECT opigno.revoke_access_token($1, $2, $3)", revoke_types);

struct Credentials {
    std::optional<std::string_view> key;
    std::optional<std::string_view> secret;
};

/* Whether the scheme is Basic. Removes it. */
bool take_basic(std::string_view &authorization)
{
    authorization = trimmed(authorization);
    return is_same_name(take(authorization, ' '), "Basic");
}

/* RFC 6749, section 2.3.1: key and secret are form-encoded, then joined by a colon in base64. */
Credentials basic_credentials(std::string_view encoded)
{
    std::string_view rest = pg::decode_base64(trimmed(encoded)).value_or(std::string_view());
    if (rest.find(':') == std::string_view::npos)
        return {};
    const std::optional<std::string_view> key = form_decoded(take(rest, ':'));
    return {key, form_decoded(rest)};
}

/* RFC 6749, section 3.2: no parameter comes more than once. */
void refuse_repetition(const Parameters &form)
{
    for (const char *name : {"client_id", "client_secret", "grant_type", "scope", "token", "token_type_hint"})
        if (std::count_if(form.begin(), form.end(),
                          [&](const Parameter &given) { return given.name == name; }) > 1)
            refuse(400, "a parameter of the form comes more than once");
}

Parameters form_of(const Exchange &exchange)
{
    const std::optional<Parameters> form = read_form(body_text(exchange));
    if (!form.has_value())
        refuse(400, "the form is malformed");
    refuse_repetition(*form);
    return *form;
}

/* Returns the client of HTTP Basic or of the form. RFC 6749, section 2.3: a request has one of them. */
Credentials credentials_of(const Exchange &exchange, const Parameters &form)
{
    const Credentials in_form{value_of(form, "client_id"), value_of(form, "client_secret")};
    std::string_view authorization = find_header(exchange.headers, "Authorization").value_or("");
    if (!take_basic(authorization))
        return in_form;
    const Credentials in_header = basic_credentials(authorization);
    if (!in_header.key.has_value())
        return in_header;
    const bool is_other = in_form.key.has_value() && in_form.key != in_header.key;
    if (is_other || in_form.secret.has_value())
        refuse(400, "the client authenticates in two ways");
    return in_header;
}

Datum parameter(const std::optional<std::string_view> &value)
{
    return value.has_value() ? PointerGetDatum(pg::make_text(*value)) : Datum{0};
}

template <std::size_t count> void call(pg::CallerStatement &statement, const Datum (&values)[count])
{
    char nulls[count];
    std::transform(std::begin(values), std::end(values), std::begin(nulls),
                   [](Datum value) { return value == Datum{0} ? 'n' : ' '; });
    statement.write(values, nulls);
}

int status_of_answer(std::string_view answer)
{
    if (!answer.starts_with(R"({"error")"))
        return 200;
    return answer.starts_with(R"({"error":"invalid_client")") ? 401 : 400;
}

void answer_token(Exchange &exchange)
{
    const Parameters form = form_of(exchange);
    const Credentials client = credentials_of(exchange, form);
    const Datum values[] = {parameter(client.key), parameter(client.secret),
                            parameter(value_of(form, "grant_type")), parameter(value_of(form, "scope"))};
    call(issue, values);
    Answer &answer = *exchange.answer;
    answer.body = PointerGetDatum(DatumGetTextPCopy(pg::column(1)));
    answer.status = status_of_answer(pg::view(DatumGetTextPP(answer.body)));
    if (answer.status == 401)
        answer.header("WWW-Authenticate", basic_challenge);
}

/* RFC 7009. The answer is the same for a token that is unknown or of another client. */
void answer_revoke(Exchange &exchange)
{
    const Parameters form = form_of(exchange);
    const Credentials client = credentials_of(exchange, form);
    const std::optional<std::string_view> token = value_of(form, "token");
    if (!token.has_value())
        refuse(400, "the parameter token is missing");
    if (!client.key.has_value() || !client.secret.has_value())
        refuse(401, "client authentication failed");
    const Datum values[] = {parameter(token), parameter(client.key), parameter(client.secret)};
    call(revoke, values);
}

constexpr Route routes[] = {
    {"POST", "/oauth/token", Identity::None, Body::Form, answer_token},
    {"POST", "/oauth/revoke", Identity::None, Body::Form, answer_revoke},
};

} // namespace

constinit const std::span<const Route> token_routes(routes);

} // namespace opigno::gateway
