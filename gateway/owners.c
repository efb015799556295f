/* The list is as long as sessions may ever become; pages of it are used as it fills. */
#include "gateway/owners.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/failure.h"

int owners_init(struct owners *owners, uint32_t sessions_max, uint32_t participants_max) {
    assert(sessions_max <= UINT32_MAX - participants_max);
    *owners = (struct owners){.sessions_max = sessions_max, .participants_max = participants_max};
    owners->participants = calloc(sessions_max, sizeof *owners->participants);
    if (owners->participants != NULL)
        return 0;
    return failure_log(FAILURE_SYSTEM, "no memory for the owners of %u sessions", sessions_max);
}

void owners_fini(struct owners *owners) {
    free(owners->participants);
    *owners = (struct owners){0};
}

void owners_publish(struct owners *owners, const struct engine *engine) {
    struct session_view view;
    uint32_t count = atomic_load_explicit(&owners->count, memory_order_relaxed);
    assert(engine_count(engine, POOL_SESSIONS) <= owners->sessions_max);
    while (engine_session(engine, count + 1, &view))
        owners->participants[count++] = view.participant;
    atomic_store_explicit(&owners->count, count, memory_order_release);
}
