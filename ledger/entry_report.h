/*
 * What a report tells of an entry of the register, for whoever keeps and finds entries.
 *
 * It is read from the report's bytes alone: nothing here knows the modules of the engine. Which
 * fields of an extract name a party, and as what, stands in one table in the source: a new kind of
 * entry needs a row there and nothing else.
 *
 * Threads: pure functions.
 */
#ifndef LEDGER_ENTRY_REPORT_H
#define LEDGER_ENTRY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/register_map.h"

/* Fields of an extract, as tpx.proto numbers them, that the table knows. */
enum {
    ENTRY_FIELD_HOLDER = 3,
    ENTRY_FIELD_OWNER = 22,
    ENTRY_FIELD_PLEDGE = 40,
    ENTRY_FIELD_PLEDGOR = 42,
    ENTRY_FIELD_PLEDGEE = 43,
    ENTRY_FIELD_DEBTOR = 44,
    ENTRY_FIELD_FREEZE = 70,
    ENTRY_FIELD_STAKE_OF = 83,
    ENTRY_FIELD_OBJECTOR = 85, /* of a transfer: the seller */
    ENTRY_FIELD_BUYER = 87,
};

/* Parties that one entry names, at most; each once a role. */
#define ENTRY_PARTIES_MAX (RIGHT_OWNERS_MAX + 4u)

struct entry_party {
    uint32_t party;
    uint8_t role; /* enum entry_role */
};

/* An asset as the exchange numbers it. */
struct asset_name {
    uint8_t kind;    /* enum asset_kind */
    uint32_t asset;  /* the right, or the instrument */
    uint32_t holder; /* HOLDING: the party; else 0 */
};

struct entry_report {
    /* Of the report. */
    uint64_t sequence;
    uint32_t place;
    int64_t time_ns;

    /* Of the extract. */
    struct register_named named; /* what its asset is called */
    struct asset_name asset;
    uint64_t entry; /* its number on the asset; 0: the asset itself */
    uint8_t kind;   /* enum entry_kind */
    uint8_t state;  /* by its kind */
    uint32_t version;
    int64_t from_ns;
    int64_t to_ns;     /* 0: in force */
    uint64_t quantity; /* units that it binds; 0: not told */
    uint64_t number;   /* by which it is registered among others of `series`; 0: none */
    uint8_t series;    /* enum entry_kind: pledges and their holds, freezes, listings, ... */
    uint32_t parties_count;
    struct entry_party parties[ENTRY_PARTIES_MAX];
};

/* Reads a report. False when it tells of something else or is none. */
bool entry_report_read(struct span report, struct entry_report *told);

/* When a report was told, of any kind; false when it is none. */
bool entry_report_time(struct span report, int64_t *time_ns);

#endif
