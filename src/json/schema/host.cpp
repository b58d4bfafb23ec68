#include "json/schema/host.hpp"

#include "pg/encoding.hpp"
#include "pg/number.hpp"

namespace opigno::json::schema {

bool stack_is_low()
{
    return stack_is_too_deep();
}

bool is_multiple(std::string_view number, std::string_view of)
{
    const Datum rest =
        DirectFunctionCall2(numeric_mod, PointerGetDatum(number.data()), PointerGetDatum(of.data()));
    const Datum zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
    return DatumGetBool(DirectFunctionCall2(numeric_eq, rest, zero));
}

std::size_t characters_of(std::string_view text)
{
    return static_cast<std::size_t>(pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size())));
}

/* The bytes of a SQL_ASCII database are taken for UTF-8. */
std::string_view utf8_of(std::string_view text)
{
    if (text.empty() || GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII)
        return text;
    char *made = pg_server_to_any(text.data(), static_cast<int>(text.size()), PG_UTF8);
    return made == text.data() ? text : std::string_view(made);
}

namespace {

struct Freeing {
    MemoryContextCallback callback;
    void (*free)(void *);
    void *object;
};

} // namespace

void free_with_memory(void (*free)(void *), void *object)
{
    auto *freeing = static_cast<Freeing *>(palloc(sizeof(Freeing)));
    freeing->free = free;
    freeing->object = object;
    freeing->callback.arg = freeing;
    freeing->callback.func = [](void *argument) {
        const auto *made = static_cast<Freeing *>(argument);
        made->free(made->object);
    };
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &freeing->callback);
}

void out_of_memory()
{
    ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
            errdetail("A pattern of a schema could get no memory."));
}

} // namespace opigno::json::schema
