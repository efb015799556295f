/*
 * The lookup: answers from the ledger what the core's thread must not wait for.
 *
 * Pages: the reports of one session, or drop copy, in a range of records, at most one frame's
 * worth. A session's records are found by the index, up to its as-of; what it lacks, and drop
 * copies, are scanned, and many that wait share one scan: what a record costs does not depend on
 * how many ask. Repeats: the recorded answer to a request whose number is used already. The chain
 * of the session's requests is walked backwards (record_header.previous) until the number is found
 * or passed; the way walked last is remembered, so that a client that repeats a thousand requests
 * costs one walk.
 *
 * Read transactions are short (1,000 records or 10 ms); a job goes on after the others had their
 * turn. Only durable records are read; a repeat of a request that is not durable yet waits.
 *
 * Threads: a thread of its own; jobs come from and results go to the gateway's, over bounded rings.
 */
#ifndef GATEWAY_LOOKUP_H
#define GATEWAY_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "engine/reason.h"
#include "gateway/owners.h"
#include "gateway/wake.h"
#include "proto/wire.h"

enum lookup_kind { LOOKUP_PAGE = 1, LOOKUP_REPEAT = 2 };

/* A page has taken this many records without being full: it ends all the same, so that its session
 * hears something. */
#define LOOKUP_PAGE_RECORDS 100000

struct lookup_job {
    uint8_t kind;        /* enum lookup_kind */
    bool is_resume;      /* PAGE: the client asked, the frame says is_page */
    bool ends_live;      /* PAGE: when it reaches `to`, the frame says is_live */
    uint32_t session;    /* PAGE: or a drop copy (owners.h) */
    uint32_t generation; /* handed back */
    uint64_t from;       /* PAGE: first record wanted; REPEAT: the session's newest request */
    uint64_t to;         /* PAGE: one past the last, all of them durable */
    uint64_t number;     /* REPEAT */
};

struct lookup_result {
    uint8_t kind;    /* enum lookup_kind */
    bool is_resume;  /* as in the job */
    bool is_last;    /* REPEAT: no more frames follow; PAGE: always */
    bool has_frame;  /* PAGE: always; REPEAT: unless refused */
    bool is_live;    /* PAGE: the frame says so */
    uint16_t reason; /* REPEAT: NONE, DUPLICATE_CLIENT_ORDER_ID, NOT_SEQUENCED */
    uint32_t session;
    uint32_t generation;
    uint64_t from;   /* PAGE: as in the job */
    uint64_t next;   /* PAGE: the frame ends here; at job.to it was the end */
    uint64_t number; /* REPEAT */
    zmq_msg_t frame; /* PAGE: a whole ReplyFrame; REPEAT: its events, without head */
};

struct index_reader;
struct lookup;

/* Starts the thread over the ledger in `ledger_dir`. `index` (NULL: there is none) is the lookup's
 * from here on. `core` is woken for results. NULL on failure,
 * with a line in the log. */
struct lookup *lookup_create(const char *ledger_dir, const struct owners *owners,
                             struct index_reader *index, struct wake *core);
void lookup_destroy(struct lookup *lookup);

/* Hands over a job; `request` are a repeat's bytes, empty for a page. False when too many wait. */
bool lookup_submit(struct lookup *lookup, const struct lookup_job *job, struct span request);

/* The next result, whose frame is then the caller's; false when there is none. */
bool lookup_take(struct lookup *lookup, struct lookup_result *result);

/* Jobs handed over whose last result was not taken yet. */
uint32_t lookup_jobs(const struct lookup *lookup);

/* True when lookup_take() has one. */
bool lookup_has_results(const struct lookup *lookup);

/* Not 0 once the ledger could not be read: an enum failure. */
int lookup_failure(const struct lookup *lookup);

#endif
