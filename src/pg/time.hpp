/* The type timestamptz, and the transaction's start time. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/xact.h>
#include <utils/datetime.h>
#include <utils/timestamp.h>
}
