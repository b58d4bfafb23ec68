#include "gateway/fields/retirement.hpp"

#include "gateway/fields/context_page.hpp"
#include "gateway/fields/outcome.hpp"
#include "gateway/fields/page.hpp"
#include "gateway/number.hpp"
#include "pg/error.hpp"
#include "pg/text.hpp"

#include <iterator>

namespace opigno::fields {

using graphql::boolean_type;
using graphql::id_type;
using graphql::Input;
using graphql::int_type;
using graphql::string_type;
using graphql::TypeKind;

namespace {

/* The number is a text: it is the key of a page. */
#define RETIREMENT_ROW                                                                                       \
    "r.retirement_id::text, r.user_uuid::text, r.user_context_id, r.retired_uuid, r.was_active,"             \
    " r.current_state::text, r.last_state::text, r.created_at, r.updated_at"
/* Without an argument, the user is the one that the request names, who cannot act any more. */
#define USER "coalesce($1, opigno.request_named_user())"

constexpr Oid user_type[] = {TEXTOID};
constinit pg::CallerStatement get_retirement("SELECT " RETIREMENT_ROW " FROM opigno.get_retirement(" USER
                                             ") AS r"
                                             " ORDER BY r.retirement_id + 0 DESC LIMIT 1",
                                             user_type);

/*
 * Pages are for those who read every user. To others row security would leave at most some rows, and read
 * the whole table for them. With a state, a range of the index on states is read.
 */
#define OF_ALL_STATES(start)                                                                                 \
    "SELECT " RETIREMENT_ROW " FROM opigno.list_retirements(NULL, $2::timestamptz, $3::timestamptz,"         \
    " " start ", $5) AS r WHERE opigno.reads_every_user()"
#define OF_STATE(start)                                                                                      \
    "SELECT " RETIREMENT_ROW " FROM opigno.retirement AS r WHERE opigno.reads_every_user()"                  \
    " AND r.current_state = $1 AND ($2 IS NULL OR r.created_at >= $2::timestamptz)"                          \
    " AND ($3 IS NULL OR r.created_at < $3::timestamptz) AND r.retirement_id > coalesce(" start ", 0)"       \
    " ORDER BY r.retirement_id LIMIT $5"
/* Whether there is a retirement before a number is all that is asked: the first one tells. */
#define BEFORE(first)                                                                                        \
    "SELECT * FROM (" first ") AS f WHERE $4 IS NULL OR f.retirement_id::bigint < $4::bigint"

constexpr Oid page_types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4OID};
constinit pg::CallerStatement list_forward(OF_ALL_STATES("$4::bigint"), page_types);
constinit pg::CallerStatement list_backward(BEFORE(OF_ALL_STATES("NULL::bigint")), page_types);
constinit pg::CallerStatement list_state_forward(OF_STATE("$4::bigint"), page_types);
constinit pg::CallerStatement list_state_backward(BEFORE(OF_STATE("NULL::bigint")), page_types);

/* The values of the enums are those of SQL in upper case. */
constinit pg::CallerStatement
    list_states("SELECT s.state_name, s.execution_order, upper(s.category COLLATE pg_catalog.\"C\"),"
                "  s.is_required, s.is_dead_end, s.erases_data FROM opigno.list_retirement_states() AS s");
constinit pg::CallerStatement
    get_certificates("SELECT c.certificate_number, c.issued_at, c.retired_uuid, c.erased, c.acting_role,"
                     "  encode(c.previous_hash, 'hex'), encode(c.certificate_hash, 'hex')"
                     " FROM opigno.retirement_certificate($1) AS c ORDER BY c.certificate_number",
                     user_type);

constinit pg::CallerStatement
    begin_retirement("SELECT " RETIREMENT_ROW " FROM opigno.begin_retirement(" USER ") AS r", user_type);
constinit pg::CallerStatement
    cancel_retirement("SELECT " RETIREMENT_ROW " FROM opigno.cancel_retirement($1) AS r", user_type);
constexpr Oid move_types[] = {TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID};
constinit pg::CallerStatement move_retirement("SELECT " RETIREMENT_ROW
                                              " FROM opigno.move_retirement($1, $2, $3, $4, $5) AS r",
                                              move_types);
constinit pg::CallerStatement
    retire_user_data("SELECT upper(d.outcome COLLATE pg_catalog.\"C\"), d.retired_uuid,"
                     "  d.certificate_number FROM opigno.retire_user_data($1) AS d",
                     user_type);

Datum text_of(const Input &input)
{
    return PointerGetDatum(pg::make_text(input.text));
}

char null_of(const Input &input)
{
    return input.is_given() ? ' ' : 'n';
}

/* ---- reads ---- */

void resolve_get(Resolution &resolution)
{
    const Input &user = resolution.argument("userUuid");
    const Datum value = text_of(user);
    const char nulls[] = {null_of(user)};
    if (const SPITupleTable *rows = resolution.read(get_retirement, &value, nulls); rows->numvals > 0)
        resolution.object(0, {rows, 0});
}

/* The values of a list of objects. */
void add_rows(Resolution &resolution, const SPITupleTable *rows)
{
    resolution.list(0);
    for (std::uint64_t row = 0; row < rows->numvals; ++row)
        resolution.object(0, {rows, row});
}

void resolve_states(Resolution &resolution)
{
    add_rows(resolution, resolution.read(list_states, nullptr));
}

void resolve_certificates(Resolution &resolution)
{
    const Datum user = text_of(resolution.argument("userUuid"));
    add_rows(resolution, resolution.read(get_certificates, &user));
}

const SPITupleTable *read_retirements(Resolution &resolution, const Page &page, bool is_backward,
                                      const text *start, std::int32_t rows)
{
    const text *const texts[] = {page.state, page.begun_from, page.begun_before, start};
    Datum values[std::size(page_types)];
    char nulls[std::size(page_types)];
    for (std::size_t at = 0; at < std::size(texts); ++at) {
        values[at] = PointerGetDatum(texts[at]);
        nulls[at] = texts[at] == nullptr ? 'n' : ' ';
    }
    values[std::size(texts)] = Int32GetDatum(rows);
    nulls[std::size(texts)] = ' ';
    if (page.state == nullptr)
        return resolution.read(is_backward ? list_backward : list_forward, values, nulls);
    return resolution.read(is_backward ? list_state_backward : list_state_forward, values, nulls);
}

const text *text_argument(const Resolution &resolution, const char *name)
{
    const Input &input = resolution.argument(name);
    return input.is_given() ? pg::make_text(input.text) : nullptr;
}

const text *time_argument(const Resolution &resolution, const char *name)
{
    check_time(resolution.argument(name), name);
    return text_argument(resolution, name);
}

/* The number of a retirement as text; nullptr without a cursor. */
const text *number_of_cursor(const Resolution &resolution)
{
    const text *start = start_of(resolution, "after");
    if (start != nullptr && !gateway::number_of<std::int64_t>(pg::view(start)).has_value())
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"%s\" is not a cursor", "after"));
    return start;
}

