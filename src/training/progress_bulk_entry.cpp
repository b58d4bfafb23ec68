#include "training/progress_bulk_entry.hpp"

#include "bulk/entries.hpp"
#include "identity/user_uuid.hpp"
#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "pg/timestamp.hpp"
#include "text/time_offset.hpp"
#include "json/value/document_limit.hpp"
#include "json/value/reader.hpp"

#include <algorithm>
#include <cstring>

namespace opigno::training {

namespace {

/* Reads the members of one entry. */
class EntryReader {
  public:
    EntryReader(TimestampTz now, Entry &entry) : now_(now), entry_(entry) { entry_.report.reported_at = now; }

    /* Returns the errors. */
    const pg::Errors &read(const JsonbValue &given)
    {
        if (!json::is_object(given)) {
            add(nullptr, psprintf("an entry must be an object, not %s", json::type_of(given)));
            return errors_;
        }
        json::each_member(given, [&](std::string_view name, const JsonbValue &value) {
            if (value.type != jbvNull || !is_known(name))
                take(name, value);
        });
        if (!has_user_)
            add("user_id", "\"user_id\" is required");
        if (!has_training_)
            add("training_id", "\"training_id\" is required");
        return errors_;
    }

  private:
    static bool is_known(std::string_view name)
    {
        constexpr std::string_view names[] = {"user_id",     "user_uuid", "training_id",
                                              "status",      "progress",  "score",
                                              "reported_at", "details",   "allow_decrease"};
        return std::find(std::begin(names), std::end(names), name) != std::end(names);
    }

    void take(std::string_view name, const JsonbValue &value)
    {
        Report &report = entry_.report;
        if (name == "user_id" || name == "user_uuid") {
            if (has_user_)
                add(name == "user_id" ? "user_id" : "user_uuid",
                    "\"user_id\" and \"user_uuid\" are the same member");
            has_user_ = true;
            take_key(name == "user_id" ? "user_id" : "user_uuid", value, entry_.key.user_uuid);
        } else if (name == "training_id") {
            has_training_ = true;
            take_key("training_id", value, entry_.key.training_id);
        } else if (name == "status") {
            report.status = checked_status(value.type == jbvString ? json::string_of(value) : "", errors_);
        } else if (name == "progress") {
            if (is_number("progress", value))
                report.progress = checked_progress(value.val.numeric, errors_);
        } else if (name == "score") {
            if (is_number("score", value))
                report.score = checked_score(value.val.numeric, errors_);
        } else if (name == "reported_at") {
            take_time(value);
        } else if (name == "details") {
            report.details = JsonbValueToJsonb(const_cast<JsonbValue *>(&value));
            check_details(report.details, json::max_document, errors_);
        } else if (name == "allow_decrease") {
            report.allow_decrease = value.type == jbvBool && value.val.boolean;
            if (value.type != jbvBool)
                add("allow_decrease", "\"allow_decrease\" must be a boolean");
        } else {
            constexpr std::size_t max_in_path = 255; /* an unknown name can have any size */
            add(name.size() <= max_in_path ? pnstrdup(name.data(), name.size()) : nullptr,
                psprintf("unknown member \"%s\"", pg::quoted(name)));
        }
    }

    void take_key(const char *name, const JsonbValue &value, text *&member)
    {
        if (value.type == jbvString)
            member = identity::checked_user_uuid(pg::make_text(json::string_of(value)), name, errors_);
        else
            add(name, psprintf("\"%s\" must be a string, not %s", name, json::type_of(value)));
    }

    bool is_number(const char *name, const JsonbValue &value)
    {
        if (value.type != jbvNumeric)
            add(name, psprintf("\"%s\" must be a number, not %s", name, json::type_of(value)));
        return value.type == jbvNumeric;
    }

    void take_time(const JsonbValue &value)
    {
        const std::optional<TimestampTz> time =
            value.type == jbvString && texts::has_offset(json::string_of(value))
                ? pg::timestamp_of(json::string_of(value))
                : std::nullopt;
        if (!time.has_value()) {
            add("reported_at",
                "\"reported_at\" must be a time with an offset from UTC, as 2026-01-31T09:00:00Z");
            return;
        }
        entry_.report.reported_at = *time;
        check_time(*time, now_, errors_);
    }

