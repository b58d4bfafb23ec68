#include "gateway/fields/context_page.hpp"

#include "gateway/fields/context.hpp"
#include "gateway/fields/page.hpp"
#include "gateway/number.hpp"
#include "pg/base64.hpp"
#include "pg/error.hpp"
#include "pg/text.hpp"
#include "text/encoding.hpp"

#include <algorithm>

namespace opigno::fields {

using graphql::boolean_type;
using graphql::Input;
using graphql::int_type;
using graphql::TypeKind;

namespace {

constexpr Oid types[] = {TEXTOID, INT4OID, BOOLOID, TEXTOID};
constinit pg::CallerStatement
    list_forward("SELECT " OPIGNO_CONTEXT_ROW " FROM opigno.list_user_contexts($1, $2, $3, $4) AS c", types);
constinit pg::CallerStatement list_backward("SELECT " OPIGNO_CONTEXT_ROW
                                            " FROM opigno.list_user_contexts_before($1, $2, $3, $4) AS c",
                                            types);
constexpr Oid filter_types[] = {BOOLOID, TEXTOID};
constinit pg::CallerStatement count_all("SELECT c.total FROM opigno.count_user_contexts($1, $2) AS c",
                                        filter_types);

constexpr std::size_t max_key = 255; /* bytes of UTF-8 */
constexpr int key_column = 1;
constexpr std::size_t max_totals = 8;
constexpr std::size_t max_scans = 8;

void check_arguments(const Resolution &resolution)
{
    pg::Errors errors;
    const auto is_given = [&](const char *name) { return resolution.argument(name).is_given(); };
    for (const auto &[one, other] : {std::pair("after", "before"), std::pair("first", "last"),
                                     std::pair("after", "last"), std::pair("before", "first")})
        if (is_given(one) && is_given(other))
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, one, "\"%s\" and \"%s\" cannot be used together", one,
                       other);
    for (const char *name : {"first", "last"}) {
        const std::int32_t size =
            gateway::number_of<std::int32_t>(resolution.argument(name).text).value_or(0);
        if (size < 0 || size > max_page_size)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, name, "\"%s\" must be from 0 to %d", name,
                       max_page_size);
    }
    errors.raise();
}

const text *text_of(const Input &input)
{
    return input.is_given() ? pg::make_text(input.text) : nullptr;
}

Page *page_of(const Resolution &resolution)
{
    check_arguments(resolution);
    auto *page = static_cast<Page *>(palloc(sizeof(Page)));
    *page = {};
    const Input &last = resolution.argument("last");
    const Input &size = last.is_given() ? last : resolution.argument("first");
    const Input &is_active = resolution.argument("isActive");
    page->is_backward = last.is_given() || resolution.argument("before").is_given();
    page->size = gateway::number_of<std::int32_t>(size.text).value_or(default_page_size);
    page->start = start_of(resolution, page->is_backward ? "before" : "after");
    if (is_active.is_given())
        page->is_active = is_active.is_true();
    page->scope = text_of(resolution.argument("scope"));
    return page;
}

/* The number of user contexts with the filters of a page. */
struct Total {
    std::optional<bool> is_active;
    const text *scope;
    std::int64_t count;
};

/* What this execution has read that can take the whole table. */
struct Scans {
    pg::Vector<Total> totals;
    std::size_t filtered_pages = 0;
    std::size_t retirement_pages = 0;
    bool has_erased = false;
};

static_assert(std::is_trivially_destructible_v<Scans>);

Scans &scans_of(graphql::Execution &execution)
{
    if (execution.kept() == nullptr) {
        auto *made = static_cast<Scans *>(palloc(sizeof(Scans)));
        *made = {};
        execution.kept() = made;
    }
    return *static_cast<Scans *>(execution.kept());
}

void count_scan(std::size_t &pages, const char *of)
{
    if (pages == max_scans)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("a document has at most %zu pages of %s", max_scans, of),
                errhint("Use several requests."));
    ++pages;
}

