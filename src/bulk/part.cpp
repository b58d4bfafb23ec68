#include "bulk/part.hpp"

#include "pg/error.hpp"
#include "pg/transaction.hpp"

#include <cstring>

namespace opigno::bulk {

namespace {

constinit bool has_next = false;
constinit SubTransactionId set_in = InvalidSubTransactionId;
constinit Part next;

/* The memory ends with the transaction. */
void forget_at_end(XactEvent event, void * /*argument*/)
{
    if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
        has_next = false;
}

void forget_in_subtransaction(SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
                              void * /*argument*/)
{
    if (!has_next || set_in != ended)
        return;
    if (event == SUBXACT_EVENT_ABORT_SUB)
        has_next = false;
    else if (event == SUBXACT_EVENT_COMMIT_SUB)
        set_in = parent;
}

[[noreturn]] void refuse(const char *message)
{
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", message));
}

struct Numbers {
    const Datum *values;
    int count;
};

static_assert(std::is_trivially_destructible_v<Numbers>);

Numbers numbers_of(ArrayType *array, const char *name)
{
    if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
        refuse(psprintf("\"%s\" must be a list of numbers without NULLs", name));
    Datum *values = nullptr;
    int count = 0;
    deconstruct_array(array, INT8OID, sizeof(std::int64_t), true, TYPALIGN_DOUBLE, &values, nullptr, &count);
    std::int64_t last = 0;
    for (int at = 0; at < count; ++at) {
        const std::int64_t number = DatumGetInt64(values[at]);
        if (number <= last)
            refuse(psprintf("\"%s\" must be positive numbers in ascending order", name));
        last = number;
    }
    return {values, count};
}

const std::int64_t *kept(const Numbers &numbers)
{
    static_assert(sizeof(Datum) == sizeof(std::int64_t));
    const std::size_t bytes = static_cast<std::size_t>(numbers.count) * sizeof(Datum);
    void *copy = MemoryContextAllocHuge(TopTransactionContext, bytes + sizeof(Datum));
    if (numbers.count > 0)
        std::memcpy(copy, numbers.values, bytes);
    return static_cast<const std::int64_t *>(copy);
}

} // namespace

void Part::refuse_number()
{
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("the body does not have as many entries as the part that was begun"),
            errdetail("opigno.begin_bulk_part() says which entries the next load of the transaction gets."));
}

void set_next_part(ArrayType *ordinals, ArrayType *positions, json::BodyForm form, bool is_flawed)
{
    static constinit bool is_watching = false;
    if (!is_watching) {
        RegisterXactCallback(forget_at_end, nullptr);
        RegisterSubXactCallback(forget_in_subtransaction, nullptr);
        is_watching = true;
    }
    const Numbers given_ordinals = numbers_of(ordinals, "ordinals");
    const Numbers given_positions = numbers_of(positions, "positions");
    if (given_ordinals.count != given_positions.count)
        refuse("\"ordinals\" and \"positions\" must have the same length");
    has_next = false;
    next.ordinals = kept(given_ordinals);
    next.positions = kept(given_positions);
    next.size = given_ordinals.count;
    next.form = form;
    next.is_flawed = is_flawed;
    set_in = GetCurrentSubTransactionId();
    has_next = true;
}

Part take_next_part()
{
    if (!has_next)
        return {};
    has_next = false;
    return next;
}

} // namespace opigno::bulk
