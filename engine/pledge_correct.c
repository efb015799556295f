/*
 * Corrections by the registrar, and successions.
 *
 * A correction takes two keys of different persons: the first deed is remembered, the same again by
 * the second carries it out. Who is worse off by it must have assented, unless a court has ordered
 * it. It counts from its own sequence on: what was entered in between keeps its rank.
 */
#include <string.h>

#include "engine/date.h"
#include "engine/mandate.h"
#include "engine/parties.h"
#include "engine/pledge_part.h"

/* --- corrections -------------------------------------------------------------------------------
 */

static bool is_same(const struct pledge_correct *a, const struct pledge_correct *b) {
    return a->pledge == b->pledge && a->debtor == b->debtor && a->secured_fen == b->secured_fen &&
           a->debt_start == b->debt_start && a->debt_end == b->debt_end &&
           a->is_by_court == b->is_by_court && memcmp(a->contract, b->contract, HASH_BYTES) == 0 &&
           memcmp(a->terms, b->terms, HASH_BYTES) == 0 &&
           memcmp(a->document, b->document, HASH_BYTES) == 0;
}

/* The open one of a pledge with these contents; 0: none. */
static uint32_t find(const struct engine *engine, const struct pledge_correct *wanted) {
    for (uint32_t number = engine->pools[POOL_CORRECTIONS].count; number > 0; number--) {
        const struct pledge_correction *each = pledge_correction_at(engine, number);
        if (each->is_open && is_same(&each->wanted, wanted))
            return number;
    }
    return 0;
}

/* More secured is worse for the pledgor, less for the pledgee. */
static struct refusal check_worse(const struct engine *engine,
                                  const struct pledge_correct *correct) {
    const struct pledge *pledge = pledge_at(engine, correct->pledge);
    if (correct->is_by_court || correct->secured_fen == pledge->secured_fen)
        return refusal_none();
    bool is_more = correct->secured_fen > pledge->secured_fen;
    struct assent_wanted wanted = {.pledge = correct->pledge,
                                   .party = is_more ? pledge->pledgor : pledge->pledgee,
                                   .matter = PLEDGE_MATTER_CORRECTION,
                                   .amount_fen = correct->secured_fen};
    if (!pledge_has_assent(engine, &wanted))
        return refusal_of(REASON_RANK_CONSENT, is_more ? FIELD_PLEDGOR : FIELD_PLEDGEE,
                          wanted.party);
    return refusal_none();
}

static struct refusal check_second(const struct call *call, uint32_t open) {
    const struct engine *engine = call->engine;
    uint32_t first = pledge_correction_at(engine, open)->key;
    if (key_at(engine, first)->person == key_at(engine, call->command->stamp.key)->person)
        return refusal_of(REASON_SAME_PERSON, FIELD_KEY, 0);
    return refusal_none();
}

struct refusal pledge_check_correct(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_correct *correct = &deed->pledge_correct;
    struct refusal refusal = pledge_check_state(engine, correct->pledge, PLEDGE_LIVES);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, correct->debtor, FIELD_DEBTOR);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (!date_is_valid(correct->debt_start))
        return refusal_of(REASON_BAD_DATE, FIELD_DEBT_START, 0);
    if (!date_is_valid(correct->debt_end) || correct->debt_end < correct->debt_start)
        return refusal_of(REASON_BAD_DATE, FIELD_DEBT_END, correct->debt_start);
    refusal = pledge_check_secured(engine, correct->pledge, correct->secured_fen);
    if (refusal.reason == REASON_NONE)
        refusal = check_worse(engine, correct);
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t open = find(engine, correct);
    if (open != 0)
        return check_second(call, open);
    if (pool_is_full(engine, POOL_CORRECTIONS))
        return refusal_full(POOL_CORRECTIONS);
    return refusal_none();
}

