/*
 * Who takes part.
 */
#include "engine/party.h"

#include <string.h>

#include "engine/blocked.h"
#include "engine/holding.h"
#include "engine/proposal.h"
#include "engine/restraint.h"

static bool has_code(const struct engine *engine, const struct add_participant *add) {
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTICIPANTS].count; number++) {
        const struct participant *each = participant_at(engine, number);
        if (each->code_bytes == add->code_bytes &&
            memcmp(each->code, add->code, add->code_bytes) == 0)
            return true;
    }
    return false;
}

struct refusal party_check_add(const struct engine *engine, const struct add_participant *add) {
    assert(add->code_bytes <= CODE_BYTES_MAX);
    if (add->roles == 0 || (add->roles & ~(uint32_t)ROLES_ALL) != 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_ROLES, 0);
    if (add->code_bytes == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_CODE, 0);
    if (has_code(engine, add))
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_CODE, 0);
    if (pool_is_full(engine, POOL_PARTICIPANTS))
        return refusal_full(POOL_PARTICIPANTS);
    return refusal_none();
}

uint32_t party_add(struct engine *engine, const struct add_participant *add) {
    uint32_t number = pool_add(engine, POOL_PARTICIPANTS);
    struct participant *participant = participant_at(engine, number);
    *participant = (struct participant){.roles = add->roles, .code_bytes = add->code_bytes};
    memcpy(participant->code, add->code, add->code_bytes);
    return number;
}

uint32_t party_find_key(const struct engine *engine, const uint8_t key[KEY_BYTES]) {
    for (uint32_t number = 1; number <= engine->pools[POOL_KEYS].count; number++)
        if (memcmp(key_at(engine, number)->key, key, KEY_BYTES) == 0)
            return number;
    return 0;
}

struct refusal party_check_add_key(const struct engine *engine, const struct add_key *add) {
    if (!pool_has(engine, POOL_PARTICIPANTS, add->participant))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (add->person == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PERSON, 1);
    if (party_find_key(engine, add->key) != 0)
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_KEY, 0);
    if (pool_is_full(engine, POOL_KEYS))
        return refusal_full(POOL_KEYS);
    return refusal_none();
}

uint32_t party_add_key(struct engine *engine, const struct add_key *add) {
    uint32_t number = pool_add(engine, POOL_KEYS);
    struct key *key = key_at(engine, number);
    *key = (struct key){.participant = add->participant, .person = add->person};
    memcpy(key->key, add->key, KEY_BYTES);
    return number;
}

struct refusal party_check_revoke(const struct engine *engine, const struct revoke_key *revoke) {
    if (!pool_has(engine, POOL_KEYS, revoke->key))
        return refusal_of(REASON_UNKNOWN_KEY, FIELD_KEY, 0);
    if (key_at(engine, revoke->key)->is_revoked)
        return refusal_of(REASON_WRONG_STATE, FIELD_KEY, 0);
    return refusal_none();
}

void party_revoke_key(struct engine *engine, const struct revoke_key *revoke) {
    key_at(engine, revoke->key)->is_revoked = true;
    proposal_end_of_key(engine, revoke->key);
}

struct refusal party_check_signing_key(const struct engine *engine, const struct signing_key *key) {
    if (key->size != signing_key_bytes(engine->profile))
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_KEY, signing_key_bytes(engine->profile));
    return refusal_none();
}

/* The number of a checkpoint key, 0 when unknown. */
static uint32_t find_checkpoint_key(const struct engine *engine, const struct signing_key *key) {
    for (uint32_t number = 1; number <= engine->checkpoint_keys_count; number++)
        if (signing_key_equal(&engine->checkpoint_keys[number - 1].key, key))
            return number;
    return 0;
}

static uint32_t checkpoint_keys_in_force(const struct engine *engine) {
    uint32_t count = 0;
    for (uint32_t each = 0; each < engine->checkpoint_keys_count; each++)
        count += !engine->checkpoint_keys[each].is_revoked;
    return count;
}

struct refusal party_check_checkpoint_key(const struct engine *engine,
                                          const struct checkpoint_key *wanted) {
    uint32_t number = find_checkpoint_key(engine, &wanted->key);
    struct refusal refusal = party_check_signing_key(engine, &wanted->key);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (!wanted->is_revoked) {
        if (number != 0)
            return refusal_of(REASON_ALREADY_EXISTS, FIELD_KEY, 0);
        if (engine->checkpoint_keys_count >= CHECKPOINT_KEYS_MAX)
            return refusal_of(REASON_OUT_OF_LIMITS, FIELD_KEY, CHECKPOINT_KEYS_MAX);
        return refusal_none();
    }
    if (number == 0)
        return refusal_of(REASON_UNKNOWN_KEY, FIELD_KEY, 0);
    if (engine->checkpoint_keys[number - 1].is_revoked || checkpoint_keys_in_force(engine) == 1)
        return refusal_of(REASON_WRONG_STATE, FIELD_KEY, 0);
    return refusal_none();
}

