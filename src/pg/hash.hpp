/* SHA-256, CRC-32, and the hash function of hash tables. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <common/cryptohash.h>
#include <common/hashfn.h>
#include <common/sha2.h>
#include <utils/pg_crc.h>
}
