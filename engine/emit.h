/*
 * Writing events into the sink. Private to the engine's own files.
 */
#ifndef ENGINE_EMIT_H
#define ENGINE_EMIT_H

#include "engine/state.h"

/* A command begins to write. */
static inline void emit_begin(struct event_sink *sink) {
    sink->made = 0;
    sink->counted = sink->next;
}

/* Counts what was written since the last count, and holds the command to COMMAND_EVENTS_MAX: the
 * rings behind the sink are made for no more. */
static inline void emit_count(struct event_sink *sink) {
    sink->made += (uint64_t)(sink->next - sink->counted);
    sink->counted = sink->next;
    assert(sink->made <= COMMAND_EVENTS_MAX);
}

static __attribute__((noinline, cold, unused)) void emit_make_room(struct event_sink *sink) {
    emit_count(sink);
    sink->flush(sink);
    assert(sink->next < sink->end);
    sink->counted = sink->next;
}

static inline struct event *emit_next(struct event_sink *sink) {
    if (__builtin_expect(sink->next == sink->end, 0))
        emit_make_room(sink);
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

/* A place for what is told to single participants only. */
static inline struct extract *emit_detached_extract(const struct call *call) {
    struct engine *engine = call->engine;
    assert(engine->extracts_count < EXTRACTS_ROOM);
    struct extract *extract = region_place(engine, engine->extracts_at);
    return extract + engine->extracts_count++;
}

/* A place for what an entry says from now on; the caller fills it in. */
static inline struct extract *emit_extract(const struct call *call, enum audience audience) {
    struct extract *extract = emit_detached_extract(call);
    *emit_next(call->sink) =
        (struct event){.kind = EVENT_ENTRY, .audience = (uint8_t)audience, .extract = extract};
    return extract;
}

/* What this command told last. */
static inline const struct extract *emit_last_extract(const struct engine *engine) {
    assert(engine->extracts_count > 0);
    const struct extract *extract = region_place(engine, engine->extracts_at);
    return extract + engine->extracts_count - 1;
}

/* A participant learns of an extract that concerns it. */
static inline void emit_notice(const struct call *call, uint32_t participant,
                               const struct extract *extract) {
    *emit_next(call->sink) = (struct event){.kind = EVENT_NOTICE,
                                            .audience = AUDIENCE_PARTICIPANT,
                                            .to = participant,
                                            .extract = extract};
}

/* The market's phase, not looking at what keeps single instruments closed. HALTED is also what a
 * sweep over all instruments makes of it. */
static inline enum phase emit_market_phase(const struct engine *engine) {
    if (!engine->is_open)
        return PHASE_CLOSED;
    bool is_swept = engine->swept_until > engine->swept;
    return engine->is_halted || is_swept ? PHASE_HALTED : PHASE_CONTINUOUS;
}

/* An instrument, or with 0 every one, has this phase of its own from now on. */
static inline void emit_phase(const struct call *call, uint32_t instrument, enum phase phase) {
    *emit_next(call->sink) = (struct event){.kind = EVENT_PHASE,
                                            .audience = AUDIENCE_EVERYBODY,
                                            .instrument = instrument,
                                            .phase = (uint8_t)phase};
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