    void add(const char *member, const char *message)
    {
        errors_.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "%s", message);
    }

    TimestampTz now_;
    Entry &entry_;
    pg::Errors errors_;
    bool has_user_ = false;
    bool has_training_ = false;
};

static_assert(std::is_trivially_destructible_v<EntryReader>);

enum Column {
    user_uuid,
    training_id,
    reported_at,
    ordinal_column,
    status,
    allow_decrease,
    progress,
    score,
    details
};

constexpr std::int32_t no_status = -1;

template <typename Value> Value *copy_of(const Value *value)
{
    return value == nullptr
               ? nullptr
               : static_cast<Value *>(std::memcpy(palloc(VARSIZE_ANY(value)), value, VARSIZE_ANY(value)));
}

std::size_t size_of(const void *value)
{
    return value == nullptr ? 0 : VARSIZE_ANY(value);
}

} // namespace

void Entry::put(Datum *values, bool *nulls) const
{
    values[user_uuid] = PointerGetDatum(key.user_uuid);
    values[training_id] = PointerGetDatum(key.training_id);
    values[reported_at] = TimestampTzGetDatum(report.reported_at);
    values[ordinal_column] = Int64GetDatum(ordinal);
    values[status] =
        Int32GetDatum(report.status.has_value() ? static_cast<std::int32_t>(*report.status) : no_status);
    values[allow_decrease] = BoolGetDatum(report.allow_decrease);
    values[progress] = PointerGetDatum(report.progress);
    nulls[progress] = report.progress == nullptr;
    values[score] = PointerGetDatum(report.score);
    nulls[score] = report.score == nullptr;
    values[details] = PointerGetDatum(report.details);
    nulls[details] = report.details == nullptr;
}

Entry Entry::get(const bulk::Sort &row)
{
    Entry entry;
    entry.key.user_uuid = DatumGetTextPP(row.value(user_uuid));
    entry.key.training_id = DatumGetTextPP(row.value(training_id));
    entry.ordinal = DatumGetInt64(row.value(ordinal_column));
    Report &report = entry.report;
    report.reported_at = DatumGetTimestampTz(row.value(reported_at));
    if (const std::int32_t number = DatumGetInt32(row.value(status)); number != no_status)
        report.status = static_cast<Status>(number);
    report.allow_decrease = DatumGetBool(row.value(allow_decrease));
    if (!row.is_null(progress))
        report.progress = DatumGetNumeric(row.value(progress));
    if (!row.is_null(score))
        report.score = DatumGetNumeric(row.value(score));
    if (!row.is_null(details))
        report.details = DatumGetJsonbP(row.value(details));
    return entry;
}

Entry Entry::copy() const
{
    Entry copied = *this;
    copied.key = {copy_of(key.user_uuid), copy_of(key.training_id)};
    copied.report.progress = copy_of(report.progress);
    copied.report.score = copy_of(report.score);
    copied.report.details = copy_of(report.details);
    return copied;
}

std::size_t Entry::size() const
{
    return size_of(key.user_uuid) + size_of(key.training_id) + size_of(report.progress) +
           size_of(report.score) + size_of(report.details);
}

bool Entry::has_key_of(const Entry &other) const
{
    return pg::view(key.user_uuid) == pg::view(other.key.user_uuid) &&
           pg::view(key.training_id) == pg::view(other.key.training_id);
}

pg::Error Entry::error(int sqlstate, const char *path, const char *message) const
{
    pg::Error error{sqlstate, path, message};
    error.ordinal = ordinal;
    error.user_uuid = key.user_uuid;
    return error;
}

bool read_entry(std::string_view text, TimestampTz now, Entry &entry, bulk::Errors &errors)
{
    Jsonb *parsed = bulk::parse_entry(text, entry, errors);
    if (parsed == nullptr)
        return false;
    EntryReader reader(now, entry);
    const pg::Errors &found = reader.read(json::root_of(parsed));
    for (const pg::Error &error : found.all())
        errors.add(entry.error(error.sqlstate, error.path, error.message));
    return found.empty();
}

} // namespace opigno::training
