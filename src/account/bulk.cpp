/* patch_accounts: from a JSON list to patches, their faults, and the answer. */
#include "account/account.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "json/json_text.hpp"
#include "json/pointer.hpp"
#include "json/reader.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

using identity::Caller;

struct Options {
    bool report;
    bool dry_run;
};

struct Entry {
    std::int64_t ordinal; /* from 1 */
    text *user_uuid;      /* nullptr: none that can be one */
    JsonbValue patch;
    bool at_fault;
};

using Entries = pg::Vector<Entry>;

struct ListError {
    std::int64_t ordinal; /* 0: the list itself */
    int sqlstate;
    const char *pointer; /* within the entry */
    const char *message;
};

using ListErrors = pg::Vector<ListError>;

void add(Entry &entry, int sqlstate, const char *pointer, const char *message, ListErrors &errors)
{
    errors.push_back({entry.ordinal, sqlstate, pointer, message});
    entry.at_fault = true;
}

/* The arguments behind the body. */
Options options_of(FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    pg::require(fcinfo, 0, "body", faults);
    const Options options{pg::reports_errors(fcinfo, 1, faults), pg::flag_argument(fcinfo, 2)};
    faults.raise();
    return options;
}

constexpr std::string_view key_member = "username";

/* Sets the user, or adds faults. */
void take_key(Entry &entry, ListErrors &errors)
{
    if (!json::is_object(entry.patch)) {
        add(entry, ERRCODE_INVALID_PARAMETER_VALUE, "",
            psprintf("must be an object, not %s", json::type_of(entry.patch)), errors);
        return;
    }
    JsonbValue name{};
    const JsonbValue *found = getKeyJsonValueFromContainer(entry.patch.val.binary.data, key_member.data(),
                                                           static_cast<int>(key_member.size()), &name);
    pg::Faults faults;
    if (found == nullptr || found->type == jbvString)
        entry.user_uuid = identity::checked_user_uuid(
            found == nullptr ? nullptr : pg::make_text(json::string_of(*found)), key_member.data(), faults);
    else
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, key_member.data(),
                   "\"username\" must be a string, not %s", json::type_of(*found));
    for (const pg::Fault &fault : faults.all())
        add(entry, fault.sqlstate, "/username", fault.message, errors);
}

Entries entries_from(Jsonb *list, ListErrors &errors)
{
    Entries entries;
    const JsonbValue root = json::root_of(list);
    if (!json::is_array(root)) {
        errors.push_back({0, ERRCODE_INVALID_PARAMETER_VALUE, "",
                          psprintf("account patches must be a JSON array, not %s", json::type_of(root))});
        return entries;
    }
    json::each_element(root, [&](const JsonbValue &element) {
        CHECK_FOR_INTERRUPTS();
        Entry entry{static_cast<std::int64_t>(entries.size()) + 1, nullptr, element, false};
        take_key(entry, errors);
        entries.push_back(entry);
    });
    return entries;
}

/* By user and then by place in the list, so that two calls at once do not deadlock; those without a user come
 * first. */
bool comes_before(const Entry &left, const Entry &right)
{
    if (left.user_uuid == nullptr || right.user_uuid == nullptr)
        return right.user_uuid != nullptr ? left.user_uuid == nullptr
                                          : left.user_uuid == nullptr && left.ordinal < right.ordinal;
    const int order = pg::view(left.user_uuid).compare(pg::view(right.user_uuid));
    return order != 0 ? order < 0 : left.ordinal < right.ordinal;
}

void find_repeated(Entries &entries, ListErrors &errors)
{
    const Entry *first = nullptr;
    for (Entry &entry : entries) {
        if (entry.user_uuid == nullptr)
            continue;
        if (first == nullptr || pg::view(first->user_uuid) != pg::view(entry.user_uuid))
            first = &entry;
        else
            add(entry, ERRCODE_INVALID_PARAMETER_VALUE, "/username",
                psprintf("\"username\" names the same user as entry " INT64_FORMAT, first->ordinal), errors);
    }
}

/* Adds the faults of a patch, in the memory outside SPI. */
void check_patch(Entry &entry, const Fields &fields, ListErrors &errors)
{
    pg::with_spi([&](MemoryContext outer) {
        const std::optional<identity::User> user = identity::find_user(entry.user_uuid);
        const text *name = user.has_value() ? user->display_name : nullptr;
        FieldErrors found;
        json::Excess excess = json::Excess::None;
        if (name != nullptr) {
            const Patch patch = patch_from_json(entry.patch, fields, pg::view(name), found, key_member);
            excess = found.empty() ? excess_of(entry.user_uuid, patch) : excess;
        }
        MemoryContextSwitchTo(outer);
        if (name == nullptr)
            add(entry, ERRCODE_FOREIGN_KEY_VIOLATION, "/username", identity::user_does_not_exist, errors);
        for (const FieldError &error : found.all())
            add(entry, ERRCODE_INVALID_PARAMETER_VALUE, pstrdup(error.pointer),
                pstrdup(error.developer_message), errors);
        if (excess != json::Excess::None)
            add(entry, ERRCODE_PROGRAM_LIMIT_EXCEEDED, "", json::message_of(excess, json::max_document),
                errors);
        return 0;
    });
}

