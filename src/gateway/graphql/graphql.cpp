/* graphql; functions.sql has the contract. */
#include "gateway/graphql/request.hpp"
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/parallel.hpp"
#include "pg/setting.hpp"
#include "pg/spi.hpp"
#include "json/value/reader.hpp"

namespace opigno::graphql {

namespace {

/* Adds an error unless the argument is NULL, null or an object. */
const JsonbValue *object_argument(FunctionCallInfo fcinfo, int number, const char *name, JsonbValue &value,
                                  pg::Errors &errors)
{
    if (PG_ARGISNULL(number))
        return nullptr;
    value = json::root_of(PG_GETARG_JSONB_P(number));
    if (value.type == jbvNull)
        return nullptr;
    if (!json::is_object(value))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, name, "\"%s\" must be an object", name);
    return &value;
}

Request request_of(FunctionCallInfo fcinfo, JsonbValue &variables)
{
    pg::Errors errors;
    Request request;
    JsonbValue extensions{};
    pg::require(fcinfo, 0, "query", errors);
    request.variables = object_argument(fcinfo, 1, "variables", variables, errors);
    object_argument(fcinfo, 3, "extensions", extensions, errors);
    errors.raise();
    request.query = pg::view(PG_GETARG_TEXT_PP(0));
    if (!PG_ARGISNULL(2))
        request.operation_name = pg::view(PG_GETARG_TEXT_PP(2));
    return request;
}

Datum graphql(FunctionCallInfo fcinfo)
{
    JsonbValue variables{};
    Request request = request_of(fcinfo, variables);
    const int level = NewGUCNestLevel();
    pg::fix_search_path();
    pg::fix_row_security();
    const Datum result = pg::with_spi([&](MemoryContext outer) {
        request.memory = outer;
        const Answer given = answer(request);
        MemoryContextSwitchTo(outer);
        return given.outcome == Outcome::Executed
                   ? given.json
                   : PointerGetDatum(pg::make_text(pg::view(DatumGetTextPP(given.json))));
    });
    AtEOXact_GUC(false, level);
    return result;
}

} // namespace

} // namespace opigno::graphql

OPIGNO_FUNCTION(opigno_graphql)
{
    using namespace opigno;
    identity::check_caller(fcinfo, identity::RequiredAccess::Gateway);
    identity::check_request();
    pg::refuse_parallel_query("opigno.graphql()");
    return graphql::graphql(fcinfo);
}
