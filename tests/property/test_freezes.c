/*
 * Random freezes of shares and cash against a model that only counts: what each holds, waits for
 * and has missed, whoever lets go of what, while the holder trades over two accounts, is locked up,
 * pledges, is released, and gets more. Orders go the newest first, and none without need.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/date.h"
#include "engine/freeze.h"
#include "engine/view.h"
#include "engine/view_freeze.h"
#include "tests/property/seed.h"
#include "tests/scenario/venue.h"
#include "tests/unit/rig.h"

#define STEPS       4000
#define ROUND       250
#define FREEZES_MAX 400u
#define HOLDER      1u /* the party */
#define BANK        2u
#define HX          1u

struct naive_freeze {
    bool is_cash;
    bool is_over;
    uint64_t frozen;
    uint64_t queued;
    uint64_t missed;
    trading_date until;
};

struct world {
    struct random random;
    struct venue venue;
    uint32_t office;   /* session and key of the registrar, who is the authorities' liaison, too */
    uint32_t broker;   /* of both accounts */
    uint32_t other;    /* a broker who trades with them */
    uint32_t account;  /* the holder's first; the second is the next */
    uint32_t stranger; /* the other broker's */
    struct naive_freeze freezes[FREEZES_MAX + 1];
    uint32_t count;
    uint32_t pledges; /* applied for so far */
    uint64_t serial;  /* of the last signature */
};

/* --- the model ---------------------------------------------------------------------------------
 */

static uint64_t units_of(const struct world *world) {
    uint64_t sum = 0;
    for (uint32_t account = world->account; account < world->account + 2; account++) {
        struct holding_view view;
        if (engine_holding_find(world->venue.engine, account, HX, &view))
            sum += view.quantity;
    }
    return sum;
}

static uint64_t cash_of(const struct world *world) {
    struct account_view view;
    assert_true(engine_account(world->venue.engine, world->account, &view));
    return (uint64_t)view.cash_fen;
}

