/* Values and profiles of the command line: what is taken, and what is said about what is not. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/reason.h"
#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_value.h"
#include "gateway/reason_text.h"
#include "proto/tpx.pb-c.h"

/* What a command has parsed is never released: it runs once, and the process ends. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void) { // NOLINT(bugprone-reserved-identifier, cert-dcl37-c)
    return "detect_leaks=0";
}

/* What a child did that was to end itself: its exit code and what it wrote to standard error. */
struct ending {
    int code;
    char text[1024];
};

/* Runs `act` in a child. */
static void run_child(struct ending *ending, void (*act)(const void *), const void *argument) {
    int ends[2];
    size_t used = 0;
    int status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        act(argument);
        _exit(CLI_FINE);
    }
    close(ends[1]);
    for (ssize_t got = 1; got > 0; used += (size_t)got)
        got = read(ends[0], ending->text + used, sizeof ending->text - 1 - used);
    close(ends[0]);
    ending->text[used] = '\0';
    assert_int_equal(waitpid(child, &status, 0), child);
    ending->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check_refused(void (*act)(const void *), const void *argument, const char *says) {
    struct ending ending;
    run_child(&ending, act, argument);
    if (ending.code != CLI_USAGE || strstr(ending.text, says) == NULL)
        fail_msg("exit code %d, \"%s\" instead of \"%s\"", ending.code, ending.text, says);
}

/* --- numbers, money, dates, orders ---------------------------------------------------------------
 */

static void read_number(const void *text) {
    cli_number("quantity", text, 1, 4294967295);
}

