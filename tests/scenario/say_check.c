/*
 * Lines that only look. What they saw is written the way a scenario would expect it.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "tests/scenario/say.h"
#include "tests/scenario/tell.h"

#define LEVELS_SHOWN 32

__attribute__((format(printf, 2, 3))) static void see(struct stage *stage, const char *format,
                                                      ...) {
    size_t length = strlen(stage->got);
    va_list list;
    va_start(list, format);
    vsnprintf(stage->got + length, sizeof stage->got - length, format, list);
    va_end(list);
}

static void see_next(struct stage *stage) {
    if (stage->got[0] != '\0')
        see(stage, "; ");
}

static void see_units(struct stage *stage, uint64_t units) {
    char text[48];
    words_write_units(text, units);
    see(stage, "%s", text);
}

static void see_money(struct stage *stage, int64_t fen) {
    char text[48];
    words_write_money(text, fen);
    see(stage, "%s", text);
}

static void see_side(struct stage *stage, uint32_t instrument, enum side side) {
    struct depth_level levels[LEVELS_SHOWN];
    uint32_t count = engine_depth(stage->venue.engine, instrument, side, levels, LEVELS_SHOWN);
    for (uint32_t i = 0; i < count; i++) {
        see_next(stage);
        see(stage, "%s ", side == SIDE_BUY ? "buy" : "sell");
        see_units(stage, levels[i].quantity);
        see(stage, " at ");
        see_money(stage, levels[i].price_fen);
        if (levels[i].orders > 1)
            see(stage, " by %u", levels[i].orders);
    }
}

/* book HX */
static bool see_book(struct stage *stage) {
    uint32_t instrument;
    if (!say_known(stage, CAST_INSTRUMENT, &instrument))
        return false;
    see_side(stage, instrument, SIDE_BUY);
    see_side(stage, instrument, SIDE_SELL);
    if (stage->got[0] == '\0')
        see(stage, "empty");
    return words_end(&stage->words);
}

/* The order that entered a public place: the feed does not say, so the engine is asked for each. */
static const char *owner_of(const struct stage *stage, uint64_t entry) {
    for (size_t i = 0; i < stage->cast.count; i++) {
        const struct cast_name *name = &stage->cast.names[i];
        struct order_view order;
        if (name->kind == CAST_ORDER && engine_order(stage->venue.engine, name->id, &order) &&
            order.entry == entry)
            return name->name;
    }
    return "somebody";
}

/* queue HX buys 10.00 */
static bool see_queue(struct stage *stage) {
    struct words *words = &stage->words;
    struct mirror_entry where = {.side = SIDE_BUY};
    struct mirror_entry queue[LEVELS_SHOWN];
    if (!say_known(stage, CAST_INSTRUMENT, &where.instrument))
        return false;
    if (words_take(words, "sells"))
        where.side = SIDE_SELL;
    else if (!words_expect(words, "buys"))
        return false;
    if (!words_money(words, &where.price_fen))
        return false;
    size_t count = mirror_queue(&stage->mirror, &where, queue, LEVELS_SHOWN);
    for (size_t i = 0; i < count; i++) {
        see_next(stage);
        see(stage, "%s ", owner_of(stage, queue[i].entry));
        see_units(stage, queue[i].quantity);
    }
    if (count == 0)
        see(stage, "empty");
    return words_end(words);
}

/* cash ann */
static bool see_cash(struct stage *stage) {
    uint32_t account;
    struct account_view view;
    if (!say_known(stage, CAST_ACCOUNT, &account) ||
        !engine_account(stage->venue.engine, account, &view))
        return words_blame(&stage->words, "an account's name");
    see_money(stage, view.cash_fen);
    if (view.reserved_fen != 0) {
        see(stage, " reserved ");
        see_money(stage, view.reserved_fen);
    }
    return words_end(&stage->words);
}

/* shares ann HX */
static bool see_shares(struct stage *stage) {
    uint32_t account;
    uint32_t instrument;
    struct holding_view view = {.quantity = 0};
    if (!say_known(stage, CAST_ACCOUNT, &account) ||
        !say_known(stage, CAST_INSTRUMENT, &instrument))
        return false;
    if (!engine_holding_find(stage->venue.engine, account, instrument, &view))
        see(stage, "none");
    else
        see_units(stage, view.quantity);
    if (view.reserved != 0) {
        see(stage, " reserved ");
        see_units(stage, view.reserved);
    }
    if (view.bound != 0) {
        see(stage, " bound ");
        see_units(stage, view.bound);
    }
    return words_end(&stage->words);
}

/* order NAME */
static bool see_order(struct stage *stage) {
    uint64_t id;
    struct order_view order;
    if (!cast_find(&stage->cast, CAST_ORDER, words_peek(&stage->words), &id))
        return words_blame(&stage->words, "an order's name");
    words_next(&stage->words);
    if (!engine_order(stage->venue.engine, id, &order)) {
        see(stage, "gone");
        return words_end(&stage->words);
    }
    see_units(stage, order.leaves_qty);
    see(stage, " of ");
    see_units(stage, order.order_qty);
    see(stage, " at ");
    see_money(stage, order.price_fen);
    if (order.good_till == DATE_MAX) {
        see(stage, " till canceled");
    } else {
        char date[48];
        words_write_date(date, order.good_till);
        see(stage, " till %s", date);
    }
    return words_end(&stage->words);
}

