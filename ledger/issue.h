/*
 * Issuing certificates: the text of one that was asked for, from its draft (drafts.h), the register
 * as it is kept (register_reader.h) and the ledger.
 *
 *     struct issue *issue;
 *     issue_open(&issue, &places);
 *     if (issue_find(issue, number, &issued) == 0)        who asked, and for what
 *         issue_make(issue, &issued, &text, &size);
 *
 * What all certificates of one Seal have in common is made once (certify_frame.h).
 *
 * Threads: belongs to one.
 */
#ifndef LEDGER_ISSUE_H
#define LEDGER_ISSUE_H

#include "ledger/certificate.h"
#include "ledger/drafts.h"

/* Folders. */
struct issue_places {
    const char *ledger;
    const char *registered; /* the register's store */
    const char *drafts;
};

struct issue;

/* NOT_FOUND, DAMAGED, VERSION, SYSTEM of what it opens. */
int issue_open(struct issue **issue, const struct issue_places *places);
void issue_close(struct issue *issue);

struct issued {
    struct draft draft;
    uint32_t participant; /* that asked */
    int64_t asked_ns;
};

/* A certificate by its number. 0; NOT_FOUND without a line while its Seal is not there, or when
 * there is none, or it is kept no longer; DAMAGED, SYSTEM. */
int issue_find(struct issue *issue, uint64_t number, struct issued *issued);

/* Its text, which the caller frees. 0; NOT_FOUND without a line while no checkpoint covers it;
 * DAMAGED, SYSTEM. */
int issue_make(struct issue *issue, const struct issued *issued, char **text, size_t *size);

#endif
