/* How the fields of a schema get their values. Each room's fields are in src/gateway/fields. */
#pragma once

#include "gateway/graphql/execution.hpp"

namespace opigno::graphql {

/* What resolves a field for all objects that have it. The parents' results are added in the order of
 * the parents. Without a result, the value of a field is null. */
class Resolution {
  public:
    Resolution(Execution &execution, PlanField &field) : execution_(execution), field_(field) {}

    [[nodiscard]] const Objects &parents() const { return *field_.parents; }
    [[nodiscard]] const Input &argument(std::string_view name) const { return field_.argument(name); }
    /* The name of the field in the schema. */
    [[nodiscard]] std::string_view name() const { return field_.field->name; }
    /* Whether the document selects this field of the objects. */
    [[nodiscard]] bool selects(std::string_view name) const;
    [[nodiscard]] Execution &execution() const { return execution_; }

    /* Runs a statement with the snapshot of the calling statement. In a mutation, it sees what the
     * mutation has written. */
    const SPITupleTable *read(pg::Statement &statement, const Datum *values, const char *nulls = nullptr);

    /* The value of the field of one parent is a list, which is empty until objects are added. */
    void list(std::size_t parent) { field_.cells[parent].is_null = false; }
    void object(std::size_t parent, Object object);
    void item(std::size_t parent, const void *item) { object(parent, {nullptr, 0, item}); }
    /* JSON text, which must outlive the execution. */
    void json(std::size_t parent, std::string_view text);
    void fail(std::size_t parent, int sqlstate, const char *message, const char *hint = nullptr);

  private:
    Execution &execution_;
    PlanField &field_;
};

static_assert(std::is_trivially_destructible_v<Resolution>);

/* What writes a scalar that needs no statement and cannot fail. */
using Write = void (*)(const Execution &execution, const PlanField &field, const Object &object,
                       json::Writer &out);

/* A field has one of the two. */
struct Resolver {
    void (*resolve)(Resolution &resolution) = nullptr;
    Write write = nullptr;
};

/* How a column of the object's row is written. */
enum class Form { Text, Id, Boolean, Integer, Version, Time, Names, Document };

/* The resolver of a field that is a column of the object's row. Columns count from 1. */
constexpr int property(int column, Form form)
{
    return -(column * 16 + static_cast<int>(form));
}

/* The room's resolver with this number. Rooms count from 1. */
constexpr int resolver(int room, int number)
{
    return room * 64 + number;
}

/* Defined in src/gateway/fields: the resolvers of a room. */
std::span<const Resolver> resolvers_of(int room);

/* The resolver of a field of introspection. */
const Resolver &introspection_resolver(const Type &owner, const Field &field);

/* Reads a column of an object's row. */
std::optional<Datum> column(const Object &object, int number);

} // namespace opigno::graphql
