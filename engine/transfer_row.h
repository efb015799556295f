/*
 * Rows of consents and transfers. Private to the engine's own files, and a part of state.h.
 */
#ifndef ENGINE_TRANSFER_ROW_H
#define ENGINE_TRANSFER_ROW_H

#include "engine/deed_transfer.h"

struct consent {
    int64_t quantity; /* at first */
    int64_t left;     /* of it */
    int64_t floor_fen;
    int64_t payoff_fen;
    uint32_t pledge; /* 0: of a co-owner */
    uint32_t right;
    uint32_t party; /* who gave it */
    uint32_t buyer;
    uint32_t account;
    trading_date until;
    uint8_t purpose;
    bool states_payoff;
    bool is_revoked;
};

/* A transfer by agreement. Never taken out. */
struct transfer {
    int64_t price_fen;
    int64_t costs_fen;
    int64_t
        escrow_fen; /* what waits: the price until the office confirms, or what no payoff takes */
    uint64_t quantity;
    uint32_t asset;
    uint32_t seller;
    uint32_t buyer;
    uint32_t seller_account;
    uint32_t buyer_account;
    uint32_t costs_account;
    uint32_t pledgee; /* party that a payment out of escrow needs; 0: none */
    uint32_t binding;
    uint32_t consents[TRANSFER_CONSENTS_MAX];
    uint8_t consents_count;
    uint8_t asset_kind;
    uint8_t state; /* enum transfer_state */
};

#endif
