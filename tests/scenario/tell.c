/* Events into phrases. Names of enums come from the protocol's description of itself. */
#include "tests/scenario/tell.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "engine/view.h"
#include "proto/tpx.pb-c.h"
#include "tests/scenario/say.h"

/* What a phrase is about, gathered while the events of a line are walked. */
struct teller {
    const struct stage *stage;
    FILE *out;
    bool is_first;
    uint64_t traded; /* so far, at one price with one counterpart, not yet told */
    int64_t price_fen;
    const char *with;
    bool has_traded; /* the own order, at all */
    bool is_entered; /* the own order is NEW or lost its place in this line */
};

static const char *enum_name(const ProtobufCEnumDescriptor *descriptor, int value, size_t prefix) {
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(descriptor, value);
    return known == NULL ? "UNHEARD_OF" : known->name + prefix;
}

const char *tell_reason(uint16_t reason) {
    return enum_name(&tpx__reason__descriptor, reason, strlen("REASON_"));
}

static void begin(struct teller *teller) {
    if (!teller->is_first)
        fputs("; ", teller->out);
    teller->is_first = false;
}

static void say_units(struct teller *teller, uint64_t units) {
    char text[48];
    words_write_units(text, units);
    fputs(text, teller->out);
}

static void say_price(struct teller *teller, int64_t fen) {
    char text[48];
    words_write_money(text, fen);
    fputs(text, teller->out);
}

static const char *name_of(const struct teller *teller, enum cast_kind kind, uint64_t id) {
    const char *name = cast_name_of(&teller->stage->cast, kind, id);
    return name != NULL ? name : "somebody";
}

static void tell_traded(struct teller *teller) {
    if (teller->traded == 0)
        return;
    begin(teller);
    fputs("trades ", teller->out);
    say_units(teller, teller->traded);
    fputs(" at ", teller->out);
    say_price(teller, teller->price_fen);
    fprintf(teller->out, " with %s", teller->with);
    teller->traded = 0;
}

/* The maker's side of a trade names the counterpart; fills at one price with one are summed. */
static void tell_trade(struct teller *teller, const struct event *maker) {
    const char *with = name_of(teller, CAST_ACCOUNT, maker->account);
    if (teller->traded > 0 && (teller->price_fen != maker->price_fen || teller->with != with))
        tell_traded(teller);
    teller->traded += maker->quantity;
    teller->price_fen = maker->price_fen;
    teller->with = with;
    teller->has_traded = true;
}

static void begin_order(struct teller *teller, const struct event *event) {
    tell_traded(teller);
    begin(teller);
    if (event->order_id != teller->stage->own_order)
        fprintf(teller->out, "%s ", name_of(teller, CAST_ORDER, event->order_id));
}

static void tell_end(struct teller *teller, const struct event *event) {
    begin_order(teller, event);
    fputs(event->kind == EVENT_EXPIRED ? "expired " : "canceled ", teller->out);
    say_units(teller, event->quantity);
    if (event->reason != REASON_NONE)
        fprintf(teller->out, " %s", tell_reason(event->reason));
}

static void tell_replaced(struct teller *teller, const struct event *event) {
    begin_order(teller, event);
    fputs("replaced ", teller->out);
    say_units(teller, event->quantity);
    fputs(" at ", teller->out);
    say_price(teller, event->price_fen);
    fputs(event->kept_place ? " kept place" : " lost place", teller->out);
}

static const char *pool_name(int64_t pool, char *room) {
    const char *name = enum_name(&tpx__pool__descriptor, (int)pool, strlen("POOL_"));
    size_t length = strlen(name);
    for (size_t i = 0; i <= length; i++)
        room[i] = (char)tolower((unsigned char)name[i]);
    return room;
}

static void tell_limit(struct teller *teller, const struct event *event) {
    char room[64];
    if (event->limit == 0)
        return;
    fputc(' ', teller->out);
    switch (event->field) {
    case FIELD_POOL:
        fputs(pool_name(event->limit, room), teller->out);
        break;
    case FIELD_PRICE:
    case FIELD_TICK_FEN:
    case FIELD_BAND_LOW:
    case FIELD_BAND_HIGH:
    case FIELD_REFERENCE:
    case FIELD_FLOOR:
    case FIELD_RESERVE:
    case FIELD_DEPOSIT:
        say_price(teller, event->limit);
        break;
    case FIELD_AMOUNT: /* fen, or units of an instrument */
        if (event->reason == REASON_INSUFFICIENT_CASH)
            say_price(teller, event->limit);
        else
            say_units(teller, (uint64_t)event->limit);
        break;
    default:
        fprintf(teller->out, "%" PRId64, event->limit);
        break;
    }
}

