/* split_bulk and begin_bulk_part; bulk.sql has the contracts. */
#include "bulk/entries.hpp"
#include "bulk/part.hpp"
#include "identity/access.hpp"
#include "identity/shard.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/result.hpp"
#include "json/error_list.hpp"
#include "json/text/string_text.hpp"
#include "json/text/text_scanner.hpp"

namespace opigno::sharding {

namespace {

/* Where the entries of a load have their user. */
struct Load {
    std::string_view function;
    const char *list;            /* the member of the body that holds the entries */
    std::string_view members[2]; /* of an entry */
};

constexpr Load loads[] = {{"create_profiles", "profiles", {"user_id", "user_uuid"}},
                          {"patch_profiles", "profiles", {"user_id", "user_uuid"}},
                          {"delete_profiles", "profiles", {"user_id", "user_uuid"}},
                          {"patch_accounts", "accounts", {"username", "username"}},
                          {"report_progress_many", "reports", {"user_id", "user_uuid"}},
                          {"set_user_contexts", "userContexts", {"uuid", "uuid"}}};

const Load *load_of(std::string_view function)
{
    for (const Load &load : loads)
        if (load.function == function)
            return &load;
    return nullptr;
}

/*
 * Returns the user of an entry, nullptr if none is found. Of what is valid JSON and names one user, it is
 * the one that the load reads. Everything else is an error of the entry, which any shard can report.
 */
text *user_of(std::string_view entry, const Load &load)
{
    text *user_uuid = nullptr;
    json::each_member_text(entry, [&](std::string_view spelled, std::string_view value) {
        const std::string_view name = json::unescaped(spelled);
        json::TextScanner scanner(value);
        std::string_view user;
        if ((name != load.members[0] && name != load.members[1]) || !scanner.read_string(user))
            return true;
        user_uuid = identity::canonical_user_uuid(pg::make_text(json::unescaped(user)));
        return false;
    });
    return user_uuid;
}

/* The entries of one shard. */
struct Part {
    StringInfoData body;
    pg::Vector<Datum> ordinals;
    pg::Vector<Datum> positions;
};

static_assert(std::is_trivially_destructible_v<Part>);

class Parts {
  public:
    explicit Parts(std::int32_t shards)
        : shards_(shards),
          parts_(static_cast<Part **>(palloc0(static_cast<std::size_t>(shards) * sizeof(void *))))
    {
    }

    void add(std::int32_t shard, std::string_view entry, std::int64_t ordinal, std::int64_t position)
    {
        MemoryContext before = MemoryContextSwitchTo(context_);
        Part &part = of(shard);
        appendBinaryStringInfo(&part.body, entry.data(), static_cast<int>(entry.size()));
        appendStringInfoChar(&part.body, separator_);
        part.ordinals.push_back(Int64GetDatum(ordinal));
        part.positions.push_back(Int64GetDatum(position));
        MemoryContextSwitchTo(before);
    }
    /* Before the first entry. */
    void set_lines(bool is_lines)
    {
        is_lines_ = is_lines;
        separator_ = is_lines ? '\n' : ',';
    }
    [[nodiscard]] std::int32_t shards() const { return shards_; }
    [[nodiscard]] bool is_lines() const { return is_lines_; }
    /* nullptr: the shard has no entries. */
    [[nodiscard]] Part *find(std::int32_t shard) const { return parts_[shard]; }
    [[nodiscard]] std::int32_t count() const { return count_; }
    Part &of(std::int32_t shard)
    {
        if (parts_[shard] == nullptr) {
            auto *part = static_cast<Part *>(palloc(sizeof(Part)));
            *part = Part{};
            initStringInfo(&part->body);
            if (!is_lines_)
                appendStringInfoChar(&part->body, '[');
            parts_[shard] = part;
            ++count_;
        }
        return *parts_[shard];
    }
    /* The body of a part, without the last separator. */
    text *body_of(Part &part) const
    {
        part.body.data[part.body.len - 1] = is_lines_ ? '\n' : ']';
        return cstring_to_text_with_len(part.body.data, part.body.len);
    }

