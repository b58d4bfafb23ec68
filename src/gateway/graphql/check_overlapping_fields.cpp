/*
 * Rule: Field Selection Merging. Fields with the same name in the answer must be the same field with
 * the same arguments, and the fields in them, too. Compares as graphql-js does, and so finds the
 * same conflicts in the same order; but spreads are followed without recursion, and the number of
 * levels is bounded.
 */
#include "gateway/graphql/collected_fields.hpp"
#include "gateway/graphql/decimal.hpp"
#include "gateway/graphql/pair_memory.hpp"
#include "gateway/graphql/piece.hpp"

#include "json/value/small_vector.hpp"

namespace opigno::graphql {

namespace {

constexpr std::size_t max_nodes = 20;    /* of one side of a conflict */
constexpr std::size_t max_reason = 1000; /* bytes of a reason */

struct Conflict {
    std::string_view name;
    std::string_view reason;
    std::span<const Selection *> left;
    std::span<const Selection *> right;
    Conflict *next = nullptr;
};

static_assert(std::is_trivially_destructible_v<Conflict>);

using Conflicts = Chain<Conflict>;

std::string_view abbreviated(std::string_view text, Arena &arena)
{
    return text.size() > max_reason ? arena.join({piece(text, 0, max_reason), "..."}) : text;
}

class OverlapSearch {
  public:
    explicit OverlapSearch(ValidationContext &context)
        : context_(&context), arena_(&context.arena()), collector_(context), fragment_pairs_(context.arena()),
          field_pairs_(context.arena())
    {
    }

    /* The conflicts of fields in the set. */
    Conflicts within(const SelectionSet &set);

  private:
    /* is_exclusive: the sides never apply to the same object. */
    void between(Conflicts &conflicts, bool is_exclusive, const CollectedFields &left,
                 const CollectedFields &right);
    void between_fields_and_fragment(Conflicts &conflicts, bool is_exclusive, const CollectedFields &fields,
                                     const Definition &fragment);
    void between_fragments(Conflicts &conflicts, bool is_exclusive, const Definition &left,
                           const Definition &right);
    Conflicts between_sets(bool is_exclusive, const FieldUse &left, const FieldUse &right);
    void compare(Conflicts &conflicts, bool is_exclusive, std::string_view name, const FieldUse &left,
                 const FieldUse &right);
    std::string_view difference(bool is_exclusive, const FieldUse &left, const FieldUse &right);
    void add(Conflicts &conflicts, std::string_view name, std::string_view reason, const FieldUse &left,
             const FieldUse &right, const Conflicts &inner);
    std::span<const Selection *> nodes(const FieldUse &use, const Conflicts &inner,
                                       std::span<const Selection *> Conflict::*side);
    std::string_view reason_of(const Conflicts &inner);
    bool spend(std::size_t work)
    {
        context_->spend(work);
        return !context_->is_aborted();
    }

