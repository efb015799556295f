/* Clients are polled in small turns, the ledger is read with a reader of its own each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gateway/clock.h"
#include "gateway/counters.h"
#include "ledger/reader.h"
#include "tests/e2e/desk.h"

/* Between two looks at what nothing tells of. */
#define LOOK_NS 2000000

struct command desk_order(uint32_t account, uint32_t instrument, enum side side, int64_t price_fen,
                          uint64_t quantity) {
    return (struct command){.verb = VERB_NEW_ORDER,
                            .new_order = {.account = account,
                                          .instrument = instrument,
                                          .price_fen = price_fen,
                                          .order_qty = quantity,
                                          .side = (uint8_t)side,
                                          .ord_type = ORD_TYPE_LIMIT,
                                          .time_in_force = TIME_IN_FORCE_DAY}};
}

struct command desk_buy(uint32_t account, int64_t price_fen, uint64_t quantity) {
    return desk_order(account, 1, SIDE_BUY, price_fen, quantity);
}

struct command desk_sell(uint32_t account, int64_t price_fen, uint64_t quantity) {
    return desk_order(account, 1, SIDE_SELL, price_fen, quantity);
}

struct command desk_cancel(uint64_t order_id) {
    return (struct command){.verb = VERB_CANCEL, .cancel = {.order_id = order_id}};
}

const struct curve_key *desk_key(const struct trial *trial, uint32_t index) {
    return &trial->brokers[trial_owner(trial, index) - 1];
}

uint32_t desk_account(const struct trial *trial, uint32_t index) {
    return trial_account(trial, trial_owner(trial, index));
}

/* --- waiting -------------------------------------------------------------------------------------
 */

void desk_next(struct client *client, bool only_answers, struct client_item *item) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    do {
        client_poll(client, 100, item);
        if (clock_mono_ns() > deadline_ns)
            fail_msg("a client heard nothing");
    } while (item->kind == CLIENT_NOTHING ||
             (only_answers && (item->kind == CLIENT_LIVE || item->kind == CLIENT_LOST)));
}

void desk_until(struct client *client, enum client_item_kind kind, struct client_item *item) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    do {
        client_poll(client, 100, item);
        if (clock_mono_ns() > deadline_ns)
            fail_msg("an item of kind %d did not come", kind);
    } while (item->kind != kind);
}

void desk_answer(struct client *client, uint64_t number, struct report *report) {
    struct client_item item;
    do {
        desk_next(client, true, &item);
        if (item.kind == CLIENT_REFUSED && item.refused.number == number)
            fail_msg("request %lu is refused %s %s", number,
                     client_reason_name(item.refused.reason), item.refused.text);
    } while (item.kind != CLIENT_REPORT || report_answers(&item.report) != number);
    *report = item.report;
}

void desk_refusal(struct client *client, uint64_t number, struct refused *refused) {
    struct client_item item;
    do {
        desk_next(client, true, &item);
        if (item.kind == CLIENT_REPORT && report_answers(&item.report) == number)
            fail_msg("request %lu is answered, not refused", number);
    } while (item.kind != CLIENT_REFUSED || item.refused.number != number);
    *refused = item.refused;
}

uint64_t desk_send(struct client *client, const struct command *command, struct report *report) {
    uint64_t number = client_add(client, command, NULL);
    assert_true(number > 0);
    client_flush(client);
    desk_answer(client, number, report);
    return number;
}

uint64_t desk_rest(struct client *client, const struct command *command) {
    struct report report;
    uint64_t number = desk_send(client, command, &report);
    assert_int_equal(report.body, REPORT_EXECUTION);
    if (report.execution.exec_type != EXEC_TYPE_NEW)
        fail_msg("order %lu is refused %s", number, client_reason_name(report.execution.reason));
    return number;
}

void desk_execution(struct client *client, uint64_t order_id, enum exec_type type,
                    struct report *report) {
    struct client_item item;
    do
        desk_until(client, CLIENT_REPORT, &item);
    while (item.report.body != REPORT_EXECUTION || item.report.execution.order_id != order_id ||
           item.report.execution.exec_type != type);
    *report = item.report;
}

void desk_all_answered(struct client *client) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    struct client_item item;
    while (client_unanswered(client) > 0) {
        client_poll(client, 100, &item);
        if (clock_mono_ns() > deadline_ns)
            fail_msg("%u requests have no answer", client_unanswered(client));
    }
}

/* --- the ledger ----------------------------------------------------------------------------------
 */

