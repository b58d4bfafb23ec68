/*
 * Writes an object's container: its entries, followed by its data. Children that are the same as in
 * another object are copied in runs; their entries are made anew if their place or their offsets
 * change. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/jsonb_format.hpp"

#include <algorithm>

namespace opigno::json {

/* Children [first, last) of an object, and the place of their data. */
struct Run {
    std::uint32_t first;
    std::uint32_t last;
    Span data;
};

class ObjectWriter {
  public:
    /* at: a multiple of four from the start of the document's buffer. */
    void begin(char *at, std::uint32_t size)
    {
        set_word(at, size | object_flag);
        entries_ = at + 4;
        data_ = entries_ + size * std::size_t{8};
        count_ = 0;
        length_ = 0;
        has_entries_ = false;
    }
    /* The object has the keys of another one, and its children before `child`. start: the offset
     * where that child starts in the other one. */
    void begin_as(char *at, const char *other, const Entries &entries, std::uint32_t child,
                  std::uint32_t start)
    {
        entries_ = at + 4;
        data_ = entries_ + entries.count() * std::size_t{4};
        copy_bytes(at, other, static_cast<std::size_t>(entries.data() - other) + start);
        count_ = child;
        length_ = start;
        has_entries_ = true;
    }

    [[nodiscard]] char *end() const { return data_ + length_; }
    [[nodiscard]] std::uint32_t length() const { return length_; }

    /* Adds padding; a number or a container can start at its end. The child's entry covers the
     * padding. */
    char *pad()
    {
        char *at = end();
        const std::uint32_t gap = -length_ & 3U;
        if (gap != 0) /* one to three bytes, without a loop */
            at[0] = at[gap / 2] = at[gap - 1] = 0;
        return at + gap;
    }
    /* Adds the entry of a child that was written after the last one and ends there. */
    void close(Type type, const char *end)
    {
        const auto new_length = static_cast<std::uint32_t>(end - data_);
        put_entry(type, new_length - length_, new_length);
        length_ = new_length;
    }
    void put(const Value &value)
    {
        char *at = is_aligned(value.type) ? pad() : end();
        copy_bytes(at, value.bytes.data(), value.bytes.size());
        close(value.type, at + value.bytes.size());
    }

    /* Copies children of another object. */
    void put_run(const Entries &source, Run run)
    {
        if (((length_ - run.data.from) & 3U) != 0)
            run = realign(source, run);
        put_bytes(source, run);
    }

  private:
    /* Copies the run up to its first number or container, whose padding changes. The paddings after
     * it are the same again; returns that part of the run. */
    Run realign(const Entries &source, const Run &run)
    {
        std::uint32_t first = run.first;
        while (first < run.last && !is_aligned(source[first]))
            ++first;
        if (first == run.last)
            return run;
        const Span span = source.span(first);
        put_bytes(source, {run.first, first, {run.data.from, span.from}});
        put(source.value(first, span));
        return {first + 1, run.last, {span.to, run.data.to}};
    }

    void put_entry(Type type, std::uint32_t length, std::uint32_t end)
    {
        set_word(entries_ + count_ * std::size_t{4},
                 type | (count_ % offset_stride == 0 ? has_offset | (end & length_mask) : length));
        ++count_;
    }

    void put_bytes(const Entries &source, const Run &run)
    {
        if (run.first == run.last)
            return;
        copy_bytes(data_ + length_, source.data() + run.data.from, run.data.to - run.data.from);
        if (run.first % offset_stride == count_ % offset_stride)
            copy_entries(source, run);
        else
            make_entries(source, run);
        length_ += run.data.to - run.data.from;
    }

    /* For a run whose entries that hold offsets do so in their new places too. */
    void copy_entries(const Entries &source, const Run &run)
    {
        char *at = entries_ + count_ * std::size_t{4};
        if (!has_entries_)
            copy_bytes(at, source.bytes(run.first), (run.last - run.first) * std::size_t{4});
        std::uint32_t index = (count_ + offset_stride - 1) / offset_stride * offset_stride;
        count_ += run.last - run.first;
        const std::uint32_t shift = length_ - run.data.from;
        for (; index < count_ && shift != 0; index += offset_stride) {
            char *entry = entries_ + index * std::size_t{4};
            set_word(entry, word(entry) + shift);
        }
    }

    /* Copies all entries but those that hold an offset in their old place or in the new one. */
    void make_entries(const Entries &source, const Run &run)
    {
        const std::uint32_t shift = length_ - run.data.from;
        std::uint32_t start = run.data.from;
        for (std::uint32_t at = run.first;; ++at) {
            const std::uint32_t plain =
                std::min({run.last - at, -at % offset_stride, -count_ % offset_stride});
            copy_bytes(entries_ + count_ * std::size_t{4}, source.bytes(at), plain * std::size_t{4});
            count_ += plain;
            if (at + plain == run.last)
                return;
            start += source.lengths(at, at + plain);
            at += plain;
            const std::uint32_t end = source.end(at, start);
            put_entry(type_of(source[at]), end - start, end + shift);
            start = end;
        }
    }

    char *entries_;
    char *data_;
    std::uint32_t count_;
    std::uint32_t length_;
    bool has_entries_; /* begin_as() has copied all entries */
};

static_assert(std::is_trivially_destructible_v<ObjectWriter>);

} // namespace opigno::json