    ValidationContext *context_;
    Arena *arena_;
    FieldCollector collector_;
    PairMemory fragment_pairs_;
    PairMemory field_pairs_; /* of collected fields and fragments */
    std::uint32_t depth_ = 0;
};

static_assert(std::is_trivially_destructible_v<OverlapSearch>);

Conflicts OverlapSearch::within(const SelectionSet &set)
{
    Conflicts conflicts;
    const CollectedFields &collected = collector_.collect(set.type, set);
    for (const ResponseField &field : collected.fields)
        for (const FieldUse &left : field.uses)
            for (const FieldUse *right = left.next; right != nullptr; right = right->next) {
                compare(conflicts, false, field.name, left, *right);
                if (context_->is_aborted() || conflicts.size() > context_->limits().max_errors)
                    return conflicts;
            }
    for (const FragmentUse &use : collected.fragments) {
        between_fields_and_fragment(conflicts, false, collected, *use.fragment);
        for (const FragmentUse *other = use.next; other != nullptr; other = other->next)
            between_fragments(conflicts, false, *use.fragment, *other->fragment);
    }
    return conflicts;
}

void OverlapSearch::between(Conflicts &conflicts, bool is_exclusive, const CollectedFields &left,
                            const CollectedFields &right)
{
    for (const ResponseField &field : left.fields) {
        if (!spend(1))
            return;
        const ResponseField *other = right.by_name.find(field.name);
        if (other == nullptr)
            continue;
        for (const FieldUse &left_use : field.uses)
            for (const FieldUse &right_use : other->uses)
                if (!context_->is_aborted())
                    compare(conflicts, is_exclusive, field.name, left_use, right_use);
    }
}

/* Also compares with the fragments that the fragment spreads, and so on. */
void OverlapSearch::between_fields_and_fragment(Conflicts &conflicts, bool is_exclusive,
                                                const CollectedFields &fields, const Definition &fragment)
{
    if (fields.fields.empty())
        return;
    json::SmallVector<const Definition *, 8> left;
    left.add() = &fragment;
    while (!left.empty() && spend(1)) {
        const Definition *other = left.back();
        left.pop_back();
        if (!field_pairs_.is_new(fields.number, other->number, is_exclusive))
            continue;
        const CollectedFields &others = collector_.collect(*other);
        if (&others == &fields)
            continue;
        between(conflicts, is_exclusive, fields, others);
        const std::size_t start = left.size();
        for (const FragmentUse &use : others.fragments)
            left.add() = use.fragment;
        if (left.size() > start)
            std::reverse(&left[start], &left.back() + 1);
    }
}

/* Also compares each with the fragments that the other spreads, and so on. */
void OverlapSearch::between_fragments(Conflicts &conflicts, bool is_exclusive, const Definition &left,
                                      const Definition &right)
{
    struct Pair {
        const Definition *left;
        const Definition *right;
    };
    json::SmallVector<Pair, 8> pairs;
    pairs.add() = {&left, &right};
    while (!pairs.empty() && spend(2)) {
        const Pair pair = pairs.back();
        pairs.pop_back();
        const auto [first, second] = std::minmax(pair.left->number, pair.right->number);
        if (first == second || !fragment_pairs_.is_new(first, second, is_exclusive))
            continue;
        const CollectedFields &left_fields = collector_.collect(*pair.left);
        const CollectedFields &right_fields = collector_.collect(*pair.right);
        between(conflicts, is_exclusive, left_fields, right_fields);
        const std::size_t start = pairs.size();
        for (const FragmentUse &use : right_fields.fragments)
            pairs.add() = {pair.left, use.fragment};
        for (const FragmentUse &use : left_fields.fragments)
            pairs.add() = {use.fragment, pair.right};
        if (pairs.size() > start)
            std::reverse(&pairs[start], &pairs.back() + 1);
    }
}

Conflicts OverlapSearch::between_sets(bool is_exclusive, const FieldUse &left, const FieldUse &right)
{
    const auto type_of = [](const FieldUse &use) {
        return use.field == nullptr ? nullptr : use.field->type.type;
    };
    Conflicts conflicts;
    if (++depth_ > context_->limits().max_depth) {
        context_->abort(arena_->join(
            {"Document contains more than ", decimal(context_->limits().max_depth, *arena_), " levels."}));
        return conflicts;
    }
    const CollectedFields &left_fields = collector_.collect(type_of(left), *left.selection->set);
    const CollectedFields &right_fields = collector_.collect(type_of(right), *right.selection->set);
    between(conflicts, is_exclusive, left_fields, right_fields);
    for (const FragmentUse &use : right_fields.fragments)
        between_fields_and_fragment(conflicts, is_exclusive, left_fields, *use.fragment);
    for (const FragmentUse &use : left_fields.fragments)
        between_fields_and_fragment(conflicts, is_exclusive, right_fields, *use.fragment);
    for (const FragmentUse &left_use : left_fields.fragments)
        for (const FragmentUse &right_use : right_fields.fragments)
            between_fragments(conflicts, is_exclusive, *left_use.fragment, *right_use.fragment);
    --depth_;
    return conflicts;
}

/* Whether the types differ in lists, non-null marks or scalars. */
bool do_types_conflict(TypeReference left, TypeReference right)
{
    return left.layers != right.layers ||
           (left.type != right.type && (left.type->is_leaf() || right.type->is_leaf()));
}

/* Why the fields cannot be one, apart from the fields in them; empty: they can. */
std::string_view OverlapSearch::difference(bool is_exclusive, const FieldUse &left, const FieldUse &right)
{
    const std::string_view left_name = left.selection->name.text;
    const std::string_view right_name = right.selection->name.text;
    if (!is_exclusive && left_name != right_name)
        return arena_->join({"\"", abbreviated(left_name, *arena_), "\" and \"",
                             abbreviated(right_name, *arena_), "\" are different fields"});
    if (!is_exclusive && !have_same_arguments(*left.selection, *right.selection, *context_))
        return "they have differing arguments";
    if (left.field != nullptr && right.field != nullptr &&
        do_types_conflict(left.field->type, right.field->type))
        return arena_->join({"they return conflicting types \"", spelled(left.field->type, *arena_),
                             "\" and \"", spelled(right.field->type, *arena_), "\""});
    return {};
}

void OverlapSearch::compare(Conflicts &conflicts, bool is_exclusive, std::string_view name,
                            const FieldUse &left, const FieldUse &right)
{
    const auto is_object = [](const Type *type) { return type != nullptr && type->kind == TypeKind::Object; };
    if (!spend(2))
        return;
    is_exclusive =
        is_exclusive || (left.parent != right.parent && is_object(left.parent) && is_object(right.parent));
    const std::string_view reason = difference(is_exclusive, left, right);
    if (!reason.empty()) {
        add(conflicts, name, reason, left, right, {});
    } else if (left.selection->set != nullptr && right.selection->set != nullptr) {
        const Conflicts inner = between_sets(is_exclusive, left, right);
        if (!inner.empty())
            add(conflicts, name, reason_of(inner), left, right, inner);
    }
}

std::string_view OverlapSearch::reason_of(const Conflicts &inner)
{
    std::string_view reason;
    for (const Conflict &conflict : inner) {
        reason = arena_->join({reason, reason.empty() ? "" : " and ", "subfields \"",
                               abbreviated(conflict.name, *arena_), "\" conflict because ", conflict.reason});
        if (reason.size() > max_reason)
            break;
    }
    return abbreviated(reason, *arena_);
}

/* The field and the nodes of the conflicts in it; of those that do not all fit, the last ones. */
std::span<const Selection *> OverlapSearch::nodes(const FieldUse &use, const Conflicts &inner,
                                                  std::span<const Selection *> Conflict::*side)
{
    auto *made = arena_->array<const Selection *>(inner.empty() ? 1 : max_nodes);
    std::size_t count = 0;
    made[count++] = use.selection;
    for (const Conflict &conflict : inner) {
        const std::span<const Selection *> nodes = conflict.*side;
        const std::size_t taken = std::min(max_nodes - count, nodes.size());
        std::copy_n(nodes.end() - static_cast<std::ptrdiff_t>(taken), taken, made + count);
        count += taken;
        if (count == max_nodes)
            break;
    }
    return {made, count};
}

void OverlapSearch::add(Conflicts &conflicts, std::string_view name, std::string_view reason,
                        const FieldUse &left, const FieldUse &right, const Conflicts &inner)
{
    auto *conflict = arena_->make<Conflict>();
    *conflict = {name, reason, nodes(left, inner, &Conflict::left), nodes(right, inner, &Conflict::right),
                 nullptr};
    conflicts.add(conflict);
}

void report(ValidationContext &context, const Conflict &conflict)
{
    Offset at[2 * max_nodes] = {};
    std::size_t count = 0;
    for (const Selection *selection : conflict.left)
        at[count++] = selection->at;
    for (const Selection *selection : conflict.right)
        at[count++] = selection->at;
    context.report({"Fields \"", abbreviated(conflict.name, context.arena()), "\" conflict because ",
                    conflict.reason,
                    ". Use different aliases on the fields to fetch both if this was intentional."},
                   std::span<const Offset>(at, count));
}

void check_set(ValidationContext &context, OverlapSearch &search, const SelectionSet &set)
{
    const Selection *owner = set.owner;
    if (owner != nullptr && owner->kind == SelectionKind::InlineFragment)
        return;
    if (set.selections.size() == 1 && set.selections.first()->kind != SelectionKind::InlineFragment)
        return;
    const Conflicts conflicts = search.within(set);
    for (const Conflict &conflict : conflicts)
        report(context, conflict);
}

} // namespace

void check_overlapping_fields(ValidationContext &context)
{
    OverlapSearch search(context);
    for (const Definition &definition : context.document().definitions) {
        check_set(context, search, *definition.set);
        for (Selection *at = definition.set->selections.first(); at != nullptr && !context.is_aborted();
             at = next_selection(*at, *definition.set))
            if (at->set != nullptr)
                check_set(context, search, *at->set);
    }
}

} // namespace opigno::graphql
