/* One loop: send what is due, take what has come, rest for a moment. */
#include "bench/query_load.h"

#include <stdlib.h>
#include <string.h>

#include "bench/register_bulk.h"
#include "bench/stopwatch.h"
#include "proto/codec_answer.h"

/* Questions by id whose due times are kept; more are never in flight. */
#define DUE_SLOTS (1u << 17)
/* Of one connection, at a rate: below what the exchange may drop. */
#define IN_FLIGHT_MAX 100u
#define DEPTH         5
#define OPEN_ORDERS   16

/* --- asking ------------------------------------------------------------------------------------
 */

static void ask_status(struct query_load *load, struct query *query) {
    char number[REGISTER_BULK_NUMBER_MAX];
    struct entries_query *asked = &query->entries;
    register_bulk_number(1 + random_below(&load->random, load->options.pledges), number);
    query->kind = QUERY_ENTRIES;
    asked->right_kind = RIGHT_INVENTION;
    asked->number_bytes = (uint8_t)strlen(number);
    memcpy(asked->number, number, asked->number_bytes);
}

static struct query next_question(struct query_load *load, struct query_load_line *line) {
    uint32_t instrument = 1 + line->turn / 5 % load->options.instruments;
    struct query query = {.id = ++load->last_id};
    if (load->options.pledges != 0) {
        ask_status(load, &query);
        return query;
    }
    switch (line->turn++ % 5) {
    case 0:
        query.kind = QUERY_OPEN_ORDERS;
        query.limit = OPEN_ORDERS;
        query.open_orders.session = line->session;
        return query;
    case 1:
        query.kind = QUERY_ACCOUNTS;
        return query;
    case 2:
        query.kind = QUERY_BOOK_LEVELS;
        query.book_levels = (struct book_levels_query){instrument, DEPTH};
        return query;
    default:
        query.kind = QUERY_ORDER;
        query.order.order_id = line->order_id;
        return query;
    }
}

/* One frame; false when it cannot leave now. */
static bool send_frame(struct query_load *load, struct query_load_line *line, uint64_t due_ns) {
    uint8_t frame[QUERY_FRAME_BYTES_MAX];
    uint8_t *at = frame;
    struct query_load_line before = *line;
    uint64_t last_id = load->last_id;
    for (uint32_t i = 0; i < load->options.batch; i++) {
        uint8_t bytes[QUERY_BYTES_MAX];
        struct query query = next_question(load, line);
        size_t size = codec_query_encode(&query, bytes);
        *at = WIRE_TAG(1, WIRE_BYTES);
        at = wire_put_bytes(at + 1, bytes, size);
        load->due_ns[query.id % DUE_SLOTS] = due_ns;
    }
    if (!dial_send(&line->dial, (struct span){frame, (size_t)(at - frame)})) {
        *line = before;
        load->last_id = last_id;
        return false;
    }
    line->in_flight += load->options.batch;
    return true;
}

static uint32_t frames_in_flight(const struct query_load *load,
                                 const struct query_load_line *line) {
    return line->in_flight / load->options.batch;
}

static void fill_windows(struct query_load *load) {
    for (uint32_t i = 0; i < load->options.connections; i++) {
        struct query_load_line *line = &load->lines[i];
        while (frames_in_flight(load, line) < QUERY_LOAD_WINDOW &&
               send_frame(load, line, stopwatch_ns()))
            ;
    }
}

/* All frames that are due by now, dealt out over the connections. */
static void send_due(struct query_load *load, uint64_t begun_ns, uint64_t *sent) {
    double period_ns = 1e9 * load->options.batch / (double)load->options.rate;
    uint64_t now_ns = stopwatch_ns();
    for (;;) {
        uint64_t due_ns = begun_ns + (uint64_t)((double)*sent * period_ns);
        struct query_load_line *line = &load->lines[*sent % load->options.connections];
        if (due_ns > now_ns)
            return;
        if (frames_in_flight(load, line) >= IN_FLIGHT_MAX || !send_frame(load, line, due_ns)) {
            load->late += atomic_load(&load->counts);
            return;
        }
        ++*sent;
    }
}

/* --- answers -----------------------------------------------------------------------------------
 */

