/* set_user_contexts: from a JSON list to entries, their faults, and the answer. */
#include "context/answer.hpp"
#include "context/bulk_store.hpp"
#include "identity/audit.hpp"
#include "identity/request.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "json/json_text.hpp"
#include "json/reader.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

struct Options {
    bool report;
    bool dry_run;
};

/* The arguments behind the body. */
Options options_of(FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    pg::require(fcinfo, 0, "body", faults);
    const Options options{pg::reports_errors(fcinfo, 1, faults), pg::flag_argument(fcinfo, 2)};
    faults.raise();
    return options;
}

Entries entries_from(Jsonb *list, pg::Faults &faults)
{
    Entries entries;
    const JsonbValue root = json::root_of(list);
    if (!json::is_array(root)) {
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "user contexts must be a JSON array, not %s",
                   json::type_of(root));
        return entries;
    }
    identity::ScopeRegistry registry(identity::ScopeRegistry::View::Transaction);
    std::int64_t ordinal = 0;
    json::each_element(root, [&](const JsonbValue &element) {
        CHECK_FOR_INTERRUPTS();
        faults.set_entry(++ordinal);
        const std::size_t before = faults.size();
        const Change change = change_from_json(element, registry, faults);
        entries.push_back({ordinal, change, faults.size() > before, false});
    });
    return entries;
}

std::string_view key_of(const Entry &entry)
{
    return pg::view(entry.change.uuid);
}

/* By uuid and then by place in the list; those without a usable uuid come last. */
bool comes_before(const Entry &left, const Entry &right)
{
    if (left.change.uuid == nullptr || right.change.uuid == nullptr)
        return left.change.uuid != nullptr || (right.change.uuid == nullptr && left.ordinal < right.ordinal);
    const int order = key_of(left).compare(key_of(right));
    return order != 0 ? order < 0 : left.ordinal < right.ordinal;
}

void add_repeated_users(Entries &entries, pg::Faults &faults)
{
    const Entry *first = nullptr;
    for (Entry &entry : entries) {
        if (entry.change.uuid == nullptr)
            return;
        if (first == nullptr || key_of(*first) != key_of(entry)) {
            first = &entry;
            continue;
        }
        faults.set_entry(entry.ordinal);
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, json_names.uuid,
                   "\"uuid\" names the same user as entry " INT64_FORMAT, first->ordinal);
        entry.at_fault = true;
        entry.is_repeated = true;
    }
}

void write_counts(json::Writer &answer, const Counts &counts)
{
    answer.begin_object();
    answer.key("created").integer(static_cast<std::int64_t>(counts.created));
    answer.key("updated").integer(static_cast<std::int64_t>(counts.updated));
    answer.key("unchanged").integer(static_cast<std::int64_t>(counts.unchanged));
    answer.end_object();
}

/* One row for the whole list: the first and the last user to be written, and how many were. */
void record_range(const identity::Caller &caller, const Comparison &found, const Counts &counts)
{
    if (counts.created + counts.updated == 0)
        return;
    identity::Event event;
    event.outcome = counts.updated == 0 ? "created" : counts.created == 0 ? "updated" : "created or updated";
    for (const Entries *entries : {&found.to_create, &found.to_update}) {
        if (entries->empty())
            continue;
        const text *first = (*entries)[0].change.uuid;
        const text *last = (*entries)[entries->size() - 1].change.uuid;
        if (event.user_uuid == nullptr || pg::view(first) < pg::view(event.user_uuid))
            event.user_uuid = first;
        if (event.last_user_uuid == nullptr || pg::view(last) > pg::view(event.last_user_uuid))
            event.last_user_uuid = last;
    }
    event.row_count = static_cast<std::int64_t>(counts.created + counts.updated);
    identity::record(caller, event);
    identity::refresh_request(nullptr);
}

Datum set_many(const identity::Caller &caller, std::string_view body, const Options &options)
{
    return pg::with_spi([&](MemoryContext outer) {
        pg::Faults faults;
        Jsonb *list = json::read_json(body);
        Entries entries = entries_from(list, faults);
        std::sort(entries.begin(), entries.end(), comes_before);
        add_repeated_users(entries, faults);
        Entries users = entries_that(
            entries, [](const Entry &entry) { return entry.change.uuid != nullptr && !entry.is_repeated; });
        const Comparison found = compare(users, faults);
        faults.sort();
        const bool refused = !faults.empty() && (!options.report || faults.all()[0].ordinal == 0);
        Counts counts = found.counts();
        if (!refused && !options.dry_run) {
            Entries good = entries_that(users, [](const Entry &entry) { return !entry.at_fault; });
            counts = write(good, found, options.report, faults);
            record_range(caller, found, counts);
            faults.sort();
        }

        MemoryContextSwitchTo(outer);
        json::Writer answer;
        answer.begin_object();
        write_errors(answer, faults);
        answer.key("response");
        if (refused)
            answer.null();
        else
            write_counts(answer, counts);
        answer.end_object();
        return answer.json();
    });
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_contexts)
{
    return identity::as_owner(fcinfo, identity::Takes::Operator, [&](const identity::Caller &caller) {
        const context::Options options = context::options_of(fcinfo);
        return context::set_many(caller, pg::view(PG_GETARG_TEXT_PP(0)), options);
    });
}
