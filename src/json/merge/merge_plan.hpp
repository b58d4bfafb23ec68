/*
 * What a merge patch changes in a document, before a byte is written: one plan for each object
 * that is merged, with the edits of its members in order. No recursion: an object's plan is made
 * whole, and those of its members' objects are queued behind it. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/merge/key_search.hpp"
#include "json/value/small_vector.hpp"

namespace opigno::json {

inline constexpr std::uint32_t no_plan = 0xFFFFFFFF;

struct Edit {
    enum class Kind : std::uint32_t { Delete, Replace, Insert, Merge };

    Kind kind;
    std::uint32_t at;   /* the base's member that goes, or before which one comes in */
    std::uint32_t plan; /* that makes the value, or no_plan */
    Span key;           /* what goes of the base's data: nothing where a member comes in */
    Span value;
    std::string_view new_key; /* of the patch, to Insert */
    Value new_value;          /* of the patch, to Replace or Insert: as it is, unless its plan changes it */
};

struct Plan {
    std::string_view base;  /* the object's container */
    std::string_view patch; /* none: what is to be done is to take the nulls out of a new object */
    std::uint32_t first_edit;
    std::uint32_t last_edit; /* behind the last one */
    std::uint32_t size;      /* members of the result */
    bool changes;
    bool changes_keys;
};

enum class Depth {
    Whole, /* RFC 7396: objects in objects merge too */
    Root,  /* the root's members are replaced as they are */
};

template <typename Memory> class MergePlan {
  public:
    explicit MergePlan(Memory &memory, Depth depth = Depth::Whole)
        : memory_(memory), merges_members_(depth == Depth::Whole), plans_(memory), edits_(memory)
    {
    }

    /* base and patch: containers of objects; without a base the patch is a new object. */
    void make(std::string_view base, std::string_view patch)
    {
        if (base.empty())
            add_plan(patch, base);
        else
            add_plan(base, patch);
        for (std::uint32_t at = 0; at < plans_.size(); ++at) {
            plans_[at].first_edit = static_cast<std::uint32_t>(edits_.size());
            if (plans_[at].patch.empty())
                plan_new_object(at);
            else
                plan_merge(at);
            plans_[at].last_edit = static_cast<std::uint32_t>(edits_.size());
        }
        for (std::size_t at = plans_.size(); at-- > 0;)
            take_over_changes(plans_[at]);
    }

    /* False: the result is the base, byte for byte. */
    [[nodiscard]] bool changes() const { return plans_[0].changes; }
    [[nodiscard]] std::size_t plans() const { return plans_.size(); }
    [[nodiscard]] const Plan &plan(std::size_t at) const { return plans_[at]; }
    [[nodiscard]] const Edit &edit(std::uint32_t at) const { return edits_[at]; }
    /* Whether a plan makes the edit's value. */
    [[nodiscard]] bool is_made(const Edit &edit) const
    {
        return edit.plan != no_plan && plans_[edit.plan].changes;
    }
    /* Whether the edit does something to its object: not if what it merges comes out as it was. */
    [[nodiscard]] bool changes(const Edit &edit) const
    {
        return edit.kind != Edit::Kind::Merge || plans_[edit.plan].changes;
    }

    /* What padding may add to the bytes of base and patch together. */
    [[nodiscard]] std::size_t slack() const { return 4 * (edits_.size() + 2 * plans_.size() + 2); }

  private:
    std::uint32_t add_plan(std::string_view base, std::string_view patch)
    {
        Plan &plan = plans_.add();
        plan.base = base;
        plan.patch = patch;
        plan.size = word(base.data()) & count_mask;
        plan.changes = false;
        plan.changes_keys = false;
        return static_cast<std::uint32_t>(plans_.size() - 1);
    }

    Edit &add_edit(Edit::Kind kind, std::uint32_t at, Span key, Span value, std::uint32_t plan)
    {
        Edit &edit = edits_.add();
        edit.kind = kind;
        edit.at = at;
        edit.plan = plan;
        edit.key = key;
        edit.value = value;
        return edit;
    }

    void remove(std::uint32_t plan, std::uint32_t at, Span key, Span value)
    {
        add_edit(Edit::Kind::Delete, at, key, value, no_plan);
        --plans_[plan].size;
        plans_[plan].changes = plans_[plan].changes_keys = true;
    }

    /* RFC 7396 of nothing: no member that is null, at any depth of objects. */
    void plan_new_object(std::uint32_t plan)
    {
        for (Members members(plans_[plan].base.data()); members.are_left(); members.next()) {
            memory_.poll();
            const Value value = members.value();
            if (value.type == null_type)
                remove(plan, members.at(), members.key_span(), members.value_span());
            else if (is_object(value))
                add_edit(Edit::Kind::Merge, members.at(), members.key_span(), members.value_span(),
                         add_plan(value.bytes, {}));
        }
    }

    void plan_merge(std::uint32_t plan)
    {
        const Object base(plans_[plan].base.data());
        KeySearch search(plans_[plan].base.data());
        for (Members members(plans_[plan].patch.data()); members.are_left(); members.next()) {
            memory_.poll();
            const Value value = members.value();
            if (search.find(members.key()))
                change(plan, base.entries(), search, value);
            else if (value.type != null_type)
                insert(plan, base.entries(), search, members.key(), value);
        }
    }

    void change(std::uint32_t plan, const Entries &base, const KeySearch &search, const Value &value)
    {
        const Span key{search.start(), base.end(search.at(), search.start())};
        const std::uint32_t child = base.count() / 2 + search.at();
        const Span span = base.span(child);
        if (value.type == null_type) {
            remove(plan, search.at(), key, span);
            return;
        }
        const Value old = base.value(child, span);
        const bool is_new_object = merges(value);
        if (is_new_object && is_object(old)) {
            add_edit(Edit::Kind::Merge, search.at(), key, span, add_plan(old.bytes, value.bytes));
        } else if (is_new_object || !(old == value)) {
            add_edit(Edit::Kind::Replace, search.at(), key, span, plan_of(value)).new_value = value;
            plans_[plan].changes = true;
        }
    }

    void insert(std::uint32_t plan, const Entries &base, const KeySearch &search, std::string_view key,
                const Value &value)
    {
        const std::uint32_t start = base.start(base.count() / 2 + search.at());
        Edit &edit = add_edit(Edit::Kind::Insert, search.at(), {search.start(), search.start()},
                              {start, start}, plan_of(value));
        edit.new_key = key;
        edit.new_value = value;
        ++plans_[plan].size;
        plans_[plan].changes = plans_[plan].changes_keys = true;
    }

    std::uint32_t plan_of(const Value &value) { return merges(value) ? add_plan(value.bytes, {}) : no_plan; }

    [[nodiscard]] bool merges(const Value &value) const { return merges_members_ && is_object(value); }

    /* Plans of members come behind those of their objects, so they are complete by now. */
    void take_over_changes(Plan &plan)
    {
        for (std::uint32_t at = plan.first_edit; at < plan.last_edit && !plan.changes; ++at)
            plan.changes = is_made(edits_[at]);
    }

    Memory &memory_;
    bool merges_members_;
    SmallVector<Plan, 32, Memory> plans_;
    SmallVector<Edit, 64, Memory> edits_;
};

} // namespace opigno::json
