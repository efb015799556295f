/*
 * From what is believed to what is claimed: the keys, the tree, the Seal in it, its root, and the
 * entries under that.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/certificate.h"
#include "ledger/key_chain.h"
#include "ledger/recorded.h"
#include "ledger/register_map.h"

/* What is being checked, and what is believed so far. */
struct checking {
    const struct certificate *certificate;
    struct hasher *hasher;
    struct key_chain keys;
    struct checkpoint checkpoint; /* the last one */
    struct proof proof;
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
};

/* --- keys --------------------------------------------------------------------------------------
 */

/* Opens a checkpoint of this exchange: each of its signatures is of a key in force, and right. */
static bool open_note(struct checking *checking, struct span bytes, struct checkpoint *checkpoint) {
    struct note note;
    const char *text = (const char *)bytes.bytes;
    if (note_parse(text, bytes.size, &note) != 0 ||
        checkpoint_parse(note.text, note.text_size, checkpoint) != 0 ||
        strcmp(checkpoint->origin, checking->origin) != 0)
        return false;
    const struct note_keyring *ring = key_chain_ring(&checking->keys, checkpoint->head.size);
    if (note_open(text, bytes.size, ring, &note) != 0 ||
        (uint32_t)__builtin_popcountll(note.verified) != note.signatures_count)
        return false;
    return key_chain_signed(&checking->keys, checkpoint->head.size, note.verified);
}

static bool is_leaf_of(struct checking *checking, const struct certificate_leaf *leaf,
                       const struct merkle_head *head) {
    struct merkle_proof path = {.count = (uint32_t)(leaf->path.size / HASH_SIZE)};
    struct hash hash;
    if (leaf->path.size % HASH_SIZE != 0 || path.count > MERKLE_PROOF_MAX)
        return false;
    if (path.count > 0)
        memcpy(path.hashes, leaf->path.bytes, leaf->path.size);
    hasher_leaf(checking->hasher, leaf->record.bytes, leaf->record.size, &hash);
    return merkle_check_inclusion(checking->hasher, head, leaf->index, &hash, &path);
}

/* A note whose signatures are of keys before this change vouches for its records; and with the key
 * that they add, all of its signatures are known. */
static bool follow_change(struct checking *checking, const struct certificate_key_change *step) {
    struct key_change change;
    struct checkpoint_key key;
    struct checkpoint checkpoint;
    if (!key_change_read(step->proposed.record, step->approved.record, &change, &key) ||
        change.proposed != step->proposed.index || change.approved != step->approved.index)
        return false;
    if (key.is_revoked) {
        key_chain_revoke(&checking->keys, change.approved, &key.key);
    } else if (key_chain_add(&checking->keys, change.approved, checking->origin, &key.key) != 0) {
        return false;
    }
    return open_note(checking, step->note, &checkpoint) &&
           is_leaf_of(checking, &step->proposed, &checkpoint.head) &&
           is_leaf_of(checking, &step->approved, &checkpoint.head);
}

/* Record 0 names the exchange and its first key; that it is record 0 is checked later, when the
 * last checkpoint is believed. */
static bool begin_keys(struct checking *checking, const struct note_verifier *given) {
    const struct certificate *certificate = checking->certificate;
    struct record record;
    struct request request;
    const struct genesis *genesis = &request.command.genesis;
    bool is_genesis = recorded_read(certificate->genesis.record, &record, &request) &&
                      request.command.verb == VERB_GENESIS && certificate->genesis.index == 0;
    key_chain_init(&checking->keys, is_genesis ? genesis->profile : PROFILE_INTERNATIONAL, given);
    if (!is_genesis)
        return false;
    bool is_it = genesis->environment == certificate->environment &&
                 genesis->origin_bytes == certificate->origin.size &&
                 memcmp(genesis->origin, certificate->origin.bytes, genesis->origin_bytes) == 0;
    memcpy(checking->origin, genesis->origin, genesis->origin_bytes);
    return is_it &&
           key_chain_add(&checking->keys, 0, checking->origin, &genesis->checkpoint_key) == 0;
}

