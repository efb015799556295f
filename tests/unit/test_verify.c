/*
 * ledger/verify.h: what it says of sound ledgers, and of those that were changed, forged, cut short
 * or signed by somebody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "engine/version.h"
#include "ledger/deed_signature.h"
#include "ledger/failure.h"
#include "ledger/state_digest.h"
#include "ledger/verify_pass.h"
#include "tests/unit/ledger_desk.h"

static struct verify_report verify_with(struct ledger_desk *desk, const struct note_verifier *key) {
    struct verify_report report;
    struct verify_options options = {.dir = desk->dir, .key = key};
    assert_int_equal(verify_run(&options, &report), 0);
    return report;
}

static struct verify_report verify(struct ledger_desk *desk) {
    return verify_with(desk, &desk->verifiers[0]);
}

static void assert_fault(const struct verify_report *report, enum finding_kind kind,
                         uint64_t sequence, uint32_t volume) {
    if (report->fault.kind != kind || report->fault.sequence != sequence)
        print_message("%s at %lu: %s\n", finding_name(report->fault.kind), report->fault.sequence,
                      report->fault.text);
    assert_int_equal(report->fault.kind, kind);
    assert_int_equal(report->fault.sequence, sequence);
    assert_int_equal(report->volume, volume);
    assert_true(kind == FINDING_NONE || strlen(report->fault.text) > 0);
}

static void assert_sound(const struct verify_report *report) {
    assert_fault(report, FINDING_NONE, 0, 0);
}

/* --- sound ledgers ---------------------------------------------------------------------------- */

static void sound_ledger_is_verified_and_counted(void **state) {
    struct ledger_desk *desk = *state;
    struct hash digest;
    ledger_desk_trade(desk, 300);
    desk->rolls[0] = 200;
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    assert_true(report.is_replayed);
    assert_int_equal(report.replayed, desk->list.count);
    assert_int_equal(report.audit.records, desk->list.count);
    assert_int_equal(report.audit.volumes, 2);
    assert_int_equal(report.audit.checkpoints, 1);
    assert_int_equal(report.counts.seals, 1);
    assert_int_equal(report.vouched, desk->list.count);
    assert_string_equal(report.origin, LEDGER_DESK_ORIGIN);
    state_digest(desk->maker.hasher, desk->maker.engine, &digest);
    assert_memory_equal(&report.state, &digest, sizeof digest);
}

static void without_a_key_the_one_in_genesis_is_believed(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    struct verify_report report = verify_with(desk, NULL);
    assert_sound(&report);
    assert_int_equal(report.vouched, desk->list.count);
    assert_int_equal(report.keys_count, 1);
    assert_true(report.keys[0].is_believed);
}

static void records_after_the_last_checkpoint_are_verified_but_not_vouched_for(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 10);
    uint64_t sealed = desk->list.count;
    ledger_desk_order(desk, SIDE_SELL, 1000, 100);
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    assert_int_equal(report.vouched, sealed);
    assert_int_equal(report.replayed, sealed + 1);
}

static void digests_of_marks_are_compared(void **state) {
    struct ledger_desk *desk = *state;
    struct hash digest;
    ledger_desk_trade(desk, 10);
    uint64_t mark = maker_mark(&desk->maker, &digest);
    ledger_desk_trade(desk, 10);
    maker_digest(&desk->maker, mark, &digest);
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    assert_int_equal(report.counts.digests, 1);
    digest.bytes[3] ^= 1;
    uint64_t wrong = maker_digest(&desk->maker, mark, &digest);
    ledger_desk_store(desk);
    report = verify(desk);
    assert_fault(&report, FINDING_DIGEST, wrong, 0);
}

static void nothing_is_not_a_ledger(void **state) {
    struct ledger_desk *desk = *state;
    struct verify_report report;
    struct verify_options options = {.dir = desk->dir};
    assert_int_equal(verify_run(&options, &report), FAILURE_NOT_FOUND);
}

