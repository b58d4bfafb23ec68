/* combine_http_answers; gather.sql has the contract. */
#include "gateway/gathering.hpp"
#include "gateway/http/split.hpp"
#include "gateway/number.hpp"
#include "gateway/query.hpp"
#include "gateway/shard_route.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/function.hpp"
#include "pg/row_type.hpp"
#include "json/text/json_text.hpp"
#include "json/text/string_text.hpp"
#include "json/text/text_scanner.hpp"
#include "json/value/writer.hpp"

#include <algorithm>
#include <limits>

namespace opigno::gateway {

namespace {

constexpr int found_status = 200;
constexpr int first_redirection = 300;
constexpr int not_found_status = 404;
/* Of cancel_retirement. */
constexpr int no_retirement_status = 400;
constexpr std::string_view no_retirement_body = R"({"message":"Retirement does not exist!"})";

/* The answer of one shard. */
struct Part {
    int status = 0;
    std::string_view headers; /* JSON text; "" is none */
    std::string_view body;    /* the same */
};

static_assert(std::is_trivially_destructible_v<Part>);

using Parts = pg::Vector<Part>;

/* ---- one answer for all -------------------------------------------------------------------- */

/* The answer, or the headers of it. */
struct Choice {
    Part part;
    bool is_whole; /* otherwise each shard has some of the elements */
};

static_assert(std::is_trivially_destructible_v<Choice>);

bool is_success(const Part &part)
{
    return part.status >= found_status && part.status < first_redirection;
}

/* The other shards do not have the retirement. */
const Part &found_among(const Parts &parts)
{
    const Part *found = std::find_if(parts.begin(), parts.end(), is_success);
    if (found == parts.end())
        found = std::find_if(parts.begin(), parts.end(), [](const Part &part) {
            return part.status != no_retirement_status || part.body != no_retirement_body;
        });
    return found == parts.end() ? parts[0] : *found;
}

/* Reports that a shard has shown once are not shown again. */
const Part *shown_among(const Parts &parts)
{
    const Part *found = std::find_if(parts.begin(), parts.end(), [](const Part &part) {
        return part.status == found_status && part.body != "[]";
    });
    return found == parts.end() ? nullptr : found;
}

Choice choose(const Parts &parts, const Gathering &gathering)
{
    if (gathering.combination == Combination::Found)
        return {found_among(parts), true};
    if (gathering.combination == Combination::Reports)
        if (const Part *shown = shown_among(parts); shown != nullptr)
            return {*shown, false};
    const bool may_lack = gathering.combination == Combination::Names;
    for (const Part &part : parts)
        if (part.status != found_status && !(may_lack && part.status == not_found_status))
            return {part, true};
    const auto *const found = std::find_if(parts.begin(), parts.end(),
                                           [](const Part &part) { return part.status == found_status; });
    return found == parts.end() ? Choice{parts[0], true} : Choice{*found, false};
}

/* ---- the elements of the answers ------------------------------------------------------------ */

/* The string that the JSON text is; "" if it is none. */
std::string_view string_in(std::string_view value)
{
    json::TextScanner scanner(value);
    std::string_view spelled;
    return value.starts_with('"') && scanner.read_string(spelled) ? json::unescaped(spelled)
                                                                  : std::string_view();
}

struct Element {
    std::string_view text;
    std::string_view key; /* the user or the time; "" if the number tells the order */
    std::int64_t number;  /* of the retirement, or the place of the user in the request */
    std::size_t place;    /* in the answers */
};

static_assert(std::is_trivially_destructible_v<Element>);

bool is_same(const Element &left, const Element &right)
{
    return left.key == right.key && left.number == right.number;
}

bool is_before(const Element &left, const Element &right)
{
    if (const int order = left.key.compare(right.key); order != 0)
        return order < 0;
    return left.number != right.number ? left.number < right.number : left.place < right.place;
}

/* Where the request names its users. */
class Places {
  public:
    explicit Places(std::string_view list)
    {
        for (std::int64_t at = 0; !list.empty(); ++at) {
            CHECK_FOR_INTERRUPTS();
            const text *user = identity::canonical_user_uuid(pg::make_text(take(list, ',')));
            places_.push_back({pg::view(user), at});
        }
        std::sort(places_.begin(), places_.end(), [](const Place &left, const Place &right) {
            const int order = left.name.compare(right.name);
            return order != 0 ? order < 0 : left.at < right.at;
        });
    }

