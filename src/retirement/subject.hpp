/* The users whose data is erased in one call, and what was done with their rows. */
#pragma once

#include "pg/vector.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::retirement {

/* Where users' data is; places.cpp has the statements. The order is that of the certificate. */
enum class Place {
    Account,
    Audit,
    BulkError,
    ClientUser,
    Preference,
    Profile,
    ProfileMigration,
    TrainingProgress,
    TrainingStanding,
    UserContext,
    UserMerge,
};

inline constexpr std::size_t places = static_cast<std::size_t>(Place::UserMerge) + 1;

/* What was done with the rows of one user in an attached table. */
struct EntityResult {
    const char *label;
    const char *what;    /* erased, anonymised or kept; nullptr: nothing could be done */
    const char *problem; /* why */
    std::int64_t rows;
};

struct Subject {
    text *user_uuid;
    text *retired_uuid;
    bytea *hash;
    std::int64_t rows[places] = {};
    std::int64_t certificate_number = 0;

    std::int64_t &rows_in(Place place) { return rows[static_cast<std::size_t>(place)]; }
};

static_assert(std::is_trivially_destructible_v<Subject>);

/* In the order of their uuids. */
using Subjects = pg::Vector<Subject>;

/* An anonymous user that was merged into a subject: the uuid names the same person. */
struct FormerName {
    text *user_uuid;
    std::size_t subject;
};

static_assert(std::is_trivially_destructible_v<FormerName>);

using FormerNames = pg::Vector<FormerName>;

/* entities[table * subjects + subject] */
using EntityResults = pg::Vector<EntityResult>;

} // namespace opigno::retirement
