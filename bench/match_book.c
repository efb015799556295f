/*
 * The order books alone: one call of engine/book.h an operation, order ids of the flow as the
 * books' ids, events into a small buffer that is dropped after each command.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/match.h"
#include "bench/stopwatch.h"

#define WINDOW    64
#define HUGE_PAGE ((size_t)2 << 20)

struct match_book {
    struct match_subject subject;
    const struct flow *flow;
    bool is_ahead;
    void *memory;
    size_t size;
    struct books *books;
    uint64_t trades;
    uint64_t refused;
    FILE *out;
    struct book_event window[WINDOW];
};

static void drop(struct book_sink *sink) {
    struct match_book *match = sink->owner;
    sink->next = match->window;
}

static void tell(struct book_sink *sink) {
    struct match_book *match = sink->owner;
    for (const struct book_event *event = match->window; event < sink->next; event++) {
        match->refused += event->kind == BOOK_REFUSED;
        if (event->kind != BOOK_TRADED)
            continue;
        match->trades++;
        if (match->out != NULL)
            (void)fprintf(match->out, "T,%u,%u,%u,%u\n", event->id, event->maker_id,
                          event->price_ticks, event->quantity);
    }
    sink->next = match->window;
}

/* Huge pages where they can be had, and every page touched, so that no run pays for them. */
static void take_memory(struct match_book *match, size_t size) {
    match->size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE + HUGE_PAGE;
    match->memory =
        mmap(NULL, match->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (match->memory == MAP_FAILED) {
        (void)fprintf(stderr, "bench-match: %zu bytes for the books: %s\n", match->size,
                      strerror(errno));
        exit(1);
    }
    (void)madvise(match->memory, match->size, MADV_HUGEPAGE); /* slower without, not wrong */
    memset(match->memory, 0, match->size);
}

static void book_open(void *self) {
    struct match_book *match = self;
    struct book_limits limits = flow_limits(match->flow);
    size_t size = books_size(&limits);
    if (size == 0) {
        (void)fprintf(stderr, "bench-match: the flow needs books of more than 64 GiB\n");
        exit(1);
    }
    take_memory(match, size);
    uintptr_t start = (uintptr_t)match->memory;
    size_t skip = (HUGE_PAGE - start % HUGE_PAGE) % HUGE_PAGE;
    match->books = books_init((char *)match->memory + skip, size, &limits);
    assert(match->books != NULL);
    match->trades = 0;
    match->refused = 0;
}

static void book_close(void *self) {
    struct match_book *match = self;
    (void)munmap(match->memory, match->size);
    match->memory = NULL;
}

static inline void execute(struct books *books, const struct book_command *command,
                           struct book_sink *sink) {
    const struct book_order *order = &command->order;
    switch (command->verb) {
    case BOOK_ENTER:
        book_enter(books, order, sink);
        break;
    case BOOK_REPLACE:
        book_replace(books, order->id, order->price_ticks, order->quantity, sink);
        break;
    case BOOK_CANCEL:
        book_cancel(books, order->id, sink);
        break;
    }
}

static struct book_sink sink_of(struct match_book *match, void (*flush)(struct book_sink *)) {
    return (struct book_sink){
        .next = match->window, .end = match->window + WINDOW, .flush = flush, .owner = match};
}

static uint64_t book_run(void *self, size_t from, size_t to) {
    struct match_book *match = self;
    const struct book_command *commands = match->flow->commands;
    struct book_sink sink = sink_of(match, drop);
    size_t hinted = match->is_ahead && to - from > MATCH_AHEAD ? to - MATCH_AHEAD : from;
    size_t i = from;
    uint64_t start_ns = stopwatch_ns();
    for (; i < hinted; i++) {
        book_ahead(match->books, &commands[i + MATCH_AHEAD]);
        execute(match->books, &commands[i], &sink);
        sink.next = match->window;
    }
    for (; i < to; i++) {
        execute(match->books, &commands[i], &sink);
        sink.next = match->window;
    }
    return stopwatch_ns() - start_ns;
}

static void book_run_each(void *self, size_t from, size_t to, struct histogram *ticks) {
    struct match_book *match = self;
    const struct book_command *commands = match->flow->commands;
    struct book_sink sink = sink_of(match, drop);
    for (size_t i = from; i < to; i++) {
        if (match->is_ahead && i + MATCH_AHEAD < to)
            book_ahead(match->books, &commands[i + MATCH_AHEAD]);
        uint64_t before = stopwatch_ticks();
        execute(match->books, &commands[i], &sink);
        uint64_t after = stopwatch_ticks();
        histogram_add(ticks, after - before);
        sink.next = match->window;
    }
}

static struct match_end book_run_telling(void *self, size_t from, size_t to, FILE *out) {
    struct match_book *match = self;
    struct book_sink sink = sink_of(match, tell);
    match->out = out;
    for (size_t i = from; i < to; i++) {
        execute(match->books, &match->flow->commands[i], &sink);
        tell(&sink);
    }
    struct match_end end = {
        .trades = match->trades, .bytes = books_memory(match->books), .refused = match->refused};
    struct book_view view;
    for (uint32_t id = 0; id < match->flow->orders_max; id++)
        end.resting += book_order_get(match->books, id, &view);
    return end;
}

struct match_subject *match_book_create(const struct flow *flow, bool is_ahead) {
    struct match_book *match = calloc(1, sizeof *match);
    assert(match != NULL);
    match->flow = flow;
    match->is_ahead = is_ahead;
    match->subject = (struct match_subject){.self = match,
                                            .open = book_open,
                                            .run = book_run,
                                            .run_each = book_run_each,
                                            .run_telling = book_run_telling,
                                            .close = book_close};
    return &match->subject;
}

void match_book_destroy(struct match_subject *subject) {
    free(subject->self);
}
