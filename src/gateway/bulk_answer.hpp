/* Answers of the functions that write many entries. */
#pragma once

#include "gateway/exchange.hpp"

namespace opigno::gateway {

/* Whether the client wants the entries without errors to be written: Prefer: handling=lenient. */
bool is_lenient(const Exchange &exchange);

/* Makes the answer in the first column of SPI_tuptable, which is of type text, the body. The status
 * says whether the call was refused, and whether entries failed. */
void answer_with_counts(Exchange &exchange);

} // namespace opigno::gateway
