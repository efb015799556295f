#include "tests/golden/golden_day.h"

#include <string.h>

#include "engine/view.h"

#define HX          1 /* instruments of golden_market */
#define HY          2
#define GRACE_MS    2000
#define SECOND_NS   INT64_C(1000000000)
#define DAY_NS      (INT64_C(86400) * SECOND_NS)
#define FIRST_DAY   UINT32_C(20261124) /* that the maker has opened */
#define NEXT_DAY    UINT32_C(20261125)
#define LAST_DAY    UINT32_C(20261126)
#define LADDER      40  /* orders that one takes */
#define SWEPT       500 /* fills of one command: its events need two records */
#define PRICE_FEN   1000
#define REFUSED_KEY 77
#define NUMBER_MAX  UINT64_C(4294967295)

const struct maker_market golden_market = {
    .participants = 3, .accounts = 5, .instruments = 2, .is_funded = true};

/* --- requests --------------------------------------------------------------------------------- */

static struct maker_sender broker(const struct maker *maker, uint32_t number) {
    return (struct maker_sender){maker->first_session + number, maker->first_key + number};
}

static struct new_order limit(uint8_t side, int64_t price_fen, uint64_t quantity) {
    return (struct new_order){.account = 1,
                              .instrument = HX,
                              .price_fen = price_fen,
                              .order_qty = quantity,
                              .side = side,
                              .ord_type = ORD_TYPE_LIMIT,
                              .time_in_force = TIME_IN_FORCE_DAY};
}

/* Broker `number`'s own account bears the same number plus one. Returns the order's id. */
static uint64_t enter(struct maker *maker, uint32_t number, struct new_order order) {
    struct command command = {.verb = VERB_NEW_ORDER, .new_order = order};
    command.new_order.account = number + 1;
    maker_request(maker, broker(maker, number), &command, NULL);
    return order_id_of(command.stamp.session, command.stamp.number);
}

static void replace(struct maker *maker, uint32_t number, uint64_t order_id, int64_t price_fen,
                    uint64_t quantity) {
    struct command command = {.verb = VERB_REPLACE, .replace = {order_id, price_fen, quantity}};
    maker_request(maker, broker(maker, number), &command, NULL);
}

static void cancel(struct maker *maker, uint32_t number, uint64_t order_id) {
    struct command command = {.verb = VERB_CANCEL, .cancel = {order_id}};
    maker_request(maker, broker(maker, number), &command, NULL);
}

static void mass_cancel(struct maker *maker, uint32_t number, struct mass_cancel filter) {
    struct command command = {.verb = VERB_MASS_CANCEL, .mass_cancel = filter};
    maker_request(maker, broker(maker, number), &command, NULL);
}

/* One operator's act; and one of both. */
static void act(struct maker *maker, struct act act) {
    maker_act(maker, &act, NULL);
}

static void act_of_two(struct maker *maker, struct act act) {
    maker_act_of_two(maker, &act);
}

static void own(struct maker *maker, struct command command) {
    maker_own(maker, &command);
}

static void wait(struct maker *maker, int64_t ns) {
    maker->time_ns += ns;
}

/* --- orders ----------------------------------------------------------------------------------- */

static void trade_limits(struct maker *maker) {
    uint64_t first = enter(maker, 0, limit(SIDE_SELL, PRICE_FEN, 300));
    uint64_t second = enter(maker, 0, limit(SIDE_SELL, PRICE_FEN, 200));
    enter(maker, 1, limit(SIDE_BUY, PRICE_FEN, 350));
    replace(maker, 0, second, PRICE_FEN, 120);
    replace(maker, 0, second, PRICE_FEN + 1, 400);
    replace(maker, 0, first, PRICE_FEN, 500);
    enter(maker, 0, limit(SIDE_BUY, PRICE_FEN + 1, 50)); /* with oneself */
    cancel(maker, 0, second);
    cancel(maker, 0, second);
    struct new_order named = limit(SIDE_BUY, PRICE_FEN - 50, 10);
    static const char text[] = "\xE6\x8A\x80\xE6\x9C\xAF 7";
    named.text_bytes = sizeof text - 1;
    memcpy(named.text, text, sizeof text - 1);
    enter(maker, 2, named);
}

