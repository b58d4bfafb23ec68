/* Messages by which sessions learn that the catalogs or a table's definition have changed. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <utils/inval.h>
#include <utils/syscache.h>
}