static void carry_out(const struct call *call, const struct pledge_correct *correct) {
    struct pledge *pledge = pledge_at(call->engine, correct->pledge);
    pledge_secure(call, correct->pledge, correct->secured_fen);
    pledge->debtor = correct->debtor;
    pledge->debt_start = correct->debt_start;
    pledge->debt_end = correct->debt_end;
    memcpy(pledge->contract, correct->contract, HASH_BYTES);
    memcpy(pledge->terms, correct->terms, HASH_BYTES);
    pledge->version++;
    pledge_tell(call, correct->pledge);
}

uint64_t pledge_correct(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_correct *correct = &deed->pledge_correct;
    uint32_t open = find(engine, correct);
    if (open != 0) {
        pledge_correction_at(engine, open)->is_open = false;
        carry_out(call, correct);
        return correct->pledge;
    }
    uint32_t number = pool_add(engine, POOL_CORRECTIONS);
    *pledge_correction_at(engine, number) = (struct pledge_correction){
        .wanted = *correct, .key = call->command->stamp.key, .is_open = true};
    return correct->pledge;
}

/* --- successions -------------------------------------------------------------------------------
 */

static bool concerns(const struct pledge *pledge, uint32_t party) {
    return pledge->pledgee == party || pledge->debtor == party;
}

/* Entries that a succession tells again. What the party has pledged itself goes with its assets: a
 * transfer of those comes first. */
static struct refusal check_pledges(const struct engine *engine, uint32_t party,
                                    uint32_t successor) {
    uint32_t entries = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_PLEDGES].count; number++) {
        const struct pledge *pledge = pledge_at(engine, number);
        bool is_over = (STATE_BIT(pledge->state) & (PLEDGE_LIVES | PLEDGE_WAITS)) == 0;
        if (is_over)
            continue;
        if (pledge->pledgor == party)
            return refusal_of(REASON_ENCUMBERED, FIELD_PLEDGE, number);
        if (pledge->pledgee == party && pledge->pledgor == successor)
            return refusal_of(REASON_BAD_COMBINATION, FIELD_PLEDGE, number);
        entries += concerns(pledge, party) ? pledge->items_count : 0;
    }
    if (entries > EXTRACTS_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_PLEDGE, EXTRACTS_MAX);
    return refusal_none();
}

struct refusal pledge_check_succeed(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct pledge_succeed *succeed = &deed->pledge_succeed;
    struct refusal refusal = parties_check_exists(engine, succeed->party, FIELD_PARTY);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(engine, succeed->successor, FIELD_OWNER);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (succeed->party == succeed->successor ||
        party_at(engine, succeed->successor)->successor != 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_OWNER, succeed->successor);
    if (party_at(engine, succeed->party)->successor != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_PARTY,
                          party_at(engine, succeed->party)->successor);
    return check_pledges(engine, succeed->party, succeed->successor);
}

uint64_t pledge_succeed(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct pledge_succeed *succeed = &deed->pledge_succeed;
    /* Nobody's successor has one: the old numbers all lead to the last. */
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTIES].count; number++)
        if (party_at(engine, number)->successor == succeed->party)
            party_at(engine, number)->successor = succeed->successor;
    party_at(engine, succeed->party)->successor = succeed->successor;
    party_at(engine, succeed->successor)->keys += party_at(engine, succeed->party)->keys;
    mandate_succeed(call, succeed->party, succeed->successor);
    for (uint32_t number = 1; number <= engine->pools[POOL_PLEDGES].count; number++) {
        struct pledge *pledge = pledge_at(engine, number);
        bool is_over = (STATE_BIT(pledge->state) & (PLEDGE_LIVES | PLEDGE_WAITS)) == 0;
        if (is_over || !concerns(pledge, succeed->party))
            continue;
        if (pledge->pledgee == succeed->party)
            pledge->pledgee = succeed->successor;
        if (pledge->debtor == succeed->party)
            pledge->debtor = succeed->successor;
        pledge->version++;
        pledge_tell(call, number);
    }
    return succeed->successor;
}
