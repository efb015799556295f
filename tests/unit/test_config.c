/* The configuration: what is read, and that every mistake names its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/config.h"
#include "ledger/failure.h"

/* Public keys that anybody may know: the examples of ZeroMQ's documentation. */
#define KEY_A "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define KEY_B "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

#define OPERATORS                                                                                  \
    "operator { person = 1 key = \"" KEY_A "\" }\n"                                                \
    "operator { person = 2 key = \"" KEY_B "\" }\n"
#define BEGIN "origin = \"a\"\nenvironment = \"test\"\n"
#define HEAD                                                                                       \
    "origin = \"tpx.example/unit\"\n"                                                              \
    "environment = \"test\"\n" OPERATORS

static char path[] = "/tmp/tpx-config-XXXXXX";
static char said[4096]; /* what the last load wrote to standard error */

static int load(struct config *config, const char *text) {
    int file = open(path, O_WRONLY | O_TRUNC);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    int kept = dup(STDERR_FILENO);
    dup2(pipes[1], STDERR_FILENO);
    int failure = config_load(config, path);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(pipes[1]);
    ssize_t size = read(pipes[0], said, sizeof said - 1);
    said[size > 0 ? size : 0] = '\0';
    close(pipes[0]);
    return failure;
}

static void assert_wrong(const char *text, int line, const char *what) {
    struct config config;
    char place[64];
    assert_int_equal(load(&config, text), FAILURE_MALFORMED);
    snprintf(place, sizeof place, "line=%d ", line);
    if (strstr(said, place) == NULL || strstr(said, what) == NULL)
        fail_msg("wanted \"%s\" and \"%s\" in: %s", place, what, said);
    assert_non_null(strstr(said, path));
}

static void the_shortest_file_has_the_usual_limits(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(load(&config, HEAD), 0);
    assert_string_equal(config.origin, "tpx.example/unit");
    assert_int_equal(config.environment, ENVIRONMENT_TEST);
    assert_int_equal(config.operators[1].person, 2);
    assert_memory_not_equal(config.operators[0].key, config.operators[1].key, KEY_BYTES);
    assert_int_equal(config.credits, 10000);
    assert_int_equal(config.heartbeat_ms, 1000);
    assert_int_equal(config.mark_records, 5000000);
    assert_int_equal(config.limits.limit[POOL_SESSIONS], 4096);
    assert_int_equal(config.limits.ceiling[POOL_SESSIONS], 40960);
    assert_int_equal(config.limits.limit[POOL_ORDERS], 1000000);
}

static void every_value_can_be_given(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(load(&config, HEAD "trade = \"tcp://127.0.0.1:*\"\n"
                                        "query = \"tcp://127.0.0.1:7\"\n"
                                        "credits = 7\nrequests_per_second = 100\n"
                                        "limits { orders = 50 sessions = 3 }\n"
                                        "ceilings { orders = 60 }\n"
                                        "test_assert_text = \"boom\"\n"),
                     0);
    assert_string_equal(config.trade_endpoint, "tcp://127.0.0.1:*");
    assert_string_equal(config.query_endpoint, "tcp://127.0.0.1:7");
    assert_int_equal(config.credits, 7);
    assert_int_equal(config.requests_per_second, 100);
    assert_int_equal(config.limits.limit[POOL_ORDERS], 50);
    assert_int_equal(config.limits.ceiling[POOL_ORDERS], 60);
    assert_int_equal(config.limits.ceiling[POOL_SESSIONS], 30);
    assert_string_equal(config.test_assert_text, "boom");
}

static void an_unknown_name_is_refused_with_its_line(void **state) {
    (void)state;
    assert_wrong(HEAD "credit = 7\n", 5, "credit");
    assert_wrong(HEAD "limits {\n  order = 7\n}\n", 6, "order");
}

