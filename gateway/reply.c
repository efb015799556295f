/*
 * One function reads every message here, by a table of where its fields go. What a table does not
 * name is passed over.
 */
#include "gateway/reply.h"

#include <string.h>

enum place_kind {
    PLACE_NUMBER, /* varint into 1, 4 or 8 bytes; cut to them, for only enums are that short */
    PLACE_SIGNED, /* zigzag varint into 8 bytes */
    PLACE_TIME,   /* sfixed64 into 8 bytes */
    PLACE_TEXT,   /* text of at most size - 1 bytes, closed by a zero */
};

struct place {
    uint8_t field;
    uint8_t kind; /* enum place_kind */
    uint16_t offset;
    uint16_t size;
};

#define PLACE(field, kind, type, member)                                                           \
    { field, kind, (uint16_t)offsetof(type, member), (uint16_t)sizeof((type){0}.member) }
#define NUMBER(field, type, member) PLACE(field, PLACE_NUMBER, type, member)
#define COUNT(table)                (sizeof(table) / sizeof((table)[0]))

static void put_number(uint8_t *at, size_t size, uint64_t value) {
    if (size == 1) {
        *at = (uint8_t)value;
    } else if (size == sizeof(uint32_t)) {
        uint32_t narrow = (uint32_t)value;
        memcpy(at, &narrow, sizeof narrow);
    } else {
        memcpy(at, &value, sizeof value);
    }
}

static void put_text(uint8_t *at, size_t size, struct span text) {
    size_t used = text.size < size - 1 ? text.size : size - 1;
    memcpy(at, text.bytes, used);
    at[used] = '\0';
}

static void put_field(const struct place *place, const struct wire_field *view, uint8_t *into) {
    static const uint8_t WIRES[] = {[PLACE_NUMBER] = WIRE_VARINT,
                                    [PLACE_SIGNED] = WIRE_VARINT,
                                    [PLACE_TIME] = WIRE_FIXED64,
                                    [PLACE_TEXT] = WIRE_BYTES};
    uint8_t *at = into + place->offset;
    if (view->wire != WIRES[place->kind])
        return;
    if (place->kind == PLACE_TEXT)
        put_text(at, place->size, view->bytes);
    else if (place->kind == PLACE_SIGNED)
        put_number(at, place->size, (uint64_t)wire_unzigzag(view->value));
    else
        put_number(at, place->size, view->value);
}

/* Reads a message into a struct that was filled with zeros. */
static bool read_message(struct span bytes, const struct place *places, size_t count, void *into) {
    struct wire_input in = wire_input_of(bytes);
    while (in.at != in.end) {
        struct wire_field view;
        if (!wire_get_field(&in, &view))
            return false;
        for (size_t i = 0; i < count; i++)
            if (places[i].field == view.number)
                put_field(&places[i], &view, into);
    }
    return true;
}

/* --- frames --------------------------------------------------------------------------------------
 */

static const struct place REPLY_PLACES[] = {
    NUMBER(1, struct reply, from),
    NUMBER(2, struct reply, next),
    NUMBER(6, struct reply, is_page),
    NUMBER(7, struct reply, is_live),
};

bool reply_read(const uint8_t *bytes, size_t size, struct reply *reply) {
    *reply = (struct reply){.rest = {bytes, size}};
    return read_message(reply->rest, REPLY_PLACES, COUNT(REPLY_PLACES), reply);
}

/* The exchange writes it right behind its event. */
#define SESSION_FIELD 10

static uint32_t take_session(struct wire_input *in) {
    struct wire_input ahead = *in;
    struct wire_field view;
    if (ahead.at == ahead.end || !wire_get_field(&ahead, &view) || view.number != SESSION_FIELD ||
        view.wire != WIRE_VARINT)
        return 0;
    *in = ahead;
    return (uint32_t)view.value;
}

bool reply_next(struct reply *reply, struct reply_part *part) {
    struct wire_input in = wire_input_of(reply->rest);
    struct wire_field view;
    while (in.at != in.end && wire_get_field(&in, &view)) {
        bool is_part = view.number == REPLY_PART_EVENT || view.number == REPLY_PART_REFUSED ||
                       view.number == REPLY_PART_LOGGED_ON || view.number == REPLY_PART_LOGGED_OFF;
        if (!is_part || view.wire != WIRE_BYTES)
            continue;
        *part = (struct reply_part){.kind = (enum reply_part_kind)view.number, .bytes = view.bytes};
        if (part->kind == REPLY_PART_EVENT)
            part->session = take_session(&in);
        reply->rest = (struct span){in.at, wire_left(&in)};
        return true;
    }
    reply->rest.size = 0;
    return false;
}