/* orders of SESSION: newest first */
static bool see_orders(struct stage *stage) {
    uint32_t session;
    uint64_t after = 0;
    struct order_view order;
    if (!words_expect(&stage->words, "of") || !say_known(stage, CAST_SESSION, &session))
        return false;
    for (int i = 0;
         i < LEVELS_SHOWN && engine_order_next(stage->venue.engine, session, after, &order); i++) {
        const char *name = cast_name_of(&stage->cast, CAST_ORDER, order.order_id);
        see_next(stage);
        see(stage, "%s", name != NULL ? name : "somebody");
        after = order.order_id;
    }
    if (after == 0)
        see(stage, "none");
    return words_end(&stage->words);
}

static const char *phase_word(uint8_t phase) {
    static const char *const words[] = {"NO PHASE", "CLOSED", "CONTINUOUS", "HALTED"};
    return phase <= PHASE_HALTED ? words[phase] : words[0];
}

/* phase HX */
static bool see_phase(struct stage *stage) {
    uint32_t instrument;
    struct instrument_view view;
    if (!say_known(stage, CAST_INSTRUMENT, &instrument) ||
        !engine_instrument(stage->venue.engine, instrument, &view))
        return words_blame(&stage->words, "an instrument's name");
    see(stage, "%s%s", phase_word(view.phase), view.is_killed ? " killed" : "");
    return words_end(&stage->words);
}

/* last HX */
static bool see_last(struct stage *stage) {
    uint32_t instrument;
    struct instrument_view view;
    if (!say_known(stage, CAST_INSTRUMENT, &instrument) ||
        !engine_instrument(stage->venue.engine, instrument, &view))
        return words_blame(&stage->words, "an instrument's name");
    see_money(stage, view.last_fen);
    return words_end(&stage->words);
}

/* session NAME */
static bool see_session(struct stage *stage) {
    uint32_t session;
    struct session_view view;
    if (!say_known(stage, CAST_SESSION, &session) ||
        !engine_session(stage->venue.engine, session, &view))
        return words_blame(&stage->words, "a session's name");
    see(stage, "%s%s; orders %u", view.is_up ? "up" : "down", view.is_killed ? " killed" : "",
        view.orders);
    return words_end(&stage->words);
}

/* key NAME */
static bool see_key(struct stage *stage) {
    uint32_t key;
    struct key_view view;
    if (!say_known(stage, CAST_KEY, &key) || !engine_key(stage->venue.engine, key, &view))
        return words_blame(&stage->words, "a key's name");
    const char *name = cast_name_of(&stage->cast, CAST_PARTICIPANT, view.participant);
    see(stage, "of %s%s", name != NULL ? name : "somebody", view.is_revoked ? "; revoked" : "");
    return words_end(&stage->words);
}

/* right NUMBER: its owners, and what is true of it */
static bool see_right(struct stage *stage) {
    static const char *const words[] = {"granted", "fee-unpaid", "suspended", "invalidated",
                                        "lapsed",  "disputed",   "same-day"};
    uint32_t right;
    struct right_view view;
    if (!say_known(stage, CAST_RIGHT, &right) || !engine_right(stage->venue.engine, right, &view))
        return words_blame(&stage->words, "a right's number");
    for (uint32_t i = 0; i < view.owners_count; i++) {
        const char *name = cast_name_of(&stage->cast, CAST_PARTY, view.owners[i].party);
        see(stage, "%s%s ", i > 0 ? " " : "", name != NULL ? name : "somebody");
        see_units(stage, view.owners[i].ppm);
    }
    for (uint32_t bit = 0; bit < sizeof words / sizeof *words; bit++)
        if ((view.status >> bit & 1) != 0)
            see(stage, "%s%s", (view.status & ((1u << bit) - 1)) == 0 ? "; " : " ", words[bit]);
    return words_end(&stage->words);
}

/* market */
static bool see_market(struct stage *stage) {
    struct market_view view;
    char date[48];
    engine_market(stage->venue.engine, &view);
    words_write_date(date, view.date);
    see(stage, "%s %s%s%s", view.is_open ? "open" : "closed", date, view.is_killed ? " killed" : "",
        view.is_halted ? " halted" : "");
    return words_end(&stage->words);
}

/* trades: how many there were; pool NAME: used of limit */
static bool see_trades(struct stage *stage) {
    struct market_view view;
    engine_market(stage->venue.engine, &view);
    see_units(stage, view.trades);
    return words_end(&stage->words);
}

static bool see_pool(struct stage *stage) {
    uint32_t pool;
    if (!words_one_of(&stage->words, stage_pools, POOLS_END, &pool))
        return false;
    see_units(stage, engine_count(stage->venue.engine, (enum pool)pool));
    see(stage, " of ");
    see_units(stage, engine_limit(stage->venue.engine, (enum pool)pool));
    return words_end(&stage->words);
}

bool say_check(struct stage *stage, bool *is_one) {
    static const struct {
        const char *word;
        bool (*look)(struct stage *);
    } checks[] = {
        {"book", see_book},         {"queue", see_queue},
        {"cash", see_cash},         {"shares", see_shares},
        {"order", see_order},       {"orders", see_orders},
        {"phase", see_phase},       {"last", see_last},
        {"key", see_key},           {"market", see_market},
        {"trades", see_trades},     {"pool", see_pool},
        {"right", see_right},       {"mandate", say_see_mandate},
        {"freeze", say_see_freeze}, {"entries", say_see_entries},
        {"pledge", say_see_pledge}, {"listing", say_see_listing},
        {"escrow", say_see_escrow}, {"transfer", say_see_transfer},
    };
    struct words *words = &stage->words;
    if (words->count == 2 && words_take(words, "session")) {
        *is_one = stage->is_check = true;
        return see_session(stage);
    }
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (words_take(words, checks[i].word)) {
            *is_one = stage->is_check = true;
            return checks[i].look(stage);
        }
    }
    *is_one = false;
    return true;
}
