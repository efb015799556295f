/*
 * The command line against a real exchange, as people and programs use it: what it prints, and its
 * exit codes.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/trial.h"
#include "gateway/cli.h"

#define WORDS_MAX 32

static struct trial trial;

/* --- saying and hearing --------------------------------------------------------------------------
 */

/* Cuts a line into words at spaces; quotes hold together what has spaces. */
static void cut(char *line, const char *words[WORDS_MAX]) {
    int count = 0;
    for (char *at = line; *at != '\0';) {
        char end = *at == '\'' ? '\'' : ' ';
        at += end == '\'';
        words[count++] = at;
        assert_true(count < WORDS_MAX);
        at = strchr(at, end);
        if (at == NULL)
            break;
        *at++ = '\0';
        at += end == '\'' && *at == ' ';
    }
    words[count] = NULL;
}

/* Runs `tpx <line>`, '@' standing for the trial's folder; the output is the caller's. */
static char *tpx(int *code, const char *line) {
    char text[2048];
    size_t used = 0;
    const char *words[WORDS_MAX];
    for (; *line != '\0' && used < sizeof text - 1; line++)
        used +=
            (size_t)(*line == '@' ? snprintf(text + used, sizeof text - used, "%s", trial.folder)
                                  : snprintf(text + used, sizeof text - used, "%c", *line));
    assert_true(used < sizeof text - 1);
    cut(text, words);
    return trial_tpx(&trial, code, words);
}

/* It ends with `code` and says each of the texts, NULL at the end. */
static void check(int code, const char *line, const char *const says[]) {
    int actual;
    char *output = tpx(&actual, line);
    if (actual != code)
        fail_msg("exit code %d instead of %d of: tpx %s\n%s", actual, code, line, output);
    for (; *says != NULL; says++)
        if (strstr(output, *says) == NULL)
            fail_msg("no \"%s\" from: tpx %s\n%s", *says, line, output);
    free(output);
}

#define CHECK(code, line, ...) check(code, line, (const char *const[]){__VA_ARGS__, NULL})

/* The object that it prints with --json; lines before it, of standard error, are passed over. */
static json_t *json_of(int code, const char *line) {
    int actual;
    json_error_t error;
    char *output = tpx(&actual, line);
    const char *begin = strchr(output, '{');
    if (actual != code || begin == NULL)
        fail_msg("exit code %d instead of %d of: tpx %s\n%s", actual, code, line, output);
    json_t *object = json_loads(begin, 0, &error);
    if (object == NULL)
        fail_msg("%s in line %d of: tpx %s\n%s", error.text, error.line, line, output);
    free(output);
    return object;
}

/* A text of an object, such as a 64-bit number. */
static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL)
        fail_msg("no text \"%s\"", key);
    return text;
}

static void check_id(const char *line, const char *id) {
    json_t *object = json_of(CLI_FINE, line);
    assert_string_equal(text_of(object, "id"), id);
    json_decref(object);
}

/* The first row of a table. */
static const json_t *row_of(const json_t *object, const char *table) {
    const json_t *row = json_array_get(json_object_get(object, table), 0);
    if (row == NULL)
        fail_msg("no row in \"%s\"", table);
    return row;
}

/* Writes <name>.profile into the trial's folder. */
static void write_profile(const char *name, const char *key, unsigned session, unsigned account) {
    char path[TRIAL_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s.profile", trial.folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "endpoint exchange/endpoints\nledger exchange/ledger\nkey %s.key\nsession %u\n",
            key, session);
    if (account != 0)
        fprintf(file, "account %u\ninstrument 1 HX\ninstrument 2 LY-1\n", account);
    fclose(file);
}

/* --- an exchange furnished by hand ---------------------------------------------------------------
 *
 * The order counts: each test goes on where the one before has left the exchange.
 */

