/* Outputs are found by looking through them: they are few, and a route is a few bytes. */
#include "gateway/query_outbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(QUERY_OUTPUT_BYTES <= ANSWER_FRAME_BYTES_MAX, "what is sent is a frame");

void query_outbox_init(struct query_outbox *outbox, struct trade_port *port,
                       struct counters *counters) {
    outbox->port = port;
    outbox->counters = counters;
}

static void begin(struct query_output *output) {
    output->out =
        (struct message_output){.next = output->frame, .end = output->frame + QUERY_OUTPUT_BYTES};
}

static void send_output(struct query_outbox *outbox, struct query_output *output) {
    zmq_msg_t frame;
    uint64_t held;
    size_t size = (size_t)(output->out.next - output->frame);
    int failed = zmq_msg_init_size(&frame, size);
    assert(failed == 0); /* no memory for an answer: better to stop than to go on without */
    memcpy(zmq_msg_data(&frame), output->frame, size);
    begin(output);
    if (trade_port_send(outbox->port, &output->route, &frame) != EAGAIN)
        return;
    counter_add(outbox->counters, COUNTER_ANSWERS_DROPPED, 1);
    if (log_limit_take(&outbox->dropped_limit, &held))
        log_line(LOG_LEVEL_WARNING, "answers_dropped", "bytes=%zu held=%lu", size, held);
}

void query_outbox_flush(struct query_outbox *outbox) {
    for (uint32_t i = 0; i < outbox->used; i++)
        send_output(outbox, &outbox->output[i]);
    outbox->used = 0;
}

static bool is_same_route(const struct route *left, const struct route *right) {
    return left->size == right->size && memcmp(left->bytes, right->bytes, left->size) == 0;
}

static struct query_output *find(struct query_outbox *outbox, const struct route *route) {
    for (uint32_t i = 0; i < outbox->used; i++)
        if (is_same_route(&outbox->output[i].route, route))
            return &outbox->output[i];
    return NULL;
}

struct message_output *query_outbox_to(struct query_outbox *outbox, const struct route *route) {
    struct query_output *output = find(outbox, route);
    if (output == NULL) {
        if (outbox->used == QUERY_OUTPUTS)
            query_outbox_flush(outbox);
        output = &outbox->output[outbox->used++];
        output->route = *route;
        begin(output);
    }
    if ((size_t)(output->out.end - output->out.next) < ANSWER_BYTES_MAX)
        send_output(outbox, output);
    return &output->out;
}