static uint64_t frozen_of(const struct world *world, bool is_cash) {
    uint64_t sum = 0;
    for (uint32_t i = 1; i <= world->count; i++)
        sum += world->freezes[i].is_cash == is_cash ? world->freezes[i].frozen : 0;
    return sum;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static void naive_settle(struct naive_freeze *freeze) {
    if (freeze->frozen + freeze->queued == 0)
        freeze->is_over = true;
}

static enum reason naive_enter(struct world *world, const struct freeze_order *order) {
    bool is_cash = order->asset_kind == 0;
    uint32_t in_force = 0;
    for (uint32_t i = 1; i <= world->count; i++)
        in_force += world->freezes[i].is_cash == is_cash && !world->freezes[i].is_over;
    if (in_force == FREEZES_EACH_MAX)
        return REASON_LIMIT_REACHED;
    uint64_t all = is_cash ? cash_of(world) : units_of(world);
    uint64_t held = frozen_of(world, is_cash);
    uint64_t wanted = (uint64_t)order->quantity;
    struct naive_freeze *freeze = &world->freezes[++world->count];
    *freeze = (struct naive_freeze){.is_cash = is_cash, .until = order->until};
    freeze->frozen = least(wanted, all - held);
    freeze->queued = least(wanted - freeze->frozen, held);
    freeze->missed = wanted - freeze->frozen - freeze->queued;
    naive_settle(freeze);
    return REASON_NONE;
}

static void naive_let_go(struct world *world, struct naive_freeze *freeze, uint64_t units) {
    uint64_t waiting = least(units, freeze->queued);
    freeze->queued -= waiting;
    units -= waiting;
    freeze->frozen -= units;
    for (uint32_t i = 1; i <= world->count; i++) {
        struct naive_freeze *next = &world->freezes[i];
        uint64_t taken =
            next != freeze && next->is_cash == freeze->is_cash ? least(units, next->queued) : 0;
        next->frozen += taken;
        next->queued -= taken;
        units -= taken;
    }
    naive_settle(freeze);
}

static struct naive_freeze *known(struct world *world, uint32_t number) {
    return number >= 1 && number <= world->count ? &world->freezes[number] : NULL;
}

static enum reason naive_lift(struct world *world, const struct lift_freeze *lift) {
    struct naive_freeze *freeze = known(world, lift->freeze);
    if (freeze == NULL)
        return REASON_UNKNOWN_FREEZE;
    if (freeze->is_over)
        return REASON_WRONG_STATE;
    uint64_t all = freeze->frozen + freeze->queued;
    if ((uint64_t)lift->quantity > all)
        return REASON_OUT_OF_LIMITS;
    naive_let_go(world, freeze, lift->quantity != 0 ? (uint64_t)lift->quantity : all);
    return REASON_NONE;
}

static enum reason naive_renew(struct world *world, const struct renew_freeze *renew) {
    struct naive_freeze *freeze = known(world, renew->freeze);
    if (freeze == NULL)
        return REASON_UNKNOWN_FREEZE;
    if (freeze->is_over || freeze->until == DATE_NONE)
        return REASON_WRONG_STATE;
    if (renew->until <= freeze->until)
        return REASON_BAD_DATE;
    freeze->until = renew->until;
    return REASON_NONE;
}

/* Those whose last day is over let go in order of that day, then of when it was set. */
static void naive_time(struct world *world, trading_date today) {
    for (;;) {
        struct naive_freeze *first = NULL;
        for (uint32_t i = 1; i <= world->count; i++) {
            struct naive_freeze *each = &world->freezes[i];
            if (!each->is_over && each->until != DATE_NONE && each->until < today &&
                (first == NULL || each->until < first->until))
                first = each;
        }
        if (first == NULL)
            return;
        naive_let_go(world, first, first->frozen + first->queued);
    }
}

/* --- random commands ---------------------------------------------------------------------------
 */

static trading_date random_day(struct world *world) {
    trading_date today = date_of_ns(world->venue.time_ns);
    return date_of_days(date_days(today) + random_below(&world->random, 6));
}

static void random_freeze(struct world *world, struct deed *deed, enum reason *expected) {
    struct random *random = &world->random;
    struct freeze_order *order = &deed->freeze_order;
    bool is_cash = random_once_in(random, 3);
    deed->kind = DEED_FREEZE;
    *order = (struct freeze_order){.asset_kind = is_cash ? 0 : ASSET_HOLDING,
                                   .asset = is_cash ? 0 : HX,
                                   .holder = is_cash ? 0 : HOLDER,
                                   .account = is_cash ? world->account : 0,
                                   .quantity = random_between(random, 1, is_cash ? 9000 : 900),
                                   .authority = FREEZING_COURT,
                                   .served_ns = world->venue.time_ns,
                                   .until = random_once_in(random, 3) ? 0 : random_day(world)};
    *expected = naive_enter(world, order);
}

static void random_deed(struct world *world, struct deed *deed, enum reason *expected) {
    struct random *random = &world->random;
    uint32_t freeze = random_below(random, world->count + 2);
    *deed = (struct deed){0};
    switch (random_below(random, 5)) {
    case 0:
    case 1:
        random_freeze(world, deed, expected);
        return;
    case 2:
        deed->kind = DEED_RENEW_FREEZE;
        deed->renew_freeze = (struct renew_freeze){.freeze = freeze, .until = random_day(world)};
        *expected = naive_renew(world, &deed->renew_freeze);
        return;
    default:
        deed->kind = DEED_LIFT_FREEZE;
        deed->lift_freeze = (struct lift_freeze){.freeze = freeze};
        if (!random_once_in(random, 3))
            deed->lift_freeze.quantity = random_between(random, 1, 600);
        *expected = naive_lift(world, &deed->lift_freeze);
    }
}

static void send_order(struct world *world, bool is_holder, uint8_t side) {
    struct random *random = &world->random;
    uint32_t session = is_holder ? world->broker : world->other;
    uint32_t second = is_holder ? random_below(random, 2) : 0;
    struct command command = {
        .verb = VERB_NEW_ORDER,
        .new_order = {.account = (is_holder ? world->account : world->stranger) + second,
                      .instrument = HX,
                      .side = side,
                      .ord_type = ORD_TYPE_LIMIT,
                      .time_in_force = TIME_IN_FORCE_GTC,
                      .price_fen = random_between(random, 1, 9),
                      .order_qty = random_between(random, 1, 150)}};
    venue_request(&world->venue, session, session, &command);
}

static void deposit(struct world *world, uint32_t account, uint32_t instrument, int64_t amount) {
    struct command command = {
        .verb = VERB_ACT,
        .act = {.kind = ACT_DEPOSIT,
                .deposit = {.account = account, .instrument = instrument, .amount = amount}}};
    venue_request(&world->venue, 1, 1, &command);
}

static void lock_up(struct world *world) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_LOCK_UP};
    command.deed.lock_up = (struct lock_up){.account = world->account,
                                            .instrument = HX,
                                            .quantity = random_between(&world->random, 1, 200),
                                            .until = random_day(world)};
    venue_request(&world->venue, world->office, world->office, &command);
}

