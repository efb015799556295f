/*
 * Fields that a kind does not name stay 0, as the engine leaves them.
 */
#include "tests/property/random_event.h"

#include <assert.h>
#include <string.h>

#include "proto/tpx.pb-c.h"

const uint8_t random_event_kinds[RANDOM_EVENT_KINDS] = {
    EVENT_NEW,          EVENT_TRADE,         EVENT_REPLACED,   EVENT_CANCELED,   EVENT_EXPIRED,
    EVENT_REJECTED,     EVENT_MASS_CANCELED, EVENT_DONE,       EVENT_BOOK_ADDED, EVENT_BOOK_TRADED,
    EVENT_BOOK_REDUCED, EVENT_BOOK_DELETED,  EVENT_INSTRUMENT, EVENT_PHASE,      EVENT_DAY,
    EVENT_KEY,          EVENT_SESSION,       EVENT_KILLED,
};

static uint32_t u32(struct random *random) {
    return (uint32_t)random_number(random, UINT32_MAX);
}

static void make_execution(struct random *random, struct event *event) {
    event->ord_status = (uint8_t)random_below(random, ORD_STATUS_REJECTED + 1);
    event->order_id = random_number(random, UINT64_MAX);
    event->account = u32(random);
    event->instrument = u32(random);
    event->side = (uint8_t)random_below(random, SIDE_SELL + 1);
    event->price_fen = (int64_t)random_number(random, INT64_MAX);
    event->quantity = u32(random);
    event->leaves = u32(random);
    event->cum = u32(random);
    switch (event->kind) {
    case EVENT_TRADE:
        event->match_id = random_number(random, UINT64_MAX);
        event->is_maker = (uint8_t)random_below(random, 2);
        break;
    case EVENT_REPLACED:
        event->kept_place = (uint8_t)random_below(random, 2);
        break;
    case EVENT_CANCELED:
        event->reason = random_once_in(random, 2) ? REASON_NONE : REASON_MASS_CANCEL;
        break;
    case EVENT_REJECTED:
        event->reason = random_once_in(random, 2) ? REASON_WRONG_STATE : REASON_LOT_SIZE;
        event->field = (uint8_t)random_below(random, FIELD_REFERENCE + 1);
        event->limit = (int64_t)random_next(random);
        event->act = (uint8_t)random_below(random, ACT_SESSION_RESET + 1);
        break;
    default:
        break;
    }
}

static void make_book(struct random *random, struct event *event) {
    event->entry = random_number(random, UINT64_MAX);
    event->instrument = u32(random);
    if (event->kind == EVENT_BOOK_DELETED) {
        return;
    }
    event->quantity = u32(random);
    if (event->kind == EVENT_BOOK_REDUCED) {
        return;
    }
    event->side = (uint8_t)random_between(random, SIDE_BUY, SIDE_SELL);
    event->price_fen = (int64_t)random_number(random, INT64_MAX);
    if (event->kind == EVENT_BOOK_TRADED) {
        event->leaves = u32(random);
        event->match_id = random_number(random, UINT64_MAX);
    }
}

static void make_state(struct random *random, struct event *event) {
    switch (event->kind) {
    case EVENT_PHASE:
        event->instrument = u32(random);
        event->phase = (uint8_t)random_between(random, PHASE_CLOSED, PHASE_HALTED);
        break;
    case EVENT_DAY:
        event->value = random_number(random, DATE_MAX);
        event->phase = (uint8_t)random_between(random, PHASE_CLOSED, PHASE_HALTED);
        break;
    case EVENT_KEY:
        event->id = u32(random);
        event->reason = random_once_in(random, 2) ? REASON_KEY_REVOKED : REASON_NONE;
        break;
    case EVENT_SESSION:
        event->id = u32(random);
        event->phase = (uint8_t)random_below(random, 2);
        break;
    case EVENT_KILLED:
        event->act = random_once_in(random, 2) ? ACT_KILL : ACT_UNKILL;
        event->id = u32(random);
        event->account = u32(random);
        event->instrument = u32(random);
        break;
    default:
        event->id = u32(random);
    }
}

