#include "json/schema/rights.hpp"

#include "json/schema/keyword.hpp"
#include "json/value/arena.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

/* How one subschema leads to another. */
enum class Edge : std::uint8_t {
    Member, /* "properties" */
    Here,   /* it applies to the same value, whatever the value is */
    Other,
};

template <typename Visit>
void visit_dynamic(const Program &program, const DynamicReference &dynamic, Visit visit)
{
    visit(dynamic.target, Edge::Other, std::string_view());
    for (const Resource &resource : program.resources)
        for (const DynamicAnchor &anchor : resource.anchors)
            if (dynamic.is_dynamic && anchor.name == dynamic.name)
                visit(anchor.node, Edge::Other, std::string_view());
}

template <typename Visit> void visit_in_place(const Program &program, const InPlaceRules &rules, Visit visit)
{
    constexpr std::string_view unnamed;
    visit(rules.reference, Edge::Here, unnamed);
    for (const NodeId next : rules.all_of)
        visit(next, Edge::Here, unnamed);
    for (const std::span<const NodeId> branches : {rules.any_of, rules.one_of})
        for (const NodeId next : branches)
            visit(next, Edge::Other, unnamed);
    for (const NodeId next : {rules.negated, rules.condition, rules.then_branch, rules.else_branch,
                              rules.unevaluated_properties, rules.unevaluated_items})
        visit(next, Edge::Other, unnamed);
    if (rules.dynamic != nullptr)
        visit_dynamic(program, *rules.dynamic, visit);
}

template <typename Visit> void visit_object(const ObjectRules &rules, Visit visit)
{
    constexpr std::string_view unnamed;
    for (const Property &property : rules.properties)
        visit(property.schema, Edge::Member, property.name);
    for (const PatternProperty &property : rules.patterns)
        visit(property.schema, Edge::Other, unnamed);
    for (const Dependency &dependency : rules.dependencies)
        visit(dependency.schema, Edge::Other, unnamed);
    visit(rules.additional, Edge::Other, unnamed);
    visit(rules.names, Edge::Other, unnamed);
}

template <typename Visit> void visit_array(const ArrayRules &rules, Visit visit)
{
    constexpr std::string_view unnamed;
    for (const NodeId next : rules.prefix)
        visit(next, Edge::Other, unnamed);
    visit(rules.items, Edge::Other, unnamed);
    visit(rules.contains, Edge::Other, unnamed);
}

/* Calls visit(subschema, edge, name) for each subschema that a node leads to. */
template <typename Visit> void visit_next(const Program &program, NodeId from, Visit visit)
{
    const auto given = [&](NodeId next, Edge edge, std::string_view name) {
        if (next != no_node)
            visit(next, edge, name);
    };
    const Node &node = program.nodes[from];
    if (node.object != nullptr)
        visit_object(*node.object, given);
    if (node.array != nullptr)
        visit_array(*node.array, given);
    if (node.in_place != nullptr)
        visit_in_place(program, *node.in_place, given);
}

struct RightsKeyword {
    std::string_view name;
    bool has_scopes;
    bool is_of_readers;
};

constexpr RightsKeyword rights_keywords[] = {{"readOnly", false, false},
                                             {"writeOnly", false, true},
                                             {"x-opigno-read", true, true},
                                             {"x-opigno-write", true, false}};

class RightsCompiler {
  public:
    RightsCompiler(const Program &program, SchemaFaults &faults)
        : program_(program), faults_(faults), states_(arena_.array<State>(program.nodes.size()))
    {
    }

    const Rights *run()
    {
        find_rights();
        if (!has_rights_)
            return nullptr;
        find_ways();
        add_place({});
        walk(0, program_.root, 0);
        return has_faults_ ? nullptr : made();
    }

  private:
    struct State {
        bool has_rights = false;
        bool leads_to_rights = false; /* or has them */
        bool is_entered = false;
        bool is_forbidden = false;
    };

    /* A place while the tree grows. Its members are a list, the last one first. */
    struct Growing {
        std::string_view name;
        std::uint32_t last_member = 0; /* no place has the whole document as its member */
        std::uint32_t previous = 0;
        std::uint32_t members = 0;
        bool is_read_only = false;
        bool is_write_only = false;
    };

    struct Restriction {
        std::uint32_t place;
        bool is_of_readers;
        ScopeSet scopes;
    };

    void add_fault(NodeId node, const RightsKeyword &keyword, std::string_view message)
    {
        has_faults_ = true;
        if (faults_.size() == max_schema_faults)
            return;
        constexpr std::string_view end("\0", 1);
        faults_.add() = {arena_.join({program_.nodes[node].pointer, "/", keyword.name, end}).data(),
                         arena_.join({"\"", keyword.name, "\" ", message, end}).data()};
    }

