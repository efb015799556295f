/*
 * Random lives of parties and rights against a model of arrays, written to be obviously right: who
 * is refused, and for what; what every right is like after each command; that an entry is told
 * whenever a right changes, and only then; and that a second engine, told the same, is the same.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/date.h"
#include "engine/view.h"
#include "tests/property/seed.h"
#include "tests/scenario/venue.h"
#include "tests/unit/rig.h"

#define STEPS       4000
#define PARTIES_MAX 12u
#define RIGHTS_MAX  12u
/* Numbers and codes are few, so that they meet again. */
#define NAMES 15u

struct naive_right {
    uint8_t kind;
    uint32_t name;
    uint32_t status;
    trading_date term_end;
    uint32_t version;
    bool is_licence;
    trading_date appraised;
    uint32_t owners_count;
    struct right_owner owners[RIGHT_OWNERS_MAX];
};

struct world {
    struct random random;
    struct venue venue;
    uint32_t registrar;                /* its session and key */
    uint32_t parties[PARTIES_MAX + 1]; /* by number: the name, from 1 */
    uint32_t parties_count;
    struct naive_right rights[RIGHTS_MAX + 1];
    uint32_t rights_count;
    uint32_t licences_told; /* entries on the rights that they are of: made, and ended */
};

/* --- the model ---------------------------------------------------------------------------------
 */

static bool is_over(const struct world *world, trading_date date) {
    return date_end_ns(date) <= world->venue.time_ns;
}

static enum reason naive_owners(const struct world *world, const struct admit_right *admit) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < admit->owners_count; i++) {
        if (admit->owners[i].party == 0 || admit->owners[i].party > world->parties_count)
            return REASON_UNKNOWN_PARTY;
        for (uint32_t k = 0; k < i; k++)
            if (admit->owners[k].party == admit->owners[i].party)
                return REASON_ALREADY_EXISTS;
        if (admit->owners[i].ppm == 0)
            return REASON_OUT_OF_LIMITS;
        sum += admit->owners[i].ppm;
    }
    return sum == RIGHT_WHOLE_PPM ? REASON_NONE : REASON_OUT_OF_LIMITS;
}

static enum reason naive_admit(struct world *world, const struct admit_right *admit,
                               uint32_t name) {
    for (uint32_t i = 1; i <= world->rights_count; i++)
        if (world->rights[i].kind == admit->kind && world->rights[i].name == name)
            return REASON_ALREADY_EXISTS;
    if ((admit->kind >= RIGHT_LICENCE_EXCLUSIVE) != (admit->licence_of != 0))
        return REASON_BAD_COMBINATION;
    if (admit->licence_of > world->rights_count)
        return REASON_UNKNOWN_RIGHT;
    const struct naive_right *of = &world->rights[admit->licence_of];
    if (admit->licence_of != 0 && of->kind >= RIGHT_LICENCE_EXCLUSIVE)
        return REASON_BAD_COMBINATION;
    if (admit->licence_of != 0 && (of->status & RIGHT_STATUS_FINAL) != 0)
        return REASON_RIGHT_LAPSED;
    if (admit->term_end != 0 && is_over(world, admit->term_end))
        return REASON_RIGHT_LAPSED;
    if ((admit->status & RIGHT_STATUS_FINAL) != 0)
        return REASON_RIGHT_LAPSED;
    enum reason reason = naive_owners(world, admit);
    if (reason != REASON_NONE)
        return reason;
    if (world->rights_count == RIGHTS_MAX)
        return REASON_LIMIT_REACHED;
    struct naive_right *right = &world->rights[++world->rights_count];
    *right = (struct naive_right){.kind = admit->kind,
                                  .name = name,
                                  .status = admit->status,
                                  .term_end = admit->term_end,
                                  .version = 1,
                                  .owners_count = admit->owners_count};
    memcpy(right->owners, admit->owners, sizeof right->owners);
    right->is_licence = admit->licence_of != 0;
    world->licences_told += right->is_licence;
    return REASON_NONE;
}

static enum reason naive_status(struct world *world, const struct set_right_status *set) {
    if (set->right == 0 || set->right > world->rights_count)
        return REASON_UNKNOWN_RIGHT;
    struct naive_right *right = &world->rights[set->right];
    if ((set->set & set->clear) != 0 || (set->set | set->clear) == 0)
        return REASON_BAD_COMBINATION;
    if ((set->clear & RIGHT_STATUS_FINAL) != 0)
        return REASON_WRONG_STATE;
    if ((right->status & RIGHT_LAPSED) != 0)
        return REASON_RIGHT_LAPSED;
    if ((right->status & RIGHT_INVALIDATED) != 0)
        return REASON_RIGHT_INVALIDATED;
    uint32_t status = (right->status | set->set) & ~set->clear;
    if (status == right->status)
        return REASON_WRONG_STATE;
    right->status = status;
    right->version++;
    world->licences_told += right->is_licence && (status & RIGHT_STATUS_FINAL) != 0;
    return REASON_NONE;
}

