/* SHA-256, HMAC, CRC-32, hash tables and their hash function. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <common/cryptohash.h>
#include <common/hashfn.h>
#include <common/hmac.h>
#include <common/sha2.h>
#include <utils/hsearch.h>
#include <utils/pg_crc.h>
}
