/* What a dead process noted is refused when it was marked, or found twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "gateway/quarantine.h"

static char folder[] = "/tmp/tpx-quarantine-XXXXXX";
static struct request_note *note; /* shared with children, as the counters file is */
static struct hasher *hasher;
static const struct span POISON = {(const uint8_t *)"\x08\x01poison", 8};
static const struct span OTHER = {(const uint8_t *)"\x08\x01other!", 8};

static int begin(void **state) {
    (void)state;
    note = mmap(NULL, sizeof *note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    hasher = hasher_create(algorithms_profile());
    return mkdtemp(folder) != NULL && note != MAP_FAILED && hasher != NULL ? 0 : -1;
}

static int clean(void **state) {
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s/" QUARANTINE_FILE, folder);
    unlink(path);
    memset(note, 0, sizeof *note);
    return 0;
}

static int end(void **state) {
    (void)state;
    hasher_destroy(hasher);
    munmap(note, sizeof *note);
    return rmdir(folder);
}

static bool is_refused(uint32_t session, struct span request) {
    struct quarantine quarantine;
    assert_int_equal(quarantine_open(&quarantine, folder, note, hasher), 0);
    return quarantine_holds(&quarantine, session, request);
}

static void a_request_killed_once_from_outside_is_applied_again(void **state) {
    (void)state;
    quarantine_note(note, 4, POISON);
    assert_false(is_refused(4, POISON));
}

static void a_request_found_twice_is_refused(void **state) {
    (void)state;
    quarantine_note(note, 4, POISON);
    assert_false(is_refused(4, POISON));
    quarantine_note(note, 4, POISON);
    assert_true(is_refused(4, POISON));
    assert_true(is_refused(4, POISON)); /* and it stays so */
    assert_false(is_refused(4, OTHER));
    assert_false(is_refused(5, POISON));
}

static void what_was_applied_is_not_found(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        quarantine_note(note, 4, POISON);
        quarantine_clear(note);
        assert_false(is_refused(4, POISON));
    }
}

/* Dies by a signal in a child that applies POISON, or just afterwards. */
static void die_in_child(int number, bool is_applying) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        quarantine_watch(note);
        quarantine_note(note, 4, POISON);
        if (!is_applying)
            quarantine_clear(note);
        raise(number);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), number);
}

static void a_fatal_signal_marks_the_request_at_hand(void **state) {
    int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        die_in_child(numbers[i], true);
        assert_true(is_refused(4, POISON));
        clean(state);
    }
}

static void a_fatal_signal_between_requests_marks_none(void **state) {
    (void)state;
    die_in_child(SIGABRT, false);
    assert_false(is_refused(4, POISON));
}

static void a_kill_marks_none(void **state) {
    (void)state;
    die_in_child(SIGKILL, true);
    assert_false(is_refused(4, POISON));
}

static void the_oldest_of_too_many_is_forgotten(void **state) {
    (void)state;
    struct quarantine quarantine;
    for (uint32_t i = 0; i <= QUARANTINE_MAX; i++) {
        quarantine_note(note, 100 + i, POISON);
        note->is_marked = 1;
        assert_int_equal(quarantine_open(&quarantine, folder, note, hasher), 0);
    }
    assert_int_equal(quarantine.count, QUARANTINE_MAX);
    assert_false(quarantine_holds(&quarantine, 100, POISON));
    assert_true(quarantine_holds(&quarantine, 101, POISON));
    assert_true(quarantine_holds(&quarantine, 100 + QUARANTINE_MAX, POISON));
}

static void a_damaged_list_is_a_failure(void **state) {
    (void)state;
    struct quarantine quarantine;
    char path[64];
    snprintf(path, sizeof path, "%s/" QUARANTINE_FILE, folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("no hash at all\n", file);
    fclose(file);
    assert_int_not_equal(quarantine_open(&quarantine, folder, note, hasher), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_request_killed_once_from_outside_is_applied_again, clean),
        cmocka_unit_test_teardown(a_request_found_twice_is_refused, clean),
        cmocka_unit_test_teardown(what_was_applied_is_not_found, clean),
        cmocka_unit_test_teardown(a_fatal_signal_marks_the_request_at_hand, clean),
        cmocka_unit_test_teardown(a_fatal_signal_between_requests_marks_none, clean),
        cmocka_unit_test_teardown(a_kill_marks_none, clean),
        cmocka_unit_test_teardown(the_oldest_of_too_many_is_forgotten, clean),
        cmocka_unit_test_teardown(a_damaged_list_is_a_failure, clean),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
