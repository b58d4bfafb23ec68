/* What the rules of validation share. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/validation.hpp"
#include "json/value/hash_table.hpp"

namespace opigno::graphql {

using json::Names;

class ValidationContext {
  public:
    ValidationContext(Document &document, const Schema &schema, const Limits &limits, Arena &arena);

    [[nodiscard]] Document &document() const { return *document_; }
    [[nodiscard]] const Schema &schema() const { return *schema_; }
    [[nodiscard]] const Limits &limits() const { return *limits_; }
    [[nodiscard]] Arena &arena() const { return *arena_; }
    [[nodiscard]] const Errors &errors() const { return errors_; }

    /* The last one of the name; nullptr: there is none. */
    [[nodiscard]] const Definition *fragment(std::string_view name) const { return fragments_.find(name); }

    /* Adds an error; aborts beyond the limit of errors. */
    void report(std::initializer_list<std::string_view> message, std::span<const Offset> at);
    void report(std::initializer_list<std::string_view> message, std::initializer_list<Offset> at);

    /* Counts steps that can be more than the tokens of the document; aborts when they are too many. */
    void spend(std::size_t work);

    /* Adds the last error. Rules with long loops then end. */
    void abort(std::string_view message);
    [[nodiscard]] bool is_aborted() const { return is_aborted_; }

  private:
    Document *document_;
    const Schema *schema_;
    const Limits *limits_;
    Arena *arena_;
    Names<const Definition> fragments_;
    Errors errors_;
    std::size_t work_left_ = 1000000;
    bool is_aborted_ = false;
};

static_assert(std::is_trivially_destructible_v<ValidationContext>);

/* The groups of rules, each in its file. All but the first need what the first sets. */
void resolve_types(ValidationContext &context);
void check_definitions(ValidationContext &context);
void check_fragments(ValidationContext &context);
void check_fields(ValidationContext &context);
void check_introspection_depth(ValidationContext &context);
void check_directives(ValidationContext &context);
void check_values(ValidationContext &context);
void check_variables(ValidationContext &context);
void check_overlapping_fields(ValidationContext &context);
void check_limits(ValidationContext &context);

} // namespace opigno::graphql
