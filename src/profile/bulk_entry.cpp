#include "profile/bulk_entry.hpp"

#include "identity/user_uuid.hpp"
#include "pg/text.hpp"
#include "json/text/json_text.hpp"
#include "json/value/document_limit.hpp"
#include "json/value/pointer.hpp"
#include "json/value/reader.hpp"

#include <cstdlib>
#include <cstring>

namespace opigno::profile {

namespace {

/* The members of one entry as they come. */
class EntryReader {
  public:
    EntryReader(const char *document, BulkRow &row, BulkFaults &faults)
        : document_(document), row_(row), faults_(faults)
    {
    }

    bool read(const JsonbValue &entry)
    {
        if (!json::is_object(entry)) {
            add("", psprintf("an entry must be an object, not %s", json::type_of(entry)));
            return false;
        }
        json::each_member(entry, [&](std::string_view name, const JsonbValue &value) { take(name, value); });
        return is_complete();
    }

    bool read(const EntryColumns &columns)
    {
        if (columns.user_id.has_value())
            take_user(json::string_value(*columns.user_id));
        if (columns.app_id.has_value())
            take_app_text(*columns.app_id);
        if (columns.profile_data.has_value())
            take_document_text(*columns.profile_data);
        return is_complete();
    }

  private:
    bool is_complete()
    {
        require("/user_id", has_user_);
        require("/app_id", has_app_);
        if (document_ != nullptr)
            require(psprintf("/%s", document_), has_document_);
        return is_good_;
    }

    void take(std::string_view name, const JsonbValue &value)
    {
        if (name == "user_id")
            take_user(value);
        else if (name == "app_id")
            take_app(value);
        else if (document_ != nullptr && name == document_)
            take_document(JsonbValueToJsonb(const_cast<JsonbValue *>(&value)));
        else
            add_unknown(name);
    }

    void take_document(Jsonb *document)
    {
        has_document_ = true;
        row_.document = document;
        if (document == nullptr)
            return;
        const json::Excess excess = json::excess_of(document, json::max_document);
        if (excess != json::Excess::None)
            add(psprintf("/%s", document_), json::message_of(excess, json::max_document),
                ERRCODE_PROGRAM_LIMIT_EXCEEDED);
    }

    void take_document_text(std::string_view text)
    {
        json::Unreadable why{};
        take_document(json::try_read_json(text, why));
        if (row_.document == nullptr)
            add("/profile_data", why.message, why.sqlstate);
    }

    void take_user(const JsonbValue &value)
    {
        has_user_ = value.type != jbvNull;
        if (!has_user_)
            return;
        if (value.type != jbvString) {
            add("/user_id", psprintf("\"user_id\" must be a string, not %s", json::type_of(value)));
            return;
        }
        pg::Faults found;
        row_.user_uuid = identity::checked_user_uuid(pg::make_text(json::string_of(value)), "user_id", found);
        for (const pg::Fault &fault : found.all())
            add("/user_id", fault.message);
    }

    void take_app(const JsonbValue &value)
    {
        has_app_ = value.type != jbvNull;
        if (!has_app_)
            return;
        const std::optional<std::int32_t> number =
            value.type == jbvNumeric && !json::is_too_long(value) ? integer_of(value) : std::nullopt;
        row_.has_app = number.has_value();
        row_.app_id = number.value_or(0);
        if (!row_.has_app)
            add("/app_id", no_app_id);
    }

    void take_app_text(std::string_view text)
    {
        json::Unreadable why{};
        Jsonb *number = json::try_read_json(text, why);
        if (number != nullptr) {
            take_app(json::root_of(number));
            return;
        }
        has_app_ = true;
        add("/app_id", no_app_id);
    }

    static std::optional<std::int32_t> integer_of(const JsonbValue &value)
    {
        const Datum whole =
            DirectFunctionCall2(numeric_trunc, NumericGetDatum(value.val.numeric), Int32GetDatum(0));
        if (!DatumGetBool(DirectFunctionCall2(numeric_eq, whole, NumericGetDatum(value.val.numeric))))
            return std::nullopt;
        constexpr std::size_t most_digits = 10;
        const char *digits = DatumGetCString(DirectFunctionCall1(numeric_out, whole));
        if (std::strlen(digits) > most_digits)
            return std::nullopt;
        const long long number = std::strtoll(digits, nullptr, 10);
        return number < 0 || number > PG_INT32_MAX
                   ? std::nullopt
                   : std::optional<std::int32_t>(static_cast<std::int32_t>(number));
    }

    void add_unknown(std::string_view name)
    {
        constexpr std::size_t longest = 255; /* a name that is none of ours may be of any size */
        StringInfoData path;
        initStringInfo(&path);
        if (name.size() <= longest)
            json::append_member(&path, name);
        add(path.data, psprintf("unknown member \"%s\"",
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
        const std::optional<std::int32_t> app = row_.has_app ? std::optional(row_.app_id) : std::nullopt;
        faults_.add({row_.ordinal, sqlstate, row_.user_uuid, app, path, message});
    }

    static constexpr const char *no_app_id = "\"app_id\" must be an integer from 0 to 2147483647";

    const char *document_;
    BulkRow &row_;
    BulkFaults &faults_;
    bool has_user_ = false;
    bool has_app_ = false;
    bool has_document_ = false;
    bool is_good_ = true;
};

static_assert(std::is_trivially_destructible_v<EntryReader>);

} // namespace

bool read_entry(std::string_view entry, const char *document, BulkRow &row, BulkFaults &faults)
{
    json::Unreadable why{};
    Jsonb *parsed = json::try_read_json(entry, why);
    if (parsed == nullptr) {
        faults.add({row.ordinal, why.sqlstate, nullptr, std::nullopt, "", why.message});
        return false;
    }
    return EntryReader(document, row, faults).read(json::root_of(parsed));
}

bool read_columns(const EntryColumns &columns, BulkRow &row, BulkFaults &faults)
{
    return EntryReader("profile_data", row, faults).read(columns);
}

} // namespace opigno::profile
