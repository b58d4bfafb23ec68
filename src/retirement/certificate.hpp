/* Certificates of erasures: each has the hash of its content and of the certificate before. */
#pragma once

#include "identity/access.hpp"
#include "retirement/subject.hpp"

namespace opigno::retirement {

/* Called between SPI_connect and SPI_finish as the owner. */

/* Raises 25000 above READ COMMITTED: a statement must see what others have committed while the call waited
 * for its locks. */
void check_isolation_of_erasure();

/* Erasures wait for each other here, so that certificates have no gaps. */
void lock_certificates();

/* Writes the certificates of the subjects, and sets their numbers. The table is locked. */
void issue_certificates(const identity::Caller &caller, const EntityResults &entities, Subjects &subjects);

} // namespace opigno::retirement