static const struct place REFUSED_PLACES[] = {
    NUMBER(1, struct refused, number),           NUMBER(2, struct refused, reason),
    PLACE(3, PLACE_TEXT, struct refused, field), NUMBER(4, struct refused, limit),
    PLACE(5, PLACE_TEXT, struct refused, text),
};

bool reply_refused_read(struct span bytes, struct refused *refused) {
    *refused = (struct refused){0};
    return read_message(bytes, REFUSED_PLACES, COUNT(REFUSED_PLACES), refused);
}

static const struct place LOGGED_ON_PLACES[] = {
    NUMBER(1, struct logged_on, session),      NUMBER(2, struct logged_on, last_number),
    NUMBER(3, struct logged_on, next),         NUMBER(4, struct logged_on, trading_date),
    NUMBER(5, struct logged_on, environment),  PLACE(6, PLACE_TEXT, struct logged_on, origin),
    NUMBER(7, struct logged_on, credits),      NUMBER(8, struct logged_on, requests_per_second),
    NUMBER(9, struct logged_on, heartbeat_ms), NUMBER(10, struct logged_on, participant),
    NUMBER(11, struct logged_on, is_live),
};

bool reply_logged_on_read(struct span bytes, struct logged_on *logged_on) {
    *logged_on = (struct logged_on){0};
    return read_message(bytes, LOGGED_ON_PLACES, COUNT(LOGGED_ON_PLACES), logged_on);
}

static const struct place LOGGED_OFF_PLACES[] = {
    NUMBER(1, struct logged_off, reason),
    PLACE(2, PLACE_TEXT, struct logged_off, text),
};

bool reply_logged_off_read(struct span bytes, struct logged_off *logged_off) {
    *logged_off = (struct logged_off){0};
    return read_message(bytes, LOGGED_OFF_PLACES, COUNT(LOGGED_OFF_PLACES), logged_off);
}

/* --- reports -------------------------------------------------------------------------------------
 */

static const struct place EXECUTION_PLACES[] = {
    NUMBER(1, struct execution, exec_type),   NUMBER(2, struct execution, ord_status),
    NUMBER(3, struct execution, cl_ord_id),   NUMBER(4, struct execution, order_id),
    NUMBER(5, struct execution, account),     NUMBER(6, struct execution, instrument),
    NUMBER(7, struct execution, side),        NUMBER(8, struct execution, price_fen),
    NUMBER(9, struct execution, order_qty),   NUMBER(10, struct execution, leaves_qty),
    NUMBER(11, struct execution, cum_qty),    NUMBER(12, struct execution, last_px_fen),
    NUMBER(13, struct execution, last_qty),   NUMBER(14, struct execution, trd_match_id),
    NUMBER(15, struct execution, is_maker),   NUMBER(16, struct execution, reason),
    NUMBER(17, struct execution, field),      PLACE(18, PLACE_SIGNED, struct execution, limit),
    NUMBER(19, struct execution, kept_place), PLACE(20, PLACE_TEXT, struct execution, text),
    NUMBER(21, struct execution, act),        NUMBER(22, struct execution, deed),
};
static const struct place MASS_CANCELED_PLACES[] = {
    NUMBER(1, struct mass_canceled, cl_ord_id),
    NUMBER(2, struct mass_canceled, count),
};
static const struct place DONE_PLACES[] = {
    NUMBER(1, struct done, cl_ord_id),   NUMBER(2, struct done, act),  NUMBER(3, struct done, id),
    NUMBER(4, struct done, is_proposal), NUMBER(5, struct done, deed),
};
static const struct place ADDED_PLACES[] = {
    NUMBER(1, struct book_change, entry),    NUMBER(2, struct book_change, instrument),
    NUMBER(3, struct book_change, side),     NUMBER(4, struct book_change, price_fen),
    NUMBER(5, struct book_change, quantity),
};
static const struct place REDUCED_PLACES[] = {
    NUMBER(1, struct book_change, entry),
    NUMBER(2, struct book_change, instrument),
    NUMBER(3, struct book_change, quantity),
};
static const struct place DELETED_PLACES[] = {
    NUMBER(1, struct book_change, entry),
    NUMBER(2, struct book_change, instrument),
};
static const struct place TRADED_PLACES[] = {
    NUMBER(1, struct book_change, entry),        NUMBER(2, struct book_change, instrument),
    NUMBER(3, struct book_change, side),         NUMBER(4, struct book_change, price_fen),
    NUMBER(5, struct book_change, quantity),     NUMBER(6, struct book_change, leaves),
    NUMBER(7, struct book_change, trd_match_id),
};
static const struct place INSTRUMENT_PLACES[] = {
    NUMBER(1, struct notice, instrument),
};
static const struct place PHASE_PLACES[] = {
    NUMBER(1, struct notice, instrument),
    NUMBER(2, struct notice, phase),
};
static const struct place DAY_PLACES[] = {
    NUMBER(1, struct notice, date),
    NUMBER(2, struct notice, phase),
};
static const struct place KEY_PLACES[] = {
    NUMBER(1, struct notice, key),
    NUMBER(2, struct notice, is_revoked),
};
static const struct place SESSION_PLACES[] = {
    NUMBER(1, struct notice, session),
    NUMBER(2, struct notice, is_up),
};
static const struct place KILLED_PLACES[] = {
    NUMBER(1, struct notice, is_killed),  NUMBER(2, struct notice, participant),
    NUMBER(3, struct notice, session),    NUMBER(4, struct notice, account),
    NUMBER(5, struct notice, instrument),
};
static const struct place LISTING_PLACES[] = {
    NUMBER(1, struct listing_notice, listing),
    NUMBER(2, struct listing_notice, state),
    NUMBER(3, struct listing_notice, stage),
    NUMBER(4, struct listing_notice, high_fen),
    NUMBER(5, struct listing_notice, bids),
    PLACE(6, PLACE_TIME, struct listing_notice, deadline_ns),
    NUMBER(7, struct listing_notice, reason),
    NUMBER(8, struct listing_notice, buyer),
};
static const struct place ESCROW_PLACES[] = {
    NUMBER(1, struct escrow_notice, listing),    NUMBER(2, struct escrow_notice, move),
    NUMBER(3, struct escrow_notice, party),      NUMBER(4, struct escrow_notice, account),
    NUMBER(5, struct escrow_notice, amount_fen),
};

