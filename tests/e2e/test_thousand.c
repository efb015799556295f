/* A thousand sessions at once: all log on, trade at a steady rate, and are answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/load.h"
#include "tests/fault/witness.h"

#define SESSIONS    1000u
#define RATE        (10 * SESSIONS)
#define SECONDS     3.0
#define PER_SESSION 2u /* answers that each must have at the least */

/* What the server takes for a session that is up: libzmq's connection and frames on their way. TSan
 * has shadows of it all. */
#ifdef __SANITIZE_THREAD__
#define SESSION_KIB_MAX 4096u
#else
#define SESSION_KIB_MAX 256u
#endif

static void a_thousand_sessions_trade_at_once_and_each_is_answered(void **state) {
    static struct load load;
    struct trial trial;
    struct load_options options = {
        .first = 1, .sessions = SESSIONS, .batch = 1, .window = 64, .instruments = 4};
    struct trial_options wanted = {.config = WITNESS_SMALL,
                                   .brokers = 16,
                                   .sessions = SESSIONS,
                                   .accounts = 16,
                                   .instruments = 4};
    (void)state;
    trial_create(&trial, &wanted);
    trial_start(&trial);
    trial_furnish(&trial);
    uint64_t before_kib = witness_memory_kib(&trial);
    load_open(&load, &trial, &options);
    assert_true(witness_counter(&trial, "sessions_up") >= SESSIONS);
    load_count(&load, true);
    load_run(&load, RATE, SECONDS);
    load_settle(&load);
    uint64_t grown_kib = witness_memory_kib(&trial) - before_kib;
    print_message("%lu answers, p99 %.1f ms; %lu KiB of the server's memory a session\n",
                  load.answers, (double)histogram_quantile(&load.latency_ns, 990000) / 1e6,
                  grown_kib / SESSIONS);
    assert_int_equal(load.rejected, 0);
    for (uint32_t i = 0; i < SESSIONS; i++)
        assert_true(load.sessions[i].answered >= PER_SESSION);
    assert_true(witness_counter(&trial, "sessions_up") >= SESSIONS);
    assert_true(grown_kib < SESSIONS * SESSION_KIB_MAX);
    load_close(&load);
    assert_int_equal(trial_stop(&trial), 0);
    (void)witness_verify(&trial);
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_sessions_trade_at_once_and_each_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
