/* Orders are found by the request's number: a session's numbers go up, old ones are long gone. */
#include "bench/demo_player.h"

#include <string.h>

/* How long a Logoff may go without an answer. */
#define LEAVE_MS 1000

/* --- the market ----------------------------------------------------------------------------------
 */

#define TARGET_MOVES 400 /* mean moves between two targets */
#define WALK_FIFTH   5

void demo_market_init(struct demo_market *market, uint64_t seed) {
    *market = (struct demo_market){.random = {seed}};
    for (int i = 0; i < DEMO_INSTRUMENTS; i++) {
        market->fair_fen[i] = DEMO_INSTRUMENT[i].reference_fen;
        market->target_fen[i] = DEMO_INSTRUMENT[i].reference_fen;
    }
}

void demo_market_move(struct demo_market *market) {
    for (int i = 0; i < DEMO_INSTRUMENTS; i++) {
        const struct demo_instrument *instrument = &DEMO_INSTRUMENT[i];
        uint32_t reach = (uint32_t)(instrument->reference_fen / WALK_FIFTH / instrument->tick_fen);
        if (random_once_in(&market->random, TARGET_MOVES))
            market->target_fen[i] =
                instrument->reference_fen +
                ((int64_t)random_below(&market->random, 2 * reach + 1) - reach) *
                    instrument->tick_fen;
        /* Two steps of five towards the target, one away from it, two none. */
        uint32_t draw = random_below(&market->random, 5);
        int64_t towards = market->fair_fen[i] < market->target_fen[i] ? instrument->tick_fen
                                                                      : -instrument->tick_fen;
        if (draw < 3)
            market->fair_fen[i] += draw < 2 ? towards : -towards;
    }
}

/* --- sending -------------------------------------------------------------------------------------
 */

static struct demo_order *order_at(struct demo_player *player, uint64_t number) {
    return &player->orders[number % DEMO_ORDERS];
}

/* The order if it rests, NULL when it is on its way or gone. */
static struct demo_order *resting(struct demo_player *player, uint64_t number) {
    struct demo_order *order = order_at(player, number);
    return number != 0 && order->number == number && order->leaves > 0 ? order : NULL;
}

static bool is_on_its_way(struct demo_player *player, uint64_t number) {
    const struct demo_order *order = order_at(player, number);
    return number != 0 && order->number == number && order->leaves == 0;
}

static uint64_t send_command(struct demo_player *player, const struct command *command,
                             int64_t due_ns) {
    uint64_t number = client_add(player->client, command, NULL);
    if (number != 0)
        player->due_ns[number % DEMO_ORDERS] = due_ns;
    return number;
}

static uint64_t enter(struct demo_player *player, const struct new_order *order, int64_t due_ns) {
    struct command command = {.verb = VERB_NEW_ORDER, .new_order = *order};
    command.new_order.account = player->account;
    uint64_t number = send_command(player, &command, due_ns);
    if (number != 0)
        *order_at(player, number) =
            (struct demo_order){.number = number, .price_fen = order->price_fen};
    return number;
}

static bool cancel(struct demo_player *player, uint64_t number, int64_t due_ns) {
    struct command command = {.verb = VERB_CANCEL,
                              .cancel = {order_id_of(player->session, number)}};
    return send_command(player, &command, due_ns) != 0;
}

static uint32_t lots(struct demo_player *player, uint32_t low, uint32_t high) {
    return random_between(&player->random, low, high) * 100;
}

/* --- makers --------------------------------------------------------------------------------------
 */

#define REFRESH_ONCE_IN 3 /* quotes at the right price: how often they are left for the next */

static int64_t quote_price(const struct demo_player *player, uint32_t instrument, uint32_t side,
                           uint32_t level) {
    int64_t away = (1 + 2 * (int64_t)level) * DEMO_INSTRUMENT[instrument].tick_fen;
    return player->market->fair_fen[instrument] + (side == 0 ? -away : away);
}

static bool renew_quote(struct demo_player *player, const struct demo_order *order, int64_t price,
                        int64_t due_ns) {
    struct command command = {.verb = VERB_REPLACE,
                              .replace = {.order_id = order_id_of(player->session, order->number),
                                          .price_fen = price,
                                          .order_qty = order->cum + lots(player, 5, 40)}};
    return send_command(player, &command, due_ns) != 0;
}

