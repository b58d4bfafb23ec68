/* What the rights of a request mean for a document. */
#include "json/merge/plan_builder.hpp"
#include "json/schema/equality.hpp"
#include "json/schema/keyword.hpp"
#include "json/schema/pointer.hpp"
#include "json/schema/rights.hpp"
#include "json/value/host.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

constexpr std::uint32_t empty_object = object_flag;

std::string_view container_of_nothing()
{
    return {reinterpret_cast<const char *>(&empty_object), sizeof empty_object};
}

std::optional<Value> member_of(const std::optional<Value> &value, std::string_view name)
{
    Value member;
    if (!value.has_value() || !is_object(*value) || !find_member(*value, name, member))
        return std::nullopt;
    return member;
}

/* The places of a plan's objects, which are planned one after the other. No recursion. */
class VisiblePlanner {
  public:
    VisiblePlanner(const Asker &asker, Plan &plan) : asker_(asker), plan_(plan), builder_(plan) {}

    void make(std::string_view container)
    {
        add_object(container, 0);
        for (std::uint32_t at = 0; at < plan_.objects(); ++at) {
            plan_.object(at).first_edit = plan_.edits();
            leave_out(at, asker_.rights().places[places_[at]]);
            plan_.object(at).last_edit = plan_.edits();
        }
        builder_.finish();
    }

  private:
    std::uint32_t add_object(std::string_view base, std::uint32_t place)
    {
        places_.add() = place;
        return builder_.add_object(base);
    }

    void leave_out(std::uint32_t object, const RightsPlace &place)
    {
        const Object base(plan_.object(object).base.data());
        KeySearch search(plan_.object(object).base.data());
        for (const RightsMember &member : place.members) {
            poll();
            if (!search.find(member.name))
                continue;
            const Entries &entries = base.entries();
            const Span key{search.start(), entries.end(search.at(), search.start())};
            const Span span = entries.span(base.size() + search.at());
            const Value value = entries.value(base.size() + search.at(), span);
            if (!asker_.may_see(asker_.rights().places[member.place]))
                builder_.remove(object, search.at(), key, span);
            else if (is_object(value))
                plan_.add_edit(Edit::Kind::Merge, search.at(), key, span,
                               add_object(value.bytes, member.place));
        }
    }

    const Asker &asker_;
    Plan &plan_;
    PlanBuilder builder_;
    SmallVector<std::uint32_t, 32> places_; /* of the planned objects */
};

/* Whether an object has a member that the request may not see. */
bool has_unseen(const Asker &asker, std::uint32_t at, const Value &object)
{
    Value value;
    for (const RightsMember &member : asker.rights().places[at].members) {
        poll();
        if (find_member(object, member.name, value) &&
            (!asker.may_see(asker.rights().places[member.place]) ||
             (is_object(value) && has_unseen(asker, member.place, value))))
            return true;
    }
    return false;
}

class KeptPlanner {
  public:
    KeptPlanner(const Asker &asker, Plan &plan) : asker_(asker), plan_(plan), builder_(plan) {}

    void make(std::string_view stored, std::string_view given)
    {
        add_object(given, {stored, 0});
        for (std::uint32_t at = 0; at < plan_.objects(); ++at) {
            plan_.object(at).first_edit = plan_.edits();
            keep(at, sources_[at]);
            plan_.object(at).last_edit = plan_.edits();
        }
        builder_.finish();
    }

  private:
    struct Source {
        std::string_view stored; /* container */
        std::uint32_t place;
    };

    std::uint32_t add_object(std::string_view base, const Source &source)
    {
        sources_.add() = source;
        return builder_.add_object(base);
    }

    void keep(std::uint32_t object, Source source)
    {
        KeySearch given(plan_.object(object).base.data());
        Value stored;
        for (const RightsMember &member : asker_.rights().places[source.place].members) {
            poll();
            if (!find_member({container_type, source.stored}, member.name, stored))
                continue;
            const bool is_given = given.find(member.name);
            if (!asker_.may_see(asker_.rights().places[member.place])) {
                if (!is_given)
                    builder_.insert(object, given, member.name, stored, no_object);
            } else if (is_object(stored) && has_unseen(asker_, member.place, stored)) {
                keep_within(object, given, is_given, member, stored);
            }
        }
    }

