/*
 * Proof files (C2SP tlog-proof): that some bytes are the entry at an index of a log, checked
 * offline against the log's key.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base 64>              only where there is any; nobody has signed it
 *     index <decimal>
 *     <hash, base 64>              inclusion, from the leaf's sibling to the root's child
 *
 *     <the checkpoint, as it was signed>
 *
 * Threads: any, with a hasher of the thread's own.
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/merkle.h"

#define PROOF_EXTRA_MAX 4096u

/* Bytes of a proof file with a checkpoint of `checkpoint_size` bytes, at most. */
#define PROOF_SIZE_MAX(checkpoint_size)                                                            \
    (64u + 5500u + 32u + MERKLE_PROOF_MAX * 45u + (checkpoint_size))

struct proof {
    uint64_t index;
    struct merkle_proof path;
    const char *checkpoint; /* a signed note; after proof_parse() within the text handed in */
    size_t checkpoint_size;
    size_t extra_size;
    uint8_t extra[PROOF_EXTRA_MAX];
};

/* Writes a proof file; returns its size, or MALFORMED when `size_max` is too small. */
int proof_format(const struct proof *proof, char *text, size_t size_max);

/* Reads one, checking its form only. Returns 0 or MALFORMED. */
int proof_parse(const char *text, size_t size, struct proof *proof);

/* Checks that the checkpoint is signed by a known key, and that `leaf` (hasher_leaf() of the entry)
 * stands at the index in the tree that it names. Returns 0; MALFORMED for a checkpoint that is
 * none; SIGNATURE; DAMAGED for a path that does not lead to the root. */
int proof_check(const struct proof *proof, struct hasher *hasher, const struct hash *leaf,
                const struct note_keyring *keys, struct checkpoint *checkpoint);

#endif
