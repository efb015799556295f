/*
 * What the register says, asked at the query endpoint of a real server: now and at any time past,
 * by asset, party, number and change; what strangers learn; and a register that was killed or
 * deleted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/cli.h"
#include "gateway/counters.h"
#include "gateway/follower.h"
#include "ledger/entry_report.h"
#include "tests/e2e/registrar.h"

#define ROWS_MAX 256

static struct trial trial;
static struct registrar registrar;
static struct client *client;
static struct query_client *ann; /* broker 1, for whom nobody else acts */
static struct query_client *bob;
static uint32_t firm;  /* a party that broker 1 acts for */
static uint64_t after; /* what every answer is to hold */

/* What was answered last. */
static struct answer answer;
static struct entry_report rows[ROWS_MAX];
static uint8_t roles[ROWS_MAX];
static uint8_t reports[ROWS_MAX][512];
static uint32_t count;

static uint64_t do_deed(const struct command *command) {
    struct report report = registrar_do(client, command);
    after = report.sequence + 1;
    return report.done.id;
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 2, .accounts = 2, .instruments = 2};
    (void)state;
    desk_set_up(&trial, &options);
    registrar_add(&registrar, &trial);
    client = registrar_dial(&registrar);
    ann = trial_asker(&trial, &trial.brokers[0]);
    bob = trial_asker(&trial, &trial.brokers[1]);
    struct command party = registrar_party("91440000000000001A", trial_broker(&trial, 1));
    firm = (uint32_t)do_deed(&party);
    struct command right = registrar_right("ZL202310000001.X", firm);
    assert_int_equal(do_deed(&right), 1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    client_close(client);
    query_client_close(ann);
    query_client_close(bob);
    desk_tear_down(&trial);
    return 0;
}

/* --- asking ------------------------------------------------------------------------------------
 */

static void keep_row(const struct registered_row *row) {
    assert_true(count < ROWS_MAX && row->report_bytes <= sizeof reports[0]);
    memcpy(reports[count], row->report, row->report_bytes);
    struct span report = {reports[count], row->report_bytes};
    assert_true(entry_report_read(report, &rows[count]));
    roles[count++] = row->role;
}

/* All rows over all pages; false when it was refused, with the reason in *refused. */
static bool ask(struct query_client *asker, struct query query, struct refused *refused) {
    struct answer_row row;
    query.at_least = after;
    query.wait_ms = QUERY_WAIT_MS_MAX;
    count = 0;
    do {
        assert_int_equal(query_client_ask(asker, &query, DESK_PATIENCE_MS, &answer),
                         QUERY_CLIENT_ANSWER);
        if (query_client_refused(&answer, refused))
            return false;
        assert_true(answer.as_of >= after);
        while (query_client_row(&answer, &row))
            keep_row(&row.registered);
    } while (query_client_next_page(&query, &answer));
    return true;
}

static void ask_fine(struct query_client *asker, const struct query *query) {
    struct refused refused;
    if (!ask(asker, *query, &refused))
        fail_msg("refused: %s %s", refused.field, refused.text);
}

static struct query of_right(const char *number) {
    struct query query = {
        .kind = QUERY_ENTRIES,
        .entries = {.right_kind = RIGHT_INVENTION, .number_bytes = (uint8_t)strlen(number)}};
    memcpy(query.entries.number, number, strlen(number));
    return query;
}

/* The next version of a right: suspended, or not any more. */
static void change(uint32_t right) {
    static bool is_suspended[ROWS_MAX];
    struct command command = {
        .verb = VERB_DEED,
        .deed = {.kind = DEED_SET_RIGHT_STATUS, .set_right_status = {.right = right}}};
    struct set_right_status *status = &command.deed.set_right_status;
    *(is_suspended[right] ? &status->clear : &status->set) = RIGHT_SUSPENDED;
    is_suspended[right] = !is_suspended[right];
    do_deed(&command);
}

/* --- the tests ---------------------------------------------------------------------------------
 */

static void what_a_deed_told_is_in_an_answer_that_waits_for_it(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        char number[32];
        snprintf(number, sizeof number, "ZL2024%08u.X", i);
        struct command right = registrar_right(number, firm);
        uint64_t id = do_deed(&right);
        struct query query = of_right(number);
        ask_fine(bob, &query);
        assert_int_equal(count, 1);
        assert_int_equal(rows[0].entry, 0);
        assert_int_equal(rows[0].kind, ENTRY_ASSET);
        assert_int_equal(rows[0].asset.asset, id);
        query = (struct query){.kind = QUERY_ENTRIES,
                               .entries = {.asset_kind = ASSET_RIGHT, .asset = (uint32_t)id}};
        ask_fine(bob, &query);
        assert_int_equal(count, 1);
        assert_int_equal(rows[0].sequence, after - 1);
    }
}

