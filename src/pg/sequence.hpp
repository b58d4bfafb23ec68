/* Sequences. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <commands/sequence.h>
}
