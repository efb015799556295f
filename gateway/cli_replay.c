/*
 * tpx replay: sends an order-flow file through the gateway, as fast as it is taken or at a rate.
 *
 * A replace in a flow names the new open quantity, the exchange's names the total. So before a
 * replace is sent, everything that is under way in its instrument is waited for: then what has
 * traded of the order is known.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_output.h"
#include "gateway/cli_progress.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"

#define ORDER_ID_MAX   UINT32_C(999999999)
#define SYMBOL_MAX     UINT32_C(999999)
#define TICK_FEN_MAX   INT64_C(1000000)
#define RATE_MAX       1000000
#define REASONS_MAX    512
#define LINE_BYTES_MAX 256
#define FIELDS_MAX     8
/* Requests added before they are sent, and before answers are looked at. */
#define BATCH 64
/* Without any answer for so long the exchange is gone. */
#define PATIENCE_MS 30000
/* In ids[]: the request has its answer. */
#define ANSWERED (UINT32_C(1) << 31)

struct flow_order {
    uint64_t number; /* of the request that entered it, 0: not entered */
    uint32_t instrument;
    uint32_t cum; /* traded so far, as reported */
};

struct replayer {
    const struct cli_arguments *arguments;
    struct client *client;
    FILE *file;
    const char *path;
    uint32_t line;
    uint32_t session;
    uint32_t account; /* the first of `accounts` */
    uint32_t accounts;
    int64_t tick_fen;
    struct flow_order *orders; /* [id of the file] */
    uint64_t orders_room;
    uint32_t *under_way; /* [instrument]: requests without an answer */
    uint64_t under_way_room;
    uint32_t *ids; /* [number - first_number]: id of the file, and ANSWERED */
    uint64_t ids_room;
    uint64_t first_number;
    uint64_t sent;
    uint64_t answered;
    uint64_t trades;
    uint64_t volume;
    uint64_t refused;
    uint64_t reasons[REASONS_MAX];
};

/* Makes room for [place], filled with zeros. */
static void *reach(void *memory, uint64_t *room, uint64_t place, size_t size) {
    if (place < *room)
        return memory;
    uint64_t wanted = place < 1024 ? 2048 : 2 * place;
    uint8_t *grown = realloc(memory, wanted * size);
    if (grown == NULL)
        cli_die(CLI_FAILED, "no memory");
    memset(grown + *room * size, 0, (wanted - *room) * size);
    *room = wanted;
    return grown;
}

static struct flow_order *order_at(struct replayer *replayer, uint64_t id) {
    replayer->orders =
        reach(replayer->orders, &replayer->orders_room, id, sizeof *replayer->orders);
    return &replayer->orders[id];
}

static uint32_t *under_way_at(struct replayer *replayer, uint32_t instrument) {
    replayer->under_way = reach(replayer->under_way, &replayer->under_way_room, instrument,
                                sizeof *replayer->under_way);
    return &replayer->under_way[instrument];
}

/* The file's order that a request of ours was about; NULL for requests of others. */
static uint32_t *id_of(struct replayer *replayer, uint64_t number) {
    if (replayer->sent == 0 || number < replayer->first_number ||
        number - replayer->first_number >= replayer->sent)
        return NULL;
    return &replayer->ids[number - replayer->first_number];
}

/* --- answers -------------------------------------------------------------------------------------
 */

static void settle(struct replayer *replayer, uint64_t number) {
    uint32_t *id = id_of(replayer, number);
    if (id == NULL || (*id & ANSWERED) != 0)
        return;
    (*under_way_at(replayer, order_at(replayer, *id)->instrument))--;
    *id |= ANSWERED;
    replayer->answered++;
}

static void count_refused(struct replayer *replayer, uint32_t reason) {
    replayer->refused++;
    replayer->reasons[reason < REASONS_MAX ? reason : 0]++;
}

static void take_trade(struct replayer *replayer, const struct execution *execution) {
    const uint32_t *id = id_of(replayer, order_id_number(execution->order_id));
    if (id != NULL && order_id_session(execution->order_id) == replayer->session)
        order_at(replayer, *id & ~ANSWERED)->cum = (uint32_t)execution->cum_qty;
    if (!execution->is_maker) {
        replayer->trades++;
        replayer->volume += execution->last_qty;
    }
}