static void take_answer(struct query_load *load, struct query_load_line *line,
                        struct answer *answer, uint64_t now_ns) {
    struct answer_row row;
    uint64_t rows = 0;
    while (codec_answer_next(answer, &row)) {
        rows++;
        if (row.kind == ROW_ORDER) /* the newest ones live longest */
            line->order_id = rows == 1 || line->order_id == 0 ? row.order.order_id : line->order_id;
    }
    line->in_flight--;
    if (answer->as_of > load->as_of_max)
        load->as_of_max = answer->as_of;
    if (!atomic_load(&load->counts))
        return;
    load->answers++;
    load->rows += rows;
    load->gone += answer->refused.bytes != NULL;
    histogram_add(&load->latency_ns, now_ns - load->due_ns[answer->id % DUE_SLOTS]);
}

static uint32_t take_answers(struct query_load *load, struct query_load_line *line,
                             zmq_msg_t *message) {
    struct answer answer;
    uint32_t frames = 0;
    while (dial_receive(&line->dial, message)) {
        struct span rest = {zmq_msg_data(message), zmq_msg_size(message)};
        uint64_t now_ns = stopwatch_ns();
        while (codec_answer_read(&rest, &answer))
            take_answer(load, line, &answer, now_ns);
        frames++;
    }
    return frames;
}

static void rest(struct query_load *load) {
    zmq_pollitem_t items[QUERY_LOAD_CONNECTIONS_MAX];
    struct timespec moment = {.tv_nsec = 1000000};
    if (load->options.rate != 0) {
        nanosleep(&moment, NULL);
        return;
    }
    for (uint32_t i = 0; i < load->options.connections; i++)
        items[i] = (zmq_pollitem_t){.socket = load->lines[i].dial.socket, .events = ZMQ_POLLIN};
    (void)zmq_poll(items, (int)load->options.connections, 100);
}

static void *run(void *owner) {
    struct query_load *load = owner;
    uint64_t sent = 0;
    uint64_t begun_ns = stopwatch_ns();
    uint64_t counted_ns = 0;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (!atomic_load(&load->stops)) {
        uint32_t frames = 0;
        if (counted_ns == 0 && atomic_load(&load->counts))
            counted_ns = stopwatch_ns();
        if (load->options.rate != 0)
            send_due(load, begun_ns, &sent);
        else
            fill_windows(load);
        for (uint32_t i = 0; i < load->options.connections; i++)
            frames += take_answers(load, &load->lines[i], &message);
        if (frames == 0 || load->options.rate != 0)
            rest(load);
    }
    load->seconds = (double)(stopwatch_ns() - counted_ns) / 1e9;
    zmq_msg_close(&message);
    return NULL;
}

/* --- begin and end -----------------------------------------------------------------------------
 */

static void connect_line(struct query_load *load, uint32_t index) {
    struct query_load_line *line = &load->lines[index];
    const struct trial *trial = load->trial;
    struct dial_options options = {
        .context = load->context,
        .endpoint = trial->query_endpoint,
        .server_z85 = trial->server.public_z85,
        .key = &trial->brokers[trial_owner(trial, index + 1) - 1],
    };
    *line = (struct query_load_line){.session = trial_session(trial, index + 1)};
    if (dial_open(&line->dial, &options) != 0)
        trial_die("no connection for queries");
    while (!line->dial.is_up) {
        if (!dial_wait(&line->dial, TRIAL_PATIENCE_MS))
            trial_die("the query endpoint does not let us in");
        (void)dial_event(&line->dial);
    }
}

void query_load_begin(struct query_load *load, const struct trial *trial,
                      const struct query_load_options *options) {
    memset(load, 0, sizeof *load);
    load->options = *options;
    load->trial = trial;
    load->context = zmq_ctx_new();
    load->due_ns = calloc(DUE_SLOTS, sizeof *load->due_ns);
    histogram_init(&load->latency_ns);
    if (load->context == NULL || load->due_ns == NULL)
        trial_die("no memory for queries");
    for (uint32_t i = 0; i < options->connections; i++)
        connect_line(load, i);
    if (pthread_create(&load->thread, NULL, run, load) != 0)
        trial_die("no thread for queries");
}

void query_load_count(struct query_load *load) {
    atomic_store(&load->counts, true);
}

void query_load_end(struct query_load *load) {
    atomic_store(&load->stops, true);
    pthread_join(load->thread, NULL);
    for (uint32_t i = 0; i < load->options.connections; i++)
        dial_close(&load->lines[i].dial);
    zmq_ctx_term(load->context);
    free(load->due_ns);
}
