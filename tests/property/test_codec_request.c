/*
 * Random requests, as the codec and protobuf-c write and read them; and bytes that somebody has
 * damaged, which must be refused, or mean the same to both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/tpx.pb-c.h"
#include "tests/property/request_image.h"
#include "tests/property/seed.h"

#define STEPS_DEFAULT   200000
#define DAMAGES_DEFAULT 600000

static void requests_are_written_as_protobuf_c_writes_them(void **state) {
    (void)state;
    static uint8_t ours[REQUEST_BYTES_MAX + CODEC_REQUEST_SLACK];
    static uint8_t theirs[REQUEST_BYTES_MAX];
    struct random random = seed_begin();
    for (uint64_t steps = seed_steps(STEPS_DEFAULT); steps > 0; steps--) {
        struct random_request made;
        random_request_make(&random, 0, &made);
        size_t size = codec_request_encode(&made.request, made.name, ours, sizeof ours);
        assert_int_equal(size, request_image_pack(&made, theirs));
        assert_memory_equal(ours, theirs, size);
    }
}

static void what_is_read_is_what_was_written(void **state) {
    (void)state;
    static uint8_t bytes[REQUEST_BYTES_MAX];
    struct random random = seed_begin();
    for (uint64_t steps = seed_steps(STEPS_DEFAULT); steps > 0; steps--) {
        struct random_request made;
        struct codec_fault fault;
        random_request_make(&random, 0, &made);
        size_t size = request_image_pack(&made, bytes);
        uint8_t *alone = malloc(size); /* so that a byte too far is seen */
        struct request read = {0};
        memcpy(alone, bytes, size);
        assert_true(codec_request_decode(alone, size, &read, &fault));
        if (read.command.verb == VERB_QUARANTINED) {
            assert_memory_equal(read.command.quarantined.bytes, made.bytes,
                                made.request.command.quarantined.size);
            read.command.quarantined.bytes = made.bytes;
        }
        assert_memory_equal(&read, &made.request, sizeof read);
        free(alone);
    }
}

/* One of the ways in which bytes go wrong. Returns the new size. */
static size_t damage(struct random *random, uint8_t *bytes, size_t size, size_t room) {
    size_t at = random_below(random, (uint32_t)size);
    size_t more = random_between(random, 1, 12);
    switch (random_below(random, 5)) {
    case 0:
        bytes[at] ^= (uint8_t)(1 << random_below(random, 8));
        return size;
    case 1:
        bytes[at] = (uint8_t)random_next(random);
        return size;
    case 2:
        return at; /* cut */
    case 3:        /* a piece twice */
        more = more < size - at ? more : size - at;
        if (size + more > room) {
            return size;
        }
        memmove(bytes + at + more, bytes + at, size - at);
        return size + more;
    default: /* a piece missing */
        more = more < size - at ? more : size - at;
        memmove(bytes + at, bytes + at + more, size - at - more);
        return size - more;
    }
}

static const char *name_in(const Tpx__Request *request) {
    bool is_act = request->body_case == TPX__REQUEST__BODY_ACT ||
                  request->body_case == TPX__REQUEST__BODY_PROPOSE;
    bool is_named = is_act && request->act->body_case == TPX__ACT__BODY_ADD_PARTICIPANT;
    return is_named ? request->act->add_participant->name : NULL;
}

/* What was accepted says the same to protobuf-c. */
static void agree(const uint8_t *bytes, size_t size, const struct request *read) {
    uint8_t ours[1024 + CODEC_REQUEST_SLACK];
    uint8_t theirs[1024];
    Tpx__Request *other = tpx__request__unpack(NULL, size, bytes);
    assert_non_null(other);
    assert_int_equal(other->base.n_unknown_fields, 0);
    size_t written = codec_request_encode(read, name_in(other), ours, sizeof ours);
    assert_int_not_equal(written, 0);
    assert_int_equal(written, tpx__request__get_packed_size(other));
    assert_int_equal(written, tpx__request__pack(other, theirs));
    assert_memory_equal(ours, theirs, written);
    tpx__request__free_unpacked(other, NULL);
}

static void damaged_bytes_are_refused_or_mean_the_same(void **state) {
    (void)state;
    static uint8_t bytes[REQUEST_BYTES_MAX];
    struct random random = seed_begin();
    uint64_t accepted = 0;
    uint64_t refused = 0;
    for (uint64_t steps = seed_steps(DAMAGES_DEFAULT); steps > 0; steps--) {
        struct random_request made;
        struct request read;
        struct codec_fault fault = {0};
        random_request_make(&random, 0, &made);
        size_t size = request_image_pack(&made, bytes);
        for (uint32_t times = random_between(&random, 1, 3); times > 0 && size > 0; times--) {
            size = damage(&random, bytes, size, 900);
        }
        uint8_t *alone = malloc(size + 1);
        memcpy(alone + 1, bytes, size);
        if (codec_request_decode(alone + 1, size, &read, &fault)) {
            agree(alone + 1, size, &read);
            accepted++;
        } else {
            assert_non_null(fault.field);
            assert_non_null(fault.text);
            refused++;
        }
        free(alone);
    }
    assert_true(accepted > 0 && refused > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_written_as_protobuf_c_writes_them),
        cmocka_unit_test(what_is_read_is_what_was_written),
        cmocka_unit_test(damaged_bytes_are_refused_or_mean_the_same),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