static void an_operator_furnishes_an_exchange(void **state) {
    (void)state;
    CHECK(CLI_FINE, "keygen @/ann.key", "public key", "@/ann.key.pub" + 1);
    CHECK(CLI_FINE, "keygen @/bob.key --json", "\"public_key\": \"");
    check_id("-p @/op1.profile admin participant 91310000MA1FL0001A 'Ann 安岚证券' broker --json",
             "2");
    check_id("-p @/op1.profile admin participant 91310000MA1FL0002B Bob broker,bank --json", "3");
    check_id("-p @/op1.profile admin key add 2 10 @/ann.key.pub --json", "3");
    check_id("-p @/op1.profile admin key add 3 11 @/bob.key --json", "4");
    check_id("-p @/op1.profile admin session add 2 --json", "3");
    check_id("-p @/op1.profile admin session add 3 --cancel-on-disconnect 3600000 --json", "4");
    check_id("-p @/op1.profile admin account 2 1001 --json", "1");
    check_id("-p @/op1.profile admin account 3 1002 --json", "2");
    check_id("-p @/op1.profile admin instrument HX --band 7.00..13.00 --reference 10 --json", "1");
    check_id("-p @/op1.profile admin instrument LY-1 --tick 0.05 --lot-min 1 --json", "2");
    CHECK(CLI_FINE, "-p @/op1.profile admin deposit 1 100000.50", "DEPOSIT");
    CHECK(CLI_FINE, "-p @/op1.profile admin withdraw 1 0.50", "DEPOSIT");
    CHECK(CLI_FINE, "-p @/op1.profile admin deposit 2 5000 1", "DEPOSIT");
    CHECK(CLI_FINE, "-p @/op1.profile admin day open 2026-11-24", "DAY_OPEN", "20261124");
}

static void orders_are_entered_changed_and_listed(void **state) {
    (void)state;
    CHECK(CLI_FINE, "-p @/ann.profile account", "cash  100000.00      0.00  100000.00");
    CHECK(CLI_FINE, "-p @/ann.profile order list", "as of", "no orders");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 300 HX 10.05 --text mine", "NEW     3-1    HX",
          "buy   10.05");
    CHECK(CLI_FINE, "-p @/bob.profile order sell 100 HX", "market", "TRADE   4-1", "10.05");
    CHECK(CLI_FINE, "-p @/ann.profile order list", "3-1          1  HX",
          "10.05       300     200   100");
    CHECK(CLI_FINE, "-p @/ann.profile order replace 3-1 500 10.04", "REPLACED",
          "500     400   100");
    json_t *object = json_of(CLI_FINE, "-p @/ann.profile order list --json");
    const json_t *order = row_of(object, "orders");
    assert_string_equal(text_of(order, "order_id"), "3298534883329");
    assert_string_equal(text_of(order, "price"), "1004");
    assert_string_equal(text_of(order, "leaves_qty"), "400");
    assert_string_equal(text_of(order, "instrument"), "1");
    assert_string_equal(text_of(order, "side"), "BUY");
    json_decref(object);
    object = json_of(CLI_REFUSED, "-p @/ann.profile order cancel 3-99 --json");
    assert_string_equal(text_of(row_of(object, "reports"), "side"), "");
    json_decref(object);
    object = json_of(CLI_FINE, "-p @/ann.profile account --json");
    assert_string_equal(text_of(row_of(object, "holdings"), "settled"), "9899500");
    assert_string_equal(text_of(row_of(object, "holdings"), "reserved"), "401600");
    json_decref(object);
    CHECK(CLI_FINE, "-p @/ann.profile order cancel 3-1", "CANCELED");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX 9 --tif gtc", "NEW");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX 9 --tif gtd --until 20261231", "NEW");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 LY-1 9.05 --post-only", "NEW");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX 9 --tif fok", "CANCELED", "FOK_SHORT");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX 9 --tif ioc --min 100", "MIN_QUANTITY");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX --protection 9.50", "MARKET_REST", "9.50");
    CHECK(CLI_FINE, "-p @/ann.profile order cancel --all --instrument HX --side buy",
          "mass canceled        2", "MASS_CANCEL");
    CHECK(CLI_FINE, "-p @/ann.profile order cancel --all", "mass canceled        1");
}

static void a_request_is_asked_about_again_by_its_number(void **state) {
    (void)state;
    CHECK(CLI_FINE, "-p @/ann.profile order buy 300 HX 10.05 --text mine --number 1",
          "NEW     3-1");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 200 HX 10.05 --number 1",
          "DUPLICATE_CLIENT_ORDER_ID");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX 8 --number 100", "NEW     3-100");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 8 --number 99", "NOT_SEQUENCED");
    CHECK(CLI_FINE, "-p @/ann.profile order cancel --all", "mass canceled        1");
}