static void what_nobody_admitted_is_unknown_and_not_free(void **state) {
    struct refused refused;
    (void)state;
    assert_false(ask(bob, of_right("ZL999999999999.X"), &refused));
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
    struct query query = of_right("ZL202310000001.X");
    query.entries.right_kind = RIGHT_DESIGN;
    assert_false(ask(bob, query, &refused));
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
    query.entries.right_kind = RIGHT_INVENTION;
    query.entries.as_of = 1;
    assert_false(ask(bob, query, &refused));
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
}

static void every_version_is_found_as_of_its_time(void **state) {
    uint64_t moments[4];
    int64_t times[4];
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        change(1);
        moments[i] = after;
        struct query now = of_right("ZL202310000001.X");
        ask_fine(bob, &now);
        times[i] = rows[0].time_ns;
        assert_int_equal(rows[0].version, i + 2);
    }
    for (uint32_t i = 0; i < 4; i++) {
        struct query then = of_right("ZL202310000001.X");
        then.entries.as_of = moments[i];
        ask_fine(bob, &then);
        assert_int_equal(rows[0].version, i + 2);
        then.entries.as_of = 0;
        then.entries.time_ns = times[i];
        ask_fine(bob, &then);
        assert_int_equal(rows[0].version, i + 2);
    }
    struct query history = of_right("ZL202310000001.X");
    history.kind = QUERY_ENTRY_VERSIONS;
    history.limit = 2;
    ask_fine(bob, &history);
    assert_int_equal(count, 5);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(rows[i].version, i + 1);
}

static void a_time_that_has_not_come_is_refused(void **state) {
    struct refused refused;
    struct query query = of_right("ZL202310000001.X");
    (void)state;
    query.entries.as_of = INT64_MAX;
    assert_false(ask(bob, query, &refused));
    assert_int_equal(refused.reason, REASON_NOT_READY);
    assert_string_equal(refused.field, "as_of");
    assert_int_equal(refused.limit, answer.as_of);
}

static void entries_are_found_by_party_and_by_change(void **state) {
    struct query query = {
        .kind = QUERY_PARTY_ENTRIES, .limit = 3, .party_entries = {.party = firm}};
    (void)state;
    ask_fine(bob, &query);
    uint32_t owned = count;
    assert_true(owned >= 21);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(roles[i], ENTRY_ROLE_OWNER);
    query.party_entries = (struct party_entries_query){
        .code_bytes = 18, .code = "91440000000000001A", .role = ENTRY_ROLE_OWNER};
    ask_fine(bob, &query);
    assert_int_equal(count, owned);
    query.party_entries.role = ENTRY_ROLE_PLEDGEE;
    ask_fine(bob, &query);
    assert_int_equal(count, 0);
    uint64_t from = after;
    change(1);
    change(2);
    query = (struct query){
        .kind = QUERY_REGISTER_CHANGES, .limit = 1, .register_changes = {.from = from}};
    ask_fine(bob, &query);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].asset.asset, 1);
    assert_int_equal(rows[1].asset.asset, 2);
    query.register_changes.party = firm + 1000;
    ask_fine(bob, &query);
    assert_int_equal(count, 0);
}

/* The answer's bytes behind its id and as-of. */
static size_t refusal_of(struct query_client *asker, const struct query *query, uint8_t *bytes) {
    struct refused refused;
    assert_false(ask(asker, *query, &refused));
    memcpy(bytes, answer.refused.bytes, answer.refused.size);
    return answer.refused.size;
}

static void a_holding_is_there_for_whom_it_concerns_alone(void **state) {
    uint8_t hidden[256];
    uint8_t unknown[256];
    (void)state;
    struct command holding = {
        .verb = VERB_DEED,
        .deed = {.kind = DEED_ADMIT_HOLDING, .admit_holding = {.party = firm, .instrument = 1}}};
    do_deed(&holding);
    struct query query = {.kind = QUERY_ENTRIES,
                          .entries = {.asset_kind = ASSET_HOLDING, .asset = 1, .holder = firm}};
    ask_fine(ann, &query);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].asset.holder, firm);
    size_t hidden_size = refusal_of(bob, &query, hidden);
    query.entries.holder = firm + 1000;
    size_t unknown_size = refusal_of(bob, &query, unknown);
    assert_int_equal(hidden_size, unknown_size);
    assert_memory_equal(hidden, unknown, hidden_size);
    query = (struct query){.kind = QUERY_REGISTER_CHANGES, .register_changes = {.from = after - 1}};
    ask_fine(ann, &query);
    assert_int_equal(count, 1);
    ask_fine(bob, &query);
    assert_int_equal(count, 0);
    query = (struct query){.kind = QUERY_BOUND_TOTALS, .bound_totals = {.instrument = 1}};
    ask_fine(bob, &query);
    assert_int_equal(count, 0);
    query.bound_totals.instrument = 77;
    struct refused refused;
    assert_false(ask(bob, query, &refused));
    assert_int_equal(refused.reason, REASON_UNKNOWN_INSTRUMENT);
}

