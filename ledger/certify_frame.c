/*
 * Everything that a frame points to lies in a list of pieces, which go with it.
 */
#include "ledger/certify_frame.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/recorded.h"

struct certify_bytes {
    struct certify_bytes *next;
    size_t size;
    uint8_t bytes[];
};

/* Room that goes with the frame; NULL without memory. */
static uint8_t *room(struct certify_frame *frame, size_t size) {
    struct certify_bytes *bytes = malloc(sizeof *bytes + size);
    if (bytes == NULL)
        return NULL;
    bytes->next = frame->bytes;
    bytes->size = size;
    frame->bytes = bytes;
    return bytes->bytes;
}

static int keep(struct certify_frame *frame, const void *bytes, size_t size, struct span *kept) {
    uint8_t *copy = room(frame, size);
    if (copy == NULL)
        return failure_errno("certificate");
    if (size > 0)
        memcpy(copy, bytes, size);
    *kept = (struct span){copy, size};
    return 0;
}

void certify_frame_fini(struct certify_frame *frame) {
    while (frame->bytes != NULL) {
        struct certify_bytes *next = frame->bytes->next;
        free(frame->bytes);
        frame->bytes = next;
    }
}

static int make_leaf(struct certify_frame *frame, struct tree *tree, uint64_t size,
                     struct certificate_leaf *leaf) {
    struct reader_record record;
    struct merkle_proof path;
    int failure = reader_get(tree_reader(tree), leaf->index, &record);
    if (failure == 0)
        failure = keep(frame, record.bytes, record.size, &leaf->record);
    if (failure == 0)
        failure = tree_prove_inclusion(tree, leaf->index, size, &path);
    if (failure == 0)
        failure = keep(frame, path.hashes, (size_t)path.count * HASH_SIZE, &leaf->path);
    return failure;
}

int certify_frame_leaf(struct certify_frame *frame, struct tree *tree, uint64_t index,
                       struct certificate_leaf *leaf) {
    *leaf = (struct certificate_leaf){.index = index};
    return make_leaf(frame, tree, frame->tree_size, leaf);
}

/* --- the Seal and its tree ---------------------------------------------------------------------
 */

static int read_seal(struct span bytes, uint64_t sequence, struct seal *seal) {
    if (recorded_seal(bytes, seal))
        return 0;
    return failure_log(FAILURE_DAMAGED, "record %" PRIu64 ", under a checkpoint, is no Seal",
                       sequence);
}

static int take_seal(struct certify_frame *frame, struct tree *tree) {
    struct reader_record record;
    int failure = reader_get(tree_reader(tree), frame->sealed, &record);
    if (failure == 0)
        failure = keep(frame, record.bytes, record.size, &frame->shared.seal);
    if (failure == 0)
        failure = read_seal(frame->shared.seal, frame->sealed, &frame->seal);
    frame->shared.as_of = frame->seal.as_of;
    return failure;
}

static int prove_seal(struct certify_frame *frame, struct tree *tree, struct span note) {
    size_t text_max = PROOF_SIZE_MAX(note.size);
    char *text = (char *)room(frame, text_max);
    struct proof *proof = calloc(1, sizeof *proof);
    if (text == NULL || proof == NULL) {
        free(proof);
        return failure_errno("certificate");
    }
    proof->index = frame->sealed;
    proof->checkpoint = (const char *)note.bytes;
    proof->checkpoint_size = note.size;
    int size = tree_prove_inclusion(tree, proof->index, frame->tree_size, &proof->path);
    if (size == 0)
        size = proof_format(proof, text, text_max);
    free(proof);
    frame->shared.proof = text;
    frame->shared.proof_size = size > 0 ? (size_t)size : 0;
    return size > 0 ? 0 : size;
}

/* --- keys --------------------------------------------------------------------------------------
 */

/* A note with the signatures of the keys in force at its size, and no others. */
static int strip(struct certify_frame *frame, struct key_chain *keys,
                 const struct reader_note *note, struct span *kept) {
    struct note_buffer stripped = {(char *)room(frame, note->bytes_size), note->bytes_size};
    if (stripped.bytes == NULL)
        return failure_errno("certificate");
    int size =
        note_strip(note->bytes, note->bytes_size, key_chain_ring(keys, note->size), &stripped);
    if (size < 0)
        return failure_log(FAILURE_DAMAGED,
                           "the checkpoint of %" PRIu64 " is not signed by a key in force",
                           note->size);
    *kept = (struct span){(const uint8_t *)stripped.bytes, (size_t)size};
    return 0;
}