static void a_value_out_of_its_range_is_refused_with_its_line_and_limits(void **state) {
    (void)state;
    assert_wrong(HEAD "credits = 0\n", 5, "1 to 1000000");
    assert_wrong(HEAD "\nheartbeat_ms = 5\n", 6, "10 to 60000");
    assert_wrong(HEAD "limits {\n  sessions = 262145\n}\n", 6, "2 to 262144");
    assert_wrong(HEAD "limits {\n  sessions = 1\n}\n", 6, "2 to 262144");
    assert_wrong(HEAD "ceilings {\n  instruments = 131073\n}\n", 6, "1 to 131072");
    assert_wrong(HEAD "credits = many\n", 5, "credits");
    assert_wrong(HEAD "ring_mib = 255\n", 5, "256 to 32768");
    assert_wrong(HEAD "trade = \"ipc:///tmp/x\"\n", 5, "tcp://");
    assert_wrong(HEAD "query = \"7002\"\n", 5, "tcp://");
    assert_wrong("origin = \"a b\"\n", 1, "origin");
    assert_wrong("environment = \"staging\"\n", 1, "environment");
}

static void limits_above_their_ceilings_are_refused(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(load(&config, HEAD "limits { orders = 50 }\nceilings { orders = 40 }\n"),
                     FAILURE_MALFORMED);
    assert_non_null(strstr(said, "orders"));
}

static void a_ring_is_a_power_of_two(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(load(&config, HEAD "ring_mib = 256\n"), 0);
    assert_int_equal(config.ring_mib, 256);
    assert_int_equal(load(&config, HEAD "ring_mib = 300\n"), FAILURE_MALFORMED);
    assert_non_null(strstr(said, "power of two"));
}

static void there_are_exactly_two_different_operators(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(load(&config, BEGIN), FAILURE_MALFORMED);
    assert_non_null(strstr(said, "two operator"));
    assert_int_equal(load(&config, BEGIN "operator { person = 1 key = \"" KEY_A "\" }\n"
                                         "operator { person = 1 key = \"" KEY_B "\" }\n"),
                     FAILURE_MALFORMED);
    assert_non_null(strstr(said, "different persons"));
    assert_int_equal(load(&config, BEGIN "operator { person = 1 key = \"" KEY_A "\" }\n"
                                         "operator { person = 2 key = \"" KEY_A "\" }\n"),
                     FAILURE_MALFORMED);
    assert_non_null(strstr(said, "different keys"));
    assert_wrong(BEGIN "operator {\n person = 1\n key = \"short\"\n}\n", 5, "Z85");
}

static void faults_for_tests_need_a_test_environment(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(load(&config, "origin = \"a\"\nenvironment = \"production\"\n" OPERATORS
                                   "test_assert_text = \"boom\"\n"),
                     FAILURE_MALFORMED);
    assert_non_null(strstr(said, "test_assert_text"));
}

static void a_file_that_is_not_there_is_a_failure(void **state) {
    (void)state;
    struct config config;
    assert_int_equal(config_load(&config, "/nonexistent/tpxd.conf"), FAILURE_SYSTEM);
}

static void a_file_that_ends_within_a_section_is_refused(void **state) {
    struct config config;
    (void)state;
    assert_int_equal(load(&config, HEAD "limits {\n orders = 50\n"), FAILURE_MALFORMED);
    assert_non_null(strstr(said, "a } missing"));
    assert_int_equal(load(&config, HEAD "limits {\n orders = 50 }"), 0);
    assert_int_equal(load(&config, HEAD "trade ="), FAILURE_MALFORMED);
    assert_int_equal(load(&config, HEAD "# a comment at the end"), 0);
}

static void a_folder_is_no_configuration(void **state) {
    struct config config;
    (void)state;
    assert_int_equal(config_load(&config, "/"), FAILURE_SYSTEM);
}

static int make_file(void **state) {
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_file_has_the_usual_limits),
        cmocka_unit_test(every_value_can_be_given),
        cmocka_unit_test(an_unknown_name_is_refused_with_its_line),
        cmocka_unit_test(a_value_out_of_its_range_is_refused_with_its_line_and_limits),
        cmocka_unit_test(limits_above_their_ceilings_are_refused),
        cmocka_unit_test(a_ring_is_a_power_of_two),
        cmocka_unit_test(there_are_exactly_two_different_operators),
        cmocka_unit_test(faults_for_tests_need_a_test_environment),
        cmocka_unit_test(a_file_that_is_not_there_is_a_failure),
        cmocka_unit_test(a_file_that_ends_within_a_section_is_refused),
        cmocka_unit_test(a_folder_is_no_configuration),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