static void trade_other_types(struct maker *maker) {
    struct new_order order = limit(SIDE_SELL, PRICE_FEN + 5, 100);
    enter(maker, 0, order);
    order.side = SIDE_BUY;
    order.order_qty = 150;
    order.time_in_force = TIME_IN_FORCE_IOC;
    enter(maker, 1, order);
    order.time_in_force = TIME_IN_FORCE_FOK;
    enter(maker, 1, order);
    enter(maker, 0, limit(SIDE_SELL, PRICE_FEN + 5, 150));
    enter(maker, 1, order);
    order.time_in_force = TIME_IN_FORCE_DAY;
    order.min_qty = 100;
    enter(maker, 1, order);
    order.min_qty = 0;
    order.is_post_only = true;
    enter(maker, 1, order);
    enter(maker, 2, limit(SIDE_SELL, PRICE_FEN + 9, 20));
    order.price_fen = PRICE_FEN + 9;
    enter(maker, 1, order);
    struct new_order market = {.instrument = HX,
                               .order_qty = 15,
                               .side = SIDE_BUY,
                               .ord_type = ORD_TYPE_MARKET,
                               .time_in_force = TIME_IN_FORCE_IOC};
    enter(maker, 1, market);
    market.price_fen = PRICE_FEN + 8;
    enter(maker, 1, market);
    struct new_order good = limit(SIDE_BUY, PRICE_FEN - 100, 30);
    good.time_in_force = TIME_IN_FORCE_GTC;
    enter(maker, 0, good);
    good.time_in_force = TIME_IN_FORCE_GTD;
    good.good_till = NEXT_DAY;
    enter(maker, 0, good);
}

static void be_refused(struct maker *maker) {
    struct new_order order = limit(SIDE_BUY, PRICE_FEN, 100);
    order.instrument = 9;
    enter(maker, 0, order);
    order = limit(SIDE_BUY, PRICE_FEN, NUMBER_MAX + 1);
    enter(maker, 0, order);
    order = limit(SIDE_BUY, INT64_C(1) << 40, 100);
    enter(maker, 0, order);
    order = limit(SIDE_BUY, 0, 100);
    enter(maker, 0, order);
    order = limit(SIDE_BUY, PRICE_FEN, 100);
    order.trading_day = LAST_DAY;
    enter(maker, 0, order);
    cancel(maker, 1, UINT64_C(1) << 62);
    struct command stranger = {.verb = VERB_CANCEL, .cancel = {5}};
    struct maker_sender sender = {broker(maker, 0).session, REFUSED_KEY};
    maker_request(maker, sender, &stranger, NULL);
    sender.key = broker(maker, 1).key;
    maker_request(maker, sender, &stranger, NULL);
    struct act none = {.kind = ACT_DAY_CLOSE, .day = {FIRST_DAY}};
    struct command powerless = {.verb = VERB_ACT, .act = none};
    maker_request(maker, broker(maker, 0), &powerless, NULL);
}

static void fill_and_clear(struct maker *maker) {
    for (uint32_t i = 0; i < LADDER; i++)
        enter(maker, i % 3, limit(i % 2 ? SIDE_SELL : SIDE_BUY, PRICE_FEN + (i % 2 ? 20 : -20), 7));
    mass_cancel(maker, 0, (struct mass_cancel){.side = SIDE_BUY});
    mass_cancel(maker, 0, (struct mass_cancel){.account = 1});
    mass_cancel(maker, 1, (struct mass_cancel){.instrument = HX, .side = SIDE_SELL});
    mass_cancel(maker, 2, (struct mass_cancel){0});
    struct command command = {.verb = VERB_MASS_CANCEL, .mass_cancel = {.participant = 2}};
    maker_request(maker, (struct maker_sender){1, 1}, &command, NULL);
}

