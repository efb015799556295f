/*
 * A request is carried out once and answered always: whatever connection it comes on, however often
 * it comes, and whatever happened to the server in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/desk.h"
#include "tests/e2e/line.h"

static struct trial trial;

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 12, .accounts = 2, .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

/* Sessions of tests: odd ones belong to broker 1, with account 1. Each test has its own. */
static void log_on(struct line *line, uint32_t index) {
    line_open(line, &trial, &trial.brokers[trial_owner(&trial, index) - 1], NULL);
    line_logon_live(line, trial_session(&trial, index));
}

static struct command small_buy(uint32_t index, uint64_t quantity) {
    return desk_buy(desk_account(&trial, index), 1, quantity);
}

/* The bytes of the first report that answers the request, kept. */
static struct desk_bytes answer_to(struct line *line, uint64_t number) {
    struct desk_bytes kept = {0};
    struct line_item item;
    line_until_report(line, number, &item);
    desk_bytes_add(&kept, item.bytes);
    return kept;
}

static void assert_same(const struct desk_bytes *a, const struct desk_bytes *b) {
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

static void assert_refused(struct line *line, uint64_t number, enum reason reason) {
    struct refused refused;
    line_until_refused(line, number, &refused);
    assert_int_equal(refused.reason, reason);
}

static void a_number_used_again_with_the_same_bytes_gets_the_recorded_answer(void **state) {
    struct line line;
    struct command buy = small_buy(1, 10);
    (void)state;
    log_on(&line, 1);
    line_ask_command(&line, 1, &buy);
    struct desk_bytes first = answer_to(&line, 1);
    uint64_t next = desk_ledger_next(&trial);
    for (int i = 0; i < 3; i++) {
        line_ask_command(&line, 1, &buy);
        struct desk_bytes again = answer_to(&line, 1);
        assert_same(&first, &again);
        desk_bytes_free(&again);
    }
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 0);
    desk_bytes_free(&first);
    line_close(&line);
}

static void every_report_of_the_answer_comes_again_in_its_order(void **state) {
    struct line line;
    struct line_item item;
    struct command sell = desk_sell(desk_account(&trial, 1), 77, 5);
    struct command buy = desk_buy(desk_account(&trial, 1), 77, 12);
    struct desk_bytes answers[2] = {0};
    (void)state;
    log_on(&line, 3);
    for (uint64_t number = 1; number <= 3; number++)
        line_ask_command(&line, number, &sell);
    for (int round = 0; round < 2; round++) {
        line_ask_command(&line, 4, &buy); /* NEW, and three TRADEs with what rests here too */
        line_until_report(&line, 4, &item);
        desk_bytes_add(&answers[round], item.bytes);
        while (answers[round].count < 7) {
            line_until(&line, REPLY_PART_EVENT, &item);
            desk_bytes_add(&answers[round], item.bytes);
        }
    }
    assert_same(&answers[0], &answers[1]);
    desk_bytes_free(&answers[0]);
    desk_bytes_free(&answers[1]);
    line_close(&line);
}

static void a_number_used_again_with_other_bytes_is_a_duplicate(void **state) {
    struct line line;
    struct command buy = small_buy(2, 10);
    struct command other = small_buy(2, 11);
    (void)state;
    log_on(&line, 2);
    line_ask_command(&line, 1, &buy);
    struct desk_bytes first = answer_to(&line, 1);
    line_ask_command(&line, 1, &other);
    assert_refused(&line, 1, REASON_DUPLICATE_CLIENT_ORDER_ID);
    desk_bytes_free(&first);
    line_close(&line);
}

static void numbers_may_skip_and_what_was_skipped_is_never_sequenced(void **state) {
    struct line line;
    struct command buy = small_buy(4, 10);
    (void)state;
    log_on(&line, 4);
    line_ask_command(&line, 5, &buy);
    line_ask_command(&line, 900, &buy);
    struct desk_bytes last = answer_to(&line, 900);
    static const uint64_t skipped[] = {4, 6, 899, 1};
    for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++) {
        line_ask_command(&line, skipped[i], &buy);
        assert_refused(&line, skipped[i], REASON_NOT_SEQUENCED);
    }
    line_ask_command(&line, 901, &buy);
    struct desk_bytes next = answer_to(&line, 901);
    desk_bytes_free(&last);
    desk_bytes_free(&next);
    line_close(&line);
}

