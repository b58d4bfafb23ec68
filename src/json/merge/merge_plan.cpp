#include "json/merge/merge_plan.hpp"

#include "json/merge/plan_builder.hpp"

namespace opigno::json {

namespace {

class MergePlanner {
  public:
    MergePlanner(Plan &plan, Depth depth)
        : plan_(plan), builder_(plan), merges_members_(depth == Depth::Whole)
    {
    }

    void make(std::string_view base, std::string_view patch)
    {
        if (base.empty())
            add_object(patch, base);
        else
            add_object(base, patch);
        for (std::uint32_t at = 0; at < plan_.objects(); ++at) {
            plan_.object(at).first_edit = plan_.edits();
            if (plan_.object(at).patch.empty())
                clean(at);
            else
                merge(at);
            plan_.object(at).last_edit = plan_.edits();
        }
        builder_.finish();
    }

  private:
    std::uint32_t add_object(std::string_view base, std::string_view patch)
    {
        const std::uint32_t object = builder_.add_object(base);
        plan_.object(object).patch = patch;
        return object;
    }

    /* Removes the nulls from a new object and from the objects within it, as a merge into nothing
     * does. */
    void clean(std::uint32_t object)
    {
        for (Members members(plan_.object(object).base.data()); members.are_left(); members.next()) {
            poll();
            const Value value = members.value();
            if (value.type == null_type)
                builder_.remove(object, members.at(), members.key_span(), members.value_span());
            else if (is_object(value))
                plan_.add_edit(Edit::Kind::Merge, members.at(), members.key_span(), members.value_span(),
                               add_object(value.bytes, {}));
        }
    }

    void merge(std::uint32_t object)
    {
        const Object base(plan_.object(object).base.data());
        KeySearch search(plan_.object(object).base.data());
        for (Members members(plan_.object(object).patch.data()); members.are_left(); members.next()) {
            poll();
            const Value value = members.value();
            if (search.find(members.key()))
                change(object, base.entries(), search, value);
            else if (value.type != null_type)
                builder_.insert(object, search, members.key(), value, object_of(value));
        }
    }

    void change(std::uint32_t object, const Entries &base, const KeySearch &search, const Value &value)
    {
        const Span key{search.start(), base.end(search.at(), search.start())};
        const std::uint32_t child = base.count() / 2 + search.at();
        const Span span = base.span(child);
        if (value.type == null_type) {
            builder_.remove(object, search.at(), key, span);
            return;
        }
        const Value old = base.value(child, span);
        const bool is_new_object = merges(value);
        if (is_new_object && is_object(old)) {
            plan_.add_edit(Edit::Kind::Merge, search.at(), key, span, add_object(old.bytes, value.bytes));
        } else if (is_new_object || !(old == value)) {
            plan_.add_edit(Edit::Kind::Replace, search.at(), key, span, object_of(value)).new_value = value;
            plan_.object(object).changes = true;
        }
    }

    std::uint32_t object_of(const Value &value)
    {
        return merges(value) ? add_object(value.bytes, {}) : no_object;
    }

    [[nodiscard]] bool merges(const Value &value) const { return merges_members_ && is_object(value); }

    Plan &plan_;
    PlanBuilder builder_;
    bool merges_members_;
};

static_assert(std::is_trivially_destructible_v<MergePlanner>);

} // namespace

void plan_merge(Plan &plan, std::string_view base, std::string_view patch, Depth depth)
{
    MergePlanner(plan, depth).make(base, patch);
}

} // namespace opigno::json
