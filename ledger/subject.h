/*
 * What a record is about: the orders, accounts and sessions that its events and its request name,
 * and the instruments that were traded in it.
 *
 * A session: it is told something in the record, or the record says of it that it was made, went up
 * or down, or was killed. An account: an event on one of its orders, a mass cancel of it, an act
 * that names it. An order: an event on it for its own session, so what a stranger tried is not part
 * of its life. Trades: an event for everybody that tells one, of its instrument and of any (0).
 *
 * An approval carries out a proposal, which stands in an earlier record and names its account
 * there: subject_walk() says in which, and subject_walk_proposal() what that one names.
 *
 * Threads: pure functions.
 */
#ifndef LEDGER_SUBJECT_H
#define LEDGER_SUBJECT_H

#include "ledger/record.h"

enum subject_kind {
    SUBJECT_ORDER = 0,
    SUBJECT_ACCOUNT = 1,
    SUBJECT_SESSION = 2,
    SUBJECT_TRADES = 3, /* its id is the instrument's; 0: of all */
    SUBJECT_KINDS,
};

/* "order", "account", "session", "trades" */
const char *subject_name(enum subject_kind kind);

/* Told of each subject, some of them more than once. */
typedef void subject_taker(void *owner, enum subject_kind kind, uint64_t id);

/* Tells what one event is about. False when it is none. */
bool subject_walk_event(const struct record_event_view *event, subject_taker *take, void *owner);

/* Tells what a record is about; *proposal is the sequence that it approves, 0 when it approves
 * none. False when its bytes are no events or no request. */
bool subject_walk(const struct record *record, subject_taker *take, void *owner,
                  uint64_t *proposal);

/* Tells what the request of a proposal's record names, for the record that approves it. */
bool subject_walk_proposal(const struct record *proposal, subject_taker *take, void *owner);

#endif