    /* The first place; nothing for a user that the request does not name. */
    [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) const
    {
        const Place *found =
            std::lower_bound(places_.begin(), places_.end(), name,
                             [](const Place &place, std::string_view wanted) { return place.name < wanted; });
        return found != places_.end() && found->name == name ? std::optional(found->at) : std::nullopt;
    }

  private:
    struct Place {
        std::string_view name;
        std::int64_t at;
    };

    pg::Vector<Place> places_;
};

static_assert(std::is_trivially_destructible_v<Places>);

class Elements {
  public:
    Elements(const Gathering &gathering, const Places &places) : gathering_(gathering), places_(places) {}

    void add_all(std::string_view body)
    {
        json::each_element_text(body, [&](std::string_view text) {
            CHECK_FOR_INTERRUPTS();
            Element element = {text, {}, 0, elements_.size()};
            json::each_member_text(text, [&](std::string_view spelled, std::string_view value) {
                const std::string_view name = json::unescaped(spelled);
                if (name == gathering_.key)
                    element.key = string_in(value);
                else if (name == gathering_.number)
                    element.number =
                        number_of<std::int64_t>(value.starts_with('"') ? string_in(value) : value)
                            .value_or(0);
            });
            if (gathering_.combination == Combination::Names) {
                element.number = places_.find(element.key).value_or(std::numeric_limits<std::int64_t>::max());
                element.key = {};
            }
            elements_.push_back(element);
        });
    }

    /* A user that moves to another shard can come twice. */
    void sort()
    {
        std::sort(elements_.begin(), elements_.end(), is_before);
        if (gathering_.combination == Combination::Names)
            return;
        Element *end = std::unique(elements_.begin(), elements_.end(), is_same);
        while (elements_.end() != end)
            elements_.pop_back();
    }

    void cut_to(std::size_t most)
    {
        while (elements_.size() > most)
            elements_.pop_back();
    }

    [[nodiscard]] const pg::Vector<Element> &all() const { return elements_; }

