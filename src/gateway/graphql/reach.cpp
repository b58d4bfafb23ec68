#include "gateway/graphql/reach.hpp"

#include "gateway/graphql/parser.hpp"
#include "text/encoding.hpp"
#include "json/value/integer.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

/* Fields of the query and of the mutation. Those that are not listed are about one user, and so are
 * unknown ones, which no server executes. */
constexpr std::string_view registry_reads[] = {"__typename", "__schema",         "__type",
                                               "apps",       "getTraining",      "findTrainings",
                                               "trainings",  "trainingProfiles", "retirementStates"};
constexpr std::string_view registry_writes[] = {"setTraining", "upsertTrainingProfile",
                                                "patchTrainingProfile", "deleteTrainingProfile"};
struct List {
    std::string_view field;
    std::string_view function;
};
constexpr List lists[] = {{"userContexts", "list_user_contexts"},
                          {"retirements", "list_retirements"},
                          {"setUserContexts", "set_user_contexts"}};
/* The shard of the first user of mergeUserContexts refuses if the other one is on another shard. */
constexpr std::string_view user_arguments[] = {"uuid", "userUuid", "userContextId", "fromUuid"};

bool has_name(std::span<const std::string_view> names, std::string_view wanted)
{
    return std::find(names.begin(), names.end(), wanted) != names.end();
}

class Reader {
  public:
    Reader(const Document &document, const Definition &operation, const JsonbValue *variables)
        : document_(document), operation_(operation), variables_(variables)
    {
    }

    Reach read();

  private:
    void read_set(const SelectionSet &set);
    void read_field(const Selection &field);
    void enter_fragment(std::string_view name);
    [[nodiscard]] std::optional<std::string_view> text_of(const Value &value) const;
    [[nodiscard]] std::optional<std::string_view> value_of_variable(std::string_view name) const;

    const Document &document_;
    const Definition &operation_;
    const JsonbValue *variables_;
    Reach reach_;
    pg::Vector<const SelectionSet *> sets_; /* to read */
    pg::Vector<const Definition *> entered_;
};

Reach Reader::read()
{
    sets_.push_back(operation_.set);
    while (!sets_.empty()) {
        CHECK_FOR_INTERRUPTS();
        const SelectionSet &set = *sets_[sets_.size() - 1];
        sets_.pop_back();
        read_set(set);
    }
    return reach_;
}

void Reader::read_set(const SelectionSet &set)
{
    for (const Selection &selection : set.selections)
        if (selection.kind == SelectionKind::Field)
            read_field(selection);
        else if (selection.kind == SelectionKind::InlineFragment)
            sets_.push_back(selection.set);
        else
            enter_fragment(selection.name.text);
}

void Reader::enter_fragment(std::string_view name)
{
    for (const Definition &definition : document_.definitions) {
        if (definition.is_operation() || definition.name.text != name)
            continue;
        if (std::find(entered_.begin(), entered_.end(), &definition) == entered_.end()) {
            entered_.push_back(&definition);
            sets_.push_back(definition.set);
        }
        return;
    }
}

void Reader::read_field(const Selection &field)
{
    const std::string_view name = field.name.text;
    const auto *const list = std::find_if(std::begin(lists), std::end(lists),
                                          [&](const List &given) { return given.field == name; });
    if (list != std::end(lists)) {
        reach_.list = list->function;
    } else if (has_name(registry_writes, name)) {
        reach_.has_hub_field = true;
    } else if (!has_name(registry_reads, name)) {
        const std::size_t named = reach_.users.size();
        for (const Value &argument : field.arguments)
            if (is_user_argument(argument.name.text))
                if (const std::optional<std::string_view> user = text_of(argument); user.has_value())
                    reach_.users.push_back(*user);
        reach_.has_user_field = true;
        reach_.has_own_field = reach_.has_own_field || reach_.users.size() == named;
    }
}

/* Returns nothing for null, and for what no user has. An ID can be an integer. */
std::optional<std::string_view> Reader::text_of(const Value &value) const
{
    if (value.kind == ValueKind::Variable)
        return value_of_variable(value.text);
    const bool is_text = value.kind == ValueKind::String || value.kind == ValueKind::Int;
    return is_text ? texts::from_utf8(value.text) : std::nullopt;
}

std::optional<std::string_view> Reader::value_of_variable(std::string_view name) const
{
    std::optional<JsonbValue> given;
    if (variables_ != nullptr)
        json::each_member(*variables_, [&](std::string_view member, const JsonbValue &value) {
            if (member == name)
                given = value;
        });
    if (!given.has_value()) {
        for (const Variable &variable : operation_.variables)
            if (variable.name.text == name && variable.default_value != nullptr)
                return text_of(*variable.default_value);
        return std::nullopt;
    }
    if (given->type == jbvString)
        return json::string_of(*given);
    const std::optional<std::int64_t> number = json::integer_of(*given);
    return number.has_value()
               ? std::optional<std::string_view>(psprintf("%lld", static_cast<long long>(*number)))
               : std::nullopt;
}

} // namespace

bool is_user_argument(std::string_view name)
{
    return has_name(user_arguments, name);
}

Reach reach_of(const Request &request)
{
    const std::optional<std::string_view> text = texts::as_utf8(request.query);
    const std::optional<std::string_view> name = texts::as_utf8(request.operation_name);
    if (!text.has_value() || !name.has_value())
        return {};
    Arena arena;
    Error error;
    const Document *document = parse(*text, current_limits(), arena, error);
    const Definition *operation =
        document == nullptr ? nullptr : find_operation(*document, *name, arena, error);
    return operation == nullptr ? Reach{} : Reader(*document, *operation, request.variables).read();
}

} // namespace opigno::graphql
