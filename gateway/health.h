/*
 * Health: what the counters of an exchange say about it, in words, worst first, and where the
 * runbook goes on.
 *
 *     struct health health;
 *     health_judge(&health, &facts);
 *     health.verdict                                what it is at
 *     health.findings[i].text, .heading             why, and what to do: gateway/README.md
 *
 * Judging is pure, over facts that the caller has gathered, so that tests can hand in any.
 *
 * Threads: any.
 */
#ifndef GATEWAY_HEALTH_H
#define GATEWAY_HEALTH_H

#include "gateway/counters.h"

enum health_verdict {
    HEALTH_FINE,
    HEALTH_ATTENTION, /* it runs, and somebody should look */
    HEALTH_STOPPED,   /* cleanly */
    HEALTH_HANGS,     /* it lives and does not move */
    HEALTH_DEAD,      /* it ended otherwise */
};

/* What is to be judged. */
struct health_facts {
    const struct counters *counters;
    bool is_held;            /* a process lives (counters_are_held()) */
    char process_state;      /* as /proc says: 'T' stopped by a signal, ...; '?' not known */
    uint64_t disk_available; /* bytes that the file system has left, UINT64_MAX: not known */
    int64_t mono_ns;
    int64_t wall_ns;
    bool is_for_people; /* findings are told in the user's language, not in English */
};

#define HEALTH_TEXT_BYTES   200
#define HEALTH_FINDINGS_MAX 32

struct health_finding {
    uint8_t verdict; /* enum health_verdict: what it makes of the whole */
    char text[HEALTH_TEXT_BYTES];
    const char *heading; /* in the runbook, NULL: nothing to do but to wait */
};

struct health {
    uint8_t verdict; /* enum health_verdict */
    bool is_for_people;
    uint32_t count;
    struct health_finding findings[HEALTH_FINDINGS_MAX];
};

/* A follower is said to be behind from here on. */
#define HEALTH_LAG_NS INT64_C(5000000000)
/* A reader is said to be old from here on. */
#define HEALTH_READER_NS INT64_C(30000000000)
/* A pool is said to be nearly full from here on. */
#define HEALTH_POOL_PERCENT 80

void health_judge(struct health *health, const struct health_facts *facts);

/* "running", "needs attention", "stopped", "hangs", "dead" */
const char *health_name(enum health_verdict verdict);

/* What the exchange in these counters is at: "ready", "starting", "time held", ... */
const char *health_state(const struct counters *counters);

/* What a thread is at, as the end of "the thread ...": "waits for the disk" */
const char *health_doing(enum doing doing);

/* Whether the core's or the ledger's thread of a living server does not move. */
bool health_core_hangs(const struct counters *counters, int64_t mono_ns);
bool health_ledger_hangs(const struct counters *counters, int64_t mono_ns);

/* Who follows the ledger, ends with a NULL name; a follower whose state is 0 was never started. */
struct health_follower {
    const char *name;
    enum counter as_of;
    enum counter state; /* enum follower_state (follower.h) */
};
extern const struct health_follower health_followers[];

/* A pool's name, for people. */
const char *health_pool(enum pool pool);

/* Headings of the runbook that findings name, for a test; ends with NULL. */
extern const char *const health_headings[];

#endif
