/*
 * A party's mandates in force form a list from its row; ended ones stay as rows.
 */
#include "engine/mandate.h"

#include <string.h>

#include "engine/confirm.h"
#include "engine/date.h"
#include "engine/emit.h"
#include "engine/parties.h"
#include "engine/timer.h"

/* Kinds of deeds go by ranges (deed.h). */
static const struct {
    uint8_t first;
    uint8_t last;
    uint8_t scope;
} ranges[] = {
    {75, 79, MANDATE_HOLDING},   {80, 99, MANDATE_PLEDGE},        {112, 119, MANDATE_TRANSFER},
    {120, 139, MANDATE_LISTING}, {140, 149, MANDATE_ENFORCEMENT}, {150, 155, MANDATE_INQUIRY},
};

uint32_t mandate_scope_of(uint8_t kind) {
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (kind >= ranges[i].first && kind <= ranges[i].last)
            return ranges[i].scope;
    return 0;
}

/* --- using one ---------------------------------------------------------------------------------
 */

struct refusal mandate_check_use(const struct engine *engine, const struct mandate_use *use) {
    uint32_t needed = mandate_scope_of(use->kind);
    uint32_t scopes = 0;
    int64_t limit_fen = 0; /* the highest for it */
    bool is_agent = false;
    for (uint32_t at = party_at(engine, use->principal)->mandates; at != 0;
         at = mandate_at(engine, at)->next) {
        const struct mandate *mandate = mandate_at(engine, at);
        if (mandate->agent != use->agent)
            continue;
        is_agent = true;
        scopes |= mandate->scope;
        if ((mandate->scope & needed) != 0 && mandate->limit_fen > limit_fen)
            limit_fen = mandate->limit_fen;
    }
    if (!is_agent)
        return refusal_of(REASON_NOT_AUTHORISED, FIELD_ON_BEHALF_OF, use->principal);
    if ((scopes & needed) == 0)
        return refusal_of(REASON_MANDATE_SCOPE, FIELD_SCOPE, scopes);
    if (use->amount_fen > limit_fen)
        return refusal_of(REASON_MANDATE_SCOPE, FIELD_LIMIT, limit_fen);
    return refusal_none();
}

bool mandate_is_agent(const struct engine *engine, uint32_t principal, uint32_t agent) {
    uint32_t at = party_at(engine, principal)->mandates;
    while (at != 0 && mandate_at(engine, at)->agent != agent)
        at = mandate_at(engine, at)->next;
    return at != 0;
}

/* --- telling -----------------------------------------------------------------------------------
 */

enum { STATE_IN_FORCE = 1, STATE_REVOKED = 2, STATE_LAPSED = 3 };

static void tell_one(const struct call *call, uint32_t number, uint32_t participant,
                     uint8_t state) {
    const struct mandate *mandate = mandate_at(call->engine, number);
    *emit_next(call->sink) = (struct event){.kind = EVENT_MANDATE,
                                            .audience = AUDIENCE_PARTICIPANT,
                                            .to = participant,
                                            .id = number,
                                            .value = mandate->principal,
                                            .limit = mandate->limit_fen,
                                            .quantity = mandate->agent,
                                            .leaves = mandate->scope,
                                            .cum = mandate->until,
                                            .phase = state};
}

/* To the agent, and to whoever acts for the principal. */
static void tell(const struct call *call, uint32_t number, uint8_t state) {
    const struct mandate *mandate = mandate_at(call->engine, number);
    uint32_t own = party_at(call->engine, mandate->principal)->participant;
    tell_one(call, number, mandate->agent, state);
    if (own != 0 && own != mandate->agent)
        tell_one(call, number, own, state);
}

/* --- granting ----------------------------------------------------------------------------------
 */

static bool is_registrar(const struct call *call) {
    uint32_t roles = participant_at(call->engine, call->command->stamp.participant)->roles;
    return (roles & ROLE_REGISTRAR) != 0;
}

/* The principal has signed; or it cannot, and the registrar has seen the paper. */
static struct refusal check_granted(const struct call *call, const struct deed *deed) {
    const struct grant_mandate *grant = &deed->grant_mandate;
    const struct party *principal = party_at(call->engine, grant->principal);
    uint32_t sender = call->command->stamp.participant;
    if (!is_registrar(call) && sender != grant->agent && sender != principal->participant)
        return refusal_of(REASON_NOT_AUTHORISED, FIELD_PRINCIPAL, grant->principal);
    if (is_registrar(call) && principal->keys == 0)
        return refusal_none();
    return deed_check_signed_by(call->engine, deed, grant->principal);
}

static struct refusal check_term(const struct engine *engine, trading_date until) {
    if (!date_is_valid(until))
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, 0);
    if (until > DATE_NS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_UNTIL, DATE_NS_MAX);
    if (date_end_ns(until) <= engine->time_ns)
        return refusal_of(REASON_BAD_DATE, FIELD_UNTIL, 0);
    return refusal_none();
}