static void a_refusal_names_field_and_limit(void **state) {
    (void)state;
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 50 HX 10", "LOT_SIZE: order_qty (limit 100)",
          "less than the smallest lot");
    assert_int_equal(setenv("TPX_LANG", "zh", 1), 0);
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 50 HX 10",
          "市场拒绝: LOT_SIZE: order_qty (上限 100)", "数量不符合最小申报或递增单位");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy many HX 10", "“many”不是整数");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy", "缺少参数");
    CHECK(CLI_USAGE, "-p @/ann.profile account 0", "account：0 不在 1 ..");
    CHECK(CLI_REFUSED, "-p @/ann.profile session 77", "会话不存在（UNKNOWN_SESSION）");
    assert_int_equal(unsetenv("TPX_LANG"), 0);
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 13.01",
          "OUT_OF_BAND: price (limit 13.00)");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 LY-1 9.99", "TICK_SIZE: price (limit 0.05)");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 4294967296 HX 10", "MAX_QUANTITY: order_qty",
          "(limit 1000000)");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 20000 HX 10", "INSUFFICIENT_CASH",
          "(free 98995.00)");
    CHECK(CLI_REFUSED, "-p @/ann.profile order sell 200 HX 10",
          "INSUFFICIENT_POSITION: order_qty (free 100)");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 9 10", "UNKNOWN_INSTRUMENT: instrument");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 10 --account 2",
          "UNKNOWN_ACCOUNT: account");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 10 --date 20261125",
          "BAD_DATE: trading_date");
    CHECK(CLI_REFUSED, "-p @/ann.profile order cancel 3-7777", "UNKNOWN_ORDER: order_id");
    CHECK(CLI_REFUSED, "-p @/ann.profile admin account 3 7", "NOT_AUTHORISED: act");
    json_t *object = json_of(CLI_REFUSED, "-p @/ann.profile order buy 50 HX 10 --json");
    const json_t *report = row_of(object, "reports");
    assert_string_equal(text_of(report, "reason"), "LOT_SIZE");
    assert_string_equal(text_of(report, "field"), "order_qty");
    assert_string_equal(text_of(report, "limit"), "100");
    json_decref(object);
}

static void what_is_wrong_with_arguments_is_said_before_anything_is_asked(void **state) {
    (void)state;
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10.055", "price: 10.055 has more than two");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 0 HX 10", "quantity: 0 is not in 1 ..");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HY 10", "instrument: \"HY\" is no number");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100", "arguments are missing");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10 --tif now", "tif: \"now\" is none of");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10 --tif gtd", "--tif gtd and --until");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10 --text 123456789012345678901",
          "text: has 21 bytes, it must have 1 to 20");
    CHECK(CLI_USAGE, "-p @/ann.profile order cancel", "name one order, or give --all");
    CHECK(CLI_USAGE, "-p @/ann.profile order cancel 3-1 --side buy", "go with --all");
    CHECK(CLI_USAGE, "-p @/ann.profile order cancel x-1", "is not an order such as 3-17");
    CHECK(CLI_USAGE, "-p @/op1.profile admin kill", "scope: say exactly one of");
    CHECK(CLI_USAGE, "-p @/op1.profile admin participant X Y clown",
          "roles: there is no \"clown\"");
    CHECK(CLI_USAGE, "-p @/op1.profile admin limits raise ordres 5",
          "pool: there is no \"ordres\"");
    CHECK(CLI_USAGE, "-p @/op1.profile admin band HX 13", "instrument");
    CHECK(CLI_USAGE, "-p @/op1.profile admin band 1 13", "is not LOW..HIGH");
    CHECK(CLI_USAGE, "order buy 100 1 10 --account 1", "endpoint is not said", "TPX_ENDPOINT");
    CHECK(CLI_USAGE, "-p @/ann.profile --json order list", "--json: options stand behind");
    CHECK(CLI_USAGE, "-p @/ann.profile order list --account 1", "unrecognized option");
    CHECK(CLI_USAGE, "-p @/ann.profile account --session 3", "unrecognized option");
    CHECK(CLI_USAGE,
          "-p @/ann.profile order cancel --all --endpoint tcp://nowhere --server-key "
          "@/ann.key.pub",
          "cannot be dialled");
    CHECK(CLI_USAGE, "oder", "there is no command `tpx oder`");
    CHECK(CLI_USAGE, "keygen @/ann.key --note 'a b'", "no spaces");
    CHECK(CLI_FAILED, "keygen @/ann.key", "is there already");
    CHECK(CLI_FINE, "help", "tpx order", "Exit codes: 0 done");
    CHECK(CLI_FINE, "help order buy", "Usage: tpx order buy", "QUANTITY INSTRUMENT [PRICE]");
    CHECK(CLI_FINE, "--version", "tpx 1");
}

