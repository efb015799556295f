/*
 * The first checks of every request, in the order of RULES.md, section 7: KEY_REVOKED,
 * NOT_AUTHORISED, DISK_RESERVE, and for what enters orders KILLED.
 */
#ifndef ENGINE_ADMIT_H
#define ENGINE_ADMIT_H

#include "engine/authority.h"
#include "engine/state.h"

/* Whether the key a request came under speaks for its session's participant: KEY_REVOKED,
 * NOT_AUTHORISED or NONE. */
static inline enum reason admit_key(const struct engine *engine, const struct stamp *stamp) {
    if (!pool_has(engine, POOL_KEYS, stamp->key))
        return REASON_NOT_AUTHORISED;
    const struct key *key = key_at(engine, stamp->key);
    if (key->is_revoked)
        return REASON_KEY_REVOKED;
    return key->participant == stamp->participant ? REASON_NONE : REASON_NOT_AUTHORISED;
}

/* Whether the sender's role may send what a row says, now: NOT_AUTHORISED, DISK_RESERVE or NONE. */
static inline enum reason admit_row(const struct engine *engine, const struct stamp *stamp,
                                    const struct authority *row, bool is_own) {
    uint32_t roles = participant_at(engine, stamp->participant)->roles;
    if (!authority_allows(row, roles, is_own) ||
        (row->environments >> engine->environment & 1) == 0)
        return REASON_NOT_AUTHORISED;
    return engine->disk_step > row->disk_worst ? REASON_DISK_RESERVE : REASON_NONE;
}

/* What these checks say, as an answer. */
static inline struct refusal admit_refusal(enum reason reason) {
    return refusal_of(reason, reason == REASON_KEY_REVOKED ? FIELD_KEY : FIELD_NONE, 0);
}

/* Both, for a request about the sender's own. */
static inline enum reason admit(const struct engine *engine, const struct stamp *stamp,
                                const struct authority *row) {
    enum reason reason = admit_key(engine, stamp);
    return reason != REASON_NONE ? reason : admit_row(engine, stamp, row, true);
}

/* Whether the sender may enter no orders: the exchange, its participant or its session is killed.
 */
static inline bool admit_is_killed(const struct engine *engine, const struct stamp *stamp) {
    return engine->is_killed || participant_at(engine, stamp->participant)->is_killed ||
           session_at(engine, stamp->session)->is_killed;
}

#endif