static void the_same_number_twice_in_one_frame_is_carried_out_once(void **state) {
    struct line line;
    struct request request = {.command = small_buy(5, 10)};
    uint8_t bytes[128];
    (void)state;
    log_on(&line, 5);
    request.command.stamp.number = 1;
    struct span twice[2] = {{bytes, codec_request_encode(&request, NULL, bytes, sizeof bytes)}};
    twice[1] = twice[0];
    uint64_t next = desk_ledger_next(&trial);
    line_send_requests(&line, twice, 2);
    struct desk_bytes first = answer_to(&line, 1);
    struct desk_bytes second = answer_to(&line, 1);
    assert_same(&first, &second);
    assert_int_equal(desk_count(&trial, next, VERB_NEW_ORDER, NULL), 1);
    desk_bytes_free(&first);
    desk_bytes_free(&second);
    line_close(&line);
}

static void a_refusal_by_the_gateway_uses_up_no_number(void **state) {
    struct line line;
    struct command buy = small_buy(6, 10);
    struct command own = {.verb = VERB_MARK};
    struct command act = {.verb = VERB_ACT, .act = {.kind = ACT_DAY_CLOSE, .day = {TRIAL_DAY}}};
    static const uint8_t cut[] = {0x08, 0x01, 0x12, 0x10, 0x08};
    (void)state;
    log_on(&line, 6);
    line_send_requests(&line, &(struct span){cut, sizeof cut}, 1);
    assert_refused(&line, 1, REASON_MALFORMED);
    line_ask_command(&line, 1, &act);
    assert_refused(&line, 1, REASON_NOT_AUTHORISED);
    line_ask_command(&line, 0, &own);
    assert_refused(&line, 0, REASON_NOT_AUTHORISED);
    line_ask_command(&line, 1, &buy);
    struct desk_bytes first = answer_to(&line, 1);
    desk_bytes_free(&first);
    line_close(&line);
}

static void a_refusal_by_the_market_uses_up_its_number(void **state) {
    struct line line;
    struct line_item item;
    struct command buy = desk_order(desk_account(&trial, 7), 99, SIDE_BUY, 1, 1);
    struct command other = small_buy(7, 1);
    (void)state;
    log_on(&line, 7);
    line_ask_command(&line, 1, &buy);
    line_until_report(&line, 1, &item);
    assert_int_equal(item.report.execution.reason, REASON_UNKNOWN_INSTRUMENT);
    line_ask_command(&line, 1, &other);
    assert_refused(&line, 1, REASON_DUPLICATE_CLIENT_ORDER_ID);
    line_close(&line);
}

static void the_recorded_answer_comes_on_every_later_connection(void **state) {
    struct line line;
    struct command buy = small_buy(8, 10);
    (void)state;
    log_on(&line, 8);
    line_ask_command(&line, 1, &buy);
    struct desk_bytes first = answer_to(&line, 1);
    for (int i = 0; i < 3; i++) {
        line_close(&line);
        log_on(&line, 8);
        line_ask_command(&line, 1, &buy);
        struct desk_bytes again = answer_to(&line, 1);
        assert_same(&first, &again);
        desk_bytes_free(&again);
    }
    desk_bytes_free(&first);
    line_close(&line);
}

static void the_recorded_answer_survives_a_clean_stop_and_a_kill(void **state) {
    struct line line;
    struct command buy = small_buy(9, 10);
    struct command other = small_buy(9, 11);
    (void)state;
    log_on(&line, 9);
    line_ask_command(&line, 3, &buy);
    struct desk_bytes first = answer_to(&line, 3);
    for (int i = 0; i < 3; i++) {
        line_close(&line);
        if (i == 1)
            assert_int_equal(trial_stop(&trial), 0);
        else
            trial_kill(&trial);
        trial_start(&trial);
        log_on(&line, 9);
        line_ask_command(&line, 3, &buy);
        struct desk_bytes again = answer_to(&line, 3);
        assert_same(&first, &again);
        desk_bytes_free(&again);
        line_ask_command(&line, 3, &other);
        assert_refused(&line, 3, REASON_DUPLICATE_CLIENT_ORDER_ID);
        line_ask_command(&line, 2, &buy);
        assert_refused(&line, 2, REASON_NOT_SEQUENCED);
    }
    desk_bytes_free(&first);
    line_close(&line);
}