static enum certificate_fault check_keys(struct checking *checking,
                                         const struct note_verifier *given) {
    const struct certificate *certificate = checking->certificate;
    if (!begin_keys(checking, given))
        return CERTIFICATE_GENESIS;
    if (checking->keys.profile != given->profile ||
        checking->keys.profile != hasher_profile(checking->hasher))
        return CERTIFICATE_KEY;
    uint64_t last = 0;
    for (uint32_t i = 0; i < certificate->key_changes_count; i++) {
        const struct certificate_key_change *change = &certificate->key_changes[i];
        if (change->approved.index <= last || !follow_change(checking, change))
            return CERTIFICATE_CHAIN;
        last = change->approved.index;
    }
    return CERTIFICATE_HOLDS;
}

/* --- the tree ----------------------------------------------------------------------------------
 */

/* The exchange signed a tree that holds the Seal, and whose first leaf is this Genesis. */
static enum certificate_fault check_tree(struct checking *checking) {
    const struct certificate *certificate = checking->certificate;
    const struct proof *proof = &checking->proof;
    const struct merkle_head *head = &checking->checkpoint.head;
    struct hash leaf;
    if (proof_parse(certificate->proof, certificate->proof_size, &checking->proof) != 0 ||
        proof->extra_size != 0)
        return CERTIFICATE_TREE;
    struct span note = {(const uint8_t *)proof->checkpoint, proof->checkpoint_size};
    if (!open_note(checking, note, &checking->checkpoint) || checking->keys.vouched < head->size)
        return CERTIFICATE_KEY;
    uint32_t changes = certificate->key_changes_count;
    if (changes > 0 && certificate->key_changes[changes - 1].approved.index >= head->size)
        return CERTIFICATE_CHAIN;
    hasher_leaf(checking->hasher, certificate->seal.bytes, certificate->seal.size, &leaf);
    if (!merkle_check_inclusion(checking->hasher, head, proof->index, &leaf, &proof->path))
        return CERTIFICATE_TREE;
    return is_leaf_of(checking, &certificate->genesis, head) ? CERTIFICATE_HOLDS
                                                             : CERTIFICATE_GENESIS;
}

/* --- who asked ---------------------------------------------------------------------------------
 */

/* An entry's asset as the exchange numbers it. */
static struct certify asset_of(struct span report) {
    enum { REPORT_ENTRY = 26, ASSET_KIND = 1, ASSET = 2, HOLDER = 3, FIELDS = 4 };
    struct wire_input in = wire_input_of(report);
    struct wire_field field = {0};
    uint64_t values[FIELDS] = {0};
    while (in.at != in.end && field.number != REPORT_ENTRY)
        if (!wire_get_field(&in, &field))
            return (struct certify){0};
    in = wire_input_of(field.bytes);
    while (in.at != in.end && wire_get_field(&in, &field))
        if (field.number < FIELDS)
            values[field.number] = field.value;
    return (struct certify){.asset_kind = (uint8_t)values[ASSET_KIND],
                            .asset = (uint32_t)values[ASSET],
                            .holder = (uint32_t)values[HOLDER]};
}

/* Somebody asked, before the Seal's sequence, for a certificate of this asset, and it was done
 * under this number. */
static bool is_asked_for(const struct certificate *certificate) {
    struct record record;
    struct request request;
    uint64_t number;
    const struct command *command = &request.command;
    const struct certificate_leaf *issued = &certificate->issued;
    if (!recorded_read(issued->record, &record, &request) || command->verb != VERB_DEED ||
        command->deed.kind != DEED_CERTIFY || certificate->entries_count == 0)
        return false;
    struct certify asset = asset_of(certificate->entries[0].report);
    const struct certify *asked = &command->deed.certify;
    return record.header.sequence == issued->index && issued->index < certificate->as_of &&
           asked->asset_kind == asset.asset_kind && asked->asset == asset.asset &&
           asked->holder == asset.holder && recorded_done(&record, DEED_CERTIFY, &number) &&
           number == certificate->number;
}

static enum certificate_fault check_number(struct checking *checking) {
    const struct certificate *certificate = checking->certificate;
    if (certificate->number == 0)
        return CERTIFICATE_HOLDS;
    bool is_right = is_leaf_of(checking, &certificate->issued, &checking->checkpoint.head) &&
                    is_asked_for(certificate);
    return is_right ? CERTIFICATE_HOLDS : CERTIFICATE_NUMBER;
}