static enum reason naive_appraise(struct world *world, const struct appraise *appraise) {
    if (appraise->right == 0 || appraise->right > world->rights_count)
        return REASON_UNKNOWN_RIGHT;
    struct naive_right *right = &world->rights[appraise->right];
    if ((right->status & RIGHT_STATUS_FINAL) != 0)
        return REASON_RIGHT_LAPSED;
    if (appraise->dated < right->appraised || appraise->expires < appraise->dated)
        return REASON_BAD_DATE;
    right->appraised = appraise->dated;
    return REASON_NONE;
}

/* Terms that have ended since. */
static void naive_time(struct world *world) {
    for (uint32_t i = 1; i <= world->rights_count; i++) {
        struct naive_right *right = &world->rights[i];
        bool has_ended =
            right->term_end != 0 && date_end_ns(right->term_end) < world->venue.time_ns;
        if (!has_ended || (right->status & RIGHT_STATUS_FINAL) != 0)
            continue;
        right->status |= RIGHT_LAPSED;
        right->version++;
        world->licences_told += right->is_licence;
    }
}

/* --- random deeds ------------------------------------------------------------------------------
 */

static trading_date random_date(struct random *random) {
    return 20260918 + random_below(random, 11); /* around RIG_START_NS */
}

static void random_party(struct world *world, struct deed *deed, enum reason *expected) {
    uint32_t name = random_between(&world->random, 1, NAMES);
    struct add_party *add = &deed->add_party;
    deed->kind = DEED_ADD_PARTY;
    add->code_bytes = (uint8_t)snprintf(add->code, sizeof add->code, "P%u", name);
    add->name_bytes = 4;
    for (uint32_t i = 1; i <= world->parties_count; i++)
        if (world->parties[i] == name)
            *expected = REASON_ALREADY_EXISTS;
    if (*expected == REASON_NONE && world->parties_count == PARTIES_MAX)
        *expected = REASON_LIMIT_REACHED;
    if (*expected == REASON_NONE)
        world->parties[++world->parties_count] = name;
}

static void random_owners(struct world *world, struct admit_right *admit) {
    struct random *random = &world->random;
    uint32_t left = RIGHT_WHOLE_PPM;
    admit->owners_count = random_between(random, 1, 3);
    for (uint32_t i = 0; i < admit->owners_count; i++) {
        struct right_owner *owner = &admit->owners[i];
        owner->party = random_below(random, world->parties_count + 2);
        owner->ppm = i + 1 == admit->owners_count ? left : random_below(random, left + 1);
        left -= owner->ppm;
    }
    if (random_once_in(random, 10))
        admit->owners[0].ppm ^= 1;
}

static void random_admit(struct world *world, struct deed *deed, enum reason *expected) {
    struct random *random = &world->random;
    struct admit_right *admit = &deed->admit_right;
    uint32_t name = random_between(random, 1, NAMES);
    deed->kind = DEED_ADMIT_RIGHT;
    admit->kind = (uint8_t)random_between(random, RIGHT_INVENTION, RIGHT_LICENCE_ORDINARY);
    admit->office = OFFICE_CNIPA;
    admit->number_bytes = (uint8_t)snprintf(admit->number, sizeof admit->number, "N%u", name);
    admit->title_bytes = 4;
    admit->status =
        random_once_in(random, 10) ? random_below(random, RIGHT_STATUS_ALL + 1) : RIGHT_GRANTED;
    admit->term_end = random_once_in(random, 3) ? DATE_NONE : random_date(random);
    if (admit->kind >= RIGHT_LICENCE_EXCLUSIVE || random_once_in(random, 10))
        admit->licence_of = random_below(random, world->rights_count + 2);
    random_owners(world, admit);
    *expected = naive_admit(world, admit, name);
}

