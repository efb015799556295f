/*
 * Sweeps that are not done in one command, and what may come in between: sweep.c is compiled here
 * once more, to look at no more than two orders, or ends of a list, a command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/types.h"
#undef SWEEP_ORDERS_MAX
#undef SWEEP_AHEAD_MAX
#define SWEEP_ORDERS_MAX 2u
#define SWEEP_AHEAD_MAX  20u
#include "engine/sweep.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */

#include "tests/unit/rig.h"

enum { ORDERS = 6, OTHER = 2 };

static void enter_many(struct rig *rig, uint64_t ids[ORDERS]) {
    for (int i = 0; i < ORDERS; i++)
        ids[i] = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000 - 5 * i, 100);
}

static void mass_cancel(struct rig *rig, uint32_t session, uint32_t key,
                        struct mass_cancel filter) {
    struct command command = {.verb = VERB_MASS_CANCEL, .mass_cancel = filter};
    rig_request(rig, session, key, &command);
}

static void go_on_once(struct rig *rig) {
    assert_true(engine_continue_due(rig->engine));
    struct command command = engine_continue(rig->engine);
    rig_own(rig, &command);
}

static void own(struct rig *rig, enum verb verb, uint32_t session) {
    struct command command = {.verb = (uint8_t)verb};
    if (verb == VERB_SESSION_UP)
        command.session_up.session = session;
    else if (verb == VERB_SESSION_DOWN)
        command.session_down.session = session;
    rig_own(rig, &command);
}

/* Instrument 2, like HX; ann has cash for it, bob has shares. */
static void add_another(struct rig *rig) {
    const struct act add = {
        .kind = ACT_ADD_INSTRUMENT,
        .add_instrument = {
            .symbol_bytes = 2, .symbol = "HY", .tick_fen = 5, .lot_min = 100, .lot_step = 1}};
    const struct act shares = {
        .kind = ACT_DEPOSIT,
        .deposit = {.account = RIG_BOB_ACCOUNT, .instrument = OTHER, .amount = 10000}};
    rig_act(rig, &add);
    assert_int_equal(rig_expect_done(rig), OTHER);
    rig_act(rig, &shares);
    rig_expect_done(rig);
}

static uint64_t enter_other(struct rig *rig, uint32_t session, enum side side) {
    struct new_order order = rig_limit(session, side, 1000, 100);
    order.instrument = OTHER;
    return rig_enter(rig, session, &order);
}

static enum phase phase_of(const struct rig *rig, uint32_t instrument) {
    struct instrument_view view;
    assert_true(engine_instrument(rig->engine, instrument, &view));
    return (enum phase)view.phase;
}

/* CONTINUEs to the end of all sweeps; the count that the last MASS_CANCELED told. */
static uint64_t finish(struct rig *rig) {
    uint64_t told = 0;
    while (engine_continue_due(rig->engine)) {
        go_on_once(rig);
        if (rig_event(rig, EVENT_MASS_CANCELED, NULL) != NULL)
            told = rig_event(rig, EVENT_MASS_CANCELED, NULL)->value;
    }
    return told;
}

static void what_is_swept_is_closed_until_the_sweep_is_done(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){.instrument = RIG_HX});
    assert_true(engine_continue_due(rig->engine));
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 100);
    assert_int_equal(rig_expect_refused(rig, REASON_HALTED)->field, FIELD_INSTRUMENT);
    rig_replace(rig, RIG_ANN_SESSION, ids[0], 990, 100); /* the newest go first */
    rig_expect_refused(rig, REASON_HALTED);
    assert_int_equal(finish(rig), ORDERS);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_BUY, 1000, 100);
    assert_int_equal(rig->events[0].kind, EVENT_NEW);
}

/* A cancel is taken meanwhile, also of the very order that the sweep would look at next. */
static void a_cancel_in_between_is_stepped_over(void **state) {
    struct rig *rig = *state;
    for (int victim = 0; victim < ORDERS; victim++) {
        uint64_t ids[ORDERS];
        struct order_view order;
        enter_many(rig, ids);
        mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
        go_on_once(rig);
        bool is_there = engine_order(rig->engine, ids[victim], &order);
        rig_cancel(rig, RIG_ANN_SESSION, ids[victim]);
        assert_int_equal(rig->events[0].kind, is_there ? EVENT_CANCELED : EVENT_REJECTED);
        assert_int_equal(finish(rig), is_there ? ORDERS - 1 : ORDERS);
        assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    }
}

/* Closed is where the session has orders, told to everybody; what it enters elsewhere meanwhile is
 * not touched. */
