/*
 * Views of pledges: copies, as view.h has them of the rest. Amounts are in them: who may see those
 * is the caller's question (RULES.md, section 3, "Answers").
 */
#ifndef ENGINE_VIEW_PLEDGE_H
#define ENGINE_VIEW_PLEDGE_H

#include "engine/deed_pledge.h"
#include "engine/engine.h"
#include "engine/types.h"
#include "engine/waterfall.h"

struct pledge_view {
    uint8_t state;  /* enum pledge_state */
    bool is_joined; /* the pledgee has signed, too */
    bool is_maximum;
    bool is_determined;
    bool is_overdue;
    uint16_t reason; /* REFUSED */
    uint32_t version;
    uint32_t pledgor;
    uint32_t pledgee;
    uint32_t debtor;
    uint32_t predecessor;
    int64_t secured_fen;
    int64_t base_fen; /* of it, what has the rank of its items */
    int64_t owed_fen[WATERFALL_PARTS];
    trading_date determined;
    trading_date debt_start;
    trading_date debt_end;
    uint32_t scope;
    uint32_t conditions;
    uint32_t declarations;
    uint32_t coverage_ppm;
    int64_t applied_ns;
    int64_t hold_until_ns;   /* last ns of the hold; 0: none */
    int64_t review_until_ns; /* last ns of the registrar's time; 0: it does not run */
    int64_t registered_ns;
    uint64_t registered;
    uint32_t items_count;
    uint8_t contract[HASH_BYTES];
    uint8_t terms[HASH_BYTES];
};
bool engine_pledge(const struct engine *engine, uint32_t pledge, struct pledge_view *view);

struct pledge_item_view {
    uint8_t asset_kind; /* enum asset_kind */
    uint8_t office;
    uint8_t standing; /* enum office_standing; 0: not registered */
    uint32_t asset;
    uint32_t account;
    uint64_t units;  /* pledged now */
    uint64_t agreed; /* at first */
    int64_t value_fen;
    uint32_t appraiser;
    trading_date valued;
    uint32_t entry; /* of the hold or pledge on its asset */
    uint32_t rank;  /* among the pledges in force on the asset, from 1; 0: not in force */
    int64_t effective_ns;
    int64_t compared_ns;
    uint8_t number_bytes;
    char number[AUTHORITY_NUMBER_BYTES_MAX];
    uint8_t document[HASH_BYTES];
};
/* Its place is 1 .. items_count. */
bool engine_pledge_item(const struct engine *engine, uint32_t pledge, uint32_t place,
                        struct pledge_item_view *view);

#endif