uint64_t desk_records(const struct trial *trial, uint64_t from, desk_visitor visit, void *owner) {
    char dir[TRIAL_PATH_MAX + 16];
    struct reader *reader;
    struct reader_record stored;
    int step = READER_RECORD;
    bool goes_on = true;
    snprintf(dir, sizeof dir, "%s/ledger", trial->exchange);
    assert_int_equal(reader_open(&reader, dir, false), 0);
    reader_seek(reader, from);
    while (goes_on && (step = reader_next(reader, &stored)) > 0) {
        struct record record;
        if (step != READER_RECORD)
            continue;
        assert_true(record_read(stored.bytes, stored.size, &record));
        goes_on = visit(owner, &record, (struct span){stored.bytes, stored.size});
    }
    assert_true(step >= 0);
    uint64_t next = reader_position(reader);
    reader_close(reader);
    return next;
}

struct verb_search {
    uint8_t verb;
    bool is_first_enough;
    uint32_t count;
    uint64_t sequence;
    struct command command;
};

static bool look_for_verb(void *owner, const struct record *record, struct span bytes) {
    struct verb_search *search = owner;
    struct request request;
    struct codec_fault fault;
    (void)bytes;
    if (record->request.size == 0)
        return true;
    assert_true(
        codec_request_decode(record->request.bytes, record->request.size, &request, &fault));
    if (request.command.verb != search->verb)
        return true;
    search->count++;
    search->sequence = record->header.sequence;
    search->command = request.command;
    return !search->is_first_enough;
}

uint32_t desk_count(const struct trial *trial, uint64_t from, uint8_t verb,
                    struct command *command) {
    struct verb_search search = {.verb = verb};
    desk_records(trial, from, look_for_verb, &search);
    if (command != NULL)
        *command = search.command;
    return search.count;
}

static void rest_a_moment(int64_t deadline_ns, const char *what) {
    struct timespec moment = {.tv_nsec = LOOK_NS};
    if (clock_mono_ns() > deadline_ns)
        fail_msg("%s", what);
    nanosleep(&moment, NULL);
}

uint64_t desk_until_record(const struct trial *trial, uint64_t from, uint8_t verb,
                           struct command *command) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    struct verb_search search = {.verb = verb, .is_first_enough = true};
    for (;;) {
        desk_records(trial, from, look_for_verb, &search);
        if (search.count > 0)
            break;
        rest_a_moment(deadline_ns, "the ledger got no such record");
    }
    if (command != NULL)
        *command = search.command;
    return search.sequence;
}

static bool pass_over(void *owner, const struct record *record, struct span bytes) {
    (void)owner;
    (void)record;
    (void)bytes;
    return true;
}

uint64_t desk_ledger_next(const struct trial *trial) {
    return desk_records(trial, 0, pass_over, NULL);
}

void desk_bytes_add(struct desk_bytes *bytes, struct span more) {
    if (bytes->size + more.size + sizeof more.size > bytes->room) {
        bytes->room = 2 * bytes->room + more.size + 4096;
        bytes->bytes = realloc(bytes->bytes, bytes->room);
        assert_non_null(bytes->bytes);
    }
    memcpy(bytes->bytes + bytes->size, &more.size, sizeof more.size);
    memcpy(bytes->bytes + bytes->size + sizeof more.size, more.bytes, more.size);
    bytes->size += sizeof more.size + more.size;
    bytes->count++;
}

void desk_bytes_free(struct desk_bytes *bytes) {
    free(bytes->bytes);
    *bytes = (struct desk_bytes){0};
}

struct report_search {
    uint32_t session;
    uint64_t below;
    struct desk_bytes *reports;
};

static bool keep_reports(void *owner, const struct record *record, struct span bytes) {
    const struct report_search *search = owner;
    struct span events = record->events;
    struct record_event_view event;
    (void)bytes;
    if (record->header.sequence >= search->below)
        return false;
    while (record_event_next(&events, &event))
        if (event.audience == AUDIENCE_SESSION && event.to == search->session)
            desk_bytes_add(search->reports, event.report);
    assert_int_equal(events.size, 0);
    return true;
}

void desk_reports(const struct trial *trial, uint32_t session, uint64_t below,
                  struct desk_bytes *reports) {
    struct report_search search = {session, below, reports};
    desk_records(trial, 0, keep_reports, &search);
}

void desk_until_counter(const struct trial *trial, uint32_t counter, uint64_t least) {
    int64_t deadline_ns = clock_mono_ns() + DESK_PATIENCE_MS * CLOCK_MILLISECOND_NS;
    const struct counters *counters = counters_look(trial->exchange);
    assert_non_null(counters);
    while (counter_get(counters, (enum counter)counter) < least)
        rest_a_moment(deadline_ns, "a counter did not move");
    counters_close((struct counters *)(uintptr_t)counters);
}

void desk_set_up(struct trial *trial, const struct trial_options *options) {
    trial_create(trial, options);
    trial_start(trial);
    trial_furnish(trial);
}

void desk_tear_down(struct trial *trial) {
    int code = trial->pid != 0 ? trial_stop(trial) : 0;
    trial->context = NULL; /* ending it would wait for sockets that a failed test left open */
    trial_remove(trial);
    assert_int_equal(code, 0);
}