/* --- the register -------------------------------------------------------------------------------
 */

void certificate_asset_hash(const struct certificate_asset *asset, struct hasher *hasher,
                            struct hash *hash) {
    struct register_named named = {.asset_kind = asset->kind,
                                   .right_kind = asset->right_kind,
                                   .number = asset->number,
                                   .symbol = asset->symbol,
                                   .party = asset->party};
    register_asset_hash(hasher, &named, hash);
}

/* Every report is of the entry that it stands for, on this asset, and the first is entry 0. */
static enum certificate_fault check_asset(const struct certificate *certificate,
                                          struct hasher *hasher, const struct hash *asset) {
    for (uint32_t i = 0; i < certificate->entries_count; i++) {
        const struct certificate_entry *entry = &certificate->entries[i];
        struct register_named named;
        struct hash of;
        if (!register_read(entry->report, &named) || named.entry != entry->number)
            return CERTIFICATE_ASSET;
        register_asset_hash(hasher, &named, &of);
        if (!hash_equal(&of, asset) || (i == 0 && entry->number != 0))
            return CERTIFICATE_ASSET;
    }
    return certificate->entries_count > 0 ? CERTIFICATE_HOLDS : CERTIFICATE_ASSET;
}

static enum certificate_fault check_entries(const struct certificate *certificate,
                                            struct hasher *hasher, const struct hash *asset,
                                            const struct hash *root) {
    uint32_t count = certificate->entries_count;
    uint8_t *keys = malloc((size_t)count * REGISTER_KEY_SIZE + 1);
    struct hash *values = malloc((size_t)count * sizeof *values + 1);
    bool holds = false;
    if (keys != NULL && values != NULL) {
        for (uint32_t i = 0; i < count; i++) {
            const struct certificate_entry *entry = &certificate->entries[i];
            register_key(asset, entry->number, keys + (size_t)i * REGISTER_KEY_SIZE);
            hasher_digest(hasher, entry->report.bytes, entry->report.size, &values[i]);
        }
        struct map_claim claim = {.key_size = REGISTER_KEY_SIZE,
                                  .prefix_size = HASH_SIZE,
                                  .prefix = asset->bytes,
                                  .count = count,
                                  .keys = keys,
                                  .values = values,
                                  .proof = certificate->map_proof.bytes,
                                  .proof_size = certificate->map_proof.size};
        holds = map_check(hasher, root, &claim);
    }
    bool has_memory = keys != NULL && values != NULL;
    free(values);
    free(keys);
    if (!has_memory)
        return CERTIFICATE_SYSTEM;
    return holds ? CERTIFICATE_HOLDS : CERTIFICATE_ENTRIES;
}

static enum certificate_fault check_register(struct checking *checking) {
    const struct certificate *certificate = checking->certificate;
    struct seal seal;
    struct hash root;
    struct hash asset;
    if (!recorded_seal(certificate->seal, &seal) || seal.as_of != certificate->as_of)
        return CERTIFICATE_SEAL;
    memcpy(root.bytes, seal.root, HASH_SIZE);
    certificate_asset_hash(&certificate->asset, checking->hasher, &asset);
    enum certificate_fault fault = check_asset(certificate, checking->hasher, &asset);
    return fault == CERTIFICATE_HOLDS ? check_entries(certificate, checking->hasher, &asset, &root)
                                      : fault;
}

enum certificate_fault certificate_check(const struct certificate *certificate,
                                         struct hasher *hasher, const struct note_verifier *given,
                                         struct checkpoint *checkpoint) {
    struct checking *checking = calloc(1, sizeof *checking);
    if (checking == NULL)
        return CERTIFICATE_SYSTEM;
    checking->certificate = certificate;
    checking->hasher = hasher;
    enum certificate_fault fault = check_keys(checking, given);
    if (fault == CERTIFICATE_HOLDS)
        fault = check_tree(checking);
    if (fault == CERTIFICATE_HOLDS)
        fault = check_register(checking);
    if (fault == CERTIFICATE_HOLDS)
        fault = check_number(checking);
    if (fault == CERTIFICATE_HOLDS)
        *checkpoint = checking->checkpoint;
    key_chain_fini(&checking->keys);
    free(checking);
    return fault;
}
