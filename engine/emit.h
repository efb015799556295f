/*
 * Writing events into the sink. Private to the engine's own files.
 */
#ifndef ENGINE_EMIT_H
#define ENGINE_EMIT_H

#include "engine/state.h"

static inline struct event *emit_next(struct event_sink *sink) {
    if (__builtin_expect(sink->next == sink->end, 0)) {
        sink->flush(sink);
        assert(sink->next < sink->end);
    }
    return sink->next++;
}

/* A report to an order's session: the order as it stands, `quantity` by kind. */
static inline struct event *emit_report(struct event_sink *sink, enum event_kind kind,
                                        const struct order *order, uint32_t quantity) {
    struct event *event = emit_next(sink);
    *event = (struct event){.kind = (uint8_t)kind,
                            .audience = AUDIENCE_SESSION,
                            .to = order_id_session(order->id),
                            .order_id = order->id,
                            .price_fen = order->price_fen,
                            .quantity = quantity,
                            .leaves = order->leaves,
                            .cum = order->cum,
                            .instrument = order->instrument,
                            .account = order->account,
                            .side = order->side,
                            .ord_status =
                                order->cum == 0 ? ORD_STATUS_NEW : ORD_STATUS_PARTIALLY_FILLED};
    return event;
}

/* CANCELED, EXPIRED: what was left is gone. */
static inline void emit_gone(struct event_sink *sink, enum event_kind kind,
                             const struct order *order, uint32_t left, enum reason reason) {
    struct event *event = emit_report(sink, kind, order, left);
    event->leaves = 0;
    event->reason = (uint16_t)reason;
    event->ord_status = kind == EVENT_EXPIRED ? ORD_STATUS_EXPIRED : ORD_STATUS_CANCELED;
}

/* BOOK_ADDED, BOOK_REDUCED, BOOK_DELETED: names the order by its entry only. */
static inline void emit_book(struct event_sink *sink, enum event_kind kind,
                             const struct order *order, uint32_t quantity) {
    *emit_next(sink) = (struct event){.kind = (uint8_t)kind,
                                      .audience = AUDIENCE_EVERYBODY,
                                      .entry = order->entry,
                                      .price_fen = order->price_fen,
                                      .quantity = quantity,
                                      .instrument = order->instrument,
                                      .side = order->side};
}

/* The answer to a refused request; its sender may fill in more of the order it speaks of. */
static inline struct event *emit_rejected(const struct call *call, struct refusal refusal) {
    struct event *event = emit_next(call->sink);
    *event = (struct event){.kind = EVENT_REJECTED,
                            .audience = AUDIENCE_SESSION,
                            .reason = refusal.reason,
                            .to = call->command->stamp.session,
                            .limit = refusal.limit,
                            .ord_status = ORD_STATUS_REJECTED,
                            .field = (uint8_t)refusal.field};
    return event;
}

/* An act, proposal or approval has been done; `id` is what was made. */
static inline void emit_done(const struct call *call, uint8_t act_kind, uint64_t id) {
    *emit_next(call->sink) = (struct event){.kind = EVENT_DONE,
                                            .audience = AUDIENCE_SESSION,
                                            .to = call->command->stamp.session,
                                            .id = id,
                                            .act = act_kind};
}

/* The market's phase, not looking at what a sweep or an instrument's own halt keeps closed. */
static inline enum phase emit_market_phase(const struct engine *engine) {
    if (!engine->is_open)
        return PHASE_CLOSED;
    return engine->is_halted ? PHASE_HALTED : PHASE_CONTINUOUS;
}

/* The market is in this phase from now on. */
static inline void emit_day(const struct call *call) {
    const struct engine *engine = call->engine;
    *emit_next(call->sink) = (struct event){.kind = EVENT_DAY,
                                            .audience = AUDIENCE_EVERYBODY,
                                            .value = engine->date,
                                            .phase = (uint8_t)emit_market_phase(engine)};
}

#endif