/* Signed by both: party keys have the parties' numbers. */
static void sign(struct world *world, struct deed *deed) {
    deed->signatures_count = 2;
    for (uint32_t i = 0; i < 2; i++)
        deed->signatures[i] = (struct signature){.party_key = i + 1, .serial = ++world->serial};
}

static void send(struct world *world, const struct command *command) {
    venue_request(&world->venue, world->office, world->office, command);
}

static void pledge(struct world *world) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_PLEDGE_APPLY};
    struct pledge_terms *terms = &command.deed.pledge_terms;
    *terms = (struct pledge_terms){.pledgor = HOLDER,
                                   .pledgee = BANK,
                                   .debtor = HOLDER,
                                   .secured_fen = 1000,
                                   .debt_start = 20260101,
                                   .debt_end = 20300101,
                                   .scope = PLEDGE_SECURES_PRINCIPAL,
                                   .items_count = 1};
    terms->items[0] = (struct pledge_item_terms){.asset_kind = ASSET_HOLDING,
                                                 .asset = HX,
                                                 .account = world->account,
                                                 .units = random_between(&world->random, 1, 300)};
    sign(world, &command.deed);
    venue_forget(&world->venue);
    send(world, &command);
    for (size_t i = 0; i < world->venue.heard_count; i++)
        world->pledges += world->venue.heard[i].event.kind == EVENT_DONE;
    command.deed = (struct deed){.kind = DEED_PLEDGE_REGISTER};
    command.deed.pledge_plain.pledge = random_below(&world->random, world->pledges + 1);
    send(world, &command);
}

static void release(struct world *world) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_PLEDGE_RELEASE};
    struct pledge_release *wanted = &command.deed.pledge_release;
    wanted->pledge = random_below(&world->random, world->pledges + 1);
    if (random_once_in(&world->random, 2)) {
        wanted->parts_count = 1;
        wanted->parts[0] = (struct pledge_part){1, random_between(&world->random, 1, 100)};
    }
    sign(world, &command.deed);
    send(world, &command);
}

