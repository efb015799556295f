/*
 * Serials lie in an array of few: looked through from the highest, where new ones belong.
 */
#include "engine/confirm.h"

#include <string.h>

#include "engine/mandate.h"
#include "engine/parties.h"

/* --- who acts ----------------------------------------------------------------------------------
 */

static bool is_own(const struct call *call, uint32_t party) {
    return party_at(call->engine, party)->participant == call->command->stamp.participant;
}

struct refusal party_check_acts(const struct call *call, uint32_t party, int64_t amount_fen) {
    const struct deed *deed = &call->command->deed;
    assert(pool_has(call->engine, POOL_PARTIES, party));
    if (is_own(call, party))
        return refusal_none();
    if (deed->on_behalf_of != party)
        return refusal_of(REASON_NOT_AUTHORISED, FIELD_PARTY, party);
    struct mandate_use use = {.principal = party,
                              .agent = call->command->stamp.participant,
                              .kind = deed->kind,
                              .amount_fen = amount_fen};
    return mandate_check_use(call->engine, &use);
}

bool party_acts(const struct call *call, uint32_t party) {
    return pool_has(call->engine, POOL_PARTIES, party) &&
           party_check_acts(call, party, 0).reason == REASON_NONE;
}

static bool acts_in_any_way(const struct call *call, uint32_t party) {
    return is_own(call, party) ||
           mandate_is_agent(call->engine, party, call->command->stamp.participant);
}

struct refusal party_check_sides(const struct call *call, uint32_t one, uint32_t other) {
    uint32_t behalf = call->command->deed.on_behalf_of;
    if (behalf == 0 || (behalf != one && behalf != other))
        return refusal_none();
    if (one == other || acts_in_any_way(call, behalf == one ? other : one))
        return refusal_of(REASON_MANDATE_SCOPE, FIELD_ON_BEHALF_OF, behalf);
    return refusal_none();
}

/* --- what is signed ----------------------------------------------------------------------------
 */

bool deed_signed_by(const struct engine *engine, const struct deed *deed, uint32_t party) {
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        uint32_t number = deed->signatures[i].party_key;
        if (!pool_has(engine, POOL_PARTY_KEYS, number))
            continue;
        const struct party_key *key = party_key_at(engine, number);
        bool is_its = key->party == party || party_at(engine, key->party)->successor == party;
        if (is_its && !key->is_revoked)
            return true;
    }
    return false;
}

struct refusal deed_check_signed_by(const struct engine *engine, const struct deed *deed,
                                    uint32_t party) {
    if (!deed_signed_by(engine, deed, party))
        return refusal_of(REASON_BAD_SIGNATURE, FIELD_SIGNATURE, party);
    return refusal_none();
}

/* Whether a serial is among those that are used, or counts as one. */
static bool is_used(const struct party_key *key, uint64_t serial) {
    if (key->serials_count == PARTY_KEY_SERIALS && serial < key->serials[0])
        return true;
    for (uint32_t i = key->serials_count; i > 0 && key->serials[i - 1] >= serial; i--)
        if (key->serials[i - 1] == serial)
            return true;
    return false;
}

/* The least serial that certainly is not used. */
static int64_t next_serial(const struct party_key *key) {
    return key->serials_count == 0 ? 1 : (int64_t)key->serials[key->serials_count - 1] + 1;
}

static struct refusal check_signature(const struct call *call, const struct signature *signature) {
    const struct engine *engine = call->engine;
    if (!pool_has(engine, POOL_PARTY_KEYS, signature->party_key))
        return refusal_of(REASON_UNKNOWN_KEY, FIELD_SIGNATURE, signature->party_key);
    const struct party_key *key = party_key_at(engine, signature->party_key);
    if (key->is_revoked)
        return refusal_of(REASON_KEY_REVOKED, FIELD_SIGNATURE, signature->party_key);
    if (signature->expires_ns != 0 && call->command->stamp.time_ns > signature->expires_ns)
        return refusal_of(REASON_BAD_SIGNATURE, FIELD_EXPIRES, signature->expires_ns);
    if (is_used(key, signature->serial))
        return refusal_of(REASON_SERIAL_USED, FIELD_SERIAL, next_serial(key));
    return refusal_none();
}

/* Two signatures are two sides': nobody signs for both. */
static struct refusal check_pair(const struct engine *engine, const struct deed *deed) {
    if (deed->signatures_count < 2)
        return refusal_none();
    const struct party_key *one = party_key_at(engine, deed->signatures[0].party_key);
    const struct party_key *other = party_key_at(engine, deed->signatures[1].party_key);
    if (one->party == other->party)
        return refusal_of(REASON_MANDATE_SCOPE, FIELD_SIGNATURE, one->party);
    if (one->person == other->person)
        return refusal_of(REASON_MANDATE_SCOPE, FIELD_PERSON, one->person);
    return refusal_none();
}

/* A deed says on whose behalf it is sent only where there is a mandate. */
static struct refusal check_behalf(const struct call *call) {
    uint32_t party = call->command->deed.on_behalf_of;
    if (party == 0)
        return refusal_none();
    struct refusal refusal = parties_check_exists(call->engine, party, FIELD_ON_BEHALF_OF);
    if (refusal.reason == REASON_NONE &&
        !mandate_is_agent(call->engine, party, call->command->stamp.participant))
        refusal = refusal_of(REASON_NOT_AUTHORISED, FIELD_ON_BEHALF_OF, party);
    return refusal;
}

struct refusal confirm_check(const struct call *call) {
    const struct deed *deed = &call->command->deed;
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        struct refusal refusal = check_signature(call, &deed->signatures[i]);
        if (refusal.reason != REASON_NONE)
            return refusal;
    }
    struct refusal refusal = check_pair(call->engine, deed);
    return refusal.reason == REASON_NONE ? check_behalf(call) : refusal;
}

/* Puts a serial where it belongs; the lowest of too many is forgotten. */
static void use_serial(struct party_key *key, uint64_t serial) {
    if (key->serials_count == PARTY_KEY_SERIALS) {
        memmove(key->serials, key->serials + 1, (PARTY_KEY_SERIALS - 1) * sizeof *key->serials);
        key->serials_count--;
    }
    uint32_t place = key->serials_count++;
    for (; place > 0 && key->serials[place - 1] > serial; place--)
        key->serials[place] = key->serials[place - 1];
    key->serials[place] = serial;
}

void confirm_use(struct engine *engine, const struct deed *deed) {
    for (uint32_t i = 0; i < deed->signatures_count; i++)
        use_serial(party_key_at(engine, deed->signatures[i].party_key), deed->signatures[i].serial);
}

void confirm_check_state(const struct engine *engine) {
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTY_KEYS].count; number++) {
        const struct party_key *key = party_key_at(engine, number);
        assert(key->serials_count <= PARTY_KEY_SERIALS);
        for (uint32_t i = 1; i < key->serials_count; i++)
            assert(key->serials[i - 1] < key->serials[i]);
    }
}