const SPITupleTable *read_contexts(Resolution &resolution, const Page &page, bool is_backward,
                                   const text *start, std::int32_t rows)
{
    const Datum values[] = {PointerGetDatum(start), Int32GetDatum(rows),
                            BoolGetDatum(page.is_active.value_or(false)), PointerGetDatum(page.scope)};
    const char nulls[] = {start == nullptr ? 'n' : ' ', ' ', page.is_active.has_value() ? ' ' : 'n',
                          page.scope == nullptr ? 'n' : ' '};
    return resolution.read(is_backward ? list_backward : list_forward, values, nulls);
}

void resolve_contexts(Resolution &resolution)
{
    Page *page = page_of(resolution);
    page->read = read_contexts;
    if (shows_rows(resolution) && (page->is_active.has_value() || page->scope != nullptr))
        count_scan(scans_of(resolution.execution()).filtered_pages, "user contexts with filters");
    resolve_page(resolution, *page);
}

const Page &page_of(const Object &object)
{
    return *static_cast<const Page *>(object.item);
}

Object object_at(const Page &page, std::uint64_t place)
{
    return {page.rows, page.is_backward ? page.count - 1 - place : place};
}

void resolve_edges(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at) {
        const Page &page = page_of(resolution.parents()[at]);
        resolution.list(at);
        for (std::uint64_t place = 0; place < page.count; ++place)
            resolution.object(at, object_at(page, place));
    }
}

void resolve_same(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.object(at, resolution.parents()[at]);
}

bool has_filters_of(const Total &total, const Page &page)
{
    const bool has_scope = total.scope != nullptr;
    return total.is_active == page.is_active && has_scope == (page.scope != nullptr) &&
           (!has_scope || pg::view(total.scope) == pg::view(page.scope));
}

std::int64_t total_of(Resolution &resolution, const Page &page)
{
    pg::Vector<Total> &totals = scans_of(resolution.execution()).totals;
    const Total *known = std::find_if(totals.begin(), totals.end(),
                                      [&](const Total &total) { return has_filters_of(total, page); });
    if (known != totals.end())
        return known->count;
    if (totals.size() == max_totals)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("a document has at most %zu values of totalItems with different filters", max_totals),
                errhint("Use several requests."));
    const Datum values[] = {BoolGetDatum(page.is_active.value_or(false)), PointerGetDatum(page.scope)};
    const char nulls[] = {page.is_active.has_value() ? ' ' : 'n', page.scope == nullptr ? 'n' : ' '};
    const SPITupleTable *rows = resolution.read(count_all, values, nulls);
    totals.push_back({page.is_active, page.scope, DatumGetInt64(*graphql::column({rows, 0}, 1))});
    return totals[totals.size() - 1].count;
}

void resolve_total(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.json(at, psprintf(INT64_FORMAT, total_of(resolution, page_of(resolution.parents()[at]))));
}

/* Whether there are user contexts on that side of the page. Those on the side to which the page was
 * read are known. */
bool has_others(Resolution &resolution, const Page &page, bool after)
{
    if (after != page.is_backward)
        return page.has_more;
    if (page.start == nullptr)
        return false;
    if (page.has_others.has_value())
        return *page.has_others;
    const text *start = nullptr;
    if (page.count > 0)
        start = DatumGetTextPP(*graphql::column(object_at(page, after ? page.count - 1 : 0), key_column));
    page.has_others = page.read(resolution, page, !page.is_backward, start, 1)->numvals > 0;
    return *page.has_others;
}

template <bool after> void resolve_has_others(Resolution &resolution)
{
    for (std::size_t at = 0; at < resolution.parents().size(); ++at)
        resolution.json(at,
                        has_others(resolution, page_of(resolution.parents()[at]), after) ? "true" : "false");
}

void write_cursor(const graphql::Execution &, const graphql::PlanField &, const Object &object,
                  json::Writer &out)
{
    const std::string_view uuid = pg::view(DatumGetTextPP(*graphql::column(object, key_column)));
    out.string(pg::encode_base64(texts::as_utf8(uuid).value_or(uuid)));
}

