/*
 * Writing events into a sink. Private to the book's own files.
 */
#ifndef ENGINE_BOOK_EVENT_H
#define ENGINE_BOOK_EVENT_H

#include <assert.h>

#include "engine/book.h"

static inline void event_write(struct book_sink *sink, struct book_event event) {
    if (__builtin_expect(sink->next == sink->end, 0)) {
        sink->flush(sink);
        assert(sink->next < sink->end);
    }
    *sink->next++ = event;
}

static inline void event_accepted(struct book_sink *sink, uint32_t id) {
    event_write(sink, (struct book_event){.kind = BOOK_ACCEPTED, .id = id});
}

static inline void event_refused(struct book_sink *sink, uint32_t id, enum reason reason) {
    event_write(sink,
                (struct book_event){.kind = BOOK_REFUSED, .id = id, .reason = (uint16_t)reason});
}

static inline void event_canceled(struct book_sink *sink, uint32_t id, uint32_t quantity,
                                  enum reason reason) {
    event_write(sink, (struct book_event){.kind = BOOK_CANCELED,
                                          .id = id,
                                          .quantity = quantity,
                                          .reason = (uint16_t)reason});
}

#endif
