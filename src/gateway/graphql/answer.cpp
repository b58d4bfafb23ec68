/* Writes what an execution has found. */
#include "gateway/graphql/resolver.hpp"
#include "pg/array.hpp"
#include "pg/time.hpp"
#include "json/value/reader.hpp"

namespace opigno::graphql {

namespace {

void write_names(json::Writer &out, Datum array)
{
    out.begin_array();
    for (const std::string_view name : pg::names_of(DatumGetArrayTypeP(array)))
        out.string(name);
    out.end_array();
}

/* An answer can have many large documents. */
void write_document(json::Writer &out, Datum stored)
{
    Jsonb *document = DatumGetJsonbP(stored);
    out.value(json::root_of(document));
    if (PointerGetDatum(document) != stored)
        pfree(document);
}

/* property: what property() has returned. */
void write_column(json::Writer &out, const Object &object, int property)
{
    const std::optional<Datum> value = column(object, -property / 16);
    if (!value.has_value())
        return out.null();
    switch (static_cast<Form>(-property % 16)) {
    case Form::Text:
        return out.string(pg::view(DatumGetTextPP(*value)));
    case Form::Id:
        return out.string(psprintf(INT64_FORMAT, DatumGetInt64(*value)));
    case Form::Boolean:
        return out.boolean(DatumGetBool(*value));
    case Form::Integer:
        return out.integer(DatumGetInt32(*value));
    case Form::Version:
        return out.integer(DatumGetInt64(*value));
    case Form::Time:
        return out.timestamp(DatumGetTimestampTz(*value));
    case Form::Names:
        return write_names(out, *value);
    case Form::Document:
        return write_document(out, *value);
    }
}

} // namespace

std::optional<Datum> column(const Object &object, int number)
{
    bool is_null = false;
    const Datum value = SPI_getbinval(object.rows->vals[object.row], object.rows->tupdesc, number, &is_null);
    return is_null ? std::nullopt : std::optional<Datum>(value);
}

void Execution::write_objects(json::Writer &out, const PlanField &field, const Cell &cell) const
{
    const bool is_list = field.field->type.layers.nullable().outer() == Layer::List;
    if (is_list)
        out.begin_array();
    for (std::size_t at = cell.first; at < std::size_t{cell.first} + cell.count; ++at)
        write_object(out, field, field.objects, at);
    if (is_list)
        out.end_array();
}

void Execution::write_field(json::Writer &out, const PlanField &field, const Objects &objects,
                            std::size_t at) const
{
    if (field.cells == nullptr) {
        if (field.resolver == nullptr)
            write_column(out, objects[at], field.field->resolver);
        else
            field.resolver->write(*this, field, objects[at], out);
        return;
    }
    const Cell &cell = field.cells[at];
    if (cell.is_null)
        out.null();
    else if (field.field->type.type->kind == TypeKind::Object)
        write_objects(out, field, cell);
    else
        out.json(cell.json);
}

/* Recursion is as deep as the selection sets of the document, which validation limits. */
void Execution::write_object(json::Writer &out, const PlanField &owner, const Objects &objects,
                             std::size_t at) const
{
    check_stack_depth();
    CHECK_FOR_INTERRUPTS();
    if (objects[at].is_null)
        return out.null();
    out.begin_object();
    for (const PlanField &field : owner.children) {
        write_field(out.member(field.name), field, objects, at);
        check_size(out.text().size());
    }
    out.end_object();
}

void Execution::write_path(json::Writer &out, const PlanField &field, std::uint32_t parent) const
{
    struct Step {
        const PlanField *field;
        std::optional<std::uint32_t> place;
    };
    pg::Vector<Step> steps;
    steps.push_back({&field, std::nullopt});
    for (const PlanField *at = field.parent; at != plan_.root; at = at->parent) {
        const Object &object = at->objects[parent];
        const bool is_list = at->field->type.layers.nullable().outer() == Layer::List;
        steps.push_back({at, is_list ? std::optional(object.place) : std::nullopt});
        parent = object.cell;
    }
    out.begin_array();
    for (std::size_t left = steps.size(); left > 0; --left) {
        const Step &step = steps[left - 1];
        out.string(step.field->name);
        if (step.place.has_value())
            out.integer(*step.place);
    }
    out.end_array();
}

void write_locations(json::Writer &out, const Positions &positions, std::span<const Offset> places)
{
    out.key("locations").begin_array();
    for (const Offset at : places) {
        CHECK_FOR_INTERRUPTS();
        const Position position = positions.of(at);
        out.begin_object();
        out.key("line").integer(position.line);
        out.key("column").integer(position.column);
        out.end_object();
    }
    out.end_array();
}

void Execution::write_error(json::Writer &out, const FieldError &error, const Positions &positions) const
{
    out.begin_object();
    out.key("message").string(error.message);
    if (error.field != nullptr) {
        pg::Vector<Offset> places;
        for (const Selection *selection : error.field->selections)
            places.push_back(selection->at);
        write_locations(out, positions, {places.begin(), places.size()});
        out.key("path");
        write_path(out, *error.field, error.parent);
    }
    if (error.sqlstate != 0) {
        out.key("extensions").begin_object();
        out.key("code").string(unpack_sql_state(error.sqlstate));
        if (error.hint != nullptr)
            out.key("hint").string(error.hint);
        out.end_object();
    }
    out.end_object();
}

void Execution::write_errors(json::Writer &out) const
{
    Arena arena;
    const Positions positions(document_.text, arena);
    out.key("errors").begin_array();
    for (const FieldError &error : errors_) {
        write_error(out, error, positions);
        check_size(out.text().size());
    }
    out.end_array();
}

void Execution::write(json::Writer &out) const
{
    if (!errors_.empty())
        write_errors(out);
    out.key("data");
    write_object(out, *plan_.root, root_, 0);
}

} // namespace opigno::graphql
