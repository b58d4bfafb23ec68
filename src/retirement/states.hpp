/* The states of retirement. Called between SPI_connect and SPI_finish as the owner. */
#pragma once

#include "identity/access.hpp"
#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace opigno::retirement {

inline constexpr std::string_view pending = "PENDING";
inline constexpr std::string_view aborted = "ABORTED";
inline constexpr std::string_view complete = "COMPLETE";

enum class Category { Start, Working, Complete, End };

struct State {
    std::string_view name;
    std::int32_t order;
    Category category;
    bool erases_data;
};

static_assert(std::is_trivially_destructible_v<State>);

/*
 * Until the transaction ends no session changes the states; or, to change them: no session begins or
 * moves a retirement. To be called first.
 */
void lock_states(const identity::Caller &caller);
void lock_states_to_change(const identity::Caller &caller);

/* The states that hold, as committed by now, in their order. */
pg::Vector<State> states_now();

const State *find_state(const pg::Vector<State> &states, std::string_view name);

/* Adds an error (22023) for a state that does not exist. */
void add_unknown_state(std::string_view name, const char *member, pg::Errors &errors);

/* Writes the default states if there are none, so that retirements can refer to them. */
void need_states();

Category category_of(std::string_view name);

} // namespace opigno::retirement