static void random_deed(struct world *world, struct deed *deed, enum reason *expected) {
    struct random *random = &world->random;
    *deed = (struct deed){0};
    *expected = REASON_NONE;
    switch (random_below(random, 5)) {
    case 0:
        random_party(world, deed, expected);
        return;
    case 1:
        random_admit(world, deed, expected);
        return;
    case 2:
        deed->kind = DEED_APPRAISE;
        deed->appraise = (struct appraise){.right = random_below(random, world->rights_count + 2),
                                           .method = APPRAISAL_COST,
                                           .value_fen = 5,
                                           .dated = random_date(random),
                                           .expires = random_date(random)};
        *expected = naive_appraise(world, &deed->appraise);
        return;
    default:
        deed->kind = DEED_SET_RIGHT_STATUS;
        deed->set_right_status.right = random_below(random, world->rights_count + 2);
        deed->set_right_status.set =
            (1u << random_below(random, 7)) & ~(uint32_t)RIGHT_STATUS_FINAL;
        if (random_once_in(random, 2))
            deed->set_right_status.clear = 1u << random_below(random, 7);
        if (random_once_in(random, 40))
            deed->set_right_status.set = RIGHT_LAPSED << random_below(random, 1);
        *expected = naive_status(world, &deed->set_right_status);
    }
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static void compare_rights(const struct world *world) {
    const struct engine *engine = world->venue.engine;
    assert_int_equal(engine_count(engine, POOL_PARTIES), world->parties_count);
    assert_int_equal(engine_count(engine, POOL_RIGHTS), world->rights_count);
    for (uint32_t i = 1; i <= world->rights_count; i++) {
        const struct naive_right *right = &world->rights[i];
        struct right_view view;
        assert_true(engine_right(engine, i, &view));
        assert_int_equal(view.kind, right->kind);
        assert_int_equal(view.status, right->status);
        assert_int_equal(view.version, right->version);
        assert_int_equal(view.appraised, right->appraised);
        assert_int_equal(view.owners_count, right->owners_count);
        assert_memory_equal(view.owners, right->owners,
                            right->owners_count * sizeof *right->owners);
    }
}

/* The answer, and how many entries were told since the venue forgot. */
static enum reason answer_of(const struct world *world, uint32_t *entries) {
    enum reason reason = REASON_NONE;
    bool is_answered = false;
    *entries = 0;
    for (size_t i = 0; i < world->venue.heard_count; i++) {
        const struct event *event = &world->venue.heard[i].event;
        *entries += event->kind == EVENT_ENTRY;
        if (event->kind != EVENT_DONE && event->kind != EVENT_REJECTED)
            continue;
        is_answered = true;
        reason = event->kind == EVENT_REJECTED ? (enum reason)event->reason : REASON_NONE;
    }
    assert_true(is_answered);
    return reason;
}

static uint32_t versions_of(const struct world *world) {
    uint32_t sum = world->licences_told;
    for (uint32_t i = 1; i <= world->rights_count; i++)
        sum += world->rights[i].version;
    return sum;
}

static void step(struct world *world) {
    struct command command = {.verb = VERB_DEED};
    enum reason expected;
    uint32_t entries;
    uint32_t versions = versions_of(world);
    venue_forget(&world->venue);
    if (random_once_in(&world->random, 15))
        world->venue.time_ns += NS_PER_DAY / 4;
    naive_time(world);
    random_deed(world, &command.deed, &expected);
    venue_request(&world->venue, world->registrar, world->registrar, &command);
    assert_int_equal(answer_of(world, &entries), expected);
    assert_int_equal(entries, versions_of(world) - versions);
    compare_rights(world);
    engine_check(world->venue.engine);
}

/* --- the run -----------------------------------------------------------------------------------
 */

static void add_registrar(struct world *world) {
    struct venue *venue = &world->venue;
    struct command command = {.verb = VERB_ACT};
    command.act =
        (struct act){.kind = ACT_ADD_PARTICIPANT,
                     .add_participant = {
                         .roles = ROLE_REGISTRAR, .code_bytes = 2, .code = "ZZ", .name_bytes = 4}};
    venue_request(venue, 1, 1, &command);
    command.act =
        (struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = 2, .person = 9, .key = {9}}};
    venue_request(venue, 1, 1, &command);
    command.act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = 2}};
    venue_request(venue, 1, 1, &command);
    world->registrar = 3;
}

static int begin(void **state) {
    static struct world world;
    world.random = seed_begin();
    *state = &world;
    return 0;
}

static void the_register_says_what_the_obvious_one_says(void **state) {
    struct world *world = *state;
    struct engine_limits limits = rig_limits();
    uint64_t steps = seed_steps(STEPS);
    limits.limit[POOL_PARTIES] = limits.ceiling[POOL_PARTIES] = PARTIES_MAX;
    limits.limit[POOL_RIGHTS] = limits.ceiling[POOL_RIGHTS] = RIGHTS_MAX;
    limits.limit[POOL_STAKES] = limits.ceiling[POOL_STAKES] = RIGHTS_MAX * RIGHT_OWNERS_MAX;
    limits.limit[POOL_TIMERS] = limits.ceiling[POOL_TIMERS] = RIGHTS_MAX + 9;
    while (steps > 0) {
        world->parties_count = 0;
        world->rights_count = 0;
        venue_init(&world->venue, &limits, ENVIRONMENT_TEST, RIG_START_NS);
        add_registrar(world);
        for (uint32_t i = 0; i < 200 && steps > 0; i++, steps--)
            step(world);
        venue_move(&world->venue);
        venue_replay(&world->venue);
        venue_fini(&world->venue);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_register_says_what_the_obvious_one_says),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
