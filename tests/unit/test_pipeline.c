/* The way from the core to the disk, with the ledger thread at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/entry.h"
#include "gateway/pipeline.h"
#include "tests/unit/ledger_folder.h"

#define PATIENCE_MS 20000

struct setting {
    char dir[LEDGER_FOLDER_PATH];
    struct journal *journal;
    struct counters *counters;
    struct wake wake;
    struct pipeline pipeline;
    struct agree *agree;
    uint64_t next;     /* sequence of the next record */
    uint64_t released; /* what the listener was told */
    uint64_t position; /* of it in the ring */
};

/* As the release does: what is durable frees its room. */
static void committed(void *owner, uint64_t next) {
    struct setting *setting = owner;
    size_t size;
    for (; setting->released < next; setting->released++) {
        const struct entry *entry = (const struct entry *)(const void *)byte_ring_own(
            &setting->pipeline.ring, &setting->position, &size);
        assert_non_null(entry);
        assert_int_equal(entry->sequence, setting->released);
    }
    byte_ring_free(&setting->pipeline.ring, setting->position);
}

static void unknown(void *owner, uint64_t from) {
    (void)owner;
    fail_msg("unknown from %lu", from);
}

static void role(void *owner, enum agree_role role, uint64_t epoch) {
    (void)owner;
    (void)role;
    (void)epoch;
}

static int set_up(void **state) {
    struct setting *setting = calloc(1, sizeof *setting);
    ledger_folder_make(setting->dir);
    assert_int_equal(journal_create(setting->dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&setting->journal, setting->dir, &ledger_folder_options), 0);
    setting->counters = calloc(1, sizeof *setting->counters);
    assert_int_equal(wake_init(&setting->wake), 0);
    struct pipeline_parts parts = {.journal = setting->journal,
                                   .counters = setting->counters,
                                   .core = &setting->wake,
                                   .ring_bytes = PIPELINE_RING_BYTES_MIN};
    struct agree_listener listener = {committed, unknown, role, setting};
    assert_int_equal(pipeline_init(&setting->pipeline, &parts), 0);
    assert_int_equal(pipeline_start(&setting->pipeline, &listener, 1), 0);
    setting->agree = &setting->pipeline.agree;
    *state = setting;
    return 0;
}

static int tear_down(void **state) {
    struct setting *setting = *state;
    pipeline_stop(&setting->pipeline);
    pipeline_fini(&setting->pipeline);
    wake_fini(&setting->wake);
    journal_close(setting->journal);
    ledger_folder_remove(setting->dir);
    free(setting->counters);
    free(setting);
    return 0;
}

/* Submits the next record; false when there is no room. */
static bool submit(struct setting *setting, bool is_last) {
    uint8_t *room = setting->agree->room(setting->agree, ENTRY_BYTES_MAX);
    if (room == NULL)
        return false;
    struct entry *entry = (struct entry *)(void *)room;
    *entry = (struct entry){.sequence = setting->next, .is_last = is_last};
    entry->record_bytes = (uint32_t)ledger_record(setting->next, room + sizeof *entry);
    setting->agree->submit(setting->agree, 1, setting->next++, entry_size(entry->record_bytes, 0));
    if (is_last)
        setting->agree->whole(setting->agree);
    return true;
}

/* Waits until at least `next` records are durable and released. */
static void wait_for(struct setting *setting, uint64_t next) {
    setting->agree->flush(setting->agree);
    setting->agree->poll(setting->agree);
    while (setting->released < next) {
        wake_announce(&setting->wake);
        if (pipeline_has_news(&setting->pipeline))
            wake_retract(&setting->wake);
        else
            wake_wait(&setting->wake, PATIENCE_MS);
        assert_true(pipeline_has_news(&setting->pipeline));
        setting->agree->poll(setting->agree);
    }
}

/* Fills the ring nearly as far as it goes early in its memory: the producer has gone back to the
 * front and comes close to what is not free yet. */
static void fill(struct setting *setting) {
    struct byte_ring *ring = &setting->pipeline.ring;
    while (ring->write < 3 * PIPELINE_RING_EARLY)
        assert_true(submit(setting, true));
    wait_for(setting, setting->next);
    while (ring->write + 4 * ENTRY_BYTES_MAX < setting->position + ring->capacity)
        assert_true(submit(setting, true));
}

static void what_is_submitted_becomes_durable_in_order(void **state) {
    struct setting *setting = *state;
    for (int i = 0; i < 1000; i++)
        assert_true(submit(setting, true));
    assert_int_equal(setting->released, 0);
    wait_for(setting, 1000);
    assert_int_equal(pipeline_durable(&setting->pipeline), 1000);
}

static void whole_commands_leave_a_full_ring_in_the_middle_of_one(void **state) {
    struct setting *setting = *state;
    fill(setting);
    uint64_t before = setting->next;
    assert_true(submit(setting, false));
    while (submit(setting, false))
        ;
    assert_int_not_equal(setting->released, before);
    wait_for(setting, before);
    assert_int_equal(setting->released, before);
    for (int i = 0; i < 1000; i++)
        assert_true(submit(setting, false));
    setting->agree->flush(setting->agree);
    assert_int_equal(setting->released, before);
    assert_true(submit(setting, true));
    wait_for(setting, setting->next);
}

static void volume_ends_although_nothing_more_comes(void **state) {
    struct setting *setting = *state;
    for (int i = 0; i < 10; i++)
        assert_true(submit(setting, true));
    wait_for(setting, 10);
    pipeline_roll(&setting->pipeline, 10);
    pipeline_stop(&setting->pipeline);
    assert_int_equal(journal_volume(setting->journal), 1);
}

/* It would meet its own beginning, which is not free before its end. */
static void a_long_command_never_waits_for_itself(void **state) {
    struct setting *setting = *state;
    struct byte_ring *ring = &setting->pipeline.ring;
    for (int i = 0; i < 3; i++) {
        while (ring->write % ring->capacity < PIPELINE_RING_EARLY * 3 / 4)
            assert_true(submit(setting, true));
        wait_for(setting, setting->next);
        uint64_t begin = ring->write;
        for (int record = 0; record < 20000; record++)
            assert_true(submit(setting, false));
        assert_in_range(ring->write - begin, 2 * PIPELINE_RING_EARLY, 64 * PIPELINE_RING_EARLY);
        assert_true(submit(setting, true));
        wait_for(setting, setting->next);
        assert_true(submit(setting, true));
        assert_true(ring->write % ring->capacity < PIPELINE_RING_EARLY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_submitted_becomes_durable_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whole_commands_leave_a_full_ring_in_the_middle_of_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(volume_ends_although_nothing_more_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_command_never_waits_for_itself, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
