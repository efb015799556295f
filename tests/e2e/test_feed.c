/*
 * The feed's endpoint: every public event of the ledger, in channels, to whoever has a key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "gateway/counters.h"
#include "tests/e2e/desk.h"
#include "tests/e2e/relay.h"
#include "tests/e2e/tap.h"

/* Instruments 1 to 255 are told in channel 0, those above in channel 1. */
#define INSTRUMENTS 260

static struct trial trial;
static struct trial_options options = {.config = "heartbeat_ms = 200\n",
                                       .brokers = 2,
                                       .sessions = 2,
                                       .accounts = 2,
                                       .instruments = INSTRUMENTS};

static int set_up(void **state) {
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* Each pair trades, and leaves something at rest. */
static void trade(uint32_t pairs, uint32_t instrument) {
    struct client *ann = trial_client(&trial, 1);
    struct client *bob = trial_client(&trial, 2);
    for (uint32_t i = 0; i < pairs; i++) {
        struct command buy = desk_order(1, instrument, SIDE_BUY, 1000 + i % 7, 10);
        struct command sell = desk_order(2, instrument, SIDE_SELL, 1003, 7);
        trial_pour(ann, &buy, NULL);
        trial_pour(bob, &sell, NULL);
    }
    trial_drain(ann);
    trial_drain(bob);
    client_close(ann);
    client_close(bob);
}

struct public_search {
    uint32_t channel;
    uint64_t below;
    struct desk_bytes *events;
};

static bool keep_public(void *owner, const struct record *record, struct span bytes) {
    const struct public_search *search = owner;
    struct span events = record->events;
    struct record_event_view event;
    uint32_t instrument;
    (void)bytes;
    if (record->header.sequence >= search->below)
        return false;
    while (record_event_next(&events, &event)) {
        if (event.audience != AUDIENCE_EVERYBODY)
            continue;
        assert_true(feed_report_instrument(event.report, &instrument));
        if (instrument == 0 || feed_channel_of(instrument) == search->channel)
            desk_bytes_add(search->events, event.report);
    }
    return true;
}

/* What a channel has told is what the ledger holds, byte for byte. */
static void check_told(const struct tap *tap, uint32_t channel) {
    const struct tap_channel *told = &tap->channels[channel];
    struct desk_bytes held = {0};
    struct public_search search = {channel, told->next, &held};
    desk_records(&trial, told->from, keep_public, &search);
    assert_int_equal(told->events.count, held.count);
    assert_int_equal(told->events.size, held.size);
    if (held.size > 0)
        assert_memory_equal(told->events.bytes, held.bytes, held.size);
    desk_bytes_free(&held);
}

/* --- what is told --------------------------------------------------------------------------------
 */

static void a_channel_tells_every_public_event_as_the_ledger_holds_it(void **state) {
    struct tap tap;
    (void)state;
    tap_open(&tap, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_all(&tap);
    tap_until(&tap, 0, 1);
    tap_until(&tap, 1, 1);
    trade(300, 1);
    trade(300, 257);
    uint64_t next = desk_ledger_next(&trial);
    tap_until(&tap, 0, next);
    tap_until(&tap, 1, next);
    check_told(&tap, 0);
    check_told(&tap, 1);
    assert_true(tap.channels[0].events.count > 600);
    assert_int_equal(tap.channels[0].gaps, 0);
    tap_close(&tap);
}

static void a_subscriber_to_one_channel_hears_nothing_of_another(void **state) {
    struct tap tap;
    (void)state;
    tap_open(&tap, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_channel(&tap, 1);
    tap_until(&tap, 1, 1);
    trade(20, 1);
    trade(20, 256);
    tap_until(&tap, 1, desk_ledger_next(&trial));
    check_told(&tap, 1);
    assert_false(tap.channels[0].is_known);
    tap_close(&tap);
}

static void what_concerns_all_is_told_in_every_channel(void **state) {
    struct tap tap;
    struct act halt = {.kind = ACT_HALT, .halt = {.instrument = 0, .is_halted = true}};
    (void)state;
    tap_open(&tap, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_all(&tap);
    tap_until(&tap, 0, 1);
    tap_until(&tap, 1, 1);
    trial_act(&trial, &halt, NULL);
    halt.halt.is_halted = false;
    trial_act_of_two(&trial, &halt);
    uint64_t next = desk_ledger_next(&trial);
    for (uint32_t channel = 0; channel < 2; channel++) {
        tap_until(&tap, channel, next);
        check_told(&tap, channel);
        assert_int_equal(tap.channels[channel].events.count, 2);
    }
    tap_close(&tap);
}

static void a_channel_begins_with_its_first_instrument(void **state) {
    struct tap tap;
    struct act add = {.kind = ACT_ADD_INSTRUMENT,
                      .add_instrument = {.tick_fen = 1, .lot_min = 1, .lot_step = 1}};
    (void)state;
    tap_open(&tap, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_all(&tap);
    tap_until(&tap, 1, 1);
    for (uint32_t i = INSTRUMENTS + 1; i <= 2 * FEED_CHANNEL_INSTRUMENTS; i++) {
        add.add_instrument.symbol_bytes =
            (uint8_t)snprintf(add.add_instrument.symbol, SYMBOL_BYTES_MAX, "N%u", i);
        assert_int_equal(trial_act(&trial, &add, NULL), i);
    }
    tap_until(&tap, 2, desk_ledger_next(&trial));
    check_told(&tap, 2);
    assert_int_equal(tap.channels[2].events.count, 1);
    tap_close(&tap);
}

/* --- where a channel stands ----------------------------------------------------------------------
 */

static void whoever_subscribes_is_told_at_once_where_the_channel_stands(void **state) {
    struct tap taps[8];
    (void)state;
    uint64_t next = desk_ledger_next(&trial);
    for (size_t i = 0; i < 8; i++) {
        tap_open(&taps[i], &trial, &trial.brokers[0], trial.feed_endpoint);
        tap_channel(&taps[i], 0);
        tap_until(&taps[i], 0, next);
    }
    for (size_t i = 0; i < 8; i++)
        tap_close(&taps[i]);
}

static void a_silent_channel_tells_each_heartbeat_that_nothing_was_lost(void **state) {
    struct tap tap;
    (void)state;
    tap_open(&tap, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_channel(&tap, 1);
    tap_until(&tap, 1, 1);
    trade(3, 1);
    uint64_t next = desk_ledger_next(&trial);
    tap_until(&tap, 1, next);
    int64_t begun_ns = clock_mono_ns();
    uint64_t before = tap.channels[1].heartbeats;
    while (tap.channels[1].heartbeats < before + 4)
        assert_int_equal(tap_take(&tap, DESK_PATIENCE_MS), 1);
    assert_true(clock_mono_ns() - begun_ns >= 3 * 190 * CLOCK_MILLISECOND_NS);
    assert_int_equal(tap.channels[1].events.count, 0);
    tap_close(&tap);
}

static void a_restart_goes_on_where_the_ledger_stood(void **state) {
    struct tap before;
    struct tap after;
    (void)state;
    tap_open(&before, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_channel(&before, 0);
    tap_until(&before, 0, 1);
    trade(5, 1);
    assert_int_equal(trial_stop(&trial), 0);
    while (tap_take(&before, 100) >= 0) {
    }
    uint64_t told = before.channels[0].next;
    check_told(&before, 0);
    tap_close(&before);
    trial_start(&trial);
    tap_open(&after, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_channel(&after, 0);
    tap_until(&after, 0, desk_ledger_next(&trial));
    /* A clean stop tells everything before it ends: nothing lies between. */
    assert_int_equal(told, desk_until_record(&trial, told, VERB_START, NULL));
    trade(5, 1);
    tap_until(&after, 0, desk_ledger_next(&trial));
    check_told(&after, 0);
    tap_close(&after);
}

/* --- who may listen ------------------------------------------------------------------------------
 */

static void an_unknown_key_hears_nothing(void **state) {
    struct curve_key stranger;
    struct tap tap;
    (void)state;
    assert_int_equal(keyfile_curve_generate(&stranger), 0);
    tap_open(&tap, &trial, &stranger, trial.feed_endpoint);
    tap_all(&tap);
    tap_until_event(&tap, DIAL_KEY_REFUSED);
    assert_int_equal(tap_take(&tap, 300), -1);
    tap_close(&tap);
}

static void a_revoked_key_is_cut_and_others_come_back(void **state) {
    struct curve_key key;
    struct tap other;
    struct tap tap;
    (void)state;
    assert_int_equal(keyfile_curve_generate(&key), 0);
    struct act add = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = trial_broker(&trial, 1), .person = 77}};
    memcpy(add.add_key.key, key.public_key, KEY_BYTES);
    uint32_t number = (uint32_t)trial_act(&trial, &add, NULL);
    tap_open(&tap, &trial, &key, trial.feed_endpoint);
    tap_open(&other, &trial, &trial.brokers[1], trial.feed_endpoint);
    tap_channel(&tap, 0);
    tap_channel(&other, 0);
    tap_until(&tap, 0, 1);
    tap_until(&other, 0, 1);
    struct act revoke = {.kind = ACT_REVOKE_KEY, .revoke_key = {.key = number}};
    trial_act(&trial, &revoke, NULL);
    uint64_t revoked = desk_ledger_next(&trial);
    tap_until_event(&tap, DIAL_KEY_REFUSED);
    while (tap_take(&tap, 0) >= 0) {
    }
    uint64_t heard = tap.channels[0].events.count;
    trade(5, 1);
    tap_until(&other, 0, desk_ledger_next(&trial));
    assert_int_equal(tap_take(&tap, 100), -1);
    assert_int_equal(tap.channels[0].events.count, heard);
    assert_true(tap.channels[0].next <= revoked);
    tap_close(&tap);
    tap_close(&other);
}

static uint64_t counter_of(enum counter counter) {
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    uint64_t value = counter_get(counters, counter);
    counters_close((struct counters *)(uintptr_t)counters);
    return value;
}

static void whoever_subscribes_without_end_is_barred(void **state) {
    static uint8_t topic[400];
    struct tap tap;
    (void)state;
    tap_open(&tap, &trial, &trial.brokers[0], trial.feed_endpoint);
    tap_until_event(&tap, DIAL_UP);
    for (uint32_t i = 0; i < ((uint32_t)1 << 20) / sizeof topic + 10; i++) {
        memcpy(topic, &i, sizeof i);
        dial_subscribe(&tap.dial, (struct span){topic, sizeof topic});
    }
    tap_until_event(&tap, DIAL_KEY_REFUSED);
    tap_close(&tap);
    tap_open(&tap, &trial, &trial.brokers[1], trial.feed_endpoint);
    tap_channel(&tap, 0);
    tap_until(&tap, 0, desk_ledger_next(&trial));
    assert_in_range(counter_of(COUNTER_FEED_SUBSCRIPTIONS), 1, 100000);
    tap_close(&tap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_tells_every_public_event_as_the_ledger_holds_it),
        cmocka_unit_test(a_subscriber_to_one_channel_hears_nothing_of_another),
        cmocka_unit_test(what_concerns_all_is_told_in_every_channel),
        cmocka_unit_test(whoever_subscribes_is_told_at_once_where_the_channel_stands),
        cmocka_unit_test(a_silent_channel_tells_each_heartbeat_that_nothing_was_lost),
        cmocka_unit_test(an_unknown_key_hears_nothing),
        cmocka_unit_test(a_revoked_key_is_cut_and_others_come_back),

        cmocka_unit_test(a_restart_goes_on_where_the_ledger_stood),
        cmocka_unit_test(a_channel_begins_with_its_first_instrument),
        cmocka_unit_test(whoever_subscribes_without_end_is_barred),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
