/* Base64. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <common/base64.h>
}
