/*
 * A market on which a scenario is played: a venue, the names of who is there, and the line that is
 * being said.
 *
 * Before the first line that needs it, the stage is set: genesis with the limits that the scenario
 * asked for, the operators olga and otto, and, unless it says "closed", the day 2026-11-24 open
 * since 09:30 market time. Time stands still until a line moves it.
 */
#ifndef TESTS_SCENARIO_STAGE_H
#define TESTS_SCENARIO_STAGE_H

#include "tests/scenario/cast.h"
#include "tests/scenario/mirror.h"
#include "tests/scenario/venue.h"
#include "tests/scenario/words.h"

#define STAGE_FIRST_DAY UINT32_C(20261124)
/* No such account, instrument, key, ...: for those that are to be unknown. */
#define STAGE_NOBODY UINT32_C(99999)
/* With more orders than this the slow checks after each line are left out. */
#define STAGE_SLOW_ORDERS_MAX 10000
#define STAGE_PROPOSALS_MAX   32
#define STAGE_FUNDED_MAX      64
#define STAGE_GOT_BYTES       4096

/* What an act makes and how it is to be called, once it is done. */
struct making {
    enum cast_kind kind;
    char name[CAST_NAME_BYTES]; /* empty: nothing to name */
};

struct proposed {
    uint64_t proposal;
    struct making making;
};

/* Who says a line: what a request is stamped with. */
struct actor {
    uint32_t session;
    uint32_t key;
    uint32_t account;
    char name[CAST_NAME_BYTES];
};

struct stage {
    bool is_set;
    bool starts_closed;
    uint8_t environment;
    struct engine_limits limits;
    struct venue venue;
    struct cast cast;
    struct mirror mirror;
    uint32_t persons; /* numbers given to persons so far */
    uint64_t serials; /* of signatures, likewise */
    struct proposed proposed[STAGE_PROPOSALS_MAX];
    uint32_t proposed_count;
    uint32_t funded[STAGE_FUNDED_MAX]; /* accounts that get shares of each new instrument */
    uint32_t funded_count;

    /* Of the line that is being said. */
    struct words words;
    uint32_t repeats;          /* how often it is said */
    uint32_t sender;           /* session whose answers are the line's own; 0: the exchange */
    uint64_t own_order;        /* order that the line speaks of, 0 for none */
    bool is_check;             /* it only looks: what it saw stands in `got` */
    char got[STAGE_GOT_BYTES]; /* of a check */
};

/* What scenarios call the pools, by number. */
extern const char *const stage_pools[POOLS_END];

void stage_init(struct stage *stage);
void stage_fini(struct stage *stage);

/* Sets the stage when it is not. */
void stage_set(struct stage *stage);

/* Begins a line: what was heard before is forgotten. */
void stage_begin_line(struct stage *stage, uint32_t repeats);

/* Sends a request as `actor`; answers are the line's own. Returns its number. */
uint64_t stage_send(struct stage *stage, const struct actor *actor, const struct command *command);

/* Carries out an act as the operators, with one key or two as it needs, aside from the line. Aborts
 * when it is refused: scenarios' sets are no tests. Returns the DONE's id. */
uint64_t stage_admin(struct stage *stage, const struct act *act);

/* Names what an act makes: at once for an act, when it is approved for a proposal. */
void stage_name_made(struct stage *stage, const struct making *making, bool is_proposal);
void stage_name_approved(struct stage *stage, uint64_t proposal);

/* Lets a person join, with a participant, key, session and account of the same name. */
struct joining {
    const char *name;
    uint32_t roles;
    bool cancels_on_disconnect;
    uint32_t grace_ms;
    uint32_t owner; /* party whose its account is; 0: the person */
    bool is_funded; /* with so much that nothing is refused for lack of it */
};
void stage_join(struct stage *stage, const struct joining *joining);

/* Gives cash (instrument 0) or shares. */
void stage_give(struct stage *stage, uint32_t account, uint32_t instrument, int64_t amount);

/* Gives those who are funded shares of an instrument that is new. */
void stage_fund_all(struct stage *stage, uint32_t instrument);

/* The actor of a name, who joins when that is a new name. False when it is no name for one. */
bool stage_actor(struct stage *stage, const char *name, struct actor *actor);

/* The last event of a kind that was heard in this line for `session`; NULL when none was. */
const struct event *stage_heard(const struct stage *stage, uint8_t kind, uint32_t session);

#endif
