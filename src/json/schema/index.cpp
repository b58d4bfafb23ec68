#include "json/schema/index.hpp"

namespace opigno::json::schema {

namespace {

constexpr Step itself{{}, {}};

Step step_to(std::string_view keyword)
{
    return {keyword, {}};
}

} // namespace

void Index::build(const Value &schema)
{
    resources_.add() = {"", 0};
    by_uri_[""] = 1;
    places_->add({.value = schema, .step = itself, .draft = options_->draft});
    PlaceId next = 0;
    std::size_t next_pending = 0;
    while (next < places_->size()) {
        while (next < places_->size())
            examine(next++);
        for (; next_pending < pending_.size(); ++next_pending)
            resolve_reference(pending_[next_pending]);
    }
}

void Index::count(PlaceId place, std::size_t keywords)
{
    const bool were_allowed = keywords_ <= max_keywords;
    keywords_ += keywords;
    if (were_allowed && keywords_ > max_keywords)
        places_->add_fault(place, itself, "the schema has too many keywords");
}

void Index::examine(PlaceId place)
{
    poll();
    const Value schema = (*places_)[place].value;
    const bool is_boolean = schema.type == true_type || schema.type == false_type;
    if (is_object(schema)) {
        identify(place, schema);
        if (keywords_ <= max_keywords)
            examine_members(place, schema);
    } else if ((*places_)[place].draft == Draft::Draft4) {
        places_->add_fault(place, itself, "a schema of draft 4 must be an object");
    } else if (!is_boolean) {
        places_->add_fault(place, itself, "a schema must be an object or a boolean");
    }
}

void Index::examine_members(PlaceId place, const Value &schema)
{
    const Draft draft = (*places_)[place].draft;
    Value reference;
    const bool is_reference = is_reference_alone(draft) && find_member(schema, "$ref", reference);
    count(place, count_of(schema));
    for (Members members(schema.bytes.data()); members.are_left(); members.next()) {
        const std::string_view name = members.key();
        const KeywordEntry *entry = find_keyword(name, draft);
        if (entry == nullptr) {
            if (!name.starts_with("x-"))
                places_->add_unknown(place, {{}, name}, places_->message(name, "is no keyword of the draft"));
        } else if (is_reference && !is_used_beside_reference(entry->keyword)) {
            if (entry->keyword < Keyword::Default)
                places_->add_unknown(place, step_to(name),
                                     places_->message(name, "is ignored beside \"$ref\""));
        } else {
            check(place, *entry, members.value());
        }
    }
}

void Index::check(PlaceId place, const KeywordEntry &entry, const Value &value)
{
    const std::string_view flaw = flaw_of(value, entry.shape, (*places_)[place].draft, *arena_);
    if (!flaw.empty()) {
        places_->add_fault(place, step_to(entry.name), places_->message(entry.name, flaw));
        return;
    }
    switch (entry.shape) {
    case Shape::Pattern:
        check_pattern(place, step_to(entry.name), value.bytes,
                      places_->message(entry.name, "cannot be used"));
        break;
    case Shape::Format:
        check_format(place, entry.name, value.bytes);
        break;
    case Shape::Reference:
    case Shape::RecursiveReference:
        pending_.add() = {place, entry.name, value.bytes};
        break;
    case Shape::Strings:
    case Shape::NonEmptyStrings:
        count(place, count_of(value));
        break;
    case Shape::StringsByName:
        for (Members members(value.bytes.data()); members.are_left(); members.next())
            count(place, 1 + count_of(members.value()));
        break;
    default:
        add_subschemas(place, entry, value);
    }
}

void Index::check_pattern(PlaceId place, Step step, std::string_view source, std::string_view what)
{
    poll();
    if (patterns_.find(source) != nullptr || pattern_cost_ > max_pattern_cost || places_->are_full())
        return;
    const char *why = nullptr;
    const Pattern *pattern = compile_pattern(source, why);
    if (pattern == nullptr) {
        places_->add_fault(place, step, arena_->join({what, ": ", why}));
        return;
    }
    patterns_[source] = pattern;
    constexpr std::size_t cost_of_each = 100; /* RE2 takes some 64 kB for a small pattern, too */
    pattern_cost_ += cost_of(*pattern) + (pattern->expression == nullptr ? 0 : cost_of_each);
    if (pattern_cost_ > max_pattern_cost)
        places_->add_fault(place, step, "the patterns of the schema are too large");
}

void Index::check_format(PlaceId place, std::string_view keyword, std::string_view name)
{
    if (options_->asserts_formats && format_named(name) == Format::None)
        places_->add_fault(place, step_to(keyword),
                           places_->message(keyword, "names a format that cannot be asserted"));
}

void Index::add_subschemas(PlaceId place, const KeywordEntry &entry, const Value &value)
{
    switch (entry.shape) {
    case Shape::Subschema:
        add_place(place, step_to(entry.name), value);
        break;
    case Shape::BooleanOrSubschema:
        if (value.type != true_type && value.type != false_type)
            add_place(place, step_to(entry.name), value);
        break;
    case Shape::SubschemaOrSubschemas:
        if (is_array(value))
            add_elements(place, entry.name, value);
        else
            add_place(place, step_to(entry.name), value);
        break;
    case Shape::Subschemas:
        add_elements(place, entry.name, value);
        break;
    case Shape::SubschemasByName:
    case Shape::SubschemasByPattern:
    case Shape::Dependencies:
        add_members(place, entry, value);
        break;
    default:
        break;
    }
}

void Index::add_elements(PlaceId place, std::string_view keyword, const Value &array)
{
    for (Elements elements(array.bytes.data()); elements.are_left() && keywords_ <= max_keywords;
         elements.next())
        add_place(place, {keyword, decimal(elements.at(), *arena_)}, elements.value());
}

void Index::add_members(PlaceId place, const KeywordEntry &entry, const Value &object)
{
    Members members(object.bytes.data());
    for (; members.are_left() && keywords_ <= max_keywords; members.next()) {
        const Step step{entry.name, members.key()};
        if (entry.shape == Shape::SubschemasByPattern)
            check_pattern(place, step, members.key(), "the pattern cannot be used");
        if (entry.shape == Shape::Dependencies && is_array(members.value()))
            count(place, 1 + count_of(members.value()));
        else
            add_place(place, step, members.value());
    }
}

PlaceId Index::add_place(PlaceId parent, Step step, const Value &value)
{
    const Place &above = (*places_)[parent];
    const Place made{.value = value,
                     .step = step,
                     .parent = parent,
                     .resource = above.resource,
                     .level = above.level + 1,
                     .draft = above.draft};
    count(parent, 1);
    if (made.level > max_schema_levels) {
        places_->add_fault(parent, step, "the schema is nested too deeply");
        return no_place;
    }
    return places_->add(made);
}

} // namespace opigno::json::schema
