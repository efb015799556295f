/*
 * Deeds about consents, and transfers by agreement off the book. Part of deed.h.
 *
 * Nothing pledged changes hands unless every pledgee of it has given a consent that the transfer
 * names; no share of a right unless every co-owner has.
 *
 * Source: RULES.md, section 3, "Effect".
 */
#ifndef ENGINE_DEED_TRANSFER_H
#define ENGINE_DEED_TRANSFER_H

#include "engine/types.h"

enum {
    TRANSFER_CONSENTS_MAX = 24,     /* that one transfer names */
    TRANSFER_NUMBER_BYTES_MAX = 32, /* as an office numbers what it registered */
};

enum consent_purpose {
    CONSENT_TRANSFER = 1,
    CONSENT_LICENCE = 2,
};

/* A pledgee's, of a pledge; or with pledge 0 a co-owner's, of a right. Signed by him. */
struct give_consent {
    uint32_t pledge;
    uint32_t right;
    uint32_t party;     /* co-owner */
    int64_t quantity;   /* units, or ppm, that may go */
    uint8_t purpose;    /* enum consent_purpose */
    uint32_t buyer;     /* party; 0: any */
    int64_t floor_fen;  /* least price of the whole quantity; of a part in proportion */
    bool states_payoff; /* without it the price waits in escrow */
    int64_t payoff_fen; /* for the whole quantity, in the same way */
    uint32_t account;   /* where it is paid to; 0 without */
    trading_date until; /* last day */
};

/* What has been agreed under it stands. */
struct revoke_consent {
    uint32_t consent;
};

/* Signed by both sides. */
struct transfer_deed {
    uint8_t asset_kind;
    uint32_t asset;
    uint32_t seller;
    uint32_t buyer;
    int64_t quantity;
    int64_t price_fen; /* for all of it */
    int64_t costs_fen; /* of it, to costs_account first */
    uint32_t costs_account;
    uint32_t seller_account; /* is paid; shares lie there */
    uint32_t buyer_account;  /* pays, and gets shares */
    uint32_t consents_count;
    struct transfer_consent {
        uint32_t consent;
    } consents[TRANSFER_CONSENTS_MAX];
};

/* The office has registered the transfer of a right: it is settled. */
struct confirm_transfer {
    uint32_t transfer;
    uint8_t number_bytes; /* the number itself stays in the record */
    uint8_t document[HASH_BYTES];
};

/* It will not: the price goes back. By the registrar; the two sides together sign. */
struct end_transfer {
    uint32_t transfer;
};

/* What waits in escrow goes to these accounts. Signed by the first pledgee and the seller. */
struct pay_out {
    uint32_t transfer;
    int64_t pledgee_fen;
    uint32_t pledgee_account;
    int64_t seller_fen; /* to the account that the transfer named */
};

#endif
