#include "gateway/graphql/collected_fields.hpp"

#include "json/value/small_vector.hpp"

#include <algorithm>

namespace opigno::graphql {

namespace {

struct ValuePair {
    const Value *left;
    const Value *right;
};

using ValuePairs = json::SmallVector<ValuePair, 8>;

std::span<const Value *> sorted_members(const Value &object, Arena &arena)
{
    auto *members = arena.array<const Value *>(object.items.size());
    const Value **to = members;
    for (const Value &member : object.items) {
        /* Members of the same name stay in their order. */
        const Value **at =
            std::upper_bound(members, to, member.name.text, [](std::string_view name, const Value *other) {
                return name < other->name.text;
            });
        std::move_backward(at, to, to + 1);
        *at = &member;
        ++to;
    }
    return {members, object.items.size()};
}

/* Adds the values in two objects; returns whether the objects have the same names. */
bool add_members(ValuePair objects, ValuePairs &left, Arena &arena)
{
    const auto members = sorted_members(*objects.left, arena);
    const auto others = sorted_members(*objects.right, arena);
    for (std::size_t at = 0; at < members.size(); ++at) {
        if (members[at]->name.text != others[at]->name.text)
            return false;
        left.add() = {members[at], others[at]};
    }
    return true;
}

bool are_same_values(const Value &one, const Value &other, ValidationContext &context)
{
    ValuePairs left;
    left.add() = {&one, &other};
    while (!left.empty()) {
        const ValuePair pair = left.back();
        left.pop_back();
        if (pair.left->kind != pair.right->kind || pair.left->text != pair.right->text ||
            pair.left->is_block != pair.right->is_block ||
            pair.left->items.size() != pair.right->items.size())
            return false;
        context.spend(1 + pair.left->items.size());
        if (context.is_aborted())
            return false;
        if (pair.left->kind == ValueKind::Object) {
            if (!add_members(pair, left, context.arena()))
                return false;
            continue;
        }
        auto item = pair.right->items.begin();
        for (const Value &value : pair.left->items)
            left.add() = {&value, &*item++};
    }
    return true;
}

} // namespace

bool have_same_arguments(const Selection &left, const Selection &right, ValidationContext &context)
{
    if (left.arguments.size() != right.arguments.size())
        return false;
    for (const Value &argument : left.arguments) {
        const Value *last = nullptr;
        for (const Value &other : right.arguments)
            if (other.name.text == argument.name.text)
                last = &other;
        context.spend(1);
        if (last == nullptr || !are_same_values(argument, *last, context))
            return false;
    }
    return true;
}

void FieldCollector::add_field(CollectedFields &collected, const Type *parent, const Selection &selection)
{
    Arena &arena = context_->arena();
    ResponseField *&field = collected.by_name[selection.response_name()];
    if (field == nullptr) {
        field = arena.make<ResponseField>();
        field->name = selection.response_name();
        collected.fields.add(field);
    }
    auto *use = arena.make<FieldUse>();
    use->selection = &selection;
    use->parent = parent;
    use->field = parent == nullptr ? nullptr : parent->find_field(selection.name.text);
    field->uses.add(use);
}

void FieldCollector::add_fragment(CollectedFields &collected, const Definition &fragment)
{
    for (const FragmentUse &known : collected.fragments)
        if (known.fragment == &fragment)
            return;
    context_->spend(collected.fragments.size());
    auto *use = context_->arena().make<FragmentUse>();
    use->fragment = &fragment;
    collected.fragments.add(use);
}

void FieldCollector::fill(CollectedFields &collected, const SelectionSet &set)
{
    struct Level {
        const Selection *next;
        const Type *parent;
    };
    json::SmallVector<Level, 8> levels;
    levels.add() = {set.selections.first(), collected.parent};
    while (!levels.empty()) {
        const Selection *selection = levels.back().next;
        const Type *parent = levels.back().parent;
        if (selection == nullptr) {
            levels.pop_back();
            continue;
        }
        levels.back().next = selection->next;
        if (selection->kind == SelectionKind::Field) {
            add_field(collected, parent, *selection);
        } else if (selection->kind == SelectionKind::InlineFragment) {
            const Type *type = selection->condition.empty()
                                   ? parent
                                   : context_->schema().find_type(selection->condition.text);
            levels.add() = {selection->set->selections.first(), type};
        } else if (selection->fragment != nullptr) {
            add_fragment(collected, *selection->fragment);
        }
    }
}

const CollectedFields &FieldCollector::collect(const Type *parent, const SelectionSet &set)
{
    Chain<CollectedFields> &known = collected_[set.number];
    for (const CollectedFields &collected : known)
        if (collected.parent == parent)
            return collected;
    auto *collected = context_->arena().make<CollectedFields>();
    collected->parent = parent;
    collected->number = count_++;
    collected->by_name = Names<ResponseField>(context_->arena());
    fill(*collected, set);
    known.add(collected);
    return *collected;
}

} // namespace opigno::graphql