static struct refusal check_room(const struct engine *engine, uint32_t principal) {
    uint32_t count = 0;
    for (uint32_t at = party_at(engine, principal)->mandates; at != 0;
         at = mandate_at(engine, at)->next)
        count++;
    if (count >= MANDATES_EACH_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_MANDATE, MANDATES_EACH_MAX);
    if (pool_is_full(engine, POOL_MANDATES))
        return refusal_full(POOL_MANDATES);
    return timer_has_room(engine) ? refusal_none() : refusal_full(POOL_TIMERS);
}

struct refusal mandate_check_grant(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct grant_mandate *grant = &deed->grant_mandate;
    struct refusal refusal = parties_check_exists(engine, grant->principal, FIELD_PRINCIPAL);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (party_at(engine, grant->principal)->successor != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_PRINCIPAL,
                          party_at(engine, grant->principal)->successor);
    if (!pool_has(engine, POOL_PARTICIPANTS, grant->agent))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_AGENT, 0);
    if (party_at(engine, grant->principal)->participant == grant->agent)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_AGENT, grant->agent);
    refusal = check_granted(call, deed);
    if (refusal.reason == REASON_NONE)
        refusal = check_term(engine, grant->until);
    return refusal.reason == REASON_NONE ? check_room(engine, grant->principal) : refusal;
}

uint64_t mandate_grant(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct grant_mandate *grant = &deed->grant_mandate;
    struct party *principal = party_at(engine, grant->principal);
    uint32_t number = pool_add(engine, POOL_MANDATES);
    struct mandate *mandate = mandate_at(engine, number);
    *mandate = (struct mandate){.limit_fen = grant->limit_fen,
                                .from_ns = call->command->stamp.time_ns,
                                .principal = grant->principal,
                                .agent = grant->agent,
                                .scope = grant->scope,
                                .until = grant->until,
                                .next = principal->mandates};
    memcpy(mandate->document, grant->document, HASH_BYTES);
    principal->mandates = number;
    timer_arm(engine, TIMER_MANDATE, number, date_end_ns(grant->until) + 1);
    tell(call, number, STATE_IN_FORCE);
    return number;
}

/* --- its end -----------------------------------------------------------------------------------
 */

static void end(const struct call *call, uint32_t number, uint8_t state) {
    struct engine *engine = call->engine;
    struct mandate *mandate = mandate_at(engine, number);
    uint32_t *link = &party_at(engine, mandate->principal)->mandates;
    while (*link != number)
        link = &mandate_at(engine, *link)->next;
    *link = mandate->next;
    mandate->next = 0;
    mandate->to_ns = call->command->stamp.time_ns;
    timer_disarm(engine, TIMER_MANDATE, number);
    tell(call, number, state);
}

struct refusal mandate_check_revoke(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    uint32_t number = deed->revoke_mandate.mandate;
    if (!pool_has(engine, POOL_MANDATES, number))
        return refusal_of(REASON_UNKNOWN_MANDATE, FIELD_MANDATE, 0);
    const struct mandate *mandate = mandate_at(engine, number);
    uint32_t sender = call->command->stamp.participant;
    bool may = is_registrar(call) || sender == mandate->agent ||
               sender == party_at(engine, mandate->principal)->participant ||
               deed_signed_by(engine, deed, mandate->principal);
    if (!may)
        return refusal_of(REASON_NOT_AUTHORISED, FIELD_MANDATE, 0);
    if (mandate->to_ns != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_MANDATE, 0);
    return refusal_none();
}

uint64_t mandate_revoke(const struct call *call, const struct deed *deed) {
    end(call, deed->revoke_mandate.mandate, STATE_REVOKED);
    return deed->revoke_mandate.mandate;
}

void mandate_timer_fires(const struct call *call, uint32_t number) {
    end(call, number, STATE_LAPSED);
}

/* Both lists are in order of their numbers, the newest first, and so is what comes of them. */
void mandate_succeed(const struct call *call, uint32_t party, uint32_t successor) {
    struct engine *engine = call->engine;
    uint32_t moved = party_at(engine, party)->mandates;
    uint32_t *link = &party_at(engine, successor)->mandates;
    party_at(engine, party)->mandates = 0;
    while (moved != 0) {
        struct mandate *mandate = mandate_at(engine, moved);
        while (*link > moved)
            link = &mandate_at(engine, *link)->next;
        uint32_t number = moved;
        moved = mandate->next;
        mandate->next = *link;
        mandate->principal = successor;
        *link = number;
        tell(call, number, STATE_IN_FORCE);
    }
}

/* --- invariants --------------------------------------------------------------------------------
 */

void mandate_check(const struct engine *engine) {
    uint32_t in_force = 0;
    uint32_t listed = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_MANDATES].count; number++) {
        const struct mandate *mandate = mandate_at(engine, number);
        assert((mandate->to_ns == 0) == (mandate->timer != 0));
        assert(mandate->to_ns == 0 || mandate->next == 0);
        in_force += mandate->to_ns == 0;
    }
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTIES].count; number++)
        for (uint32_t at = party_at(engine, number)->mandates; at != 0;
             at = mandate_at(engine, at)->next) {
            const struct mandate *mandate = mandate_at(engine, at);
            assert(mandate->principal == number && mandate->next < at && mandate->to_ns == 0);
            listed++;
        }
    assert(listed == in_force);
}