/* A program in another language, written from proto/README.md and tpx.proto alone. */
static void a_bank_s_program_reads_it_in_python(void **state) {
    char command[8 * TRIAL_PATH_MAX];
    (void)state;
    snprintf(command, sizeof command,
             "mkdir -p %s/python && protoc --python_out=%s/python proto/tpx.proto && "
             "PYTHONPATH=%s/python:tests/e2e /usr/bin/python3 -B tests/e2e/bank.py %s '%s' "
             "%s/broker1.key 91440000000000001A | grep -x '2[1-9] owned by it'",
             trial.folder, trial.folder, trial.folder, trial.query_endpoint,
             trial.server.public_z85, trial.folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): the test's own words */
}

/* At its new endpoints. */
static void redial(void) {
    client_close(client);
    query_client_close(ann);
    query_client_close(bob);
    client = registrar_dial(&registrar);
    ann = trial_asker(&trial, &trial.brokers[0]);
    bob = trial_asker(&trial, &trial.brokers[1]);
}

static void the_command_line_says_the_same(void **state) {
    int code;
    (void)state;
    const char *status[] = {"right",    "status",       "invention", "ZL202310000001.X",
                            "--ledger", trial.exchange, NULL};
    assert_int_equal(trial_stop(&trial), 0);
    char *said = trial_tpx(&trial, &code, status);
    if (code != CLI_FINE)
        fail_msg("%s", said);
    assert_non_null(strstr(said, "ZL202310000001.X"));
    free(said);
    const char *unknown[] = {"right", "status", "design", "ZL1", "--ledger", trial.exchange, NULL};
    said = trial_tpx(&trial, &code, unknown);
    assert_int_equal(code, CLI_REFUSED);
    assert_non_null(strstr(said, "UNKNOWN_RIGHT"));
    free(said);
    trial_start(&trial);
    redial();
}

/* As of when the register's follower began, as the server's log says. */
static uint64_t begun_as_of(void) {
    char path[TRIAL_PATH_MAX + 16];
    char line[1024];
    uint64_t as_of = 0;
    snprintf(path, sizeof path, "%s/tpxd.log", trial.folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *event = strstr(line, "register_ready as_of=");
        if (event != NULL)
            as_of = strtoull(event + strlen("register_ready as_of="), NULL, 10);
    }
    fclose(file);
    return as_of;
}

static void a_killed_register_goes_on_where_it_had_committed(void **state) {
    (void)state;
    change(3);
    struct query query = {.kind = QUERY_ENTRIES,
                          .entries = {.asset_kind = ASSET_RIGHT, .asset = 3}};
    ask_fine(bob, &query); /* so it is committed */
    trial_kill(&trial);
    trial_start(&trial);
    redial();
    desk_until_counter(&trial, COUNTER_REGISTER, after);
    assert_true(begun_as_of() >= after);
    change(4);
    ask_fine(bob, &query);
    assert_int_equal(rows[0].version, 2);
}

static void a_deleted_register_is_made_again(void **state) {
    char line[TRIAL_PATH_MAX + 32];
    struct query query = {.kind = QUERY_REGISTER_CHANGES};
    (void)state;
    ask_fine(ann, &query);
    uint32_t changes = count;
    assert_int_equal(trial_stop(&trial), 0);
    snprintf(line, sizeof line, "rm -r %s/register", trial.exchange);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c): the test's own words */
    trial_start(&trial);
    redial();
    ask_fine(ann, &query);
    assert_int_equal(count, changes);
    change(5);
    ask_fine(ann, &query);
    assert_int_equal(count, changes + 1);
    int code;
    const char *verify[] = {"ledger", "verify", trial.exchange, NULL};
    char *said = trial_tpx(&trial, &code, verify);
    if (code != 0)
        fail_msg("%s", said);
    free(said);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_deed_told_is_in_an_answer_that_waits_for_it),
        cmocka_unit_test(what_nobody_admitted_is_unknown_and_not_free),
        cmocka_unit_test(every_version_is_found_as_of_its_time),
        cmocka_unit_test(a_time_that_has_not_come_is_refused),
        cmocka_unit_test(entries_are_found_by_party_and_by_change),
        cmocka_unit_test(a_holding_is_there_for_whom_it_concerns_alone),
        cmocka_unit_test(a_bank_s_program_reads_it_in_python),
        cmocka_unit_test(the_command_line_says_the_same),
        cmocka_unit_test(a_killed_register_goes_on_where_it_had_committed),
        cmocka_unit_test(a_deleted_register_is_made_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
