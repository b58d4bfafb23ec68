/*
 * Writes the result of a merge plan. No recursion: objects within objects are kept on a stack of
 * frames. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/merge/merge_plan.hpp"
#include "json/merge/object_writer.hpp"

namespace opigno::json {

template <typename Memory> class MergeWriter {
  public:
    MergeWriter(const MergePlan<Memory> &merge, Memory &memory)
        : merge_(merge), memory_(memory), frames_(memory)
    {
    }

    /*
     * Writes the root's container at the start of a buffer that has room for base, patch and
     * the plan's slack, and gives its end; nullptr where an object's data exceed what an entry can tell.
     */
    char *write(char *buffer)
    {
        begin(0, buffer);
        for (;;) {
            Frame &frame = frames_.back();
            if (const std::uint32_t member = write_values(frame); member != no_plan) {
                begin(member, frame.out.pad());
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
    struct Frame {
        std::uint32_t plan;
        std::uint32_t edit;  /* the next one */
        std::uint32_t child; /* the base's next one, and where it starts */
        std::uint32_t start;
        ObjectWriter out;
    };

    void begin(std::uint32_t at, char *where)
    {
        const Plan &plan = merge_.plan(at);
        Frame &frame = frames_.add();
        frame.plan = at;
        frame.edit = plan.first_edit;
        if (plan.changes_keys)
            begin_with_keys(plan, frame, where);
        else
            begin_as_base(plan, frame, where);
    }

    /* Up to the first value that changes: there is one. */
    void begin_as_base(const Plan &plan, Frame &frame, char *where)
    {
        while (!merge_.changes(merge_.edit(frame.edit)))
            ++frame.edit;
        const Edit &edit = merge_.edit(frame.edit);
        const Object base(plan.base.data());
        frame.child = base.size() + edit.at;
        frame.start = edit.value.from;
        frame.out.begin_as(where, plan.base.data(), base.entries(), frame.child, frame.start);
    }

    /* The keys behind the last edit are copied together with the first values. */
    void begin_with_keys(const Plan &plan, Frame &frame, char *where)
    {
        const Object base(plan.base.data());
        frame.child = 0;
        frame.start = 0;
        frame.out.begin(where, plan.size);
        for (std::uint32_t next = plan.first_edit; next < plan.last_edit; ++next) {
            const Edit &edit = merge_.edit(next);
            if (edit.kind != Edit::Kind::Insert && edit.kind != Edit::Kind::Delete)
                continue;
            memory_.poll();
            put_until(frame, base.entries(), edit.at, edit.kind, edit.key);
            if (edit.kind == Edit::Kind::Insert)
                frame.out.put({string_type, edit.new_key});
        }
    }

    /* What of the base comes before an edit's child. */
    void put_until(Frame &frame, const Entries &base, std::uint32_t child, Edit::Kind kind, Span span)
    {
        frame.out.put_run(base, {frame.child, child, {frame.start, span.from}});
        frame.child = kind == Edit::Kind::Insert ? child : child + 1;
        frame.start = span.to;
    }

    /* Goes on until all values are written, or gives the plan of the object that comes next. */
    std::uint32_t write_values(Frame &frame)
    {
        const Plan &plan = merge_.plan(frame.plan);
        const Object base(plan.base.data());
        while (frame.edit < plan.last_edit) {
            const Edit &edit = merge_.edit(frame.edit++);
            if (!merge_.changes(edit))
                continue;
            memory_.poll();
            put_until(frame, base.entries(), base.size() + edit.at, edit.kind, edit.value);
            if (merge_.is_made(edit))
                return edit.plan;
            if (edit.kind != Edit::Kind::Delete)
                frame.out.put(edit.new_value);
        }
        const auto end =
            static_cast<std::uint32_t>(plan.base.data() + plan.base.size() - base.entries().data());
        frame.out.put_run(base.entries(), {frame.child, 2 * base.size(), {frame.start, end}});
        return no_plan;
    }

    const MergePlan<Memory> &merge_;
    Memory &memory_;
    SmallVector<Frame, 16, Memory> frames_;
};

} // namespace opigno::json
