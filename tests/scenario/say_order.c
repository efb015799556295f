/* Orders, replaces, cancels, mass cancels. */
#include <stdio.h>
#include <string.h>

#include "tests/scenario/say.h"

bool say_known(struct stage *stage, enum cast_kind kind, uint32_t *id) {
    static const char *const words[CAST_KINDS] = {
        "a participant's name", "a session's name",     "an account's name", "a key's name",
        "an order's name",      "an instrument's name", "a proposal's name"};
    uint64_t found;
    if (!cast_find(&stage->cast, kind, words_peek(&stage->words), &found))
        return words_blame(&stage->words, words[kind]);
    words_next(&stage->words);
    *id = (uint32_t)found;
    return true;
}

uint32_t say_any(struct stage *stage, enum cast_kind kind) {
    uint64_t found;
    const char *name = words_next(&stage->words);
    return cast_find(&stage->cast, kind, name, &found) ? (uint32_t)found : STAGE_NOBODY;
}

bool say_as(struct stage *stage, struct actor *actor) {
    struct words *words = &stage->words;
    if (words_take(words, "on"))
        actor->session = say_any(stage, CAST_SESSION);
    else if (words_take(words, "with"))
        actor->key = say_any(stage, CAST_KEY);
    else if (words_take(words, "from"))
        actor->account = say_any(stage, CAST_ACCOUNT);
    else
        return false;
    return true;
}

/* One more thing about a new order. */
static bool say_order_detail(struct stage *stage, struct new_order *order) {
    struct words *words = &stage->words;
    if (words_take(words, "day")) {
        order->time_in_force = TIME_IN_FORCE_DAY;
    } else if (words_take(words, "gtc")) {
        order->time_in_force = TIME_IN_FORCE_GTC;
    } else if (words_take(words, "ioc")) {
        order->time_in_force = TIME_IN_FORCE_IOC;
    } else if (words_take(words, "fok")) {
        order->time_in_force = TIME_IN_FORCE_FOK;
    } else if (words_take(words, "gtd")) {
        order->time_in_force = TIME_IN_FORCE_GTD;
        return words_date(words, &order->good_till);
    } else if (words_take(words, "post-only")) {
        order->is_post_only = true;
    } else if (words_take(words, "min")) {
        return words_units(words, &order->min_qty);
    } else if (words_take(words, "for")) {
        return words_date(words, &order->trading_day);
    } else {
        return words_blame(words,
                           "day, gtc, gtd DATE, ioc, fok, post-only, min N, for DATE, as NAME, "
                           "from ACCOUNT, on SESSION or with KEY");
    }
    return true;
}

static bool say_price(struct stage *stage, struct new_order *order) {
    struct words *words = &stage->words;
    order->ord_type = ORD_TYPE_LIMIT;
    order->time_in_force = TIME_IN_FORCE_DAY;
    if (!words_expect(words, "at"))
        return false;
    if (!words_take(words, "market"))
        return words_money(words, &order->price_fen);
    order->ord_type = ORD_TYPE_MARKET;
    order->time_in_force = TIME_IN_FORCE_IOC;
    return !words_take(words, "protected") || words_money(words, &order->price_fen);
}

/* The name that a scenario's later lines know the order by: given, or ann#1, ann#2, ... */
static bool name_order(struct stage *stage, const char *label, const struct actor *actor,
                       uint64_t id) {
    char name[CAST_NAME_BYTES * 2];
    if (*label != '\0') {
        return cast_bind(&stage->cast, CAST_ORDER, label, id) ||
               words_blame(&stage->words, "a name that is not taken");
    }
    for (uint32_t number = 1; stage->repeats == 1; number++) {
        snprintf(name, sizeof name, "%s#%u", actor->name, number);
        if (cast_bind(&stage->cast, CAST_ORDER, name, id))
            break;
    }
    return true;
}

