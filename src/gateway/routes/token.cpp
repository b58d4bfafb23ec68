/* OAuth 2.0's token endpoint (RFC 6749, section 4.4). */
#include "gateway/body.hpp"
#include "gateway/http/headers.hpp"
#include "pg/base64.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::gateway {

namespace {

constexpr Oid types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};
constinit pg::CallerStatement issue("SELECT opigno.issue_access_token($1, $2, $3, $4)::text", types);

struct Credentials {
    std::optional<std::string_view> key;
    std::optional<std::string_view> secret;
};

constexpr std::string_view basic = "Basic ";

bool is_basic(std::string_view authorization)
{
    return authorization.size() > basic.size() &&
           pg_strncasecmp(authorization.data(), basic.data(), basic.size()) == 0;
}

/* RFC 6749, section 2.3.1: key and secret are form-encoded, then joined by a colon in base64. */
std::optional<Credentials> basic_credentials(std::string_view authorization)
{
    std::string_view encoded = authorization;
    encoded.remove_prefix(basic.size());
    const int room = pg_b64_dec_len(static_cast<int>(encoded.size()));
    char *decoded = static_cast<char *>(palloc(static_cast<Size>(room) + 1));
    const int length = pg_b64_decode(encoded.data(), static_cast<int>(encoded.size()), decoded, room);
    std::string_view secret(decoded, static_cast<std::size_t>(std::max(length, 0)));
    const std::size_t colon = secret.find(':');
    if (length < 0 || colon == std::string_view::npos)
        return std::nullopt;
    secret.remove_prefix(colon + 1);
    return Credentials{form_decoded({decoded, colon}), form_decoded(secret)};
}

Datum parameter(const std::optional<std::string_view> &value)
{
    return value.has_value() ? PointerGetDatum(pg::make_text(*value)) : Datum{0};
}

int status_of_answer(std::string_view answer)
{
    if (!answer.starts_with(R"({"error")"))
        return 200;
    return answer.starts_with(R"({"error":"invalid_client")") ? 401 : 400;
}

/* RFC 6749, section 3.2: no parameter comes more than once. */
void refuse_repetition(const Parameters &form)
{
    for (const char *name : {"client_id", "client_secret", "grant_type", "scope"})
        if (std::count_if(form.begin(), form.end(),
                          [&](const Parameter &given) { return given.name == name; }) > 1)
            refuse(400, "a parameter of the form comes more than once");
}

void answer_token(Exchange &exchange)
{
    const std::optional<Parameters> form = read_form(body_text(exchange));
    if (!form.has_value())
        refuse(400, "the form is malformed");
    refuse_repetition(*form);
    Credentials credentials{value_of(*form, "client_id"), value_of(*form, "client_secret")};
    const std::optional<std::string_view> authorization = find_header(exchange.headers, "Authorization");
    const bool by_header = authorization.has_value() && is_basic(*authorization);
    if (by_header)
        credentials = basic_credentials(*authorization).value_or(Credentials{});
    const Datum values[] = {parameter(credentials.key), parameter(credentials.secret),
                            parameter(value_of(*form, "grant_type")), parameter(value_of(*form, "scope"))};
    char nulls[4];
    std::transform(std::begin(values), std::end(values), std::begin(nulls),
                   [](Datum value) { return value == Datum{0} ? 'n' : ' '; });
    issue.write(values, nulls);
    exchange.answer->body = PointerGetDatum(DatumGetTextPCopy(pg::column(1)));
    exchange.answer->status = status_of_answer(pg::view(DatumGetTextPP(exchange.answer->body)));
    exchange.answer->header("Cache-Control", "no-store");
    if (exchange.answer->status == 401)
        exchange.answer->header("WWW-Authenticate", "Basic");
}

constexpr Route routes[] = {{"POST", "/oauth/token", Identity::None, Body::Form, answer_token}};

} // namespace

constinit const std::span<const Route> token_routes(routes);

} // namespace opigno::gateway