static void numbers_are_digits_within_their_range(void **state) {
    (void)state;
    assert_int_equal(cli_number("quantity", "1", 1, 10), 1);
    assert_int_equal(cli_number("quantity", "010", 1, 10), 10);
    assert_true(cli_number("n", "18446744073709551615", 0, UINT64_MAX) == UINT64_MAX);
    check_refused(read_number, "0", "quantity: 0 is not in 1 .. 4294967295");
    check_refused(read_number, "4294967296", "quantity: 4294967296 is not in 1 .. 4294967295");
    check_refused(read_number, "18446744073709551616", "551616 is not in 1 .. 4294967295");
    static const char *const NONE[] = {"", " 1", "1 ", "+1", "-1", "0x10", "1e3", "1.0"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        check_refused(read_number, NONE[i], "is not a whole number");
}

static void read_price(const void *text) {
    cli_money("price", text, 1, 100000000);
}

static void money_is_yuan_with_at_most_two_decimals(void **state) {
    (void)state;
    char text[CLI_VALUE_BYTES_MAX];
    assert_int_equal(cli_money("price", "10.05", 1, 100000), 1005);
    assert_int_equal(cli_money("price", "10.5", 1, 100000), 1050);
    assert_int_equal(cli_money("price", "10", 1, 100000), 1000);
    assert_int_equal(cli_money("amount", "-0.01", -10, 10), -1);
    check_refused(read_price, "10.055", "price: 10.055 has more than two decimals");
    check_refused(read_price, "0.00", "price: 0.00 is not in 0.01 .. 1000000.00");
    check_refused(read_price, "1000000.01", "price: 1000000.01 is not in 0.01 .. 1000000.00");
    check_refused(read_price, "99999999999999999999", "is not in 0.01 .. 1000000.00");
    check_refused(read_price, "99999999999999999999x", "is not an amount in yuan");
    check_refused(read_price, "92233720368547758.08", "is not in 0.01 .. 1000000.00");
    static const char *const NONE[] = {"", ".", "10.", ".5", "1,000", "10.0x", "ten", "1.0.0"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        check_refused(read_price, NONE[i], "is not an amount in yuan such as 10.05");
    assert_string_equal(cli_money_text(text, 1005), "10.05");
    assert_string_equal(cli_money_text(text, -5), "-0.05");
    assert_string_equal(cli_money_text(text, INT64_MIN), "-92233720368547758.08");
}

static void read_date(const void *text) {
    cli_date("until", text);
}

static void dates_are_days_that_exist(void **state) {
    (void)state;
    assert_int_equal(cli_date("until", "20261124"), 20261124);
    assert_int_equal(cli_date("until", "2026-11-24"), 20261124);
    assert_int_equal(cli_date("until", "20240229"), 20240229);
    static const char *const NONE[] = {"",           "20260229", "20261131",   "20261301",
                                       "20260100",   "2026112",  "202611240",  "2026-11-4",
                                       "2026/11/24", "x0261124", "2026-11-2x", "2026-11-245"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        check_refused(read_date, NONE[i], "is not a day such as 20261124");
}

static void read_time(const void *text) {
    cli_time("time", text);
}

static void times_are_utc_with_or_without_a_fraction(void **state) {
    (void)state;
    char text[CLI_VALUE_BYTES_MAX];
    assert_true(cli_time("time", "2026-11-24T09:30:00Z") == INT64_C(1795512600000000000));
    assert_true(cli_time("time", "2026-11-24T09:30:00.5Z") == INT64_C(1795512600500000000));
    assert_true(cli_time("time", "1795512600000000000") == INT64_C(1795512600000000000));
    static const char *const NONE[] = {"",
                                       "2026-11-24",
                                       "2026-11-24T09:30:00",
                                       "2026-11-24T09:30:00+08:00",
                                       "2026-11-24T09:30:00.Z",
                                       "9223372036854775808"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        check_refused(read_time, NONE[i], "is not a time such as");
    assert_string_equal(cli_time_text(text, INT64_C(1795512600500000000)),
                        "2026-11-24T09:30:00.500000Z");
}

static void read_order(const void *text) {
    cli_order_id("order", text);
}

static void orders_are_session_and_number(void **state) {
    (void)state;
    char text[CLI_VALUE_BYTES_MAX];
    uint64_t id = order_id_of(3, 17);
    char whole[32];
    snprintf(whole, sizeof whole, "%" PRIu64, id);
    assert_true(cli_order_id("order", "3-17") == id);
    assert_true(cli_order_id("order", whole) == id);
    assert_string_equal(cli_order_text(text, id), "3-17");
    static const char *const NONE[] = {"",    "17",     "3-",   "-17",        "0-17",
                                       "3-0", "3-17-1", "3 17", "16777216-1", "3-1099511627776"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        check_refused(read_order, NONE[i], "is not an order such as 3-17");
}

static void roles_and_pools_go_by_name(void **state) {
    (void)state;
    char text[CLI_VALUE_BYTES_MAX];
    assert_int_equal(cli_role_find("broker"), ROLE_BROKER);
    assert_int_equal(cli_role_find("settlement_bank"), ROLE_SETTLEMENT_BANK);
    assert_int_equal(cli_role_find("regulator"), ROLE_REGULATOR);
    assert_int_equal(cli_role_find("bro"), 0);
    assert_int_equal(cli_pool_find("orders"), POOL_ORDERS);
    assert_int_equal(cli_pool_find("timers"), POOL_TIMERS);
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++)
        assert_int_equal(cli_pool_find(cli_pool_text(text, pool)), pool);
}

/* --- options and profiles ------------------------------------------------------------------------
 */

static char folder[64];

/* Writes a file of the test's folder; returns its path, valid until the next. */
static const char *write_file(const char *name, const char *text) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void parse(struct cli_arguments *arguments, const char *const words[]) {
    static const struct cli_spec SPEC = {.arguments = "[THING...]", .count_max = 8};
    static char name[] = "tpx test";
    char *argv[16] = {name};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(words[argc - 1]); /* arguments point there: kept */
        assert_non_null(argv[argc]);
    }
    cli_parse(arguments, &SPEC, argc, argv);
}

static void parse_profile(const void *path) {
    struct cli_arguments arguments;
    parse(&arguments, (const char *const[]){"--profile", path, NULL});
}

static void a_profile_gives_what_no_option_says(void **state) {
    (void)state;
    struct cli_arguments arguments;
    char expected[128];
    char text[CLI_VALUE_BYTES_MAX];
    const char *path =
        write_file("ann.profile", "# Ann trades\n"
                                  "endpoint tcp://127.0.0.1:7001\n"
                                  "  server_key a#:d!00000000000000000000000000000000000  \n"
                                  "key keys/ann.key\r\n"
                                  "\n"
                                  "session 3\n"
                                  "account 1\n"
                                  "instrument 1 430901\n"
                                  "instrument 2 HX-2.A");
    parse(&arguments,
          (const char *const[]){"--profile", path, "--session", "4", "--json", "a", NULL});
    snprintf(expected, sizeof expected, "%s/keys/ann.key", folder);
    assert_string_equal(cli_setting(&arguments, CLI_ENDPOINT), "tcp://127.0.0.1:7001");
    assert_string_equal(cli_setting(&arguments, CLI_SERVER_KEY),
                        "a#:d!00000000000000000000000000000000000");
    assert_string_equal(cli_setting(&arguments, CLI_KEY), expected);
    assert_string_equal(cli_setting(&arguments, CLI_SESSION), "4");
    assert_int_equal(cli_account_number(&arguments), 1);
    assert_true(arguments.is_json);
    assert_int_equal(arguments.count, 1);
    assert_int_equal(cli_instrument(&arguments, "430901"), 1);
    assert_int_equal(cli_instrument(&arguments, "HX-2.A"), 2);
    assert_int_equal(cli_instrument(&arguments, "7"), 7);
    assert_string_equal(cli_symbol_text(&arguments, text, 2), "HX-2.A");
    assert_string_equal(cli_symbol_text(&arguments, text, 7), "7");
}

static void a_wrong_profile_is_told_with_file_and_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } CASES[] = {
        {"session 3\nsesion 4\n", "wrong.profile:2: there is no setting \"sesion\""},
        {"\n\nsession\n", "wrong.profile:3: session has no value"},
        {"instrument HX 1\n", "wrong.profile:1: must be `instrument NUMBER SYMBOL`"},
        {"instrument 1\n", "wrong.profile:1: must be `instrument NUMBER SYMBOL`"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        check_refused(parse_profile, write_file("wrong.profile", CASES[i].text), CASES[i].says);
    check_refused(parse_profile, "/nonexistent/a.profile", "No such file or directory");
}

static void an_endpoint_may_be_the_file_that_a_server_writes(void **state) {
    (void)state;
    struct cli_arguments arguments;
    write_file("endpoints", "trade tcp://127.0.0.1:40123\nserver key#of:server\n");
    parse(&arguments, (const char *const[]){
                          "--profile", write_file("ann.profile", "endpoint endpoints\n"), NULL});
    assert_string_equal(cli_setting(&arguments, CLI_ENDPOINT), "tcp://127.0.0.1:40123");
    assert_string_equal(cli_setting(&arguments, CLI_SERVER_KEY), "key#of:server");
    write_file("ann.profile", "endpoint nothing\n");
    struct ending ending;
    char path[128];
    snprintf(path, sizeof path, "%s/ann.profile", folder);
    run_child(&ending, parse_profile, path);
    assert_int_equal(ending.code, CLI_CONNECTION);
    assert_non_null(strstr(ending.text, "nothing: No such file or directory"));
    write_file("nothing", "something else\n");
    check_refused(parse_profile, path, "neither an address such as tcp://127.0.0.1:7001 nor");
}

/* Forty characters of Z85: a path can look like a key. */
static void a_file_goes_before_a_key_of_its_name(void **state) {
    static const char NAME[] = "0123456789012345678901234567890123456789";
    struct cli_arguments arguments;
    char text[128];
    char path[128];
    (void)state;
    snprintf(text, sizeof text, "server_key %s\n", NAME);
    snprintf(path, sizeof path, "%s", write_file("ann.profile", text));
    parse(&arguments, (const char *const[]){"--profile", path, NULL});
    assert_string_equal(cli_setting(&arguments, CLI_SERVER_KEY), NAME);
    write_file(NAME, "a key");
    parse(&arguments, (const char *const[]){"--profile", path, NULL});
    snprintf(path, sizeof path, "%s/%s", folder, NAME);
    assert_string_equal(cli_setting(&arguments, CLI_SERVER_KEY), path);
    unlink(path);
}

static void parse_negative(const void *text) {
    struct cli_arguments arguments;
    parse(&arguments, (const char *const[]){text, NULL});
}

static void need_session(const void *argument) {
    struct cli_arguments arguments;
    (void)argument;
    parse(&arguments, (const char *const[]){NULL});
    cli_setting(&arguments, CLI_SESSION);
}

static void what_is_wrong_or_missing_is_named(void **state) {
    (void)state;
    check_refused(parse_negative, "-5", "\"-5\": a number must not be negative here");
    check_refused(parse_negative, "--nonsense", "unrecognized option '--nonsense'");
    check_refused(parse_negative, "--timeout=0", "--timeout: 0 is not in 1 .. 3600");
    check_refused(parse_negative, "--number=x", "--number: \"x\" is not a whole number");
    check_refused(need_session, NULL, "session is not said: --session, TPX_SESSION, or a line");
}

/* --- reasons -------------------------------------------------------------------------------------
 */

static void every_reason_has_a_chinese_and_an_english_text(void **state) {
    (void)state;
    const ProtobufCEnumDescriptor *reasons = &tpx__reason__descriptor;
    for (unsigned i = 0; i < reasons->n_values; i++) {
        int number = reasons->values[i].value;
        const struct reason_text *text = reason_text_find((uint32_t)number);
        if (number == REASON_NONE)
            assert_null(text);
        else if (text == NULL || text->chinese[0] == '\0' || text->english[0] == '\0')
            fail_msg("%s has no text", reasons->values[i].name);
    }
}

static int make_folder(void **state) {
    static const char *const VARIABLES[] = {"TPX_PROFILE", "TPX_ENDPOINT", "TPX_SERVER_KEY",
                                            "TPX_KEY",     "TPX_SESSION",  "TPX_ACCOUNT",
                                            "TPX_LEDGER"};
    (void)state;
    for (size_t i = 0; i < sizeof VARIABLES / sizeof VARIABLES[0]; i++)
        unsetenv(VARIABLES[i]);
    snprintf(folder, sizeof folder, "/tmp/tpx-cli-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state) {
    static const char *const NAMES[] = {"ann.profile", "wrong.profile", "endpoints", "nothing"};
    char path[128];
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_digits_within_their_range),
        cmocka_unit_test(money_is_yuan_with_at_most_two_decimals),
        cmocka_unit_test(dates_are_days_that_exist),
        cmocka_unit_test(times_are_utc_with_or_without_a_fraction),
        cmocka_unit_test(orders_are_session_and_number),
        cmocka_unit_test(roles_and_pools_go_by_name),
        cmocka_unit_test(a_profile_gives_what_no_option_says),
        cmocka_unit_test(a_wrong_profile_is_told_with_file_and_line),
        cmocka_unit_test(an_endpoint_may_be_the_file_that_a_server_writes),
        cmocka_unit_test(a_file_goes_before_a_key_of_its_name),
        cmocka_unit_test(what_is_wrong_or_missing_is_named),
        cmocka_unit_test(every_reason_has_a_chinese_and_an_english_text),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
