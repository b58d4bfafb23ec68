#include "retirement/states.hpp"

#include "identity/shard.hpp"
#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"

namespace opigno::retirement {

namespace {

constinit pg::Statement select_states("SELECT s.state_name, s.execution_order, s.erases_data"
                                      " FROM opigno.list_retirement_states() AS s");
constinit pg::Statement select_any("SELECT 1 FROM opigno.retirement_state LIMIT 1");
constinit pg::Statement
    insert_defaults("INSERT INTO opigno.retirement_state"
                    " (state_name, execution_order, is_required, is_dead_end, erases_data)"
                    " SELECT d.state_name, d.execution_order, d.is_required, d.is_dead_end, d.erases_data"
                    " FROM opigno.default_retirement_states() AS d ON CONFLICT (state_name) DO NOTHING");

void lock(const identity::Caller &caller, LOCKMODE mode)
{
    pg::refuse_during_recovery(mode);
    LockRelationOid(get_relname_relid("retirement_state", caller.schema), mode);
}

} // namespace

void lock_states(const identity::Caller &caller)
{
    lock(caller, RowShareLock);
}

void lock_states_to_change(const identity::Caller &caller)
{
    lock(caller, ExclusiveLock);
}

Category category_of(std::string_view name)
{
    if (name == pending)
        return Category::Start;
    if (name == "ERRORED" || name == aborted || name == complete)
        return Category::End;
    return name.ends_with("_COMPLETE") ? Category::Complete : Category::Working;
}

pg::Vector<State> states_now()
{
    pg::Vector<State> states;
    const std::uint64_t rows = select_states.read_committed(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const std::string_view name = pg::view(DatumGetTextPP(pg::column(1, row)));
        states.push_back(
            {name, DatumGetInt32(pg::column(2, row)), category_of(name), DatumGetBool(pg::column(3, row))});
    }
    return states;
}

const State *find_state(const pg::Vector<State> &states, std::string_view name)
{
    for (const State &state : states)
        if (state.name == name)
            return &state;
    return nullptr;
}

void add_unknown_state(std::string_view name, const char *member, pg::Errors &errors)
{
    errors.add(ERRCODE_INVALID_PARAMETER_VALUE, member, "state \"%s\" does not exist", pg::quoted(name));
    errors.hint("opigno.list_retirement_states() lists the states.");
}

void need_states()
{
    if (select_any.read_committed(nullptr) > 0)
        return;
    identity::check_may_add_missing("states of retirement",
                                    "Call opigno.set_retirement_states() on the hub, once.");
    insert_defaults.write(nullptr);
}

} // namespace opigno::retirement