void resolve_retirements(Resolution &resolution)
{
    auto *page = static_cast<Page *>(palloc(sizeof(Page)));
    *page = {};
    page->read = read_retirements;
    page->size = size_of(resolution, default_page_size);
    page->start = number_of_cursor(resolution);
    page->state = text_argument(resolution, "state");
    page->begun_from = time_argument(resolution, "begunFrom");
    page->begun_before = time_argument(resolution, "begunBefore");
    if (shows_rows(resolution))
        count_retirement_page(resolution.execution());
    resolve_page(resolution, *page);
}

/* ---- mutations ---- */

void begin(Resolution &resolution, Outcome &outcome)
{
    const Input &user = resolution.argument("userUuid");
    const Datum value = text_of(user);
    const char nulls[] = {null_of(user)};
    outcome.rows = resolution.read(begin_retirement, &value, nulls);
}

void cancel(Resolution &resolution, Outcome &outcome)
{
    const Datum user = text_of(resolution.argument("userUuid"));
    outcome.rows = resolution.read(cancel_retirement, &user);
}

void move(Resolution &resolution, Outcome &outcome)
{
    const Input &expected = resolution.argument("expectedState");
    const Datum values[] = {text_of(resolution.argument("userUuid")),
                            text_of(resolution.argument("newState")),
                            text_of(resolution.argument("response")),
                            BoolGetDatum(resolution.argument("force").is_true()), text_of(expected)};
    const char nulls[] = {' ', ' ', ' ', ' ', null_of(expected)};
    outcome.rows = resolution.read(move_retirement, values, nulls);
}