static void take_item(struct replayer *replayer, const struct client_item *item) {
    if (item->kind == CLIENT_REFUSED) {
        count_refused(replayer, item->refused.reason);
        settle(replayer, item->refused.number);
    } else if (item->kind == CLIENT_REPORT && item->report.body == REPORT_EXECUTION) {
        const struct execution *execution = &item->report.execution;
        if (execution->exec_type == EXEC_TYPE_TRADE)
            take_trade(replayer, execution);
        else if (execution->exec_type == EXEC_TYPE_REJECTED)
            count_refused(replayer, execution->reason);
        settle(replayer, execution->cl_ord_id);
    } else if (item->kind != CLIENT_LIVE && item->kind != CLIENT_LOST &&
               item->kind != CLIENT_REPORT) {
        cli_die_of(replayer->arguments, item);
    }
}

/* Takes what has come; waits for something when `must_wait`. */
static void take_answers(struct replayer *replayer, bool must_wait) {
    struct client_item item;
    client_poll(replayer->client, must_wait ? PATIENCE_MS : 0, &item);
    if (must_wait && item.kind == CLIENT_NOTHING)
        cli_die(CLI_UNKNOWN, "no answer for %d s; %" PRIu64 " requests have none",
                PATIENCE_MS / 1000, replayer->sent - replayer->answered);
    while (item.kind != CLIENT_NOTHING) {
        take_item(replayer, &item);
        client_poll(replayer->client, 0, &item);
    }
}

/* --- requests ------------------------------------------------------------------------------------
 */

static void send_request(struct replayer *replayer, const struct command *command, uint32_t id) {
    uint64_t number = client_add(replayer->client, command, NULL);
    while (number == 0) { /* as many wait as can */
        client_flush(replayer->client);
        take_answers(replayer, true);
        number = client_add(replayer->client, command, NULL);
    }
    if (replayer->sent == 0)
        replayer->first_number = number;
    if (command->verb == VERB_NEW_ORDER)
        order_at(replayer, id)->number = number;
    replayer->ids = reach(replayer->ids, &replayer->ids_room, replayer->sent, sizeof(uint32_t));
    replayer->ids[replayer->sent++] = id;
    (*under_way_at(replayer, order_at(replayer, id)->instrument))++;
    if (replayer->sent % BATCH == 0) {
        client_flush(replayer->client);
        take_answers(replayer, false);
    }
}

/* A line's fields. */
struct line {
    const char *fields[FIELDS_MAX];
    uint32_t count;
};

__attribute__((noreturn)) static void die_at(const struct replayer *replayer, const char *what) {
    cli_die(CLI_USAGE, "%s:%" PRIu32 ": %s", replayer->path, replayer->line, what);
}

static uint64_t number_in(const struct replayer *replayer, const char *text, const char *field,
                          uint64_t high) {
    char *end = NULL;
    unsigned long long value = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    if (end == NULL || *end != '\0' || value > high)
        cli_die(CLI_USAGE, "%s:%" PRIu32 ": %s: \"%s\" is not in 0 .. %" PRIu64, replayer->path,
                replayer->line, field, text, high);
    return value;
}

static void set_type(const struct replayer *replayer, struct new_order *order, const char *type) {
    order->ord_type = type[0] == 'M' ? ORD_TYPE_MARKET : ORD_TYPE_LIMIT;
    order->time_in_force = type[0] == 'L'   ? TIME_IN_FORCE_DAY
                           : type[0] == 'F' ? TIME_IN_FORCE_FOK
                                            : TIME_IN_FORCE_IOC;
    if (strlen(type) != 1 || strchr("LMIF", type[0]) == NULL)
        die_at(replayer, "type: must be L, M, I or F");
}

