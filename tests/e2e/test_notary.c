/*
 * Signatures of parties on a real server: right ones are sequenced, others refused before; a
 * session's requests keep their order while they are checked, and nobody else waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/counters.h"
#include "gateway/notary.h"
#include "ledger/deed_signature.h"
#include "tests/e2e/desk.h"
#include "tests/unit/readme.h"

#define FRAME_REQUESTS 1024u

static struct trial trial;
static struct curve_key registrar_key;
static uint32_t registrar_session;
static uint32_t party;
static uint32_t party_key;
static struct signer *signer;
static uint64_t serial;

static struct client *registrar(void) {
    struct client_options options = {.context = trial.context,
                                     .endpoint = trial.endpoint,
                                     .server_z85 = trial.server.public_z85,
                                     .key = &registrar_key,
                                     .session = registrar_session,
                                     .skips_past = true};
    struct client *client = client_open(&options);
    struct client_item item;
    assert_non_null(client);
    assert_true(client_wait_live(client, DESK_PATIENCE_MS, &item));
    return client;
}

static uint32_t do_deed(struct client *client, const struct command *command) {
    struct report report;
    assert_true(trial_ask(client, command, NULL, &report, NULL));
    assert_int_equal(report.body, REPORT_DONE);
    return (uint32_t)report.done.id;
}

static void add_registrar(void) {
    struct act act = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGISTRAR, .code_bytes = 9, .code = "REGISTRAR", .name_bytes = 9}};
    uint32_t participant = (uint32_t)trial_act(&trial, &act, "Registrar");
    assert_int_equal(keyfile_curve_generate(&registrar_key), 0);
    act = (struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = participant, .person = 77}};
    memcpy(act.add_key.key, registrar_key.public_key, KEY_BYTES);
    trial_act(&trial, &act, NULL);
    act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    registrar_session = (uint32_t)trial_act(&trial, &act, NULL);
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 2, .sessions = 2, .accounts = 2, .instruments = 1};
    (void)state;
    desk_set_up(&trial, &options);
    add_registrar();
    struct client *client = registrar();
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    command.deed.add_party = (struct add_party){.identity_bytes = HASH_BYTES, .identity = {1}};
    party = do_deed(client, &command);
    assert_int_equal(signer_generate(algorithms_profile(), &signer), 0);
    command.deed =
        (struct deed){.kind = DEED_ADD_PARTY_KEY, .add_party_key = {.party = party, .person = 7}};
    signer_public(signer, &command.deed.add_party_key.key);
    party_key = do_deed(client, &command);
    client_close(client);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    signer_destroy(signer);
    desk_tear_down(&trial);
    return 0;
}

/* A mandate of the party to a broker, not signed yet. */
static struct command grant(uint32_t broker) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_GRANT_MANDATE};
    command.deed.grant_mandate = (struct grant_mandate){.principal = party,
                                                        .agent = trial_broker(&trial, broker),
                                                        .scope = MANDATE_PLEDGE,
                                                        .limit_fen = 100,
                                                        .until = 20991231};
    return command;
}

static const char *origin_of(struct client *client) {
    return client_logged_on(client)->origin;
}

static void sign(struct client *client, struct command *command) {
    struct deed_pen pen = {
        .signer = signer, .origin = origin_of(client), .party_key = party_key, .serial = ++serial};
    assert_int_equal(deed_add_signature(&command->deed, NULL, &pen), 0);
}

/* Sends a deed that the gateway must refuse, and it does so under a number that stays free. */
static void assert_refused(struct client *client, const struct command *command, enum reason reason,
                           const char *field) {
    struct report report;
    struct refused refused;
    assert_false(trial_ask(client, command, NULL, &report, &refused));
    assert_int_equal(refused.reason, reason);
    assert_string_equal(refused.field, field);
}

static void revoke(struct client *client, uint32_t mandate) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_REVOKE_MANDATE};
    command.deed.revoke_mandate.mandate = mandate;
    do_deed(client, &command);
}

