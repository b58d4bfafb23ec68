/* Rows of attached tables: what attach_entity_table() says of the rows of retired users is done. */
#pragma once

#include "pg/error.hpp"
#include "retirement/subject.hpp"

namespace opigno::retirement {

/*
 * Erases, anonymises or keeps the users' rows of each attached table, with the rights of the table's
 * owner. A table that was dropped, and one to keep that cannot be read, is named in the results. Raises
 * PT409 if another one cannot be written, without the message of the error. Called between SPI_connect and
 * SPI_finish as the owner.
 */
EntityResults retire_entities(const Subjects &subjects);

} // namespace opigno::retirement
