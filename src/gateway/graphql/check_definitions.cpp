/* Rules: Operation Name Uniqueness, Lone Anonymous Operation, Fragment Name Uniqueness. */
#include "gateway/graphql/check_names.hpp"

namespace opigno::graphql {

void check_definitions(ValidationContext &context)
{
    Names<const Name> operations(context.arena());
    Names<const Name> fragments(context.arena());
    std::size_t count = 0;
    for (const Definition &definition : context.document().definitions) {
        count += definition.is_operation() ? 1 : 0;
        if (!definition.is_operation())
            check_new_name(context, fragments, definition.name, "fragment");
        else if (!definition.name.empty())
            check_new_name(context, operations, definition.name, "operation");
    }
    for (const Definition &definition : context.document().definitions)
        if (count > 1 && definition.is_operation() && definition.name.empty())
            context.report({"This anonymous operation must be the only defined operation."}, {definition.at});
}

} // namespace opigno::graphql
