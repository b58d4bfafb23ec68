/* SHA-256 and CRC-32. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <common/cryptohash.h>
#include <common/sha2.h>
#include <utils/pg_crc.h>
}
