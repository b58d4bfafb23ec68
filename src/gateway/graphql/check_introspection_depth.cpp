/*
 * A rule that graphql-js adds to those of the specification: lists of types within lists of types,
 * as in fields { type { fields { ... } } }, are bounded below __schema and __type, since their
 * answers grow exponentially.
 */
#include "gateway/graphql/validation_context.hpp"

#include "json/value/small_vector.hpp"

namespace opigno::graphql {

namespace {

constexpr unsigned max_lists = 3;

bool is_list_field(const Selection &selection)
{
    const std::string_view name = selection.name.text;
    return selection.kind == SelectionKind::Field &&
           (name == "fields" || name == "interfaces" || name == "possibleTypes" || name == "inputFields");
}

/* Of a fragment, by the number of lists that it is spread in. */
struct FragmentDepths {
    unsigned next_to_visit = 0; /* one above the greatest at which this search has visited it */
    const Selection *search = nullptr;
    unsigned checked = 0;          /* one above the greatest at which it is known to be allowed */
    unsigned exceeded = max_lists; /* the smallest at which it is known not to be */
};

class DepthSearch {
  public:
    explicit DepthSearch(ValidationContext &context)
        : context_(&context),
          fragments_(context.arena().array<FragmentDepths>(context.document().definitions.size()))
    {
    }

    /* Whether the limit is exceeded below the field. */
    bool exceeds(const Selection &root);

  private:
    struct Step {
        const Selection *next;
        unsigned lists;
        FragmentDepths *fragment; /* whose selections these are; nullptr: of no fragment */
    };

    bool follow(const Selection &selection, unsigned lists);
    bool follow_spread(const Definition &fragment, unsigned lists);
    void open(const SelectionSet &set, unsigned lists, FragmentDepths *fragment)
    {
        steps_.add() = {set.selections.first(), lists, fragment};
    }

    ValidationContext *context_;
    FragmentDepths *fragments_; /* by the number of the definition */
    const Selection *root_ = nullptr;
    json::SmallVector<Step, 16> steps_;
};

static_assert(std::is_trivially_destructible_v<DepthSearch>);

bool DepthSearch::follow_spread(const Definition &fragment, unsigned lists)
{
    FragmentDepths &depths = fragments_[fragment.number];
    if (depths.exceeded <= lists)
        return true;
    if (depths.search != root_)
        depths.next_to_visit = 0;
    depths.search = root_;
    if (depths.next_to_visit > lists || depths.checked > lists)
        return false;
    depths.next_to_visit = lists + 1;
    open(*fragment.set, lists, &depths);
    return false;
}

/* Returns whether the limit is exceeded. */
bool DepthSearch::follow(const Selection &selection, unsigned lists)
{
    if (selection.kind == SelectionKind::FragmentSpread)
        return selection.fragment != nullptr && follow_spread(*selection.fragment, lists);
    if (is_list_field(selection))
        ++lists;
    if (lists >= max_lists)
        return true;
    if (selection.set != nullptr)
        open(*selection.set, lists, nullptr);
    return false;
}

bool DepthSearch::exceeds(const Selection &root)
{
    root_ = &root;
    bool is_exceeded = follow(root, 0);
    while (!is_exceeded && !steps_.empty()) {
        Step &step = steps_.back();
        const Selection *selection = step.next;
        if (selection == nullptr) {
            if (step.fragment != nullptr)
                step.fragment->checked = step.lists + 1;
            steps_.pop_back();
            continue;
        }
        context_->spend(1);
        step.next = selection->next;
        is_exceeded = follow(*selection, step.lists) || context_->is_aborted();
    }
    for (; !steps_.empty(); steps_.pop_back())
        if (steps_.back().fragment != nullptr)
            steps_.back().fragment->exceeded = steps_.back().lists;
    return is_exceeded;
}

} // namespace

void check_introspection_depth(ValidationContext &context)
{
    DepthSearch search(context);
    for (const Definition &definition : context.document().definitions) {
        Selection *at = definition.set->selections.first();
        while (at != nullptr && !context.is_aborted()) {
            const std::string_view name = at->name.text;
            const bool is_root = at->kind == SelectionKind::Field && (name == "__schema" || name == "__type");
            if (is_root && search.exceeds(*at)) {
                context.report({"Maximum introspection depth exceeded"}, {at->at});
                at = selection_behind(*at, *definition.set);
            } else {
                at = next_selection(*at, *definition.set);
            }
        }
    }
}

} // namespace opigno::graphql
