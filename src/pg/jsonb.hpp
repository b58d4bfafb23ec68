/* The form in which jsonb is stored, and how it is built. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/json.h>
#include <utils/jsonb.h>
}