void random_event_make(struct random *random, uint8_t kind, uint32_t session, struct event *event) {
    memset(event, 0, sizeof *event);
    event->kind = kind != 0 ? kind : random_event_kinds[random_below(random, RANDOM_EVENT_KINDS)];
    event->audience = (uint8_t)random_below(random, AUDIENCE_PARTICIPANT + 1);
    event->to = random_once_in(random, 2) ? session : u32(random);
    if (event->kind >= EVENT_INSTRUMENT) {
        make_state(random, event);
    } else if (event->kind >= EVENT_BOOK_ADDED) {
        make_book(random, event);
    } else if (event->kind <= EVENT_REJECTED) {
        make_execution(random, event);
    } else {
        event->value = random_number(random, UINT64_MAX);
        event->id = event->kind == EVENT_DONE ? random_number(random, UINT64_MAX) : 0;
        event->act = event->kind == EVENT_DONE ? (uint8_t)random_below(random, 21) : 0;
    }
}

/* What a report can consist of. */
struct image {
    Tpx__Report report;
    union {
        Tpx__ExecutionReport execution;
        Tpx__MassCanceled mass_canceled;
        Tpx__Done done;
        Tpx__BookAdded added;
        Tpx__BookReduced reduced;
        Tpx__BookDeleted deleted;
        Tpx__BookTraded traded;
        Tpx__InstrumentState instrument;
        Tpx__PhaseState phase;
        Tpx__DayState day;
        Tpx__KeyState key;
        Tpx__SessionState session;
        Tpx__Killed killed;
    } body;
    char text[TEXT_BYTES_MAX + 1];
};

static bool is_for_sender(const struct event *event, const struct command *command) {
    return event->audience == AUDIENCE_SESSION && event->to == command->stamp.session;
}

static void fill_trade(Tpx__ExecutionReport *to, const struct event *event) {
    to->order_qty = (uint64_t)event->leaves + event->cum;
    to->last_px = (uint64_t)event->price_fen;
    to->last_qty = event->quantity;
    to->trd_match_id = event->match_id;
    to->is_maker = event->is_maker;
}

static void fill_rejected(Tpx__ExecutionReport *to, const struct event *event) {
    to->order_qty = event->quantity;
    to->reason = (Tpx__Reason)event->reason;
    to->field = (Tpx__Field)event->field;
    to->limit = event->limit;
    to->act = (Tpx__ActKind)event->act;
}

static void fill_execution(struct image *image, const struct event *event,
                           const struct command *command) {
    Tpx__ExecutionReport *to = &image->body.execution;
    *to = (Tpx__ExecutionReport)TPX__EXECUTION_REPORT__INIT;
    image->report.body_case = TPX__REPORT__BODY_EXECUTION;
    image->report.execution = to;
    to->exec_type = (Tpx__ExecType)event->kind;
    to->ord_status = (Tpx__OrdStatus)event->ord_status;
    to->cl_ord_id = is_for_sender(event, command) ? command->stamp.number : 0;
    to->order_id = event->order_id;
    to->account = event->account;
    to->instrument = event->instrument;
    to->side = (Tpx__Side)event->side;
    to->leaves_qty = event->leaves;
    to->cum_qty = event->cum;
    if (event->kind == EVENT_TRADE) {
        fill_trade(to, event);
        return;
    }
    if (event->kind == EVENT_REJECTED) {
        fill_rejected(to, event);
        return;
    }
    bool is_gone = event->kind == EVENT_CANCELED || event->kind == EVENT_EXPIRED;
    to->price = (uint64_t)event->price_fen;
    to->order_qty = event->quantity + (is_gone ? (uint64_t)event->cum : 0);
    to->reason = (Tpx__Reason)event->reason;
    to->kept_place = event->kind == EVENT_REPLACED && event->kept_place;
    if (event->kind == EVENT_NEW && command->verb == VERB_NEW_ORDER) {
        memcpy(image->text, command->new_order.text, command->new_order.text_bytes);
        image->text[command->new_order.text_bytes] = '\0';
        to->text = image->text;
    }
}

static void fill_answer(struct image *image, const struct event *event,
                        const struct command *command) {
    uint64_t number = is_for_sender(event, command) ? command->stamp.number : 0;
    if (event->kind == EVENT_DONE) {
        image->body.done = (Tpx__Done)TPX__DONE__INIT;
        image->body.done.cl_ord_id = number;
        image->body.done.act = (Tpx__ActKind)event->act;
        image->body.done.id = event->id;
        image->body.done.is_proposal = command->verb == VERB_PROPOSE;
        image->report.done = &image->body.done;
        image->report.body_case = TPX__REPORT__BODY_DONE;
        return;
    }
    image->body.mass_canceled = (Tpx__MassCanceled)TPX__MASS_CANCELED__INIT;
    image->body.mass_canceled.cl_ord_id = order_id_number(event->order_id);
    image->body.mass_canceled.count = event->value;
    image->report.mass_canceled = &image->body.mass_canceled;
    image->report.body_case = TPX__REPORT__BODY_MASS_CANCELED;
}