/* Some hundreds of orders, and one that takes them all. */
static void sweep(struct maker *maker) {
    struct new_order order = limit(SIDE_SELL, PRICE_FEN + 30, 1);
    order.instrument = HY;
    for (uint32_t i = 0; i < SWEPT; i++)
        enter(maker, 0, order);
    order = limit(SIDE_BUY, PRICE_FEN + 30, SWEPT + 5);
    order.instrument = HY;
    enter(maker, 1, order);
}

/* --- administration --------------------------------------------------------------------------- */

static void add_parties(struct maker *maker) {
    static const uint32_t roles[] = {ROLE_BANK, ROLE_SETTLEMENT_BANK, ROLE_REGULATOR};
    for (uint32_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        struct act add = {.kind = ACT_ADD_PARTICIPANT,
                          .add_participant = {.roles = roles[i], .code_bytes = 4}};
        memcpy(add.add_participant.code, "0090", 4);
        add.add_participant.code[3] = (char)('1' + i);
        add.add_participant.name_bytes = 5;
        maker_act(maker, &add, "party");
        uint32_t participant = (uint32_t)maker->done;
        struct act key = {.kind = ACT_ADD_KEY,
                          .add_key = {.participant = participant, .person = 900 + i}};
        key.add_key.key[0] = (uint8_t)(200 + i);
        if (roles[i] == ROLE_REGULATOR)
            act_of_two(maker, key);
        else
            act(maker, key);
    }
    act(maker, (struct act){.kind = ACT_DEPOSIT, .deposit = {.account = 1, .amount = -500}});
    act(maker, (struct act){.kind = ACT_DEPOSIT,
                            .deposit = {.account = 2, .instrument = HY, .amount = 90}});
    act(maker, (struct act){.kind = ACT_DEPOSIT, .deposit = {.account = 99, .amount = 1}});
    act(maker, (struct act){.kind = ACT_ADD_ACCOUNT, .add_account = {2, 4711}});
}

static void add_instrument(struct maker *maker) {
    struct act add = {.kind = ACT_ADD_INSTRUMENT,
                      .add_instrument = {.symbol_bytes = 2,
                                         .symbol = "HZ",
                                         .tick_fen = 5,
                                         .lot_min = 100,
                                         .lot_step = 10,
                                         .qty_max = 100000,
                                         .band_low_fen = 500,
                                         .band_high_fen = 1500,
                                         .reference_fen = 1000}};
    act(maker, add);
    uint32_t instrument = (uint32_t)maker->done;
    struct new_order order = limit(SIDE_BUY, 1003, 100);
    order.instrument = instrument;
    enter(maker, 0, order); /* off the tick */
    order.price_fen = 1505;
    enter(maker, 0, order); /* out of band */
    order.price_fen = 600;
    enter(maker, 0, order);
    act(maker, (struct act){.kind = ACT_HALT, .halt = {instrument, true}});
    enter(maker, 0, order);
    struct set_band band = {instrument, 700, 1300};
    act_of_two(maker, (struct act){.kind = ACT_SET_BAND, .set_band = band});
    act_of_two(maker, (struct act){.kind = ACT_HALT, .halt = {instrument, false}});
    act_of_two(maker, (struct act){.kind = ACT_HALT, .halt = {instrument, false}});
}

static void kill_and_revive(struct maker *maker) {
    struct kill whom[] = {
        {.participant = 3}, {.session = maker->first_session}, {.account = 2}, {.instrument = HY}};
    for (size_t i = 0; i < sizeof whom / sizeof whom[0]; i++) {
        enter(maker, 0, limit(SIDE_BUY, PRICE_FEN - 30, 10));
        enter(maker, 1, limit(SIDE_BUY, PRICE_FEN - 31, 10));
        act(maker, (struct act){.kind = ACT_KILL, .kill = whom[i]});
        enter(maker, 0, limit(SIDE_BUY, PRICE_FEN - 30, 10));
        enter(maker, 1, limit(SIDE_BUY, PRICE_FEN - 31, 10));
        act_of_two(maker, (struct act){.kind = ACT_UNKILL, .kill = whom[i]});
    }
}

