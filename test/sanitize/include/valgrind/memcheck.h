/*
 * In the place of valgrind's header when test/sanitize/server builds PostgreSQL: what the server tells valgrind
 * of its memory contexts it tells AddressSanitizer too, where that is loaded.
 */
#include_next <valgrind/memcheck.h>

#ifndef OPIGNO_MEMCHECK_H
#define OPIGNO_MEMCHECK_H

#include <stddef.h>

extern void __asan_poison_memory_region(const volatile void *from, size_t size) __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *from, size_t size) __attribute__((weak));

static inline void tell_no_access(const volatile void *from, size_t size)
{
    if (__asan_poison_memory_region)
        __asan_poison_memory_region(from, size);
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__MAKE_MEM_NOACCESS, from, size, 0, 0, 0);
}

static inline void tell_access(const volatile void *from, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(from, size);
}

#undef VALGRIND_MAKE_MEM_NOACCESS
#define VALGRIND_MAKE_MEM_NOACCESS(from, size) tell_no_access(from, size)

#undef VALGRIND_MAKE_MEM_UNDEFINED
#define VALGRIND_MAKE_MEM_UNDEFINED(from, size)                                                  \
    do {                                                                                         \
        tell_access(from, size);                                                                 \
        VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__MAKE_MEM_UNDEFINED, from, size, 0, 0, 0);    \
    } while (0)

#undef VALGRIND_MAKE_MEM_DEFINED
#define VALGRIND_MAKE_MEM_DEFINED(from, size)                                                    \
    do {                                                                                         \
        tell_access(from, size);                                                                 \
        VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__MAKE_MEM_DEFINED, from, size, 0, 0, 0);      \
    } while (0)

#undef VALGRIND_MEMPOOL_ALLOC
#define VALGRIND_MEMPOOL_ALLOC(pool, from, size)                                                 \
    do {                                                                                         \
        tell_access(from, size);                                                                 \
        VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__MEMPOOL_ALLOC, pool, from, size, 0, 0);      \
    } while (0)

#undef VALGRIND_MEMPOOL_CHANGE
#define VALGRIND_MEMPOOL_CHANGE(pool, old, from, size)                                           \
    do {                                                                                         \
        tell_access(from, size);                                                                 \
        VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__MEMPOOL_CHANGE, pool, old, from, size, 0);   \
    } while (0)

#endif
