/*
 * Reading and writing flows. The reader takes one line apart at a time, field by field, and stops
 * at the first thing that it does not understand.
 */
#include "bench/flow.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST  4096u
#define PRELOAD_MAX UINT32_MAX

static const char type_letters[] = {
    [BOOK_LIMIT] = 'L', [BOOK_MARKET] = 'M', [BOOK_IOC] = 'I', [BOOK_FOK] = 'F'};

/* One line on its way to becoming an operation. */
struct reader {
    const char *path;
    unsigned long line;
    char *rest; /* what of the line is not read yet; NULL after the last field */
    struct flow_error *error;
    bool has_failed;
};

__attribute__((format(printf, 2, 3))) static void complain(struct reader *reader,
                                                           const char *format, ...) {
    if (reader->has_failed)
        return;
    reader->has_failed = true;
    char what[160];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    (void)snprintf(reader->error->text, sizeof reader->error->text, "%.80s:%lu: %s", reader->path,
                   reader->line, what);
}

/* The next field's text, "" with a complaint when there is none. */
static const char *next_field(struct reader *reader, const char *name) {
    if (reader->rest == NULL) {
        complain(reader, "%s: is missing", name);
        return "";
    }
    return strsep(&reader->rest, ",");
}

static uint32_t next_number(struct reader *reader, const char *name, uint32_t least,
                            uint32_t most) {
    const char *text = next_field(reader, name);
    if (text[0] < '0' || text[0] > '9') {
        complain(reader, "%s: '%.20s' is not a number", name, text);
        return 0;
    }
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end != '\0')
        complain(reader, "%s: '%.20s' is not a number", name, text);
    else if (errno != 0 || value > most)
        complain(reader, "%s: %.20s is above %u", name, text, most);
    else if (value < least)
        complain(reader, "%s: %.20s is below %u", name, text, least);
    return reader->has_failed ? 0 : (uint32_t)value;
}

/* Which of some letters the next field is, counted from 0. */
static uint8_t next_letter(struct reader *reader, const char *name, const char *letters,
                           size_t count) {
    const char *text = next_field(reader, name);
    const char *found = text[0] != '\0' && text[1] == '\0' ? memchr(letters, text[0], count) : NULL;
    if (found != NULL)
        return (uint8_t)(found - letters);
    complain(reader, "%s: '%.20s' is none of %.*s", name, text, (int)count, letters);
    return 0;
}

static void read_new(struct reader *reader, struct book_order *order) {
    order->id = next_number(reader, "order id", 0, FLOW_ID_MAX);
    order->book = next_number(reader, "symbol", 0, FLOW_SYMBOL_MAX);
    order->side = next_letter(reader, "side", "BS", 2);
    order->type = next_letter(reader, "type", type_letters, sizeof type_letters);
    bool may_be_any = order->type == BOOK_MARKET || order->type == BOOK_FOK;
    order->price_ticks = next_number(reader, "price", may_be_any ? 0 : 1, BOOK_PRICE_TICKS_MAX);
    order->quantity = next_number(reader, "quantity", 1, UINT32_MAX);
}

static void read_operation(struct reader *reader, struct book_command *command) {
    static const uint8_t verbs[] = {BOOK_ENTER, BOOK_REPLACE, BOOK_CANCEL};
    *command = (struct book_command){0};
    command->verb = verbs[next_letter(reader, "operation", "NRC", 3)];
    switch (command->verb) {
    case BOOK_ENTER:
        read_new(reader, &command->order);
        break;
    case BOOK_REPLACE:
        command->order.id = next_number(reader, "order id", 0, FLOW_ID_MAX);
        command->order.price_ticks = next_number(reader, "new price", 1, BOOK_PRICE_TICKS_MAX);
        command->order.quantity = next_number(reader, "new quantity", 1, UINT32_MAX);
        break;
    case BOOK_CANCEL:
        command->order.id = next_number(reader, "order id", 0, FLOW_ID_MAX);
        break;
    }
    if (reader->rest != NULL)
        complain(reader, "'%.20s' stands after the last field", reader->rest);
}

