#include "json/schema/index.hpp"

#include <algorithm>

namespace opigno::json::schema {

namespace {

/* Bounds what it costs to resolve references and anchors against identifiers. */
constexpr std::size_t max_uri = 4096; /* bytes */

bool is_dialect(std::string_view name, std::string_view dialect)
{
    if (name.ends_with('#'))
        name.remove_suffix(1);
    if (name.starts_with("http://"))
        name.remove_prefix(7);
    else if (name.starts_with("https://"))
        name.remove_prefix(8);
    return name == dialect;
}

} // namespace

void Index::choose_draft(PlaceId place, const Value &dialect)
{
    struct Known {
        std::string_view name;
        Draft draft;
    };
    static constexpr Known known[] = {
        {"json-schema.org/draft/2020-12/schema", Draft::Draft2020},
        {"json-schema.org/draft/2019-09/schema", Draft::Draft2019},
        {"json-schema.org/draft-07/schema", Draft::Draft7},
        {"json-schema.org/draft-06/schema", Draft::Draft6},
        {"json-schema.org/draft-04/schema", Draft::Draft4},
    };
    for (const Known &each : known)
        if (dialect.type == string_type && is_dialect(dialect.bytes, each.name)) {
            (*places_)[place].draft = each.draft;
            return;
        }
    places_->add_fault(place, {"$schema", {}},
                       "\"$schema\" must name a draft that is supported: 4, 6, 7, 2019-09 or 2020-12");
}

/* Finds out the draft, the resource and the anchors of a subschema. */
void Index::identify(PlaceId place, const Value &schema)
{
    Value value;
    if (find_member(schema, "$schema", value))
        choose_draft(place, value);
    const Draft draft = (*places_)[place].draft;
    Value reference;
    if (is_reference_alone(draft) && find_member(schema, "$ref", reference))
        return;
    const std::string_view keyword = draft == Draft::Draft4 ? "id" : "$id";
    if (find_member(schema, keyword, value) && value.type == string_type)
        add_resource(place, keyword, value);
    if (!is_reference_alone(draft))
        add_anchors(place, schema);
}

void Index::add_resource(PlaceId place, std::string_view keyword, const Value &identifier)
{
    const bool has_anchors = is_reference_alone((*places_)[place].draft);
    const Target target = resolve(resources_[(*places_)[place].resource].uri, identifier.bytes, *arena_);
    const auto fail = [&](std::string_view flaw) {
        places_->add_fault(place, {keyword, {}}, places_->message(keyword, flaw));
    };
    if (target.uri.size() > max_uri) {
        fail("is too long");
        return;
    }
    if (!has_anchors && !target.fragment.empty()) {
        fail("must not have a fragment");
        return;
    }
    if (!identifier.bytes.starts_with('#')) {
        std::uint32_t &known = by_uri_[target.uri];
        if (known != 0 && resources_[known - 1].root != place) {
            fail("is that of another part of the schema");
            return;
        }
        resources_.add() = {target.uri, place};
        known = resources();
        (*places_)[place].resource = known - 1;
    }
    if (!target.fragment.empty() && target.fragment[0] != '/')
        add_anchor(place, keyword, target.fragment);
}

void Index::add_anchors(PlaceId place, const Value &schema)
{
    const Place &at = (*places_)[place];
    Value value;
    if (find_member(schema, "$anchor", value) && value.type == string_type)
        add_anchor(place, "$anchor", value.bytes);
    if (at.draft == Draft::Draft2020 && find_member(schema, "$dynamicAnchor", value) &&
        value.type == string_type) {
        add_anchor(place, "$dynamicAnchor", value.bytes);
        dynamic_.add() = {value.bytes, at.resource, place};
    }
    if (at.draft == Draft::Draft2019 && find_member(schema, "$recursiveAnchor", value) &&
        value.type == true_type && resources_[at.resource].root == place)
        dynamic_.add() = {"", at.resource, place};
}

void Index::add_anchor(PlaceId place, std::string_view keyword, std::string_view name)
{
    const std::string_view uri = resources_[(*places_)[place].resource].uri;
    PlaceId &known = by_anchor_[arena_->join({uri, "#", name})];
    if (known == 0)
        known = place + 1;
    else if (known != place + 1)
        places_->add_fault(place, {keyword, {}},
                           places_->message(keyword, "is that of another part of the schema"));
}

void Index::resolve_reference(const Pending &pending)
{
    poll();
    std::string_view anchor;
    const PlaceId target = target_of(pending, anchor);
    if (target != no_place)
        set_target(pending.place, pending.keyword, target, anchor);
}

/* anchor: set to the name if the reference has one. */
PlaceId Index::target_of(const Pending &pending, std::string_view &anchor)
{
    const std::string_view base = resources_[(*places_)[pending.place].resource].uri;
    const auto fail = [&](std::string_view flaw) {
        places_->add_fault(pending.place, {pending.keyword, {}}, places_->message(pending.keyword, flaw));
        return no_place;
    };
    if (std::min(pending.text.find('#'), pending.text.size()) > max_uri)
        return fail("is too long");
    const Target target = resolve(base, pending.text, *arena_);
    const std::uint32_t resource = by_uri_.find(target.uri);
    if (resource == 0)
        return fail("must lead to a part of the schema: remote schemas are not read");
    const std::string_view fragment = percent_decoded(target.fragment, *arena_);
    if (!fragment.empty() && fragment[0] != '/') {
        const PlaceId found = by_anchor_.find(arena_->join({target.uri, "#", fragment}));
        anchor = fragment;
        return found == 0 ? fail("leads to no schema") : found - 1;
    }
    const PlaceId found = walk(resources_[resource - 1].root, fragment);
    return found == no_place ? fail("leads to no schema") : found;
}

/* Follows a pointer from a place. A schema that is not the value of a keyword becomes a place. */
PlaceId Index::walk(PlaceId root, std::string_view pointer)
{
    PlaceId place = root;
    Value value = (*places_)[root].value;
    std::string_view from_place = pointer;
    while (!pointer.empty()) {
        const std::string_view token = take_token(pointer, *arena_);
        if (is_object(value)) {
            if (!find_member(value, token, value))
                return no_place;
        } else if (is_array(value)) {
            const std::optional<std::uint32_t> at = index_named(token);
            if (!at || *at >= count_of(value))
                return no_place;
            value = Entries(value.bytes.data(), count_of(value)).value(*at);
        } else {
            return no_place;
        }
        const PlaceId found = places_->find(value);
        if (found != no_place) {
            place = found;
            from_place = pointer;
        }
    }
    if (from_place.empty())
        return place;
    if (!is_object(value) && value.type != true_type && value.type != false_type)
        return no_place;
    return add_place(place, {from_place.substr(1), {}}, value);
}

void Index::set_target(PlaceId place, std::string_view keyword, PlaceId target, std::string_view anchor)
{
    Place &from = (*places_)[place];
    if (keyword == "$ref") {
        from.reference = target;
        return;
    }
    from.dynamic = target;
    const Place &to = (*places_)[target];
    if (!is_object(to.value))
        return;
    Value value;
    if (keyword == "$recursiveRef") {
        from.is_dynamic = find_member(to.value, "$recursiveAnchor", value) && value.type == true_type;
    } else {
        from.dynamic_name = anchor;
        from.is_dynamic = !anchor.empty() && find_member(to.value, "$dynamicAnchor", value) &&
                          value.type == string_type && value.bytes == anchor;
    }
}

} // namespace opigno::json::schema
