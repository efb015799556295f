/*
 * Parties and rights on a real server: deeds by the registrar, refusals, the entries in the ledger,
 * and the register's root in every Seal, also after the server was killed.
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
#include "ledger/register_map.h"
#include "tests/e2e/desk.h"

static struct trial trial;
static struct curve_key registrar_key;
static uint32_t registrar_session;

static void act(struct act act, const char *name, uint32_t *id) {
    *id = (uint32_t)trial_act(&trial, &act, name);
}

static int set_up(void **state) {
    struct trial_options options = {.brokers = 1, .sessions = 1, .accounts = 1, .instruments = 1};
    uint32_t participant;
    uint32_t key;
    (void)state;
    desk_set_up(&trial, &options);
    act((struct act){.kind = ACT_ADD_PARTICIPANT,
                     .add_participant = {.roles = ROLE_REGISTRAR,
                                         .code_bytes = 6,
                                         .code = "REGISTRAR",
                                         .name_bytes = 9}},
        "Registrar", &participant);
    assert_int_equal(keyfile_curve_generate(&registrar_key), 0);
    struct act add_key = {.kind = ACT_ADD_KEY,
                          .add_key = {.participant = participant, .person = 77}};
    memcpy(add_key.add_key.key, registrar_key.public_key, KEY_BYTES);
    act(add_key, NULL, &key);
    act((struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}}, NULL,
        &registrar_session);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    desk_tear_down(&trial);
    return 0;
}

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

static struct command add_party(const char *code) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    struct add_party *add = &command.deed.add_party;
    add->code_bytes = (uint8_t)strlen(code);
    memcpy(add->code, code, add->code_bytes);
    add->name_bytes = 6;
    return command;
}

static struct command admit(const char *number, uint32_t party) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADMIT_RIGHT};
    struct admit_right *admit = &command.deed.admit_right;
    admit->kind = RIGHT_INVENTION;
    admit->office = OFFICE_CNIPA;
    admit->number_bytes = (uint8_t)strlen(number);
    memcpy(admit->number, number, admit->number_bytes);
    admit->title_bytes = 6;
    admit->status = RIGHT_GRANTED;
    admit->term_end = 20991231;
    admit->owners_count = 1;
    admit->owners[0] = (struct right_owner){.party = party, .ppm = RIGHT_WHOLE_PPM};
    return command;
}

static struct done do_deed(struct client *client, const struct command *command) {
    struct report report;
    struct refused refused;
    assert_true(trial_ask(client, command, "a name", &report, &refused));
    assert_int_equal(report.body, REPORT_DONE);
    assert_int_equal(report.done.deed, command->deed.kind);
    assert_int_equal(report.done.act, 0);
    return report.done;
}

/* --- what the ledger holds ---------------------------------------------------------------------
 */

struct seals {
    struct register_map *map;
    uint32_t count;
    uint32_t entries; /* in the map as of the last */
    struct hash root; /* of the last */
    uint64_t as_of;
};

static bool see_record(void *owner, const struct record *record, struct span bytes) {
    struct seals *seals = owner;
    static struct request request;
    struct codec_fault fault;
    (void)bytes;
    assert_int_equal(register_map_record(seals->map, record), 0);
    if (record->request.size == 0)
        return true;
    assert_true(
        codec_request_decode(record->request.bytes, record->request.size, &request, &fault));
    if (request.command.verb != VERB_SEAL)
        return true;
    register_map_root(seals->map, request.command.seal.as_of, &seals->root);
    assert_memory_equal(seals->root.bytes, request.command.seal.root, HASH_SIZE);
    seals->as_of = request.command.seal.as_of;
    seals->entries = map_count(register_map_map(seals->map));
    seals->count++;
    return true;
}

/* Follows the whole ledger, comparing each Seal, until one covers `sequence`. */
static struct seals follow_until(uint64_t sequence) {
    struct seals seals = {.as_of = 0};
    while (seals.as_of <= sequence) {
        desk_until_record(&trial, sequence, VERB_SEAL, NULL);
        seals = (struct seals){.map = register_map_create(algorithms_profile())};
        assert_non_null(seals.map);
        desk_records(&trial, 0, see_record, &seals);
        register_map_destroy(seals.map);
    }
    return seals;
}

static void assert_verified(void) {
    int code;
    const char *arguments[] = {"ledger", "verify", trial.exchange, NULL};
    char *said = trial_tpx(&trial, &code, arguments);
    if (code != 0)
        fail_msg("%s", said);
    free(said);
}

/* --- the tests ---------------------------------------------------------------------------------
 */

static void a_right_is_admitted_told_and_in_the_next_seal_s_root(void **state) {
    struct client *client = registrar();
    struct command party = add_party("91440000000000001A");
    struct hasher *hasher = hasher_create(algorithms_profile());
    struct hash empty;
    (void)state;
    uint64_t owner = do_deed(client, &party).id;
    struct seals before = follow_until(desk_ledger_next(&trial) - 1);
    hasher_digest(hasher, "", 0, &empty);
    assert_true(hash_equal(&before.root, &empty));
    struct command right = admit("ZL202310000001.X", (uint32_t)owner);
    assert_int_equal(do_deed(client, &right).id, 1);
    struct seals after = follow_until(desk_ledger_next(&trial) - 1);
    assert_int_equal(after.entries, 1);
    assert_false(hash_equal(&after.root, &empty));
    client_close(client);
    hasher_destroy(hasher);
    assert_verified();
}

static void what_is_refused_names_its_field_and_tells_no_entry(void **state) {
    struct client *client = registrar();
    struct command right = admit("ZL202310000002.X", 99);
    struct report report;
    struct refused refused;
    (void)state;
    assert_true(trial_ask(client, &right, "a name", &report, &refused));
    assert_int_equal(report.execution.reason, REASON_UNKNOWN_PARTY);
    assert_int_equal(report.execution.field, FIELD_OWNER);
    assert_int_equal(report.execution.deed, DEED_ADMIT_RIGHT);
    client_close(client);
}

static void whoever_is_no_registrar_is_refused_by_the_gateway(void **state) {
    struct client *client = trial_client(&trial, 1);
    struct command right = admit("ZL202310000002.X", 1);
    struct report report;
    struct refused refused;
    (void)state;
    assert_false(trial_ask(client, &right, "a name", &report, &refused));
    assert_int_equal(refused.reason, REASON_NOT_AUTHORISED);
    client_close(client);
}

static void a_killed_server_comes_back_with_its_rights_and_seals_on(void **state) {
    (void)state;
    trial_kill(&trial);
    trial_start(&trial);
    struct client *client = registrar();
    struct command again = admit("ZL202310000001.X", 1);
    struct report report;
    struct refused refused;
    assert_true(trial_ask(client, &again, "a name", &report, &refused));
    assert_int_equal(report.execution.reason, REASON_ALREADY_EXISTS);
    struct command other = admit("ZL202310000003.X", 1);
    do_deed(client, &other);
    struct seals seals = follow_until(desk_ledger_next(&trial) - 1);
    assert_int_equal(seals.entries, 2);
    client_close(client);
    assert_verified();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_is_admitted_told_and_in_the_next_seal_s_root),
        cmocka_unit_test(what_is_refused_names_its_field_and_tells_no_entry),
        cmocka_unit_test(whoever_is_no_registrar_is_refused_by_the_gateway),
        cmocka_unit_test(a_killed_server_comes_back_with_its_rights_and_seals_on),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
