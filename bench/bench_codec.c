/*
 * bench-codec: what it takes to read a request and to write a report and a record.
 *
 * Requests and events differ in the length of every number, drawn by a fixed seed, so that no
 * branch is guessed for the wrong reason. Printed are medians over the runs, with the lowest and
 * the highest beside them.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine.h"
#include "bench/random.h"
#include "bench/stopwatch.h"
#include "ledger/record.h"
#include "proto/codec_event.h"
#include "proto/codec_request.h"
#include "proto/tpx.pb-c.h"

#define SAMPLES 4096
#define ROUNDS  100
#define RUNS    9

/* A new order as it came, and what the engine makes of it. */
struct sample {
    uint8_t bytes[128];
    size_t size;
    struct command command;
    struct event accepted;
    struct event added;
};

static struct sample samples[SAMPLES];
static uint64_t sum; /* of everything, so that nothing is left out */

static void make_order(struct random *random, struct new_order *order) {
    order->account = random_between(random, 1, 1000);
    order->instrument = random_between(random, 1, 200);
    order->side = (uint8_t)random_between(random, SIDE_BUY, SIDE_SELL);
    order->ord_type = ORD_TYPE_LIMIT;
    order->time_in_force = (uint8_t)random_between(random, TIME_IN_FORCE_DAY, TIME_IN_FORCE_GTC);
    order->price_fen = random_between(random, 100, 100000);
    order->order_qty = random_between(random, 1, 5000);
}

static void make_events(struct sample *sample) {
    const struct command *command = &sample->command;
    const struct new_order *order = &command->new_order;
    sample->accepted =
        (struct event){.kind = EVENT_NEW,
                       .audience = AUDIENCE_SESSION,
                       .to = command->stamp.session,
                       .order_id = order_id_of(command->stamp.session, command->stamp.number),
                       .price_fen = order->price_fen,
                       .quantity = (uint32_t)order->order_qty,
                       .leaves = (uint32_t)order->order_qty,
                       .instrument = order->instrument,
                       .account = order->account,
                       .side = order->side,
                       .ord_status = ORD_STATUS_NEW};
    sample->added = (struct event){.kind = EVENT_BOOK_ADDED,
                                   .audience = AUDIENCE_EVERYBODY,
                                   .entry = command->stamp.sequence,
                                   .price_fen = order->price_fen,
                                   .quantity = (uint32_t)order->order_qty,
                                   .instrument = order->instrument,
                                   .side = order->side};
}

static void make_samples(void) {
    struct random random = {1};
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct sample *sample = &samples[i];
        struct request request = {.command = {.verb = VERB_NEW_ORDER}};
        request.command.stamp.number = 1000000 + i;
        make_order(&random, &request.command.new_order);
        sample->size = codec_request_encode(&request, NULL, sample->bytes, sizeof sample->bytes);
        sample->command = request.command;
        sample->command.stamp.sequence = 100000000 + i;
        sample->command.stamp.time_ns = 1700000000000000000 + i;
        sample->command.stamp.session = random_between(&random, 1, 16);
        make_events(sample);
    }
}

static void read_request(const struct sample *sample) {
    struct request request;
    struct codec_fault fault;
    if (!codec_request_decode(sample->bytes, sample->size, &request, &fault)) {
        abort();
    }
    sum += request.command.new_order.order_qty;
}

static void unpack_request(const struct sample *sample) {
    Tpx__Request *request = tpx__request__unpack(NULL, sample->size, sample->bytes);
    if (request == NULL) {
        abort();
    }
    sum += request->new_order->order_qty;
    tpx__request__free_unpacked(request, NULL);
}

static void write_accepted(const struct sample *sample) {
    uint8_t out[CODEC_REPORT_BYTES_MAX];
    sum += codec_event_encode(&sample->accepted, &sample->command, sample->command.stamp.sequence,
                              0, out);
}

static void write_added(const struct sample *sample) {
    uint8_t out[CODEC_REPORT_BYTES_MAX];
    sum += codec_event_encode(&sample->added, &sample->command, sample->command.stamp.sequence, 1,
                              out);
}

