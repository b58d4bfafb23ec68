/*
 * Writes the result of a merge plan: members that do not change are copied in runs of raw bytes,
 * entries are made anew where their place or their offsets change. No recursion: objects within
 * objects are kept on a stack of frames. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/merge_plan.hpp"

namespace opigno::json {

/* An object's container while it is written: its entries, and behind them its data. */
class ObjectWriter {
  public:
    /* at: a multiple of four behind the start of the document's buffer. */
    ObjectWriter(char *at, std::uint32_t size) : entries_(at + 4), data_(entries_ + size * std::size_t{8})
    {
        set_word(at, size | object_flag);
    }
    ObjectWriter() = default;

    [[nodiscard]] char *end() const { return data_ + length_; }
    [[nodiscard]] std::uint32_t length() const { return length_; }

    /* Where a number or a container can start. Its entry covers the padding too. */
    char *pad()
    {
        const std::uint32_t start = aligned(length_);
        std::memset(data_ + length_, 0, start - length_);
        return data_ + start;
    }
    /* A child was written behind the last one, and ends here. */
    void close(Type type, const char *end)
    {
        const auto new_length = static_cast<std::uint32_t>(end - data_);
        put_entry(type, new_length - length_, new_length);
        length_ = new_length;
    }
    void put(const Value &value)
    {
        char *at = is_aligned(value.type) ? pad() : end();
        if (!value.bytes.empty())
            std::memcpy(at, value.bytes.data(), value.bytes.size());
        close(value.type, at + value.bytes.size());
    }

    /* Children [from, to) of another container as they are. */
    void put_run(const Entries &source, std::uint32_t from, std::uint32_t to)
    {
        if (from >= to)
            return;
        std::uint32_t start = source.start(from);
        if (((length_ - start) & 3U) != 0) {
            /* From the first number or container on, the paddings are the same again. */
            std::uint32_t first = from;
            while (first < to && !is_aligned(source[first]))
                ++first;
            start = put_bytes(source, from, first, start);
            if (first == to)
                return;
            const std::uint32_t end = source.end(first, start);
            put({type_of(source[first]), {source.data() + aligned(start), end - aligned(start)}});
            from = first + 1;
            start = end;
        }
        put_bytes(source, from, to, start);
    }

  private:
    void put_entry(Type type, std::uint32_t length, std::uint32_t end)
    {
        set_word(entries_ + count_ * std::size_t{4},
                 type | (count_ % offset_stride == 0 ? has_offset | (end & length_mask) : length));
        ++count_;
    }

    /* Gives the offset in the source where the run ends. */
    std::uint32_t put_bytes(const Entries &source, std::uint32_t from, std::uint32_t to, std::uint32_t start)
    {
        if (from == to)
            return start;
        const std::uint32_t end = source.end(to - 1, source.start(to - 1));
        std::memcpy(data_ + length_, source.data() + start, end - start);
        const std::uint32_t shift = length_ - start;
        if (from % offset_stride == count_ % offset_stride)
            copy_entries(source, from, to, shift);
        else
            make_entries(source, from, to, start, shift);
        length_ += end - start;
        return end;
    }

    /* Entries that hold offsets stay where they are: in every 32nd place. */
    void copy_entries(const Entries &source, std::uint32_t from, std::uint32_t to, std::uint32_t shift)
    {
        char *at = entries_ + count_ * std::size_t{4};
        std::memcpy(at, source.bytes(from), (to - from) * std::size_t{4});
        std::uint32_t index = (count_ + offset_stride - 1) / offset_stride * offset_stride;
        count_ += to - from;
        if (shift == 0)
            return;
        for (; index < count_; index += offset_stride) {
            char *entry = entries_ + index * std::size_t{4};
            set_word(entry, word(entry) + shift);
        }
    }

    void make_entries(const Entries &source, std::uint32_t from, std::uint32_t to, std::uint32_t start,
                      std::uint32_t shift)
    {
        for (; from < to; ++from) {
            const std::uint32_t end = source.end(from, start);
            put_entry(type_of(source[from]), end - start, end + shift);
            start = end;
        }
    }

    char *entries_ = nullptr;
    char *data_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint32_t length_ = 0;
};

template <typename Memory> class MergeWriter {
  public:
    MergeWriter(const MergePlan<Memory> &merge, Memory &memory) : merge_(merge), frames_(memory) {}

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
        std::uint32_t edit; /* the next one */
        std::uint32_t at;   /* the base's next member */
        ObjectWriter out;
    };

    void begin(std::uint32_t at, char *where)
    {
        const Plan &plan = merge_.plan(at);
        frames_.push_back({at, plan.first_edit, 0, ObjectWriter(where, plan.size)});
        write_keys(plan, frames_.back().out);
    }

    void write_keys(const Plan &plan, ObjectWriter &out)
    {
        const Object base(plan.base);
        std::uint32_t at = 0;
        for (std::uint32_t next = plan.first_edit; next < plan.first_edit + plan.edits; ++next) {
            const Edit &edit = merge_.edit(next);
            if (edit.kind == Edit::Kind::Replace)
                continue;
            out.put_run(base.entries(), at, edit.at);
            at = edit.at;
            if (edit.kind == Edit::Kind::Delete)
                ++at;
            else
                out.put({string_type, Object(plan.patch).key(edit.member)});
        }
        out.put_run(base.entries(), at, base.size());
    }

    /* Goes on until all values are written, or gives the plan of the object that comes next. */
    std::uint32_t write_values(Frame &frame)
    {
        const Plan &plan = merge_.plan(frame.plan);
        const Object base(plan.base);
        while (frame.edit < plan.first_edit + plan.edits) {
            const Edit &edit = merge_.edit(frame.edit++);
            if (edit.plan != no_plan && edit.kind == Edit::Kind::Replace && keeps_member(plan, edit))
                continue;
            frame.out.put_run(base.entries(), base.size() + frame.at, base.size() + edit.at);
            frame.at = edit.at + (edit.kind == Edit::Kind::Insert ? 0 : 1);
            if (edit.kind == Edit::Kind::Delete)
                continue;
            if (edit.plan != no_plan && merge_.plan(edit.plan).changes)
                return edit.plan;
            frame.out.put(Object(plan.patch).value(edit.member));
        }
        frame.out.put_run(base.entries(), base.size() + frame.at, 2 * base.size());
        frame.at = base.size();
        return no_plan;
    }

    /* A member's object that is merged or cleaned, and comes out as it was. */
    bool keeps_member(const Plan &plan, const Edit &edit) const
    {
        const Plan &made = merge_.plan(edit.plan);
        return !made.changes && (plan.patch == nullptr || made.patch != nullptr);
    }

    const MergePlan<Memory> &merge_;
    SmallVector<Frame, 16, Memory> frames_;
};

} // namespace opigno::json
