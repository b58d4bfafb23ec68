#include "json/schema/cycle.hpp"

#include "json/value/hash_table.hpp"
#include "json/value/small_vector.hpp"

namespace opigno::json::schema {

namespace {

enum class State : std::uint8_t { New, Entered, Left };

struct Visit {
    NodeId node;
    bool is_entered; /* and its successors are above it */
};

/* A depth-first search. An anchor's name is a vertex of its own, behind those of the nodes: the many
 * references with this name lead to its many nodes. */
class Search {
  public:
    Search(const Program &program, Arena &arena) : program_(&program), first_of_name_(arena)
    {
        std::size_t anchors = 0;
        for (const Resource &resource : program.resources)
            anchors += resource.anchors.size();
        states_ = arena.array<State>(program.nodes.size() + anchors);
        anchors_ = arena.array<Anchor>(anchors);
        for (const Resource &resource : program.resources)
            for (const DynamicAnchor &anchor : resource.anchors) {
                std::uint32_t &first = first_of_name_[anchor.name];
                anchors_[used_] = {anchor.node, first};
                first = static_cast<std::uint32_t>(++used_);
            }
    }

    NodeId run()
    {
        for (NodeId node = 0; node < program_->nodes.size(); ++node) {
            const NodeId found = run_from(node);
            if (found != no_node)
                return found;
        }
        return no_node;
    }

  private:
    struct Anchor {
        NodeId node = no_node;
        std::uint32_t next = 0; /* of the same name, plus one */
    };

    NodeId run_from(NodeId start)
    {
        add(start);
        while (!stack_.empty()) {
            poll();
            Visit &visit = stack_.back();
            State &state = states_[visit.node];
            if (state == State::Left || visit.is_entered) {
                state = State::Left;
                stack_.pop_back();
                continue;
            }
            if (state == State::Entered)
                return node_at(visit.node);
            state = State::Entered;
            visit.is_entered = true;
            add_successors(visit.node);
        }
        return no_node;
    }

    [[nodiscard]] NodeId node_at(NodeId vertex) const
    {
        const std::size_t nodes = program_->nodes.size();
        return vertex < nodes ? vertex : anchors_[vertex - nodes].node;
    }

    void add(NodeId node)
    {
        if (node != no_node)
            stack_.add() = {node, false};
    }
    void add(std::span<const NodeId> nodes)
    {
        for (const NodeId node : nodes)
            add(node);
    }

    void add_successors(NodeId at)
    {
        const std::size_t nodes = program_->nodes.size();
        if (at >= nodes) {
            for (auto next = static_cast<std::uint32_t>(at - nodes) + 1; next != 0;
                 next = anchors_[next - 1].next)
                add(anchors_[next - 1].node);
            return;
        }
        const Node &node = program_->nodes[at];
        if (node.object != nullptr)
            for (const Dependency &dependency : node.object->dependencies)
                add(dependency.schema);
        const InPlaceRules *rules = node.in_place;
        if (rules == nullptr)
            return;
        for (const NodeId next :
             {rules->reference, rules->negated, rules->condition, rules->then_branch, rules->else_branch})
            add(next);
        add(rules->all_of);
        add(rules->any_of);
        add(rules->one_of);
        if (rules->dynamic == nullptr)
            return;
        add(rules->dynamic->target);
        if (!rules->dynamic->is_dynamic)
            return;
        const std::uint32_t first = first_of_name_.find(rules->dynamic->name);
        if (first != 0)
            add(static_cast<NodeId>(nodes + first - 1));
    }

    const Program *program_;
    State *states_ = nullptr;
    Anchor *anchors_ = nullptr;
    std::size_t used_ = 0;
    HashTable<std::string_view, std::uint32_t> first_of_name_; /* plus one */
    SmallVector<Visit, 1> stack_;
};

static_assert(std::is_trivially_destructible_v<Search>);

} // namespace

NodeId find_cycle(const Program &program, Arena &arena)
{
    return Search(program, arena).run();
}

} // namespace opigno::json::schema
