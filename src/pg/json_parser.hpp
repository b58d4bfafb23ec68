/* The server's parser of JSON text, and errors that it reports without raising them. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <common/jsonapi.h>
#if PG_VERSION_NUM >= 160000
#include <nodes/miscnodes.h>
#endif
}
