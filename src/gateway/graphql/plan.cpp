#include "gateway/graphql/plan.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

constexpr const char *condition_is_null = "The argument \"if\" of a directive must not be null.";

const Directive *find_directive(const Selection &selection, std::string_view name)
{
    const auto found = std::find_if(selection.directives.begin(), selection.directives.end(),
                                    [name](const Directive &given) { return given.name.text == name; });
    return found == selection.directives.end() ? nullptr : &*found;
}

class Planner {
  public:
    explicit Planner(const Variables &variables) : variables_(variables) {}

    Plan make(const Definition &operation);

  private:
    static PlanField *make_field()
    {
        auto *field = static_cast<PlanField *>(palloc(sizeof(PlanField)));
        *field = {};
        return field;
    }
    void collect(PlanField &owner, const Type &type, const SelectionSet &set);
    void enter(PlanField &owner, const Type &type, const Selection &selection);
    void add(PlanField &owner, const Type &type, const Selection &selection);
    bool is_left_out(PlanField &owner, const Selection &selection) const;
    bool is_first_visit(const Definition *fragment);

    const Variables &variables_;
    std::size_t left_ = max_made;
    Plan plan_;
    pg::Vector<const Selection *> stack_;
    pg::Vector<const Definition *> visited_;
};

bool Planner::is_left_out(PlanField &owner, const Selection &selection) const
{
    for (const bool skips : {true, false}) {
        const Directive *directive = find_directive(selection, skips ? "skip" : "include");
        if (directive == nullptr)
            continue;
        const Value &condition = *directive->arguments.first();
        const bool is_variable = condition.kind == ValueKind::Variable;
        const Input &input = is_variable ? variables_.value_of(condition.text) : Input{};
        if (is_variable && !input.is_given())
            owner.fault = condition_is_null;
        if ((is_variable ? input.is_true() : condition.text == "true") == skips)
            return true;
    }
    return false;
}

bool Planner::is_first_visit(const Definition *fragment)
{
    if (std::find(visited_.begin(), visited_.end(), fragment) != visited_.end())
        return false;
    visited_.push_back(fragment);
    return true;
}

void Planner::add(PlanField &owner, const Type &type, const Selection &selection)
{
    const std::string_view name = selection.response_name();
    const auto found = std::find_if(owner.children.begin(), owner.children.end(),
                                    [name](const PlanField &field) { return field.name == name; });
    if (found != owner.children.end()) {
        found->selections.push_back(&selection);
        return;
    }
    PlanField *field = make_field();
    field->name = name;
    field->field = selection.field;
    field->owner = &type;
    field->parent = &owner;
    field->top = owner.top == nullptr ? field : owner.top;
    field->selections.push_back(&selection);
    field->arguments =
        read_arguments(field->field->arguments, selection.arguments, variables_, left_, field->fault);
    owner.children.add(field);
    plan_.fields.push_back(field);
}

/* Takes one selection, and puts what it spreads on the stack. */
void Planner::enter(PlanField &owner, const Type &type, const Selection &selection)
{
    if (is_left_out(owner, selection))
        return;
    if (selection.kind == SelectionKind::Field)
        return add(owner, type, selection);
    if (selection.kind == SelectionKind::InlineFragment)
        stack_.push_back(selection.set->selections.first());
    else if (is_first_visit(selection.fragment))
        stack_.push_back(selection.fragment->set->selections.first());
}

void Planner::collect(PlanField &owner, const Type &type, const SelectionSet &set)
{
    stack_.push_back(set.selections.first());
    while (!stack_.empty()) {
        CHECK_FOR_INTERRUPTS();
        const Selection *selection = stack_[stack_.size() - 1];
        stack_.pop_back();
        if (selection->next != nullptr)
            stack_.push_back(selection->next);
        enter(owner, type, *selection);
    }
}

Plan Planner::make(const Definition &operation)
{
    const Schema &schema = variables_.schema();
    const bool is_mutation = operation.kind == DefinitionKind::Mutation;
    plan_.root = make_field();
    collect(*plan_.root, is_mutation ? *schema.mutation() : schema.query(), *operation.set);
    for (std::size_t at = 0; at < plan_.fields.size(); ++at) {
        PlanField &field = *plan_.fields[at];
        const Type &type = *field.field->type.type;
        if (type.kind != TypeKind::Object)
            continue;
        visited_.clear();
        for (const Selection *selection : field.selections)
            collect(field, type, *selection->set);
    }
    return plan_;
}

} // namespace

const Input &PlanField::argument(std::string_view wanted) const
{
    const auto found = std::find_if(field->arguments.begin(), field->arguments.end(),
                                    [wanted](const InputValue &declared) { return declared.name == wanted; });
    return arguments[static_cast<std::size_t>(found - field->arguments.begin())];
}

Plan make_plan(const Definition &operation, const Variables &variables)
{
    return Planner(variables).make(operation);
}

} // namespace opigno::graphql
