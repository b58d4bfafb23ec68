/* The server's encoding, and conversions to and from it. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <catalog/namespace.h>
#include <mb/pg_wchar.h>
}