static void change_keys(struct maker *maker) {
    struct act add = {.kind = ACT_ADD_KEY, .add_key = {.participant = 2, .person = 555}};
    add.add_key.key[0] = 0x55;
    act(maker, add);
    uint32_t key = (uint32_t)maker->done;
    struct command command = {.verb = VERB_NEW_ORDER,
                              .new_order = limit(SIDE_BUY, PRICE_FEN - 40, 10)};
    struct maker_sender sender = {maker->first_session, key};
    maker_request(maker, sender, &command, NULL);
    act(maker, (struct act){.kind = ACT_REVOKE_KEY,
                            .revoke_key = {key, true, maker->time_ns - SECOND_NS}});
    maker_request(maker, sender, &command, NULL);
    add.add_key.key[0] = 0x56;
    act(maker, add);
    act(maker, (struct act){.kind = ACT_REVOKE_KEY, .revoke_key = {.key = (uint32_t)maker->done}});
    uint8_t key_size = (uint8_t)signing_key_bytes(hasher_profile(maker->hasher));
    struct act checkpoint = {.kind = ACT_CHECKPOINT_KEY,
                             .checkpoint_key = {.key = {key_size, {0x57}}}};
    act_of_two(maker, checkpoint);
    act_of_two(maker, checkpoint);
    checkpoint.checkpoint_key.is_revoked = true;
    act_of_two(maker, checkpoint);
}

static void manage_exchange(struct maker *maker) {
    struct raise_limit raise = {POOL_PROPOSALS, 100};
    act_of_two(maker, (struct act){.kind = ACT_RAISE_LIMIT, .raise_limit = raise});
    act_of_two(maker, (struct act){.kind = ACT_ACTIVATE, .activate = {1}});
    act_of_two(maker, (struct act){.kind = ACT_RESOLVE, .resolve = {.sequence = 9}});
    act_of_two(maker, (struct act){.kind = ACT_REOPEN});
    act_of_two(maker, (struct act){.kind = ACT_CONFIRM_TIME,
                                   .confirm_time = {maker->time_ns + SECOND_NS}});
    act(maker,
        (struct act){.kind = ACT_SESSION_RESET, .session_reset = {maker->first_session + 1}});
    struct command alone = {.verb = VERB_APPROVE, .approve = {3}};
    maker_request(maker, (struct maker_sender){1, 2}, &alone, NULL);
}

/* --- connections, stops, days ----------------------------------------------------------------- */

static void disconnect(struct maker *maker) {
    struct act add = {.kind = ACT_ADD_SESSION,
                      .add_session = {.participant = 2, .cancels_on_disconnect = true}};
    uint32_t sessions[2];
    for (int i = 0; i < 2; i++) {
        add.add_session.grace_ms = i == 0 ? GRACE_MS : 0;
        act(maker, add);
        sessions[i] = (uint32_t)maker->done;
        own(maker, (struct command){.verb = VERB_SESSION_UP,
                                    .session_up = {sessions[i], maker->first_key}});
        struct command order = {.verb = VERB_NEW_ORDER,
                                .new_order = limit(SIDE_BUY, PRICE_FEN - 60, 10)};
        struct maker_sender sender = {sessions[i], maker->first_key};
        maker_request(maker, sender, &order, NULL);
        own(maker, (struct command){.verb = VERB_SESSION_DOWN, .session_down = {sessions[i]}});
    }
    wait(maker, GRACE_MS * INT64_C(1000000) + SECOND_NS); /* the Tick comes before the next */
    for (int i = 0; i < 2; i++) { /* up again, with orders, for the outage */
        own(maker, (struct command){.verb = VERB_SESSION_UP,
                                    .session_up = {sessions[i], maker->first_key}});
        struct command order = {.verb = VERB_NEW_ORDER,
                                .new_order = limit(SIDE_BUY, PRICE_FEN - 61, 10)};
        maker_request(maker, (struct maker_sender){sessions[i], maker->first_key}, &order, NULL);
    }
}

