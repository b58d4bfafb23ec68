/*
 * The plan of an operation: its fields after @skip and @include, with its fragments
 * inserted, and with fields of the same name in the answer merged into one. The schema has no abstract types,
 * so the plan of a selection set is the same for all objects. Execution stores its results in the plan.
 */
#pragma once

#include "gateway/graphql/input.hpp"
#include "gateway/graphql/object.hpp"

namespace opigno::graphql {

struct Resolver;

struct PlanField {
    std::string_view name; /* in the answer */
    const Field *field = nullptr;
    const Type *owner = nullptr; /* the type of the objects that have the field */
    pg::Vector<const Selection *> selections;
    std::span<const Input> arguments;
    const char *fault = nullptr; /* why the field fails before it is resolved */
    PlanField *parent = nullptr;
    PlanField *top = nullptr; /* the field of the operation that this is or is below */
    Chain<PlanField> children;
    PlanField *next = nullptr; /* of the same parent */

    const Resolver *resolver = nullptr; /* nullptr: a column of the object's row */
    Objects *parents = nullptr;         /* nullptr: not executed */
    Cell *cells = nullptr;              /* one for each parent; nullptr: written without */
    Objects objects;                    /* of all cells */

    [[nodiscard]] const Input &argument(std::string_view wanted) const;
};

struct Plan {
    PlanField *root = nullptr;      /* whose children are the fields of the operation */
    pg::Vector<PlanField *> fields; /* without the root; parents before their children */
};

static_assert(std::is_trivially_destructible_v<Plan>);

/* operation: of a document that validate() has found valid. */
Plan make_plan(const Definition &operation, const Variables &variables);

} // namespace opigno::graphql
