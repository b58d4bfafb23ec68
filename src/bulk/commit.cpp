/* may_commit; functions.sql has the contract. */
#include "pg/cursor.hpp"
#include "pg/postgres.hpp"

/* SPI's level is that of the procedure that calls the function. */
OPIGNO_FUNCTION(opigno_may_commit)
{
    PG_RETURN_BOOL(SPI_inside_nonatomic_context());
}
