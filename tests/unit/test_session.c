/* The table of sessions against a naive one, and who counts as a session's connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/session.h"

#define SESSIONS     50
#define PARTICIPANTS 10
#define NUMBERS      (SESSIONS + PARTICIPANTS)

static struct owners owners;

static int set_up(void **state) {
    (void)state;
    return owners_init(&owners, SESSIONS, PARTICIPANTS);
}

static int tear_down(void **state) {
    (void)state;
    owners_fini(&owners);
    return 0;
}

static struct route route_of(uint32_t number) {
    struct route route = {.size = 5};
    memcpy(route.bytes + 1, &number, sizeof number);
    return route;
}

static void a_connection_counts_only_under_its_key(void **state) {
    (void)state;
    struct sessions sessions;
    struct route route = route_of(7);
    assert_int_equal(sessions_init(&sessions, &owners), 0);
    sessions_connect(&sessions, 3, &route, 11);
    assert_int_equal(sessions_find(&sessions, &route, 11), 3);
    assert_int_equal(sessions_find(&sessions, &route, 12), 0);
    assert_int_equal(sessions_holder(&sessions, &route), 3);
    sessions_fini(&sessions);
}

static void a_newer_connection_replaces_the_older(void **state) {
    (void)state;
    struct sessions sessions;
    struct route old_route = route_of(1);
    struct route new_route = route_of(2);
    assert_int_equal(sessions_init(&sessions, &owners), 0);
    sessions_connect(&sessions, 3, &old_route, 11);
    uint32_t generation = sessions_get(&sessions, 3)->generation;
    sessions_connect(&sessions, 3, &new_route, 11);
    assert_int_equal(sessions_find(&sessions, &old_route, 11), 0);
    assert_int_equal(sessions_find(&sessions, &new_route, 11), 3);
    assert_int_not_equal(sessions_get(&sessions, 3)->generation, generation);
    assert_int_equal(sessions.active_count, 1);
    sessions_fini(&sessions);
}

static void routing_ids_of_other_lengths_are_others(void **state) {
    (void)state;
    struct sessions sessions;
    struct route short_route = {.size = 1, .bytes = "a"};
    struct route long_route = {.size = 2, .bytes = "aa"};
    assert_int_equal(sessions_init(&sessions, &owners), 0);
    sessions_connect(&sessions, 1, &short_route, 5);
    assert_int_equal(sessions_holder(&sessions, &long_route), 0);
    sessions_fini(&sessions);
}

static void a_drop_copy_stands_beside_the_sessions_and_is_none(void **state) {
    (void)state;
    struct sessions sessions;
    struct route route = route_of(1);
    uint32_t copy = owners_copy(&owners, PARTICIPANTS);
    assert_int_equal(sessions_init(&sessions, &owners), 0);
    assert_int_equal(copy, owners_numbers_max(&owners));
    assert_true(sessions_is_copy(&sessions, owners_copy(&owners, 1)));
    assert_false(sessions_is_copy(&sessions, SESSIONS));
    assert_int_equal(sessions_market(&sessions, copy), 0);
    assert_int_equal(sessions_market(&sessions, SESSIONS), SESSIONS);
    sessions_connect(&sessions, copy, &route, 11);
    assert_int_equal(sessions_find(&sessions, &route, 11), copy);
    assert_int_equal(sessions.copies_up, 1);
    sessions_disconnect(&sessions, copy);
    sessions_disconnect(&sessions, copy);
    assert_int_equal(sessions.copies_up, 0);
    sessions_fini(&sessions);
}

/* Compares every route and the list of active sessions with the naive table. */
static void compare(struct sessions *sessions, const uint32_t routes[NUMBERS + 1]) {
    uint32_t active = 0;
    uint32_t copies = 0;
    for (uint32_t i = 1; i <= NUMBERS; i++) {
        struct session *session = sessions_get(sessions, i);
        if (routes[i] == 0) {
            assert_int_equal(session->active_place, 0);
            continue;
        }
        struct route route = route_of(routes[i]);
        active++;
        copies += i > SESSIONS;
        assert_int_equal(sessions_find(sessions, &route, i), i);
        assert_int_equal(sessions->active[session->active_place - 1], i);
    }
    assert_int_equal(sessions->active_count, active);
    assert_int_equal(sessions->copies_up, copies);
}

static void any_order_of_coming_and_going_keeps_the_table_right(void **state) {
    (void)state;
    struct sessions sessions;
    uint32_t routes[NUMBERS + 1] = {0};
    uint32_t next_route = 1;
    uint64_t random = 88172645463325252u;
    assert_int_equal(sessions_init(&sessions, &owners), 0);
    for (int step = 0; step < 20000; step++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint32_t number = 1 + (uint32_t)(random >> 33) % NUMBERS;
        if (random & 1) {
            routes[number] = next_route++;
            struct route route = route_of(routes[number]);
            sessions_connect(&sessions, number, &route, number);
        } else {
            routes[number] = 0;
            sessions_disconnect(&sessions, number);
        }
        if (step % 50 == 0)
            compare(&sessions, routes);
    }
    compare(&sessions, routes);
    sessions_fini(&sessions);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_counts_only_under_its_key),
        cmocka_unit_test(a_newer_connection_replaces_the_older),
        cmocka_unit_test(routing_ids_of_other_lengths_are_others),
        cmocka_unit_test(a_drop_copy_stands_beside_the_sessions_and_is_none),
        cmocka_unit_test(any_order_of_coming_and_going_keeps_the_table_right),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
