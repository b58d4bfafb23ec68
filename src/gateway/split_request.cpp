/* split_http_request; gather.sql has the contract. */
#include "gateway/gathering.hpp"
#include "gateway/http/split.hpp"
#include "gateway/request_users.hpp"
#include "identity/shard.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/function.hpp"
#include "pg/result.hpp"
#include "text/encoding.hpp"
#include "json/value/reader.hpp"
#include "json/value/writer.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

/* As in get_user_bundles(). */
constexpr std::size_t max_users = 500;

class PartRows {
  public:
    explicit PartRows(FunctionCallInfo fcinfo)
    {
        InitMaterializedSRF(fcinfo, 0);
        result_ = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    }

    /* body: nullptr for the one of the request */
    void add(std::int32_t shard, std::string_view target, const text *body = nullptr)
    {
        Datum values[] = {Int32GetDatum(shard), PointerGetDatum(pg::make_text(target)),
                          PointerGetDatum(body)};
        bool nulls[] = {false, false, body == nullptr};
        tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
    }

  private:
    ReturnSetInfo *result_;
};

static_assert(std::is_trivially_destructible_v<PartRows>);

std::string_view text_of(const StringInfoData &out)
{
    return {out.data, static_cast<std::size_t>(out.len)};
}

/* The target around the value of a parameter. */
struct Frame {
    std::string_view before;
    std::string_view value; /* as it was sent, encoded */
    std::string_view after;

    [[nodiscard]] std::string_view with(std::string_view other) const
    {
        StringInfoData out;
        initStringInfo(&out);
        for (const std::string_view part : {before, other, after})
            appendBinaryStringInfo(&out, part.data(), static_cast<int>(part.size()));
        return text_of(out);
    }
};

static_assert(std::is_trivially_destructible_v<Frame>);

/* Around the first parameter with this name; without one, the value is empty. */
Frame frame_of(std::string_view target, std::string_view name)
{
    std::string_view rest = target;
    take(rest, '?');
    while (!rest.empty()) {
        CHECK_FOR_INTERRUPTS();
        std::string_view value = take(rest, '&');
        const std::string_view given = take(value, '=');
        if (form_decoded(given).value_or("") != name)
            continue;
        const char *end = value.data() + value.size();
        return {{target.data(), static_cast<std::size_t>(value.data() - target.data())},
                value,
                {end, static_cast<std::size_t>(target.data() + target.size() - end)}};
    }
    return {target, {}, {}};
}

/* Takes a name from a list as it was sent: commas can be encoded. */
std::string_view take_name(std::string_view &list)
{
    for (std::size_t at = 0; at < list.size(); ++at) {
        std::string_view rest = list;
        rest.remove_prefix(at);
        const bool is_encoded = rest.starts_with("%2C") || rest.starts_with("%2c");
        if (!is_encoded && list[at] != ',')
            continue;
        const std::string_view name(list.data(), at);
        rest.remove_prefix(is_encoded ? std::string_view("%2C").size() : 1);
        list = rest;
        return name;
    }
    const std::string_view name = list;
    list = {};
    return name;
}

/* The users of each shard, in a list with commas. */
class NamesByShard {
  public:
    explicit NamesByShard(std::int32_t shards)
        : shards_(shards),
          parts_(static_cast<StringInfo *>(palloc0(static_cast<std::size_t>(shards) * sizeof(StringInfo))))
    {
    }

    /* sent: the name as it was sent. An empty one, of which answers show that it is no user, belongs to any
     * shard. */
    void add(std::string_view name, std::string_view sent)
    {
        const text *user = identity::canonical_user_uuid(pg::make_text(name));
        const std::int32_t shard = identity::shard_of(user, shards_);
        if (name.empty()) {
            has_empty_ = true;
            return;
        }
        if (parts_[shard] == nullptr)
            parts_[shard] = makeStringInfo();
        else
            appendStringInfoChar(parts_[shard], ',');
        appendBinaryStringInfo(parts_[shard], sent.data(), static_cast<int>(sent.size()));
    }

