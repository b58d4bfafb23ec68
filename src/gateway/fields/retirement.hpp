/* Retirement of users: retirement, retirements, retirementStates, retirementCertificates, and the
 * mutations. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type erasure_outcome_type;
extern const Type retired_user_data_type;
extern const Type retired_user_data_response_type;
extern const Type retirement_type;
extern const Type retirement_category_type;
extern const Type retirement_certificate_type;
extern const Type retirement_connection_type;
extern const Type retirement_edge_type;
extern const Type retirement_response_type;
extern const Type retirement_state_type;

namespace retirement {

enum Number : int { get, page, states, certificates, begin, cancel, move, erase, errors, response };

inline constexpr InputValue own_user_arguments[] = {
    {"userUuid", graphql::string_type, "The user; by default that of the request.", {}, {}},
};
inline constexpr InputValue user_arguments[] = {
    {"userUuid", non_null(graphql::string_type), "The user, in any letter case.", {}, {}},
};
inline constexpr InputValue page_arguments[] = {
    {"state", graphql::string_type, "Only retirements in this state.", {}, {}},
    {"begunFrom", date_time_type, "Only retirements that began at this time or later.", {}, {}},
    {"begunBefore", date_time_type, "Only retirements that began before this time.", {}, {}},
    {"after", cursor_type, "The page starts after this place.", {}, {}},
    {"first", graphql::int_type, "The size of the page, at most 500.", "100", {}},
};
inline constexpr InputValue certificate_arguments[] = {
    {"userUuid",
     non_null(graphql::string_type),
     "The user, by the former uuid or by what stands for it now.",
     {},
     {}},
};
inline constexpr InputValue move_arguments[] = {
    {"userUuid", non_null(graphql::string_type), "The user, in any letter case.", {}, {}},
    {"newState", non_null(graphql::string_type), "The name of a state.", {}, {}},
    {"response", non_null(graphql::string_type), "What the step reports, any text.", {}, {}},
    {"force", graphql::boolean_type, "If true, any state may follow on any.", "false", {}},
    {"expectedState", graphql::string_type, "Move only if the retirement is in this state.", {}, {}},
};

} // namespace retirement

inline constexpr Field retirement_field = {
    "retirement",
    retirement_type,
    "Returns the retirement of a user, or null if there is none that the request may see. Of several that "
    "have the same retiredUuid, the newest one.",
    retirement::own_user_arguments,
    {},
    resolver(retirement_room, retirement::get)};

inline constexpr Field retirements_field = {
    "retirements",
    retirement_connection_type,
    "Returns a page of the retirements that the request may see, in the order of their ids.",
    retirement::page_arguments,
    {},
    resolver(retirement_room, retirement::page)};

inline constexpr Field retirement_states_field = {"retirementStates",
                                                  list_of(non_null(retirement_state_type)),
                                                  "Returns the states of retirement in their order.",
                                                  {},
                                                  {},
                                                  resolver(retirement_room, retirement::states)};

inline constexpr Field retirement_certificates_field = {
    "retirementCertificates",
    list_of(non_null(retirement_certificate_type)),
    "Returns what was erased of a user, and of users whose uuids differed from it in letter case. Only "
    "operators see it.",
    retirement::certificate_arguments,
    {},
    resolver(retirement_room, retirement::certificates)};

inline constexpr Field begin_retirement_field = {"beginRetirement",
                                                 retirement_response_type,
                                                 "Deactivates a user and begins the retirement.",
                                                 retirement::own_user_arguments,
                                                 {},
                                                 resolver(retirement_room, retirement::begin)};

inline constexpr Field cancel_retirement_field = {
    "cancelRetirement",
    retirement_response_type,
    "Cancels a retirement in state PENDING. The response is what it was. For operators only.",
    retirement::user_arguments,
    {},
    resolver(retirement_room, retirement::cancel)};

inline constexpr Field move_retirement_field = {"moveRetirement",
                                                retirement_response_type,
                                                "Moves a retirement to a later state. For operators only.",
                                                retirement::move_arguments,
                                                {},
                                                resolver(retirement_room, retirement::move)};

inline constexpr Field retire_user_data_field = {
    "retireUserData",
    retired_user_data_response_type,
    "Erases all data of a user whose retirement is in the state that erases data. For operators only.",
    retirement::user_arguments,
    {},
    resolver(retirement_room, retirement::erase)};

} // namespace opigno::fields
