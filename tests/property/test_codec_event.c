/*
 * Random events, as the codec and protobuf-c write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec_event.h"
#include "tests/property/random_event.h"
#include "tests/property/seed.h"

#define STEPS_DEFAULT 400000

static void reports_are_written_as_protobuf_c_writes_them(void **state) {
    (void)state;
    struct random random = seed_begin();
    uint8_t theirs[1024];
    uint8_t *ours = malloc(CODEC_REPORT_BYTES_MAX); /* so that a byte too far is seen */
    assert_non_null(ours);
    for (uint64_t steps = seed_steps(STEPS_DEFAULT); steps > 0; steps--) {
        struct random_request made;
        struct event event;
        random_request_make(&random, random_once_in(&random, 2) ? VERB_NEW_ORDER : 0, &made);
        struct command *command = &made.request.command;
        command->stamp.session = random_below(&random, 3);
        command->stamp.time_ns = (int64_t)random_number(&random, INT64_MAX);
        random_event_make(&random, 0, command->stamp.session, &event);
        struct event_place at = {random_number(&random, INT64_MAX), random_below(&random, 4096)};
        size_t size = codec_event_encode(&event, command, at.sequence, at.place, ours);
        assert_int_equal(size, event_image_pack(&event, command, at, theirs));
        assert_memory_equal(ours, theirs, size);
    }
    free(ours);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_written_as_protobuf_c_writes_them),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
