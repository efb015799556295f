/*
 * Who and what a scenario has named, and the engine's numbers for them.
 *
 * One name may stand for several things of different kinds: "ann" is a participant, her session,
 * her account and her key.
 */
#ifndef TESTS_SCENARIO_CAST_H
#define TESTS_SCENARIO_CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAST_NAME_BYTES 40

enum cast_kind {
    CAST_PARTICIPANT,
    CAST_SESSION,
    CAST_ACCOUNT,
    CAST_KEY,
    CAST_ORDER,
    CAST_INSTRUMENT,
    CAST_PROPOSAL,
    CAST_PARTY,
    CAST_PARTY_KEY,
    CAST_RIGHT,
    CAST_PLEDGE,
    CAST_MANDATE,
    CAST_FREEZE,
    CAST_LISTING,
    CAST_CONSENT,
    CAST_TRANSFER,
    CAST_KINDS,
};

struct cast_name {
    enum cast_kind kind;
    uint64_t id;
    char name[CAST_NAME_BYTES];
};

struct cast {
    struct cast_name *names;
    size_t count;
    size_t room;
};

void cast_fini(struct cast *cast);

/* Names a thing, once: false when the name stands for another thing of that kind, or is too long.
 */
bool cast_bind(struct cast *cast, enum cast_kind kind, const char *name, uint64_t id);

/* The number of a name; false when nothing of that kind has it. */
bool cast_find(const struct cast *cast, enum cast_kind kind, const char *name, uint64_t *id);

/* The latest name of a number; NULL when it has none. */
const char *cast_name_of(const struct cast *cast, enum cast_kind kind, uint64_t id);

#endif
