#include "app_document/bulk_entry.hpp"

#include "bulk/entries.hpp"
#include "document/expected_version.hpp"
#include "identity/user_uuid.hpp"
#include "pg/jsonb.hpp"
#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "pg/timestamp.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/text/json_text.hpp"
#include "json/value/document_limit.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"

#include <cstring>

namespace opigno::app_document {

namespace {

/* Reads the members of one entry. */
class EntryReader {
  public:
    EntryReader(const EntryForm &form, Entry &entry, bulk::Errors &errors)
        : document_(form.document), form_(form), kind_(form.kind), entry_(entry), errors_(errors)
    {
        entry_.is_of_user = kind_.is_of_user;
    }

    bool read(const JsonbValue &given)
    {
        if (!json::is_object(given)) {
            add("", psprintf("an entry must be an object, not %s", json::type_of(given)));
            return false;
        }
        json::each_member(given, [&](std::string_view name, const JsonbValue &value) { take(name, value); });
        return is_complete();
    }

    bool read(const EntryColumns &columns)
    {
        if (columns.holder.has_value())
            take_holder(pg::pointer_to(kind_.holder_member), json::string_value(*columns.holder));
        if (columns.app_id.has_value())
            take_app_text(*columns.app_id);
        if (columns.profile_data.has_value())
            take_document_text(*columns.profile_data);
        if (columns.version.has_value())
            take_version(*columns.version);
        return is_complete();
    }

  private:
    bool is_complete()
    {
        require(pg::pointer_to(kind_.holder_member), has_holder_);
        require("/app_id", has_app_);
        if (document_ != nullptr)
            require(psprintf("/%s", document_), has_document_);
        if (is_good_ && form_.judge != nullptr && form_.judge->has_schema(entry_.app_id) && !form_.is_patch)
            judge(*form_.judge);
        return is_good_;
    }

    void judge(schema::AppJudge &judge)
    {
        Jsonb *given = entry_.document;
        entry_.document = judge.with_defaults(entry_.app_id, given);
        if (entry_.document != given)
            check_size();
        for (const pg::Error &error :
             judge.violations(entry_.app_id, entry_.document, psprintf("/%s", document_)))
            add(error.path, error.message, error.sqlstate);
        if (is_good_)
            judge.count_faults(entry_.app_id, entry_.document);
    }

    void check_size()
    {
        const json::Excess excess = json::excess_of(entry_.document, json::max_document);
        if (excess != json::Excess::None)
            add(psprintf("/%s", document_), json::message_of(excess, json::max_document),
                ERRCODE_PROGRAM_LIMIT_EXCEEDED);
    }

    void take(std::string_view name, const JsonbValue &value)
    {
        if (name == kind_.holder_member || (kind_.other_member != nullptr && name == kind_.other_member))
            take_holder(pg::pointer_to(name), value);
        else if (name == "app_id")
            take_app(value);
        else if (document_ != nullptr && name == document_)
            take_document(JsonbValueToJsonb(const_cast<JsonbValue *>(&value)));
        else if (name == document::version_member)
            take_version(value);
        else if (name == "created_at")
            take_time("/created_at", value, entry_.created_at);
        else if (name == "updated_at")
            take_time("/updated_at", value, entry_.updated_at);
        else
            add_unknown(name);
    }

    void take_document(Jsonb *document)
    {
        has_document_ = true;
        entry_.document = document;
        if (document != nullptr)
            check_size();
    }

    void take_document_text(std::string_view text)
    {
        pg::Error why{};
        take_document(json::try_read_json(text, why));
        if (entry_.document == nullptr)
            add("/profile_data", bulk::message_of(why, text, {}), why.sqlstate);
    }

    void take_holder(const char *path, const JsonbValue &value)
    {
        if (value.type == jbvNull)
            return;
        if (has_holder_ && kind_.other_member != nullptr) {
            add(path,
                psprintf("\"%s\" and \"%s\" are the same member", kind_.holder_member, kind_.other_member));
            return;
        }
        has_holder_ = true;
        if (value.type != jbvString) {
            add(path, psprintf("\"%s\" must be a string, not %s", path + 1, json::type_of(value)));
            return;
        }
        pg::Errors found;
        entry_.holder = identity::checked_user_uuid(pg::make_text(json::string_of(value)), path + 1, found);
        for (const pg::Error &error : found.all())
            add(error.path, error.message, error.sqlstate);
    }

    void take_app(const JsonbValue &value)
    {
        has_app_ = value.type != jbvNull;
        if (!has_app_)
            return;
        const std::optional<std::int64_t> number = json::integer_of(value);
        entry_.has_app = number.has_value() && *number >= 0 && *number <= PG_INT32_MAX;
        entry_.app_id = entry_.has_app ? static_cast<std::int32_t>(*number) : 0;
        if (!entry_.has_app)
            add("/app_id", no_app_id);
    }