static const struct body_places {
    uint8_t body; /* enum report_body */
    uint8_t count;
    const struct place *places;
} BODIES[] = {
    {REPORT_EXECUTION, COUNT(EXECUTION_PLACES), EXECUTION_PLACES},
    {REPORT_MASS_CANCELED, COUNT(MASS_CANCELED_PLACES), MASS_CANCELED_PLACES},
    {REPORT_DONE, COUNT(DONE_PLACES), DONE_PLACES},
    {REPORT_BOOK_ADDED, COUNT(ADDED_PLACES), ADDED_PLACES},
    {REPORT_BOOK_REDUCED, COUNT(REDUCED_PLACES), REDUCED_PLACES},
    {REPORT_BOOK_DELETED, COUNT(DELETED_PLACES), DELETED_PLACES},
    {REPORT_BOOK_TRADED, COUNT(TRADED_PLACES), TRADED_PLACES},
    {REPORT_INSTRUMENT, COUNT(INSTRUMENT_PLACES), INSTRUMENT_PLACES},
    {REPORT_PHASE, COUNT(PHASE_PLACES), PHASE_PLACES},
    {REPORT_DAY, COUNT(DAY_PLACES), DAY_PLACES},
    {REPORT_KEY, COUNT(KEY_PLACES), KEY_PLACES},
    {REPORT_SESSION, COUNT(SESSION_PLACES), SESSION_PLACES},
    {REPORT_KILLED, COUNT(KILLED_PLACES), KILLED_PLACES},
    {REPORT_LISTING, COUNT(LISTING_PLACES), LISTING_PLACES},
    {REPORT_ESCROW, COUNT(ESCROW_PLACES), ESCROW_PLACES},
};

static const struct place REPORT_PLACES[] = {
    NUMBER(1, struct report, sequence),
    NUMBER(2, struct report, place),
    PLACE(3, PLACE_TIME, struct report, time_ns),
};

static bool read_body(const struct wire_field *view, struct report *report) {
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        if (BODIES[i].body != view->number)
            continue;
        report->body = BODIES[i].body;
        return read_message(view->bytes, BODIES[i].places, BODIES[i].count, &report->execution);
    }
    return true;
}

bool report_read(struct span bytes, struct report *report) {
    struct wire_input in = wire_input_of(bytes);
    *report = (struct report){0};
    while (in.at != in.end) {
        struct wire_field view;
        if (!wire_get_field(&in, &view))
            return false;
        for (size_t i = 0; i < COUNT(REPORT_PLACES); i++)
            if (REPORT_PLACES[i].field == view.number)
                put_field(&REPORT_PLACES[i], &view, (uint8_t *)report);
        if (view.wire == WIRE_BYTES && !read_body(&view, report))
            return false;
    }
    return true;
}

uint64_t report_answers(const struct report *report) {
    if (report->body == REPORT_EXECUTION)
        return report->execution.cl_ord_id;
    if (report->body == REPORT_MASS_CANCELED)
        return report->mass_canceled.cl_ord_id;
    return report->body == REPORT_DONE ? report->done.cl_ord_id : 0;
}