  private:
    MemoryContext context_ = CurrentMemoryContext;
    std::int32_t shards_;
    Part **parts_;
    std::int32_t count_ = 0;
    bool is_lines_ = false;
    char separator_ = ',';
};

static_assert(std::is_trivially_destructible_v<Parts>);

Datum array_of(pg::Vector<Datum> &numbers)
{
    return PointerGetDatum(construct_array(numbers.data(), static_cast<int>(numbers.size()), INT8OID,
                                           sizeof(std::int64_t), true, TYPALIGN_DOUBLE));
}

/* Writes the rows of the result. */
class PartRows {
  public:
    explicit PartRows(FunctionCallInfo fcinfo)
    {
        InitMaterializedSRF(fcinfo, 0);
        result_ = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    }

    /* A body that one shard loads as it is. nullptr: NULL. */
    void add_whole(std::int32_t shard, const text *body, Part *part)
    {
        pg::Vector<Datum> none;
        Datum values[columns] = {Int32GetDatum(shard), PointerGetDatum(body),
                                 array_of(part == nullptr ? none : part->ordinals)};
        bool nulls[columns] = {false, body == nullptr, false, true, true, true};
        put(values, nulls);
    }
    void add(std::int32_t shard, const Parts &parts, Part &part, Datum flaw)
    {
        Datum values[columns] = {Int32GetDatum(shard),           PointerGetDatum(parts.body_of(part)),
                                 array_of(part.ordinals),        array_of(part.positions),
                                 BoolGetDatum(parts.is_lines()), flaw};
        bool nulls[columns] = {false, false, false, false, false, flaw == Datum{0}};
        put(values, nulls);
    }

  private:
    static constexpr int columns = 6;

    void put(Datum *values, bool *nulls)
    {
        tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
    }

    ReturnSetInfo *result_;
};

static_assert(std::is_trivially_destructible_v<PartRows>);

Datum json_of(const pg::Error &error)
{
    json::Writer out;
    json::write_error(out, error, json::Hints::Shown);
    return out.json();
}

void split(const text *body, const Load &load, Parts &parts, PartRows &rows)
{
    const std::string_view given = pg::view(body);
    parts.set_lines(json::EntrySplitter(given, load.list).is_lines());
    const std::optional<pg::Error> flaw = bulk::for_each_entry(
        given, load.list, [&](std::int64_t ordinal, std::string_view entry, std::size_t /*end*/) {
            const text *user = user_of(entry, load);
            const std::int32_t shard = user == nullptr ? 0 : identity::shard_of(user, parts.shards());
            parts.add(shard, entry, ordinal, entry.data() - given.data() + 1);
        });
    if (parts.count() == 0)
        rows.add_whole(0, body, nullptr);
    for (std::int32_t shard = 0; shard < parts.shards() && parts.count() > 0; ++shard) {
        Part *part = parts.find(shard);
        if (part != nullptr && parts.count() == 1)
            rows.add_whole(shard, body, part);
        else if (part != nullptr)
            rows.add(shard, parts, *part, flaw.has_value() ? json_of(*flaw) : Datum{0});
    }
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;

OPIGNO_FUNCTION(opigno_split_bulk)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "function_name", errors);
    const sharding::Load *load =
        PG_ARGISNULL(0) ? nullptr : sharding::load_of(pg::view(PG_GETARG_TEXT_PP(0)));
    if (!PG_ARGISNULL(0) && load == nullptr)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "function_name",
                   "\"function_name\" must be a function with the key argument body");
    const std::int32_t shards = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2);
    if (shards < 1 || shards > identity::max_shards)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "shards", "\"shards\" must be from 1 to 65536");
    errors.raise();
    sharding::PartRows rows(fcinfo);
    if (PG_ARGISNULL(1)) {
        rows.add_whole(0, nullptr, nullptr);
        return Datum{};
    }
    sharding::Parts parts(shards);
    sharding::split(PG_GETARG_TEXT_PP(1), *load, parts, rows);
    return Datum{};
}

OPIGNO_FUNCTION(opigno_begin_bulk_part)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Load, [&](const identity::Caller & /*caller*/) {
            pg::Errors errors;
            pg::require(fcinfo, 0, "ordinals", errors);
            pg::require(fcinfo, 1, "positions", errors);
            errors.raise();
            ArrayType *ordinals = PG_GETARG_ARRAYTYPE_P(0);
            bulk::set_next_part(ordinals, PG_GETARG_ARRAYTYPE_P(1),
                                pg::flag_argument(fcinfo, 2) ? json::BodyForm::Lines : json::BodyForm::Found,
                                pg::flag_argument(fcinfo, 3));
            return Int64GetDatum(ArrayGetNItems(ARR_NDIM(ordinals), ARR_DIMS(ordinals)));
        });
}
