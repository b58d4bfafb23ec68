/* The fields of selection sets by the members of the answer that they make. Does not depend on
 * PostgreSQL. */
#pragma once

#include "gateway/graphql/validation_context.hpp"

namespace opigno::graphql {

struct FieldUse {
    const Selection *selection = nullptr;
    const Type *parent = nullptr;
    const Field *field = nullptr; /* nullptr: unknown, or one of introspection */
    FieldUse *next = nullptr;
};

struct ResponseField {
    std::string_view name;
    Chain<FieldUse> uses;
    ResponseField *next = nullptr;
};

struct FragmentUse {
    const Definition *fragment = nullptr;
    FragmentUse *next = nullptr;
};

/* Of a set and its inline fragments. Fragments that it spreads are listed, not followed. */
struct CollectedFields {
    const Type *parent = nullptr;
    std::size_t number = 0;
    Chain<ResponseField> fields;
    Names<ResponseField> by_name;
    Chain<FragmentUse> fragments;    /* each once */
    CollectedFields *next = nullptr; /* of the same set */
};

static_assert(std::is_trivially_destructible_v<CollectedFields>);

/* Collects the fields of each set once. */
class FieldCollector {
  public:
    explicit FieldCollector(ValidationContext &context)
        : context_(&context),
          collected_(context.arena().array<Chain<CollectedFields>>(context.document().sets))
    {
    }

    /* parent: the type of the set, also one without fields; nullptr: unknown. */
    const CollectedFields &collect(const Type *parent, const SelectionSet &set);
    const CollectedFields &collect(const Definition &fragment)
    {
        return collect(context_->schema().find_type(fragment.condition.text), *fragment.set);
    }

  private:
    void fill(CollectedFields &collected, const SelectionSet &set);
    void add_field(CollectedFields &collected, const Type *parent, const Selection &selection);
    void add_fragment(CollectedFields &collected, const Definition &fragment);

    ValidationContext *context_;
    Chain<CollectedFields> *collected_; /* by the number of the set; by parents */
    std::size_t count_ = 0;
};

static_assert(std::is_trivially_destructible_v<FieldCollector>);

/* Whether two argument lists have the same names and values in any order. */
bool have_same_arguments(const Selection &left, const Selection &right, ValidationContext &context);

} // namespace opigno::graphql