    /* Calls take(keyword, value) for each right of a subschema. */
    template <typename Take> void for_each_right(NodeId node, Take take) const
    {
        const Node &at = program_.nodes[node];
        if (at.source == nullptr)
            return;
        const Value source{container_type, {at.source, 4}};
        Value value;
        for (const RightsKeyword &keyword : rights_keywords)
            if (find_member(source, keyword.name, value) && (keyword.has_scopes || value.type == true_type))
                take(keyword, value);
    }

    void find_rights()
    {
        for (NodeId node = 0; node < program_.nodes.size(); ++node) {
            poll();
            for_each_right(node, [&](const RightsKeyword &keyword, const Value &value) {
                states_[node].has_rights = states_[node].leads_to_rights = has_rights_ = true;
                check(node, keyword, value);
            });
        }
    }

    void check(NodeId node, const RightsKeyword &keyword, const Value &value)
    {
        Value reference;
        if (is_reference_alone(program_.draft) &&
            find_member({container_type, {program_.nodes[node].source, 4}}, "$ref", reference))
            add_fault(node, keyword, "would be ignored beside \"$ref\" in this draft");
        if (!keyword.has_scopes)
            return;
        if (!is_array(value)) {
            add_fault(node, keyword, "must be an array of names of scopes");
            return;
        }
        for (Elements elements(value.bytes.data()); elements.are_left(); elements.next()) {
            if (elements.value().type != string_type)
                add_fault(node, keyword, "must be an array of names of scopes");
            else
                add_scope(node, keyword, elements.value().bytes);
        }
    }

    void add_scope(NodeId node, const RightsKeyword &keyword, std::string_view name)
    {
        if (find_scope(name) < scopes_.size())
            return;
        if (scopes_.size() == max_scopes) {
            add_fault(node, keyword, "has more scopes than the rights of a schema can name");
            return;
        }
        constexpr std::string_view end("\0", 1);
        scopes_.add() = {name, arena_.join({program_.nodes[node].pointer, "/", keyword.name, end}).data()};
    }

    [[nodiscard]] std::size_t find_scope(std::string_view name) const
    {
        std::size_t at = 0;
        while (at < scopes_.size() && scopes_[at].name != name)
            ++at;
        return at;
    }

    /* Most subschemas come after those that lead to them. */
    void find_ways()
    {
        for (bool has_changed = true; has_changed;) {
            has_changed = false;
            for (auto node = static_cast<NodeId>(program_.nodes.size()); node-- > 0;) {
                State &state = states_[node];
                if (state.leads_to_rights)
                    continue;
                poll();
                visit_next(program_, node, [&](NodeId next, Edge /*edge*/, std::string_view /*name*/) {
                    state.leads_to_rights |= states_[next].leads_to_rights;
                });
                has_changed |= state.leads_to_rights;
            }
        }
    }

    std::uint32_t add_place(std::string_view name)
    {
        Growing &place = places_.add();
        place = Growing{};
        place.name = name;
        return static_cast<std::uint32_t>(places_.size() - 1);
    }

    std::uint32_t member_of(std::uint32_t place, std::string_view name)
    {
        for (std::uint32_t at = places_[place].last_member; at != 0; at = places_[at].previous)
            if (places_[at].name == name)
                return at;
        const std::uint32_t member = add_place(name);
        places_[member].previous = places_[place].last_member;
        places_[place].last_member = member;
        ++places_[place].members;
        return member;
    }

    /* The subschema applies to the place in every document. */
    void walk(std::uint32_t place, NodeId node, std::size_t level)
    {
        State &state = states_[node];
        if (!state.leads_to_rights)
            return;
        poll();
        if (state.is_entered || level == max_levels || ++steps_ > max_steps) {
            forbid(node);
            return;
        }
        state.is_entered = true;
        for_each_right(node, [&](const RightsKeyword &keyword, const Value &value) {
            restrict(place, node, keyword, value);
        });
        visit_next(program_, node, [&](NodeId next, Edge edge, std::string_view name) {
            if (edge == Edge::Other)
                forbid(next);
            else if (states_[next].leads_to_rights)
                walk(edge == Edge::Member ? member_of(place, name) : place, next, level + 1);
        });
        state.is_entered = false;
    }

