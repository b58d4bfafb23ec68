/* Trainings: getTraining, findTrainings, trainings and setTraining. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type training_type;
extern const Type training_response_type;
extern const Type training_connection_type;
extern const Type training_edge_type;

namespace training {

enum Number : int { get, find, page, set, errors, response, of_progress, of_profile };

inline constexpr InputValue get_arguments[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
};
inline constexpr InputValue find_arguments[] = {
    {"prefix", non_null(graphql::string_type), "The beginning of the title, in any letter case.", {}, {}},
    {"appId",
     graphql::int_type,
     "Only trainings with a profile in this app that the request may see.",
     {},
     {}},
    {"first", graphql::int_type, "The most trainings, from 0 to 500.", "20", {}},
};
inline constexpr InputValue page_arguments[] = {
    {"after", cursor_type, "The page starts after this place.", {}, {}},
    {"first", graphql::int_type, "The size of the page, at most 500.", "100", {}},
    {"isActive", graphql::boolean_type, "Only trainings with this value.", {}, {}},
};
inline constexpr InputValue set_arguments[] = {
    {"trainingId", non_null(graphql::string_type), "The training.", {}, {}},
    {"title", graphql::string_type, "Required to create a training.", {}, {}},
    {"isActive", graphql::boolean_type, "Whether findTrainings offers the training.", {}, {}},
    {"expectedVersion",
     big_int_type,
     "Write only if this is the stored version. 0: only if there is no training; -1: only if there is one.",
     {},
     {}},
};

} // namespace training

inline constexpr Field get_training_field = {"getTraining",
                                             training_type,
                                             "Returns a training, or null if there is none.",
                                             training::get_arguments,
                                             {},
                                             resolver(training_room, training::get)};

inline constexpr Field find_trainings_field = {
    "findTrainings",
    list_of(non_null(training_type)),
    "Returns active trainings whose titles begin so, the best matches first, for an autocomplete field.",
    training::find_arguments,
    {},
    resolver(training_room, training::find)};

inline constexpr Field trainings_field = {"trainings",
                                          training_connection_type,
                                          "Returns a page of the trainings, in the byte order of their ids.",
                                          training::page_arguments,
                                          {},
                                          resolver(training_room, training::page)};

inline constexpr Field set_training_field = {
    "setTraining",
    training_response_type,
    "Creates a training, or changes the given properties of an existing one. For operators only.",
    training::set_arguments,
    {},
    resolver(training_room, training::set)};

} // namespace opigno::fields
