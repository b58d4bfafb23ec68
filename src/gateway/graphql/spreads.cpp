#include "gateway/graphql/spreads.hpp"

#include "json/value/small_vector.hpp"

namespace opigno::graphql {

std::span<const Selection *const> spreads_in(const SelectionSet &root, Arena &arena)
{
    std::size_t count = 0;
    for (Selection *at = root.selections.first(); at != nullptr; at = next_selection(*at, root))
        count += at->kind == SelectionKind::FragmentSpread ? 1 : 0;
    if (count == 0)
        return {};
    auto *spreads = arena.array<const Selection *>(count);
    const Selection **to = spreads;
    json::SmallVector<const SelectionSet *, 16> left;
    left.add() = &root;
    while (!left.empty()) {
        const SelectionSet *set = left.back();
        left.pop_back();
        for (const Selection &selection : set->selections)
            if (selection.kind == SelectionKind::FragmentSpread)
                *to++ = &selection;
            else if (selection.set != nullptr)
                left.add() = selection.set;
    }
    return {spreads, count};
}

void Reached::add_spreads(const SelectionSet &set)
{
    for (Selection *at = set.selections.first(); at != nullptr; at = next_selection(*at, set)) {
        if (at->fragment == nullptr)
            continue;
        const Definition *&known = known_[at->fragment->name.text];
        if (known != nullptr)
            continue;
        known = at->fragment;
        auto *fragment = context_->arena().make<Fragment>();
        fragment->definition = known;
        fragments_.add(fragment);
    }
}

void Reached::add(const SelectionSet &set)
{
    Fragment *last = fragments_.last();
    add_spreads(set);
    for (Fragment *at = last == nullptr ? fragments_.first() : last->next; at != nullptr; at = at->next) {
        context_->spend(at->definition->set->selections.size());
        if (context_->is_aborted())
            return;
        add_spreads(*at->definition->set);
    }
}

} // namespace opigno::graphql
