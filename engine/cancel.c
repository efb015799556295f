/*
 * Cancels.
 */
#include "engine/cancel.h"

#include "engine/admit.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/sweep.h"

void cancel_order(const struct call *call) {
    const struct engine *engine = call->engine;
    const struct stamp *stamp = &call->command->stamp;
    uint64_t id = call->command->cancel.order_id;
    struct refusal refusal = {0};
    enum reason reason = admit(engine, stamp, &authority_table[AUTHORITY_ROW_CANCEL]);
    uint32_t row = cancel_find_own(call, id);
    if (reason != REASON_NONE)
        refusal = admit_refusal(reason);
    else if (row == 0)
        refusal = refusal_of(REASON_UNKNOWN_ORDER, FIELD_ORDER_ID, 0);
    if (refusal.reason != REASON_NONE) {
        emit_rejected(call, refusal)->order_id = id;
        return;
    }
    match_cancel(call, row, EVENT_CANCELED, REASON_NONE);
}

/* Whether all that a mass cancel names exists. */
static struct refusal check_names(const struct engine *engine, const struct sweep *sweep) {
    if (sweep->session != 0 && !pool_has(engine, POOL_SESSIONS, sweep->session))
        return refusal_of(REASON_UNKNOWN_SESSION, FIELD_SESSION, 0);
    if (sweep->participant != 0 && !pool_has(engine, POOL_PARTICIPANTS, sweep->participant))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (sweep->account != 0 && !pool_has(engine, POOL_ACCOUNTS, sweep->account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (sweep->instrument != 0 && !pool_has(engine, POOL_INSTRUMENTS, sweep->instrument))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    return refusal_none();
}

/* The field in which a mass cancel names what is not this participant's; NONE when it is all his.
 * What it names exists. */
static enum field foreign_field(const struct engine *engine, const struct sweep *sweep,
                                uint32_t participant) {
    if (sweep->session != 0 && session_at(engine, sweep->session)->participant != participant)
        return FIELD_SESSION;
    if (sweep->participant != 0 && sweep->participant != participant)
        return FIELD_PARTICIPANT;
    if (sweep->account != 0 && account_at(engine, sweep->account)->participant != participant)
        return FIELD_ACCOUNT;
    return FIELD_NONE;
}

/* Fills in who is meant where the request does not say. */
static void default_owner(const struct call *call, struct sweep *sweep) {
    const struct mass_cancel *wanted = &call->command->mass_cancel;
    const struct stamp *stamp = &call->command->stamp;
    if ((wanted->session | wanted->participant | wanted->account) != 0)
        return;
    const struct authority *row = &authority_table[AUTHORITY_ROW_MASS_CANCEL];
    uint32_t roles = participant_at(call->engine, stamp->participant)->roles;
    if (wanted->instrument == 0 && wanted->side == 0)
        sweep->session = stamp->session;
    else if (!authority_allows(row, roles, false))
        sweep->participant = stamp->participant;
}

static struct refusal check_mass(const struct call *call, const struct sweep *sweep) {
    const struct engine *engine = call->engine;
    const struct stamp *stamp = &call->command->stamp;
    const struct authority *row = &authority_table[AUTHORITY_ROW_MASS_CANCEL];
    enum reason reason = admit(engine, stamp, row);
    if (reason != REASON_NONE)
        return admit_refusal(reason);
    struct refusal refusal = check_names(engine, sweep);
    if (refusal.reason != REASON_NONE)
        return refusal;
    enum field foreign = foreign_field(engine, sweep, stamp->participant);
    uint32_t roles = participant_at(engine, stamp->participant)->roles;
    if (!authority_allows(row, roles, foreign == FIELD_NONE))
        return refusal_of(REASON_NOT_AUTHORISED, foreign, 0);
    return sweep_check_mass(engine, stamp->participant);
}

void cancel_mass(const struct call *call) {
    const struct mass_cancel *wanted = &call->command->mass_cancel;
    const struct stamp *stamp = &call->command->stamp;
    struct sweep sweep = {.kind = SWEEP_MASS_CANCEL,
                          .asker = order_id_of(stamp->session, stamp->number),
                          .session = wanted->session,
                          .participant = wanted->participant,
                          .account = wanted->account,
                          .instrument = wanted->instrument,
                          .side = wanted->side};
    default_owner(call, &sweep);
    struct refusal refusal = check_mass(call, &sweep);
    if (refusal.reason != REASON_NONE)
        emit_rejected(call, refusal);
    else
        sweep_start(call, &sweep);
}
