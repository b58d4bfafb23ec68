/* The trainings to which rows refer: locks them, and has the error for one that does not exist. */
#pragma once

#include "pg/array.hpp"
#include "pg/error.hpp"

namespace opigno::training {

inline constexpr const char *training_does_not_exist = "training does not exist";

/* Locks each training of the text[] FOR KEY SHARE. Returns for each element whether it exists. Called
 * between SPI_connect and SPI_finish as the owner. */
pg::Vector<bool> lock_trainings(ArrayType *training_ids);

/* Adds the error 23503 with its hint. */
void add_missing_training(const char *member, pg::Errors &errors);

} // namespace opigno::training
