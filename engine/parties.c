/*
 * One table finds a party by what identifies it: a code and an identity's hash are bytes alike, and
 * of different sizes.
 */
#include "engine/parties.h"

#include <string.h>

#include "engine/authority.h"
#include "engine/party.h"
#include "engine/table.h"

/* What identifies a party. */
struct mark {
    const void *bytes;
    size_t size;
};

static struct mark mark_of(const struct party *party) {
    if (party->code_bytes != 0)
        return (struct mark){party->code, party->code_bytes};
    return (struct mark){party->identity, HASH_BYTES};
}

static uint32_t find(const struct engine *engine, struct mark mark) {
    struct table table = table_of(engine, &engine->party_table);
    uint32_t home = table_home(&table, table_hash_bytes(mark.bytes, mark.size));
    for (uint32_t distance = 0;; distance++) {
        uint32_t row = table_next(&table, home, &distance);
        if (row == 0)
            return 0;
        struct mark its = mark_of(party_at(engine, row));
        if (its.size == mark.size && memcmp(its.bytes, mark.bytes, mark.size) == 0)
            return row;
    }
}

uint32_t parties_find_code(const struct engine *engine, const char *code, size_t bytes) {
    return find(engine, (struct mark){code, bytes});
}

uint32_t parties_find_identity(const struct engine *engine, const uint8_t identity[HASH_BYTES]) {
    return find(engine, (struct mark){identity, HASH_BYTES});
}

static void list(struct engine *engine, uint32_t number) {
    struct table table = table_of(engine, &engine->party_table);
    struct mark mark = mark_of(party_at(engine, number));
    table_put(&table, table_hash_bytes(mark.bytes, mark.size), number);
}

void parties_table_resize(struct engine *engine, uint32_t bits) {
    if (!table_grow(engine, &engine->party_table, bits))
        return;
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTIES].count; number++)
        list(engine, number);
}

struct refusal parties_check_exists(const struct engine *engine, uint32_t party, enum field field) {
    if (!pool_has(engine, POOL_PARTIES, party))
        return refusal_of(REASON_UNKNOWN_PARTY, field, 0);
    return refusal_none();
}

struct refusal parties_check_add(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct add_party *add = &deed->add_party;
    bool is_legal = add->code_bytes != 0;
    if (add->participant != 0 && !pool_has(engine, POOL_PARTICIPANTS, add->participant))
        return refusal_of(REASON_UNKNOWN_PARTICIPANT, FIELD_PARTICIPANT, 0);
    if (is_legal == (add->identity_bytes != 0))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_CODE, 0);
    if (!is_legal && add->identity_bytes != HASH_BYTES)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_IDENTITY, HASH_BYTES);
    /* A natural person's name never enters a record. */
    if (is_legal == (add->name_bytes == 0))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_NAME, 0);
    uint32_t known = is_legal ? parties_find_code(engine, add->code, add->code_bytes)
                              : parties_find_identity(engine, add->identity);
    if (known != 0)
        return refusal_of(REASON_ALREADY_EXISTS, is_legal ? FIELD_CODE : FIELD_IDENTITY, known);
    if (pool_is_full(engine, POOL_PARTIES))
        return refusal_full(POOL_PARTIES);
    return refusal_none();
}

uint64_t parties_add(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct add_party *add = &deed->add_party;
    uint32_t number = pool_add(engine, POOL_PARTIES);
    struct party *party = party_at(engine, number);
    *party = (struct party){.participant = add->participant, .code_bytes = add->code_bytes};
    memcpy(party->code, add->code, add->code_bytes);
    memcpy(party->identity, add->identity, add->identity_bytes);
    list(engine, number);
    return number;
}

/* Keys are few: read one by one. */
static bool has_key(const struct engine *engine, const struct signing_key *key) {
    for (uint32_t number = 1; number <= engine->pools[POOL_PARTY_KEYS].count; number++)
        if (signing_key_equal(&party_key_at(engine, number)->key, key))
            return true;
    return false;
}

struct refusal parties_check_add_key(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct add_party_key *add = &deed->add_party_key;
    struct refusal refusal = parties_check_exists(engine, add->party, FIELD_PARTY);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (add->person == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PERSON, 1);
    refusal = party_check_signing_key(engine, &add->key);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (has_key(engine, &add->key))
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_KEY, 0);
    if (pool_is_full(engine, POOL_PARTY_KEYS))
        return refusal_full(POOL_PARTY_KEYS);
    return refusal_none();
}

/* A key of a party that was merged into another signs for that one. */
static void count_key(struct engine *engine, uint32_t party, uint32_t change) {
    uint32_t successor = party_at(engine, party)->successor;
    party_at(engine, party)->keys += change;
    if (successor != 0)
        party_at(engine, successor)->keys += change;
}

uint64_t parties_add_key(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct add_party_key *add = &deed->add_party_key;
    uint32_t number = pool_add(engine, POOL_PARTY_KEYS);
    struct party_key *key = party_key_at(engine, number);
    *key = (struct party_key){.party = add->party, .person = add->person, .key = add->key};
    count_key(engine, add->party, 1);
    return number;
}

/* The registrar and the operator revoke anybody's; who acts for a party, the party's. */
static bool may_revoke(const struct call *call, uint32_t party) {
    const struct authority *row = authority_find(VERB_DEED, DEED_REVOKE_PARTY_KEY, AUTHORITY_PLAIN);
    uint32_t sender = call->command->stamp.participant;
    return authority_allows(row, participant_at(call->engine, sender)->roles, false) ||
           party_at(call->engine, party)->participant == sender;
}

struct refusal parties_check_revoke_key(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct revoke_party_key *revoke = &deed->revoke_party_key;
    if (!pool_has(engine, POOL_PARTY_KEYS, revoke->party_key))
        return refusal_of(REASON_UNKNOWN_KEY, FIELD_KEY, 0);
    if (!may_revoke(call, party_key_at(engine, revoke->party_key)->party))
        return refusal_of(REASON_NOT_AUTHORISED, FIELD_KEY, 0);
    if (party_key_at(engine, revoke->party_key)->is_revoked)
        return refusal_of(REASON_WRONG_STATE, FIELD_KEY, 0);
    return refusal_none();
}

uint64_t parties_revoke_key(const struct call *call, const struct deed *deed) {
    uint32_t number = deed->revoke_party_key.party_key;
    struct party_key *key = party_key_at(call->engine, number);
    key->is_revoked = true;
    count_key(call->engine, key->party, UINT32_MAX);
    return number;
}