/* All hashes add up, and all is signed: only that they are not those that Genesis promises. */
static void volumes_of_another_profile_than_genesis_are_a_fault(void **state) {
    struct ledger_desk *desk = *state;
    desk->profile =
        algorithms_profile() == PROFILE_NATIONAL ? PROFILE_INTERNATIONAL : PROFILE_NATIONAL;
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_int_equal(report.fault.kind, FINDING_STORE);
    assert_non_null(strstr(report.fault.text, "another profile"));
    assert_int_equal(report.audit.profile, desk->profile);
    assert_int_equal(report.profile, algorithms_profile());
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The operators add the second key, and revoke the first. */
static uint64_t change_key(struct ledger_desk *desk, int signer, bool is_revoked) {
    struct act act = {.kind = ACT_CHECKPOINT_KEY, .checkpoint_key = {.is_revoked = is_revoked}};
    verifier_public(desk->verifiers[signer].key, &act.checkpoint_key.key);
    return maker_act_of_two(&desk->maker, &act);
}

static void hand_over(struct ledger_desk *desk) {
    ledger_desk_trade(desk, 10);
    desk->second_from = change_key(desk, 1, false);
    ledger_desk_trade(desk, 10);
    desk->first_until = change_key(desk, 0, true);
    ledger_desk_trade(desk, 10);
}

static void change_of_keys_is_followed_from_the_first(void **state) {
    struct ledger_desk *desk = *state;
    hand_over(desk);
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    assert_int_equal(report.vouched, desk->list.count);
    assert_int_equal(report.keys_count, 2);
    assert_int_equal(report.keys[0].revoked, desk->first_until + 1);
    assert_int_equal(report.keys[1].added, desk->second_from);
    assert_true(report.keys[1].is_believed);
}

static void whoever_knows_only_the_new_key_is_vouched_for_everything_too(void **state) {
    struct ledger_desk *desk = *state;
    hand_over(desk);
    ledger_desk_store(desk);
    struct verify_report report = verify_with(desk, &desk->verifiers[1]);
    assert_sound(&report);
    assert_int_equal(report.vouched, desk->list.count);
}

static void a_checkpoint_of_a_revoked_key_is_named(void **state) {
    struct ledger_desk *desk = *state;
    hand_over(desk);
    desk->second_from = desk->first_until;
    desk->first_until = 0;
    desk->second_from = UINT64_MAX; /* the first goes on signing alone */
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_CHECKPOINT, desk->list.count, 0);
}

static void a_strangers_key_has_signed_nothing(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    struct verify_report report = verify_with(desk, &desk->verifiers[1]);
    assert_fault(&report, FINDING_CHECKPOINT, desk->list.count, 0);
    assert_non_null(strstr(report.fault.text, "signed no checkpoint"));
}

/* --- parties' signatures ---------------------------------------------------------------------- */

/* A registrar's session and key; and a party with the second signer's key, number 1. */
static struct maker_sender add_party(struct ledger_desk *desk) {
    struct maker *maker = &desk->maker;
    struct act act = {.kind = ACT_ACTIVATE, .activate = {VERSION_REGISTER}};
    maker_act_of_two(maker, &act);
    act =
        (struct act){.kind = ACT_ADD_PARTICIPANT,
                     .add_participant = {
                         .roles = ROLE_REGISTRAR, .code_bytes = 2, .code = "ZZ", .name_bytes = 4}};
    maker_act(maker, &act, "Rita");
    uint32_t participant = (uint32_t)maker->done;
    act = (struct act){.kind = ACT_ADD_KEY,
                       .add_key = {.participant = participant, .person = 90, .key = {90}}};
    maker_act(maker, &act, NULL);
    struct maker_sender registrar = {.key = (uint32_t)maker->done};
    act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    maker_act(maker, &act, NULL);
    registrar.session = (uint32_t)maker->done;
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    command.deed.add_party = (struct add_party){.identity_bytes = HASH_BYTES, .identity = {1}};
    maker_request(maker, registrar, &command, NULL);
    command.deed =
        (struct deed){.kind = DEED_ADD_PARTY_KEY, .add_party_key = {.party = 1, .person = 7}};
    signer_public(desk->signers[1].key, &command.deed.add_party_key.key);
    maker_request(maker, registrar, &command, NULL);
    return registrar;
}

/* A mandate that the party has signed for an exchange of this name. Returns its sequence. */
static uint64_t grant(struct ledger_desk *desk, struct maker_sender registrar, uint64_t serial,
                      const char *origin) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_GRANT_MANDATE};
    struct deed_pen pen = {
        .signer = desk->signers[1].key, .origin = origin, .party_key = 1, .serial = serial};
    command.deed.grant_mandate = (struct grant_mandate){
        .principal = 1, .agent = 2, .scope = MANDATE_PLEDGE, .limit_fen = 1, .until = 20991231};
    assert_int_equal(deed_add_signature(&command.deed, NULL, &pen), 0);
    uint64_t sequence = maker_request(&desk->maker, registrar, &command, NULL);
    assert_int_equal(desk->maker.done, serial); /* it is the first, or the second, mandate */
    return sequence;
}