static void stop_and_start(struct maker *maker) {
    int64_t from_ns = maker->time_ns;
    wait(maker, 60 * SECOND_NS);
    own(maker, (struct command){.verb = VERB_OUTAGE, .outage = {from_ns, maker->time_ns, 2, 0}});
    enter(maker, 0, limit(SIDE_BUY, PRICE_FEN, 10)); /* halted */
    own(maker, (struct command){.verb = VERB_REOPEN});
    maker_verb(maker, VERB_STOP);
    maker_seal(maker);
    wait(maker, 60 * SECOND_NS);
    own(maker, (struct command){.verb = VERB_START, .start = {3, GRACE_MS}});
    wait(maker, 10 * SECOND_NS);
    from_ns = maker->time_ns;
    own(maker, (struct command){.verb = VERB_OUTAGE,
                                .outage = {from_ns, from_ns + SECOND_NS, 4, GRACE_MS}});
    act_of_two(maker, (struct act){.kind = ACT_REOPEN});
}

static void notice(struct maker *maker) {
    static const uint8_t poison[] = "\x08\x07these bytes stopped the exchange";
    struct command command = {.verb = VERB_QUARANTINED, .quarantined = {poison, sizeof poison - 1}};
    maker_request(maker, broker(maker, 0), &command, NULL);
    own(maker, (struct command){.verb = VERB_REFUSALS,
                                .refusals = {.key = 3,
                                             .reason = REASON_RATE_LIMIT,
                                             .count = 12,
                                             .first_ns = maker->time_ns - SECOND_NS,
                                             .last_ns = maker->time_ns}});
    static const uint8_t steps[] = {DISK_LOW, DISK_CRITICAL, DISK_ENOUGH};
    for (size_t i = 0; i < sizeof steps; i++) {
        own(maker, (struct command){.verb = VERB_DISK, .disk = {steps[i]}});
        enter(maker, 0, limit(SIDE_BUY, PRICE_FEN - 70, 10));
    }
}

static void close_and_open(struct maker *maker, trading_date closes, trading_date opens) {
    act(maker, (struct act){.kind = ACT_DAY_CLOSE, .day = {closes}});
    enter(maker, 0, limit(SIDE_BUY, PRICE_FEN - 70, 10));
    wait(maker, DAY_NS);
    act(maker, (struct act){.kind = ACT_DAY_OPEN, .day = {opens}});
}

static void mark(struct maker *maker) {
    struct hash digest;
    uint64_t sequence = maker_mark(maker, &digest);
    enter(maker, 2, limit(SIDE_SELL, PRICE_FEN + 50, 3));
    maker_digest(maker, sequence, &digest);
}

void golden_day_play(struct maker *maker, void (*as_of)(void *owner, struct maker *maker),
                     void *owner) {
    static void (*const parts[])(struct maker *) = {trade_limits,   trade_other_types,
                                                    be_refused,     fill_and_clear,
                                                    sweep,          add_parties,
                                                    add_instrument, kill_and_revive,
                                                    change_keys,    manage_exchange,
                                                    disconnect,     stop_and_start,
                                                    notice,         mark};
    as_of(owner, maker);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        parts[i](maker);
        maker_seal(maker);
        as_of(owner, maker);
    }
    close_and_open(maker, FIRST_DAY, NEXT_DAY);
    trade_limits(maker);
    close_and_open(maker, NEXT_DAY, LAST_DAY);
    trade_other_types(maker);
    maker_verb(maker, VERB_STOP);
    maker_seal(maker);
    as_of(owner, maker);
}