static uint8_t *on_room(struct record_output *output) {
    return output->owner;
}

static void on_done(struct record_output *output, size_t size, const struct record_slice *slices,
                    uint32_t slices_count) {
    (void)output;
    (void)slices;
    sum += size + slices_count;
}

static void on_salt(struct record_output *output, const uint8_t first[SALT_BYTES], uint32_t part,
                    uint8_t salt[SALT_BYTES]) {
    (void)output;
    (void)part;
    memcpy(salt, first, SALT_BYTES);
}

static void write_record(const struct sample *sample) {
    static uint8_t room[RECORD_BYTES_MAX];
    static struct record_writer writer;
    struct record_output output = {
        .room = on_room, .done = on_done, .salt = on_salt, .owner = room};
    const struct stamp *stamp = &sample->command.stamp;
    struct record_header header = {.sequence = stamp->sequence,
                                   .time_ns = stamp->time_ns,
                                   .received_ns = stamp->time_ns - 1000,
                                   .participant = 3,
                                   .session = stamp->session,
                                   .number = stamp->number,
                                   .previous = stamp->sequence - 5,
                                   .key = 9,
                                   .version = 1};
    record_begin(&writer, &output, &header, &sample->command,
                 (struct span){sample->bytes, sample->size});
    record_event(&writer, &sample->accepted);
    record_event(&writer, &sample->added);
    sum += record_end(&writer);
}

static const struct piece {
    const char *name;
    const char *text;
    void (*work)(const struct sample *sample);
} pieces[] = {
    {"read_new_order", "read a new order, strictly", read_request},
    {"protobuf_c_unpack", "the same by protobuf-c, unchecked", unpack_request},
    {"write_new", "write a NEW report", write_accepted},
    {"write_book_added", "write a BOOK_ADDED report", write_added},
    {"write_record", "write a record: header, request, both reports", write_record},
};

#define PIECES (sizeof pieces / sizeof pieces[0])

static int by_size(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Nanoseconds a call, sorted. */
static void measure(const struct piece *piece, double ns[RUNS]) {
    for (uint32_t run = 0; run < RUNS; run++) {
        uint64_t begun = stopwatch_ns();
        for (uint32_t i = 0; i < ROUNDS * SAMPLES; i++) {
            piece->work(&samples[i % SAMPLES]);
        }
        ns[run] = (double)(stopwatch_ns() - begun) / (ROUNDS * SAMPLES);
    }
    qsort(ns, RUNS, sizeof *ns, by_size);
}

static void print_table(double ns[PIECES][RUNS], const struct machine *machine) {
    printf("%-48s %8s %8s %8s\n", "ns a call", "median", "lowest", "highest");
    for (size_t i = 0; i < PIECES; i++) {
        printf("%-48s %8.1f %8.1f %8.1f\n", pieces[i].text, ns[i][RUNS / 2], ns[i][0],
               ns[i][RUNS - 1]);
    }
    machine_print(machine, stdout);
    printf("checksum %" PRIu64 "\n", sum);
}

static int print_json(double ns[PIECES][RUNS], const struct machine *machine) {
    json_t *root = json_object();
    for (size_t i = 0; i < PIECES; i++) {
        json_object_set_new(root, pieces[i].name,
                            json_pack("{s:f,s:f,s:f}", "ns_median", ns[i][RUNS / 2], "ns_lowest",
                                      ns[i][0], "ns_highest", ns[i][RUNS - 1]));
    }
    json_object_set_new(root, "machine", machine_json(machine));
    int status = json_dumpf(root, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(root);
    return status;
}

int main(int argc, char **argv) {
    static double ns[PIECES][RUNS];
    struct machine machine;
    bool is_json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc != 1 && !is_json) {
        (void)fprintf(stderr, "usage: bench-codec [--json]\n");
        return 2;
    }
    machine_begin(&machine);
    make_samples();
    for (size_t i = 0; i < PIECES; i++) {
        measure(&pieces[i], ns[i]);
    }
    machine_end(&machine);
    if (is_json) {
        return print_json(ns, &machine) == 0 ? 0 : 1;
    }
    print_table(ns, &machine);
    return 0;
}