static void a_false_signature_of_a_party_is_named(void **state) {
    struct ledger_desk *desk = *state;
    struct maker_sender registrar = add_party(desk);
    grant(desk, registrar, 1, LEDGER_DESK_ORIGIN);
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    /* Right for a test exchange of another name, and recorded here. */
    uint64_t sequence = grant(desk, registrar, 2, "tpx.example/other");
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    report = verify(desk);
    assert_fault(&report, FINDING_SIGNATURE, sequence, 0);
    assert_non_null(strstr(report.fault.text, "party key 1"));
}

/* A forger who does not have the key can name it in his ledger, but not sign with it. */
static void a_key_that_was_named_and_never_signed_is_not_enough(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 10);
    change_key(desk, 1, false);
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    struct verify_report report = verify_with(desk, &desk->verifiers[1]);
    assert_int_equal(report.fault.kind, FINDING_CHECKPOINT);
}

static void a_checkpoint_without_a_seal_is_named(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 30);
    desk->signed_always = desk->list.count - 10;
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_CHECKPOINT, desk->signed_always, 0);
    assert_non_null(strstr(report.fault.text, "Seal"));
}

/* --- changed and forged ----------------------------------------------------------------------- */

static void a_changed_record_is_named_with_its_volume(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 300);
    desk->rolls[0] = 100;
    ledger_desk_store(desk);
    ledger_desk_flip(desk, 250, 60);
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_TREE, 250, 1);
}

/* Behind the last full tile no hash is stored: the re-execution knows which record it is. */
static void a_changed_record_in_the_last_tile_is_named_by_its_events(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 100);
    ledger_desk_store(desk);
    uint64_t sequence = desk->list.count - 10;
    ledger_desk_flip(desk, sequence, desk->list.records[sequence].size - 3);
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_TREE, sequence, 0);
}

/* Swaps the side of a report before anything was hashed: the exchange itself would have lied. */
static uint64_t forge_events(struct ledger_desk *desk) {
    uint64_t sequence = desk->list.count - 20;
    struct listed_record *record = &desk->list.records[sequence];
    record->bytes[record->size - 3] ^= 1;
    return sequence;
}

static void forged_events_in_a_sound_tree_are_named(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 300);
    uint64_t sequence = forge_events(desk);
    desk->rolls[0] = 100;
    desk->rolls[1] = sequence;
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_EVENTS, sequence, 2);
    assert_int_equal(report.audit.kind, AUDIT_SOUND);
}

static void a_difference_that_was_resolved_is_told_and_no_fault(void **state) {
    struct ledger_desk *desk = *state;
    struct divergence divergence;
    struct finding finding;
    ledger_desk_trade(desk, 40);
    uint64_t sequence = forge_events(desk);
    struct replay *replay = replay_create(NULL);
    for (size_t i = 0; i < desk->list.count; i++)
        (void)replay_record(replay, desk->list.records[i].bytes, desk->list.records[i].size,
                            &finding);
    assert_true(replay_divergence(replay, &divergence));
    replay_destroy(replay);
    struct act act = {.kind = ACT_RESOLVE, .resolve = {.sequence = divergence.sequence}};
    memcpy(act.resolve.digest_recorded, divergence.recorded.bytes, HASH_BYTES);
    memcpy(act.resolve.digest_replayed, divergence.replayed.bytes, HASH_BYTES);
    maker_act_of_two(&desk->maker, &act);
    ledger_desk_trade(desk, 10);
    ledger_desk_store(desk);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    assert_int_equal(report.settled, 1);
    assert_int_equal(report.settled_sequence, sequence);
}

static void the_first_of_two_faults_is_named(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 600);
    uint64_t sequence = forge_events(desk);
    ledger_desk_store(desk);
    ledger_desk_flip(desk, 300, 60);
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_TREE, 300, 0);
    assert_true(report.replayed < sequence);
}

static void a_ledger_that_ends_within_a_command_is_not_whole(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 10);
    for (int i = 0; i < 1000; i++)
        ledger_desk_order(desk, SIDE_SELL, 1000, 100);
    uint64_t sweep = ledger_desk_order(desk, SIDE_BUY, 2000, 100000);
    assert_true(desk->list.count > sweep + 1); /* it takes several records */
    desk->list.count--;
    ledger_desk_store(desk);
    desk->list.count++;
    struct verify_report report = verify(desk);
    assert_fault(&report, FINDING_END, desk->list.count - 1, 0);
}

/* --- what is missing -------------------------------------------------------------------------- */

static void put_away(struct ledger_desk *desk, uint32_t volume) {
    char path[LEDGER_FOLDER_PATH + 32];
    snprintf(path, sizeof path, "%s/volume-%06u", desk->dir, volume);
    ledger_folder_remove(path);
}

