/*
 * One walk from the first record to the Seal's sequence brings both the map, for its proof, and
 * the reports that last told of each entry on the asset.
 */
#include "ledger/certify.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/certificate.h"
#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/register_map.h"
#include "ledger/tree.h"
#include "proto/codec_request.h"

#define PROOF_TEXT_MAX PROOF_SIZE_MAX(JOURNAL_CHECKPOINT_MAX)

struct making {
    const struct certify_question *question;
    struct tree *tree;
    struct register_map *map;
    struct hasher *hasher;
    struct certificate certificate;
    struct certificate_entry entries[CERTIFICATE_ENTRIES_MAX]; /* reports are copies */
    uint64_t asset;                                            /* its number; 0: not met yet */
    struct seal seal;
    char checkpoint[JOURNAL_CHECKPOINT_MAX];
    struct reader_note note;
    char proof[PROOF_TEXT_MAX];
    uint8_t map_proof[MAP_PROOF_MAX];
};

/* --- the Seal ----------------------------------------------------------------------------------
 */

static struct span copy_of(const void *bytes, size_t size) {
    uint8_t *copy = malloc(size + 1);
    if (copy != NULL)
        memcpy(copy, bytes, size);
    return (struct span){copy, copy != NULL ? size : 0};
}

static int take_seal(struct making *making) {
    struct reader_record bytes;
    struct record record;
    struct codec_fault fault;
    uint64_t sequence = making->note.size - 1;
    int failure = reader_get(tree_reader(making->tree), sequence, &bytes);
    if (failure != 0)
        return failure;
    making->certificate.seal = copy_of(bytes.bytes, bytes.size);
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL || making->certificate.seal.bytes == NULL) {
        free(request);
        return failure_errno("certificate");
    }
    struct span seal = making->certificate.seal;
    bool is_seal =
        record_read(seal.bytes, seal.size, &record) &&
        codec_request_decode(record.request.bytes, record.request.size, request, &fault) &&
        request->command.verb == VERB_SEAL;
    making->seal = request->command.seal;
    making->certificate.as_of = making->seal.as_of;
    free(request);
    if (!is_seal)
        return failure_log(FAILURE_DAMAGED, "record %" PRIu64 ", under a checkpoint, is no Seal",
                           sequence);
    return 0;
}

static int prove_seal(struct making *making) {
    struct proof *proof = calloc(1, sizeof *proof);
    if (proof == NULL)
        return failure_errno("certificate");
    proof->index = making->note.size - 1;
    proof->checkpoint = making->note.bytes;
    proof->checkpoint_size = making->note.bytes_size;
    int failure = tree_prove_inclusion(making->tree, proof->index, making->note.size, &proof->path);
    int size = failure == 0 ? proof_format(proof, making->proof, sizeof making->proof) : failure;
    free(proof);
    if (size < 0)
        return size;
    making->certificate.proof = making->proof;
    making->certificate.proof_size = (size_t)size;
    return 0;
}

/* --- the entries -------------------------------------------------------------------------------
 */

/* Keeps the report that tells of an entry on the asset, in place of an older one. */
static int keep(struct making *making, uint64_t number, struct span report) {
    struct certificate *certificate = &making->certificate;
    uint32_t at = 0;
    while (at < certificate->entries_count && making->entries[at].number < number)
        at++;
    if (at == certificate->entries_count || making->entries[at].number != number) {
        if (certificate->entries_count == CERTIFICATE_ENTRIES_MAX)
            return failure_log(FAILURE_MALFORMED, "certificate: more than %u entries on one asset",
                               CERTIFICATE_ENTRIES_MAX);
        memmove(&making->entries[at + 1], &making->entries[at],
                (certificate->entries_count++ - at) * sizeof *making->entries);
        making->entries[at] = (struct certificate_entry){.number = number};
    }
    free((void *)(uintptr_t)making->entries[at].report.bytes);
    making->entries[at].report = copy_of(report.bytes, report.size);
    return making->entries[at].report.bytes != NULL ? 0 : failure_errno("certificate");
}

static bool is_asked_for(const struct certify_question *question,
                         const struct register_named *named) {
    return named->right_kind == question->right_kind &&
           named->number.size == question->number_bytes &&
           memcmp(named->number.bytes, question->number, named->number.size) == 0;
}