static void tell_refused(struct teller *teller, const struct event *event) {
    tell_traded(teller);
    begin(teller);
    fprintf(teller->out, "refused %s", tell_reason(event->reason));
    if (event->field != FIELD_NONE) {
        const char *name = enum_name(&tpx__field__descriptor, event->field, strlen("FIELD_"));
        fputc(' ', teller->out);
        for (; *name != '\0'; name++)
            fputc(tolower((unsigned char)*name), teller->out);
        tell_limit(teller, event);
    }
}

static void tell_mandate(struct teller *teller, const struct event *event) {
    static const char *const states[] = {"", "in force", "revoked", "lapsed"};
    fprintf(teller->out, "%s hears mandate of %s %s", name_of(teller, CAST_PARTICIPANT, event->to),
            name_of(teller, CAST_PARTY, event->value), states[event->phase]);
}

/* How a listing stands, to everybody; who has won, to each side. */
static void tell_listing(struct teller *teller, const struct event *event) {
    char text[48];
    FILE *out = teller->out;
    const char *listing = name_of(teller, CAST_LISTING, event->id);
    if (event->audience == AUDIENCE_PARTICIPANT) {
        fprintf(out, "%s hears %s has won %s", name_of(teller, CAST_PARTICIPANT, event->to),
                name_of(teller, CAST_PARTY, event->party), listing);
        return;
    }
    fprintf(out, "%s %s", listing, say_listing_state(event->phase));
    if (event->price_fen != 0) {
        words_write_money(text, event->price_fen);
        fprintf(out, " %s", text);
    }
    if (event->reason != REASON_NONE)
        fprintf(out, " %s", tell_reason(event->reason));
    if (event->value != 0) {
        say_write_moment(text, (int64_t)event->value);
        fprintf(out, " until %s", text);
    }
}

static void tell_escrow(struct teller *teller, const struct event *event) {
    static const char *const moves[] = {"",         "deposits", "gets back",
                                        "forfeits", "pays",     "receives"};
    fprintf(teller->out, "%s %s ", name_of(teller, CAST_PARTY, event->party), moves[event->act]);
    say_price(teller, event->price_fen);
}

static void tell_state(struct teller *teller, const struct event *event) {
    FILE *out = teller->out;
    char date[48];
    const char *phase = enum_name(&tpx__phase__descriptor, event->phase, strlen("PHASE_"));
    switch (event->kind) {
    case EVENT_INSTRUMENT:
        fprintf(out, "instrument %s", name_of(teller, CAST_INSTRUMENT, event->id));
        break;
    case EVENT_PHASE:
        fprintf(out, "%s %s",
                event->instrument == 0 ? "all"
                                       : name_of(teller, CAST_INSTRUMENT, event->instrument),
                phase);
        break;
    case EVENT_DAY:
        words_write_date(date, (trading_date)event->value);
        fprintf(out, "day %s %s", date, phase);
        break;
    case EVENT_KEY:
        fprintf(out, "key %s%s", name_of(teller, CAST_KEY, event->id),
                event->reason == REASON_KEY_REVOKED ? " KEY_REVOKED" : "");
        break;
    case EVENT_SESSION:
        fprintf(out, "session %s %s", name_of(teller, CAST_SESSION, event->id),
                event->phase == 1 ? "up" : "down");
        break;
    case EVENT_MANDATE:
        tell_mandate(teller, event);
        break;
    case EVENT_NOTICE:
        fprintf(out, "%s hears freeze %s", name_of(teller, CAST_PARTICIPANT, event->to),
                name_of(teller, CAST_FREEZE, event->order_id));
        break;
    case EVENT_LISTING:
        tell_listing(teller, event);
        break;
    case EVENT_ESCROW:
        tell_escrow(teller, event);
        break;
    default: /* KILLED */
        fprintf(out, "%s", event->act == ACT_KILL ? "killed" : "unkilled");
        break;
    }
}

