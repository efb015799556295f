/*
 * proto/EXAMPLES.md: what a client sends there goes through the exchange's own strict decoders, and
 * what it receives through libtpx's readers. That the bytes are those of the text beside them, a
 * test in Python holds (e2e/check_examples.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/reply.h"
#include "proto/codec_answer.h"
#include "proto/codec_query.h"
#include "proto/feed_frame.h"
#include "proto/frame.h"
#include "tests/unit/readme.h"

#define EXAMPLE_BYTES_MAX 1024

/* One example: the type that its line begins with, and its bytes. */
struct example {
    char type[32];
    uint8_t bytes[EXAMPLE_BYTES_MAX];
    size_t size;
};

static void a_request(struct span bytes) {
    struct request request;
    struct codec_fault fault;
    if (!codec_request_decode(bytes.bytes, bytes.size, &request, &fault))
        fail_msg("%s %s", fault.field, fault.text);
}

static void a_query(struct span bytes) {
    struct query query;
    struct codec_fault fault;
    if (!codec_query_decode(bytes.bytes, bytes.size, &query, &fault))
        fail_msg("%s %s", fault.field, fault.text);
}

static void a_report(struct span bytes) {
    struct report report;
    assert_true(report_read(bytes, &report));
    assert_int_not_equal(report.sequence, 0);
}

static void a_client_frame(struct span bytes) {
    static struct span requests[FRAME_REQUESTS_MAX];
    struct codec_fault fault;
    int count = frame_requests(bytes.bytes, bytes.size, requests, &fault);
    assert_true(count > 0);
    for (int i = 0; i < count; i++)
        a_request(requests[i]);
}

static void a_query_frame(struct span bytes) {
    struct span queries[FRAME_QUERIES_MAX];
    struct codec_fault fault;
    int count = frame_queries(bytes.bytes, bytes.size, queries, &fault);
    assert_true(count > 0);
    for (int i = 0; i < count; i++)
        a_query(queries[i]);
}

static void a_reply_frame(struct span bytes) {
    struct reply reply;
    struct reply_part part;
    assert_true(reply_read(bytes.bytes, bytes.size, &reply));
    assert_true(reply.from <= reply.next);
    while (reply_next(&reply, &part))
        if (part.kind == REPLY_PART_EVENT)
            a_report(part.bytes);
}

static void a_feed_frame(struct span bytes) {
    struct feed_frame frame;
    struct span report;
    uint32_t instrument;
    assert_true(feed_frame_read(bytes, &frame));
    assert_true(frame.head.prev <= frame.head.sequence);
    while (feed_frame_next(&frame, &report))
        assert_true(feed_report_instrument(report, &instrument));
}

static void an_answer_frame(struct span bytes) {
    struct answer answer;
    struct answer_row row;
    while (bytes.size > 0) {
        uint32_t rows = 0;
        assert_true(codec_answer_read(&bytes, &answer));
        while (codec_answer_next(&answer, &row))
            rows++;
        assert_int_equal(rows == 0, answer.refused.bytes != NULL);
    }
}

static const struct {
    const char *type;
    void (*check)(struct span bytes);
} CHECKS[] = {
    {"Request", a_request},        {"ClientFrame", a_client_frame},  {"ReplyFrame", a_reply_frame},
    {"Report", a_report},          {"FeedFrame", a_feed_frame},      {"Query", a_query},
    {"QueryFrame", a_query_frame}, {"AnswerFrame", an_answer_frame},
};

static bool check(const struct example *example) {
    for (size_t i = 0; i < sizeof CHECKS / sizeof CHECKS[0]; i++)
        if (strcmp(CHECKS[i].type, example->type) == 0) {
            CHECKS[i].check((struct span){example->bytes, example->size});
            return true;
        }
    return false;
}

static void take_bytes(struct example *example, const char *line) {
    char *end;
    for (unsigned long byte = strtoul(line, &end, 16); end != line;
         byte = strtoul(line, &end, 16)) {
        assert_true(byte <= UINT8_MAX && example->size < EXAMPLE_BYTES_MAX);
        example->bytes[example->size++] = (uint8_t)byte;
        line = end;
    }
}

static void the_exchange_reads_every_example(void **state) {
    struct example example = {.size = 0};
    uint32_t count = 0;
    (void)state;
    char *block = readme_block("proto/EXAMPLES.md", "bytes");
    for (char *line = strtok(block, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        bool is_type = line[0] != ' ' && line[0] != '#';
        if (is_type && example.size > 0)
            count += check(&example);
        if (is_type)
            example = (struct example){.size = 0};
        if (is_type)
            assert_int_equal(sscanf(line, "%31[A-Za-z]", example.type), 1);
        else if (strncmp(line, "    ", 4) == 0)
            take_bytes(&example, line);
    }
    count += check(&example);
    assert_true(count >= 55);
    free(block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exchange_reads_every_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
