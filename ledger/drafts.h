/*
 * Drafts: the certificates that were asked for, as far as whoever keeps the register's map makes
 * them.
 *
 * A certificate is proven under the root that a Seal names. The map has that root for a moment
 * only: when it is handed out. So the proofs of all that was asked for by then are made at that
 * moment, many under one root, and are drafts when the Seal that names it is read; checkpoint and
 * text follow when somebody fetches one (issue.h).
 *
 *     drafts_add(drafts, &record);               every record, in order
 *     if (drafts_wait(drafts, as_of))            a root as of this is handed out
 *         drafts_prove(drafts, as_of, &prover);
 *     drafts_commit(drafts);
 *
 * What was asked for waits until then, also over a kill: the next root will do. They are a cache
 * (ledger/cache.h) in a folder of their own; made again from the records, the newest
 * DRAFTS_PENDING_MAX get a later as-of, and older ones are asked for anew.
 *
 *     table     key                   value
 *     pending   number                what was asked for
 *     drafts    number                likewise, as-of, the Seal's sequence, asset's hash, proof
 *     keys      sequence of the approval of a change of keys: that of its proposal
 *
 * Numbers in keys are big-endian, in values little-endian.
 *
 * Threads: belongs to one; readers have handles of their own.
 */
#ifndef LEDGER_DRAFTS_H
#define LEDGER_DRAFTS_H

#include "engine/deed.h"
#include "ledger/crypto.h"
#include "ledger/key_history.h"
#include "ledger/map_proof.h"
#include "ledger/reader.h"

/* So many are kept, the newest. */
#define DRAFTS_KEPT UINT64_C(1000000)
/* So many may wait for a root; when there are more, the older half is forgotten. */
#define DRAFTS_PENDING_MAX 100000u
/* It commits by itself when so many records came since the last time. */
#define DRAFTS_STEP_RECORDS 200000u

/* What was asked for. */
struct draft_request {
    uint64_t number;
    uint64_t asked; /* sequence of the command */
    struct certify certify;
};

struct drafts;

/* Opens the drafts in folder `dir` of the ledger in `ledger_dir` to write them, as cache_open(). */
int drafts_open(struct drafts **drafts, const char *dir, const char *ledger_dir);
void drafts_close(struct drafts *drafts);

/* The record that comes next. */
uint64_t drafts_next(const struct drafts *drafts);

/* Takes the record that comes next. Returns 0; DAMAGED for one that cannot be read; SYSTEM. */
int drafts_add(struct drafts *drafts, const struct reader_record *record);

/* True when some are asked for below `as_of` and not proven yet. */
bool drafts_wait(const struct drafts *drafts, uint64_t as_of);

/* Proves an asset's entries under the root that is handed out. NOT_FOUND, without a line, when
 * there is no such asset: then there will be no certificate. */
struct drafts_prover {
    int (*prove)(void *owner, const struct certify *certify, struct hash *asset,
                 uint8_t proof[MAP_PROOF_MAX], size_t *size);
    void *owner;
};

/* Proves all that wait for a root as of `as_of`. Returns 0 or a failure. */
int drafts_prove(struct drafts *drafts, uint64_t as_of, const struct drafts_prover *prover);

/* Commits when there is anything that a reader wants, or enough. Returns 0 or a failure. */
int drafts_commit(struct drafts *drafts);

/* --- reading ---------------------------------------------------------------------------------- */

struct drafts_reader;

/* As register_reader_open(). */
int drafts_reader_open(struct drafts_reader **reader, const char *dir);
void drafts_reader_close(struct drafts_reader *reader);

struct draft {
    struct draft_request request;
    uint64_t as_of;
    uint64_t sealed; /* sequence of the Seal as of that */
    struct hash asset;
    size_t proof_size;
    uint8_t proof[MAP_PROOF_MAX];
};

/* The draft of a number. 0; NOT_FOUND without a line while there is none; DAMAGED, SYSTEM. */
int drafts_find(struct drafts_reader *reader, uint64_t number, struct draft *draft);

/* What changed the keys, as far as is committed. */
int drafts_keys(struct drafts_reader *reader, struct key_history *history);

#endif
