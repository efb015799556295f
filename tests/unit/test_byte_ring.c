/* The queue between two threads: order, wrapping, room, and a run with both threads at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "gateway/byte_ring.h"

#define CAPACITY ((size_t)1 << 16)

static void put(struct byte_ring *ring, uint32_t number, size_t size) {
    uint8_t *room = byte_ring_reserve(ring, size);
    assert_non_null(room);
    memset(room, (int)(number & 0xff), size);
    memcpy(room, &number, sizeof number);
    byte_ring_append(ring, size);
}

static void get(struct byte_ring *ring, uint64_t *position, uint32_t number, size_t size) {
    size_t got;
    const uint8_t *entry = byte_ring_next(ring, position, &got);
    uint32_t found;
    assert_non_null(entry);
    assert_int_equal(got, size);
    memcpy(&found, entry, sizeof found);
    assert_int_equal(found, number);
    for (size_t i = sizeof found; i < size; i++)
        assert_int_equal(entry[i], number & 0xff);
}

static void entries_come_out_in_order_only_when_published(void **state) {
    (void)state;
    struct byte_ring ring;
    uint64_t position = 0;
    size_t size;
    assert_int_equal(byte_ring_init(&ring, CAPACITY, 0), 0);
    put(&ring, 1, 10);
    put(&ring, 2, 1000);
    assert_null(byte_ring_next(&ring, &position, &size));
    assert_true(byte_ring_is_empty(&ring, position));
    byte_ring_publish(&ring);
    assert_false(byte_ring_is_empty(&ring, position));
    get(&ring, &position, 1, 10);
    get(&ring, &position, 2, 1000);
    assert_null(byte_ring_next(&ring, &position, &size));
    byte_ring_fini(&ring);
}

static void a_full_ring_has_no_room_until_something_is_freed(void **state) {
    (void)state;
    struct byte_ring ring;
    uint64_t position = 0;
    uint32_t put_count = 0;
    assert_int_equal(byte_ring_init(&ring, CAPACITY, 0), 0);
    while (byte_ring_reserve(&ring, 4000) != NULL)
        put(&ring, put_count++, 4000);
    assert_true(put_count >= 15);
    byte_ring_publish(&ring);
    get(&ring, &position, 0, 4000);
    get(&ring, &position, 1, 4000);
    assert_null(byte_ring_reserve(&ring, 4000));
    byte_ring_free(&ring, position);
    put(&ring, put_count, 4000);
    byte_ring_publish(&ring);
    for (uint32_t i = 2; i <= put_count; i++)
        get(&ring, &position, i, 4000);
    byte_ring_fini(&ring);
}

static void an_entry_never_wraps_around_the_end(void **state) {
    (void)state;
    struct byte_ring ring;
    uint64_t position = 0;
    assert_int_equal(byte_ring_init(&ring, CAPACITY, 0), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        size_t size = 4 + (i * 7919) % 20000;
        put(&ring, i, size);
        byte_ring_publish(&ring);
        get(&ring, &position, i, size);
        byte_ring_free(&ring, position);
    }
    assert_int_equal(byte_ring_used(&ring), 0);
    byte_ring_fini(&ring);
}

static void at_usual_loads_the_same_memory_is_used_again(void **state) {
    (void)state;
    struct byte_ring ring;
    uint64_t position = 0;
    assert_int_equal(byte_ring_init(&ring, (size_t)1 << 24, CAPACITY), 0);
    size_t highest = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        put(&ring, i, 300);
        size_t offset = (size_t)ring.write & (ring.capacity - 1);
        highest = offset > highest ? offset : highest;
        byte_ring_publish(&ring);
        get(&ring, &position, i, 300);
        byte_ring_free(&ring, position);
    }
    assert_true(highest < 2 * CAPACITY);
    byte_ring_fini(&ring);
}

static size_t offset_of(const struct byte_ring *ring) {
    return (size_t)ring->write & (ring->capacity - 1);
}

/* One entry is in flight all the time: whenever the consumer stops there, half the ring is left. */
static void at_full_load_half_the_ring_is_always_ahead(void **state) {
    (void)state;
    const uint32_t count = 3000;
    for (uint32_t stop = 1; stop < count; stop += 37) {
        struct byte_ring ring;
        uint64_t position = 0;
        size_t room = 0;
        assert_int_equal(byte_ring_init(&ring, (size_t)1 << 20, CAPACITY), 0);
        put(&ring, 0, 4000);
        for (uint32_t i = 1; i < stop; i++) {
            put(&ring, i, 4000);
            byte_ring_publish(&ring);
            assert_int_equal(byte_ring_used(&ring), 2 * 4016);
            get(&ring, &position, i - 1, 4000);
            byte_ring_free(&ring, position);
            assert_true(offset_of(&ring) < ring.capacity / 2 + 3 * 4016);
        }
        for (; byte_ring_reserve(&ring, 4000) != NULL; room += 4016)
            byte_ring_append(&ring, 4000);
        assert_true(room + 4016 > ring.capacity / 2);
        byte_ring_fini(&ring);
    }
}

