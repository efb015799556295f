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
#include "ledger/certify_frame.h"
#include "ledger/failure.h"
#include "ledger/register_map.h"

struct making {
    const struct certify_question *question;
    struct tree *tree;
    struct register_map *map;
    struct hasher *hasher;
    struct key_history history;
    struct certify_frame frame;
    struct certificate certificate;
    struct certificate_entry entries[CERTIFICATE_ENTRIES_MAX]; /* reports are copies */
    struct hash asset;
    uint8_t map_proof[MAP_PROOF_MAX];
};

static struct span copy_of(const void *bytes, size_t size) {
    uint8_t *copy = malloc(size + 1);
    if (copy != NULL)
        memcpy(copy, bytes, size);
    return (struct span){copy, copy != NULL ? size : 0};
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

static int look_at_entries(struct making *making, const struct record *record) {
    struct span rest = record->events;
    struct record_event_view view;
    struct register_named named;
    struct hash asset;
    int failure = register_map_record(making->map, record);
    while (failure == 0 && record_event_next(&rest, &view)) {
        if (!register_read(view.report, &named))
            continue;
        register_asset_hash(making->hasher, &named, &asset);
        if (hash_equal(&asset, &making->asset))
            failure = keep(making, named.entry, view.report);
    }
    return failure;
}

/* What a record says of the register, below the Seal's sequence, and of keys. */
static int look_at(struct making *making, const struct reader_record *bytes, uint64_t as_of) {
    struct record record;
    if (!record_read(bytes->bytes, bytes->size, &record))
        return failure_log(FAILURE_DAMAGED, "record %" PRIu64 " is none", bytes->sequence);
    key_history_record(&making->history, &record);
    return bytes->sequence < as_of ? look_at_entries(making, &record) : 0;
}

/* From the first record up to the newest Seal under a checkpoint. */
static int walk(struct making *making, const struct seal *seal, uint64_t end) {
    struct reader *reader = tree_reader(making->tree);
    struct reader_record bytes;
    reader_seek(reader, 0);
    while (reader_position(reader) < end) {
        int step = reader_next(reader, &bytes);
        if (step == READER_PAUSE)
            continue;
        if (step != READER_RECORD)
            return step == READER_END ? FAILURE_NOT_FOUND : step;
        int failure = look_at(making, &bytes, seal->as_of);
        if (failure != 0)
            return failure;
    }
    return 0;
}

/* The map's root must be the one that the Seal names: else no proof would hold. */
static int prove_entries(struct making *making, const struct seal *seal) {
    struct certificate *certificate = &making->certificate;
    struct hash root;
    register_map_root(making->map, seal->as_of, &root);
    if (memcmp(root.bytes, seal->root, HASH_SIZE) != 0)
        return failure_log(FAILURE_DAMAGED, "the Seal as of %" PRIu64 " names another root",
                           seal->as_of);
    size_t size = map_prove(register_map_map(making->map), making->hasher, making->asset.bytes,
                            HASH_SIZE, making->map_proof);
    certificate->map_proof = (struct span){making->map_proof, size};
    return 0;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

static void take_frame(struct making *making) {
    struct certificate *certificate = &making->certificate;
    struct certificate whole = making->frame.shared;
    whole.asset = making->question->asset;
    whole.entries = making->entries;
    whole.entries_count = certificate->entries_count;
    whole.map_proof = certificate->map_proof;
    *certificate = whole;
}

static int make(struct making *making, struct certify_answer *answer) {
    struct seal seal;
    int failure = certify_newest(making->tree, &answer->tree_size, &seal);
    if (failure == 0)
        failure = walk(making, &seal, answer->tree_size);
    if (failure == 0 && making->certificate.entries_count == 0)
        failure = FAILURE_NOT_FOUND;
    if (failure == 0)
        failure = prove_entries(making, &seal);
    if (failure == 0)
        failure = certify_frame_make(&making->frame, making->tree, answer->tree_size - 1,
                                     &making->history);
    if (failure != 0)
        return failure;
    take_frame(making);
    answer->as_of = seal.as_of;
    answer->entries = making->certificate.entries_count;
    answer->text = certificate_format(&making->certificate, &answer->size);
    return answer->text != NULL ? 0 : failure_errno("certificate");
}

static int make_hashers(struct making *making, uint8_t profile) {
    making->map = register_map_create(profile);
    making->hasher = hasher_create(profile);
    return making->map == NULL || making->hasher == NULL ? failure_errno("certificate") : 0;
}

int certify_asset(const struct certify_question *question, struct certify_answer *answer) {
    *answer = (struct certify_answer){.text = NULL};
    struct making *making = calloc(1, sizeof *making);
    if (making == NULL)
        return failure_errno("certificate");
    making->question = question;
    int failure = tree_open(&making->tree, question->ledger_dir, question->is_copy);
    if (failure == 0)
        failure = make_hashers(making, reader_profile(tree_reader(making->tree)));
    if (failure == 0)
        certificate_asset_hash(&question->asset, making->hasher, &making->asset);
    if (failure == 0)
        failure = make(making, answer);
    certify_frame_fini(&making->frame);
    for (uint32_t i = 0; i < making->certificate.entries_count; i++)
        free((void *)(uintptr_t)making->entries[i].report.bytes);
    if (making->tree != NULL)
        tree_close(making->tree);
    hasher_destroy(making->hasher);
    register_map_destroy(making->map);
    free(making);
    return failure;
}
