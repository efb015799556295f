/*
 * Making certificates from a ledger: as of the Seal that its newest checkpoint ends with.
 *
 * Reads every record below that Seal's sequence, for the map is not stored; so it takes as long as
 * the ledger is, some millions of records a second.
 *
 * Threads: any; a call has readers of its own.
 */
#ifndef LEDGER_CERTIFY_H
#define LEDGER_CERTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/certificate.h"

/* What a certificate is asked about, and of which ledger. */
struct certify_question {
    const char *ledger_dir;
    bool is_copy; /* as reader_open() */
    struct certificate_asset asset;
};

struct certify_answer {
    char *text; /* the caller frees it */
    size_t size;
    uint64_t as_of;
    uint64_t tree_size; /* of the checkpoint */
    uint32_t entries;
};

/* Returns 0; NOT_FOUND, without a line, when the ledger has no checkpoint yet (answer->tree_size
 * is 0), or when nobody had admitted the asset as of its Seal; DAMAGED or SYSTEM with a line in the
 * log. */
int certify_asset(const struct certify_question *question, struct certify_answer *answer);

#endif