    /* The first part gets empty names until it has at least this number of names. */
    template <typename Visit> void each(std::size_t least, Visit visit) const
    {
        bool is_first = true;
        for (std::int32_t shard = 0; shard < shards_; ++shard) {
            if (parts_[shard] == nullptr)
                continue;
            const std::string_view names = text_of(*parts_[shard]);
            const auto number = static_cast<std::size_t>(std::count(names.begin(), names.end(), ',')) + 1;
            const std::size_t empty =
                is_first ? std::max<std::size_t>(least > number ? least - number : 0, has_empty_ ? 1 : 0) : 0;
            auto *value = static_cast<char *>(palloc(empty + names.size()));
            std::copy(names.begin(), names.end(), std::fill_n(value, empty, ','));
            visit(shard, std::string_view(value, empty + names.size()));
            is_first = false;
        }
    }

  private:
    std::int32_t shards_;
    StringInfo *parts_;
    bool has_empty_ = false;
};

static_assert(std::is_trivially_destructible_v<NamesByShard>);

/* One shard gets as many names as one server would, if that would refuse them for their number. */
void split_users(const Exchange &exchange, std::string_view target, std::int32_t shards, PartRows &rows)
{
    const Frame frame = frame_of(target, shard_rule_of(*exchange.route).name);
    NamesByShard parts(shards);
    std::size_t names = 0;
    for (std::string_view list = frame.value; !list.empty(); ++names) {
        CHECK_FOR_INTERRUPTS();
        const std::string_view sent = take_name(list);
        parts.add(form_decoded(sent).value_or(""), sent);
    }
    parts.each(names > max_users ? names : 0,
               [&](std::int32_t shard, std::string_view value) { rows.add(shard, frame.with(value)); });
}

/* The object with another value of a member, as bytes in UTF-8. Whatever the other members are, they are
 * refused. */
const text *body_with(const JsonbValue &body, std::string_view member, std::string_view changed)
{
    json::Writer out;
    out.begin_object();
    json::each_member(body, [&](std::string_view name, const JsonbValue & /*value*/) {
        out.member(name);
        if (name == member)
            out.string(changed);
        else
            out.null();
    });
    out.end_object();
    return pg::make_text(texts::as_utf8(out.text()).value_or(out.text()));
}

/* Every server refuses a body whose member is no string. */
void split_body(const Exchange &exchange, std::string_view target, std::int32_t shards, PartRows &rows)
{
    const std::string_view member = shard_rule_of(*exchange.route).name;
    const JsonbValue body = distinct_body(exchange);
    std::optional<std::string_view> list;
    with_member(body, member, [&](const JsonbValue &value) {
        if (value.type == jbvString)
            list = json::string_of(value);
    });
    if (!list.has_value())
        return rows.add(0, target);
    NamesByShard parts(shards);
    while (!list->empty()) {
        CHECK_FOR_INTERRUPTS();
        const std::string_view name = trimmed(take(*list, ','));
        parts.add(name, name);
    }
    parts.each(0, [&](std::int32_t shard, std::string_view names) {
        rows.add(shard, target, body_with(body, member, names));
    });
}

void split(Exchange &exchange, std::string_view target, Jsonb *headers, std::int32_t shards, PartRows &rows)
{
    const Gathering *gathering = read_gathering(exchange, target, headers);
    if (gathering == nullptr)
        return;
    /* Which every server refuses. */
    if (target.size() > max_target)
        return rows.add(0, target);
    if (gathering->combination == Combination::Names)
        return split_users(exchange, target, shards, rows);
    if (gathering->combination == Combination::UserLists)
        return split_body(exchange, target, shards, rows);
    for (std::int32_t shard = 0; shard < shards; ++shard)
        rows.add(shard, target);
}

} // namespace

} // namespace opigno::gateway

OPIGNO_FUNCTION(opigno_split_http_request)
{
    using namespace opigno;
    pg::Errors errors;
    pg::require(fcinfo, 0, "method", errors);
    pg::require(fcinfo, 1, "target", errors);
    pg::require(fcinfo, 2, "headers", errors);
    const std::int32_t shards = PG_ARGISNULL(4) ? 0 : PG_GETARG_INT32(4);
    if (shards < 1 || shards > identity::max_shards)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "shards", "\"shards\" must be from 1 to %d",
                   identity::max_shards);
    errors.raise();
    gateway::PartRows rows(fcinfo);
    gateway::Answer answer;
    gateway::Exchange exchange{};
    exchange.method = pg::view(PG_GETARG_TEXT_PP(0));
    exchange.given_body = PG_ARGISNULL(3) ? nullptr : PG_GETARG_BYTEA_PP(3);
    exchange.answer = &answer;
    gateway::split(exchange, pg::view(PG_GETARG_TEXT_PP(1)), PG_GETARG_JSONB_P(2), shards, rows);
    return Datum{0};
}
