/* SPI cursors, and snapshots. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <executor/spi.h>
#include <utils/portal.h>
#include <utils/snapmgr.h>
}