static bool act_as_maker(struct demo_player *player, int64_t due_ns) {
    for (uint32_t tries = 0; tries < 2 * DEMO_INSTRUMENTS * DEMO_LEVELS; tries++) {
        uint32_t turn = player->turn++;
        uint32_t instrument = turn % DEMO_INSTRUMENTS;
        uint32_t side = turn / DEMO_INSTRUMENTS % 2;
        uint32_t level = turn / DEMO_INSTRUMENTS / 2 % DEMO_LEVELS;
        uint64_t *quote = &player->quotes[instrument][side][level];
        const struct demo_order *order = resting(player, *quote);
        int64_t price = quote_price(player, instrument, side, level);
        if (is_on_its_way(player, *quote))
            continue;
        if (order == NULL) {
            struct new_order new_order = {.instrument = instrument + 1,
                                          .price_fen = price,
                                          .order_qty = lots(player, 5, 40),
                                          .side = side == 0 ? SIDE_BUY : SIDE_SELL,
                                          .ord_type = ORD_TYPE_LIMIT,
                                          .time_in_force = TIME_IN_FORCE_DAY};
            *quote = enter(player, &new_order, due_ns);
            return *quote != 0;
        }
        if (order->price_fen == price && !random_once_in(&player->random, REFRESH_ONCE_IN))
            continue;
        return renew_quote(player, order, price, due_ns);
    }
    return true; /* all is quoted as it should be */
}

/* --- takers --------------------------------------------------------------------------------------
 */

/* Shares of a hundred actions. */
#define SHARE_ERR     3
#define SHARE_MARKET  12
#define SHARE_IOC     40
#define SHARE_CANCEL  20
#define PRICE_REACH   6 /* ticks through the fair price for an order that is to trade */
#define PASSIVE_REACH 9 /* ticks away from it for one that is to rest */

/* What goes wrong in the best of houses. */
static bool err(struct demo_player *player, int64_t due_ns) {
    uint32_t instrument = random_below(&player->random, DEMO_INSTRUMENTS);
    const struct demo_instrument *what = &DEMO_INSTRUMENT[instrument];
    struct new_order order = {.instrument = instrument + 1,
                              .price_fen = player->market->fair_fen[instrument],
                              .order_qty = lots(player, 1, 10),
                              .side = SIDE_BUY,
                              .ord_type = ORD_TYPE_LIMIT,
                              .time_in_force = TIME_IN_FORCE_DAY};
    switch (random_below(&player->random, 6)) {
    case 0:
        order.order_qty = random_between(&player->random, 1, 99); /* LOT_SIZE */
        break;
    case 1:
        order.price_fen = demo_band_high(what) + what->tick_fen; /* OUT_OF_BAND */
        break;
    case 2:
        order.instrument = DEMO_INSTRUMENTS + 1; /* UNKNOWN_INSTRUMENT */
        break;
    case 3:
        order.side = SIDE_SELL; /* INSUFFICIENT_POSITION */
        order.order_qty = 1000000;
        break;
    case 4:
        order.order_qty = 2000000; /* MAX_QUANTITY */
        break;
    default:
        order.instrument = 3; /* INSUFFICIENT_CASH */
        order.price_fen = DEMO_INSTRUMENT[2].reference_fen;
        order.order_qty = 1000000;
        break;
    }
    return enter(player, &order, due_ns) != 0;
}

static bool cancel_passive(struct demo_player *player, int64_t due_ns) {
    for (uint32_t i = 0; i < DEMO_PASSIVE; i++) {
        uint64_t *passive = &player->passive[(player->passive_next + i) % DEMO_PASSIVE];
        const struct demo_order *order = resting(player, *passive);
        if (order == NULL)
            continue;
        *passive = 0;
        return cancel(player, order->number, due_ns);
    }
    return true; /* nothing rests */
}

static bool act_as_taker(struct demo_player *player, int64_t due_ns) {
    uint32_t draw = random_below(&player->random, 100);
    uint32_t instrument = random_below(&player->random, DEMO_INSTRUMENTS);
    bool is_buy = random_once_in(&player->random, 2);
    int64_t tick = DEMO_INSTRUMENT[instrument].tick_fen;
    int64_t ahead = is_buy ? tick : -tick; /* a tick towards the other side */
    int64_t fair = player->market->fair_fen[instrument];
    struct new_order order = {.instrument = instrument + 1,
                              .order_qty = lots(player, 1, 12),
                              .side = is_buy ? SIDE_BUY : SIDE_SELL,
                              .ord_type = ORD_TYPE_LIMIT,
                              .time_in_force = TIME_IN_FORCE_IOC};
    if (draw < SHARE_ERR)
        return err(player, due_ns);
    if (draw < SHARE_ERR + SHARE_MARKET) {
        order.ord_type = ORD_TYPE_MARKET;
        return enter(player, &order, due_ns) != 0;
    }
    order.price_fen = fair + ahead * random_between(&player->random, 1, PRICE_REACH);
    if (draw < SHARE_ERR + SHARE_MARKET + SHARE_IOC)
        return enter(player, &order, due_ns) != 0;
    uint64_t *place = &player->passive[player->passive_next % DEMO_PASSIVE];
    if (draw < SHARE_ERR + SHARE_MARKET + SHARE_IOC + SHARE_CANCEL ||
        resting(player, *place) != NULL)
        return cancel_passive(player, due_ns);
    order.price_fen = fair - ahead * random_between(&player->random, 2, PASSIVE_REACH);
    order.time_in_force = TIME_IN_FORCE_DAY;
    *place = enter(player, &order, due_ns);
    player->passive_next++;
    return *place != 0;
}

