/* set_user_contexts; its contract stands in functions.sql. */
#include "context/bulk_load.hpp"
#include "identity/request.hpp"
#include "pg/argument.hpp"
#include "pg/subtransaction.hpp"

namespace opigno::context {

namespace {

/* The arguments behind the body. */
Options options_of(FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    pg::require(fcinfo, 0, "body", faults);
    const Options options{pg::reports_errors(fcinfo, 1, faults), pg::flag_argument(fcinfo, 2),
                          bulk::max_errors_argument(fcinfo, 3, faults)};
    faults.raise();
    return options;
}

/* As for profiles: docs/decisions/0011-bulk.md. */
Datum load(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    const Options options = options_of(fcinfo);
    const std::string_view body = pg::view(PG_GETARG_TEXT_PP(0));
    bulk::Progress progress(get_relname_relid("user_context", get_func_namespace(caller.function)),
                            body.size());
    Load entries(options, body, progress);
    entries.read();

    pg::in_subtransaction([&] {
        entries.write();
        if (entries.changed())
            entries.record(caller);
        return !options.dry_run && !entries.is_refused();
    });
    identity::refresh_request(nullptr);

    entries.end();
    progress.end();
    json::Writer answer;
    entries.write_answer(answer);
    return answer.json();
}

} // namespace

} // namespace opigno::context

using namespace opigno;

OPIGNO_FUNCTION(opigno_set_user_contexts)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::Operator,
                              [&](const identity::Caller &caller) { return context::load(caller, fcinfo); });
}
