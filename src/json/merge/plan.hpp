/*
 * A plan of what to write, which is complete before the first byte is written: for each object that
 * changes, the members to remove and to add. merge_plan.hpp and diff_plan.hpp make plans,
 * plan_writer.hpp writes them. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/jsonb_format.hpp"
#include "json/value/small_vector.hpp"

#include <algorithm>

namespace opigno::json {

inline constexpr std::uint32_t no_object = 0xFFFFFFFF;

struct Edit {
    enum class Kind : std::uint32_t { Delete, Replace, Insert, Merge };

    Kind kind;
    std::uint32_t at;         /* the base's member to remove, or to insert the new one before */
    std::uint32_t object;     /* the planned object that becomes the value, or no_object */
    Span key;                 /* the key's part of the base's data to remove; Insert: an empty part */
    Span value;               /* the same for the value */
    std::string_view new_key; /* Insert: the new member's key */
    Value new_value;          /* Replace, Insert: the new value, unless a planned object changes it */
};

struct PlannedObject {
    std::string_view base;    /* the object's container */
    std::string_view patch;   /* the patch's container; empty: remove the nulls from the base */
    std::uint32_t first_edit; /* its edits are [first_edit, last_edit), in the base's order */
    std::uint32_t last_edit;
    std::uint32_t size; /* members of the result */
    bool changes;
    bool changes_keys;
};

/* The objects of a result; the first is its root. An object comes before those within it. */
class Plan {
  public:
    PlannedObject &add_object(std::string_view base)
    {
        PlannedObject &object = objects_.add();
        object.base = base;
        object.changes = false;
        object.changes_keys = false;
        return object;
    }
    Edit &add_edit(Edit::Kind kind, std::uint32_t at, Span key, Span value, std::uint32_t object)
    {
        Edit &edit = edits_.add();
        edit.kind = kind;
        edit.at = at;
        edit.object = object;
        edit.key = key;
        edit.value = value;
        return edit;
    }

    [[nodiscard]] std::uint32_t objects() const { return static_cast<std::uint32_t>(objects_.size()); }
    [[nodiscard]] std::uint32_t edits() const { return static_cast<std::uint32_t>(edits_.size()); }
    PlannedObject &object(std::uint32_t at) { return objects_[at]; }
    [[nodiscard]] const PlannedObject &object(std::uint32_t at) const { return objects_[at]; }
    [[nodiscard]] const Edit &edit(std::uint32_t at) const { return edits_[at]; }

    /* False: the result is the base, byte for byte. */
    [[nodiscard]] bool changes() const { return objects_[0].changes; }
    /* Whether a planned object becomes the edit's value. */
    [[nodiscard]] bool is_made(const Edit &edit) const
    {
        return edit.object != no_object && objects_[edit.object].changes;
    }
    /* Whether the edit changes its object. A merge that leaves the value as it was does not. */
    [[nodiscard]] bool changes(const Edit &edit) const
    {
        return edit.kind != Edit::Kind::Merge || objects_[edit.object].changes;
    }

    /* The number of members of the largest object. */
    [[nodiscard]] std::uint32_t widest() const
    {
        std::uint32_t widest = 0;
        for (std::size_t at = 0; at < objects_.size(); ++at)
            widest = std::max(widest, objects_[at].size);
        return widest;
    }
    /* The most bytes that padding adds to those of the documents that the plan was made from. */
    [[nodiscard]] std::size_t slack() const { return 4 * (edits_.size() + 2 * objects_.size() + 2); }

  private:
    SmallVector<PlannedObject, 32> objects_;
    SmallVector<Edit, 64> edits_;
};

static_assert(std::is_trivially_destructible_v<Plan>);

} // namespace opigno::json