static void what_a_session_has_closes_where_it_has_it(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    add_another(rig);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    assert_int_equal(rig_event(rig, EVENT_PHASE, NULL)->instrument, RIG_HX);
    assert_int_equal(rig_event(rig, EVENT_PHASE, NULL)->phase, PHASE_HALTED);
    assert_int_equal(rig_events(rig, EVENT_PHASE), 1);
    assert_int_equal(phase_of(rig, RIG_HX), PHASE_HALTED);
    assert_int_equal(phase_of(rig, OTHER), PHASE_CONTINUOUS);
    uint64_t later = enter_other(rig, RIG_ANN_SESSION, SIDE_BUY);
    assert_int_equal(finish(rig), ORDERS);
    assert_int_equal(rig_event(rig, EVENT_PHASE, NULL)->instrument, RIG_HX);
    assert_int_equal(rig_event(rig, EVENT_PHASE, NULL)->phase, PHASE_CONTINUOUS);
    assert_int_equal(phase_of(rig, RIG_HX), PHASE_CONTINUOUS);
    rig_expect_resting(rig, later);
}

/* The cursor stands at an order of an instrument that is open. */
static void a_trade_in_between_is_stepped_over(void **state) {
    struct rig *rig = *state;
    uint64_t elsewhere[ORDERS];
    add_another(rig);
    uint64_t here = rig_enter_limit(rig, RIG_ANN_SESSION, SIDE_BUY, 1000, 100);
    for (int i = 0; i < ORDERS; i++)
        elsewhere[i] = enter_other(rig, RIG_ANN_SESSION, SIDE_BUY);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY,
                (struct mass_cancel){.session = RIG_ANN_SESSION, .instrument = RIG_HX});
    assert_int_equal(rig->count, 1); /* the phase */
    for (int i = 0; i < ORDERS; i++) {
        enter_other(rig, RIG_BOB_SESSION, SIDE_SELL);
        rig_expect_gone(rig, elsewhere[i]);
    }
    assert_int_equal(finish(rig), 1);
    rig_expect_gone(rig, here);
}

/* What one command can do does not wait for a sweep that needs more. */
static void a_short_sweep_does_not_wait_for_a_long_one(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    mass_cancel(rig, RIG_BOB_SESSION, RIG_BOB_KEY, (struct mass_cancel){0});
    assert_int_equal(rig->events[0].kind, EVENT_MASS_CANCELED);
    assert_int_equal(rig->events[0].to, RIG_BOB_SESSION);
    assert_int_equal(finish(rig), ORDERS);
}

static void long_sweeps_are_done_one_after_the_other(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    for (int i = 0; i < ORDERS; i++)
        rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1100, 100);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    mass_cancel(rig, RIG_BOB_SESSION, RIG_BOB_KEY, (struct mass_cancel){0});
    const struct act kill = {.kind = ACT_KILL, .kill = {.participant = RIG_BOB}};
    rig_act(rig, &kill);
    assert_int_equal(rig->events[0].kind, EVENT_DONE);
    uint32_t told[2] = {0, 0};
    for (uint32_t done = 0; engine_continue_due(rig->engine);) {
        go_on_once(rig);
        const struct event *event = rig_event(rig, EVENT_MASS_CANCELED, NULL);
        if (event != NULL)
            told[done++] = event->to;
    }
    assert_int_equal(told[0], RIG_ANN_SESSION);
    assert_int_equal(told[1], RIG_BOB_SESSION);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    rig_enter_limit(rig, RIG_BOB_SESSION, SIDE_SELL, 1100, 100);
    rig_expect_refused(rig, REASON_KILLED);
}

static void expect_too_many(const struct rig *rig, int64_t limit) {
    const struct event *refused = rig_expect_refused(rig, REASON_LIMIT_REACHED);
    assert_int_equal(refused->field, FIELD_SWEEPS);
    assert_int_equal(refused->limit, limit);
}

static void a_participant_has_no_more_than_a_few_unfinished_mass_cancels(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    for (uint32_t i = 0; i < SWEEPS_MASS_EACH_MAX; i++)
        mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){.account = 1});
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){.account = 1});
    expect_too_many(rig, SWEEPS_MASS_EACH_MAX);
    mass_cancel(rig, RIG_BOB_SESSION, RIG_BOB_KEY, (struct mass_cancel){0});
    assert_true(rig->count == 0 || rig->events[0].kind != EVENT_REJECTED);
    finish(rig);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){.account = 1});
    finish(rig);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
}

