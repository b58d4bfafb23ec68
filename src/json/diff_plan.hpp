/*
 * The smallest merge patch from one object to another: one plan for each pair of objects with the
 * members that the patch has, made and written without recursion. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/merge_writer.hpp"

namespace opigno::json {

template <typename Memory> class MergeDiff {
  public:
    explicit MergeDiff(Memory &memory) : pairs_(memory), edits_(memory), frames_(memory) {}

    /*
     * source, target: containers of objects; without a source the patch is the target itself.
     * False: no merge patch leads to a member that is null; flaw() is where.
     */
    bool make(const char *source, const char *target)
    {
        pairs_.push_back({source, target, no_plan, 0, 0, 0});
        for (std::uint32_t at = 0; at < pairs_.size(); ++at)
            if (!(pairs_[at].source == nullptr ? check_new_object(at) : compare(at)))
                return false;
        return true;
    }

    /* Calls visit(key) for each member on the path to the one that is null, from the innermost outwards. */
    template <typename Visit> void flaw(Visit visit) const
    {
        visit(Object(pairs_[flaw_pair_].target).key(flaw_member_));
        for (std::uint32_t at = flaw_pair_; pairs_[at].parent != no_plan; at = pairs_[at].parent)
            visit(Object(pairs_[pairs_[at].parent].target).key(pairs_[at].member));
    }

    /* What padding may add to the bytes of source and target together. */
    [[nodiscard]] std::size_t slack() const { return 4 * (edits_.size() + 2 * pairs_.size() + 2); }

    /* Writes the root's container at the start of a buffer with that much room, and gives its end;
     * nullptr where an object's data exceed what an entry can tell. */
    char *write(char *buffer)
    {
        begin(0, buffer);
        for (;;) {
            Frame &frame = frames_.back();
            if (const std::uint32_t pair = write_values(frame); pair != no_plan) {
                begin(pair, frame.out.pad());
                continue;
            }
            if (frame.out.length() > length_mask)
                return nullptr;
            char *end = frame.out.end();
            frames_.pop_back();
            if (frames_.empty())
                return end;
            frames_.back().out.close(container_type, end);
        }
    }

  private:
    struct Pair {
        const char *source; /* nullptr: the target is new, and only looked through for nulls */
        const char *target;
        std::uint32_t parent; /* the pair that holds this one, and the target's member there */
        std::uint32_t member;
        std::uint32_t first_edit;
        std::uint32_t edits; /* members of the patch: objects that differ in bytes differ in a member */
    };
    struct Edit {
        enum class Kind : std::uint32_t { Remove, Put, Merge };

        Kind kind;
        std::uint32_t member; /* of the source to Remove, else of the target */
        std::uint32_t pair;   /* to Merge */
    };
    struct Frame {
        std::uint32_t pair;
        std::uint32_t edit;
        ObjectWriter out;
    };

    bool refuse(std::uint32_t pair, std::uint32_t member)
    {
        flaw_pair_ = pair;
        flaw_member_ = member;
        return false;
    }
    std::uint32_t add_pair(const char *source, const Value &target, std::uint32_t parent,
                           std::uint32_t member)
    {
        pairs_.push_back({source, target.bytes.data(), parent, member, 0, 0});
        return static_cast<std::uint32_t>(pairs_.size() - 1);
    }

    bool check_new_object(std::uint32_t pair)
    {
        const Object target(pairs_[pair].target);
        for (std::uint32_t member = 0; member < target.size(); ++member)
            if (!put(pair, target.value(member), member))
                return false;
        return true;
    }

    /* A target's member that the patch has to bring whole. */
    bool put(std::uint32_t pair, const Value &value, std::uint32_t member)
    {
        if (value.type == null_type)
            return refuse(pair, member);
        if (is_object(value))
            add_pair(nullptr, value, pair, member);
        return true;
    }

    bool compare(std::uint32_t pair)
    {
        const Object source(pairs_[pair].source);
        const Object target(pairs_[pair].target);
        pairs_[pair].first_edit = static_cast<std::uint32_t>(edits_.size());
        std::uint32_t from = 0;
        std::uint32_t to = 0;
        while (from < source.size() || to < target.size()) {
            const int order = from == source.size() ? 1
                              : to == target.size() ? -1
                                                    : compare_keys(source.key(from), target.key(to));
            if (order < 0)
                edits_.push_back({Edit::Kind::Remove, from, no_plan});
            else if (!(order > 0 ? bring(pair, target.value(to), to)
                                 : change(pair, source.value(from), target.value(to), to)))
                return false;
            from += order <= 0 ? 1 : 0;
            to += order >= 0 ? 1 : 0;
        }
        pairs_[pair].edits = static_cast<std::uint32_t>(edits_.size()) - pairs_[pair].first_edit;
        return true;
    }

    bool bring(std::uint32_t pair, const Value &value, std::uint32_t member)
    {
        edits_.push_back({Edit::Kind::Put, member, no_plan});
        return put(pair, value, member);
    }

    bool change(std::uint32_t pair, const Value &old, const Value &value, std::uint32_t member)
    {
        if (old == value)
            return true;
        if (!is_object(old) || !is_object(value))
            return bring(pair, value, member);
        edits_.push_back({Edit::Kind::Merge, member, add_pair(old.bytes.data(), value, pair, member)});
        return true;
    }

    void begin(std::uint32_t at, char *where)
    {
        const Pair &pair = pairs_[at];
        frames_.push_back({at, pair.first_edit, ObjectWriter(where, pair.edits)});
        for (std::uint32_t next = pair.first_edit; next < pair.first_edit + pair.edits; ++next) {
            const Edit &edit = edits_[next];
            const Object owner(edit.kind == Edit::Kind::Remove ? pair.source : pair.target);
            frames_.back().out.put({string_type, owner.key(edit.member)});
        }
    }

    std::uint32_t write_values(Frame &frame)
    {
        const Pair &pair = pairs_[frame.pair];
        while (frame.edit < pair.first_edit + pair.edits) {
            const Edit &edit = edits_[frame.edit++];
            if (edit.kind == Edit::Kind::Merge)
                return edit.pair;
            frame.out.put(edit.kind == Edit::Kind::Remove ? Value{null_type, {}}
                                                          : Object(pair.target).value(edit.member));
        }
        return no_plan;
    }

    SmallVector<Pair, 16, Memory> pairs_;
    SmallVector<Edit, 32, Memory> edits_;
    SmallVector<Frame, 16, Memory> frames_;
    std::uint32_t flaw_pair_ = 0;
    std::uint32_t flaw_member_ = 0;
};

} // namespace opigno::json
