/*
 * Recorded answers: from a session's newest request backwards to the one with a number, and from
 * there through the records of its command, and of the Continues in which a mass cancel went on.
 *
 * The way is remembered for the session walked last (the trail), newest first and without gaps, so
 * the next number of the same session is found by halving.
 *
 * Threads: belongs to one, with its reader's lookups.
 */
#ifndef GATEWAY_ANSWER_WALK_H
#define GATEWAY_ANSWER_WALK_H

#include "gateway/lookup.h"
#include "ledger/reader.h"

/* Steps of the trail that are kept; further back each walk goes anew. */
#define ANSWER_WALK_TRAIL 65536
/* Records looked at in one step, before others have their turn. */
#define ANSWER_WALK_RECORDS 1000

enum answer_step {
    ANSWER_MORE = 0,    /* call again */
    ANSWER_RESULT = 1,  /* a result; is_last says whether the walk is over */
    ANSWER_BLOCKED = 2, /* what it needs is not durable yet */
};

struct answer_walk;

/* NULL without memory. */
struct answer_walk *answer_walk_create(struct reader *reader);
void answer_walk_destroy(struct answer_walk *walk);

bool answer_walk_is_busy(const struct answer_walk *walk);

/* Begins with a repeat; `request` is copied. The walk is not busy. */
void answer_walk_begin(struct answer_walk *walk, const struct lookup_job *job, struct span request);

/* Goes on. Returns an enum answer_step, or a failure of the reader. */
int answer_walk_step(struct answer_walk *walk, struct lookup_result *result);

#endif