static void fill_traded(Tpx__BookTraded *to, const struct event *event) {
    *to = (Tpx__BookTraded)TPX__BOOK_TRADED__INIT;
    to->entry = event->entry;
    to->instrument = event->instrument;
    to->aggressor = (Tpx__Side)event->side;
    to->price = (uint64_t)event->price_fen;
    to->quantity = event->quantity;
    to->leaves = event->leaves;
    to->trd_match_id = event->match_id;
}

static void fill_book(struct image *image, const struct event *event) {
    switch (event->kind) {
    case EVENT_BOOK_ADDED:
        image->body.added = (Tpx__BookAdded)TPX__BOOK_ADDED__INIT;
        image->body.added.entry = event->entry;
        image->body.added.instrument = event->instrument;
        image->body.added.side = (Tpx__Side)event->side;
        image->body.added.price = (uint64_t)event->price_fen;
        image->body.added.quantity = event->quantity;
        break;
    case EVENT_BOOK_REDUCED:
        image->body.reduced = (Tpx__BookReduced)TPX__BOOK_REDUCED__INIT;
        image->body.reduced.entry = event->entry;
        image->body.reduced.instrument = event->instrument;
        image->body.reduced.quantity = event->quantity;
        break;
    case EVENT_BOOK_DELETED:
        image->body.deleted = (Tpx__BookDeleted)TPX__BOOK_DELETED__INIT;
        image->body.deleted.entry = event->entry;
        image->body.deleted.instrument = event->instrument;
        break;
    default:
        fill_traded(&image->body.traded, event);
    }
}

static void fill_killed(Tpx__Killed *to, const struct event *event) {
    *to = (Tpx__Killed)TPX__KILLED__INIT;
    to->is_killed = event->act == ACT_KILL;
    to->participant = event->audience == AUDIENCE_PARTICIPANT ? event->to : 0;
    to->session = (uint32_t)event->id;
    to->account = event->account;
    to->instrument = event->instrument;
}

static void fill_state(struct image *image, const struct event *event) {
    switch (event->kind) {
    case EVENT_INSTRUMENT:
        image->body.instrument = (Tpx__InstrumentState)TPX__INSTRUMENT_STATE__INIT;
        image->body.instrument.instrument = (uint32_t)event->id;
        break;
    case EVENT_PHASE:
        image->body.phase = (Tpx__PhaseState)TPX__PHASE_STATE__INIT;
        image->body.phase.instrument = event->instrument;
        image->body.phase.phase = (Tpx__Phase)event->phase;
        break;
    case EVENT_DAY:
        image->body.day = (Tpx__DayState)TPX__DAY_STATE__INIT;
        image->body.day.date = (uint32_t)event->value;
        image->body.day.phase = (Tpx__Phase)event->phase;
        break;
    case EVENT_KEY:
        image->body.key = (Tpx__KeyState)TPX__KEY_STATE__INIT;
        image->body.key.key = (uint32_t)event->id;
        image->body.key.is_revoked = event->reason == REASON_KEY_REVOKED;
        break;
    case EVENT_SESSION:
        image->body.session = (Tpx__SessionState)TPX__SESSION_STATE__INIT;
        image->body.session.session = (uint32_t)event->id;
        image->body.session.is_up = event->phase == 1;
        break;
    default:
        fill_killed(&image->body.killed, event);
    }
}

size_t event_image_pack(const struct event *event, const struct command *command,
                        struct event_place at, uint8_t *out) {
    struct image image = {.report = TPX__REPORT__INIT};
    image.report.sequence = at.sequence;
    image.report.place = at.place;
    image.report.time = command->stamp.time_ns;
    if (event->kind >= EVENT_BOOK_ADDED) {
        image.report.body_case = (Tpx__Report__BodyCase)event->kind;
        image.report.book_added = &image.body.added; /* a union: any body's pointer */
    }
    if (event->kind >= EVENT_INSTRUMENT) {
        fill_state(&image, event);
    } else if (event->kind >= EVENT_BOOK_ADDED) {
        fill_book(&image, event);
    } else if (event->kind <= EVENT_REJECTED) {
        fill_execution(&image, event, command);
    } else {
        fill_answer(&image, event, command);
    }
    assert(tpx__report__get_packed_size(&image.report) <= 1024);
    return tpx__report__pack(&image.report, out);
}