static void a_key_file_that_others_can_read_is_refused(void **state) {
    char path[TRIAL_PATH_MAX + 16];
    (void)state;
    snprintf(path, sizeof path, "%s/ann.key", trial.folder);
    assert_int_equal(chmod(path, 0640), 0);
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10", "others may read it: chmod 600");
    assert_int_equal(chmod(path, 0600), 0);
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10 --key @/ann.key.pub", "no secret key");
    CHECK(CLI_USAGE, "-p @/ann.profile order buy 100 HX 10 --key @/none.key", "No such file");
}

static void who_cannot_connect_is_told_why(void **state) {
    (void)state;
    CHECK(CLI_FINE, "keygen @/stranger.key", "public key");
    CHECK(CLI_CONNECTION, "-p @/ann.profile order buy 100 HX 10 --key @/stranger.key",
          "does not accept the key", "stranger.key");
    CHECK(CLI_CONNECTION, "-p @/ann.profile order buy 100 HX 10 --session 4",
          "has no such session");
    CHECK(CLI_CONNECTION, "-p @/ann.profile order buy 100 HX 10 --session 77", "session 77");
    CHECK(CLI_CONNECTION,
          "-p @/ann.profile order buy 100 HX 10 --timeout 1 --server-key @/stranger.key.pub",
          "does not have the server key");
    CHECK(CLI_CONNECTION,
          "-p @/ann.profile order buy 100 HX 10 --timeout 1 --endpoint tcp://127.0.0.1:1 "
          "--server-key @/stranger.key.pub",
          "nobody answers within 1 s");
}

/* Proposes as operator 1; returns the proposal as text, the caller's. */
static char *propose(const char *what) {
    char line[512];
    snprintf(line, sizeof line, "-p @/op1.profile admin %s --propose --json", what);
    json_t *object = json_of(CLI_FINE, line);
    char *proposal = strdup(text_of(object, "proposal"));
    json_decref(object);
    return proposal;
}

/* What takes two keys: alone it is refused; proposed, the proposer cannot approve; another can, and
 * once. */
static void check_takes_two(const char *what, const char *done) {
    char line[512];
    snprintf(line, sizeof line, "-p @/op1.profile admin %s", what);
    CHECK(CLI_REFUSED, line, "NEEDS_TWO_KEYS", "the keys of two persons");
    char *proposal = propose(what);
    snprintf(line, sizeof line, "-p @/op1.profile admin --approve %s", proposal);
    CHECK(CLI_REFUSED, line, "SAME_PERSON");
    snprintf(line, sizeof line, "-p @/op2.profile admin --approve %s", proposal);
    CHECK(CLI_FINE, line, done);
    CHECK(CLI_REFUSED, line, "UNKNOWN_PROPOSAL");
    free(proposal);
}

static void grave_acts_take_two_keys(void **state) {
    (void)state;
    CHECK(CLI_FINE, "-p @/op1.profile admin halt 1", "HALT");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 10", "HALTED");
    check_takes_two("band 1 8..12", "SET_BAND");
    check_takes_two("halt 1 --lift", "HALT");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 12.50",
          "OUT_OF_BAND: price (limit 12.00)");
    CHECK(CLI_FINE, "-p @/op1.profile admin kill --participant 2", "KILL");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 10", "KILLED");
    check_takes_two("unkill --participant 2", "UNKILL");
    CHECK(CLI_FINE, "-p @/ann.profile order buy 100 HX 10", "NEW");
    check_takes_two("limits raise accounts 200000", "RAISE_LIMIT");
    CHECK(CLI_FINE, "-p @/op1.profile admin limits list", "accounts         2   200000   1000000");
    CHECK(CLI_REFUSED, "-p @/op1.profile admin activate 1000 --propose",
          "refused by the gateway: OUT_OF_LIMITS: activate.version is not known to this release "
          "(limit 2)"); /* else a later
release would
take it */
    CHECK(CLI_FINE, "-p @/op1.profile admin day close 20261124", "DAY_CLOSE");
    CHECK(CLI_REFUSED, "-p @/ann.profile order buy 100 HX 10", "NOT_IN_SESSION");
}

static void the_operator_lists_what_there_is(void **state) {
    (void)state;
    CHECK(CLI_FINE, "-p @/op1.profile admin list participants", "91310000MA1FL0002B  broker,bank");
    CHECK(CLI_FINE, "-p @/op1.profile admin list sessions", "cancels after ms", "3600000");
    CHECK(CLI_FINE, "-p @/op1.profile admin list instruments", "HX", "8.00  12.00      10.00");
    CHECK(CLI_FINE, "admin list keys --ledger @/exchange", "public key");
    json_t *object = json_of(CLI_FINE, "-p @/op1.profile admin list keys --json");
    const json_t *third = json_array_get(json_object_get(object, "keys"), 2);
    assert_int_equal(json_integer_value(json_object_get(third, "person")), 10);
    assert_int_equal(strlen(text_of(third, "public_key")), KEYFILE_Z85_CHARS);
    json_decref(object);
}