static bool say_new_order(struct stage *stage, struct actor *actor, uint8_t side) {
    struct words *words = &stage->words;
    struct command command = {.verb = VERB_NEW_ORDER, .new_order = {.side = side}};
    struct new_order *order = &command.new_order;
    const char *label = "";
    if (!words_units(words, &order->order_qty))
        return false;
    order->instrument = say_any(stage, CAST_INSTRUMENT);
    if (!say_price(stage, order))
        return false;
    while (words->at < words->count)
        if (words_take(words, "as"))
            label = words_next(words);
        else if (!say_as(stage, actor) && !say_order_detail(stage, order))
            return false;
    order->account = actor->account;
    for (uint32_t i = 0; i < stage->repeats; i++)
        stage->own_order = order_id_of(actor->session, stage_send(stage, actor, &command));
    return name_order(stage, label, actor, stage->own_order);
}

/* An order's name; or "order 77": that number in the sender's session, sent or not. */
static bool say_order_id(struct stage *stage, const struct actor *actor, uint64_t *id) {
    uint64_t number;
    if (words_take(&stage->words, "order")) {
        bool is_number = words_units(&stage->words, &number);
        *id = is_number ? order_id_of(actor->session, number) : 0;
        return is_number;
    }
    if (!cast_find(&stage->cast, CAST_ORDER, words_peek(&stage->words), id))
        return words_blame(&stage->words, "an order's name");
    words_next(&stage->words);
    return true;
}

/* What may follow a replace, a cancel, an act. */
static bool say_rest(struct stage *stage, struct actor *actor) {
    while (stage->words.at < stage->words.count)
        if (!say_as(stage, actor))
            return words_end(&stage->words);
    return true;
}

static bool say_replace(struct stage *stage, struct actor *actor) {
    struct command command = {.verb = VERB_REPLACE};
    struct replace *replace = &command.replace;
    struct words *words = &stage->words;
    if (!say_order_id(stage, actor, &replace->order_id) || !words_expect(words, "to") ||
        !words_units(words, &replace->order_qty) || !words_expect(words, "at") ||
        !words_money(words, &replace->price_fen) || !say_rest(stage, actor))
        return false;
    stage->own_order = replace->order_id;
    stage_send(stage, actor, &command);
    return true;
}

static bool say_mass_cancel(struct stage *stage, struct actor *actor) {
    struct command command = {.verb = VERB_MASS_CANCEL};
    struct mass_cancel *filter = &command.mass_cancel;
    struct words *words = &stage->words;
    while (words->at < words->count) {
        if (words_take(words, "buys")) {
            filter->side = SIDE_BUY;
        } else if (words_take(words, "sells")) {
            filter->side = SIDE_SELL;
        } else if (words_take(words, "in")) {
            filter->instrument = say_any(stage, CAST_INSTRUMENT);
        } else if (words_take(words, "of account")) {
            filter->account = say_any(stage, CAST_ACCOUNT);
        } else if (words_take(words, "of session")) {
            filter->session = say_any(stage, CAST_SESSION);
        } else if (words_take(words, "of participant")) {
            filter->participant = say_any(stage, CAST_PARTICIPANT);
        } else if (!say_as(stage, actor)) {
            return words_blame(words,
                               "buys, sells, in HX, of account, session or participant NAME");
        }
    }
    stage_send(stage, actor, &command);
    return true;
}

static bool say_cancel(struct stage *stage, struct actor *actor) {
    if (words_take(&stage->words, "all"))
        return say_mass_cancel(stage, actor);
    struct command command = {.verb = VERB_CANCEL};
    if (!say_order_id(stage, actor, &command.cancel.order_id) || !say_rest(stage, actor))
        return false;
    stage->own_order = command.cancel.order_id;
    stage_send(stage, actor, &command);
    return true;
}

bool say_order(struct stage *stage, struct actor *actor, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = true;
    if (words_take(words, "buys"))
        return say_new_order(stage, actor, SIDE_BUY);
    if (words_take(words, "sells"))
        return say_new_order(stage, actor, SIDE_SELL);
    if (words_take(words, "replaces"))
        return say_replace(stage, actor);
    if (words_take(words, "cancels"))
        return say_cancel(stage, actor);
    *is_one = false;
    return true;
}