/* Something happens that is no freeze. */
static void live(struct world *world) {
    switch (random_below(&world->random, 15)) {
    case 0:
        lock_up(world);
        return;
    case 12:
        pledge(world);
        return;
    case 13:
        release(world);
        return;
    case 1:
        deposit(world, world->account + random_below(&world->random, 2), HX,
                random_between(&world->random, 1, 300));
        return;
    case 2:
        deposit(world, world->account, 0, random_between(&world->random, 1, 3000));
        return;
    case 3:
    case 4:
        send_order(world, false, SIDE_BUY);
        return;
    case 5:
        send_order(world, false, SIDE_SELL);
        return;
    case 6:
    case 7:
        send_order(world, true, SIDE_BUY);
        return;
    default:
        send_order(world, true, SIDE_SELL);
    }
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static void compare(const struct world *world) {
    const struct engine *engine = world->venue.engine;
    assert_int_equal(engine_count(engine, POOL_FREEZES), world->count);
    for (uint32_t i = 1; i <= world->count; i++) {
        const struct naive_freeze *freeze = &world->freezes[i];
        struct freeze_view view;
        assert_true(engine_freeze(engine, i, &view));
        assert_int_equal(view.frozen, freeze->frozen);
        assert_int_equal(view.queued, freeze->queued);
        assert_int_equal(view.missed, freeze->missed);
        assert_int_equal(view.state >= FREEZE_LIFTED, freeze->is_over);
    }
    engine_check(engine);
}

/* The newest order left of the holder on a side; 0: none. */
static uint64_t newest_left(const struct world *world, uint8_t side) {
    struct order_view view;
    uint64_t newest = 0;
    for (bool is = engine_order_newest(world->venue.engine, world->broker, &view); is;
         is = engine_order_older(world->venue.engine, &view, &view))
        if (view.side == side && (side == SIDE_SELL || view.account == world->account) &&
            view.entry > newest)
            newest = view.entry;
    return newest;
}

static uint64_t free_of(const struct world *world, bool is_cash) {
    uint64_t sum = 0;
    struct account_view cash;
    struct holding_view view;
    assert_true(engine_account(world->venue.engine, world->account, &cash));
    if (is_cash)
        return (uint64_t)(cash.cash_fen - cash.reserved_fen);
    for (uint32_t account = world->account; account < world->account + 2; account++)
        if (engine_holding_find(world->venue.engine, account, HX, &view))
            sum += view.quantity - view.bound - view.reserved;
    return sum;
}

/* Entries of the holder's orders before a freeze. */
struct before {
    uint64_t order_id[1000];
    uint64_t entry[1000];
    uint64_t reserve[1000];
    uint32_t count;
};

static void remember(const struct world *world, struct before *before) {
    struct order_view view;
    before->count = 0;
    for (bool is = engine_order_newest(world->venue.engine, world->broker, &view); is;
         is = engine_order_older(world->venue.engine, &view, &view)) {
        assert_true(before->count < 1000);
        before->order_id[before->count] = view.order_id;
        before->entry[before->count] = view.entry;
        before->reserve[before->count++] =
            view.side == SIDE_SELL ? view.leaves_qty : (uint64_t)view.price_fen * view.leaves_qty;
    }
}

/* Canceled orders go from the newest on, all of them newer than what is left, and the last of them
 * was needed. */
static void check_cancels(const struct world *world, const struct before *before, bool is_cash) {
    uint64_t last = UINT64_MAX;
    uint64_t last_reserve = UINT64_MAX;
    for (size_t i = 0; i < world->venue.heard_count; i++) {
        const struct event *event = &world->venue.heard[i].event;
        if (event->kind != EVENT_CANCELED || event->reason != REASON_FROZEN)
            continue;
        uint32_t at = 0;
        while (at < before->count && before->order_id[at] != event->order_id)
            at++;
        assert_true(at < before->count);
        assert_true(before->entry[at] < last);
        last = before->entry[at];
        last_reserve = before->reserve[at];
    }
    assert_true(newest_left(world, is_cash ? SIDE_BUY : SIDE_SELL) < last);
    assert_true(last == UINT64_MAX || free_of(world, is_cash) < last_reserve);
}

static enum reason answer_of(const struct world *world) {
    for (size_t i = 0; i < world->venue.heard_count; i++) {
        const struct event *event = &world->venue.heard[i].event;
        if (event->kind == EVENT_DONE)
            return REASON_NONE;
        if (event->kind == EVENT_REJECTED)
            return (enum reason)event->reason;
    }
    fail();
    return REASON_NONE;
}

static void step(struct world *world) {
    static struct before before;
    struct command command = {.verb = VERB_DEED};
    enum reason expected;
    if (random_once_in(&world->random, 12)) {
        venue_wait_until(&world->venue, world->venue.time_ns + NS_PER_DAY / 2);
        naive_time(world, date_of_ns(world->venue.time_ns));
        compare(world);
    }
    if (!random_once_in(&world->random, 3)) {
        live(world);
        compare(world);
        return;
    }
    remember(world, &before);
    venue_forget(&world->venue);
    random_deed(world, &command.deed, &expected);
    venue_request(&world->venue, world->office, world->office, &command);
    assert_int_equal(answer_of(world), expected);
    compare(world);
    if (command.deed.kind == DEED_FREEZE)
        check_cancels(world, &before, command.deed.freeze_order.asset_kind == 0);
}

/* --- the run -----------------------------------------------------------------------------------
 */

static uint32_t act(struct world *world, const struct act *act) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    venue_forget(&world->venue);
    venue_request(&world->venue, 1, 1, &command);
    for (size_t i = 0; i < world->venue.heard_count; i++)
        if (world->venue.heard[i].event.kind == EVENT_DONE)
            return (uint32_t)world->venue.heard[i].event.id;
    fail();
    return 0;
}

