#include "identity/request.hpp"

#include "identity/user.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/transaction.hpp"

#include <algorithm>

namespace opigno::identity {

namespace {

/* A request, and the one that a rollback to a savepoint restores. Allocated in
 * TopTransactionContext. */
struct Frame {
    Request request;
    int nest_level; /* nesting level of the subtransaction whose abort removes this request */
    Frame *previous;
};

Frame *top = nullptr;

void at_end_of_transaction(XactEvent event, void * /*argument*/)
{
    switch (event) {
    case XACT_EVENT_COMMIT:
    case XACT_EVENT_PARALLEL_COMMIT:
    case XACT_EVENT_ABORT:
    case XACT_EVENT_PARALLEL_ABORT:
    case XACT_EVENT_PREPARE:
        top = nullptr;
        break;
    default:
        break;
    }
}

void at_end_of_subtransaction(SubXactEvent event, SubTransactionId /*mine*/, SubTransactionId /*parent*/,
                              void * /*argument*/)
{
    const int level = GetCurrentTransactionNestLevel();
    if (event == SUBXACT_EVENT_ABORT_SUB) {
        while (top != nullptr && top->nest_level >= level)
            top = top->previous;
    } else if (event == SUBXACT_EVENT_COMMIT_SUB) {
        for (Frame *frame = top; frame != nullptr && frame->nest_level >= level; frame = frame->previous)
            frame->nest_level = level - 1;
    }
}

bool is_same(ArrayType *left, ArrayType *right)
{
    const pg::Names ours = pg::names_of(left);
    const pg::Names theirs = pg::names_of(right);
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end());
}

ArrayType *copy_of(const ArrayType *array)
{
    return DatumGetArrayTypePCopy(PointerGetDatum(array));
}

} // namespace

const Request *current_request()
{
    return top == nullptr ? nullptr : &top->request;
}

void begin_request(const Request &request)
{
    MemoryContext previous = MemoryContextSwitchTo(TopTransactionContext);
    auto *frame = static_cast<Frame *>(palloc(sizeof(Frame)));
    *frame = {request, GetCurrentTransactionNestLevel(), top};
    frame->request.user_uuid = pg::make_text(pg::view(request.user_uuid));
    frame->request.scope = copy_of(request.scope);
    MemoryContextSwitchTo(previous);
    top = frame;
}

void look_up_user(Request &request)
{
    pg::with_spi([&](MemoryContext outer) {
        const std::optional<User> user = find_user(request.user_uuid);
        request.is_restricted = !user.has_value() || !user->is_active;
        MemoryContextSwitchTo(outer);
        if (!request.scope_is_given)
            request.scope = user.has_value() ? copy_of(user->scope) : construct_empty_array(TEXTOID);
        return 0;
    });
}

void refresh_request(const text *user_uuid)
{
    if (top == nullptr || (user_uuid != nullptr && pg::view(top->request.user_uuid) != pg::view(user_uuid)))
        return;
    Request request = top->request;
    look_up_user(request);
    if (request.is_restricted != top->request.is_restricted || !is_same(request.scope, top->request.scope))
        begin_request(request);
}

void watch_transactions()
{
    RegisterXactCallback(at_end_of_transaction, nullptr);
    RegisterSubXactCallback(at_end_of_subtransaction, nullptr);
}

} // namespace opigno::identity