    void keep_within(std::uint32_t object, const KeySearch &given, bool is_given, const RightsMember &member,
                     const Value &stored)
    {
        const Source source{stored.bytes, member.place};
        if (!is_given) {
            const std::string_view nothing = container_of_nothing();
            builder_.insert(object, given, member.name, {container_type, nothing},
                            add_object(nothing, source));
            return;
        }
        const Object base(plan_.object(object).base.data());
        const Span span = base.entries().span(base.size() + given.at());
        const Value value = base.entries().value(base.size() + given.at(), span);
        if (is_object(value))
            plan_.add_edit(Edit::Kind::Merge, given.at(),
                           {given.start(), base.entries().end(given.at(), given.start())}, span,
                           add_object(value.bytes, source));
    }

    const Asker &asker_;
    Plan &plan_;
    PlanBuilder builder_;
    SmallVector<Source, 32> sources_; /* of the planned objects */
};

static_assert(std::is_trivially_destructible_v<VisiblePlanner> &&
              std::is_trivially_destructible_v<KeptPlanner>);

/* A place on the way to the one that is examined. */
struct Way {
    const Way *before;
    std::string_view name;
};

void append(PointerText &text, const Way *way)
{
    if (way == nullptr)
        return;
    append(text, way->before);
    text.append_name(way->name);
}

bool are_equal(const std::optional<Value> &left, const std::optional<Value> &right)
{
    if (!left.has_value() || !right.has_value())
        return left.has_value() == right.has_value();
    std::uint64_t steps = 0;
    return *left == *right || compare(*left, *right, steps) == Equality::Equal;
}

class ForbiddenSearch {
  public:
    ForbiddenSearch(const Asker &asker, std::size_t max_faults, Pointers &found)
        : asker_(asker), max_faults_(max_faults), found_(found)
    {
    }

    void examine(std::uint32_t at, const Change &change, bool is_seen, const Way *way)
    {
        poll();
        const RightsPlace &place = asker_.rights().places[at];
        is_seen = is_seen && asker_.may_see(place);
        if (!asker_.may_write(place)) {
            if ((!is_seen && change.given.has_value()) || !are_equal(change.stored, change.wanted))
                report(way);
            return;
        }
        for (const RightsMember &member : place.members) {
            if (found_.size() == max_faults_)
                return;
            const Change within{member_of(change.stored, member.name), member_of(change.wanted, member.name),
                                member_of(change.given, member.name)};
            const Way next{way, member.name};
            if (within.stored.has_value() || within.wanted.has_value() || within.given.has_value())
                examine(member.place, within, is_seen, &next);
        }
    }

  private:
    void report(const Way *way)
    {
        PointerText text;
        append(text, way);
        found_.add() = text.copy();
    }

    const Asker &asker_;
    std::size_t max_faults_;
    Pointers &found_;
};

static_assert(std::is_trivially_destructible_v<ForbiddenSearch>);

} // namespace

void plan_visible(const Asker &asker, std::string_view container, Plan &plan)
{
    VisiblePlanner(asker, plan).make(container);
}

void plan_kept(const Asker &asker, std::string_view stored, std::string_view given, Plan &plan)
{
    KeptPlanner(asker, plan).make(stored, given);
}

void find_forbidden(const Asker &asker, const Change &change, std::size_t max_faults, Pointers &found)
{
    ForbiddenSearch(asker, max_faults, found).examine(0, change, true, nullptr);
}

bool writes_unseen(const Asker &asker, const Value &given)
{
    return is_object(given) && has_unseen(asker, 0, given);
}

/* The name that a part of a JSON Pointer stands for, in allocate()'s memory. */
static std::string_view decoded(std::string_view part)
{
    auto *name = static_cast<char *>(allocate(part.size() + 1));
    std::size_t size = 0;
    for (std::size_t at = 0; at < part.size(); ++at) {
        const bool is_escape = part[at] == '~' && at + 1 < part.size();
        name[size++] = !is_escape ? part[at] : part[++at] == '0' ? '~' : '/';
    }
    return {name, size};
}

bool Asker::hides(std::string_view pointer, const std::optional<Value> &given) const
{
    const RightsPlace *place = &rights_->places[0];
    std::optional<Value> value = given;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        const std::string_view name = decoded(pointer.substr(0, end));
        pointer.remove_prefix(end);
        const auto member = std::find_if(place->members.begin(), place->members.end(),
                                         [&](const RightsMember &each) { return each.name == name; });
        if (member == place->members.end())
            return false;
        place = &rights_->places[member->place];
        value = member_of(value, name);
        if (!may_see(*place))
            return !has_one_of_each(place->readers) || !value.has_value();
    }
    return false;
}

} // namespace opigno::json::schema