  private:
    const Gathering &gathering_;
    const Places &places_;
    pg::Vector<Element> elements_;
};

static_assert(std::is_trivially_destructible_v<Elements>);

/* ---- the answer ----------------------------------------------------------------------------- */

std::size_t most_elements(const Exchange &exchange, const Gathering &gathering)
{
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    pg::Errors errors;
    if (gathering.combination == Combination::User) {
        const std::int32_t size = page_size(exchange, errors);
        errors.raise();
        return static_cast<std::size_t>(size);
    }
    if (gathering.combination == Combination::Names || !gathering.is_limited)
        return all;
    const std::string_view given = value_of(exchange.target.query, "limit").value_or("");
    const std::optional<std::int32_t> limit = number_of<std::int32_t>(given);
    return limit.has_value() && *limit >= 0 ? static_cast<std::size_t>(*limit) : all;
}

Datum array_of(const pg::Vector<Element> &elements)
{
    json::Writer out;
    out.begin_array();
    for (const Element &element : elements) {
        CHECK_FOR_INTERRUPTS();
        out.json(element.text);
    }
    out.end_array();
    return out.json();
}

struct User {
    std::string_view name; /* "" for null */
    std::string_view text;
};

/* A member of the answers: a list of users or a number. */
struct Total {
    std::string_view name;
    pg::Vector<User> users;
    std::int64_t sum;
};

static_assert(std::is_trivially_destructible_v<Total>);

using Totals = std::array<Total, 3>;

void add_users(std::string_view list, Total &total)
{
    json::each_element_text(list, [&](std::string_view text) {
        CHECK_FOR_INTERRUPTS();
        total.users.push_back({string_in(text), text});
    });
}

void add_number(std::string_view number, Total &total)
{
    if (pg_add_s64_overflow(total.sum, number_of<std::int64_t>(number).value_or(0), &total.sum))
        ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("bigint out of range"));
}

/* Other members are ignored. */
Datum totals_of(const Parts &parts, Combination combination)
{
    const bool is_sum = combination == Combination::Sum;
    Totals totals = {
        {{"successful_user_retirements", {}, 0}, {"failed_user_retirements", {}, 0}, {"deleted", {}, 0}}};
    for (const Part &part : parts)
        json::each_member_text(part.body, [&](std::string_view spelled, std::string_view value) {
            for (Total &total : totals)
                if (json::unescaped(spelled) == total.name)
                    is_sum ? add_number(value, total) : add_users(value, total);
        });
    json::Writer out;
    out.begin_object();
    for (Total &total : totals) {
        if (is_sum != (total.name == "deleted"))
            continue;
        out.member(total.name);
        if (is_sum) {
            out.integer(total.sum);
            continue;
        }
        std::sort(total.users.begin(), total.users.end(),
                  [](const User &left, const User &right) { return left.name < right.name; });
        out.begin_array();
        for (const User &user : total.users)
            out.json(user.text);
        out.end_array();
    }
    out.end_object();
    return out.json();
}

void combine(Exchange &exchange, const Parts &parts, const Gathering &gathering)
{
    if (gathering.combination == Combination::UserLists || gathering.combination == Combination::Sum) {
        exchange.answer->body = totals_of(parts, gathering.combination);
        return;
    }
    Answer &answer = *exchange.answer;
    const bool has_names = gathering.combination == Combination::Names;
    const std::string_view names =
        has_names ? value_of(exchange.target.query, shard_rule_of(*exchange.route).name).value_or("") : "";
    const Places places(names);
    Elements elements(gathering, places);
    for (const Part &part : parts)
        if (part.status == found_status)
            elements.add_all(part.body);
    elements.sort();
    const std::size_t most = most_elements(exchange, gathering);
    elements.cut_to(most);
    if (gathering.combination == Combination::User && elements.all().size() == most)
        add_next_page(exchange, elements.all()[most - 1].key);
    answer.body = array_of(elements.all());
}

/* The headers of a part, with the link of the answer instead of its own if it has no whole answer. */
Datum headers_of(const Part &part, bool is_whole, const Answer &answer)
{
    json::Writer out;
    out.begin_object();
    json::each_member_text(part.headers, [&](std::string_view spelled, std::string_view value) {
        const std::string_view name = json::unescaped(spelled);
        if (is_whole || name != "Link")
            out.member(name).json(value);
    });
    for (const Parameter &header : answer.headers)
        out.member(header.name).string(header.value);
    out.end_object();
    return JsonbPGetDatum(json::read_json(pg::view(DatumGetTextPP(out.json()))));
}

/* ---- the argument --------------------------------------------------------------------------- */

/* The text of a member that is not null. */
std::string_view given_text(std::string_view value)
{
    return value == "null" ? std::string_view() : value;
}

Part part_of(std::string_view text)
{
    Part part;
    json::each_member_text(text, [&](std::string_view spelled, std::string_view value) {
        const std::string_view name = json::unescaped(spelled);
        if (name == "status")
            part.status = number_of<int>(value).value_or(0);
        else if (name == "headers")
            part.headers = given_text(value);
        else if (name == "body")
            part.body = given_text(value);
    });
    return part;
}

Parts parts_of(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    const char *const names[] = {"method", "target", "headers", "answers"};
    for (int number = 0; number < static_cast<int>(std::size(names)); ++number)
        pg::require(fcinfo, number, names[number], errors);
    errors.raise();
    Parts parts;
    json::each_element_text(pg::view(PG_GETARG_TEXT_PP(3)), [&](std::string_view text) {
        CHECK_FOR_INTERRUPTS();
        parts.push_back(part_of(text));
        const Part &part = parts[parts.size() - 1];
        if (errors.empty() && (part.status == 0 || (part.status == found_status && part.body.empty())))
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "answers",
                       "each element of \"answers\" must have a status, and a body if that is %d",
                       found_status);
    });
    if (parts.empty())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "answers", "\"answers\" must be an array with elements");
    errors.raise();
    return parts;
}

Datum combined(FunctionCallInfo fcinfo)
{
    const Parts parts = parts_of(fcinfo);
    Answer answer;
    Exchange exchange{};
    exchange.method = pg::view(PG_GETARG_TEXT_PP(0));
    exchange.answer = &answer;
    const Gathering *gathering =
        read_gathering(exchange, pg::view(PG_GETARG_TEXT_PP(1)), PG_GETARG_JSONB_P(2));
    if (gathering == nullptr || pg::view(PG_GETARG_TEXT_PP(1)).size() > max_target)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"method\" and \"target\" must be those of a request that is split"));
    const auto [part, is_whole] = choose(parts, *gathering);
    if (!is_whole)
        combine(exchange, parts, *gathering);
    else if (!part.body.empty())
        answer.body = PointerGetDatum(pg::make_text(part.body));
    static constinit pg::RowType result;
    const Datum values[] = {Int32GetDatum(part.status), headers_of(part, is_whole, answer), answer.body};
    const bool nulls[] = {false, false, exchange.method == "HEAD" || answer.body == Datum{0}};
    return result.form(fcinfo, values, nulls);
}

} // namespace

} // namespace opigno::gateway

OPIGNO_FUNCTION(opigno_combine_http_answers)
{
    return opigno::gateway::combined(fcinfo);
}