static void enter(struct replayer *replayer, const struct line *line) {
    const char *const *fields = line->fields;
    struct command command = {.verb = VERB_NEW_ORDER};
    struct new_order *order = &command.new_order;
    if (line->count != 7)
        die_at(replayer, "a new order is N,id,symbol,side,type,price,quantity");
    uint32_t id = (uint32_t)number_in(replayer, fields[1], "order_id", ORDER_ID_MAX);
    order->instrument = (uint32_t)number_in(replayer, fields[2], "symbol", SYMBOL_MAX) + 1;
    order->account = replayer->account + id % replayer->accounts;
    order->side = fields[3][0] == 'B' ? SIDE_BUY : SIDE_SELL;
    if (strcmp(fields[3], "B") != 0 && strcmp(fields[3], "S") != 0)
        die_at(replayer, "side: must be B or S");
    set_type(replayer, order, fields[4]);
    order->price_fen =
        (int64_t)number_in(replayer, fields[5], "price_ticks", UINT32_MAX) * replayer->tick_fen;
    order->order_qty = number_in(replayer, fields[6], "qty", UINT32_MAX);
    *order_at(replayer, id) = (struct flow_order){.instrument = order->instrument};
    send_request(replayer, &command, id);
}

static uint64_t order_id(const struct replayer *replayer, const struct flow_order *order) {
    /* An order that was never entered: a number that was never used. */
    return order_id_of(replayer->session, order->number != 0 ? order->number : ORDER_NUMBER_MAX);
}

static void cancel(struct replayer *replayer, const struct line *line) {
    struct command command = {.verb = VERB_CANCEL};
    if (line->count != 2)
        die_at(replayer, "a cancel is C,id");
    uint32_t id = (uint32_t)number_in(replayer, line->fields[1], "order_id", ORDER_ID_MAX);
    command.cancel.order_id = order_id(replayer, order_at(replayer, id));
    send_request(replayer, &command, id);
}

static void replace(struct replayer *replayer, const struct line *line) {
    struct command command = {.verb = VERB_REPLACE};
    if (line->count != 4)
        die_at(replayer, "a replace is R,id,price,quantity");
    uint32_t id = (uint32_t)number_in(replayer, line->fields[1], "order_id", ORDER_ID_MAX);
    uint64_t open = number_in(replayer, line->fields[3], "new_qty", UINT32_MAX);
    command.replace.price_fen =
        (int64_t)number_in(replayer, line->fields[2], "new_price", UINT32_MAX) * replayer->tick_fen;
    client_flush(replayer->client);
    while (*under_way_at(replayer, order_at(replayer, id)->instrument) > 0)
        take_answers(replayer, true);
    command.replace.order_id = order_id(replayer, order_at(replayer, id));
    command.replace.order_qty = open + order_at(replayer, id)->cum;
    send_request(replayer, &command, id);
}

static void cut(char *text, struct line *line) {
    char *rest = NULL;
    line->count = 0;
    text[strcspn(text, "\r\n")] = '\0';
    for (char *field = strtok_r(text, ",", &rest); field != NULL;
         field = strtok_r(NULL, ",", &rest))
        if (line->count < FIELDS_MAX)
            line->fields[line->count++] = field;
}

static void take_line(struct replayer *replayer, char *text) {
    struct line line;
    if (text[0] == '#')
        return;
    cut(text, &line);
    if (line.count == 0)
        return;
    if (strcmp(line.fields[0], "N") == 0)
        enter(replayer, &line);
    else if (strcmp(line.fields[0], "C") == 0)
        cancel(replayer, &line);
    else if (strcmp(line.fields[0], "R") == 0)
        replace(replayer, &line);
    else
        die_at(replayer, "an operation is N, C or R");
}

/* --- the whole -----------------------------------------------------------------------------------
 */

/* Waits until the next request is due at the rate, taking answers meanwhile. */
static void keep_pace(struct replayer *replayer, uint64_t rate, int64_t begun_ns) {
    int64_t due_ns = begun_ns + (int64_t)(replayer->sent * (uint64_t)CLOCK_SECOND_NS / rate);
    struct client_item item;
    for (int64_t left_ns = due_ns - clock_mono_ns(); left_ns > CLOCK_MILLISECOND_NS;
         left_ns = due_ns - clock_mono_ns()) {
        client_flush(replayer->client);
        client_poll(replayer->client, (int)(left_ns / CLOCK_MILLISECOND_NS), &item);
        if (item.kind != CLIENT_NOTHING)
            take_item(replayer, &item);
    }
}

