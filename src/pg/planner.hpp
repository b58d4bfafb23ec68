/* How the planner plans our own statements. */
#pragma once

namespace opigno::pg {

/*
 * A cursor option of ours, in a bit that PostgreSQL leaves free: the plan cache hands it to the planner each
 * time a statement is planned, wherever that happens.
 *
 * Our statements look rows up by their keys, and rows of a list are met in its order. Planned while a table
 * is small they would read it from end to end, and go on doing so while it is filled: with this option they
 * are planned for large tables, by indexes and nested loops.
 */
inline constexpr int cursor_option_large_tables = 0x40000000;

void hook_planner();

} // namespace opigno::pg
