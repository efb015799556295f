/*
 * What a crowd remembers. Private to crowd.c and crowd_check.c.
 */
#ifndef TESTS_FAULT_CROWD_MEMBER_H
#define TESTS_FAULT_CROWD_MEMBER_H

#include "bench/random.h"
#include "proto/wire.h"
#include "tests/fault/crowd.h"

#define CROWD_MEMBERS_MAX 64
#define CROWD_FAULT_MAX   256

/* A report as it was told: where it stands, and a hash of its bytes. */
struct told_report {
    uint64_t sequence;
    uint64_t hash;
    uint32_t place;
};

/* Request i + 1 of a member. */
struct sent_request {
    struct command command;
    uint64_t hash; /* of its encoded bytes */
    bool is_answered;
    struct told_report answer; /* the first report of it */
    uint32_t recorded;         /* times it was found in the ledger */
};

struct member {
    uint32_t session;
    uint32_t account;
    const struct curve_key *key;
    struct client *client; /* NULL: hung up */
    bool is_live;
    uint64_t next; /* the cursor it comes back with */
    struct sent_request *sent;
    uint64_t sent_count;
    uint64_t sent_room;
    uint64_t open_count;      /* of those sent, without an answer */
    uint64_t sent_checked;    /* up to here they are answered and stand in the ledger */
    struct told_report *told; /* ascending */
    uint64_t told_count;
    uint64_t told_room;
    uint64_t told_checked;
};

struct crowd {
    const struct trial *trial;
    struct random random;
    uint32_t count;
    uint64_t answered;
    uint64_t enough;             /* answers after which listening ends at once */
    uint64_t scanned;            /* requests below this sequence are counted */
    char fault[CROWD_FAULT_MAX]; /* what members found out by themselves */
    struct member members[CROWD_MEMBERS_MAX];
};

uint64_t crowd_hash(struct span bytes);

#endif