/* Each of five brokers has as many as he may, but for the last. */
static void all_together_have_no_more_than_some(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    for (uint32_t broker = 0; broker * SWEEPS_MASS_EACH_MAX < SWEEPS_MASS_MAX; broker++) {
        struct act add = {.kind = ACT_ADD_PARTICIPANT,
                          .add_participant = {.roles = ROLE_BROKER,
                                              .code_bytes = 1,
                                              .code = {(char)('K' + broker)}}};
        rig_act(rig, &add);
        uint32_t participant = (uint32_t)rig_expect_done(rig);
        struct act key = {.kind = ACT_ADD_KEY,
                          .add_key = {participant, 40 + broker, {(uint8_t)(40 + broker)}}};
        rig_act(rig, &key);
        uint32_t number = (uint32_t)rig_expect_done(rig);
        struct act session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
        rig_act(rig, &session);
        uint32_t made = (uint32_t)rig_expect_done(rig);
        for (uint32_t i = 0; i < SWEEPS_MASS_EACH_MAX; i++) {
            mass_cancel(rig, made, number, (struct mass_cancel){.participant = participant});
            assert_true(rig->count == 0 || rig->events[0].kind != EVENT_REJECTED);
        }
    }
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    expect_too_many(rig, SWEEPS_MASS_MAX);
    const struct act kill = {.kind = ACT_KILL, .kill = {.participant = RIG_ANN}};
    for (uint32_t i = 0; i < SWEEPS_ACTS_MAX; i++) { /* acts have room of their own */
        rig_act(rig, &kill);
        rig_expect_done(rig);
    }
    rig_act(rig, &kill);
    expect_too_many(rig, SWEEPS_ACTS_MAX);
    finish(rig);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
}

/* More orders than are looked through: every instrument is closed. */
static void behind_too_many_orders_every_instrument_is_closed(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    add_another(rig);
    for (uint32_t i = 0; i <= SWEEP_AHEAD_MAX / ORDERS; i++)
        enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    assert_int_equal(phase_of(rig, OTHER), PHASE_HALTED);
    enter_other(rig, RIG_ANN_SESSION, SIDE_BUY);
    rig_expect_refused(rig, REASON_HALTED);
    finish(rig);
    assert_int_equal(rig_event(rig, EVENT_DAY, NULL)->phase, PHASE_CONTINUOUS);
    assert_int_equal(phase_of(rig, OTHER), PHASE_CONTINUOUS);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
}

/* A session of ann's that cancels on disconnect without a grace. */
static uint32_t add_careful_session(struct rig *rig, uint32_t grace_ms) {
    const struct act add = {.kind = ACT_ADD_SESSION,
                            .add_session = {.participant = RIG_ANN,
                                            .cancels_on_disconnect = true,
                                            .grace_ms = grace_ms}};
    rig_act(rig, &add);
    return (uint32_t)rig_expect_done(rig);
}

static uint64_t enter_as(struct rig *rig, uint32_t session, uint32_t instrument) {
    struct command command = {.verb = VERB_NEW_ORDER,
                              .new_order = rig_limit(RIG_ANN_SESSION, SIDE_BUY, 1000, 100)};
    command.new_order.instrument = instrument;
    uint64_t id = rig_request(rig, session, RIG_ANN_KEY, &command);
    assert_int_equal(rig->events[0].kind, EVENT_NEW);
    return id;
}

/* It is back and gone again before its sweep has ended: what it entered meanwhile goes too. */
static void a_session_that_is_lost_again_loses_what_it_entered_meanwhile(void **state) {
    struct rig *rig = *state;
    add_another(rig);
    uint32_t session = add_careful_session(rig, 0);
    own(rig, VERB_SESSION_UP, session);
    for (int i = 0; i < ORDERS; i++)
        enter_as(rig, session, RIG_HX);
    own(rig, VERB_SESSION_DOWN, session);
    own(rig, VERB_SESSION_UP, session);
    enter_as(rig, session, OTHER);
    go_on_once(rig);
    assert_int_equal(phase_of(rig, OTHER), PHASE_CONTINUOUS);
    own(rig, VERB_SESSION_DOWN, session);
    assert_int_equal(phase_of(rig, OTHER), PHASE_HALTED);
    own(rig, VERB_SESSION_UP, session);
    finish(rig);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
    assert_int_equal(phase_of(rig, OTHER), PHASE_CONTINUOUS);
    uint64_t id = enter_as(rig, session, OTHER);
    rig_continue(rig);
    rig_expect_resting(rig, id);
}

/* An outage finds a sweep unfinished; it goes on after it. Who comes back when the grace has ended
 * has lost what he had, and keeps what he enters then. */
