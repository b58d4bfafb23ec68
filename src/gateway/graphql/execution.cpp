#include "gateway/graphql/execution.hpp"

#include "gateway/graphql/reach.hpp"
#include "gateway/graphql/resolver.hpp"
#include "gateway/problem.hpp"
#include "gateway/request_users.hpp"
#include "identity/request.hpp"
#include "pg/subtransaction.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

constexpr std::size_t max_errors = 100;

/* nullptr: a column of the object's row. */
const Resolver *resolver_of(const PlanField &field)
{
    const int number = field.field->resolver;
    if (number < 0)
        return nullptr;
    return number == 0 ? &introspection_resolver(*field.owner, *field.field)
                       : &resolvers_of(number / 64)[static_cast<std::size_t>(number % 64)];
}

/* The SQL functions of mutations check it themselves. */
void check_users_are_here(const PlanField &field)
{
    for (const InputValue &declared : field.field->arguments)
        if (is_user_argument(declared.name) && field.argument(declared.name).is_given())
            gateway::check_user_is_here(field.argument(declared.name).text);
}

} // namespace

void log_error(const ErrorData &error, int status, std::string_view field)
{
    const identity::Request *request = identity::current_request();
    const char *detail =
        psprintf("The field of GraphQL is %.*s.", static_cast<int>(field.size()), field.data());
    gateway::log_error(error, status, detail, request == nullptr ? std::nullopt : request->client_id);
}

const SPITupleTable *Resolution::read(pg::Statement &statement, const Datum *values, const char *nulls)
{
    if (execution_.is_mutation())
        statement.write(values, nulls);
    else
        statement.read(values, nulls);
    execution_.count_read(MemoryContextMemAllocated(SPI_tuptable->tuptabcxt, true));
    return SPI_tuptable;
}

bool Resolution::selects(std::string_view name) const
{
    return std::any_of(field_.children.begin(), field_.children.end(),
                       [name](const PlanField &child) { return child.field->name == name; });
}

void Resolution::object(std::size_t parent, Object object)
{
    Cell &cell = field_.cells[parent];
    if (cell.count == 0)
        cell.first = static_cast<std::uint32_t>(field_.objects.size());
    execution_.count_values(1 + field_.children.size());
    cell.is_null = false;
    object.cell = static_cast<std::uint32_t>(parent);
    object.place = cell.count++;
    field_.objects.push_back(object);
}

void Resolution::json(std::size_t parent, std::string_view text)
{
    field_.cells[parent].is_null = false;
    field_.cells[parent].json = text;
}

void Resolution::fail(std::size_t parent, int sqlstate, const char *message, const char *hint)
{
    field_.cells[parent] = {true, true};
    execution_.add_error({message, sqlstate, hint, &field_, static_cast<std::uint32_t>(parent)});
}

void Execution::add_error(const FieldError &error)
{
    has_errors_ = true;
    if (errors_.size() < max_errors)
        errors_.push_back(error);
}

void Execution::count_values(std::size_t more)
{
    CHECK_FOR_INTERRUPTS();
    values_ += more;
    if (values_ > most_.values)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the answer has too many values"),
                errhint("Ask for fewer objects, or use several requests."));
}

void Execution::count_read(std::size_t more)
{
    read_ += more;
    check_size(read_);
}

void Execution::check_size(std::size_t bytes) const
{
    if (bytes > most_.bytes)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the answer is too large"),
                errhint("Ask for fewer objects, or use several requests."));
}

void Execution::fail_all(PlanField &field, const char *message, int sqlstate, const char *hint)
{
    field.objects.clear();
    for (std::size_t at = 0; at < field.parents->size(); ++at) {
        field.cells[at] = {true, true};
        add_error({message, sqlstate, hint, &field, static_cast<std::uint32_t>(at)});
    }
}

/* Makes an error of a statement that of the field. Returns false for an error that ends the
 * request. */
bool Execution::fail_all(PlanField &field, const ErrorData &error)
{
    const int status = gateway::status_of(error);
    if (status == 0 || status == 503)
        return false;
    log_error(error, status, field.field->name);
    const bool is_hidden = gateway::is_internal(error, status);
    const char *message = gateway::lacks_privilege(error.message) ? "permission denied" : error.message;
    fail_all(field, is_hidden ? gateway::reason_of(status) : pstrdup(message), error.sqlerrcode,
             is_hidden || error.hint == nullptr ? nullptr : pstrdup(error.hint));
    return true;
}

/* A resolver that gives no value to a field that must have one is wrong. The answer says so, as the
 * specification wants it. */
void Execution::report_missing(PlanField &field)
{
    if (!field.field->type.layers.is_non_null())
        return;
    for (std::size_t at = 0; at < field.parents->size(); ++at)
        if (field.cells[at].is_null && !field.cells[at].has_error)
            add_error({"The field has no value, but must have one.", 0, nullptr, &field,
                       static_cast<std::uint32_t>(at)});
}

void Execution::resolve(PlanField &field)
{
    field.resolver = resolver_of(field);
    if (field.resolver == nullptr || field.resolver->write != nullptr)
        return;
    field.cells = static_cast<Cell *>(palloc(sizeof(Cell) * field.parents->size()));
    std::fill_n(field.cells, field.parents->size(), Cell{});
    if (field.fault != nullptr)
        return fail_all(field, field.fault, ERRCODE_INVALID_PARAMETER_VALUE);
    Resolution resolution(*this, field);
    pg::in_subtransaction(
        [&] {
            if (!is_mutation())
                check_users_are_here(field);
            field.resolver->resolve(resolution);
            return true;
        },
        [&](const ErrorData &error) { return fail_all(field, error); });
    report_missing(field);
}

void Execution::execute(PlanField &field)
{
    Objects &parents = field.parent == plan_.root ? root_ : field.parent->objects;
    if (parents.empty())
        return;
    field.parents = &parents;
    resolve(field);
}

void Execution::run()
{
    plan_ = make_plan(operation_, variables_);
    root_.push_back({});
    if (plan_.root->fault != nullptr) {
        add_error({plan_.root->fault, ERRCODE_INVALID_PARAMETER_VALUE, nullptr, nullptr, 0});
        root_[0].is_null = true;
    } else if (is_mutation()) {
        for (PlanField &top : plan_.root->children)
            for (PlanField *field : plan_.fields)
                if (field->top == &top)
                    execute(*field);
    } else {
        for (PlanField *field : plan_.fields)
            execute(*field);
    }
    if (has_errors_)
        propagate_nulls();
}

/* Makes an object null if a field that must not be null is null. The objects below come first. */
void Execution::propagate_nulls()
{
    for (std::size_t left = plan_.fields.size(); left > 0; --left) {
        PlanField &field = *plan_.fields[left - 1];
        if (field.parents == nullptr || field.cells == nullptr)
            continue;
        const Layers layers = field.field->type.layers;
        const bool is_list = layers.nullable().outer() == Layer::List;
        const bool takes_null = is_list && !layers.nullable().inner().is_non_null();
        for (std::size_t at = 0; at < field.parents->size(); ++at) {
            Cell &cell = field.cells[at];
            for (std::uint32_t place = 0; place < cell.count; ++place)
                cell.is_null = cell.is_null || (field.objects[cell.first + place].is_null && !takes_null);
            if (cell.is_null && layers.is_non_null())
                (*field.parents)[at].is_null = true;
        }
    }
}

} // namespace opigno::graphql
