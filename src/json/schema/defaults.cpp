#include "json/schema/defaults.hpp"

#include "json/merge/plan_builder.hpp"
#include "json/schema/evaluator.hpp"
#include "json/value/host.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

/* A part of the nodes that apply to an object. */
struct Range {
    std::size_t from;
    std::size_t to;
};

/* A property that a node lists. */
struct Listed {
    std::string_view name;
    NodeId schema;
    std::size_t at; /* in the order of the nodes */
};

class DefaultsPlanner {
  public:
    DefaultsPlanner(const Program &program, Plan &plan)
        : program_(program), plan_(plan), builder_(plan),
          seen_(static_cast<std::uint32_t *>(allocate(program.nodes.size() * sizeof(std::uint32_t))))
    {
        std::fill_n(seen_, program.nodes.size(), 0);
    }

    std::size_t make(std::string_view container)
    {
        max_steps_ = max_steps_for({container_type, container});
        begin_nodes();
        add_node(program_.root);
        add_object(container);
        for (std::uint32_t at = 0; at < plan_.objects() && bytes_ <= max_defaults; ++at) {
            plan_.object(at).first_edit = plan_.edits();
            plan_object(at);
            plan_.object(at).last_edit = plan_.edits();
        }
        builder_.finish();
        return bytes_;
    }

  private:
    void begin_nodes()
    {
        ++round_;
        first_ = nodes_.size();
    }
    /* Adds a node, and those that apply where it does. */
    void add_node(NodeId id)
    {
        std::size_t next = nodes_.size();
        add_once(id);
        for (; next < nodes_.size(); ++next) {
            const InPlaceRules *rules = program_.nodes[nodes_[next]].in_place;
            if (rules == nullptr)
                continue;
            if (rules->reference != no_node)
                add_once(rules->reference);
            for (const NodeId each : rules->all_of)
                add_once(each);
        }
    }
    void add_once(NodeId id)
    {
        if (seen_[id] == round_)
            return;
        seen_[id] = round_;
        nodes_.add() = id;
    }
    /* The nodes since begin_nodes() apply to the object. */
    std::uint32_t add_object(std::string_view base)
    {
        ranges_.add() = {first_, nodes_.size()};
        return builder_.add_object(base);
    }

    void list_properties(const Range &nodes)
    {
        while (!listed_.empty())
            listed_.pop_back();
        for (std::size_t at = nodes.from; at < nodes.to; ++at) {
            const ObjectRules *rules = program_.nodes[nodes_[at]].object;
            if (rules == nullptr)
                continue;
            for (const Property &property : rules->properties)
                if (property.schema != no_node)
                    listed_.add() = {property.name, property.schema, at};
        }
        if (nodes.to - nodes.from > 1 && !listed_.empty())
            std::sort(&listed_[0], &listed_[0] + listed_.size(), is_before);
    }
    static bool is_before(const Listed &left, const Listed &right)
    {
        const int order = compare_keys(left.name, right.name);
        return order != 0 ? order < 0 : left.at < right.at;
    }

    void plan_object(std::uint32_t object)
    {
        list_properties(ranges_[object]);
        const Object base(plan_.object(object).base.data());
        KeySearch search(plan_.object(object).base.data());
        for (std::size_t from = 0; from < listed_.size();) {
            poll();
            begin_nodes();
            const std::string_view name = listed_[from].name;
            for (; from < listed_.size() && listed_[from].name == name; ++from)
                add_node(listed_[from].schema);
            steps_ += nodes_.size() - first_ + 1;
            const bool is_kept = search.find(name) ? descend(base, search) : insert(object, search, name);
            while (!is_kept && nodes_.size() > first_)
                nodes_.pop_back();
            if (steps_ > max_steps_ || bytes_ > max_defaults) {
                bytes_ = max_defaults + 1;
                return;
            }
        }
    }

    /* Returns whether the nodes are needed later. */
    bool descend(const Object &base, const KeySearch &search)
    {
        const Entries &entries = base.entries();
        const Span span = entries.span(base.size() + search.at());
        const Value value = entries.value(base.size() + search.at(), span);
        if (!is_object(value))
            return false;
        const Span key{search.start(), entries.end(search.at(), search.start())};
        plan_.add_edit(Edit::Kind::Merge, search.at(), key, span, add_object(value.bytes));
        return true;
    }

    bool insert(std::uint32_t object, const KeySearch &search, std::string_view name)
    {
        for (std::size_t at = first_; at < nodes_.size(); ++at) {
            const Value *value = program_.nodes[nodes_[at]].default_value;
            if (value == nullptr)
                continue;
            builder_.insert(object, search, name, *value, no_object);
            constexpr std::size_t entries = 8;
            bytes_ += name.size() + value->bytes.size() + entries;
            return false;
        }
        return false;
    }

    const Program &program_;
    Plan &plan_;
    PlanBuilder builder_;
    std::uint32_t *seen_; /* the last round in which each node was added */
    std::uint32_t round_ = 0;
    std::size_t first_ = 0;
    SmallVector<NodeId, 64> nodes_;
    SmallVector<Range, 32> ranges_; /* of each planned object */
    SmallVector<Listed, 64> listed_;
    std::size_t bytes_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t max_steps_ = 0;
};

static_assert(std::is_trivially_destructible_v<DefaultsPlanner>);

} // namespace

std::size_t plan_defaults(const Program &program, std::string_view container, Plan &plan)
{
    return DefaultsPlanner(program, plan).make(container);
}

} // namespace opigno::json::schema