/* Whether something changed, or would; with memory of its own, since lists are long. */
bool write_patch(const Caller &caller, const Entry &entry, const Fields &fields, bool dry_run)
{
    return pg::with_spi([&](MemoryContext) {
        const std::optional<identity::User> user = identity::find_user(entry.user_uuid);
        if (!user.has_value())
            identity::refuse_missing_user();
        FieldErrors none;
        const Patch patch =
            patch_from_json(entry.patch, fields, pg::view(user->display_name), none, key_member);
        return dry_run ? would_change(entry.user_uuid, patch)
                       : write(caller, entry.user_uuid, patch, std::nullopt).changed;
    });
}

bool comes_before_in_list(const ListError &left, const ListError &right)
{
    return left.ordinal != right.ordinal ? left.ordinal < right.ordinal
                                         : std::string_view(left.pointer) < right.pointer;
}

void write_errors(json::Writer &out, const ListErrors &errors)
{
    out.key("errors").begin_array();
    for (const ListError &error : errors) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        if (error.ordinal > 0)
            out.key("ordinal").integer(error.ordinal);
        out.key("code").string(unpack_sql_state(error.sqlstate));
        out.key("path").string(
            error.ordinal > 0 ? psprintf("/" INT64_FORMAT "%s", error.ordinal - 1, error.pointer) : "");
        out.key("message").string(error.message);
        out.end_object();
    }
    out.end_array();
}

/* One row for the whole list: the first and the last user that changed, and how many did. */
class Range {
  public:
    void add(const text *user_uuid)
    {
        event_.user_uuid = event_.user_uuid == nullptr ? user_uuid : event_.user_uuid;
        event_.last_user_uuid = user_uuid;
        event_.row_count = event_.row_count.value_or(0) + 1;
    }
    void record(const Caller &caller)
    {
        event_.outcome = "merged";
        if (event_.row_count.has_value())
            identity::record(caller, event_);
    }

  private:
    identity::Event event_;
};

static_assert(std::is_trivially_destructible_v<Range>);

struct Counts {
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
};

Counts write_all(const Caller &caller, const Entries &entries, const Fields &fields, bool dry_run)
{
    Counts counts;
    Range range;
    for (const Entry &entry : entries) {
        CHECK_FOR_INTERRUPTS();
        if (entry.at_fault)
            continue;
        const bool changed = write_patch(caller, entry, fields, dry_run);
        ++(changed ? counts.updated : counts.unchanged);
        if (changed && !dry_run)
            range.add(entry.user_uuid);
    }
    range.record(caller);
    return counts;
}

Datum patch_many(const Caller &caller, std::string_view body, const Options &options)
{
    return pg::with_spi([&](MemoryContext outer) {
        Jsonb *list = json::read_json(body);
        ListErrors errors;
        Entries entries = entries_from(list, errors);
        std::sort(entries.begin(), entries.end(), comes_before);
        find_repeated(entries, errors);
        const Fields fields = configured_fields(true);
        for (Entry &entry : entries) {
            CHECK_FOR_INTERRUPTS();
            if (!entry.at_fault)
                check_patch(entry, fields, errors);
        }
        std::sort(errors.begin(), errors.end(), comes_before_in_list);
        const bool refused = !errors.empty() && (!options.report || errors[0].ordinal == 0);
        const Counts counts = refused ? Counts() : write_all(caller, entries, fields, options.dry_run);

        MemoryContextSwitchTo(outer);
        json::Writer answer;
        answer.begin_object();
        write_errors(answer, errors);
        answer.key("response");
        if (refused) {
            answer.null();
        } else {
            answer.begin_object();
            answer.key("updated").integer(counts.updated);
            answer.key("unchanged").integer(counts.unchanged);
            answer.end_object();
        }
        answer.end_object();
        return answer.json();
    });
}

} // namespace

} // namespace opigno::account

using namespace opigno;

OPIGNO_FUNCTION(opigno_patch_accounts)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) {
                                  const account::Options options = account::options_of(fcinfo);
                                  return account::patch_many(caller, pg::view(PG_GETARG_TEXT_PP(0)), options);
                              });
}
