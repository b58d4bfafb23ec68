/* The members of the answers of loads that hold counts. */
#pragma once

#include "bulk/run.hpp"

namespace opigno::app_document {

inline constexpr bulk::CountMember counts_of_writes[] = {{bulk::Outcome::Created, "created"},
                                                         {bulk::Outcome::Replaced, "replaced"},
                                                         {bulk::Outcome::Merged, "merged"},
                                                         {bulk::Outcome::Unchanged, "unchanged"},
                                                         {bulk::Outcome::Skipped, "skipped"}};
inline constexpr bulk::CountMember counts_of_deletes[] = {{bulk::Outcome::Deleted, "deleted"},
                                                          {bulk::Outcome::Missing, "missing"},
                                                          {bulk::Outcome::Unchanged, "unchanged"},
                                                          {bulk::Outcome::Skipped, "skipped"}};

} // namespace opigno::app_document
