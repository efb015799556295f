/*
 * CANCEL and MASS_CANCEL. Both are taken in every phase, at every step of the disk, and from
 * whoever is killed.
 */
#ifndef ENGINE_CANCEL_H
#define ENGINE_CANCEL_H

#include "engine/order.h"

/* The row of a resting order of the session that sent the command, 0 when there is none. */
static inline uint32_t cancel_find_own(const struct call *call, uint64_t order_id) {
    if (order_id_session(order_id) != call->command->stamp.session)
        return 0;
    return order_find(call->engine, order_id);
}

void cancel_order(const struct call *call);

/* All given filters must hold. Without any: the sender's session. Without session, participant or
 * account, whoever is no operator means all of his participant's orders. */
void cancel_mass(const struct call *call);

#endif
