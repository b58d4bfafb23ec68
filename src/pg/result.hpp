/* Composite values, and results of several rows. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/htup_details.h>
#include <funcapi.h>
#include <utils/tuplestore.h>
}
