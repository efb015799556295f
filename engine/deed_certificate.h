/*
 * Deeds about certificates, and about the rank that one may reserve (engine/deed.h).
 */
#ifndef ENGINE_DEED_CERTIFICATE_H
#define ENGINE_DEED_CERTIFICATE_H

#include "engine/types.h"

enum {
    RESERVE_DAYS_MAX = 60, /* for which a rank may be reserved, the first day left out */
};

/* Asks for a certificate: of an asset, or of everything that names a party. It is answered with the
 * certificate's number; the file is made from the ledger (ledger/README.md, "Certificates"). */
struct certify {
    uint8_t asset_kind; /* enum asset_kind */
    uint32_t asset;     /* the right, or the instrument */
    uint32_t holder;    /* HOLDING: the party */
    uint32_t account;   /* HOLDING: the asker's, that has it; 0: the asker has none */
};

/* Reserves the next rank on an asset, for a party that means to take a pledge on it. */
struct reserve {
    uint8_t asset_kind; /* enum asset_kind */
    uint32_t asset;
    uint32_t holder; /* HOLDING: the party whose it is */
    uint32_t party;  /* for whom */
    trading_date until;
};

#endif
