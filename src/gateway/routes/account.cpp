/* Open edX's routes of accounts. */
#include "gateway/body.hpp"
#include "gateway/conditions.hpp"
#include "gateway/http/split.hpp"
#include "gateway/number.hpp"
#include "pg/array.hpp"
#include "pg/function.hpp"
#include "pg/spi.hpp"
#include "json/text/text_scanner.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid get_types[] = {TEXTOID, TEXTOID};
constinit const pg::Function get_account("get_account", get_types);
constexpr Oid list_types[] = {TEXTARRAYOID, TEXTOID};
constinit pg::CallerStatement get_accounts("SELECT a.account::text FROM opigno.get_accounts($1, $2) AS a",
                                           list_types);
/* The function reads the text itself. */
constexpr Oid patch_types[] = {TEXTOID, JSONOID, INT8OID};
constinit const pg::Function patch_account("patch_account", patch_types);

/* Open edX knows view=shared, and ignores other values. */
Datum shared_view(const Exchange &exchange)
{
    const std::optional<std::string_view> view = value_of(exchange.target.query, "view");
    return view.has_value() && *view == "shared" ? PointerGetDatum(pg::make_text("shared")) : Datum{0};
}

/* The version of an account; nothing in the view of others, which lacks it. */
std::optional<std::int64_t> version_of(std::string_view account)
{
    std::optional<std::int64_t> version;
    json::each_member_text(account, [&](std::string_view name, std::string_view value) {
        if (name == "version")
            version = number_of<std::int64_t>(value);
    });
    return version;
}

/* Makes an account the body. Preferences, scopes and the configuration of fields change it, too, and
 * operators see more, so the whole content is part of the ETag. */
void answer_with_account(Answer &answer, Datum account)
{
    answer_with_errors(answer, account);
    if (answer.status != 200)
        return;
    const std::string_view body = pg::view(DatumGetTextPP(answer.body));
    if (const std::optional<std::int64_t> version = version_of(body); version.has_value())
        add_version(answer, *version, mark_of(body));
}

std::optional<std::int64_t> read_version(const Exchange &exchange)
{
    const Datum values[] = {captured_text(exchange, 0), PointerGetDatum(pg::make_text("own"))};
    const std::optional<Datum> account = get_account.call_latest(values);
    return account.has_value() ? version_of(pg::view(DatumGetTextPP(*account))) : std::nullopt;
}

void answer_get(Exchange &exchange)
{
    const Datum values[] = {captured_text(exchange, 0), shared_view(exchange)};
    const char nulls[] = {' ', values[1] == Datum{0} ? 'n' : ' '};
    const std::optional<Datum> account = get_account.call(values, nulls);
    if (!account.has_value())
        refuse(404, "the account does not exist");
    answer_with_account(*exchange.answer, *account);
}

pg::Names split(std::string_view list)
{
    pg::Names names;
    while (!list.empty())
        names.push_back(take(list, ','));
    return names;
}

void answer_list(Exchange &exchange)
{
    const std::optional<std::string_view> names = value_of(exchange.target.query, "username");
    if (!names.has_value())
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("parameter \"%s\" is required", "username"));
    const Datum values[] = {PointerGetDatum(pg::make_array(split(*names))), shared_view(exchange)};
    const char nulls[] = {' ', values[1] == Datum{0} ? 'n' : ' '};
    const std::uint64_t rows = get_accounts.read(values, nulls);
    if (rows == 0)
        refuse(404, "none of the accounts exists");
    json::Writer out;
    out.begin_array();
    for (std::uint64_t row = 0; row < rows; ++row)
        out.json(pg::view(DatumGetTextPP(pg::column(1, row))));
    out.end_array();
    exchange.answer->body = out.json();
}

void answer_patch(Exchange &exchange)
{
    const std::optional<std::int64_t> expected = expected_version(exchange, {read_version, nullptr});
    const Datum values[] = {captured_text(exchange, 0), PointerGetDatum(pg::make_text(body_text(exchange))),
                            Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    answer_with_account(*exchange.answer, patch_account.value(values, nulls));
}

constexpr Route routes[] = {
    {"GET", "/api/user/v1/accounts", Identity::Request, Body::None, answer_list, "username view"},
    {"GET", "/api/user/v1/accounts/:username", Identity::Request, Body::None, answer_get, "view"},
    {"PATCH", "/api/user/v1/accounts/:username", Identity::Request, Body::MergePatch, answer_patch},
};

} // namespace

constinit const std::span<const Route> account_routes(routes);

} // namespace opigno::gateway
