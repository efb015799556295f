/*
 * Golden ledgers: what earlier releases recorded is decided today as it was then, to the byte, for
 * ever. README.md says how to keep them, and how to add one:
 *
 *     GOLDEN_MAKE=tests/golden/release-N build/tests/golden/test_golden
 */
#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/checkpoint.h"
#include "ledger/verify.h"
#include "tests/golden/golden_ledger.h"
#include "tests/unit/ledger_folder.h"

#define FOLDER     "tests/golden"
#define PREFIX     "release-"
#define PATH_BYTES 512

/* Calls `test` for each golden ledger; there is one at least. */
static void for_each(void (*test)(const struct golden_ledger *golden)) {
    uint32_t count = 0;
    DIR *dir = opendir(FOLDER);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[PATH_BYTES];
        static struct golden_ledger golden;
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        snprintf(path, sizeof path, FOLDER "/%s", entry->d_name);
        golden_ledger_read(&golden, path);
        test(&golden);
        golden_ledger_fini(&golden);
        count++;
    }
    closedir(dir);
    assert_true(count > 0);
}

/* --- replay ------------------------------------------------------------------------------------
 */

static void replay_to_its_digests(const struct golden_ledger *golden) {
    struct replay_options options = {.takes_digests = true, .keeps_map = true};
    struct replay *replay = replay_create(&options);
    struct replay_counts counts;
    struct finding finding;
    uint32_t compared = 0;
    assert_non_null(replay);
    for (size_t i = 0; i < golden->list.count; i++) {
        const struct listed_record *record = &golden->list.records[i];
        if (!replay_record(replay, record->bytes, record->size, &finding))
            fail_msg("%s at %" PRIu64 ": %s", finding_name(finding.kind), finding.sequence,
                     finding.text);
        if (compared < golden->digests_count && golden->digests[compared].as_of == i + 1) {
            struct hash digest;
            replay_digest(replay, &digest);
            if (!hash_equal(&digest, &golden->digests[compared].digest))
                fail_msg("the state as of %zu has another digest", i + 1);
            compared++;
        }
    }
    replay_counts(replay, &counts);
    assert_int_equal(compared, golden->digests_count);
    assert_int_equal(counts.events, golden->events);
    assert_true(counts.seals > 0 && counts.digests > 0);
    replay_destroy(replay);
}

static void every_record_is_decided_as_it_was(void **state) {
    (void)state;
    for_each(replay_to_its_digests);
}

/* --- the stored form ---------------------------------------------------------------------------
 */

static void store(const struct golden_ledger *golden, uint8_t profile, const char *dir) {
    struct journal *journal = NULL;
    struct merkle_head head;
    assert_int_equal(journal_create(dir, profile), 0);
    assert_int_equal(journal_open(&journal, dir, &ledger_folder_options), 0);
    for (size_t i = 0; i < golden->list.count; i++)
        assert_int_equal(
            journal_append(journal, golden->list.records[i].bytes, golden->list.records[i].size),
            0);
    journal_head(journal, &head);
    assert_int_equal(journal_commit(journal), 0);
    assert_int_equal(
        journal_put_checkpoint(journal, head.size, golden->checkpoint, golden->checkpoint_size), 0);
    assert_int_equal(journal_commit(journal), 0);
    journal_close(journal);
}

static void verify_under_its_key(const struct golden_ledger *golden) {
    char dir[LEDGER_FOLDER_PATH];
    struct note_verifier verifier;
    struct verify_report report;
    ledger_folder_make(dir);
    assert_int_equal(note_verifier_parse(&verifier, golden->key), 0);
    store(golden, verifier.profile, dir);
    struct verify_options options = {.dir = dir, .key = &verifier};
    assert_int_equal(verify_run(&options, &report), 0);
    if (report.fault.kind != FINDING_NONE)
        fail_msg("%s at %" PRIu64 ": %s", finding_name(report.fault.kind), report.fault.sequence,
                 report.fault.text);
    assert_int_equal(report.vouched, golden->list.count);
    note_verifier_fini(&verifier);
    ledger_folder_remove(dir);
}

static void each_is_verified_under_the_key_that_signed_it(void **state) {
    (void)state;
    for_each(verify_under_its_key);
}

/* --- what is in them ---------------------------------------------------------------------------
 */

struct kinds {
    bool verbs[VERB_REOPEN + 1];
    bool acts[ACT_SESSION_RESET + 1];
    bool profiles[PROFILES_END];
};

static struct kinds seen;

static void look_at_kinds(const struct golden_ledger *golden) {
    for (size_t i = 0; i < golden->list.count; i++) {
        struct record record;
        struct request request;
        struct codec_fault fault;
        assert_true(
            record_read(golden->list.records[i].bytes, golden->list.records[i].size, &record));
        if (record.header.part != 0) {
            seen.verbs[0] = true; /* a command of several records */
            continue;
        }
        assert_true(
            codec_request_decode(record.request.bytes, record.request.size, &request, &fault));
        seen.verbs[request.command.verb] = true;
        if (request.command.verb == VERB_GENESIS)
            seen.profiles[request.command.genesis.profile] = true;
        if (request.command.verb == VERB_ACT || request.command.verb == VERB_PROPOSE)
            seen.acts[request.command.act.kind] = true;
    }
}

static void every_kind_of_command_stands_in_one_of_them(void **state) {
    (void)state;
    for_each(look_at_kinds);
    assert_true(seen.verbs[0]);
    seen.verbs[VERB_CONTINUE] = true; /* needs 32,768 orders: README.md */
    for (uint32_t verb = VERB_NEW_ORDER; verb <= VERB_REOPEN; verb++)
        if (!seen.verbs[verb] && (verb <= VERB_APPROVE || verb >= VERB_GENESIS))
            fail_msg("verb %u is in none", verb);
    for (uint32_t act = ACT_ADD_PARTICIPANT; act <= ACT_SESSION_RESET; act++)
        if (!seen.acts[act])
            fail_msg("act %u is in none", act);
    for (uint32_t profile = 1; profile < PROFILES_END; profile++)
        if (!seen.profiles[profile])
            fail_msg("none is of profile %u", profile);
}

static void make(void **state) {
    (void)state;
    golden_ledger_make(getenv("GOLDEN_MAKE"));
}

int main(void) {
    const struct CMUnitTest makes[] = {cmocka_unit_test(make)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_decided_as_it_was),
        cmocka_unit_test(each_is_verified_under_the_key_that_signed_it),
        cmocka_unit_test(every_kind_of_command_stands_in_one_of_them),
    };
    if (getenv("GOLDEN_MAKE") != NULL)
        return cmocka_run_group_tests(makes, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