static void run(struct replayer *replayer, uint64_t rate) {
    char text[LINE_BYTES_MAX];
    int64_t begun_ns = clock_mono_ns();
    struct cli_progress progress;
    fseek(replayer->file, 0, SEEK_END);
    long size = ftell(replayer->file);
    rewind(replayer->file);
    cli_progress_begin(&progress, "sending", size > 0 ? (uint64_t)size : 0);
    while (fgets(text, sizeof text, replayer->file) != NULL) {
        replayer->line++;
        if (rate != 0)
            keep_pace(replayer, rate, begun_ns);
        take_line(replayer, text);
        long at = ftell(replayer->file);
        cli_progress_at(&progress, at > 0 ? (uint64_t)at : 0);
    }
    client_flush(replayer->client);
    while (replayer->answered < replayer->sent)
        take_answers(replayer, true);
    cli_progress_end(&progress);
}

static void show(const struct replayer *replayer, int64_t took_ns) {
    static const struct cli_column REASONS[] = {{"reason", "refused"}, {"count", "count"}};
    struct cli_output *output = cli_output_create(replayer->arguments->is_json);
    uint64_t took_ms = (uint64_t)(took_ns / CLOCK_MILLISECOND_NS) + 1;
    cli_number_field(output, "requests", replayer->sent);
    cli_number_field(output, "trades", replayer->trades);
    cli_number_field(output, "volume", replayer->volume);
    cli_number_field(output, "refused", replayer->refused);
    cli_number_field(output, "milliseconds", took_ms);
    cli_number_field(output, "requests_per_second", replayer->sent * 1000 / took_ms);
    cli_table_begin(output, "refusals", REASONS, 2);
    for (uint32_t reason = 0; reason < REASONS_MAX; reason++) {
        if (replayer->reasons[reason] == 0)
            continue;
        cli_table_text(output, client_reason_name(reason));
        cli_table_number(output, replayer->reasons[reason]);
    }
    cli_output_end(output);
}

int cli_replay(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"accounts", CLI_OPTION_ACCOUNTS, "N", 0, "spread orders over N accounts from --account on",
         0},
        {"tick", CLI_OPTION_TICK, "YUAN", 0, "what one tick of the file is (0.01)", 0},
        {"rate", CLI_OPTION_RATE, "N", 0, "requests a second, at most; without: as fast as taken",
         0},
        {0},
    };
    static const struct cli_spec SPEC = {
        .arguments = "FLOW.csv",
        .about = "Sends an order-flow file through the gateway, in order, under one session.\v"
                 "Symbol 0 of the file is instrument 1, and so on. Lines are N,id,symbol,B|S,"
                 "L|M|I|F,price,quantity; C,id; R,id,price,open quantity.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *accounts = cli_value(&arguments, CLI_OPTION_ACCOUNTS);
    const char *tick = cli_value(&arguments, CLI_OPTION_TICK);
    const char *rate = cli_value(&arguments, CLI_OPTION_RATE);
    struct replayer replayer = {
        .arguments = &arguments,
        .path = arguments.positional[0],
        .account = cli_account_number(&arguments),
        .accounts = accounts != NULL ? (uint32_t)cli_number("accounts", accounts, 1, 1000000) : 1,
        .tick_fen = tick != NULL ? cli_money("tick", tick, 1, TICK_FEN_MAX) : 1,
        .file = fopen(arguments.positional[0], "re"),
    };
    uint64_t pace = rate != NULL ? cli_number("rate", rate, 1, RATE_MAX) : 0;
    if (replayer.file == NULL)
        cli_die(CLI_USAGE, "%s: %s", replayer.path, strerror(errno));
    replayer.client = cli_connect(&arguments, true);
    replayer.session = client_logged_on(replayer.client)->session;
    int64_t begun_ns = clock_mono_ns();
    run(&replayer, pace);
    show(&replayer, clock_mono_ns() - begun_ns);
    cli_disconnect(replayer.client);
    fclose(replayer.file);
    free(replayer.orders);
    free(replayer.under_way);
    free(replayer.ids);
    return CLI_FINE;
}
