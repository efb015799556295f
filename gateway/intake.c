/* A ring of waiting items; each points to the message that its bytes lie in. */
#include "gateway/intake.h"

#include <stdlib.h>

struct intake *intake_create(struct trade_port *port, const struct engine *engine,
                             const struct intake_listener *listener) {
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL)
        return NULL;
    intake->port = port;
    intake->engine = engine;
    intake->listener = *listener;
    for (size_t i = 0; i <= INTAKE_AHEAD; i++)
        trade_message_init(&intake->messages[i].message);
    return intake;
}

void intake_destroy(struct intake *intake) {
    if (intake == NULL)
        return;
    for (size_t i = 0; i <= INTAKE_AHEAD; i++)
        trade_message_fini(&intake->messages[i].message);
    free(intake);
}

static void hand_on(struct intake *intake) {
    struct intake_item *item = &intake->items[intake->first];
    intake->first = (intake->first + 1) % INTAKE_AHEAD;
    intake->count--;
    intake->listener.item(intake->listener.owner, item);
}

/* A place for one more item; the oldest is handed on when there is none. */
static struct intake_item *next_item(struct intake *intake, const struct intake_message *from) {
    if (intake->count == INTAKE_AHEAD)
        hand_on(intake);
    struct intake_item *item = &intake->items[(intake->first + intake->count) % INTAKE_AHEAD];
    intake->count++;
    item->from = from;
    return item;
}

/* A nearer hint for the item that came so many before the newest. */
static void hint(const struct intake *intake, uint32_t before, uint32_t step) {
    if (intake->count <= before)
        return;
    uint32_t place = (intake->first + intake->count - 1 - before) % INTAKE_AHEAD;
    engine_nearer(intake->engine, &intake->items[place].request.command, step);
}

static void add_request(struct intake *intake, const struct intake_message *from,
                        struct span bytes) {
    struct intake_item *item = next_item(intake, from);
    item->bytes = bytes;
    item->fault = (struct codec_fault){0};
    if (codec_request_decode(bytes.bytes, bytes.size, &item->request, &item->fault)) {
        item->fault.text = NULL;
        item->request.command.stamp.session = intake->session;
        if (item->request.command.verb <= VERB_MASS_CANCEL)
            engine_ahead(intake->engine, &item->request.command);
        hint(intake, INTAKE_NEAR, 1);
        hint(intake, INTAKE_NEXT, 2);
    } else if (item->fault.text == NULL) {
        item->fault.text = "not a request";
    }
}

static void add_fault(struct intake *intake, const struct intake_message *from,
                      const struct codec_fault *fault) {
    struct intake_item *item = next_item(intake, from);
    item->bytes = (struct span){0};
    item->fault = *fault;
    item->request.command.stamp.number = 0;
}

static void cut_message(struct intake *intake, struct intake_message *from) {
    struct codec_fault fault = {.field = "frame", .text = "not a single part"};
    int requests = -1;
    if (from->message.is_framed)
        requests = frame_requests(zmq_msg_data(&from->message.payload),
                                  zmq_msg_size(&from->message.payload), intake->cut, &fault);
    intake->session = intake->listener.session(intake->listener.owner, &from->message);
    intake->requests += requests > 0 ? (uint32_t)requests : 1;
    for (int i = 0; i < requests; i++)
        add_request(intake, from, intake->cut[i]);
    if (requests < 0)
        add_fault(intake, from, &fault);
}

uint32_t intake_drain(struct intake *intake) {
    uint32_t taken = 0;
    intake->requests = 0;
    intake->is_drained = false;
    while (taken < INTAKE_ROUND_MESSAGES && intake->requests < INTAKE_ROUND_REQUESTS) {
        struct intake_message *place = &intake->messages[intake->messages_at];
        if (!trade_port_receive(intake->port, &place->message)) {
            intake->is_drained = true;
            break;
        }
        struct clock_reading reading = clock_read();
        place->received_ns = reading.wall_ns;
        place->received_mono_ns = reading.mono_ns;
        intake->listener.time(intake->listener.owner, reading);
        intake->messages_at = (intake->messages_at + 1) % (INTAKE_AHEAD + 1);
        cut_message(intake, place);
        taken++;
    }
    while (intake->count > 0)
        hand_on(intake);
    return taken;
}
