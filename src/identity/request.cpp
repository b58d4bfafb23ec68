#include "identity/request.hpp"

#include "pg/text.hpp"

namespace opigno::identity {

namespace {

/* In the memory of the top transaction. */
struct Frame {
    Request request;
    int nest_level; /* of the innermost transaction that has to commit for it */
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

void refresh_request(const text *user_uuid, bool is_active, const ArrayType *scope)
{
    if (top == nullptr || pg::view(top->request.user_uuid) != pg::view(user_uuid))
        return;
    Request request = top->request;
    request.is_restricted = !is_active;
    if (!request.scope_is_given)
        request.scope = const_cast<ArrayType *>(scope);
    begin_request(request);
}

void watch_transactions()
{
    RegisterXactCallback(at_end_of_transaction, nullptr);
    RegisterSubXactCallback(at_end_of_subtransaction, nullptr);
}

} // namespace opigno::identity