static void after_an_early_wrap_a_large_entry_waits_for_the_rest(void **state) {
    (void)state;
    struct byte_ring ring;
    uint64_t position = 0;
    uint32_t count = 0;
    assert_int_equal(byte_ring_init(&ring, (size_t)1 << 20, CAPACITY), 0);
    while (offset_of(&ring) < ring.capacity / 2 + 4016)
        put(&ring, count++, 4000);
    byte_ring_publish(&ring);
    for (uint32_t i = 0; i + 1 < count; i++)
        get(&ring, &position, i, 4000);
    byte_ring_free(&ring, position);
    put(&ring, count, 300000); /* at the front again, one entry still held behind */
    assert_true(offset_of(&ring) < ring.capacity / 2);
    assert_int_equal(byte_ring_used(&ring), 4016 + 300016);
    assert_null(byte_ring_reserve(&ring, 300000));
    byte_ring_publish(&ring);
    get(&ring, &position, count - 1, 4000);
    get(&ring, &position, count, 300000);
    byte_ring_free(&ring, position);
    assert_int_equal(byte_ring_used(&ring), 0);
    put(&ring, count + 1, 300000);
    byte_ring_publish(&ring);
    get(&ring, &position, count + 1, 300000);
    byte_ring_fini(&ring);
}

/* A command of many entries is published at its end: half the ring must hold it, wherever it
 * begins. */
static void entries_published_together_find_half_the_ring_wherever_they_begin(void **state) {
    (void)state;
    for (uint32_t before = 0; before < 3 * CAPACITY / 4000; before++) {
        struct byte_ring ring;
        uint64_t position = 0;
        uint32_t count = 0;
        assert_int_equal(byte_ring_init(&ring, (size_t)1 << 20, CAPACITY), 0);
        for (; count < before; count++) {
            put(&ring, count, 4000);
            byte_ring_publish(&ring);
            get(&ring, &position, count, 4000);
            byte_ring_free(&ring, position);
        }
        uint32_t end = count + (uint32_t)(ring.capacity / 2 / 4016);
        for (uint32_t i = count; i < end; i++)
            put(&ring, i, 4000);
        byte_ring_publish(&ring);
        for (uint32_t i = count; i < end; i++)
            get(&ring, &position, i, 4000);
        byte_ring_fini(&ring);
    }
}

#define RUN 200000

static void *consume(void *owner) {
    struct byte_ring *ring = owner;
    uint64_t position = 0;
    for (uint32_t i = 0; i < RUN;) {
        size_t size;
        const uint8_t *entry = byte_ring_next(ring, &position, &size);
        if (entry == NULL) {
            sched_yield();
            continue;
        }
        uint32_t found;
        memcpy(&found, entry, sizeof found);
        if (found != i || size != 4 + i % 500 || (size > 4 && entry[size - 1] != (i & 0xff)))
            return (void *)1;
        byte_ring_free(ring, position);
        i++;
    }
    return NULL;
}

static void two_threads_pass_every_entry_once(void **state) {
    (void)state;
    struct byte_ring ring;
    pthread_t thread;
    void *failed;
    assert_int_equal(byte_ring_init(&ring, CAPACITY, 1 << 12), 0);
    assert_int_equal(pthread_create(&thread, NULL, consume, &ring), 0);
    for (uint32_t i = 0; i < RUN;) {
        if (byte_ring_reserve(&ring, 4 + i % 500) == NULL) {
            byte_ring_publish(&ring);
            sched_yield();
            continue;
        }
        put(&ring, i, 4 + i % 500);
        if (i % 7 == 0)
            byte_ring_publish(&ring);
        i++;
    }
    byte_ring_publish(&ring);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    byte_ring_fini(&ring);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_out_in_order_only_when_published),
        cmocka_unit_test(a_full_ring_has_no_room_until_something_is_freed),
        cmocka_unit_test(an_entry_never_wraps_around_the_end),
        cmocka_unit_test(at_usual_loads_the_same_memory_is_used_again),
        cmocka_unit_test(entries_published_together_find_half_the_ring_wherever_they_begin),
        cmocka_unit_test(at_full_load_half_the_ring_is_always_ahead),
        cmocka_unit_test(after_an_early_wrap_a_large_entry_waits_for_the_rest),
        cmocka_unit_test(two_threads_pass_every_entry_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