uint32_t party_checkpoint_key(struct engine *engine, const struct checkpoint_key *wanted) {
    uint32_t number = find_checkpoint_key(engine, &wanted->key);
    if (number == 0) {
        number = ++engine->checkpoint_keys_count;
        engine->checkpoint_keys[number - 1].key = wanted->key;
    }
    engine->checkpoint_keys[number - 1].is_revoked = wanted->is_revoked;
    return number;
}

struct refusal party_check_add_account(const struct engine *engine, const struct add_account *add) {
    if (!pool_has(engine, POOL_PARTICIPANTS, add->participant))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (add->owner == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_OWNER, 1);
    if (pool_is_full(engine, POOL_ACCOUNTS))
        return refusal_full(POOL_ACCOUNTS);
    return refusal_none();
}

uint32_t party_add_account(struct engine *engine, const struct add_account *add) {
    uint32_t number = pool_add(engine, POOL_ACCOUNTS);
    *account_at(engine, number) =
        (struct account){.participant = add->participant,
                         .owner = add->owner,
                         .is_restricted = restraint_reaches_owner(engine, add->owner)};
    return number;
}

/* `amount` against what is in the exchange altogether. */
static struct refusal check_amount(int64_t amount, int64_t total) {
    if (amount == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, 0);
    if (amount > INT64_MAX - total)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_AMOUNT, INT64_MAX - total);
    return refusal_none();
}

static struct refusal check_cash_out(const struct engine *engine, const struct deposit *deposit) {
    const struct account *account = account_at(engine, deposit->account);
    int64_t free_fen = account->cash_fen - account->reserved_fen;
    int64_t need_fen = deposit->amount != INT64_MIN ? -deposit->amount : INT64_MAX;
    if (need_fen > free_fen)
        return blocked_cash(engine, deposit->account, need_fen, free_fen);
    return refusal_none();
}

static struct refusal check_units_out(const struct engine *engine, const struct deposit *deposit,
                                      uint32_t holding) {
    const struct account *account = account_at(engine, deposit->account);
    uint64_t free = holding_sellable(engine, holding);
    if (deposit->amount >= 0)
        return refusal_none();
    uint64_t wanted = -(uint64_t)deposit->amount;
    if (wanted > free)
        return blocked_units(engine, holding, FIELD_AMOUNT, wanted, free);
    if (account->is_restricted)
        return restraint_check_sides(
            engine, asset_holding((uint32_t)account->owner, deposit->instrument), RESTRICTION_MOVE);
    return refusal_none();
}

struct refusal party_check_deposit(const struct engine *engine, const struct deposit *deposit) {
    if (deposit->instrument != 0 && !pool_has(engine, POOL_INSTRUMENTS, deposit->instrument))
        return refusal_of(REASON_UNKNOWN_INSTRUMENT, FIELD_INSTRUMENT, 0);
    if (!pool_has(engine, POOL_ACCOUNTS, deposit->account))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (deposit->instrument == 0) {
        struct refusal refusal = check_amount(deposit->amount, engine->deposited_fen);
        return refusal.reason == REASON_NONE ? check_cash_out(engine, deposit) : refusal;
    }
    uint32_t holding = holding_find(engine, deposit->account, deposit->instrument);
    uint64_t total = instrument_at(engine, deposit->instrument)->deposited;
    struct refusal refusal = check_amount(deposit->amount, (int64_t)total);
    if (refusal.reason == REASON_NONE)
        refusal = check_units_out(engine, deposit, holding);
    if (refusal.reason == REASON_NONE && holding == 0 && pool_is_full(engine, POOL_HOLDINGS))
        return refusal_full(POOL_HOLDINGS);
    return refusal;
}

void party_deposit(struct engine *engine, const struct deposit *deposit) {
    if (deposit->instrument == 0) {
        account_at(engine, deposit->account)->cash_fen += deposit->amount;
        engine->deposited_fen += deposit->amount;
        return;
    }
    uint32_t holding = holding_find(engine, deposit->account, deposit->instrument);
    if (holding == 0)
        holding = holding_make(engine, deposit->account, deposit->instrument);
    holding_at(engine, holding)->unbound += (uint64_t)deposit->amount;
    instrument_at(engine, deposit->instrument)->deposited += (uint64_t)deposit->amount;
}
