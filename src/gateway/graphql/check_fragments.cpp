/*
 * Rules: Fragment Spread Type Existence, Fragments on Object Types, Fragment Spread Target Defined,
 * Fragments Must Be Used, Fragment Spreads Are Possible, Fragment Spreads Must Not Form Cycles.
 */
#include "gateway/graphql/spreads.hpp"
#include "gateway/graphql/walk.hpp"

#include "json/value/small_vector.hpp"

namespace opigno::graphql {

namespace {

/* fragment: how the message calls it. */
void check_condition(ValidationContext &context, const Name &condition,
                     std::initializer_list<std::string_view> fragment)
{
    const Type *type = context.schema().find_type(condition.text);
    if (type == nullptr)
        context.report({"Unknown type \"", condition.text, "\"."}, {condition.at});
    else if (type->kind != TypeKind::Object)
        context.report({context.arena().join(fragment), " cannot condition on non composite type \"",
                        condition.text, "\"."},
                       {condition.at});
}

void check_spread(ValidationContext &context, const Selection &spread)
{
    const std::string_view name = spread.name.text;
    if (spread.fragment == nullptr) {
        context.report({"Unknown fragment \"", name, "\"."}, {spread.name.at});
        return;
    }
    const Type *parent = spread.home->type;
    const Type *type = spread.fragment->set->type;
    if (parent != nullptr && type != nullptr && parent != type)
        context.report({"Fragment \"", name, "\" cannot be spread here as objects of type \"", parent->name,
                        "\" can never be of type \"", type->name, "\"."},
                       {spread.at});
}

void check_inline_fragment(ValidationContext &context, const Selection &fragment)
{
    if (!fragment.condition.empty())
        check_condition(context, fragment.condition, {"Fragment"});
    const Type *parent = fragment.home->type;
    const Type *type = fragment.set->type;
    if (parent != nullptr && type != nullptr && parent != type)
        context.report({"Fragment cannot be spread here as objects of type \"", parent->name,
                        "\" can never be of type \"", type->name, "\"."},
                       {fragment.at});
}

void check_used(ValidationContext &context)
{
    Reached reached(context);
    for (const Definition &definition : context.document().definitions)
        if (definition.is_operation())
            reached.add(*definition.set);
    for (const Definition &definition : context.document().definitions)
        if (!definition.is_operation() && !reached.has(definition.name.text))
            context.report({"Fragment \"", definition.name.text, "\" is never used."}, {definition.at});
}

constexpr std::size_t max_places = 100; /* of a cycle */

/* Follows the spreads of fragments, each fragment once, and reports each cycle that it closes. */
class CycleSearch {
  public:
    explicit CycleSearch(ValidationContext &context) : context_(&context), visits_(context.arena()) {}

    void start(const Definition &fragment);

  private:
    struct Visit {
        bool is_open = false;
        std::size_t place = 0; /* in the path */
    };

    struct Step {
        Visit *visit;
        std::span<const Selection *const> spreads;
        std::size_t next;
    };

    void open(const Definition &fragment);
    void follow(const Selection &spread);
    void report(const Selection &spread, std::size_t start);

    ValidationContext *context_;
    Names<Visit> visits_;
    json::SmallVector<Step, 16> steps_;
    json::SmallVector<const Selection *, 16> path_; /* the spread that each open step is at */
};

static_assert(std::is_trivially_destructible_v<CycleSearch>);

void CycleSearch::open(const Definition &fragment)
{
    Visit *&visit = visits_[fragment.name.text];
    if (visit != nullptr)
        return;
    visit = context_->arena().make<Visit>();
    const auto spreads = spreads_in(*fragment.set, context_->arena());
    if (spreads.empty())
        return;
    *visit = {true, path_.size()};
    steps_.add() = {visit, spreads, 0};
}

void CycleSearch::start(const Definition &fragment)
{
    open(fragment);
    while (!steps_.empty() && !context_->is_aborted()) {
        Step &step = steps_.back();
        if (path_.size() > step.visit->place)
            path_.pop_back();
        if (step.next == step.spreads.size()) {
            step.visit->is_open = false;
            steps_.pop_back();
        } else {
            follow(*step.spreads[step.next++]);
        }
    }
}

void CycleSearch::follow(const Selection &spread)
{
    path_.add() = &spread;
    const Visit *visit = visits_.find(spread.name.text);
    if (visit != nullptr && visit->is_open)
        report(spread, visit->place);
    else if (spread.fragment != nullptr)
        open(*spread.fragment);
}

void CycleSearch::report(const Selection &spread, std::size_t start)
{
    Arena &arena = context_->arena();
    const std::size_t count = std::min(path_.size() - start, max_places);
    context_->spend(count);
    auto *places = arena.array<Offset>(count);
    std::string_view way;
    for (std::size_t at = start; at < start + count; ++at) {
        places[at - start] = path_[at]->at;
        constexpr std::size_t max_shown = 10;
        if (at + 1 < path_.size() && at - start < max_shown)
            way = arena.join({way, way.empty() ? " via \"" : ", \"", path_[at]->name.text, "\""});
    }
    context_->report({"Cannot spread fragment \"", spread.name.text, "\" within itself", way, "."},
                     std::span<const Offset>(places, count));
}

} // namespace

void check_fragments(ValidationContext &context)
{
    each_selection(context.document(), [&context](Definition &, const Selection &selection) {
        if (selection.kind == SelectionKind::FragmentSpread)
            check_spread(context, selection);
        else if (selection.kind == SelectionKind::InlineFragment)
            check_inline_fragment(context, selection);
    });
    CycleSearch cycles(context);
    for (const Definition &definition : context.document().definitions) {
        if (definition.is_operation())
            continue;
        check_condition(context, definition.condition, {"Fragment \"", definition.name.text, "\""});
        cycles.start(definition);
    }
    check_used(context);
}

} // namespace opigno::graphql