static void tell_answer(struct teller *teller, const struct event *event) {
    tell_traded(teller);
    begin(teller);
    if (event->kind == EVENT_MASS_CANCELED) {
        fputs("mass canceled ", teller->out);
        say_units(teller, event->value);
    } else if (event->kind == EVENT_DONE) {
        const struct command *last =
            &teller->stage->venue.history[teller->stage->venue.history_count - 1];
        fputs(last->verb == VERB_PROPOSE ? "proposed" : "done", teller->out);
    } else {
        tell_state(teller, event);
    }
}

static void tell_event(struct teller *teller, const struct event *event) {
    switch ((enum event_kind)event->kind) {
    case EVENT_NEW:
        teller->is_entered = event->order_id == teller->stage->own_order;
        break;
    case EVENT_TRADE:
        if (event->is_maker)
            tell_trade(teller, event);
        break;
    case EVENT_REPLACED:
        teller->is_entered = !event->kept_place;
        tell_replaced(teller, event);
        break;
    case EVENT_CANCELED:
    case EVENT_EXPIRED:
        tell_end(teller, event);
        break;
    case EVENT_REJECTED:
        tell_refused(teller, event);
        break;
    case EVENT_BOOK_ADDED:
    case EVENT_BOOK_REDUCED:
    case EVENT_BOOK_DELETED:
    case EVENT_BOOK_TRADED:
    case EVENT_ENTRY:
        break;
    case EVENT_MASS_CANCELED:
    case EVENT_DONE:
    case EVENT_INSTRUMENT:
    case EVENT_PHASE:
    case EVENT_DAY:
    case EVENT_KEY:
    case EVENT_SESSION:
    case EVENT_KILLED:
    case EVENT_MANDATE:
    case EVENT_NOTICE:
    case EVENT_LISTING:
    case EVENT_ESCROW:
        tell_answer(teller, event);
        break;
    }
}

static bool is_end_of_other(const struct teller *teller, const struct event *event) {
    return (event->kind == EVENT_CANCELED || event->kind == EVENT_EXPIRED) &&
           event->order_id != teller->stage->own_order;
}

/* Ends of other orders from `at` on, for one reason; public events between them do not count.
 * Returns how many, and where they end. */
static size_t crowd(const struct teller *teller, size_t at, size_t *end) {
    const struct venue *venue = &teller->stage->venue;
    const struct event *first = &venue->heard[at].event;
    size_t count = 0;
    for (*end = at; *end < venue->heard_count; ++*end) {
        const struct event *event = &venue->heard[*end].event;
        if (event->kind >= EVENT_BOOK_ADDED && event->kind <= EVENT_BOOK_TRADED)
            continue;
        if (!is_end_of_other(teller, event) || event->kind != first->kind ||
            event->reason != first->reason)
            break;
        count++;
    }
    return count;
}

static size_t tell_next(struct teller *teller, size_t at) {
    const struct event *event = &teller->stage->venue.heard[at].event;
    size_t end;
    size_t count = is_end_of_other(teller, event) ? crowd(teller, at, &end) : 0;
    if (count <= TELL_CROWD) {
        tell_event(teller, event);
        return at + 1;
    }
    tell_traded(teller);
    begin(teller);
    say_units(teller, count);
    fputs(event->kind == EVENT_EXPIRED ? " orders expired" : " orders canceled", teller->out);
    if (event->reason != REASON_NONE)
        fprintf(teller->out, " %s", tell_reason(event->reason));
    return end;
}

/* Whether the own order rests now, which no event of a NEW says by itself. */
static void tell_rests(struct teller *teller) {
    struct order_view order;
    if (!teller->is_entered ||
        !engine_order(teller->stage->venue.engine, teller->stage->own_order, &order))
        return;
    begin(teller);
    fputs("rests", teller->out);
    if (teller->has_traded) {
        fputc(' ', teller->out);
        say_units(teller, order.leaves_qty);
    }
}

void tell(const struct stage *stage, FILE *out) {
    struct teller teller = {.stage = stage, .out = out, .is_first = true};
    for (size_t at = 0; at < stage->venue.heard_count;)
        at = tell_next(&teller, at);
    tell_traded(&teller);
    tell_rests(&teller);
    if (teller.is_first)
        fputs("nothing", out);
}

bool tell_is_refused(const struct stage *stage) {
    return stage_heard(stage, EVENT_REJECTED, stage->sender) != NULL;
}
