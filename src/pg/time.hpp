/* timestamptz, and when the transaction started. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/xact.h>
#include <utils/datetime.h>
#include <utils/timestamp.h>
}