    void restrict(std::uint32_t place, NodeId node, const RightsKeyword &keyword, const Value &value)
    {
        if (place == 0 && keyword.is_of_readers) {
            add_fault(node, keyword, "cannot hide the whole document");
            return;
        }
        if (!keyword.has_scopes) {
            (keyword.is_of_readers ? places_[place].is_write_only : places_[place].is_read_only) = true;
            return;
        }
        if (has_faults_)
            return;
        ScopeSet scopes = 0;
        for (Elements elements(value.bytes.data()); elements.are_left(); elements.next())
            scopes |= ScopeSet{1} << find_scope(elements.value().bytes);
        restrictions_.add() = {place, keyword.is_of_readers, scopes};
    }

    /* Reports the rights of a subschema and of those it leads to. */
    void forbid(NodeId node)
    {
        const auto add = [&](NodeId next) {
            if (!states_[next].leads_to_rights || states_[next].is_forbidden)
                return;
            states_[next].is_forbidden = true;
            forbidden_.add() = next;
        };
        add(node);
        while (!forbidden_.empty()) {
            poll();
            const NodeId at = forbidden_.back();
            forbidden_.pop_back();
            for_each_right(at, [&](const RightsKeyword &keyword, const Value & /*value*/) {
                add_fault(at, keyword,
                          "is supported only where \"properties\", \"allOf\" and static references lead "
                          "to, and not in a recursion");
            });
            visit_next(program_, at,
                       [&](NodeId next, Edge /*edge*/, std::string_view /*name*/) { add(next); });
        }
    }

    const Rights *made()
    {
        if (!restrictions_.empty())
            std::sort(
                &restrictions_[0], &restrictions_[0] + restrictions_.size(),
                [](const Restriction &left, const Restriction &right) { return left.place < right.place; });
        auto *places = arena_.array<RightsPlace>(places_.size());
        for (std::uint32_t at = 0; at < places_.size(); ++at) {
            const Growing &from = places_[at];
            places[at].is_read_only = from.is_read_only;
            places[at].is_write_only = from.is_write_only;
            places[at].members = members_of(from);
            places[at].readers = sets_of(at, true);
            places[at].writers = sets_of(at, false);
        }
        auto *scopes = arena_.array<NamedScope>(scopes_.size());
        for (std::size_t at = 0; at < scopes_.size(); ++at)
            scopes[at] = scopes_[at];
        auto *rights = arena_.make<Rights>();
        *rights = {{places, places_.size()}, {scopes, scopes_.size()}};
        return rights;
    }

    std::span<const RightsMember> members_of(const Growing &place)
    {
        auto *members = arena_.array<RightsMember>(place.members);
        std::uint32_t next = 0;
        for (std::uint32_t at = place.last_member; at != 0; at = places_[at].previous)
            members[next++] = {places_[at].name, at};
        std::sort(members, members + next, [](const RightsMember &left, const RightsMember &right) {
            return compare_keys(left.name, right.name) < 0;
        });
        return {members, next};
    }

    std::span<const ScopeSet> sets_of(std::uint32_t place, bool is_of_readers)
    {
        /* They are sorted by place. */
        const Restriction *first = restrictions_.empty() ? nullptr : &restrictions_[0];
        const Restriction *end = first + restrictions_.size();
        const Restriction *from =
            std::lower_bound(first, end, place, [](const Restriction &each, std::uint32_t wanted) {
                return each.place < wanted;
            });
        std::size_t most = 0;
        while (from + most != end && from[most].place == place)
            ++most;
        auto *sets = arena_.array<ScopeSet>(most);
        std::size_t count = 0;
        for (std::size_t at = 0; at < most; ++at)
            if (from[at].is_of_readers == is_of_readers)
                sets[count++] = from[at].scopes;
        return {sets, count};
    }

    static constexpr std::size_t max_levels = 64;
    static constexpr std::size_t max_steps = 10000;

    const Program &program_;
    SchemaFaults &faults_;
    Arena arena_;
    State *states_;
    SmallVector<NamedScope, 4> scopes_;
    SmallVector<Growing, 16> places_;
    SmallVector<Restriction, 16> restrictions_;
    SmallVector<NodeId, 16> forbidden_;
    std::size_t steps_ = 0;
    bool has_rights_ = false;
    bool has_faults_ = false;
};

static_assert(std::is_trivially_destructible_v<RightsCompiler>);

} // namespace

const Rights *compile_rights(const Program &program, SchemaFaults &faults)
{
    return RightsCompiler(program, faults).run();
}

bool Asker::has_one_of_each(std::span<const ScopeSet> sets) const
{
    return std::all_of(sets.begin(), sets.end(), [&](ScopeSet set) { return (set & scopes_) != 0; });
}

bool Asker::sees_everything() const
{
    return std::all_of(rights_->places.begin(), rights_->places.end(),
                       [&](const RightsPlace &place) { return may_see(place); });
}

} // namespace opigno::json::schema