/* Who joins has the number of its participant as that of its session and key, plus one. */
static uint32_t join(struct world *world, uint32_t roles, uint8_t number) {
    struct act wanted = {.kind = ACT_ADD_PARTICIPANT,
                         .add_participant = {.roles = roles, .code_bytes = 2, .name_bytes = 4}};
    wanted.add_participant.code[0] = 'Z';
    wanted.add_participant.code[1] = (char)('A' + number);
    uint32_t participant = act(world, &wanted);
    wanted =
        (struct act){.kind = ACT_ADD_KEY,
                     .add_key = {.participant = participant, .person = number, .key = {number}}};
    uint32_t key = act(world, &wanted);
    wanted = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    uint32_t session = act(world, &wanted);
    assert_int_equal(key, session);
    return session;
}

static uint32_t open_account(struct world *world, uint32_t session, uint64_t owner) {
    struct session_view view;
    assert_true(engine_session(world->venue.engine, session, &view));
    struct act wanted = {.kind = ACT_ADD_ACCOUNT,
                         .add_account = {.participant = view.participant, .owner = owner}};
    return act(world, &wanted);
}

static void furnish(struct world *world) {
    struct command party = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    struct act wanted = {
        .kind = ACT_ADD_INSTRUMENT,
        .add_instrument = {
            .symbol_bytes = 2, .symbol = "HX", .tick_fen = 1, .lot_min = 1, .lot_step = 1}};
    world->count = 0;
    world->office = join(world, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON, 3);
    world->broker = join(world, ROLE_BROKER, 4);
    world->other = join(world, ROLE_BROKER, 5);
    party.deed.add_party = (struct add_party){.code_bytes = 2, .code = "P1", .name_bytes = 4};
    venue_request(&world->venue, world->office, world->office, &party);
    party.deed.add_party = (struct add_party){.code_bytes = 2, .code = "P2", .name_bytes = 4};
    send(world, &party);
    for (uint8_t each = 1; each <= 2; each++) {
        struct command key = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY_KEY};
        key.deed.add_party_key =
            (struct add_party_key){.party = each, .person = each, .key = {KEY_BYTES, {each}}};
        send(world, &key);
    }
    world->pledges = 0;
    world->serial = 0;
    act(world, &wanted);
    wanted = (struct act){.kind = ACT_DAY_OPEN, .day = {date_of_ns(world->venue.time_ns)}};
    act(world, &wanted);
    world->account = open_account(world, world->broker, HOLDER);
    open_account(world, world->broker, HOLDER);
    world->stranger = open_account(world, world->other, 99);
    deposit(world, world->account, HX, 1000);
    deposit(world, world->account + 1, HX, 500);
    deposit(world, world->account, 0, 10000);
    deposit(world, world->account + 1, 0, 1000);
    deposit(world, world->stranger, HX, 1000000);
    deposit(world, world->stranger, 0, 1000000);
}

static int begin(void **state) {
    static struct world world;
    world.random = seed_begin();
    *state = &world;
    return 0;
}

static void freezes_hold_queue_and_hand_over_as_the_counting_model_says(void **state) {
    struct world *world = *state;
    struct engine_limits limits = rig_limits();
    uint64_t steps = seed_steps(STEPS);
    for (uint32_t pool = POOL_TIMERS; pool < POOLS_END; pool++)
        limits.limit[pool] = limits.ceiling[pool] = 4096;
    limits.limit[POOL_TIES] = limits.ceiling[POOL_TIES] = 65536;
    while (steps > 0) {
        venue_init(&world->venue, &limits, ENVIRONMENT_TEST, RIG_START_NS);
        furnish(world);
        for (uint32_t i = 0; i < ROUND && steps > 0; i++, steps--)
            step(world);
        venue_move(&world->venue);
        venue_replay(&world->venue);
        venue_fini(&world->venue);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freezes_hold_queue_and_hand_over_as_the_counting_model_says),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
