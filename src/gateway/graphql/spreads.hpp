/* Which fragments a definition spreads. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/validation_context.hpp"

namespace opigno::graphql {

/* The spreads in a selection set, in the order of graphql-js: first those in the set itself, then
 * those in the sets within it, the last set first. */
std::span<const Selection *const> spreads_in(const SelectionSet &root, Arena &arena);

/* The fragments that these definitions reach, each once. Unknown ones are left out. */
class Reached {
  public:
    explicit Reached(ValidationContext &context) : context_(&context), known_(context.arena()) {}

    /* Adds the fragments that the set reaches. */
    void add(const SelectionSet &set);

    struct Fragment {
        const Definition *definition = nullptr;
        Fragment *next = nullptr;
    };

    [[nodiscard]] const Chain<Fragment> &fragments() const { return fragments_; }
    [[nodiscard]] bool has(std::string_view name) const { return known_.find(name) != nullptr; }

  private:
    void add_spreads(const SelectionSet &set);

    ValidationContext *context_;
    Names<const Definition> known_;
    Chain<Fragment> fragments_;
};

static_assert(std::is_trivially_destructible_v<Reached>);

} // namespace opigno::graphql