bool demo_player_act(struct demo_player *player, int64_t due_ns) {
    return player->broker->style == DEMO_MAKER ? act_as_maker(player, due_ns)
                                               : act_as_taker(player, due_ns);
}

/* --- answers -------------------------------------------------------------------------------------
 */

static void count_answer(struct demo_player *player, uint64_t number, int64_t now_ns) {
    int64_t *due_ns = &player->due_ns[number % DEMO_ORDERS];
    if (number == 0 || *due_ns == 0)
        return; /* a further report of an answer, or nobody's */
    int64_t took_us = (now_ns - *due_ns) / 1000;
    histogram_add(&player->counts->latency_us, took_us > 0 ? (uint64_t)took_us : 0);
    player->counts->answered++;
    *due_ns = 0;
}

static void count_refused(struct demo_player *player, uint32_t reason) {
    player->counts->refused++;
    player->counts->reasons[reason < DEMO_REASONS_MAX ? reason : 0]++;
}

static void take_trade(struct demo_player *player, const struct execution *execution) {
    struct demo_counts *counts = player->counts;
    if (execution->is_maker)
        return; /* counted on the other side */
    counts->trades++;
    counts->volume += execution->last_qty;
    counts->turnover_fen += execution->last_px_fen * (int64_t)execution->last_qty;
    player->market->last_fen[execution->instrument - 1] = execution->last_px_fen;
}

static void follow_order(struct demo_player *player, const struct execution *execution) {
    uint64_t number = order_id_number(execution->order_id);
    struct demo_order *order = order_at(player, number);
    if (order->number != number)
        return;
    order->cum = (uint32_t)execution->cum_qty;
    order->leaves = (uint32_t)execution->leaves_qty;
    if (execution->exec_type == EXEC_TYPE_REPLACED)
        order->price_fen = execution->price_fen;
    if (order->leaves == 0)
        *order = (struct demo_order){0};
}

static void take_execution(struct demo_player *player, const struct execution *execution) {
    struct demo_counts *counts = player->counts;
    switch (execution->exec_type) {
    case EXEC_TYPE_REJECTED:
        count_refused(player, execution->reason);
        if (order_at(player, execution->cl_ord_id)->number == execution->cl_ord_id)
            *order_at(player, execution->cl_ord_id) = (struct demo_order){0};
        return;
    case EXEC_TYPE_NEW:
        counts->entered++;
        break;
    case EXEC_TYPE_REPLACED:
        counts->replaced++;
        break;
    case EXEC_TYPE_CANCELED:
        counts->canceled += execution->reason == REASON_NONE;
        break;
    case EXEC_TYPE_TRADE:
        take_trade(player, execution);
        break;
    default:
        break;
    }
    follow_order(player, execution);
}

void demo_player_take(struct demo_player *player, int64_t now_ns) {
    struct client_item item;
    for (;;) {
        client_poll(player->client, 0, &item);
        switch (item.kind) {
        case CLIENT_NOTHING:
            return;
        case CLIENT_REPORT:
            count_answer(player, report_answers(&item.report), now_ns);
            if (item.report.body == REPORT_EXECUTION)
                take_execution(player, &item.report.execution);
            break;
        case CLIENT_REFUSED:
            count_answer(player, item.refused.number, now_ns);
            count_refused(player, item.refused.reason);
            break;
        case CLIENT_LIVE:
            break;
        case CLIENT_LOST:
        case CLIENT_LOGGED_OFF:
        case CLIENT_KEY_REFUSED:
        case CLIENT_BAD_SERVER:
            demo_die("%s has lost its session", player->broker->name);
        }
    }
}

void demo_player_leave(struct demo_player *player) {
    struct client_item item;
    client_logoff(player->client);
    do
        client_poll(player->client, LEAVE_MS, &item);
    while (item.kind == CLIENT_REPORT || item.kind == CLIENT_REFUSED);
    client_close(player->client);
}