static void a_sweep_goes_on_after_an_outage_and_a_grace_ends_for_all(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    add_another(rig);
    uint32_t session = add_careful_session(rig, 0);
    for (int i = 0; i < ORDERS; i++)
        enter_as(rig, session, RIG_HX);
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    struct command outage = {.verb = VERB_OUTAGE, .outage = {.epoch = 2}};
    rig_own(rig, &outage);
    assert_true(engine_continue_due(rig->engine));
    own(rig, VERB_REOPEN, 0); /* without grace */
    own(rig, VERB_SESSION_UP, session);
    uint64_t late = enter_as(rig, session, OTHER);
    assert_int_equal(finish(rig), ORDERS);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 1);
    rig_expect_resting(rig, late);
}

static void a_day_ends_before_the_next_one_begins(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    enter_many(rig, ids);
    const struct act close = {.kind = ACT_DAY_CLOSE, .day = {.date = RIG_DATE}};
    const struct act open = {.kind = ACT_DAY_OPEN, .day = {.date = RIG_DATE + 1}};
    rig_act(rig, &close);
    rig_expect_done(rig);
    assert_int_equal(phase_of(rig, RIG_HX), PHASE_CLOSED);
    rig_act(rig, &open);
    assert_int_equal(rig_expect_refused(rig, REASON_WRONG_STATE)->field, FIELD_TRADING_DATE);
    finish(rig);
    assert_int_equal(rig_event(rig, EVENT_DAY, NULL)->phase, PHASE_CLOSED);
    rig_act(rig, &open);
    rig_expect_done(rig);
    finish(rig);
    assert_int_equal(phase_of(rig, RIG_HX), PHASE_CONTINUOUS);
}

/* A timer comes before the Continue of its time; its own sweep waits for the one that is older. */
static void a_timer_fires_while_a_sweep_is_unfinished(void **state) {
    struct rig *rig = *state;
    uint64_t ids[ORDERS];
    uint32_t session = add_careful_session(rig, 1000);
    own(rig, VERB_SESSION_UP, session);
    for (int i = 0; i < ORDERS; i++)
        enter_as(rig, session, RIG_HX);
    own(rig, VERB_SESSION_DOWN, session);
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    rig_wait(rig, 2 * RIG_SECOND_NS);
    assert_int_equal(rig->events[0].reason, REASON_DISCONNECTED);
    go_on_once(rig);
    assert_int_equal(rig->events[0].reason, REASON_MASS_CANCEL);
    finish(rig);
    assert_int_equal(engine_count(rig->engine, POOL_ORDERS), 0);
}

static void a_copy_made_in_the_middle_of_a_sweep_goes_on_alike(void **state) {
    struct rig *rig = *state;
    static struct rig copy;
    uint64_t ids[ORDERS];
    struct extent extents[ENGINE_EXTENTS_MAX];
    enter_many(rig, ids);
    mass_cancel(rig, RIG_ANN_SESSION, RIG_ANN_KEY, (struct mass_cancel){0});
    struct engine_limits limits = rig_limits();
    rig_open(&copy, &limits, ENVIRONMENT_TEST);
    memset(copy.memory, 0, copy.size);
    size_t count = engine_extents(rig->engine, extents);
    for (size_t i = 0; i < count; i++)
        memcpy((char *)copy.memory + extents[i].offset, (char *)rig->memory + extents[i].offset,
               extents[i].size);
    copy.sequence = rig->sequence;
    copy.now_ns = rig->now_ns;
    assert_int_equal(finish(&copy), ORDERS);
    assert_int_equal(finish(rig), ORDERS);
    assert_int_equal(rig_digest(copy.engine), rig_digest(rig->engine));
    rig_close(&copy);
}

/* The day that opens sweeps too. */
static int set_up(void **state) {
    int failed = rig_set_up(state);
    rig_continue(*state);
    return failed;
}

#define IN_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_RIG(what_is_swept_is_closed_until_the_sweep_is_done),
        IN_RIG(a_cancel_in_between_is_stepped_over),
        IN_RIG(a_trade_in_between_is_stepped_over),
        IN_RIG(what_a_session_has_closes_where_it_has_it),
        IN_RIG(behind_too_many_orders_every_instrument_is_closed),
        IN_RIG(a_short_sweep_does_not_wait_for_a_long_one),
        IN_RIG(long_sweeps_are_done_one_after_the_other),
        IN_RIG(a_participant_has_no_more_than_a_few_unfinished_mass_cancels),
        IN_RIG(all_together_have_no_more_than_some),
        IN_RIG(a_session_that_is_lost_again_loses_what_it_entered_meanwhile),
        IN_RIG(a_sweep_goes_on_after_an_outage_and_a_grace_ends_for_all),
        IN_RIG(a_day_ends_before_the_next_one_begins),
        IN_RIG(a_timer_fires_while_a_sweep_is_unfinished),
        IN_RIG(a_copy_made_in_the_middle_of_a_sweep_goes_on_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