static int name_key(struct certify_frame *frame, struct key_chain *keys,
                    const struct certificate_key_change *step) {
    struct key_change change;
    struct checkpoint_key key;
    if (!key_change_read(step->proposed.record, step->approved.record, &change, &key))
        return failure_log(FAILURE_DAMAGED, "record %" PRIu64 " changes no key",
                           step->approved.index);
    if (!key.is_revoked)
        return key_chain_add(keys, change.approved, (const char *)frame->shared.origin.bytes,
                             &key.key);
    key_chain_revoke(keys, change.approved, &key.key);
    return 0;
}

/* The first checkpoint past a change covers it, and the keys from before still sign. */
static int add_change(struct certify_frame *frame, struct tree *tree, struct key_chain *keys,
                      const struct key_change *change) {
    struct certificate *shared = &frame->shared;
    struct certificate_key_change *step = &shared->key_changes[shared->key_changes_count++];
    char bytes[JOURNAL_CHECKPOINT_MAX];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    step->proposed.index = change->proposed;
    step->approved.index = change->approved;
    int failure = reader_checkpoint(tree_reader(tree), change->approved + 1, &note);
    if (failure == 0)
        failure = make_leaf(frame, tree, note.size, &step->proposed);
    if (failure == 0)
        failure = make_leaf(frame, tree, note.size, &step->approved);
    if (failure == 0)
        failure = name_key(frame, keys, step);
    return failure == 0 ? strip(frame, keys, &note, &step->note) : failure;
}

static int take_genesis(struct certify_frame *frame, struct tree *tree, struct key_chain *keys) {
    struct certificate *shared = &frame->shared;
    struct record record;
    struct request request;
    const struct genesis *genesis = &request.command.genesis;
    int failure = certify_frame_leaf(frame, tree, 0, &shared->genesis);
    if (failure != 0)
        return failure;
    if (!recorded_read(shared->genesis.record, &record, &request) ||
        request.command.verb != VERB_GENESIS)
        return failure_log(FAILURE_DAMAGED, "record 0 is no Genesis");
    shared->environment = genesis->environment;
    char origin[ORIGIN_BYTES_MAX + 1] = {0};
    memcpy(origin, genesis->origin, genesis->origin_bytes);
    failure = keep(frame, origin, sizeof origin, &shared->origin);
    shared->origin.size = genesis->origin_bytes;
    key_chain_init(keys, genesis->profile, NULL);
    return failure == 0 ? key_chain_add(keys, 0, origin, &genesis->checkpoint_key) : failure;
}

static int take_keys(struct certify_frame *frame, struct tree *tree,
                     const struct key_history *history, const struct reader_note *note) {
    struct key_chain *keys = calloc(1, sizeof *keys);
    struct span last = {NULL, 0};
    if (keys == NULL)
        return failure_errno("certificate");
    int failure = take_genesis(frame, tree, keys);
    for (uint32_t i = 0; failure == 0 && i < history->count; i++)
        if (history->changes[i].approved < frame->tree_size)
            failure = add_change(frame, tree, keys, &history->changes[i]);
    if (failure == 0)
        failure = strip(frame, keys, note, &last);
    if (failure == 0)
        failure = prove_seal(frame, tree, last);
    key_chain_fini(keys);
    free(keys);
    return failure;
}

int certify_newest(struct tree *tree, uint64_t *tree_size, struct seal *seal) {
    char bytes[JOURNAL_CHECKPOINT_MAX];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    struct reader_record record;
    int failure = reader_last_checkpoint(tree_reader(tree), &note);
    if (failure != 0)
        return failure;
    *tree_size = note.size;
    failure = reader_get(tree_reader(tree), note.size - 1, &record);
    return failure == 0 ? read_seal((struct span){record.bytes, record.size}, note.size - 1, seal)
                        : failure;
}

int certify_frame_make(struct certify_frame *frame, struct tree *tree, uint64_t sealed,
                       const struct key_history *history) {
    char bytes[JOURNAL_CHECKPOINT_MAX];
    struct reader_note note = {.bytes = bytes, .bytes_max = sizeof bytes};
    *frame = (struct certify_frame){.sealed = sealed};
    int failure = reader_checkpoint(tree_reader(tree), sealed + 1, &note);
    frame->tree_size = note.size;
    if (failure == 0)
        failure = take_seal(frame, tree);
    if (failure == 0)
        failure = take_keys(frame, tree, history, &note);
    if (failure != 0)
        certify_frame_fini(frame);
    return failure;
}
