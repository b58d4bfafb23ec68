/* Transactions and their callbacks. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/xact.h>
}
