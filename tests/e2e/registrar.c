#include "tests/e2e/registrar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PERSON 77

void registrar_add(struct registrar *registrar, struct trial *trial) {
    registrar->trial = trial;
    struct act participant = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGISTRAR, .code_bytes = 9, .code = "REGISTRAR", .name_bytes = 9}};
    registrar->participant = (uint32_t)trial_act(trial, &participant, "Registrar");
    assert_int_equal(keyfile_curve_generate(&registrar->key), 0);
    struct act key = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = registrar->participant, .person = PERSON}};
    memcpy(key.add_key.key, registrar->key.public_key, KEY_BYTES);
    (void)trial_act(trial, &key, NULL);
    struct act session = {.kind = ACT_ADD_SESSION,
                          .add_session = {.participant = registrar->participant}};
    registrar->session = (uint32_t)trial_act(trial, &session, NULL);
}

struct client *registrar_dial(const struct registrar *registrar) {
    const struct trial *trial = registrar->trial;
    struct client_options options = {.context = trial->context,
                                     .endpoint = trial->endpoint,
                                     .server_z85 = trial->server.public_z85,
                                     .key = &registrar->key,
                                     .session = registrar->session,
                                     .skips_past = true};
    struct client *client = client_open(&options);
    struct client_item item;
    assert_non_null(client);
    assert_true(client_wait_live(client, DESK_PATIENCE_MS, &item));
    return client;
}

struct command registrar_party(const char *code, uint32_t participant) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    struct add_party *add = &command.deed.add_party;
    add->participant = participant;
    add->code_bytes = (uint8_t)strlen(code);
    memcpy(add->code, code, add->code_bytes);
    add->name_bytes = 6;
    return command;
}

struct command registrar_right(const char *number, uint32_t party) {
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

struct report registrar_do(struct client *client, const struct command *command) {
    struct report report;
    struct refused refused;
    assert_true(trial_ask(client, command, "a name", &report, &refused));
    assert_int_equal(report.body, REPORT_DONE);
    assert_int_equal(report.done.deed, command->deed.kind);
    return report;
}