template <bool is_end> void write_end(const graphql::Execution &execution, const graphql::PlanField &field,
                                      const Object &object, json::Writer &out)
{
    const Page &page = page_of(object);
    if (page.count == 0)
        out.null();
    else
        write_cursor(execution, field, object_at(page, is_end ? page.count - 1 : 0), out);
}

constexpr Resolver resolvers[] = {
    {resolve_contexts},
    {resolve_edges},
    {resolve_same},
    {resolve_total},
    {nullptr, write_cursor},
    {resolve_same},
    {resolve_has_others<true>},
    {resolve_has_others<false>},
    {nullptr, write_end<false>},
    {nullptr, write_end<true>},
};

constexpr Field connection_fields[] = {
    {"edges",
     non_null(list_of(non_null(user_context_edge_type))),
     "The user contexts of the page.",
     {},
     {},
     resolver(page_room, page::edges)},
    {"pageInfo",
     non_null(page_info_type),
     "What is around the page.",
     {},
     {},
     resolver(page_room, page::info)},
    {"totalItems",
     non_null(int_type),
     "The number of user contexts on all pages.",
     {},
     {},
     resolver(page_room, page::total)},
};

constexpr Field edge_fields[] = {
    {"cursor",
     non_null(cursor_type),
     "The place of the user context in the list.",
     {},
     {},
     resolver(page_room, page::cursor)},
    {"node", non_null(user_context_type), "The user context.", {}, {}, resolver(page_room, page::node)},
};

constexpr Field page_info_fields[] = {
    {"hasNextPage",
     non_null(boolean_type),
     "Whether there are more after the page.",
     {},
     {},
     resolver(page_room, page::has_next)},
    {"hasPreviousPage",
     non_null(boolean_type),
     "Whether there are more before the page.",
     {},
     {},
     resolver(page_room, page::has_previous)},
    {"startCursor",
     cursor_type,
     "The place of the first on the page; null if there is none.",
     {},
     {},
     resolver(page_room, page::start_cursor)},
    {"endCursor",
     cursor_type,
     "The place of the last on the page; null if there is none.",
     {},
     {},
     resolver(page_room, page::end_cursor)},
};

} // namespace

constinit const std::span<const Resolver> page_resolvers(resolvers);

const text *start_of(const Resolution &resolution, const char *argument)
{
    const Input &input = resolution.argument(argument);
    if (!input.is_given())
        return nullptr;
    const std::optional<std::string_view> bytes = pg::decode_base64(input.text);
    const std::optional<std::string_view> key =
        bytes.has_value() && bytes->size() <= max_key ? texts::from_utf8(*bytes) : std::nullopt;
    if (!key.has_value())
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"%s\" is not a cursor", argument));
    return pg::make_text(*key);
}

std::int32_t size_of(const Resolution &resolution, std::int32_t if_null)
{
    const std::int32_t size =
        gateway::number_of<std::int32_t>(resolution.argument("first").text).value_or(if_null);
    if (size < 0 || size > max_page_size)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"%s\" must be from 0 to %d", "first", max_page_size));
    return size;
}

void count_retirement_page(graphql::Execution &execution)
{
    count_scan(scans_of(execution).retirement_pages, "retirements");
}

bool &has_erased(graphql::Execution &execution)
{
    return scans_of(execution).has_erased;
}

bool shows_rows(const Resolution &resolution)
{
    return resolution.selects("edges") || resolution.selects("pageInfo");
}

void resolve_page(Resolution &resolution, Page &page)
{
    if (shows_rows(resolution)) {
        page.rows = page.read(resolution, page, page.is_backward, page.start, page.size + 1);
        page.count = std::min<std::uint64_t>(page.rows->numvals, static_cast<std::uint64_t>(page.size));
        page.has_more = page.rows->numvals > page.count;
    }
    resolution.item(0, &page);
}

constinit const Type user_context_connection_type = {TypeKind::Object, "UserContextConnection",
                                                     "A page of user contexts.", connection_fields};
constinit const Type user_context_edge_type = {TypeKind::Object, "UserContextEdge",
                                               "A user context of a page.", edge_fields};
constinit const Type page_info_type = {TypeKind::Object, "PageInfo", "What is around a page.",
                                       page_info_fields};

} // namespace opigno::fields
