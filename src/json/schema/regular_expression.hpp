/*
 * The wall around RE2. Nothing behind it calls PostgreSQL, and no exception leaves it. Objects are in
 * malloc's memory. Patterns and texts are in UTF-8.
 */
#pragma once

#include <cstddef>

extern "C" {

struct opigno_regular_expression;

enum opigno_regular_expression_fault {
    opigno_too_large,
    opigno_repeats_too_often,
    opigno_unknown_range, /* a Unicode property */
    opigno_not_valid,
    opigno_no_memory,
};

/* Returns nullptr and the fault for a source that RE2 refuses. */
opigno_regular_expression *opigno_compile_regular_expression(const char *source, std::size_t size,
                                                             opigno_regular_expression_fault *fault) noexcept;
void opigno_free_regular_expression(opigno_regular_expression *expression) noexcept;

/* The number of instructions of RE2's program. */
std::size_t opigno_regular_expression_size(const opigno_regular_expression *expression) noexcept;

/* 1: a part of the text matches; 0: none does; -1: memory is used up. */
int opigno_find_regular_expression(const opigno_regular_expression *expression, const char *text,
                                   std::size_t size) noexcept;
}
