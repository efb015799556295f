/*
 * A certificate on paper: one HTML file, Chinese first and English beside it, that prints on A4.
 *
 * The page says what the certificate says, what it does not say, and how to check it; the file is
 * the proof, and its digest stands on the page, in letters and as a QR code. A page is made of a
 * certificate that holds, and of nothing else.
 *
 * It needs nothing but a browser: no script, no font, no picture from elsewhere.
 *
 * Source: RULES.md, section 3, Answers; section 6.
 *
 * Threads: any.
 */
#ifndef GATEWAY_CERTIFICATE_PAGE_H
#define GATEWAY_CERTIFICATE_PAGE_H

#include "ledger/certificate.h"

struct certificate_page {
    const struct certificate *certificate; /* which holds */
    const struct checkpoint *checkpoint;   /* what was signed */
    int64_t sealed_ns;                     /* when the Seal was sequenced */
    const char *key;                       /* the verifier key it was checked with */
    const char *digest_name;               /* of the hash: "SHA-256" */
    struct hash digest;                    /* of the file */
};

/* Writes the page. Returns its text, which the caller frees; NULL without memory, or when an entry
 * cannot be read. */
char *certificate_page_format(const struct certificate_page *page, size_t *size);

#endif
