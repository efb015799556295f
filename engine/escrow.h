/*
 * Escrow: cash that lies in no account and waits for whom it is for. Private to the engine's own
 * files.
 *
 * All cash that came into the exchange lies in an account or in escrow (check.c). Each module knows
 * how much of it is its own.
 */
#ifndef ENGINE_ESCROW_H
#define ENGINE_ESCROW_H

#include "engine/emit.h"

/* A movement for a listing, told to the participant of the account. */
struct escrow_entry {
    uint8_t move; /* enum escrow_move */
    uint32_t listing;
    uint32_t party;
    uint32_t account;
    int64_t amount_fen;
};

static inline void escrow_tell(const struct call *call, const struct escrow_entry *entry) {
    *emit_next(call->sink) =
        (struct event){.kind = EVENT_ESCROW,
                       .audience = AUDIENCE_PARTICIPANT,
                       .to = account_at(call->engine, entry->account)->participant,
                       .id = entry->listing,
                       .price_fen = entry->amount_fen,
                       .account = entry->account,
                       .party = entry->party,
                       .act = entry->move};
}

/* Cash of an account that nothing has reserved: no order, and no freeze. */
static inline int64_t escrow_free_fen(const struct engine *engine, uint32_t account) {
    const struct account *row = account_at(engine, account);
    return row->cash_fen - row->reserved_fen;
}

/* From an account, which has so much free; and back, or to another. */
static inline void escrow_take(const struct call *call, const struct escrow_entry *entry) {
    assert(entry->amount_fen >= 0 &&
           entry->amount_fen <= escrow_free_fen(call->engine, entry->account));
    account_at(call->engine, entry->account)->cash_fen -= entry->amount_fen;
    call->engine->escrow_fen += entry->amount_fen;
    if (entry->amount_fen != 0)
        escrow_tell(call, entry);
}

static inline void escrow_pay(const struct call *call, const struct escrow_entry *entry) {
    assert(entry->amount_fen >= 0 && entry->amount_fen <= call->engine->escrow_fen);
    call->engine->escrow_fen -= entry->amount_fen;
    account_at(call->engine, entry->account)->cash_fen += entry->amount_fen;
    if (entry->amount_fen != 0)
        escrow_tell(call, entry);
}

#endif
