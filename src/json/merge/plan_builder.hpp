/* Adds objects and edits to a plan. Does not depend on PostgreSQL. */
#pragma once

#include "json/merge/key_search.hpp"
#include "json/merge/plan.hpp"

namespace opigno::json {

class PlanBuilder {
  public:
    explicit PlanBuilder(Plan &plan) : plan_(plan) {}

    std::uint32_t add_object(std::string_view base)
    {
        plan_.add_object(base).size = word(base.data()) & count_mask;
        return plan_.objects() - 1;
    }

    /* Removes a member. */
    void remove(std::uint32_t object, std::uint32_t at, Span key, Span value)
    {
        plan_.add_edit(Edit::Kind::Delete, at, key, value, no_object);
        --plan_.object(object).size;
        plan_.object(object).changes = plan_.object(object).changes_keys = true;
    }

    /* Adds a member where the search of its key in the object has ended. inner: the planned object
     * that becomes its value, or no_object. */
    void insert(std::uint32_t object, const KeySearch &search, std::string_view key, const Value &value,
                std::uint32_t inner)
    {
        const Object base(plan_.object(object).base.data());
        const std::uint32_t start = base.entries().start(base.size() + search.at());
        Edit &edit = plan_.add_edit(Edit::Kind::Insert, search.at(), {search.start(), search.start()},
                                    {start, start}, inner);
        edit.new_key = key;
        edit.new_value = value;
        ++plan_.object(object).size;
        plan_.object(object).changes = plan_.object(object).changes_keys = true;
    }

    /* Called when all objects are planned: an object changes if one within it does. */
    void finish()
    {
        for (std::uint32_t at = plan_.objects(); at-- > 0;) {
            PlannedObject &object = plan_.object(at);
            for (std::uint32_t edit = object.first_edit; edit < object.last_edit && !object.changes; ++edit)
                object.changes = plan_.is_made(plan_.edit(edit));
        }
    }

  private:
    Plan &plan_;
};

static_assert(std::is_trivially_destructible_v<PlanBuilder>);

} // namespace opigno::json
