#include "json/schema/assembly.hpp"

namespace opigno::json::schema {

namespace {

/* A long name has as many copies as there are subschemas below it. */
constexpr std::size_t max_pointers = 4000000;

Types kinds_of(const Node &node)
{
    const auto bit = [](const void *rules, Types kind) { return rules == nullptr ? Types{0} : kind; };
    return bit(node.string, string_bit) | bit(node.number, number_bit) | bit(node.object, object_bit) |
           bit(node.array, array_bit) | bit(node.in_place, in_place_bit);
}

void set_plain_string(Node &node)
{
    const StringRules *rules = node.string;
    if (node.in_place != nullptr ||
        (rules != nullptr && (rules->pattern != nullptr || rules->format != Format::None)))
        return;
    node.is_plain_string = true;
    if (rules != nullptr) {
        node.min_length = rules->min_length;
        node.max_length = rules->max_length;
    }
}

} // namespace

NodeId Assembly::add_node(const Node &node)
{
    nodes_.add() = node;
    return static_cast<NodeId>(nodes_.size() - 1);
}

const char *Assembly::pointer_to(PlaceId place, Step step)
{
    if (pointers_ > max_pointers)
        return "";
    const std::string_view pointer = places_->pointer_to(place, step);
    pointers_ += pointer.size();
    if (pointers_ > max_pointers)
        places_->add_fault(0, {}, "the names of the schema are too long");
    return pointer.data();
}

NodeId Assembly::boolean_node(PlaceId parent, Step step, bool accepts)
{
    if (!accepts)
        return add_node({.accepts_nothing = true, .pointer = pointer_to(parent, step)});
    if (accepting_ == no_node)
        accepting_ = add_node({.is_plain_string = true});
    return accepting_;
}

NodeId Assembly::node_of(PlaceId place)
{
    Place &at = (*places_)[place];
    if (at.node != no_node)
        return at.node;
    if (!is_object(at.value)) {
        at.node = boolean_node(place, {}, at.value.type == true_type);
        return at.node;
    }
    at.node = add_node(
        {.resource = at.resource, .pointer = pointer_to(place, {}), .source = at.value.bytes.data()});
    work_.add() = {place, at.node};
    return at.node;
}

NodeId Assembly::node_of(PlaceId parent, Step step, const Value &schema)
{
    return is_object(schema) ? node_of(places_->find(schema))
                             : boolean_node(parent, step, schema.type == true_type);
}

NodeId Assembly::node_of(PlaceId parent, const Keywords &keywords, Keyword keyword, std::string_view name)
{
    const Value *schema = keywords.find(keyword);
    return schema == nullptr ? no_node : node_of(parent, {name, {}}, *schema);
}

std::span<const NodeId> Assembly::nodes_of(PlaceId parent, std::string_view keyword, const Value &array)
{
    auto *nodes = arena_->array<NodeId>(count_of(array));
    for (Elements elements(array.bytes.data()); elements.are_left(); elements.next())
        nodes[elements.at()] = node_of(parent, {keyword, decimal(elements.at(), *arena_)}, elements.value());
    return {nodes, count_of(array)};
}

std::span<const std::string_view> Assembly::strings_of(const Value &array)
{
    auto *strings = arena_->array<std::string_view>(count_of(array));
    for (Elements elements(array.bytes.data()); elements.are_left(); elements.next())
        strings[elements.at()] = elements.value().bytes;
    return {strings, count_of(array)};
}

const Value *Assembly::kept(const Value &value)
{
    auto *copy = arena_->array<Value>(1);
    *copy = value;
    return copy;
}

void Assembly::fill(Work work)
{
    poll();
    const Place &at = place(work.place);
    const Keywords keywords(at.value, at.draft);
    Node node = nodes_[work.node];
    if (const Value *types = keywords.find(Keyword::Type))
        node.types = types_named(*types);
    if (const Value *value = keywords.find(Keyword::Default))
        node.default_value = kept(*value);
    node.string = string_rules(*this, keywords);
    node.number = number_rules(*this, keywords);
    node.object = object_rules(*this, work.place, keywords);
    node.array = array_rules(*this, work.place, keywords);
    node.in_place = in_place_rules(*this, work.place, keywords);
    node.kinds = kinds_of(node);
    set_plain_string(node);
    nodes_[work.node] = node;
}

std::span<const Resource> Assembly::resources()
{
    auto *resources = arena_->array<Resource>(index_->resources());
    auto *anchors = arena_->array<DynamicAnchor>(index_->dynamic_anchors());
    auto *counts = arena_->array<std::uint32_t>(index_->resources());
    for (std::size_t at = 0; at < index_->dynamic_anchors(); ++at)
        ++counts[index_->dynamic_anchor(at).resource];
    DynamicAnchor *next = anchors;
    for (std::uint32_t at = 0; at < index_->resources(); ++at) {
        resources[at].anchors = {next, counts[at]};
        next += counts[at];
        counts[at] = 0;
    }
    for (std::size_t at = 0; at < index_->dynamic_anchors(); ++at) {
        const IndexedAnchor &anchor = index_->dynamic_anchor(at);
        const auto first = static_cast<std::size_t>(resources[anchor.resource].anchors.data() - anchors);
        anchors[first + counts[anchor.resource]++] = {anchor.name, node_of(anchor.place)};
    }
    return {resources, index_->resources()};
}

Program *Assembly::build()
{
    const NodeId root = node_of(0);
    const std::span<const Resource> anchored = resources();
    while (!work_.empty()) {
        const Work work = work_.back();
        work_.pop_back();
        fill(work);
    }
    auto *nodes = arena_->array<Node>(nodes_.size());
    for (std::size_t at = 0; at < nodes_.size(); ++at)
        nodes[at] = nodes_[at];
    auto *program = arena_->make<Program>();
    *program = {{nodes, nodes_.size()}, anchored, root, place(0).draft};
    return program;
}

} // namespace opigno::json::schema
