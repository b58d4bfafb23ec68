/*
 * What a merge patch changes in a document, before a byte is written: one plan for each object
 * that is merged, with the edits of its members in order. No recursion: an object's plan is made
 * whole, and those of its members' objects are queued behind it. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/jsonb_format.hpp"
#include "json/small_vector.hpp"

namespace opigno::json {

inline constexpr std::uint32_t no_plan = 0xFFFFFFFF;

struct Edit {
    enum class Kind : std::uint32_t { Delete, Replace, Insert };

    Kind kind;
    std::uint32_t at;     /* the base's member that goes, or before which one comes in */
    std::uint32_t member; /* the patch's member that is taken over */
    std::uint32_t plan;   /* that makes the value, or no_plan */
};

struct Plan {
    const char *base;  /* the object's container */
    const char *patch; /* nullptr: what is to be done is to take the nulls out of a new object */
    std::uint32_t first_edit;
    std::uint32_t edits;
    std::uint32_t size; /* members of the result */
    bool changes;
};

enum class Depth {
    Whole, /* RFC 7396: objects in objects merge too */
    Root,  /* the root's members are replaced as they are */
};

template <typename Memory> class MergePlan {
  public:
    explicit MergePlan(Memory &memory, Depth depth = Depth::Whole)
        : merges_members_(depth == Depth::Whole), plans_(memory), edits_(memory)
    {
    }

    /* base and patch: containers of objects; without a base the patch is a new object. */
    void make(const char *base, const char *patch)
    {
        add_plan(base == nullptr ? patch : base, base == nullptr ? nullptr : patch);
        for (std::uint32_t at = 0; at < plans_.size(); ++at) {
            if (plans_[at].patch == nullptr)
                plan_new_object(at);
            else
                plan_merge(at);
        }
        for (std::size_t at = plans_.size(); at-- > 0;)
            take_over_changes(plans_[at]);
    }

    /* False: the result is the base, byte for byte. */
    [[nodiscard]] bool changes() const { return plans_[0].changes; }
    [[nodiscard]] std::size_t plans() const { return plans_.size(); }
    [[nodiscard]] const Plan &plan(std::size_t at) const { return plans_[at]; }
    [[nodiscard]] const Edit &edit(std::uint32_t at) const { return edits_[at]; }

    /* What padding may add to the bytes of base and patch together. */
    [[nodiscard]] std::size_t slack() const { return 4 * (edits_.size() + 2 * plans_.size() + 2); }

  private:
    std::uint32_t add_plan(const char *base, const char *patch)
    {
        plans_.push_back({base, patch, 0, 0, 0, false});
        return static_cast<std::uint32_t>(plans_.size() - 1);
    }

    void begin(std::uint32_t plan, std::uint32_t size)
    {
        plans_[plan].first_edit = static_cast<std::uint32_t>(edits_.size());
        plans_[plan].size = size;
    }
    void end(std::uint32_t plan)
    {
        plans_[plan].edits = static_cast<std::uint32_t>(edits_.size()) - plans_[plan].first_edit;
    }
    void remove(std::uint32_t plan, std::uint32_t at)
    {
        edits_.push_back({Edit::Kind::Delete, at, 0, no_plan});
        --plans_[plan].size;
        plans_[plan].changes = true;
    }

    /* RFC 7396 of nothing: no member that is null, at any depth of objects. */
    void plan_new_object(std::uint32_t plan)
    {
        const Object base(plans_[plan].base);
        const Entries &entries = base.entries();
        begin(plan, base.size());
        std::uint32_t from = entries.start(base.size());
        for (std::uint32_t at = 0; at < base.size(); ++at) {
            const std::uint32_t entry = entries[base.size() + at];
            const std::uint32_t to = entries.end(base.size() + at, from);
            if (type_of(entry) == null_type)
                remove(plan, at);
            else if (type_of(entry) == container_type &&
                     (word(entries.data() + aligned(from)) & object_flag) != 0)
                edits_.push_back(
                    {Edit::Kind::Replace, at, at, add_plan(entries.data() + aligned(from), nullptr)});
            from = to;
        }
        end(plan);
    }

    void plan_merge(std::uint32_t plan)
    {
        const Object base(plans_[plan].base);
        const Object patch(plans_[plan].patch);
        begin(plan, base.size());
        Search search(base, patch.size());
        for (std::uint32_t member = 0; member < patch.size(); ++member) {
            const Value value = patch.value(member);
            const bool found = search.find(patch.key(member));
            if (value.type == null_type) {
                if (found)
                    remove(plan, search.at());
            } else if (found) {
                replace(plan, base.value(search.at()), value, search.at(), member);
            } else {
                insert(plan, value, search.at(), member);
            }
        }
        end(plan);
    }

    void replace(std::uint32_t plan, const Value &old, const Value &value, std::uint32_t at,
                 std::uint32_t member)
    {
        if (!is_object(value) || !merges_members_) {
            if (old == value)
                return;
            edits_.push_back({Edit::Kind::Replace, at, member, no_plan});
            plans_[plan].changes = true;
        } else if (is_object(old)) {
            edits_.push_back(
                {Edit::Kind::Replace, at, member, add_plan(old.bytes.data(), value.bytes.data())});
        } else {
            edits_.push_back({Edit::Kind::Replace, at, member, add_plan(value.bytes.data(), nullptr)});
            plans_[plan].changes = true;
        }
    }

    void insert(std::uint32_t plan, const Value &value, std::uint32_t at, std::uint32_t member)
    {
        const std::uint32_t made =
            is_object(value) && merges_members_ ? add_plan(value.bytes.data(), nullptr) : no_plan;
        edits_.push_back({Edit::Kind::Insert, at, member, made});
        ++plans_[plan].size;
        plans_[plan].changes = true;
    }

    /* Plans of members come behind those of their objects, so they are complete by now. */
    void take_over_changes(Plan &plan)
    {
        for (std::uint32_t at = plan.first_edit; at < plan.first_edit + plan.edits && !plan.changes; ++at)
            plan.changes = edits_[at].plan != no_plan && plans_[edits_[at].plan].changes;
    }

    /* Looks up keys in ascending order: by halving where they are few, else along with the object's own. */
    class Search {
      public:
        Search(const Object &object, std::uint32_t keys)
            : object_(object), by_halves_(object.size() / steps_of_halving > keys)
        {
        }
        bool find(std::string_view key) { return by_halves_ ? halve(key) : step(key); }
        /* The member found, or the one before which the key belongs. */
        [[nodiscard]] std::uint32_t at() const { return at_; }

      private:
        static constexpr std::uint32_t steps_of_halving = 64;

        bool halve(std::string_view key)
        {
            std::uint32_t high = object_.size();
            while (at_ < high) {
                const std::uint32_t middle = at_ + (high - at_) / 2;
                const int order = compare_keys(object_.key(middle), key);
                if (order == 0) {
                    at_ = middle;
                    return true;
                }
                if (order < 0)
                    at_ = middle + 1;
                else
                    high = middle;
            }
            return false;
        }

        bool step(std::string_view key)
        {
            const Entries &entries = object_.entries();
            for (; at_ < object_.size(); ++at_) {
                const std::uint32_t end = entries.end(at_, start_);
                if (end - start_ >= key.size()) {
                    const int order = compare_keys({entries.data() + start_, end - start_}, key);
                    if (order >= 0)
                        return order == 0;
                }
                start_ = end;
            }
            return false;
        }

        const Object &object_;
        bool by_halves_;
        std::uint32_t at_ = 0;
        std::uint32_t start_ = 0; /* of the key at at_, when stepping */
    };

    bool merges_members_;
    SmallVector<Plan, 16, Memory> plans_;
    SmallVector<Edit, 32, Memory> edits_;
};

} // namespace opigno::json
