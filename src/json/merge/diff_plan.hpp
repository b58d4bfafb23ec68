/*
 * The smallest merge patch from one object to another: one plan for each pair of objects with the
 * members that the patch has, made and written without recursion. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/merge/object_writer.hpp"
#include "json/value/small_vector.hpp"

#include <algorithm>

namespace opigno::json {

inline constexpr std::uint32_t no_pair = 0xFFFFFFFF;

template <typename Memory> class MergeDiff {
  public:
    explicit MergeDiff(Memory &memory) : memory_(memory), pairs_(memory), edits_(memory), frames_(memory) {}

    /*
     * source, target: containers of objects; without a source the patch is the target itself.
     * False: no merge patch leads to a member that is null; flaw() is where.
     */
    bool make(const char *source, const char *target)
    {
        pairs_.add() = {source, target, no_pair, 0, 0, 0};
        for (std::uint32_t at = 0; at < pairs_.size(); ++at)
            if (!(pairs_[at].source == nullptr ? check_new_object(at) : compare(at)))
                return false;
        return true;
    }

    /* Calls visit(key) for each member on the path to the one that is null, from the innermost outwards. */
    template <typename Visit> void flaw(Visit visit) const
    {
        visit(Object(pairs_[flaw_pair_].target).key(flaw_member_));
        for (std::uint32_t at = flaw_pair_; pairs_[at].parent != no_pair; at = pairs_[at].parent)
            visit(Object(pairs_[pairs_[at].parent].target).key(pairs_[at].member));
    }

    /* The most members that an object of the patch has. */
    [[nodiscard]] std::uint32_t widest() const
    {
        std::uint32_t widest = 0;
        for (std::size_t at = 0; at < pairs_.size(); ++at)
            widest = std::max(widest, pairs_[at].edits);
        return widest;
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
            if (const std::uint32_t pair = write_values(frame); pair != no_pair) {
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
        std::string_view key;
        Value value;        /* of the target; null: the target has no such member */
        std::uint32_t pair; /* that makes the value instead, or no_pair */
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
        pairs_.add() = {source, target.bytes.data(), parent, member, 0, 0};
        return static_cast<std::uint32_t>(pairs_.size() - 1);
    }

    bool check_new_object(std::uint32_t pair)
    {
        for (Members target(pairs_[pair].target); target.are_left(); target.next()) {
            memory_.poll();
            if (!put(pair, target.value(), target.at()))
                return false;
        }
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
        pairs_[pair].first_edit = static_cast<std::uint32_t>(edits_.size());
        Members source(pairs_[pair].source);
        Members target(pairs_[pair].target);
        while (source.are_left() || target.are_left()) {
            memory_.poll();
            const int order = !source.are_left()   ? 1
                              : !target.are_left() ? -1
                                                   : compare_keys(source.key(), target.key());
            if (order < 0)
                edits_.add() = {source.key(), {null_type, {}}, no_pair};
            else if (!(order > 0 ? bring(pair, target) : change(pair, source.value(), target)))
                return false;
            if (order <= 0)
                source.next();
            if (order >= 0)
                target.next();
        }
        pairs_[pair].edits = static_cast<std::uint32_t>(edits_.size()) - pairs_[pair].first_edit;
        return true;
    }

    bool bring(std::uint32_t pair, const Members &target)
    {
        edits_.add() = {target.key(), target.value(), no_pair};
        return put(pair, target.value(), target.at());
    }

    bool change(std::uint32_t pair, const Value &old, const Members &target)
    {
        const Value value = target.value();
        if (old == value)
            return true;
        if (!is_object(old) || !is_object(value))
            return bring(pair, target);
        edits_.add() = {target.key(), value, add_pair(old.bytes.data(), value, pair, target.at())};
        return true;
    }

    void begin(std::uint32_t at, char *where)
    {
        const Pair &pair = pairs_[at];
        Frame &frame = frames_.add();
        frame.pair = at;
        frame.edit = pair.first_edit;
        frame.out.begin(where, pair.edits);
        for (std::uint32_t next = pair.first_edit; next < pair.first_edit + pair.edits; ++next)
            frame.out.put({string_type, edits_[next].key});
    }

    std::uint32_t write_values(Frame &frame)
    {
        const Pair &pair = pairs_[frame.pair];
        while (frame.edit < pair.first_edit + pair.edits) {
            memory_.poll();
            const Edit &edit = edits_[frame.edit++];
            if (edit.pair != no_pair)
                return edit.pair;
            frame.out.put(edit.value);
        }
        return no_pair;
    }

    Memory &memory_;
    SmallVector<Pair, 16, Memory> pairs_;
    SmallVector<Edit, 32, Memory> edits_;
    SmallVector<Frame, 16, Memory> frames_;
    std::uint32_t flaw_pair_ = 0;
    std::uint32_t flaw_member_ = 0;
};

} // namespace opigno::json
