/* The rules that names are unique. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/validation_context.hpp"

namespace opigno::graphql {

/* Reports a name that is among the known ones, with the first place of it. what: "operation". */
inline void check_new_name(ValidationContext &context, Names<const Name> &known, const Name &name,
                           std::string_view what)
{
    const Name *&first = known[name.text];
    if (first == nullptr)
        first = &name;
    else
        context.report({"There can be only one ", what, " named \"", name.text, "\"."}, {first->at, name.at});
}

struct NameUse {
    const Name *name = nullptr;
    std::size_t count = 0;
    NameUse *next = nullptr;
};

static_assert(std::is_trivially_destructible_v<NameUse>);

/* Reports each name that several of the items have, once and with all its places. what: "argument
 * named \"". */
template <typename T>
void check_unique_names(ValidationContext &context, const Chain<T> &items, std::string_view what)
{
    if (items.size() < 2)
        return;
    Names<NameUse> uses(context.arena());
    Chain<NameUse> order;
    for (const T &item : items) {
        NameUse *&use = uses[item.name.text];
        if (use == nullptr) {
            use = context.arena().make<NameUse>();
            use->name = &item.name;
            order.add(use);
        }
        ++use->count;
    }
    for (const NameUse &use : order) {
        if (use.count == 1 || context.is_aborted())
            continue;
        auto *places = context.arena().array<Offset>(use.count);
        Offset *to = places;
        for (const T &item : items)
            if (item.name.text == use.name->text)
                *to++ = item.name.at;
        context.report({"There can be only one ", what, use.name->text, "\"."},
                       std::span<const Offset>(places, use.count));
    }
}

} // namespace opigno::graphql
