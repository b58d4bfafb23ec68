#include "gateway/graphql/check_arguments.hpp"

#include <algorithm>

namespace opigno::graphql {

void check_known_arguments(ValidationContext &context, const Chain<Value> &arguments,
                           std::span<const InputValue> declared,
                           std::initializer_list<std::string_view> owner)
{
    for (const Value &argument : arguments) {
        const std::string_view name = argument.name.text;
        if (std::none_of(declared.begin(), declared.end(),
                         [name](const InputValue &known) { return known.name == name; }))
            context.report({"Unknown argument \"", name, "\" on ", context.arena().join(owner), "."},
                           {argument.name.at});
    }
}

void check_required_arguments(ValidationContext &context, const Chain<Value> &arguments,
                              std::span<const InputValue> declared,
                              std::initializer_list<std::string_view> owner, Offset at)
{
    for (const InputValue &wanted : declared) {
        if (!wanted.is_required() ||
            std::any_of(arguments.begin(), arguments.end(),
                        [&wanted](const Value &given) { return given.name.text == wanted.name; }))
            continue;
        context.report({context.arena().join(owner), " argument \"", wanted.name, "\" of type \"",
                        spelled(wanted.type, context.arena()), "\" is required, but it was not provided."},
                       {at});
    }
}

} // namespace opigno::graphql