/* The same questions, put to the running exchange and to its ledger. */
static void state_is_asked_of_the_exchange_or_read_from_the_ledger(void **state) {
    (void)state;
    CHECK(CLI_FINE, "-p @/ann.profile instrument", "bid", "LY-1", "8.00  12.00      10.00  10.05");
    CHECK(CLI_FINE, "-p @/ann.profile instrument HX", "HX");
    CHECK(CLI_FINE, "-p @/ann.profile instrument 1", "HX");
    CHECK(CLI_FINE, "instrument HX --ledger @/exchange", "HX");
    CHECK(CLI_REFUSED, "-p @/ann.profile instrument ZZ", "symbol: there is none");
    CHECK(CLI_USAGE, "-p @/ann.profile instrument 0", "instrument");
    /* A broker sees its own sessions and accounts, and learns nothing of others. */
    json_t *object = json_of(CLI_FINE, "-p @/ann.profile session --json");
    const json_t *sessions = json_object_get(object, "sessions");
    assert_int_equal(json_array_size(sessions), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(sessions, 0), "session")),
                     3);
    json_decref(object);
    CHECK(CLI_REFUSED, "-p @/ann.profile session 1", "session: there is none (UNKNOWN_SESSION)");
    CHECK(CLI_REFUSED, "-p @/ann.profile session 999", "session: there is none (UNKNOWN_SESSION)");
    CHECK(CLI_FINE, "session 1 --ledger @/exchange", "last number");
    CHECK(CLI_REFUSED, "-p @/ann.profile account 2", "account: there is none (UNKNOWN_ACCOUNT)");
    CHECK(CLI_FINE, "account 2 --ledger @/exchange", "cash");
    CHECK(CLI_REFUSED, "-p @/ann.profile admin limits list", "NOT_AUTHORISED");
    CHECK(CLI_FINE, "-p @/ann.profile admin list participants", "2");
    CHECK(CLI_CONNECTION, "-p @/ann.profile session --query tcp://127.0.0.1:1 --timeout 1",
          "nobody answers within 1 s", "--ledger DIR");
    CHECK(CLI_USAGE, "session --endpoint tcp://127.0.0.1:1", "query is not said");
}

static void a_revoked_key_opens_nothing(void **state) {
    (void)state;
    CHECK(CLI_FINE, "-p @/op1.profile admin key revoke 4 --compromised-since 2026-11-24T09:30:00Z",
          "REVOKE_KEY");
    CHECK(CLI_CONNECTION, "-p @/bob.profile order sell 100 HX 10", "does not accept the key");
    CHECK(CLI_CONNECTION, "-p @/bob.profile order list", "does not accept the key");
}

static void status_tells_whether_the_server_lives(void **state) {
    (void)state;
    CHECK(CLI_FINE, "status @/exchange", "running  ready", "answer: in, durable, out");
    json_t *object = json_of(CLI_FINE, "status @/exchange --json");
    assert_string_equal(text_of(object, "epoch"), "2");
    /* What is on its way, such as a Seal, may lie between the two. */
    assert_true(strtoul(text_of(object, "next"), NULL, 10) >=
                strtoul(text_of(object, "durable"), NULL, 10));
    assert_true(strtoul(text_of(object, "frames"), NULL, 10) > 50);
    assert_true(strtoul(text_of(object, "disk_free"), NULL, 10) > 0);
    json_decref(object);
    trial_kill(&trial);
    CHECK(CLI_FAILED, "status @/exchange", "dead");
    CHECK(CLI_CONNECTION, "-p @/ann.profile order buy 100 HX 10 --timeout 1", "nobody answers");
    trial_start(&trial);
    assert_int_equal(trial_stop(&trial), 0);
    CHECK(CLI_CONNECTION, "status @/exchange", "stopped");
    CHECK(CLI_FAILED, "status @", "no counters");
    CHECK(CLI_FINE, "ledger verify @/exchange", "verified");
    trial_start(&trial);
}

