/* By hand, as in frame.c: events are copied once, and an event's instrument is found without
 * decoding the rest of it. */
#include "proto/feed_frame.h"

/* Fields of FeedFrame. */
enum { PREV_FIELD = 1, SEQUENCE_FIELD = 2, EVENT_FIELD = 3, HEARTBEAT_FIELD = 4 };

/* Bodies of the feed in Report. */
enum {
    BODY_FIRST = 16,
    BODY_BOOK_LAST = 19,
    BODY_INSTRUMENT = 20,
    BODY_PHASE = 21,
    BODY_DAY = 22,
    BODY_KILLED = 25,
    BODY_ENTRY = 26,
    BODY_LISTING = 28,
};

void feed_topic_put(uint8_t topic[FEED_TOPIC_BYTES], uint32_t channel) {
    for (size_t i = 0; i < FEED_TOPIC_BYTES; i++) {
        topic[i] = (uint8_t)(channel >> 8 * (FEED_TOPIC_BYTES - 1 - i));
    }
}

bool feed_topic_get(struct span topic, uint32_t *channel) {
    if (topic.size != FEED_TOPIC_BYTES) {
        return false;
    }
    *channel = 0;
    for (size_t i = 0; i < FEED_TOPIC_BYTES; i++) {
        *channel = *channel << 8 | topic.bytes[i];
    }
    return true;
}

size_t feed_put_head(uint8_t *out, const struct feed_head *head) {
    uint8_t *at = wire_put_number(out, PREV_FIELD, head->prev);
    at = wire_put_number(at, SEQUENCE_FIELD, head->sequence);
    at = wire_put_number(at, HEARTBEAT_FIELD, head->heartbeat_ms);
    return (size_t)(at - out);
}

size_t feed_put_event(uint8_t *out, struct span report) {
    *out = WIRE_TAG(EVENT_FIELD, WIRE_BYTES);
    uint8_t *at = wire_put_bytes(out + 1, report.bytes, report.size);
    return (size_t)(at - out);
}

/* A number in a body; 0 when it is not there. */
static bool find_number(struct wire_input in, uint64_t number, uint32_t *value) {
    struct wire_field field;
    *value = 0;
    while (in.at != in.end) {
        if (!wire_get_field(&in, &field)) {
            return false;
        }
        if (field.number == number && field.wire == WIRE_VARINT) {
            *value = (uint32_t)field.value;
            return field.value <= UINT32_MAX;
        }
    }
    return true;
}

/* The field of a body that says the instrument; 0 when it has none, and concerns all. */
static bool find_place(uint64_t body, uint64_t *place) {
    if (body >= BODY_FIRST && body <= BODY_BOOK_LAST) {
        *place = 2;
    } else if (body == BODY_INSTRUMENT || body == BODY_PHASE) {
        *place = 1;
    } else if (body == BODY_KILLED) {
        *place = 5;
    } else {
        *place = 0;
        return body == BODY_DAY || body == BODY_LISTING;
    }
    return true;
}

bool feed_report_instrument(struct span report, uint32_t *instrument) {
    struct wire_input in = wire_input_of(report);
    struct wire_field field;
    uint64_t place;
    *instrument = 0;
    while (in.at != in.end) {
        if (!wire_get_field(&in, &field)) {
            return false;
        }
        if (field.wire == WIRE_BYTES) { /* the body; before it stand only numbers */
            return find_place(field.number, &place) &&
                   (place == 0 ||
                    find_number(wire_input_within(&in, field.bytes), place, instrument));
        }
    }
    return false;
}

bool feed_report_is_entry(struct span report) {
    struct wire_input in = wire_input_of(report);
    struct wire_field field;
    while (in.at != in.end && wire_get_field(&in, &field)) {
        if (field.wire == WIRE_BYTES) {
            return field.number == BODY_ENTRY;
        }
    }
    return false;
}

bool feed_frame_read(struct span bytes, struct feed_frame *frame) {
    struct wire_input in = wire_input_of(bytes);
    struct wire_field field;
    *frame = (struct feed_frame){.rest = bytes};
    while (in.at != in.end) {
        if (!wire_get_field(&in, &field)) {
            return false;
        }
        if (field.wire != WIRE_VARINT) {
            continue;
        }
        if (field.number == PREV_FIELD) {
            frame->head.prev = field.value;
        } else if (field.number == SEQUENCE_FIELD) {
            frame->head.sequence = field.value;
        } else if (field.number == HEARTBEAT_FIELD) {
            frame->head.heartbeat_ms = (uint32_t)field.value;
        }
    }
    return frame->head.prev <= frame->head.sequence;
}

bool feed_frame_next(struct feed_frame *frame, struct span *report) {
    struct wire_input in = wire_input_of(frame->rest);
    struct wire_field field;
    while (in.at != in.end && wire_get_field(&in, &field)) {
        if (field.number == EVENT_FIELD && field.wire == WIRE_BYTES) {
            *report = field.bytes;
            frame->rest = (struct span){in.at, wire_left(&in)};
            return true;
        }
    }
    frame->rest.size = 0;
    return false;
}
