#include "json/merge/plan_writer.hpp"

#include "json/merge/object_writer.hpp"

namespace opigno::json {

namespace {

/* No recursion: objects within objects are kept on a stack of frames. */
class PlanWriter {
  public:
    explicit PlanWriter(const Plan &plan) : plan_(plan) {}

    char *write(char *buffer)
    {
        begin(0, buffer);
        for (;;) {
            Frame &frame = frames_.back();
            if (const std::uint32_t inner = write_values(frame); inner != no_object) {
                begin(inner, frame.out.pad());
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
    /* An object that is being written. */
    struct Frame {
        std::uint32_t object;
        std::uint32_t edit;  /* the next one */
        std::uint32_t child; /* the base's next child, and where it starts */
        std::uint32_t start;
        ObjectWriter out;
    };

    void begin(std::uint32_t at, char *where)
    {
        const PlannedObject &object = plan_.object(at);
        Frame &frame = frames_.add();
        frame.object = at;
        frame.edit = object.first_edit;
        if (object.changes_keys)
            begin_with_keys(object, frame, where);
        else
            begin_as_base(object, frame, where);
    }

    /* Copies the base up to the first value that changes. At least one value must change. */
    void begin_as_base(const PlannedObject &object, Frame &frame, char *where)
    {
        while (!plan_.changes(plan_.edit(frame.edit)))
            ++frame.edit;
        const Edit &edit = plan_.edit(frame.edit);
        const Object base(object.base.data());
        frame.child = base.size() + edit.at;
        frame.start = edit.value.from;
        frame.out.begin_as(where, object.base.data(), base.entries(), frame.child, frame.start);
    }

    /* The keys after the last edit are copied later, together with the first values. */
    void begin_with_keys(const PlannedObject &object, Frame &frame, char *where)
    {
        const Object base(object.base.data());
        frame.child = 0;
        frame.start = 0;
        frame.out.begin(where, object.size);
        for (std::uint32_t next = object.first_edit; next < object.last_edit; ++next) {
            const Edit &edit = plan_.edit(next);
            if (edit.kind != Edit::Kind::Insert && edit.kind != Edit::Kind::Delete)
                continue;
            poll();
            put_until(frame, base.entries(), edit.at, edit.kind, edit.key);
            if (edit.kind == Edit::Kind::Insert)
                frame.out.put({string_type, edit.new_key});
        }
    }

    /* Copies the base's children before that of an edit. */
    void put_until(Frame &frame, const Entries &base, std::uint32_t child, Edit::Kind kind, Span span)
    {
        if (frame.child != child)
            frame.out.put_run(base, {frame.child, child, {frame.start, span.from}});
        frame.child = kind == Edit::Kind::Insert ? child : child + 1;
        frame.start = span.to;
    }

    /* Writes values up to an object that the plan changes, and returns it; no_object: all are
     * written. */
    std::uint32_t write_values(Frame &frame)
    {
        const PlannedObject &object = plan_.object(frame.object);
        const Object base(object.base.data());
        while (frame.edit < object.last_edit) {
            const Edit &edit = plan_.edit(frame.edit++);
            if (!plan_.changes(edit))
                continue;
            poll();
            put_until(frame, base.entries(), base.size() + edit.at, edit.kind, edit.value);
            if (plan_.is_made(edit))
                return edit.object;
            if (edit.kind != Edit::Kind::Delete)
                frame.out.put(edit.new_value);
        }
        const auto end =
            static_cast<std::uint32_t>(object.base.data() + object.base.size() - base.entries().data());
        frame.out.put_run(base.entries(), {frame.child, 2 * base.size(), {frame.start, end}});
        return no_object;
    }

    const Plan &plan_;
    SmallVector<Frame, 16> frames_;
};

static_assert(std::is_trivially_destructible_v<PlanWriter>);

} // namespace

char *write_plan(const Plan &plan, char *buffer)
{
    return PlanWriter(plan).write(buffer);
}

} // namespace opigno::json