static void read_comment(struct reader *reader, struct flow *flow) {
    static const char preload[] = "# preload ";
    if (strncmp(reader->rest, preload, sizeof preload - 1) != 0)
        return;
    reader->rest += sizeof preload - 1;
    flow->preload = next_number(reader, "preload", 0, PRELOAD_MAX);
}

static void read_lines(struct reader *reader, struct flow *flow, FILE *in) {
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    while (!reader->has_failed && (length = getline(&text, &room, in)) > 0) {
        reader->line++;
        reader->rest = text;
        while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
            text[--length] = '\0';
        if (text[0] == '#') {
            read_comment(reader, flow);
        } else if (text[0] != '\0') {
            struct book_command command;
            read_operation(reader, &command);
            if (!reader->has_failed)
                flow_add(flow, &command);
        }
    }
    free(text);
    if (ferror(in))
        complain(reader, "%s", strerror(errno));
    if (flow->preload > flow->count)
        complain(reader, "preload: %zu operations, but the file has %zu", flow->preload,
                 flow->count);
    if (flow->count == 0)
        complain(reader, "no operation");
}

int flow_read(struct flow *flow, const char *path, struct flow_error *error) {
    *flow = (struct flow){0};
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        (void)snprintf(error->text, sizeof error->text, "%.80s: %s", path, strerror(errno));
        return -1;
    }
    struct reader reader = {.path = path, .error = error};
    read_lines(&reader, flow, in);
    (void)fclose(in); /* only read from */
    if (reader.has_failed) {
        flow_fini(flow);
        return -1;
    }
    return 0;
}

void flow_add(struct flow *flow, const struct book_command *command) {
    if (flow->count == flow->room) {
        flow->room = flow->room != 0 ? 2 * flow->room : ROOM_FIRST;
        flow->commands = realloc(flow->commands, flow->room * sizeof *flow->commands);
        assert(flow->commands != NULL);
    }
    flow->commands[flow->count++] = *command;
    const struct book_order *order = &command->order;
    if (order->id >= flow->orders_max)
        flow->orders_max = order->id + 1;
    if (order->book >= flow->books_max)
        flow->books_max = order->book + 1;
    if (order->price_ticks > flow->price_ticks_max)
        flow->price_ticks_max = order->price_ticks;
}

static int write_operation(const struct book_command *command, FILE *out) {
    const struct book_order *order = &command->order;
    switch (command->verb) {
    case BOOK_ENTER:
        return fprintf(out, "N,%u,%u,%c,%c,%u,%u\n", order->id, order->book,
                       order->side == BOOK_BUY ? 'B' : 'S', type_letters[order->type],
                       order->price_ticks, order->quantity);
    case BOOK_REPLACE:
        return fprintf(out, "R,%u,%u,%u\n", order->id, order->price_ticks, order->quantity);
    case BOOK_CANCEL:
        return fprintf(out, "C,%u\n", order->id);
    }
    return -1;
}

int flow_write(const struct flow *flow, const char *title, FILE *out) {
    if (fprintf(out, "# %s\n# preload %zu\n", title, flow->preload) < 0)
        return -1;
    for (size_t i = 0; i < flow->count; i++) {
        if (write_operation(&flow->commands[i], out) < 0)
            return -1;
    }
    return fflush(out) == 0 ? 0 : -1;
}

void flow_fini(struct flow *flow) {
    free(flow->commands);
    *flow = (struct flow){0};
}

struct book_limits flow_limits(const struct flow *flow) {
    assert(flow->count > 0);
    uint64_t prices = 2 * (uint64_t)flow->books_max * (flow->price_ticks_max + UINT64_C(1));
    uint32_t levels = prices < flow->orders_max ? (uint32_t)prices : flow->orders_max;
    return (struct book_limits){.orders_max = flow->orders_max,
                                .books_max = flow->books_max != 0 ? flow->books_max : 1,
                                .levels_max = levels,
                                .price_ticks_max =
                                    flow->price_ticks_max != 0 ? flow->price_ticks_max : 1};
}