static int look_at(struct making *making, const struct record *record) {
    struct span rest = record->events;
    struct record_event_view view;
    struct register_named named;
    int failure = register_map_record(making->map, record);
    while (failure == 0 && record_event_next(&rest, &view)) {
        if (!register_read(view.report, &named))
            continue;
        if (making->asset == 0 && is_asked_for(making->question, &named))
            making->asset = named.asset;
        if (making->asset != 0 && named.asset_kind == ASSET_RIGHT && named.asset == making->asset)
            failure = keep(making, named.entry, view.report);
    }
    return failure;
}

static int walk(struct making *making) {
    struct reader *reader = tree_reader(making->tree);
    struct reader_record bytes;
    struct record record;
    reader_seek(reader, 0);
    while (reader_position(reader) < making->seal.as_of) {
        int step = reader_next(reader, &bytes);
        if (step == READER_PAUSE)
            continue;
        if (step != READER_RECORD)
            return step == READER_END ? FAILURE_NOT_FOUND : step;
        if (!record_read(bytes.bytes, bytes.size, &record))
            return failure_log(FAILURE_DAMAGED, "record %" PRIu64 " is none", bytes.sequence);
        int failure = look_at(making, &record);
        if (failure != 0)
            return failure;
    }
    return 0;
}

/* The map's root must be the one that the Seal names: else no proof would hold. */
static int prove_entries(struct making *making) {
    struct certificate *certificate = &making->certificate;
    struct hash root;
    struct hash asset;
    register_map_root(making->map, making->seal.as_of, &root);
    if (memcmp(root.bytes, making->seal.root, HASH_SIZE) != 0)
        return failure_log(FAILURE_DAMAGED, "the Seal as of %" PRIu64 " names another root",
                           making->seal.as_of);
    register_right_hash(making->hasher, certificate->right_kind, certificate->number,
                        certificate->number_bytes, &asset);
    size_t size = map_prove(register_map_map(making->map), making->hasher, asset.bytes, HASH_SIZE,
                            making->map_proof);
    certificate->map_proof = (struct span){making->map_proof, size};
    return 0;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

static int make(struct making *making, struct certify_answer *answer) {
    making->note.bytes = making->checkpoint;
    making->note.bytes_max = sizeof making->checkpoint;
    int failure = reader_last_checkpoint(tree_reader(making->tree), &making->note);
    if (failure != 0)
        return failure;
    answer->tree_size = making->note.size;
    failure = take_seal(making);
    if (failure == 0)
        failure = walk(making);
    if (failure == 0 && making->asset == 0)
        failure = FAILURE_NOT_FOUND;
    if (failure == 0)
        failure = prove_entries(making);
    if (failure == 0)
        failure = prove_seal(making);
    if (failure != 0)
        return failure;
    answer->as_of = making->seal.as_of;
    answer->entries = making->certificate.entries_count;
    answer->text = certificate_format(&making->certificate, &answer->size);
    return answer->text != NULL ? 0 : failure_errno("certificate");
}

int certify_right(const struct certify_question *question, struct certify_answer *answer) {
    *answer = (struct certify_answer){.text = NULL};
    assert(question->number_bytes <= RIGHT_NUMBER_BYTES_MAX);
    struct making *making = calloc(1, sizeof *making);
    if (making == NULL)
        return failure_errno("certificate");
    making->question = question;
    making->certificate.right_kind = question->right_kind;
    making->certificate.number_bytes = question->number_bytes;
    memcpy(making->certificate.number, question->number, question->number_bytes);
    making->certificate.entries = making->entries;
    making->map = register_map_create();
    making->hasher = hasher_create();
    int failure = making->map == NULL || making->hasher == NULL ? failure_errno("certificate") : 0;
    if (failure == 0)
        failure = tree_open(&making->tree, question->ledger_dir, question->is_copy);
    if (failure == 0)
        failure = make(making, answer);
    for (uint32_t i = 0; i < making->certificate.entries_count; i++)
        free((void *)(uintptr_t)making->entries[i].report.bytes);
    free((void *)(uintptr_t)making->certificate.seal.bytes);
    if (making->tree != NULL)
        tree_close(making->tree);
    hasher_destroy(making->hasher);
    register_map_destroy(making->map);
    free(making);
    return failure;
}