static void a_ledger_without_its_older_volumes_is_audited_and_says_so(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 300);
    desk->rolls[0] = 100;
    ledger_desk_store(desk);
    put_away(desk, 0);
    struct verify_report report = verify(desk);
    assert_sound(&report);
    assert_false(report.is_replayed);
    assert_int_equal(report.first, 100);
    assert_int_equal(report.vouched, desk->list.count);
    report = verify_with(desk, &desk->verifiers[1]);
    assert_int_equal(report.fault.kind, FINDING_CHECKPOINT);
    ledger_desk_flip(desk, 150, 60);
    report = verify(desk);
    assert_fault(&report, FINDING_TREE, 150, 1);
}

static void a_volume_missing_between_two_is_named(void **state) {
    struct ledger_desk *desk = *state;
    ledger_desk_trade(desk, 300);
    desk->rolls[0] = 100;
    desk->rolls[1] = 200;
    ledger_desk_store(desk);
    put_away(desk, 1);
    struct verify_report report = verify(desk);
    assert_int_equal(report.fault.kind, FINDING_STORE);
}

/* --- crashes ---------------------------------------------------------------------------------- */

static void a_crash_of_the_execution_gives_way_to_an_earlier_fault(void **state) {
    (void)state;
    struct verify_report report = {.audit = {.kind = AUDIT_TILE, .sequence = 50, .volume = 3}};
    struct finding crash = {.kind = FINDING_CRASH, .sequence = 70};
    verify_merge(&report, &crash, 4);
    assert_int_equal(report.fault.kind, FINDING_TREE);
    assert_int_equal(report.volume, 3);
    report = (struct verify_report){.audit = {.kind = AUDIT_TILE, .sequence = 80, .volume = 3}};
    verify_merge(&report, &crash, 2);
    assert_int_equal(report.fault.kind, FINDING_CRASH);
    assert_int_equal(report.volume, 2);
}

struct counted {
    int calls;
    uint64_t done;
    uint64_t total;
};

static void count_progress(void *owner, uint64_t done, uint64_t total) {
    struct counted *counted = owner;
    counted->calls++;
    counted->done = done;
    counted->total = total;
}

static void progress_is_told_in_the_callers_process(void **state) {
    struct ledger_desk *desk = *state;
    struct counted counted = {0};
    struct verify_report report;
    ledger_desk_trade(desk, 100);
    desk->rolls[0] = 60;
    ledger_desk_store(desk);
    struct verify_options options = {
        .dir = desk->dir, .is_copy = true, .progress = count_progress, .owner = &counted};
    assert_int_equal(verify_run(&options, &report), 0);
    assert_true(counted.calls >= 2);
    assert_int_equal(counted.total, desk->list.count);
    assert_true(counted.done <= counted.total);
}

int main(void) {
#define WITH_DESK(test) cmocka_unit_test_setup_teardown(test, ledger_desk_open, ledger_desk_close)
    const struct CMUnitTest tests[] = {
        WITH_DESK(sound_ledger_is_verified_and_counted),
        WITH_DESK(without_a_key_the_one_in_genesis_is_believed),
        WITH_DESK(records_after_the_last_checkpoint_are_verified_but_not_vouched_for),
        WITH_DESK(digests_of_marks_are_compared),
        WITH_DESK(nothing_is_not_a_ledger),
        WITH_DESK(volumes_of_another_profile_than_genesis_are_a_fault),
        WITH_DESK(change_of_keys_is_followed_from_the_first),
        WITH_DESK(whoever_knows_only_the_new_key_is_vouched_for_everything_too),
        WITH_DESK(a_checkpoint_of_a_revoked_key_is_named),
        WITH_DESK(a_strangers_key_has_signed_nothing),
        WITH_DESK(a_key_that_was_named_and_never_signed_is_not_enough),
        WITH_DESK(a_checkpoint_without_a_seal_is_named),
        WITH_DESK(a_changed_record_is_named_with_its_volume),
        WITH_DESK(a_changed_record_in_the_last_tile_is_named_by_its_events),
        WITH_DESK(forged_events_in_a_sound_tree_are_named),
        WITH_DESK(a_difference_that_was_resolved_is_told_and_no_fault),
        WITH_DESK(the_first_of_two_faults_is_named),
        WITH_DESK(a_ledger_that_ends_within_a_command_is_not_whole),
        WITH_DESK(a_ledger_without_its_older_volumes_is_audited_and_says_so),
        WITH_DESK(a_volume_missing_between_two_is_named),
        WITH_DESK(a_false_signature_of_a_party_is_named),
        cmocka_unit_test(a_crash_of_the_execution_gives_way_to_an_earlier_fault),
        WITH_DESK(progress_is_told_in_the_callers_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