static int begin(void **state) {
    const struct trial_options options = {
        .brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    (void)state;
    unsetenv("TPX_PROFILE");
    trial_create(&trial, &options);
    trial_start(&trial);
    write_profile("op1", "operator1", 1, 0);
    write_profile("op2", "operator2", 2, 0);
    write_profile("ann", "ann", 3, 1);
    write_profile("bob", "bob", 4, 2);
    return 0;
}

static int end(void **state) {
    (void)state;
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
    return 0;
}

/* --- an order flow -------------------------------------------------------------------------------
 */

/* Writes an order flow of bench-flow into the trial's folder. */
static void make_flow(const char *profile) {
    char program[TRIAL_PATH_MAX];
    char command[3 * TRIAL_PATH_MAX];
    trial_program("bench-flow", program);
    snprintf(command, sizeof command, "%s %s 1 500 >%s/flow.csv", program, profile, trial.folder);
    assert_int_equal(system(command), 0);
}

/* What bench-match counts of the same flow, played through the books alone. */
static json_t *play_flow(void) {
    char program[TRIAL_PATH_MAX];
    char command[4 * TRIAL_PATH_MAX];
    char output[TRIAL_PATH_MAX + 16];
    json_error_t error;
    trial_program("bench-match", program);
    snprintf(output, sizeof output, "%s/played.json", trial.folder);
    snprintf(command, sizeof command, "%s %s/flow.csv --book --runs 1 --json >%s", program,
             trial.folder, output);
    assert_int_equal(system(command), 0);
    json_t *object = json_load_file(output, 0, &error);
    assert_non_null(object);
    return object;
}

/* The same count in both: a text in the one, a number in the other. */
static void check_count(const json_t *replayed, const json_t *played, const char *key) {
    char text[32];
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT,
             json_integer_value(json_object_get(played, key)));
    assert_string_equal(text_of(replayed, key), text);
}

static void an_order_flow_goes_through_the_gateway(void **state) {
    const struct trial_options options = {
        .brokers = 1, .sessions = 1, .accounts = 4, .instruments = 1};
    char text[32];
    (void)state;
    trial_create(&trial, &options);
    trial_start(&trial);
    trial_furnish(&trial);
    write_profile("ann", "broker1", trial_session(&trial, 1), trial_account(&trial, 1));
    make_flow("cross");
    json_t *object = json_of(CLI_FINE, "-p @/ann.profile replay @/flow.csv --accounts 4 --json");
    assert_string_equal(text_of(object, "requests"), "2500"); /* 2,000 that rest first, and 500 */
    assert_true(strtoul(text_of(object, "trades"), NULL, 10) > 100);
    json_t *played = play_flow();
    check_count(object, played, "trades");
    check_count(object, played, "refused");
    json_decref(played);
    json_decref(object);
    object = json_of(CLI_FINE, "-p @/ann.profile order list --json");
    snprintf(text, sizeof text, "%u", trial_session(&trial, 1));
    assert_true(json_array_size(json_object_get(object, "orders")) > 1000);
    json_decref(object);
    CHECK(CLI_USAGE, "-p @/ann.profile replay @/ann.profile",
          "ann.profile:1: an operation is N, C or R");
    CHECK(CLI_USAGE, "-p @/ann.profile replay @/none.csv", "No such file");
    assert_int_equal(trial_stop(&trial), 0);
    trial_remove(&trial);
}

int main(void) {
    const struct CMUnitTest by_hand[] = {
        cmocka_unit_test(an_operator_furnishes_an_exchange),
        cmocka_unit_test(orders_are_entered_changed_and_listed),
        cmocka_unit_test(a_request_is_asked_about_again_by_its_number),
        cmocka_unit_test(a_refusal_names_field_and_limit),
        cmocka_unit_test(what_is_wrong_with_arguments_is_said_before_anything_is_asked),
        cmocka_unit_test(a_key_file_that_others_can_read_is_refused),
        cmocka_unit_test(who_cannot_connect_is_told_why),
        cmocka_unit_test(grave_acts_take_two_keys),
        cmocka_unit_test(the_operator_lists_what_there_is),
        cmocka_unit_test(state_is_asked_of_the_exchange_or_read_from_the_ledger),
        cmocka_unit_test(a_revoked_key_opens_nothing),
        cmocka_unit_test(status_tells_whether_the_server_lives),
    };
    const struct CMUnitTest by_file[] = {
        cmocka_unit_test(an_order_flow_goes_through_the_gateway),
    };
    return cmocka_run_group_tests(by_hand, begin, end) +
           cmocka_run_group_tests(by_file, NULL, NULL);
}
