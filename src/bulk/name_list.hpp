/* The first names that a load has met, each once. */
#pragma once

#include "pg/array.hpp"
#include "pg/text.hpp"

#include <algorithm>
#include <type_traits>

namespace opigno::bulk {

class NameList {
  public:
    /* Copies the name. */
    void include(std::string_view name)
    {
        constexpr std::size_t max_names = 100;
        if (names_.size() == max_names || std::find(names_.begin(), names_.end(), name) != names_.end())
            return;
        MemoryContext before = MemoryContextSwitchTo(context_);
        names_.push_back(pg::view(pg::make_text(name)));
        MemoryContextSwitchTo(before);
    }

    [[nodiscard]] const pg::Names &names() const { return names_; }

  private:
    MemoryContext context_ = CurrentMemoryContext;
    pg::Names names_;
};

static_assert(std::is_trivially_destructible_v<NameList>);

} // namespace opigno::bulk
