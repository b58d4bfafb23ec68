#include "gateway/graphql/piece.hpp"
#include "gateway/graphql/validation_context.hpp"

namespace opigno::graphql {

/* Bytes. Names can be as long as the document, and many errors can have the same. */
constexpr std::size_t max_message = 3000;

ValidationContext::ValidationContext(Document &document, const Schema &schema, const Limits &limits,
                                     Arena &arena)
    : document_(&document), schema_(&schema), limits_(&limits), arena_(&arena), fragments_(arena)
{
    for (const Definition &definition : document.definitions)
        if (!definition.is_operation())
            fragments_[definition.name.text] = &definition;
}

void ValidationContext::abort(std::string_view message)
{
    if (is_aborted_)
        return;
    is_aborted_ = true;
    auto *error = arena_->make<Error>();
    error->message = message;
    errors_.add(error);
}

void ValidationContext::report(std::initializer_list<std::string_view> message, std::span<const Offset> at)
{
    if (errors_.size() >= limits_->max_errors)
        abort("Too many validation errors, error limit reached. Validation aborted.");
    if (is_aborted_)
        return;
    auto *error = arena_->make<Error>();
    auto *places = arena_->array<Offset>(at.size());
    std::copy(at.begin(), at.end(), places);
    std::string_view text = arena_->join(message);
    if (text.size() > max_message)
        text = arena_->join({piece(text, 0, max_message), "..."});
    *error = {text, {places, at.size()}};
    errors_.add(error);
}

void ValidationContext::report(std::initializer_list<std::string_view> message,
                               std::initializer_list<Offset> at)
{
    report(message, std::span<const Offset>(at.begin(), at.size()));
}

void ValidationContext::spend(std::size_t work)
{
    if (work > work_left_)
        abort("Document is too complex to be validated. Validation aborted.");
    else
        work_left_ -= work;
    json::poll();
}

Errors validate(Document &document, const Schema &schema, const Limits &limits, Arena &arena)
{
    constexpr void (*groups[])(ValidationContext &) = {
        resolve_types,    check_definitions,         check_fragments,
        check_fields,     check_introspection_depth, check_values,
        check_directives, check_variables,           check_overlapping_fields};
    ValidationContext context(document, schema, limits, arena);
    for (auto *check : groups)
        if (!context.is_aborted())
            check(context);
    if (context.errors().empty())
        check_limits(context);
    return context.errors();
}

std::string_view spelled(TypeReference type, Arena &arena)
{
    std::string_view text = type.type->name;
    constexpr unsigned max_layers = 2 * Layers::max_lists + 1;
    Layer outer[max_layers] = {};
    std::size_t count = 0;
    for (Layers left = type.layers; !left.empty(); left = left.inner())
        outer[count++] = left.outer();
    while (count-- > 0)
        text = outer[count] == Layer::NonNull ? arena.join({text, "!"}) : arena.join({"[", text, "]"});
    return text;
}

} // namespace opigno::graphql
