#include "gateway/fields/training.hpp"

#include "gateway/fields/context_page.hpp"
#include "gateway/fields/outcome.hpp"
#include "gateway/fields/page.hpp"
#include "gateway/fields/training_profile.hpp"
#include "gateway/number.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"

namespace opigno::fields {

using graphql::Input;
using graphql::string_type;
using graphql::TypeKind;

namespace {

#define TRAINING_ROW "t.training_id, t.title, t.is_active, t.version, t.created_at, t.updated_at"

constexpr Oid key_type[] = {TEXTOID};
constinit pg::CallerStatement get_training("SELECT " TRAINING_ROW " FROM opigno.get_training($1) AS t",
                                           key_type);
constexpr Oid keys_type[] = {TEXTARRAYOID};
constinit pg::CallerStatement one_of_each("SELECT " TRAINING_ROW ", k.place::integer"
                                          " FROM unnest($1) WITH ORDINALITY AS k (training_id, place),"
                                          "  opigno.get_training(k.training_id) AS t",
                                          keys_type);
constexpr int place_column = 7;
constexpr Oid find_types[] = {TEXTOID, INT4OID, INT4OID};
constinit pg::CallerStatement
    find_trainings("SELECT " TRAINING_ROW
                   " FROM opigno.find_trainings($1, $2, $3) WITH ORDINALITY AS f (training_id, title, place),"
                   "  opigno.get_training(f.training_id) AS t"
                   " ORDER BY f.place",
                   find_types);
constexpr Oid page_types[] = {TEXTOID, INT4OID, BOOLOID};
constinit pg::CallerStatement
    list_forward("SELECT " TRAINING_ROW " FROM opigno.list_trainings($1, $2, $3) AS t", page_types);
/* Whether there is a training before a key is all that is asked: the first one tells. */
constinit pg::CallerStatement
    list_backward("SELECT " TRAINING_ROW " FROM opigno.list_trainings(NULL, $2, $3) AS t"
                  " WHERE $1 IS NULL OR t.training_id COLLATE pg_catalog.\"C\" < $1",
                  page_types);
constexpr Oid set_types[] = {TEXTOID, TEXTOID, BOOLOID, INT8OID};
constinit pg::CallerStatement
    set_training("SELECT " TRAINING_ROW " FROM opigno.set_training($1, $2, $3, $4) AS t", set_types);

Datum text_of(const Input &input)
{
    return PointerGetDatum(pg::make_text(input.text));
}

char null_of(const Input &input)
{
    return input.is_given() ? ' ' : 'n';
}

void resolve_get(Resolution &resolution)
{
    const Datum key = text_of(resolution.argument("trainingId"));
    if (const SPITupleTable *rows = resolution.read(get_training, &key); rows->numvals > 0)
        resolution.object(0, {rows, 0});
}

void resolve_find(Resolution &resolution)
{
    constexpr std::int32_t default_matches = 20;
    const Input &app = resolution.argument("appId");
    const Datum values[] = {text_of(resolution.argument("prefix")),
                            Int32GetDatum(gateway::number_of<std::int32_t>(app.text).value_or(0)),
                            Int32GetDatum(size_of(resolution, default_matches))};
    const char nulls[] = {' ', null_of(app), ' '};
    const SPITupleTable *rows = resolution.read(find_trainings, values, nulls);
    resolution.list(0);
    for (std::uint64_t row = 0; row < rows->numvals; ++row)
        resolution.object(0, {rows, row});
}

const SPITupleTable *read_trainings(Resolution &resolution, const Page &page, bool is_backward,
                                    const text *start, std::int32_t rows)
{
    const Datum values[] = {PointerGetDatum(start), Int32GetDatum(rows),
                            BoolGetDatum(page.is_active.value_or(false))};
    const char nulls[] = {start == nullptr ? 'n' : ' ', ' ', page.is_active.has_value() ? ' ' : 'n'};
    return resolution.read(is_backward ? list_backward : list_forward, values, nulls);
}

void resolve_trainings(Resolution &resolution)
{
    auto *page = static_cast<Page *>(palloc(sizeof(Page)));
    *page = {};
    page->read = read_trainings;
    page->size = size_of(resolution, default_page_size);
    page->start = start_of(resolution, "after");
    if (const Input &is_active = resolution.argument("isActive"); is_active.is_given())
        page->is_active = is_active.is_true();
    resolve_page(resolution, *page);
}

void set(Resolution &resolution, Outcome &outcome)
{
    const Input &title = resolution.argument("title");
    const Input &is_active = resolution.argument("isActive");
    const std::optional<std::int64_t> expected = version_of(resolution.argument("expectedVersion"));
    const Datum values[] = {text_of(resolution.argument("trainingId")), text_of(title),
                            BoolGetDatum(is_active.is_true()), Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', null_of(title), null_of(is_active), expected.has_value() ? ' ' : 'n'};
    outcome.rows = resolution.read(set_training, values, nulls);
}

void resolve_set(Resolution &resolution)
{
    run_mutation(resolution, set);
}

/* The trainings of rows that have the id in this column. */
template <int id_column> void resolve_of_rows(Resolution &resolution)
{
    pg::ArrayColumn keys;
    for (const Object &parent : resolution.parents())
        keys.add(*graphql::column(parent, id_column));
    const Datum values[] = {keys.text_array()};
    const SPITupleTable *rows = resolution.read(one_of_each, values);
    for (std::uint64_t row = 0; row < rows->numvals; ++row) {
        const Object found{rows, row};
        resolution.object(static_cast<std::size_t>(DatumGetInt32(*graphql::column(found, place_column))) - 1,
                          found);
    }
}

constexpr Resolver resolvers[] = {
    {resolve_get},
    {resolve_find},
    {resolve_trainings},
    {resolve_set},
    {nullptr, write_violations},
    {resolve_response},
    {resolve_of_rows<2>},
    {resolve_of_rows<1>},
};

constexpr Field training_fields[] = {
    {"trainingId", non_null(string_type), "The key of the training.", {}, {}, property(1, Form::Text)},
    {"title", non_null(string_type), "The title, for people.", {}, {}, property(2, Form::Text)},
    {"isActive",
     non_null(graphql::boolean_type),
     "Whether findTrainings offers the training.",
     {},
     {},
     property(3, Form::Boolean)},
    {"version",
     non_null(big_int_type),
     "Increases with each change, and never repeats.",
     {},
     {},
     property(4, Form::Version)},
    {"createdAt",
     non_null(date_time_type),
     "When the training was created.",
     {},
     {},
     property(5, Form::Time)},
    {"updatedAt",
     non_null(date_time_type),
     "When the training was last changed.",
     {},
     {},
     property(6, Form::Time)},
    training_profiles_of_field,
};

constexpr Field training_response_fields[] = {
    {"errors",
     list_of(violation_type),
     "What is wrong with the request; empty after a success.",
     {},
     {},
     resolver(training_room, training::errors)},
    {"response",
     training_type,
     "The training; null if there are errors.",
     {},
     {},
     resolver(training_room, training::response)},
};

constexpr Field connection_fields[] = {
    {"edges",
     non_null(list_of(non_null(training_edge_type))),
     "The trainings of the page.",
     {},
     {},
     resolver(page_room, page::edges)},
    {"pageInfo",
     non_null(page_info_type),
     "What is around the page.",
     {},
     {},
     resolver(page_room, page::info)},
};

constexpr Field edge_fields[] = {
    {"cursor",
     non_null(cursor_type),
     "The place of the training in the list.",
     {},
     {},
     resolver(page_room, page::cursor)},
    {"node", non_null(training_type), "The training.", {}, {}, resolver(page_room, page::node)},
};

} // namespace

constinit const std::span<const Resolver> training_resolvers(resolvers);

constinit const Type training_type = {TypeKind::Object, "Training", "A registered training.",
                                      training_fields};
constinit const Type training_response_type = {TypeKind::Object, "TrainingResponse",
                                               "The result of setTraining.", training_response_fields};
constinit const Type training_connection_type = {TypeKind::Object, "TrainingConnection",
                                                 "A page of trainings.", connection_fields};
constinit const Type training_edge_type = {TypeKind::Object, "TrainingEdge", "A training of a page.",
                                           edge_fields};

} // namespace opigno::fields
