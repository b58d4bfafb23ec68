/* Replicas that commits wait for. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/xact.h>
#include <replication/syncrep.h>
}

namespace opigno::pg {

struct SynchronousReplicas {
    int required;  /* a commit of this session waits for so many; 0: for none */
    int connected; /* so many of those in synchronous_standby_names receive changes */
};

inline SynchronousReplicas synchronous_replicas()
{
    if (SyncRepConfig == nullptr || synchronous_commit <= SYNCHRONOUS_COMMIT_LOCAL_FLUSH)
        return {0, 0};
    SyncRepStandbyData *replicas = nullptr;
    return {SyncRepConfig->num_sync, SyncRepGetCandidateStandbys(&replicas)};
}

} // namespace opigno::pg
