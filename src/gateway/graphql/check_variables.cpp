/*
 * Rules: Variable Uniqueness, Variables Are Input Types, All Variable Uses Defined, All Variables
 * Used, All Variable Usages Are Allowed.
 */
#include "gateway/graphql/check_names.hpp"
#include "gateway/graphql/spreads.hpp"
#include "gateway/graphql/walk.hpp"

namespace opigno::graphql {

namespace {

struct Usage {
    const Value *value = nullptr;
    bool has_default = false; /* the place has a default value */
    Usage *next = nullptr;
};

static_assert(std::is_trivially_destructible_v<Usage>);

bool has_default(const Value &value, const InputValue *declared)
{
    if (value.parent != nullptr) {
        const Type *container = value.parent->type.type;
        declared = value.parent->kind == ValueKind::Object && container != nullptr
                       ? container->find_input_field(value.name.text)
                       : nullptr;
    }
    return declared != nullptr && !declared->default_value.empty();
}

/* Whether values of one type can stand in a place of the other. */
bool is_subtype(TypeReference type, TypeReference place)
{
    while (type != place) {
        const Layer outer = place.layers.outer();
        if (type.layers.is_non_null() && outer != Layer::NonNull) {
            type.layers = type.layers.inner();
            continue;
        }
        if (outer == Layer::None || outer != type.layers.outer())
            return false;
        type.layers = type.layers.inner();
        place.layers = place.layers.inner();
    }
    return true;
}

bool is_allowed(const Variable &variable, const Usage &usage)
{
    TypeReference place = usage.value->type;
    if (place.layers.is_non_null() && !variable.type.layers.is_non_null()) {
        const bool has_value =
            variable.default_value != nullptr && variable.default_value->kind != ValueKind::Null;
        if (!has_value && !usage.has_default)
            return false;
        place.layers = place.layers.inner();
    }
    return is_subtype(variable.type, place);
}

class VariableRules {
  public:
    explicit VariableRules(ValidationContext &context)
        : context_(&context),
          usages_(context.arena().array<Chain<Usage>>(context.document().definitions.size()))
    {
        collect();
    }

    void check(const Definition &operation);

  private:
    void collect();
    void check_usages(const Definition &operation, const Definition &definition);
    void check_usage(const Definition &operation, const Usage &usage);

    ValidationContext *context_;
    Chain<Usage> *usages_;                             /* by the number of the definition */
    const Names<const Variable> *variables_ = nullptr; /* of the operation */
    Names<const Value> *used_ = nullptr;               /* by the operation */
};

static_assert(std::is_trivially_destructible_v<VariableRules>);

void VariableRules::collect()
{
    each_argument(context_->document(),
                  [this](const Definition &definition, Value &root, const InputValue *declared) {
                      for (Value *at = &root; at != nullptr; at = next_value(*at, root)) {
                          if (at->kind != ValueKind::Variable)
                              continue;
                          auto *usage = context_->arena().make<Usage>();
                          *usage = {at, has_default(*at, declared), nullptr};
                          usages_[definition.number].add(usage);
                      }
                  });
}

void VariableRules::check_usage(const Definition &operation, const Usage &usage)
{
    const std::string_view name = usage.value->text;
    const Variable *variable = variables_->find(name);
    (*used_)[name] = usage.value;
    Arena &arena = context_->arena();
    if (variable == nullptr) {
        context_->report({"Variable \"$", name, "\" is not defined",
                          operation.name.empty()
                              ? std::string_view()
                              : arena.join({" by operation \"", operation.name.text, "\""}),
                          "."},
                         {usage.value->at, operation.at});
        return;
    }
    const TypeReference place = usage.value->type;
    if (variable->type.is_known() && place.is_known() && !is_allowed(*variable, usage))
        context_->report({"Variable \"$", name, "\" of type \"", spelled(variable->type, arena),
                          "\" used in position expecting type \"", spelled(place, arena), "\"."},
                         {variable->at, usage.value->at});
}

void VariableRules::check_usages(const Definition &operation, const Definition &definition)
{
    const Chain<Usage> &usages = usages_[definition.number];
    context_->spend(1 + usages.size());
    for (const Usage &usage : usages)
        if (!context_->is_aborted())
            check_usage(operation, usage);
}

void VariableRules::check(const Definition &operation)
{
    Names<const Variable> variables(context_->arena());
    for (const Variable &variable : operation.variables)
        variables[variable.name.text] = &variable;
    Names<const Value> used(context_->arena());
    variables_ = &variables;
    used_ = &used;
    Reached reached(*context_);
    reached.add(*operation.set);
    check_usages(operation, operation);
    for (const Reached::Fragment &fragment : reached.fragments())
        check_usages(operation, *fragment.definition);
    for (const Variable &variable : operation.variables)
        if (used.find(variable.name.text) == nullptr)
            context_->report({"Variable \"$", variable.name.text, "\" is never used",
                              operation.name.empty()
                                  ? std::string_view()
                                  : context_->arena().join({" in operation \"", operation.name.text, "\""}),
                              "."},
                             {variable.at});
    variables_ = nullptr;
    used_ = nullptr;
}

void check_definition(ValidationContext &context, const Variable &variable)
{
    const TypeName &written = variable.type_name;
    if (!variable.type.is_known())
        context.report({"Unknown type \"", written.name.text, "\"."}, {written.name.at});
    else if (!variable.type.type->is_input())
        context.report({"Variable \"$", variable.name.text, "\" cannot be non-input type \"",
                        spelled(variable.type, context.arena()), "\"."},
                       {written.at});
}

} // namespace

void check_variables(ValidationContext &context)
{
    VariableRules rules(context);
    for (const Definition &definition : context.document().definitions) {
        if (!definition.is_operation() || context.is_aborted())
            continue;
        for (const Variable &variable : definition.variables)
            check_definition(context, variable);
        check_unique_names(context, definition.variables, "variable named \"$");
        rules.check(definition);
    }
}

} // namespace opigno::graphql
