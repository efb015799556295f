/*
 * Whatever the decoder lets through, the engine answers: requests with random values of every
 * length, sent by anybody under any key. None may stop it or break an invariant, and each is
 * answered to its sender.
 *
 *     TPX_SEED=7 TPX_STEPS=10000000 build/tests/property/test_engine_requests
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/property/random_request.h"
#include "tests/property/seed.h"
#include "tests/unit/rig.h"

#define STEPS_DEFAULT 300000
/* Steps of one market before the next begins: acts fill its pools. */
#define ROUND_STEPS 3000

/* Small numbers in place of wild ones, so that things named are there half of the time. */
static void tame_order(struct random *random, struct new_order *order) {
    if (random_once_in(random, 2))
        order->account = random_below(random, 4);
    if (random_once_in(random, 2))
        order->instrument = random_below(random, 3);
    if (random_once_in(random, 2))
        order->price_fen = 5 * (int64_t)random_below(random, 300);
    if (random_once_in(random, 2))
        order->order_qty = 100 + random_below(random, 300);
    if (random_once_in(random, 2))
        order->trading_day = 0;
}

static uint64_t some_order(struct random *random) {
    return order_id_of(random_between(random, RIG_ANN_SESSION, RIG_BOB_SESSION),
                       random_below(random, ROUND_STEPS));
}

static void tame_act(struct random *random, struct act *act) {
    uint32_t small = random_below(random, 6);
    if (random_once_in(random, 3))
        return;
    if (act->kind == ACT_KILL || act->kind == ACT_UNKILL)
        act->kill = random_once_in(random, 2) ? (struct kill){.session = small}
                                              : (struct kill){.participant = small};
    else if (act->kind == ACT_DEPOSIT)
        act->deposit = (struct deposit){small, small & 1, act->deposit.amount};
    else if (act->kind == ACT_ADD_KEY)
        act->add_key.participant = small;
    else if (act->kind == ACT_REVOKE_KEY)
        act->revoke_key.key = 4 + small;
    else if (act->kind == ACT_ADD_SESSION)
        act->add_session.participant = small;
    else if (act->kind == ACT_ADD_ACCOUNT)
        act->add_account.participant = small;
    else if (act->kind == ACT_HALT || act->kind == ACT_SET_BAND)
        act->halt.instrument = small & 1; /* the first field of both */
    else if (act->kind == ACT_RAISE_LIMIT)
        act->raise_limit.pool = small;
}

static void tame(struct random *random, struct command *command, uint64_t last_sequence) {
    if (command->verb == VERB_NEW_ORDER)
        tame_order(random, &command->new_order);
    if (command->verb == VERB_REPLACE && random_once_in(random, 2))
        command->replace = (struct replace){
            some_order(random), 5 * (int64_t)random_below(random, 300), random_below(random, 500)};
    if (command->verb == VERB_CANCEL && random_once_in(random, 2))
        command->cancel.order_id = some_order(random);
    if (command->verb == VERB_MASS_CANCEL && random_once_in(random, 2))
        command->mass_cancel = (struct mass_cancel){.account = random_below(random, 4)};
    if (command->verb == VERB_ACT || command->verb == VERB_PROPOSE)
        tame_act(random, &command->act);
    if (command->verb == VERB_APPROVE && random_once_in(random, 2))
        command->approve.proposal = last_sequence;
}

static void expect_answered(const struct rig *rig, uint32_t session) {
    size_t seen = rig->count < RIG_EVENTS_MAX ? rig->count : RIG_EVENTS_MAX;
    for (size_t i = 0; i < seen; i++)
        if (rig->events[i].audience == AUDIENCE_SESSION && rig->events[i].to == session)
            return;
    fail();
}

static void send_one(struct rig *rig, struct random *random) {
    struct random_request made;
    uint8_t verb = random_once_in(random, 2)
                       ? VERB_NEW_ORDER
                       : (uint8_t)random_between(random, VERB_NEW_ORDER, VERB_APPROVE);
    random_request_make(random, verb, &made);
    struct command *command = &made.request.command;
    uint32_t session = random_between(random, 1, engine_count(rig->engine, POOL_SESSIONS));
    uint32_t key = session;
    if (session > RIG_BOB_SESSION || random_once_in(random, 5))
        key = random_below(random, engine_count(rig->engine, POOL_KEYS) + 2);
    tame(random, command, rig->sequence - 1);
    rig_request(rig, session, key, command);
    expect_answered(rig, session);
    rig_continue(rig);
}

static void no_request_stops_the_engine(void **state) {
    (void)state;
    static struct rig rig; /* large */
    struct random random = seed_begin();
    uint64_t steps = seed_steps(STEPS_DEFAULT);
    struct engine_limits limits = rig_limits();
    for (uint64_t done = 0; done < steps; done += ROUND_STEPS) {
        rig_open(&rig, &limits, ENVIRONMENT_TEST);
        rig_populate(&rig);
        rig.checks_every = 5;
        for (uint32_t step = 0; step < ROUND_STEPS; step++)
            send_one(&rig, &random);
        rig_close(&rig);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_request_stops_the_engine)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