static void what_the_party_has_signed_is_done_and_counts_once(void **state) {
    struct client *client = trial_client(&trial, 1);
    struct command command = grant(1);
    struct report report;
    (void)state;
    sign(client, &command);
    uint32_t mandate = do_deed(client, &command);
    revoke(client, mandate);
    /* The same paper again, under another number. */
    desk_send(client, &command, &report);
    assert_int_equal(report.execution.reason, REASON_SERIAL_USED);
    assert_int_equal(report.execution.field, FIELD_SERIAL);
    client_close(client);
}

static void a_false_signature_is_refused_before_it_is_sequenced(void **state) {
    struct client *client = trial_client(&trial, 1);
    uint64_t next = desk_ledger_next(&trial);
    struct command command = grant(1);
    (void)state;
    sign(client, &command);
    command.deed.signatures[0].bytes[17] ^= 1;
    assert_refused(client, &command, REASON_BAD_SIGNATURE, "deed.signature.bytes");
    command.deed.signatures[0].bytes[17] ^= 1;
    command.deed.grant_mandate.limit_fen++; /* another body than was signed */
    assert_refused(client, &command, REASON_BAD_SIGNATURE, "deed.signature.bytes");
    command.deed.grant_mandate.limit_fen--;
    command.deed.signatures[0].party_key = 99;
    assert_refused(client, &command, REASON_BAD_SIGNATURE, "deed.signature.party_key");
    command = grant(1);
    struct deed_pen pen = {
        .signer = signer, .origin = "another.exchange", .party_key = party_key, .serial = 1};
    assert_int_equal(deed_add_signature(&command.deed, NULL, &pen), 0);
    assert_refused(client, &command, REASON_BAD_SIGNATURE, "deed.signature.bytes");
    assert_int_equal(desk_count(&trial, next, VERB_DEED, NULL), 0);
    client_close(client);
}

static void who_may_not_send_it_costs_no_check(void **state) {
    struct client *client = trial_client(&trial, 1);
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_APPRAISE};
    (void)state;
    command.deed.appraise = (struct appraise){.right = 1, .method = APPRAISAL_COST};
    sign(client, &command);
    uint64_t checked = 0;
    const struct counters *counters = counters_look(trial.exchange);
    assert_non_null(counters);
    checked = counter_get(counters, COUNTER_SIGNATURES);
    struct refused refused;
    assert_false(trial_ask(client, &command, NULL, NULL, &refused));
    assert_int_equal(refused.reason, REASON_NOT_AUTHORISED);
    assert_int_equal(counter_get(counters, COUNTER_SIGNATURES), checked);
    counters_close((struct counters *)(uintptr_t)counters);
    client_close(client);
}

/* --- order ------------------------------------------------------------------------------------ */

/* Where the ledger holds the requests of a session from a number on: their sequences, in order. */
struct places {
    uint32_t session;
    uint64_t from;
    uint64_t numbers[2 * FRAME_REQUESTS];
    uint64_t sequences[2 * FRAME_REQUESTS];
    uint32_t count;
};

static bool see_place(void *owner, const struct record *record, struct span bytes) {
    struct places *places = owner;
    (void)bytes;
    if (record->header.session != places->session || record->header.number < places->from ||
        record->header.part != 0)
        return true;
    places->numbers[places->count] = record->header.number;
    places->sequences[places->count++] = record->header.sequence;
    return true;
}