    void take_app_text(std::string_view text)
    {
        pg::Error why{};
        Jsonb *number = json::try_read_json(text, why);
        if (number != nullptr) {
            take_app(json::root_of(number));
            return;
        }
        has_app_ = true;
        add("/app_id", no_app_id);
    }

    void take_time(const char *path, const JsonbValue &value, std::optional<TimestampTz> &time)
    {
        if (value.type == jbvNull)
            return;
        if (value.type == jbvString)
            time = pg::timestamp_of(json::string_of(value));
        if (!time.has_value())
            add(path, psprintf("\"%s\" must be a timestamp", path + 1));
    }

    /* value: a JsonbValue or a text */
    template <typename Value> void take_version(const Value &value)
    {
        pg::Errors found;
        entry_.expected = document::expected_version(value, found);
        for (const pg::Error &error : found.all())
            add(error.path, error.message, error.sqlstate);
    }

    void add_unknown(std::string_view name)
    {
        constexpr std::size_t max_in_path = 255; /* an unknown name can have any size */
        add(name.size() <= max_in_path ? pg::pointer_to(name) : "",
            psprintf("unknown member \"%s\"",
                     pnstrdup(name.data(), static_cast<Size>(pg::clipped_length(name)))));
    }
    void require(const char *path, bool is_given)
    {
        if (!is_given)
            add(path, psprintf("\"%s\" is required", path + 1));
    }
    void add(const char *path, const char *message, int sqlstate = ERRCODE_INVALID_PARAMETER_VALUE)
    {
        is_good_ = false;
        errors_.add(entry_.error(sqlstate, path, message));
    }

    static constexpr const char *no_app_id = "\"app_id\" must be an integer from 0 to 2147483647";

    const char *document_;
    const EntryForm &form_;
    const Kind &kind_;
    Entry &entry_;
    bulk::Errors &errors_;
    bool has_holder_ = false;
    bool has_app_ = false;
    bool has_document_ = false;
    bool is_good_ = true;
};

static_assert(std::is_trivially_destructible_v<EntryReader>);

} // namespace

void Entry::put(Datum *values, bool *nulls) const
{
    values[0] = PointerGetDatum(holder);
    values[1] = Int32GetDatum(app_id);
    values[2] = Int64GetDatum(ordinal);
    values[3] = PointerGetDatum(document);
    nulls[3] = document == nullptr;
    values[4] = Int64GetDatum(expected.value_or(0));
    nulls[4] = !expected.has_value();
    values[5] = TimestampTzGetDatum(created_at.value_or(0));
    nulls[5] = !created_at.has_value();
    values[6] = TimestampTzGetDatum(updated_at.value_or(0));
    nulls[6] = !updated_at.has_value();
    values[7] = BoolGetDatum(false);
    nulls[7] = is_of_user;
}

Entry Entry::get(const bulk::Sort &row)
{
    Entry entry;
    entry.holder = DatumGetTextPP(row.value(0));
    entry.app_id = DatumGetInt32(row.value(1));
    entry.has_app = true;
    entry.ordinal = DatumGetInt64(row.value(2));
    entry.document = row.is_null(3) ? nullptr : DatumGetJsonbP(row.value(3));
    if (!row.is_null(4))
        entry.expected = DatumGetInt64(row.value(4));
    if (!row.is_null(5))
        entry.created_at = DatumGetTimestampTz(row.value(5));
    if (!row.is_null(6))
        entry.updated_at = DatumGetTimestampTz(row.value(6));
    entry.is_of_user = row.is_null(7);
    return entry;
}

Entry Entry::copy() const
{
    Entry copied = *this;
    copied.holder = pg::make_text(pg::view(holder));
    if (document != nullptr)
        copied.document =
            static_cast<Jsonb *>(std::memcpy(palloc(VARSIZE(document)), document, VARSIZE(document)));
    return copied;
}

std::size_t Entry::size() const
{
    return pg::view(holder).size() + (document == nullptr ? 0 : VARSIZE(document));
}

bool Entry::has_key_of(const Entry &other) const
{
    return app_id == other.app_id && pg::view(holder) == pg::view(other.holder);
}

bool Entry::is_same(const Entry &other) const
{
    return expected == other.expected && created_at == other.created_at && updated_at == other.updated_at &&
           (document == nullptr || json::is_same(document, other.document));
}

pg::Error Entry::error(int sqlstate, const char *path, const char *message) const
{
    pg::Error error{sqlstate, path, message};
    error.ordinal = ordinal;
    (is_of_user ? error.user_uuid : error.training_id) = holder;
    if (has_app)
        error.app_id = app_id;
    return error;
}

bool read_entry(std::string_view text, const EntryForm &form, Entry &entry, bulk::Errors &errors)
{
    Jsonb *parsed = bulk::parse_entry(text, entry, errors);
    return parsed != nullptr && EntryReader(form, entry, errors).read(json::root_of(parsed));
}

bool read_columns(const EntryColumns &columns, const EntryForm &form, Entry &entry, bulk::Errors &errors)
{
    return EntryReader(form, entry, errors).read(columns);
}

} // namespace opigno::app_document
