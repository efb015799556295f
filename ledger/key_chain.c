#include "ledger/key_chain.h"

#include "ledger/failure.h"

void key_chain_init(struct key_chain *chain, uint8_t profile, const struct note_verifier *given) {
    *chain = (struct key_chain){.profile = profile, .given = given};
}

void key_chain_fini(struct key_chain *chain) {
    for (uint32_t i = 0; i < chain->count; i++)
        note_verifier_fini(&chain->verifiers[i]);
    chain->count = 0;
}

/* The id is a hash of name and key, cut short: it alone would not do. */
static bool is_given(const struct key_chain *chain, const struct note_verifier *verifier,
                     const struct signing_key *key) {
    struct signing_key given;
    verifier_public(chain->given->key, &given);
    return chain->given->id == verifier->id && signing_key_equal(&given, key);
}

int key_chain_add(struct key_chain *chain, uint64_t sequence, const char *name,
                  const struct signing_key *key) {
    if (chain->count == KEY_CHAIN_MAX)
        return FAILURE_MALFORMED;
    int failure = note_verifier_make(&chain->verifiers[chain->count], chain->profile, name, key);
    if (failure != 0)
        return failure;
    const struct note_verifier *verifier = &chain->verifiers[chain->count];
    struct chain_key *added = &chain->keys[chain->count++];
    *added = (struct chain_key){.added = sequence, .key = *key};
    added->is_believed = chain->given == NULL ? chain->count == 1 : is_given(chain, verifier, key);
    return 0;
}

void key_chain_revoke(struct key_chain *chain, uint64_t sequence, const struct signing_key *key) {
    for (uint32_t i = 0; i < chain->count; i++)
        if (signing_key_equal(&chain->keys[i].key, key))
            chain->keys[i].revoked = sequence + 1;
}

const struct note_keyring *key_chain_ring(struct key_chain *chain, uint64_t size) {
    uint32_t count = 0;
    bool has_given = chain->given == NULL;
    for (uint32_t i = 0; i < chain->count; i++) {
        const struct chain_key *key = &chain->keys[i];
        has_given = has_given || is_given(chain, &chain->verifiers[i], &key->key);
        if (key->added >= size || (key->revoked != 0 && key->revoked <= size))
            continue;
        chain->places[count] = i;
        chain->ring[count++] = chain->verifiers[i];
    }
    if (!has_given) {
        chain->places[count] = KEY_CHAIN_MAX;
        chain->ring[count++] = *chain->given;
    }
    chain->keyring = (struct note_keyring){chain->ring, count};
    return &chain->keyring;
}

bool key_chain_signed(struct key_chain *chain, uint64_t size, uint64_t signed_by) {
    bool is_in_force = false;
    bool is_vouched = false;
    for (uint32_t i = 0; i < chain->keyring.count; i++) {
        uint32_t place = chain->places[i];
        if ((signed_by >> i & 1) == 0 || place == KEY_CHAIN_MAX)
            continue;
        is_in_force = true;
        is_vouched = is_vouched || chain->keys[place].is_believed;
    }
    if (!is_vouched)
        return is_in_force;
    if (size > chain->vouched)
        chain->vouched = size;
    for (uint32_t i = 0; i < chain->count; i++)
        chain->keys[i].is_believed = chain->keys[i].is_believed || chain->keys[i].added < size;
    return is_in_force;
}
