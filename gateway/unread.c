/* Marks are a pool; each is free, in its connection's queue, or in the list of those whose
 * connection ended before libzmq gave them back. */
#include "gateway/unread.h"

#include <assert.h>
#include <stdlib.h>

bool unread_init(struct unread *unread, uint64_t bytes_max) {
    *unread = (struct unread){.bytes_max = bytes_max};
    unread->marks = calloc(UNREAD_MARKS_MAX, sizeof *unread->marks);
    if (unread->marks == NULL)
        return false;
    for (size_t i = UNREAD_MARKS_MAX; i-- > 0;) {
        unread->marks[i].next = unread->free;
        unread->free = &unread->marks[i];
    }
    return true;
}

void unread_fini(struct unread *unread) {
    free(unread->marks);
    *unread = (struct unread){0};
}

static bool is_taken(const struct unread_mark *mark) {
    /* Partner: the release in give_back(). */
    return atomic_load_explicit(&mark->is_taken, memory_order_acquire);
}

/* Called by libzmq, on the thread that is done with the frame. */
static void give_back(void *data, void *hint) {
    struct unread_mark *mark = hint;
    (void)data;
    atomic_store_explicit(&mark->is_taken, true, memory_order_release);
}

static void put_free(struct unread *unread, struct unread_mark *mark) {
    mark->next = unread->free;
    unread->free = mark;
}

/* Takes off the marks that have left, with what was sent before them. */
static void look(struct unread *unread, struct unread_line *line) {
    while (line->first != NULL && is_taken(line->first)) {
        struct unread_mark *mark = line->first;
        line->first = mark->next;
        if (line->first == NULL)
            line->last = NULL;
        line->bytes -= mark->bytes;
        put_free(unread, mark);
    }
}

/* Marks of ended connections come back in no order. */
static void collect(struct unread *unread) {
    struct unread_mark **place = &unread->gone;
    while (*place != NULL) {
        struct unread_mark *mark = *place;
        if (!is_taken(mark)) {
            place = &mark->next;
            continue;
        }
        *place = mark->next;
        put_free(unread, mark);
    }
}

bool unread_is_full(struct unread *unread, struct unread_line *line) {
    if (line->bytes < unread->bytes_max)
        return false;
    look(unread, line);
    /* Without a mark on the way nothing would ever be known of it. */
    return line->bytes >= unread->bytes_max && line->first != NULL;
}

void unread_sent(struct unread_line *line, size_t size) {
    line->bytes += size;
    line->behind += size;
}

bool unread_mark(struct unread *unread, struct unread_line *line, const struct reply_head *head,
                 zmq_msg_t *frame) {
    if (line->behind < unread->bytes_max / UNREAD_MARKS_A_CONNECTION)
        return false;
    if (unread->free == NULL)
        collect(unread);
    struct unread_mark *mark = unread->free;
    if (mark == NULL)
        return false;
    unread->free = mark->next;
    *mark = (struct unread_mark){.bytes = line->behind};
    line->behind = 0;
    if (line->last != NULL)
        line->last->next = mark;
    else
        line->first = mark;
    line->last = mark;
    size_t size = reply_put_head(mark->frame, head);
    int failed = zmq_msg_init_data(frame, mark->frame, size, give_back, mark);
    assert(failed == 0);
    return true;
}

void unread_end(struct unread *unread, struct unread_line *line) {
    look(unread, line);
    if (line->last != NULL) {
        line->last->next = unread->gone;
        unread->gone = line->first;
    }
    *line = (struct unread_line){0};
}
