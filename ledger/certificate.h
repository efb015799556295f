/*
 * Certificates: what is bound on an asset, and nothing else, as of a Seal; proven to whoever has
 * the exchange's first key and nothing else.
 *
 *     tpx-certificate@v1
 *     origin <name>
 *     environment production|test
 *     number <decimal>                 of one that was asked for, not written from a ledger
 *     asset right <kind> <number>      or: asset holding <symbol> code|identity <of its party>
 *     as-of <sequence>                 what the records below it tell
 *     entry <number> <base 64>         each entry on the asset: the report that last told of it
 *     map-proof <base 64>              these entries and no others (map_proof.h)
 *     seal <base 64>                   the record that names the map's root as of the sequence
 * above genesis <index> <base 64> <path>     record 0, which names the exchange and its first key
 *     key-note <base 64>               a checkpoint over the next two, signed by a key before them
 *     key-proposed <index> <base 64> <path>
 *     key-approved <index> <base 64> <path>   two operators changed the keys; as often as they did
 *
 *     c2sp.org/tlog-proof@v1           the seal's record stands in the tree that the exchange
 * signed
 *     ...
 *
 * A certificate claims: under the root in the Seal, the entries on this asset are these. Its first
 * entry, 0, is the asset itself. There is none for an asset that nobody admitted: an absent entry 0
 * means unknown, never free.
 *
 * The command that asked for a certificate is its asker's own: it says who asked, when, and for
 * what, and that this was done under that number.
 *
 * The keys that are believed begin with the one that its reader has got elsewhere. Each checkpoint
 * that a believed key in force has signed vouches for the changes of keys below it. Genesis stands
 * under the last checkpoint. A note in a certificate carries signatures of the exchange alone, so
 * that each of its bytes is checked; those of witnesses are left out.
 *
 * What it is not: evidence of interests that need no registration here, or are kept elsewhere.
 *
 * Threads: any, with a hasher of the thread's own.
 */
#ifndef LEDGER_CERTIFICATE_H
#define LEDGER_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/deed.h"
#include "ledger/key_history.h"
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

/* A record, and the hashes from its leaf to the root of a tree, one after the other. */
struct certificate_leaf {
    uint64_t index;
    struct span record;
    struct span path;
};

struct certificate_key_change {
    struct span note; /* the checkpoint whose tree holds both */
    struct certificate_leaf proposed;
    struct certificate_leaf approved;
};

/* What a certificate is about, as it is called outside. */
struct certificate_asset {
    uint8_t kind;       /* enum asset_kind */
    uint8_t right_kind; /* RIGHT: enum right_kind */
    bool is_natural;    /* HOLDING: its party is a natural person */
    struct span number; /* RIGHT: canonical number */
    struct span symbol; /* HOLDING: the instrument's */
    struct span party;  /* HOLDING: the party's code, or identity's hash */
};

/* The hash that its entries' keys begin with. */
void certificate_asset_hash(const struct certificate_asset *asset, struct hasher *hasher,
                            struct hash *hash);

struct certificate {
    struct span origin;
    uint8_t environment; /* enum environment */
    uint64_t number;     /* 0: it has none */
    struct certificate_asset asset;
    uint64_t as_of;
    uint32_t entries_count;
    struct certificate_entry *entries; /* ascending by number */
    struct span map_proof;
    struct span seal;               /* the record */
    struct certificate_leaf issued; /* where there is a number */
    struct certificate_leaf genesis;
    uint32_t key_changes_count;
    struct certificate_key_change key_changes[KEY_CHANGES_MAX];
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
    CERTIFICATE_KEY,     /* its checkpoint is not signed by a key that follows from the one given */
    CERTIFICATE_CHAIN,   /* a change of keys is not proven */
    CERTIFICATE_TREE,    /* the Seal's record is not in the tree that was signed */
    CERTIFICATE_GENESIS, /* record 0 is another, or names another exchange */
    CERTIFICATE_NUMBER,  /* the command that asked for it is not proven, or asked for another */
    CERTIFICATE_SEAL,    /* what stands there is no Seal as of that sequence */
    CERTIFICATE_ENTRIES, /* the entries are not all those on the asset under the Seal's root */
    CERTIFICATE_ASSET,   /* an entry speaks of another asset, or entry 0 is missing */
    CERTIFICATE_SYSTEM,  /* no memory */
};

/* Checks everything that a certificate claims, believing in `given` alone: the exchange's first
 * key, or a later one. *checkpoint is what the exchange signed, when the certificate holds. */
enum certificate_fault certificate_check(const struct certificate *certificate,
                                         struct hasher *hasher, const struct note_verifier *given,
                                         struct checkpoint *checkpoint);

#endif