/* In one frame: a signed deed that is done, one with a false signature, and orders between. */
static void a_session_s_requests_keep_their_order(void **state) {
    struct client *client = trial_client(&trial, 1);
    static struct places places;
    uint64_t next = desk_ledger_next(&trial);
    uint64_t first = 0;
    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        struct command command = desk_sell(trial_account(&trial, 1), 1000, 1);
        if (i % 2 == 0) {
            command = grant(1);
            sign(client, &command);
        }
        if (i == 4)
            command.deed.signatures[0].bytes[3] ^= 1;
        uint64_t number = client_add(client, &command, NULL);
        first = first == 0 ? number : first;
    }
    client_flush(client);
    desk_all_answered(client);
    places = (struct places){.session = trial_session(&trial, 1), .from = first};
    desk_records(&trial, next, see_place, &places);
    assert_int_equal(places.count, 7);
    for (uint32_t i = 0; i < 7; i++)
        assert_int_equal(places.numbers[i], first + i + (i >= 4));
    client_close(client);
}

/* A frame full of signed deeds takes a tenth of a second to check; what another session sends
 * meanwhile goes past. */
static void nobody_else_waits_for_signatures(void **state) {
    struct client *slow = trial_client(&trial, 1);
    struct client *quick = trial_client(&trial, 2);
    static struct places deeds;
    static struct places orders;
    uint64_t next = desk_ledger_next(&trial);
    struct command sell = desk_sell(trial_account(&trial, 2), 1000, 1);
    (void)state;
    deeds = (struct places){.session = trial_session(&trial, 1)};
    orders = (struct places){.session = trial_session(&trial, 2)};
    for (uint32_t i = 0; i < FRAME_REQUESTS; i++) {
        struct command command =
            grant(1); /* refused by the engine after the sixteenth: no matter */
        sign(slow, &command);
        uint64_t number = client_add(slow, &command, NULL);
        deeds.from = deeds.from == 0 ? number : deeds.from;
    }
    client_flush(slow);
    desk_until_counter(&trial, COUNTER_SIGNED_WAITING, 1);
    orders.from = desk_rest(quick, &sell);
    desk_all_answered(slow);
    desk_records(&trial, next, see_place, &deeds);
    desk_records(&trial, next, see_place, &orders);
    assert_int_equal(deeds.count, FRAME_REQUESTS);
    assert_int_equal(orders.count, 1);
    assert_true(orders.sequences[0] < deeds.sequences[FRAME_REQUESTS - 1]);
    client_close(slow);
    client_close(quick);
}

/* More than one session may have waiting is refused, at once and by name. */
static void too_much_that_waits_is_refused(void **state) {
    struct client *client = trial_client(&trial, 1);
    uint32_t refusals = 0;
    uint32_t answered = 0;
    struct client_item item;
    (void)state;
    for (uint32_t i = 0; i < 4 * FRAME_REQUESTS; i++) {
        struct command command = grant(1);
        sign(client, &command);
        assert_int_not_equal(client_add(client, &command, NULL), 0);
    }
    client_flush(client);
    while (answered < 4 * FRAME_REQUESTS) {
        desk_next(client, true, &item);
        if (item.kind == CLIENT_REPORT && item.report.body != REPORT_DONE &&
            item.report.body != REPORT_EXECUTION)
            continue;
        answered++;
        if (item.kind != CLIENT_REFUSED)
            continue;
        assert_int_equal(item.refused.reason, REASON_NO_CREDIT);
        assert_string_equal(item.refused.field, "deed.signature");
        assert_int_equal(item.refused.limit, NOTARY_ITEMS_EACH_MAX);
        refusals++;
    }
    assert_true(refusals > 0);
    client_close(client);
}

/* --- another language --------------------------------------------------------------------------
 */

#define PYTHON "/usr/bin/python3 -B "

/* What a command prints; the caller's. */
static char *output_of(const char *command) {
    FILE *pipe = popen(command, "r");
    char *text = calloc(1, 65536);
    assert_true(pipe != NULL && text != NULL);
    size_t size = fread(text, 1, 65535, pipe);
    assert_true(size > 0);
    assert_int_equal(pclose(pipe), 0);
    return text;
}

/* Its modules, made by protoc in the trial's folder. */
static void make_modules(void) {
    char command[3 * TRIAL_PATH_MAX];
    snprintf(command, sizeof command,
             "mkdir -p %s/python && protoc --python_out=%s/python proto/tpx.proto", trial.folder,
             trial.folder);
    assert_int_equal(system(command), 0);
}

