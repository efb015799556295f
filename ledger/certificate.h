/*
 * Certificates: what is bound on a right, and nothing else, as of a Seal; proven to whoever has the
 * exchange's key and nothing else.
 *
 *     tpx-certificate@v1
 *     asset right <kind> <number>
 *     as-of <sequence>                what the records below it tell
 *     entry <number> <base 64>        each entry on the asset: the report that last told of it
 *     map-proof <base 64>             these entries and no others (map_proof.h)
 *     seal <base 64>                  the record that names the map's root as of the sequence above
 *
 *     c2sp.org/tlog-proof@v1          the seal's record stands in the tree that the exchange signed
 *     ...
 *
 * A certificate claims: under the root in the Seal, the entries on this asset are these. Its first
 * entry, 0, is the asset itself. There is none for an asset that nobody admitted: an absent entry 0
 * means unknown, never free.
 *
 * What it is not: evidence of interests that need no registration here, or are kept elsewhere.
 *
 * Threads: any, with a hasher of the thread's own.
 */
#ifndef LEDGER_CERTIFICATE_H
#define LEDGER_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/deed.h"
#include "ledger/proof.h"
#include "proto/wire.h"

/* Entries of one certificate, at most: those on one asset. */
#define CERTIFICATE_ENTRIES_MAX 4096u
/* Bytes of the longest. */
#define CERTIFICATE_SIZE_MAX (8u << 20)

struct certificate_entry {
    uint64_t number;
    struct span report; /* an encoded Report, as the ledger holds it */
};

struct certificate {
    uint8_t right_kind; /* enum right_kind */
    uint8_t number_bytes;
    char number[RIGHT_NUMBER_BYTES_MAX];
    uint64_t as_of;
    uint32_t entries_count;
    struct certificate_entry *entries; /* ascending by number */
    struct span map_proof;
    struct span seal;  /* the record */
    const char *proof; /* the text of a proof file */
    size_t proof_size;
};

/* Writes a certificate. Returns its text, which the caller frees, with its size in *size; NULL
 * without memory. */
char *certificate_format(const struct certificate *certificate, size_t *size);

/* Reads one, checking its form only. Returns it, which certificate_free() releases and whose
 * pointers lead into itself; NULL when the text is none, or without memory. */
struct certificate *certificate_parse(const char *text, size_t size);
void certificate_free(struct certificate *certificate);

/* Where a certificate is wrong. */
enum certificate_fault {
    CERTIFICATE_HOLDS = 0,
    CERTIFICATE_KEY,     /* no known key signed its checkpoint, or one of them wrongly */
    CERTIFICATE_TREE,    /* the Seal's record is not the last leaf of the tree that was signed */
    CERTIFICATE_SEAL,    /* what stands there is no Seal as of that sequence */
    CERTIFICATE_ENTRIES, /* the entries are not all those on the asset under the Seal's root */
    CERTIFICATE_ASSET,   /* an entry speaks of another asset, or entry 0 does not name this one */
    CERTIFICATE_SYSTEM,  /* no memory */
};

/* Checks everything that a certificate claims. *checkpoint is what the exchange signed, when the
 * certificate holds. */
enum certificate_fault certificate_check(const struct certificate *certificate,
                                         struct hasher *hasher, const struct note_keyring *keys,
                                         struct checkpoint *checkpoint);

#endif
