/*
 * The limits of an operation, with the fragments put in where they are spread: a short document can
 * spread fragments that spread fragments, and so ask for more fields than any answer can have. Only
 * for a document without cycles.
 */
#include "gateway/graphql/decimal.hpp"
#include "gateway/graphql/validation_context.hpp"

#include "json/value/small_vector.hpp"

namespace opigno::graphql {

namespace {

struct Size {
    bool is_known = false;
    std::uint64_t fields = 0;
    std::uint64_t aliases = 0;
    std::uint64_t levels = 0; /* of fields in fields */
};

static_assert(std::is_trivially_destructible_v<Size>);

constexpr std::uint64_t max_size = std::uint64_t{1} << 32U; /* beyond all limits */

class SizeSearch {
  public:
    explicit SizeSearch(ValidationContext &context)
        : sizes_(context.arena().array<Size>(context.document().definitions.size())),
          levels_(context.arena().array<std::uint64_t>(context.document().sets))
    {
    }

    const Size &of(const Definition &definition);

  private:
    static const Definition *find_unknown(const Definition &definition, const Size *sizes);
    void measure(const Definition &definition);

    Size *sizes_;           /* by the number of the definition */
    std::uint64_t *levels_; /* by the number of the set: of fields around it in its definition */
};

static_assert(std::is_trivially_destructible_v<SizeSearch>);

/* A fragment that the definition spreads and whose size is not known yet. */
const Definition *SizeSearch::find_unknown(const Definition &definition, const Size *sizes)
{
    for (Selection *at = definition.set->selections.first(); at != nullptr;
         at = next_selection(*at, *definition.set))
        if (at->fragment != nullptr && !sizes[at->fragment->number].is_known)
            return at->fragment;
    return nullptr;
}

void SizeSearch::measure(const Definition &definition)
{
    Size size;
    size.is_known = true;
    for (Selection *at = definition.set->selections.first(); at != nullptr;
         at = next_selection(*at, *definition.set)) {
        std::uint64_t levels = levels_[at->home->number];
        if (at->kind == SelectionKind::Field) {
            ++size.fields;
            ++levels;
            size.aliases += at->alias.empty() ? 0 : 1;
        }
        if (at->set != nullptr)
            levels_[at->set->number] = levels;
        if (at->fragment != nullptr) {
            const Size &inner = sizes_[at->fragment->number];
            size.fields = std::min(max_size, size.fields + inner.fields);
            size.aliases = std::min(max_size, size.aliases + inner.aliases);
            levels += inner.levels;
        }
        size.levels = std::max(size.levels, levels);
    }
    sizes_[definition.number] = size;
}

const Size &SizeSearch::of(const Definition &definition)
{
    json::SmallVector<const Definition *, 16> open;
    open.add() = &definition;
    while (!open.empty()) {
        json::poll();
        const Definition *last = open.back();
        const Definition *unknown = find_unknown(*last, sizes_);
        if (unknown != nullptr) {
            open.add() = unknown;
        } else {
            measure(*last);
            open.pop_back();
        }
    }
    return sizes_[definition.number];
}

} // namespace

void check_limits(ValidationContext &context)
{
    const Limits &limits = context.limits();
    SizeSearch search(context);
    for (const Definition &definition : context.document().definitions) {
        if (!definition.is_operation())
            continue;
        const Size &size = search.of(definition);
        const auto check = [&](std::uint64_t number, std::uint32_t limit, std::string_view what) {
            if (number > limit)
                context.report({"Operation has more than ", decimal(limit, context.arena()), " ", what, "."},
                               {definition.at});
        };
        check(size.levels, limits.max_depth, "levels");
        check(size.aliases, limits.max_aliases, "aliases");
        check(size.fields, limits.max_fields, "fields");
    }
}

} // namespace opigno::graphql