/* An erasure holds a lock that others wait for until the transaction ends: no user is locked after it. */
void erase(Resolution &resolution, Outcome &outcome)
{
    bool &is_done = has_erased(resolution.execution());
    if (is_done)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("a document erases the data of at most one user"), errhint("Use several requests."));
    const Datum user = text_of(resolution.argument("userUuid"));
    outcome.rows = resolution.read(retire_user_data, &user);
    is_done = true;
}

template <void (*mutate)(Resolution &resolution, Outcome &outcome)>
void resolve_mutation(Resolution &resolution)
{
    run_mutation(resolution, mutate);
}

constexpr Resolver resolvers[] = {
    {resolve_get},
    {resolve_retirements},
    {resolve_states},
    {resolve_certificates},
    {resolve_mutation<begin>},
    {resolve_mutation<cancel>},
    {resolve_mutation<move>},
    {resolve_mutation<erase>},
    {nullptr, write_violations},
    {resolve_response},
};

constexpr Field retirement_fields[] = {
    {"id", non_null(id_type), "Number of the retirement.", {}, {}, property(1, Form::Text)},
    {"userUuid", non_null(string_type), "The user.", {}, {}, property(2, Form::Text)},
    {"userContextNumber",
     non_null(id_type),
     "The id that the user context has or had.",
     {},
     {},
     property(3, Form::Id)},
    {"retiredUuid",
     string_type,
     "What stands for the user after the erasure; null before.",
     {},
     {},
     property(4, Form::Text)},
    {"wasActive",
     non_null(boolean_type),
     "Whether the user was active when the retirement began.",
     {},
     {},
     property(5, Form::Boolean)},
    {"currentState", non_null(string_type), "The state.", {}, {}, property(6, Form::Text)},
    {"lastState",
     non_null(string_type),
     "The state before; at the beginning the same one.",
     {},
     {},
     property(7, Form::Text)},
    {"createdAt", non_null(date_time_type), "When the retirement began.", {}, {}, property(8, Form::Time)},
    {"updatedAt", non_null(date_time_type), "When it was last moved.", {}, {}, property(9, Form::Time)},
};

constexpr Field state_fields[] = {
    {"stateName", non_null(string_type), "The name of the state.", {}, {}, property(1, Form::Text)},
    {"executionOrder",
     non_null(int_type),
     "The place of the state: 1, 11, 21 and so on.",
     {},
     {},
     property(2, Form::Integer)},
    {"category",
     non_null(retirement_category_type),
     "What the state means.",
     {},
     {},
     property(3, Form::Text)},
    {"isRequired",
     non_null(boolean_type),
     "Whether every list of states has it.",
     {},
     {},
     property(4, Form::Boolean)},
    {"isDeadEnd",
     non_null(boolean_type),
     "Whether a retirement leaves it only by force.",
     {},
     {},
     property(5, Form::Boolean)},
    {"erasesData",
     non_null(boolean_type),
     "Whether it is the state in which retireUserData erases the data.",
     {},
     {},
     property(6, Form::Boolean)},
};

constexpr EnumValue categories[] = {
    {"START", "The retirement has begun.", {}},
    {"WORKING", "A step runs.", {}},
    {"COMPLETE", "A step is done.", {}},
    {"END", "The retirement is finished, was aborted, or needs an operator.", {}},
};

constexpr EnumValue erasure_outcomes[] = {
    {"DELETED", "The data was erased.", {}},
    {"UNCHANGED", "That was done before.", {}},
};

