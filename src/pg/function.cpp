#include "pg/function.hpp"

#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/result.hpp"
#include "pg/snapshot.hpp"

extern "C" {
#include <executor/executor.h>
#include <pgstat.h>
}

namespace opigno::pg {

namespace {

constexpr int max_arguments = 8;

Datum checked(Datum value, bool is_null, int number)
{
    if (is_null)
        elog(ERROR, "nothing in column %d", number);
    return value;
}

/* Calls the function. result: what the caller of a function that returns a set provides. */
std::optional<Datum> invoke(Oid function, std::span<const Oid> types, const Datum *values, const char *nulls,
                            ReturnSetInfo *result)
{
    FmgrInfo info;
    fmgr_info(function, &info);
    LOCAL_FCINFO(call, max_arguments);
    InitFunctionCallInfoData(*call, &info, static_cast<short>(types.size()), InvalidOid, nullptr,
                             reinterpret_cast<decltype(call->resultinfo)>(result));
    for (std::size_t at = 0; at < types.size(); ++at)
        call->args[at] = {values[at], nulls != nullptr && nulls[at] == 'n'};
    if (info.fn_strict && has_null(call))
        return std::nullopt;
    PgStat_FunctionCallUsage usage;
    pgstat_init_function_usage(call, &usage);
    const Datum value = FunctionCallInvoke(call);
    pgstat_end_function_usage(&usage, true);
    return call->isnull ? std::nullopt : std::optional<Datum>(value);
}

template <typename Body> auto with_latest_snapshot(Body body)
{
    PushActiveSnapshot(GetTransactionSnapshot());
    const auto result = body();
    PopActiveSnapshot();
    return result;
}

} // namespace

Datum Row::column(int number) const
{
    bool is_null = false;
    const Datum value = heap_getattr(tuple, number, description, &is_null);
    return checked(value, is_null, number);
}

Datum column_of(Datum row, int number)
{
    bool is_null = false;
    const Datum value =
        GetAttributeByNum(DatumGetHeapTupleHeader(row), static_cast<AttrNumber>(number), &is_null);
    return checked(value, is_null, number);
}

Oid Function::find() const
{
    Assert(types_.size() <= max_arguments);
    const Oid function =
        GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name_),
                        PointerGetDatum(buildoidvector(types_.data(), static_cast<int>(types_.size()))),
                        ObjectIdGetDatum(get_namespace_oid("opigno", false)));
    if (!OidIsValid(function))
        elog(ERROR, "there is no function opigno.%s", name_);
    if (!may_execute(function, GetUserId()))
        aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, name_);
    return function;
}

std::optional<Datum> Function::call(const Datum *values, const char *nulls) const
{
    return invoke(find(), types_, values, nulls, nullptr);
}

Datum Function::value(const Datum *values, const char *nulls) const
{
    const std::optional<Datum> value = call(values, nulls);
    if (!value.has_value())
        elog(ERROR, "function opigno.%s returned NULL", name_);
    return *value;
}

/* The columns of a function cannot change. */
TupleDesc Function::description_of(Oid function)
{
    if (described_ == function)
        return description_;
    TupleDesc found = nullptr;
    if (get_func_result_type(function, nullptr, &found) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "function opigno.%s returns no rows", name_);
    MemoryContext previous = MemoryContextSwitchTo(TopMemoryContext);
    description_ = BlessTupleDesc(CreateTupleDescCopy(found));
    MemoryContextSwitchTo(previous);
    described_ = function;
    return description_;
}

std::optional<Row> Function::first_row(const Datum *values)
{
    const Oid function = find();
    ReturnSetInfo result{};
    result.type = T_ReturnSetInfo;
    result.econtext = CreateStandaloneExprContext();
    result.expectedDesc = description_of(function);
    result.allowedModes = SFRM_Materialize;
    result.returnMode = SFRM_Materialize;
    invoke(function, types_, values, nullptr, &result);
    std::optional<Row> row;
    if (result.setResult != nullptr) {
        TupleTableSlot *slot = MakeSingleTupleTableSlot(description_, &TTSOpsMinimalTuple);
        if (tuplestore_gettupleslot(result.setResult, true, false, slot))
            row = Row{ExecCopySlotHeapTuple(slot), description_};
        ExecDropSingleTupleTableSlot(slot);
        tuplestore_end(result.setResult);
    }
    FreeExprContext(result.econtext, true);
    return row;
}

std::optional<Datum> Function::call_latest(const Datum *values) const
{
    return with_latest_snapshot([&] { return call(values); });
}

std::optional<Row> Function::first_row_latest(const Datum *values)
{
    return with_latest_snapshot([&] { return first_row(values); });
}

} // namespace opigno::pg
