#include "tests/e2e/clerk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/counters.h"

void clerk_open(struct clerk *clerk, struct trial *trial, uint32_t roles, const char *code) {
    struct act participant = {.kind = ACT_ADD_PARTICIPANT,
                              .add_participant = {.roles = roles,
                                                  .code_bytes = (uint8_t)strlen(code),
                                                  .name_bytes = (uint16_t)strlen(code)}};
    memcpy(participant.add_participant.code, code, strlen(code));
    *clerk = (struct clerk){.trial = trial};
    clerk->participant = (uint32_t)trial_act(trial, &participant, code);
    assert_int_equal(keyfile_curve_generate(&clerk->key), 0);
    struct act key = {
        .kind = ACT_ADD_KEY,
        .add_key = {.participant = clerk->participant, .person = 1000 + clerk->participant}};
    memcpy(key.add_key.key, clerk->key.public_key, KEY_BYTES);
    trial_act(trial, &key, NULL);
    struct act session = {.kind = ACT_ADD_SESSION,
                          .add_session = {.participant = clerk->participant}};
    clerk->session = (uint32_t)trial_act(trial, &session, NULL);
}

struct client *clerk_client(const struct clerk *clerk) {
    struct client_options options = {.context = clerk->trial->context,
                                     .endpoint = clerk->trial->endpoint,
                                     .server_z85 = clerk->trial->server.public_z85,
                                     .key = &clerk->key,
                                     .session = clerk->session,
                                     .skips_past = true};
    struct client *client = client_open(&options);
    struct client_item item;
    assert_non_null(client);
    assert_true(client_wait_live(client, DESK_PATIENCE_MS, &item));
    return client;
}

struct done clerk_deed(struct client *client, const struct command *command, const char *name) {
    struct report report;
    struct refused refused = {0};
    if (!trial_ask(client, command, name, &report, &refused))
        fail_msg("deed %u: the gateway refuses %u", command->deed.kind, refused.reason);
    if (report.body != REPORT_DONE)
        fail_msg("deed %u: refused %u, field %u", command->deed.kind, report.execution.reason,
                 report.execution.field);
    assert_int_equal(report.done.deed, command->deed.kind);
    return report.done;
}

enum reason clerk_refusal(struct client *client, const struct command *command, const char *name) {
    struct report report;
    struct refused refused = {0};
    if (!trial_ask(client, command, name, &report, &refused))
        return (enum reason)refused.reason;
    assert_int_not_equal(report.body, REPORT_DONE);
    assert_int_equal(report.execution.deed, command->deed.kind);
    return (enum reason)report.execution.reason;
}

uint32_t clerk_party(struct client *client, const char *code, uint32_t participant) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    struct add_party *add = &command.deed.add_party;
    add->participant = participant;
    add->code_bytes = (uint8_t)strlen(code);
    memcpy(add->code, code, add->code_bytes);
    add->name_bytes = (uint16_t)strlen(code);
    return (uint32_t)clerk_deed(client, &command, code).id;
}

uint32_t clerk_right(struct client *client, const char *number, uint32_t owner) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADMIT_RIGHT};
    struct admit_right *admit = &command.deed.admit_right;
    admit->kind = RIGHT_INVENTION;
    admit->office = OFFICE_CNIPA;
    admit->number_bytes = (uint8_t)strlen(number);
    memcpy(admit->number, number, admit->number_bytes);
    admit->title_bytes = 7;
    admit->status = RIGHT_GRANTED;
    admit->term_end = 20991231;
    admit->owners_count = 1;
    admit->owners[0] = (struct right_owner){.party = owner, .ppm = RIGHT_WHOLE_PPM};
    return (uint32_t)clerk_deed(client, &command, "a title").id;
}

uint64_t clerk_until_signed(const struct trial *trial) {
    uint64_t wanted = desk_ledger_next(trial);
    struct command command = {.seal = {.as_of = 0}};
    uint64_t at = 0;
    while (command.seal.as_of < wanted)
        at = desk_until_record(trial, at + 1, VERB_SEAL, &command);
    desk_until_counter(trial, COUNTER_CHECKPOINT, at + 1);
    return command.seal.as_of;
}
