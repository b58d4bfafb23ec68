/* Transactions and their callbacks, and whether the server is in recovery. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/twophase.h>
#include <access/xact.h>
#include <access/xlog.h>
}
