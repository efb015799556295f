/*
 * Reading the register as it is kept (ledger/register_store.h), beside its writer: entries on an
 * asset, their versions, entries of a party or under a registration number, changes, totals; now or
 * as of any time past.
 *
 *     struct register_reader *reader;
 *     register_reader_open(&reader, "register", profile);
 *     if (register_reader_begin(reader) == 0) {
 *         struct register_walk walk = {.asset = hash, .at = {.as_of = n, .time_ns = INT64_MAX}};
 *         while ((step = register_next_entry(reader, &walk, &row)) > 0)
 *             use(row.report);                     // until register_reader_end()
 *     }
 *     register_reader_end(reader);
 *
 * Functions that step return 1 with the next row, 0 at the end, or a failure. Each walk is a struct
 * of plain values: whoever keeps it can go on later, and everything is as it was, for what an
 * answer says as of a sequence does not change any more.
 *
 * Threads: a reader belongs to one; as many as ENV_READERS_MAX allows.
 */
#ifndef LEDGER_REGISTER_READER_H
#define LEDGER_REGISTER_READER_H

#include "ledger/entry_report.h"

struct register_reader;

/* Opens the store in `dir`, of a ledger of that profile, beside its writer, or one that nobody
 * writes. NOT_FOUND, DAMAGED, VERSION, SYSTEM. */
int register_reader_open(struct register_reader **reader, const char *dir, uint8_t profile);
void register_reader_close(struct register_reader *reader);

/* Begins to read what is committed; nothing new is seen until the end, which is to come soon. 0 or
 * SYSTEM. */
int register_reader_begin(struct register_reader *reader);
void register_reader_end(struct register_reader *reader);

/* Everything below is committed, as far as is seen. 0, NOT_FOUND without a line when nothing is,
 * or a failure. */
int register_reader_as_of(struct register_reader *reader, uint64_t *as_of);

/* As of when: what records below `as_of` told that were stamped at `time_ns` or before. */
struct register_time {
    uint64_t as_of;
    int64_t time_ns; /* INT64_MAX: any */
};

/* A version of an entry. */
struct register_row {
    uint64_t entry;
    uint64_t sequence; /* of the record that told it */
    uint32_t place;
    struct span report;
};

/* Every asset's hash is found by its name. 1, 0 when nobody admitted it, or a failure. */
int register_find_asset(struct register_reader *reader, const struct asset_name *name,
                        struct hash *hash);

/* The hash of a right by what it is called outside, admitted or not. */
void register_right_of(struct register_reader *reader, uint8_t kind, const char *number,
                       size_t bytes, struct hash *hash);

/* --- by asset ----------------------------------------------------------------------------------
 */

struct register_walk {
    struct hash asset;
    uint64_t entry; /* the first one wanted; then the next */
    struct register_time at;
    uint64_t stand; /* 0 to begin with: whether the reader still stands where the walk left it */
    bool is_over;   /* likewise: nothing follows, and nothing will */
};

/* The next entry on an asset, in the version of that time. */
int register_next_entry(struct register_reader *reader, struct register_walk *walk,
                        struct register_row *row);

/* Every version of an entry or of all on an asset, in the order of their entries and of time. */
struct register_versions {
    struct hash asset;
    uint64_t entry;
    bool is_one; /* of this entry only */
    uint64_t sequence;
    uint32_t place; /* first version wanted of that entry; then the next */
    struct register_time at;
};
int register_next_version(struct register_reader *reader, struct register_versions *versions,
                          struct register_row *row);

/* --- by what an entry names --------------------------------------------------------------------
 */

/* An entry's name. */
struct register_place {
    struct asset_name asset;
    uint32_t entry;
};

/* Entries that have ever named a party, by role, then asset. */
struct register_of_party {
    uint32_t party;
    uint8_t role; /* enum entry_role; ANY: one after the other */
    uint8_t next_role;
    struct register_place next; /* first one wanted; then the next */
};
struct register_named_party {
    uint8_t role;
    struct register_place place;
};
int register_next_of_party(struct register_reader *reader, struct register_of_party *walk,
                           struct register_named_party *named);

/* Entries that are registered under a number, by asset. */
struct register_of_number {
    uint8_t series; /* enum entry_kind */
    uint64_t number;
    struct register_place next;
};
int register_next_of_number(struct register_reader *reader, struct register_of_number *walk,
                            struct register_place *place);

/* The version of one entry at a time: 1, 0 when there was none, or a failure. */
int register_find_entry(struct register_reader *reader, const struct register_place *place,
                        const struct register_time *at, struct register_row *row);

/* --- by time -----------------------------------------------------------------------------------
 */

struct register_changes {
    uint64_t sequence;
    uint32_t place; /* first one wanted; then the next */
    uint64_t to;    /* one past the last sequence */
};
int register_next_change(struct register_reader *reader, struct register_changes *changes,
                         struct register_row *row);

/* --- totals ------------------------------------------------------------------------------------
 */

/* Units of an instrument that entries of a kind bound, 0 when none ever did. 0 or a failure. */
int register_find_total(struct register_reader *reader, uint32_t instrument, uint8_t kind,
                        const struct register_time *at, uint64_t *units);

#endif