static void a_thousand_repeats_at_once_are_all_answered(void **state) {
    enum { COUNT = 1024 };
    static uint8_t bytes[COUNT][64];
    static struct span requests[COUNT];
    struct line line;
    struct line_item item;
    (void)state;
    log_on(&line, 10);
    for (size_t i = 0; i < COUNT; i++) {
        struct request request = {.command = small_buy(10, 1)};
        request.command.stamp.number = i + 1;
        requests[i] = (struct span){
            bytes[i], codec_request_encode(&request, NULL, bytes[i], sizeof bytes[i])};
    }
    line_send_requests(&line, requests, COUNT);
    for (uint64_t i = 0; i < COUNT; i++)
        line_until_report(&line, i + 1, &item);
    line_send_requests(&line, requests, COUNT);
    for (uint64_t i = 0; i < COUNT; i++) {
        line_until(&line, REPLY_PART_EVENT, &item);
        assert_int_equal(report_answers(&item.report), i + 1);
        assert_int_equal(item.from, item.next);
    }
    line_close(&line);
}

/* Hears a mass cancel's answer to its end. */
static void hear_mass_cancel(struct line *line, uint64_t number, struct desk_bytes *answer) {
    struct line_item item;
    do {
        line_until(line, REPLY_PART_EVENT, &item);
        desk_bytes_add(answer, item.bytes);
    } while (item.report.body != REPORT_MASS_CANCELED);
    assert_int_equal(item.report.mass_canceled.cl_ord_id, number);
    assert_int_equal(item.report.mass_canceled.count + 1, answer->count);
}

static void a_mass_cancel_of_many_commands_is_answered_again_to_its_end(void **state) {
    struct line line;
    struct desk_bytes first = {0};
    struct desk_bytes again = {0};
    struct command all = {.verb = VERB_MASS_CANCEL};
    struct command buy = small_buy(11, 1);
    struct client *client = trial_client(&trial, 11);
    (void)state;
    for (uint32_t i = 0; i < SWEEP_ORDERS_MAX + 3000; i++)
        trial_pour(client, &buy, NULL);
    trial_drain(client);
    client_close(client);
    log_on(&line, 11);
    uint64_t next = desk_ledger_next(&trial);
    uint64_t number = UINT64_C(1) << 30;
    line_ask_command(&line, number, &all);
    hear_mass_cancel(&line, number, &first);
    assert_int_equal(first.count, SWEEP_ORDERS_MAX + 3000 + 1);
    assert_int_equal(desk_count(&trial, next, VERB_CONTINUE, NULL), 1);
    line_ask_command(&line, number, &all);
    hear_mass_cancel(&line, number, &again);
    assert_same(&first, &again);
    desk_bytes_free(&first);
    desk_bytes_free(&again);
    line_close(&line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_used_again_with_the_same_bytes_gets_the_recorded_answer),
        cmocka_unit_test(every_report_of_the_answer_comes_again_in_its_order),
        cmocka_unit_test(a_number_used_again_with_other_bytes_is_a_duplicate),
        cmocka_unit_test(numbers_may_skip_and_what_was_skipped_is_never_sequenced),
        cmocka_unit_test(the_same_number_twice_in_one_frame_is_carried_out_once),
        cmocka_unit_test(a_refusal_by_the_gateway_uses_up_no_number),
        cmocka_unit_test(a_refusal_by_the_market_uses_up_its_number),
        cmocka_unit_test(the_recorded_answer_comes_on_every_later_connection),
        cmocka_unit_test(the_recorded_answer_survives_a_clean_stop_and_a_kill),
        cmocka_unit_test(a_thousand_repeats_at_once_are_all_answered),
        cmocka_unit_test(a_mass_cancel_of_many_commands_is_answered_again_to_its_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
