/* How much a connection has left unread: libzmq is played by closing messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/unread.h"

#define BYTES_MAX   8000u
#define FRAME_BYTES 100u
#define MARKS_MAX   64

struct pipe {
    struct unread unread;
    struct unread_line line;
    zmq_msg_t marks[MARKS_MAX]; /* on their way */
    uint32_t sent;
    uint32_t taken;
};

static int set_up(void **state) {
    static struct pipe pipe;
    pipe = (struct pipe){0};
    assert_true(unread_init(&pipe.unread, BYTES_MAX));
    *state = &pipe;
    return 0;
}

static void take_mark(struct pipe *pipe) {
    assert_true(pipe->taken < pipe->sent);
    zmq_msg_close(&pipe->marks[pipe->taken++]);
}

static int tear_down(void **state) {
    struct pipe *pipe = *state;
    while (pipe->taken < pipe->sent)
        take_mark(pipe);
    unread_fini(&pipe->unread);
    return 0;
}

/* Sends as the outbox does. */
static void send(struct pipe *pipe) {
    struct reply_head head = {.from = 7, .next = 7, .is_heartbeat = true};
    assert_true(pipe->sent < MARKS_MAX);
    if (unread_mark(&pipe->unread, &pipe->line, &head, &pipe->marks[pipe->sent]))
        pipe->sent++;
    unread_sent(&pipe->line, FRAME_BYTES);
}

static uint32_t send_until_full(struct pipe *pipe) {
    uint32_t frames = 0;
    for (; !unread_is_full(&pipe->unread, &pipe->line); frames++)
        send(pipe);
    return frames;
}

static void a_connection_that_takes_nothing_is_full_at_its_limit(void **state) {
    struct pipe *pipe = *state;
    assert_int_equal(send_until_full(pipe), BYTES_MAX / FRAME_BYTES);
    assert_in_range(pipe->sent, 1, UNREAD_MARKS_A_CONNECTION);
    assert_true(unread_is_full(&pipe->unread, &pipe->line));
}

static void what_was_sent_before_a_mark_that_is_taken_counts_no_more(void **state) {
    struct pipe *pipe = *state;
    (void)send_until_full(pipe);
    take_mark(pipe);
    assert_false(unread_is_full(&pipe->unread, &pipe->line));
    uint32_t frames = send_until_full(pipe);
    assert_in_range(frames, 1, BYTES_MAX / FRAME_BYTES / UNREAD_MARKS_A_CONNECTION + 1);
    while (pipe->taken < pipe->sent)
        take_mark(pipe);
    assert_false(unread_is_full(&pipe->unread, &pipe->line));
    assert_true(pipe->line.bytes < BYTES_MAX / 4);
}

static void a_connection_that_reads_is_never_full(void **state) {
    struct pipe *pipe = *state;
    for (uint32_t i = 0; i < 4000; i++) {
        assert_false(unread_is_full(&pipe->unread, &pipe->line));
        send(pipe);
        if (pipe->sent == MARKS_MAX / 2) {
            while (pipe->taken < pipe->sent)
                take_mark(pipe);
            pipe->sent = pipe->taken = 0;
            (void)unread_is_full(&pipe->unread, &pipe->line);
        } else if (pipe->taken < pipe->sent) {
            take_mark(pipe);
        }
    }
}

static void the_next_connection_begins_with_nothing_unread(void **state) {
    struct pipe *pipe = *state;
    (void)send_until_full(pipe);
    unread_end(&pipe->unread, &pipe->line);
    assert_false(unread_is_full(&pipe->unread, &pipe->line));
    assert_int_equal(pipe->line.bytes, 0);
    assert_non_null(pipe->unread.gone);
    assert_int_equal(send_until_full(pipe), BYTES_MAX / FRAME_BYTES);
}

/* All marks there are, on connections that end: they come back when libzmq gives them back. */
static void marks_of_connections_that_ended_are_used_again(void **state) {
    struct pipe *pipe = *state;
    struct reply_head head = {0};
    static zmq_msg_t marks[UNREAD_MARKS_MAX];
    for (uint32_t i = 0; i < UNREAD_MARKS_MAX; i++) {
        unread_sent(&pipe->line, BYTES_MAX);
        assert_true(unread_mark(&pipe->unread, &pipe->line, &head, &marks[i]));
        unread_end(&pipe->unread, &pipe->line);
    }
    zmq_msg_t more;
    unread_sent(&pipe->line, BYTES_MAX);
    assert_false(unread_mark(&pipe->unread, &pipe->line, &head, &more));
    assert_false(unread_is_full(&pipe->unread, &pipe->line)); /* bounded by frames alone */
    for (uint32_t i = 0; i < UNREAD_MARKS_MAX; i++)
        zmq_msg_close(&marks[i]);
    assert_true(unread_mark(&pipe->unread, &pipe->line, &head, &more));
    assert_null(pipe->unread.gone);
    zmq_msg_close(&more);
}

#define IN_PIPE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_PIPE(a_connection_that_takes_nothing_is_full_at_its_limit),
        IN_PIPE(what_was_sent_before_a_mark_that_is_taken_counts_no_more),
        IN_PIPE(a_connection_that_reads_is_never_full),
        IN_PIPE(the_next_connection_begins_with_nothing_unread),
        IN_PIPE(marks_of_connections_that_ended_are_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
