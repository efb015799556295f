/*
 * Entries are read as of the draft's sequence, so the text is the same whenever it is made.
 */
#include "ledger/issue.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/certify_frame.h"
#include "ledger/failure.h"
#include "ledger/record.h"
#include "ledger/register_map.h"
#include "ledger/register_reader.h"
#include "ledger/tree.h"

/* Seals whose frames are kept: those of the last seconds. */
#define FRAMES_KEPT 32u

struct issue {
    struct tree *tree;
    struct register_reader *registered;
    struct drafts_reader *drafts;
    struct certify_frame frames[FRAMES_KEPT]; /* sealed 0: none */
    uint32_t frames_next;
    struct certificate_entry entries[CERTIFICATE_ENTRIES_MAX];
};

int issue_open(struct issue **opened, const struct issue_places *places) {
    *opened = NULL;
    struct issue *issue = calloc(1, sizeof *issue);
    if (issue == NULL)
        return failure_errno("certificates");
    int failure = tree_open(&issue->tree, places->ledger, false);
    if (failure == 0)
        failure = register_reader_open(&issue->registered, places->registered,
                                       reader_profile(tree_reader(issue->tree)));
    if (failure == 0)
        failure = drafts_reader_open(&issue->drafts, places->drafts);
    if (failure != 0)
        issue_close(issue);
    else
        *opened = issue;
    return failure;
}

void issue_close(struct issue *issue) {
    if (issue == NULL)
        return;
    for (uint32_t i = 0; i < FRAMES_KEPT; i++)
        certify_frame_fini(&issue->frames[i]);
    drafts_reader_close(issue->drafts);
    if (issue->registered != NULL)
        register_reader_close(issue->registered);
    if (issue->tree != NULL)
        tree_close(issue->tree);
    free(issue);
}

int issue_find(struct issue *issue, uint64_t number, struct issued *issued) {
    struct reader *reader = tree_reader(issue->tree);
    struct reader_record stored;
    struct record record;
    int failure = drafts_find(issue->drafts, number, &issued->draft);
    if (failure == 0)
        failure = reader_get(reader, issued->draft.request.asked, &stored);
    if (failure == 0 && !record_read(stored.bytes, stored.size, &record))
        failure = failure_log(FAILURE_DAMAGED, "record %lu is none", issued->draft.request.asked);
    if (failure == 0) {
        issued->participant = record.header.participant;
        issued->asked_ns = record.header.time_ns;
    }
    reader_rest(reader);
    return failure;
}

/* --- the frame ---------------------------------------------------------------------------------
 */

static int frame_of(struct issue *issue, uint64_t sealed, const struct certify_frame **frame) {
    struct key_history history;
    struct certify_frame *next = &issue->frames[issue->frames_next];
    for (uint32_t i = 0; i < FRAMES_KEPT; i++) {
        *frame = &issue->frames[i];
        if ((*frame)->sealed == sealed)
            return 0;
    }
    certify_frame_fini(next);
    *next = (struct certify_frame){.sealed = 0};
    int failure = drafts_keys(issue->drafts, &history);
    if (failure == 0)
        failure = certify_frame_make(next, issue->tree, sealed, &history);
    if (failure != 0) {
        *next = (struct certify_frame){.sealed = 0};
        return failure;
    }
    *frame = next;
    issue->frames_next = (issue->frames_next + 1) % FRAMES_KEPT;
    return 0;
}

/* --- the entries -------------------------------------------------------------------------------
 */

static int keep_entry(struct issue *issue, struct certificate *certificate,
                      const struct register_row *row) {
    if (certificate->entries_count == CERTIFICATE_ENTRIES_MAX)
        return failure_log(FAILURE_MALFORMED, "certificate: more than %u entries on one asset",
                           CERTIFICATE_ENTRIES_MAX);
    issue->entries[certificate->entries_count++] =
        (struct certificate_entry){.number = row->entry, .report = row->report};
    return 0;
}

/* As of the draft's sequence; they are valid until register_reader_end(). */
static int read_entries(struct issue *issue, const struct draft *draft,
                        struct certificate *certificate) {
    struct register_walk walk = {.asset = draft->asset,
                                 .at = {.as_of = draft->as_of, .time_ns = INT64_MAX}};
    struct register_row row;
    uint64_t as_of = 0;
    int step = register_reader_begin(issue->registered);
    if (step == 0)
        step = register_reader_as_of(issue->registered, &as_of);
    if (step == 0 && as_of < draft->as_of)
        return FAILURE_NOT_FOUND;
    certificate->entries = issue->entries;
    while (step >= 0 && (step = register_next_entry(issue->registered, &walk, &row)) > 0)
        step = keep_entry(issue, certificate, &row);
    return step;
}

/* What entry 0 calls the asset. */
static int name_asset(struct certificate *certificate) {
    struct register_named named;
    if (certificate->entries_count == 0 || !register_read(certificate->entries[0].report, &named))
        return failure_log(FAILURE_DAMAGED, "certificate %lu: its asset has no entry 0",
                           certificate->number);
    certificate->asset = (struct certificate_asset){.kind = (uint8_t)named.asset_kind,
                                                    .right_kind = (uint8_t)named.right_kind,
                                                    .is_natural = named.party.size == HASH_SIZE,
                                                    .number = named.number,
                                                    .symbol = named.symbol,
                                                    .party = named.party};
    return 0;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

/* Fills in what is of this certificate alone. `path` has the bytes of its own leaf. */
static int fill(struct issue *issue, const struct issued *issued, uint64_t tree_size,
                struct certificate *certificate, struct merkle_proof *path) {
    struct reader_record stored;
    uint64_t asked = issued->draft.request.asked;
    int failure = read_entries(issue, &issued->draft, certificate);
    if (failure == 0)
        failure = name_asset(certificate);
    if (failure == 0)
        failure = tree_prove_inclusion(issue->tree, asked, tree_size, path);
    if (failure == 0)
        failure = reader_get(tree_reader(issue->tree), asked, &stored);
    certificate->issued = (struct certificate_leaf){.index = asked};
    if (failure != 0)
        return failure;
    certificate->issued.record = (struct span){stored.bytes, stored.size};
    certificate->issued.path =
        (struct span){path->hashes[0].bytes, (size_t)path->count * HASH_SIZE};
    return 0;
}

int issue_make(struct issue *issue, const struct issued *issued, char **text, size_t *size) {
    const struct certify_frame *frame = NULL;
    int failure = frame_of(issue, issued->draft.sealed, &frame);
    if (failure != 0)
        return failure;
    struct certificate *certificate = malloc(sizeof *certificate);
    if (certificate == NULL)
        return failure_errno("certificate");
    *certificate = frame->shared;
    certificate->number = issued->draft.request.number;
    certificate->map_proof = (struct span){issued->draft.proof, issued->draft.proof_size};
    struct merkle_proof path;
    failure = fill(issue, issued, frame->tree_size, certificate, &path);
    *text = failure == 0 ? certificate_format(certificate, size) : NULL;
    if (failure == 0 && *text == NULL)
        failure = failure_errno("certificate");
    register_reader_end(issue->registered);
    reader_rest(tree_reader(issue->tree));
    free(certificate);
    return failure;
}
