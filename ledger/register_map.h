/*
 * The register's map as it follows from a ledger: whoever reads the records has it.
 *
 * Each record may tell of entries (Report.entry): the hash of that report's bytes is the entry's
 * value, its key H("tpx asset" || 0 || the asset's id) and the entry's number as 8 bytes
 * big-endian. A right's id is its kind, one byte, and its canonical number; a holding's is 0x80,
 * its instrument's symbol behind its length, and its party's code or identity. What records tell
 * waits until a root is asked for as of a later sequence, for a Seal names its root as of a
 * sequence that the reader may long have passed.
 *
 *     register_map_record(map, &record);         every record, in order
 *     register_map_root(map, m, &root);          with all that the records below m tell
 *
 * Threads: belongs to one.
 */
#ifndef LEDGER_REGISTER_MAP_H
#define LEDGER_REGISTER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/extract.h"
#include "ledger/crypto.h"
#include "ledger/map.h"
#include "ledger/record.h"

/* A key: an asset's hash, and an entry's number. */
#define REGISTER_KEY_SIZE (HASH_SIZE + 8u)
/* Most entries of a register. */
#define REGISTER_ENTRIES_MAX (UINT32_C(1) << 28)

struct register_map;

/* Of a ledger of that profile. NULL without memory. */
struct register_map *register_map_create(uint8_t profile);
void register_map_destroy(struct register_map *map);

/* Takes what a record tells. Returns 0; DAMAGED with a line in the log for an extract that does not
 * name its asset; SYSTEM without memory. */
int register_map_record(struct register_map *map, const struct record *record);

/* The root as of `as_of`, which never goes back. */
void register_map_root(struct register_map *map, uint64_t as_of, struct hash *root);

/* The map as of the last root, for proofs; it stays the register_map's. */
struct map *register_map_map(struct register_map *map);

/* Which entry a report tells of, and what its asset is called. Spans lie within the report. */
struct register_named {
    uint64_t asset_kind; /* enum asset_kind */
    uint64_t asset;
    uint64_t entry;
    uint64_t right_kind; /* RIGHT: enum right_kind */
    struct span number;
    struct span symbol; /* HOLDING: the instrument's */
    struct span party;  /* and the party's code, or identity's hash */
};

/* Begins the id of a holding, where a right's has its kind. */
#define REGISTER_HOLDING 0x80u

/* The extract in a report; size 0 when it tells of something else, as most do. */
struct span register_extract(struct span report);

/* Reads what a report tells of the register. False when it tells of something else, as most do, or
 * is none. */
bool register_read(struct span report, struct register_named *named);

/* The hash that stands for a right in keys. */
void register_right_hash(struct hasher *hasher, uint8_t kind, const char *number, size_t bytes,
                         struct hash *hash);

/* The hash that stands for what a report names. */
void register_asset_hash(struct hasher *hasher, const struct register_named *named,
                         struct hash *hash);

/* An entry's key. */
void register_key(const struct hash *asset, uint64_t entry, uint8_t key[REGISTER_KEY_SIZE]);

#endif