constexpr Field certificate_fields[] = {
    {"certificateNumber",
     non_null(big_int_type),
     "The number of the certificate.",
     {},
     {},
     property(1, Form::Version)},
    {"issuedAt", non_null(date_time_type), "When the data was erased.", {}, {}, property(2, Form::Time)},
    {"retiredUuid", non_null(string_type), "What stands for the user.", {}, {}, property(3, Form::Text)},
    {"erased",
     non_null(json_type),
     "What was erased where, and how many rows.",
     {},
     {},
     property(4, Form::Document)},
    {"actingRole",
     non_null(string_type),
     "The database role that has erased the data.",
     {},
     {},
     property(5, Form::Text)},
    {"previousHash",
     string_type,
     "The hash of the certificate before, in hexadecimal; null in the first one.",
     {},
     {},
     property(6, Form::Text)},
    {"certificateHash",
     non_null(string_type),
     "The SHA-256 of the certificate and of the hash before, in hexadecimal.",
     {},
     {},
     property(7, Form::Text)},
};

constexpr Field retired_user_data_fields[] = {
    {"outcome", non_null(erasure_outcome_type), "What was done.", {}, {}, property(1, Form::Text)},
    {"retiredUuid", non_null(string_type), "What stands for the user.", {}, {}, property(2, Form::Text)},
    {"certificateNumber",
     big_int_type,
     "The number of the certificate; null if there is none.",
     {},
     {},
     property(3, Form::Version)},
};

constexpr Field errors_field = {"errors",
                                list_of(violation_type),
                                "What is wrong with the request; empty after a success.",
                                {},
                                {},
                                resolver(retirement_room, retirement::errors)};

constexpr Field retirement_response_fields[] = {
    errors_field,
    {"response",
     retirement_type,
     "The retirement; null if there are errors.",
     {},
     {},
     resolver(retirement_room, retirement::response)},
};

constexpr Field retired_user_data_response_fields[] = {
    errors_field,
    {"response",
     retired_user_data_type,
     "What was done; null if there are errors.",
     {},
     {},
     resolver(retirement_room, retirement::response)},
};

constexpr Field connection_fields[] = {
    {"edges",
     non_null(list_of(non_null(retirement_edge_type))),
     "The retirements of the page.",
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
     "The place of the retirement in the list.",
     {},
     {},
     resolver(page_room, page::cursor)},
    {"node", non_null(retirement_type), "The retirement.", {}, {}, resolver(page_room, page::node)},
};

} // namespace

constinit const std::span<const Resolver> retirement_resolvers(resolvers);

constinit const Type retirement_type = {TypeKind::Object, "Retirement",
                                        "The retirement of a user, from the beginning to the clean-up.",
                                        retirement_fields};
constinit const Type retirement_response_type = {
    TypeKind::Object, "RetirementResponse",
    "The result of beginRetirement, cancelRetirement and moveRetirement.", retirement_response_fields};
constinit const Type retirement_state_type = {TypeKind::Object, "RetirementState", "A state of retirement.",
                                              state_fields};
constinit const Type retirement_category_type = {.kind = TypeKind::Enum,
                                                 .name = "RetirementCategory",
                                                 .description = "What a state of retirement means.",
                                                 .values = categories};
constinit const Type retirement_certificate_type = {TypeKind::Object, "RetirementCertificate",
                                                    "What was erased of a user, without personal data.",
                                                    certificate_fields};
constinit const Type retirement_connection_type = {TypeKind::Object, "RetirementConnection",
                                                   "A page of retirements.", connection_fields};
constinit const Type retirement_edge_type = {TypeKind::Object, "RetirementEdge", "A retirement of a page.",
                                             edge_fields};
constinit const Type erasure_outcome_type = {.kind = TypeKind::Enum,
                                             .name = "ErasureOutcome",
                                             .description = "What retireUserData has done.",
                                             .values = erasure_outcomes};
constinit const Type retired_user_data_type = {TypeKind::Object, "RetiredUserData",
                                               "The erasure of a user's data.", retired_user_data_fields};
constinit const Type retired_user_data_response_type = {TypeKind::Object, "RetiredUserDataResponse",
                                                        "The result of retireUserData.",
                                                        retired_user_data_response_fields};

} // namespace opigno::fields
