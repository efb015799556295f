#include "gateway/certifier.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/log.h"
#include "ledger/drafts.h"
#include "ledger/failure.h"
#include "ledger/register_reader.h"

struct certifier {
    char registered_dir[4096];
    uint8_t profile;
    struct drafts *drafts;
    struct register_reader *registered; /* opened when first needed */
    struct register_store *store;       /* during certifier_root() */
    bool has_failed;
};

static void note_failure(struct certifier *certifier, int failure) {
    if (failure == 0 || certifier->has_failed)
        return;
    certifier->has_failed = true;
    log_line(LOG_LEVEL_ERROR, "certificates_unavailable", "failure=\"%s\"", failure_name(failure));
}

struct certifier *certifier_open(const struct certifier_places *places) {
    struct certifier *certifier = calloc(1, sizeof *certifier);
    if (certifier == NULL)
        return NULL;
    snprintf(certifier->registered_dir, sizeof certifier->registered_dir, "%s", places->registered);
    certifier->profile = places->profile;
    note_failure(certifier, drafts_open(&certifier->drafts, places->drafts, places->ledger));
    return certifier;
}

void certifier_close(struct certifier *certifier) {
    if (certifier == NULL)
        return;
    if (certifier->registered != NULL)
        register_reader_close(certifier->registered);
    drafts_close(certifier->drafts);
    free(certifier);
}

uint64_t certifier_next(const struct certifier *certifier) {
    return certifier == NULL || certifier->has_failed ? UINT64_MAX : drafts_next(certifier->drafts);
}

void certifier_record(struct certifier *certifier, const struct reader_record *record) {
    if (record->sequence == certifier_next(certifier))
        note_failure(certifier, drafts_add(certifier->drafts, record));
}

/* --- proofs ------------------------------------------------------------------------------------
 */

/* The hash of an asset: what was committed says so. */
static int find_asset(struct certifier *certifier, const struct certify *certify,
                      struct hash *asset) {
    struct asset_name name = {
        .kind = certify->asset_kind, .asset = certify->asset, .holder = certify->holder};
    int step = register_find_asset(certifier->registered, &name, asset);
    if (step > 0)
        return 0;
    return step == 0 ? FAILURE_NOT_FOUND : step;
}

static int prove(void *owner, const struct certify *certify, struct hash *asset,
                 uint8_t proof[MAP_PROOF_MAX], size_t *size) {
    struct certifier *certifier = owner;
    int failure = find_asset(certifier, certify, asset);
    return failure == 0 ? register_store_prove(certifier->store, asset, proof, size) : failure;
}

void certifier_root(struct certifier *certifier, struct register_store *store, uint64_t as_of) {
    if (certifier_next(certifier) < as_of || certifier_next(certifier) == UINT64_MAX ||
        !drafts_wait(certifier->drafts, as_of))
        return;
    struct drafts_prover prover = {.prove = prove, .owner = certifier};
    int failure = register_store_commit(store); /* so that every asset is found */
    if (failure == 0 && certifier->registered == NULL)
        failure = register_reader_open(&certifier->registered, certifier->registered_dir,
                                       certifier->profile);
    if (failure == 0)
        failure = register_reader_begin(certifier->registered);
    certifier->store = store;
    if (failure == 0)
        failure = drafts_prove(certifier->drafts, as_of, &prover);
    if (certifier->registered != NULL)
        register_reader_end(certifier->registered);
    note_failure(certifier, failure);
}

void certifier_turn(struct certifier *certifier) {
    if (certifier_next(certifier) != UINT64_MAX)
        note_failure(certifier, drafts_commit(certifier->drafts));
}