static void python_signs_with_a_public_library(void **state) {
    char command[4 * TRIAL_PATH_MAX];
    char hex[2 * SECRET_KEY_SIZE + 1];
    uint8_t secret[SECRET_KEY_SIZE];
    uint32_t mandate = 0;
    char reason[64] = "";
    char field[64] = "";
    (void)state;
    make_modules();
    signer_secret(signer, secret);
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(hex + 2 * i, 3, "%02x", secret[i]);
    snprintf(command, sizeof command,
             "PYTHONPATH=%s/python:tests/e2e " PYTHON
             "tests/e2e/sign.py %s '%s' %u %s/broker2.key %s %s %u %u %u",
             trial.folder, trial.endpoint, trial.server.public_z85, trial_session(&trial, 2),
             trial.folder, crypto_profile(algorithms_profile())->name, hex, party_key, party,
             trial_broker(&trial, 2));
    char *said = output_of(command);
    assert_int_equal(sscanf(said, "%u %63s %63s", &mandate, reason, field), 3);
    assert_int_not_equal(mandate, 0);
    assert_string_equal(reason, "REASON_BAD_SIGNATURE");
    assert_string_equal(field, "deed.signature.bytes");
    free(said);
}

/* Hexadecimal digits alone. */
static void squeeze(char *text) {
    char *to = text;
    for (const char *at = text; *at != '\0'; at++)
        if (strchr("0123456789abcdef", *at) != NULL)
            *to++ = *at;
    *to = '\0';
}

static void the_lines_of_the_readme_sign_its_example(void **state) {
    char command[3 * TRIAL_PATH_MAX];
    char path[TRIAL_PATH_MAX + 32];
    (void)state;
    make_modules();
    char *lines = readme_block("proto/README.md", "python");
    char *expected = readme_block("proto/README.md", "hex");
    snprintf(path, sizeof path, "%s/lines.py", trial.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(lines, file) >= 0);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "PYTHONPATH=%s/python " PYTHON "%s", trial.folder, path);
    char *said = output_of(command);
    squeeze(said);
    squeeze(expected);
    assert_string_equal(said, expected);
    free(said);
    free(expected);
    free(lines);
}

/* --- ends ------------------------------------------------------------------------------------- */

static void a_key_that_was_revoked_is_refused_early(void **state) {
    struct client *client = trial_client(&trial, 1);
    struct client *rita = registrar();
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_REVOKE_PARTY_KEY};
    (void)state;
    command.deed.revoke_party_key.party_key = party_key;
    do_deed(rita, &command);
    command = grant(1);
    sign(client, &command);
    assert_refused(client, &command, REASON_KEY_REVOKED, "deed.signature.party_key");
    client_close(rita);
    client_close(client);
}

static void the_ledger_is_verified_with_every_signature(void **state) {
    int code;
    const char *arguments[] = {"ledger", "verify", trial.exchange, NULL};
    (void)state;
    char *said = trial_tpx(&trial, &code, arguments);
    if (code != 0)
        fail_msg("%s", said);
    free(said);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_party_has_signed_is_done_and_counts_once),
        cmocka_unit_test(a_false_signature_is_refused_before_it_is_sequenced),
        cmocka_unit_test(who_may_not_send_it_costs_no_check),
        cmocka_unit_test(python_signs_with_a_public_library),
        cmocka_unit_test(the_lines_of_the_readme_sign_its_example),
        cmocka_unit_test(a_session_s_requests_keep_their_order),
        cmocka_unit_test(nobody_else_waits_for_signatures),
        cmocka_unit_test(too_much_that_waits_is_refused),
        cmocka_unit_test(a_key_that_was_revoked_is_refused_early),
        cmocka_unit_test(the_ledger_is_verified_with_every_signature),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
