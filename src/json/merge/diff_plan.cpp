#include "json/merge/diff_plan.hpp"

namespace opigno::json {

namespace {

/* What a patch is made from: an object without members. */
constexpr std::uint32_t empty_object = object_flag;

/* Plans a patch as edits that insert each of its members into an empty object. */
class DiffPlanner {
  public:
    explicit DiffPlanner(Plan &plan) : plan_(plan) {}

    bool make(const char *source, const char *target, KeyPath &path)
    {
        add_pair(source, target, no_object, 0);
        for (std::uint32_t at = 0; at < pairs_.size(); ++at)
            if (!(pairs_[at].source == nullptr ? check_new_object(at, path) : compare(at, path)))
                return false;
        return true;
    }

  private:
    /* Two objects to compare; the plan's object in the same place is their patch. */
    struct Pair {
        const char *source; /* nullptr: the target is new, and only searched for nulls */
        const char *target;
        std::uint32_t parent; /* the pair that holds this one, and the target's member there */
        std::uint32_t member;
    };

    std::uint32_t add_pair(const char *source, const char *target, std::uint32_t parent, std::uint32_t member)
    {
        PlannedObject &patch =
            plan_.add_object({reinterpret_cast<const char *>(&empty_object), sizeof empty_object});
        patch.first_edit = patch.last_edit = patch.size = 0;
        pairs_.add() = {source, target, parent, member};
        return static_cast<std::uint32_t>(pairs_.size() - 1);
    }

    /* Fills in the path to a member that is null. */
    bool refuse(std::uint32_t pair, std::uint32_t member, KeyPath &path) const
    {
        path.add() = Object(pairs_[pair].target).key(member);
        for (std::uint32_t at = pair; pairs_[at].parent != no_object; at = pairs_[at].parent)
            path.add() = Object(pairs_[pairs_[at].parent].target).key(pairs_[at].member);
        return false;
    }

    bool check_new_object(std::uint32_t pair, KeyPath &path)
    {
        for (Members target(pairs_[pair].target); target.are_left(); target.next()) {
            poll();
            if (!check_new_value(pair, target.value(), target.at(), path))
                return false;
        }
        return true;
    }

    bool check_new_value(std::uint32_t pair, const Value &value, std::uint32_t member, KeyPath &path)
    {
        if (value.type == null_type)
            return refuse(pair, member, path);
        if (is_object(value))
            add_pair(nullptr, value.bytes.data(), pair, member);
        return true;
    }

    bool compare(std::uint32_t pair, KeyPath &path)
    {
        const std::uint32_t first_edit = plan_.edits();
        Members source(pairs_[pair].source);
        Members target(pairs_[pair].target);
        while (source.are_left() || target.are_left()) {
            poll();
            const int order = !source.are_left()   ? 1
                              : !target.are_left() ? -1
                                                   : compare_keys(source.key(), target.key());
            if (order < 0)
                put(source.key(), {null_type, {}}, no_object);
            else if (!(order > 0 ? bring(pair, target, path) : change(pair, source.value(), target, path)))
                return false;
            if (order <= 0)
                source.next();
            if (order >= 0)
                target.next();
        }
        PlannedObject &patch = plan_.object(pair);
        patch.first_edit = first_edit;
        patch.last_edit = plan_.edits();
        patch.size = patch.last_edit - first_edit;
        patch.changes = patch.changes_keys = true; /* objects that differ in bytes differ in a member */
        return true;
    }

    /* object: that becomes the value, or no_object. */
    void put(std::string_view key, const Value &value, std::uint32_t object)
    {
        Edit &edit = plan_.add_edit(Edit::Kind::Insert, 0, {0, 0}, {0, 0}, object);
        edit.new_key = key;
        edit.new_value = value;
    }

    bool bring(std::uint32_t pair, const Members &target, KeyPath &path)
    {
        put(target.key(), target.value(), no_object);
        return check_new_value(pair, target.value(), target.at(), path);
    }

    bool change(std::uint32_t pair, const Value &old, const Members &target, KeyPath &path)
    {
        const Value value = target.value();
        if (old == value)
            return true;
        if (!is_object(old) || !is_object(value))
            return bring(pair, target, path);
        put(target.key(), value, add_pair(old.bytes.data(), value.bytes.data(), pair, target.at()));
        return true;
    }

    Plan &plan_;
    SmallVector<Pair, 16> pairs_;
};

static_assert(std::is_trivially_destructible_v<DiffPlanner>);

} // namespace

bool plan_diff(Plan &plan, const char *source, const char *target, KeyPath &path)
{
    return DiffPlanner(plan).make(source, target, path);
}

} // namespace opigno::json
