/*
 * Random lives of pledges against a naive model (naive_pledge.h), beside trading in what is
 * pledged: who is refused, and for what; what every pledge is like after each command; that nothing
 * which is pledged or held is ever sold; that shares stay as many as there are; and that a second
 * engine, told the same, is the same.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "engine/date.h"
#include "engine/view.h"
#include "engine/view_pledge.h"
#include "tests/property/naive_pledge.h"
#include "tests/property/seed.h"
#include "tests/scenario/venue.h"
#include "tests/unit/rig.h"

#define STEPS      6000
#define LIFE       250u
#define SHARES     1000u
#define DESK       3u /* session and key of the one who does it all */
#define BUYER      3u /* account that buys whatever is offered at PRICE_FEN */
#define PRICE_FEN  INT64_C(1000)
#define HIGH_FEN   INT64_C(9000)
#define HX         1u
#define BUYER_CASH INT64_C(1000000000000)

struct world {
    struct random random;
    struct venue venue;
    struct naive_pledges naive;
    uint64_t deposited;
    uint64_t serial;
    uint32_t reached[PLEDGE_WITHDRAWN + 1]; /* by state: how often one was seen in it */
};

/* --- what happens ------------------------------------------------------------------------------
 */

static enum reason answer(const struct world *world, uint64_t *id) {
    for (size_t i = 0; i < world->venue.heard_count; i++) {
        const struct event *event = &world->venue.heard[i].event;
        if (event->kind == EVENT_REJECTED)
            return (enum reason)event->reason;
        if (event->kind == EVENT_DONE && id != NULL)
            *id = event->id;
    }
    return REASON_NONE;
}

static enum reason send(struct world *world, struct command *command) {
    venue_forget(&world->venue);
    venue_request(&world->venue, DESK, DESK, command);
    return answer(world, NULL);
}

/* Signs for parties, a set of bits 1 << party; at most two of them. */
static void sign(struct world *world, struct deed *deed, uint32_t *signers) {
    uint32_t signed_by = 0;
    for (uint32_t party = 1; party <= NAIVE_PARTIES; party++) {
        if ((*signers >> party & 1) == 0 || deed->signatures_count == DEED_SIGNATURES_MAX)
            continue;
        deed->signatures[deed->signatures_count++] =
            (struct signature){.party_key = party, .serial = ++world->serial};
        signed_by |= 1u << party;
    }
    *signers = signed_by;
}

static uint32_t any_party(struct world *world) {
    return random_between(&world->random, 1, NAIVE_PARTIES);
}

static uint32_t any_pledge(struct world *world) {
    return random_below(&world->random, world->naive.count + 2);
}

/* Usually those who have to sign. */
static uint32_t any_signers(struct world *world, uint32_t right_ones) {
    if (random_once_in(&world->random, 12))
        return 1u << any_party(world);
    return right_ones;
}

static const struct naive_pledge *naive_of(const struct world *world, uint32_t pledge) {
    return &world->naive.pledges[pledge <= world->naive.count ? pledge : 0];
}

static struct pledge_item_terms any_item(struct world *world, uint32_t pledgor) {
    struct random *random = &world->random;
    struct pledge_item_terms item = {.value_fen = random_below(random, 1000)};
    if (random_once_in(random, 2)) {
        item.asset_kind = ASSET_HOLDING;
        item.asset = HX;
        item.account = pledgor;
        item.units = random_below(random, SHARES / 2);
        return item;
    }
    item.asset_kind = ASSET_RIGHT;
    item.asset = random_between(random, 1, NAIVE_RIGHTS + (random_once_in(random, 20) ? 1u : 0u));
    if (item.asset <= NAIVE_RIGHTS && naive_owner(item.asset) != pledgor &&
        !random_once_in(random, 10))
        item.asset = item.asset % NAIVE_RIGHTS + 1;
    item.units = random_once_in(random, 2) ? RIGHT_WHOLE_PPM : random_below(random, 500000);
    return item;
}

static enum reason apply(struct world *world, struct deed *deed) {
    struct random *random = &world->random;
    struct pledge_terms *terms = &deed->pledge_terms;
    deed->kind = DEED_PLEDGE_APPLY;
    terms->pledgor = random_between(random, 1, NAIVE_OWNERS);
    terms->pledgee = random_once_in(random, 20) ? any_party(world) : random_between(random, 3, 4);
    terms->debtor = terms->pledgor;
    terms->secured_fen = random_below(random, 1000);
    terms->debt_start = 20260101;
    terms->debt_end = 20991231;
    terms->scope = PLEDGE_SCOPE_ALL;
    terms->items_count = random_between(random, 1, NAIVE_ITEMS_MAX);
    for (uint32_t i = 0; i < terms->items_count; i++)
        terms->items[i] = any_item(world, terms->pledgor);
    uint32_t signers = any_signers(
        world, 1u << terms->pledgor | (random_once_in(random, 2) ? 1u << terms->pledgee : 0));
    sign(world, deed, &signers);
    return naive_apply(&world->naive, terms, signers, world->venue.time_ns);
}

static enum reason join(struct world *world, struct deed *deed) {
    uint32_t number = any_pledge(world);
    const struct naive_pledge *pledge = naive_of(world, number);
    struct pledge_terms *terms = &deed->pledge_terms;
    deed->kind = DEED_PLEDGE_JOIN;
    *terms = (struct pledge_terms){.pledge = number,
                                   .pledgor = pledge->pledgor,
                                   .pledgee = pledge->pledgee,
                                   .debtor = pledge->pledgor,
                                   .secured_fen = pledge->secured_fen,
                                   .debt_start = 20260101,
                                   .debt_end = 20991231,
                                   .scope = PLEDGE_SCOPE_ALL,
                                   .items_count = pledge->items_count};
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        const struct naive_item *item = &pledge->items[i];
        terms->items[i] = (struct pledge_item_terms){
            .asset_kind = item->asset_kind,
            .asset = item->asset,
            .account = item->asset_kind == ASSET_HOLDING ? pledge->pledgor : 0,
            .units = item->agreed,
            .value_fen = item->value_fen};
    }
    uint32_t signers = any_signers(world, 1u << pledge->pledgee);
    sign(world, deed, &signers);
    return naive_join(&world->naive, number, signers);
}

static enum reason release(struct world *world, struct deed *deed) {
    struct random *random = &world->random;
    struct pledge_release *release = &deed->pledge_release;
    deed->kind = DEED_PLEDGE_RELEASE;
    release->pledge = any_pledge(world);
    const struct naive_pledge *pledge = naive_of(world, release->pledge);
    if (!random_once_in(random, 3)) {
        uint32_t item = random_between(random, 1, NAIVE_ITEMS_MAX);
        uint64_t units = pledge->items[item - 1].units;
        release->parts_count = 1;
        release->parts[0] = (struct pledge_part){
            .item = item,
            .units = random_once_in(random, 3) ? units : random_below(random, (uint32_t)units + 2)};
    }
    uint32_t signers = any_signers(world, 1u << pledge->pledgee);
    sign(world, deed, &signers);
    return naive_release(&world->naive, release, signers);
}

static enum reason end(struct world *world, struct deed *deed) {
    static const uint8_t kinds[] = {DEED_PLEDGE_REVOKE, DEED_PLEDGE_REFUSE, DEED_PLEDGE_WITHDRAW};
    uint32_t number = any_pledge(world);
    const struct naive_pledge *pledge = naive_of(world, number);
    deed->kind = kinds[random_below(&world->random, 3)];
    deed->pledge_plain.pledge = number; /* the first member of all three */
    if (deed->kind == DEED_PLEDGE_REFUSE)
        deed->pledge_refuse.reason = REASON_NOT_OWNER;
    uint32_t signers = any_signers(world, 1u << pledge->pledgor);
    sign(world, deed, &signers);
    return naive_end(&world->naive, number, deed->kind, signers);
}

static enum reason change(struct world *world, struct deed *deed) {
    uint32_t number = any_pledge(world);
    const struct naive_pledge *pledge = naive_of(world, number);
    uint32_t signers;
    if (random_once_in(&world->random, 2)) {
        deed->kind = DEED_PLEDGE_AMEND;
        deed->pledge_amend =
            (struct pledge_amend){.pledge = number,
                                  .secured_fen = random_below(&world->random, 1000),
                                  .debt_end = 20991231,
                                  .scope = PLEDGE_SCOPE_ALL};
        signers = any_signers(world, 1u << pledge->pledgor | 1u << pledge->pledgee);
        sign(world, deed, &signers);
        return naive_amend(&world->naive, number, deed->pledge_amend.secured_fen, signers);
    }
    deed->kind = DEED_PLEDGE_ASSIGN;
    deed->pledge_assign.pledge = number;
    deed->pledge_assign.pledgee = random_between(&world->random, 2, NAIVE_PARTIES + 1);
    signers = any_signers(world, 1u << pledge->pledgee | 1u << deed->pledge_assign.pledgee);
    sign(world, deed, &signers);
    return naive_assign(&world->naive, number, deed->pledge_assign.pledgee, signers);
}

static enum reason enforce(struct world *world, struct deed *deed) {
    uint32_t number = any_pledge(world);
    bool is_cure = random_once_in(&world->random, 2);
    deed->kind = is_cure ? DEED_PLEDGE_CURE : DEED_PLEDGE_DEFAULT;
    if (is_cure)
        deed->pledge_cure.pledge = number;
    else
        deed->pledge_default = (struct pledge_default){.pledge = number, .principal_fen = 7};
    uint32_t signers = any_signers(world, 1u << naive_of(world, number)->pledgee);
    sign(world, deed, &signers);
    return naive_default(&world->naive, number, is_cure, signers);
}

static enum reason any_deed(struct world *world, struct deed *deed) {
    uint32_t what = random_below(&world->random, 20);
    if (what < 5)
        return apply(world, deed);
    if (what < 8)
        return join(world, deed);
    if (what < 13) {
        deed->kind = DEED_PLEDGE_REGISTER;
        deed->pledge_plain.pledge = any_pledge(world);
        return naive_register(&world->naive, deed->pledge_plain.pledge);
    }
    if (what < 15)
        return release(world, deed);
    if (what < 16)
        return end(world, deed);
    return what < 18 ? change(world, deed) : enforce(world, deed);
}

static void do_deed(struct world *world) {
    struct command command = {.verb = VERB_DEED};
    enum reason expected = any_deed(world, &command.deed);
    enum reason got = send(world, &command);
    if (got != expected)
        fail_msg("deed %d: %d instead of %d", command.deed.kind, got, expected);
}

/* --- trading -----------------------------------------------------------------------------------
 */

/* Sells to the one who buys, or rests above everybody. */
static void do_sell(struct world *world) {
    struct random *random = &world->random;
    uint32_t party = random_between(random, 1, NAIVE_OWNERS);
    uint64_t free = naive_free(&world->naive, party);
    bool rests = random_once_in(random, 3);
    uint64_t units = random_between(random, 1, (uint32_t)free + 20);
    struct command command = {.verb = VERB_NEW_ORDER};
    command.new_order =
        (struct new_order){.account = party,
                           .instrument = HX,
                           .price_fen = rests ? HIGH_FEN : PRICE_FEN,
                           .order_qty = units,
                           .side = SIDE_SELL,
                           .ord_type = ORD_TYPE_LIMIT,
                           .time_in_force = rests ? TIME_IN_FORCE_GTC : TIME_IN_FORCE_IOC};
    enum reason reason = send(world, &command);
    if (units > free) {
        assert_true(reason == REASON_INSUFFICIENT_POSITION || reason == REASON_PLEDGED ||
                    reason == REASON_HELD);
        return;
    }
    assert_int_equal(reason, REASON_NONE);
    if (rests)
        world->naive.offered[party] += units;
    else
        world->naive.shares[party] -= units;
}

static void do_cancel(struct world *world) {
    uint32_t party = random_between(&world->random, 1, NAIVE_OWNERS);
    struct command command = {.verb = VERB_MASS_CANCEL};
    command.mass_cancel.account = party;
    assert_int_equal(send(world, &command), REASON_NONE);
    world->naive.offered[party] = 0;
}

static void deposit(struct world *world, uint32_t account, uint32_t instrument, int64_t amount) {
    struct command command = {.verb = VERB_ACT};
    command.act =
        (struct act){.kind = ACT_DEPOSIT,
                     .deposit = {.account = account, .instrument = instrument, .amount = amount}};
    venue_request(&world->venue, 1, 1, &command);
}

static void do_deposit(struct world *world) {
    uint32_t party = random_between(&world->random, 1, NAIVE_OWNERS);
    uint64_t more = random_between(&world->random, 1, 100);
    venue_forget(&world->venue);
    deposit(world, party, HX, (int64_t)more);
    world->naive.shares[party] += more;
    world->deposited += more;
}

static void do_withdraw(struct world *world) {
    uint32_t party = random_between(&world->random, 1, NAIVE_OWNERS);
    uint64_t free = naive_free(&world->naive, party);
    uint64_t less = random_between(&world->random, 1, 100);
    venue_forget(&world->venue);
    deposit(world, party, HX, -(int64_t)less);
    if (answer(world, NULL) != REASON_NONE) {
        assert_true(less > free);
        return;
    }
    assert_true(less <= free);
    world->naive.shares[party] -= less;
    world->deposited -= less;
}

/* --- time --------------------------------------------------------------------------------------
 */

/* The end of the twentieth working day after the first, day by day. */
static int64_t hold_deadline(int64_t from_ns) {
    int64_t day = (from_ns + MARKET_AHEAD_NS) / NS_PER_DAY;
    for (uint32_t left = 20; left > 0;) {
        day++;
        left -= (day + 3) % 7 < 5; /* 1970-01-01 was a Thursday */
    }
    return (day + 1) * NS_PER_DAY - MARKET_AHEAD_NS;
}

static void pass_time(struct world *world) {
    int64_t days = random_between(&world->random, 1, 6);
    venue_forget(&world->venue);
    venue_wait_until(&world->venue, world->venue.time_ns + days * NS_PER_DAY / 2);
    naive_time(&world->naive, world->venue.time_ns, hold_deadline);
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static void compare_pledge(const struct world *world, uint32_t number) {
    const struct engine *engine = world->venue.engine;
    const struct naive_pledge *naive = &world->naive.pledges[number];
    struct pledge_view view;
    assert_true(engine_pledge(engine, number, &view));
    assert_int_equal(view.state, naive->state);
    assert_int_equal(view.version, naive->version);
    assert_int_equal(view.pledgee, naive->pledgee);
    assert_int_equal(view.secured_fen, naive->secured_fen);
    assert_int_equal(view.base_fen, naive->base_fen);
    assert_int_equal(view.items_count, naive->items_count);
    for (uint32_t i = 0; i < naive->items_count; i++) {
        struct pledge_item_view item;
        assert_true(engine_pledge_item(engine, number, i + 1, &item));
        assert_int_equal(item.units, naive->items[i].units);
    }
}

static void compare(struct world *world) {
    const struct engine *engine = world->venue.engine;
    uint64_t all = 0;
    assert_int_equal(engine_count(engine, POOL_PLEDGES), world->naive.count);
    for (uint32_t number = 1; number <= world->naive.count; number++) {
        compare_pledge(world, number);
        world->reached[world->naive.pledges[number].state]++;
    }
    for (uint32_t account = 1; account <= BUYER; account++) {
        struct holding_view view = {.quantity = 0};
        engine_holding_find(engine, account, HX, &view);
        all += view.quantity;
        if (account > NAIVE_OWNERS)
            continue;
        assert_int_equal(view.quantity, world->naive.shares[account]);
        assert_int_equal(view.reserved, world->naive.offered[account]);
    }
    assert_int_equal(all, world->deposited);
    engine_check(engine);
}

/* --- the run -----------------------------------------------------------------------------------
 */

static void act(struct world *world, const struct act *act) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    venue_forget(&world->venue);
    venue_request(&world->venue, 1, 1, &command);
    assert_int_equal(answer(world, NULL), REASON_NONE);
}

static void add_desk(struct world *world) {
    act(world, &(struct act){.kind = ACT_ADD_PARTICIPANT,
                             .add_participant = {.roles = ROLE_REGISTRAR | ROLE_BROKER | ROLE_BANK,
                                                 .code_bytes = 2,
                                                 .code = "ZZ",
                                                 .name_bytes = 4}});
    act(world,
        &(struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = 2, .person = 9, .key = {9}}});
    act(world, &(struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = 2}});
    for (uint64_t owner = 1; owner <= BUYER; owner++)
        act(world, &(struct act){.kind = ACT_ADD_ACCOUNT,
                                 .add_account = {.participant = 2, .owner = owner}});
    act(world, &(struct act){.kind = ACT_ADD_INSTRUMENT,
                             .add_instrument = {.symbol_bytes = 2,
                                                .symbol = "HX",
                                                .tick_fen = 1,
                                                .lot_min = 1,
                                                .lot_step = 1,
                                                .qty_max = 1000000}});
    act(world, &(struct act){.kind = ACT_DAY_OPEN, .day = {.date = RIG_DATE}});
}

static void add_parties(struct world *world) {
    for (uint8_t party = 1; party <= NAIVE_PARTIES; party++) {
        struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
        command.deed.add_party =
            (struct add_party){.code_bytes = 1, .code = {(char)('A' + party)}, .name_bytes = 1};
        assert_int_equal(send(world, &command), REASON_NONE);
        command.deed = (struct deed){.kind = DEED_ADD_PARTY_KEY};
        command.deed.add_party_key = (struct add_party_key){
            .party = party, .person = 20u + party, .key = algorithms_key(party)};
        assert_int_equal(send(world, &command), REASON_NONE);
    }
}

static void add_rights(struct world *world) {
    for (uint32_t right = 1; right <= NAIVE_RIGHTS; right++) {
        struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADMIT_RIGHT};
        command.deed.admit_right = (struct admit_right){
            .kind = right <= NAIVE_TRADEMARKS ? RIGHT_TRADEMARK : RIGHT_INVENTION,
            .office = OFFICE_TPX,
            .number_bytes = 1,
            .number = {(char)('0' + right)},
            .title_bytes = 1,
            .status = RIGHT_GRANTED,
            .owners_count = 1,
            .owners = {{.party = naive_owner(right), .ppm = RIGHT_WHOLE_PPM}}};
        assert_int_equal(send(world, &command), REASON_NONE);
    }
}

static void furnish(struct world *world) {
    memset(&world->naive, 0, sizeof world->naive);
    add_desk(world);
    add_parties(world);
    add_rights(world);
    for (uint32_t party = 1; party <= NAIVE_OWNERS; party++) {
        deposit(world, party, HX, SHARES);
        world->naive.shares[party] = SHARES;
    }
    world->deposited = (uint64_t)NAIVE_OWNERS * SHARES;
    deposit(world, BUYER, 0, BUYER_CASH);
    struct command command = {.verb = VERB_NEW_ORDER};
    command.new_order = (struct new_order){.account = BUYER,
                                           .instrument = HX,
                                           .price_fen = PRICE_FEN,
                                           .order_qty = 1000000,
                                           .side = SIDE_BUY,
                                           .ord_type = ORD_TYPE_LIMIT,
                                           .time_in_force = TIME_IN_FORCE_GTC};
    assert_int_equal(send(world, &command), REASON_NONE);
}

static void step(struct world *world) {
    uint32_t what = random_below(&world->random, 40);
    if (what < 28)
        do_deed(world);
    else if (what < 34)
        do_sell(world);
    else if (what < 36)
        do_cancel(world);
    else if (what < 37)
        do_withdraw(world);
    else if (what < 39)
        do_deposit(world);
    else
        pass_time(world);
    compare(world);
}

static int begin(void **state) {
    static struct world world;
    world.random = seed_begin();
    *state = &world;
    return 0;
}

static void nothing_pledged_is_sold_in_random_lives(void **state) {
    struct world *world = *state;
    struct engine_limits limits = rig_limits();
    uint64_t steps = seed_steps(STEPS);
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++)
        limits.limit[pool] = limits.ceiling[pool] = 4096;
    limits.limit[POOL_PLEDGES] = limits.ceiling[POOL_PLEDGES] = NAIVE_PLEDGES_MAX;
    limits.price_ticks_max = 20000;
    while (steps > 0) {
        venue_init(&world->venue, &limits, ENVIRONMENT_TEST, RIG_START_NS);
        furnish(world);
        for (uint32_t i = 0; i < LIFE && steps > 0; i++, steps--)
            step(world);
        venue_move(&world->venue);
        venue_replay(&world->venue);
        venue_fini(&world->venue);
    }
    /* Lives are as random as they look: every end is reached, but for those of other tests. */
    for (uint32_t end = PLEDGE_APPLIED; end <= PLEDGE_WITHDRAWN; end++)
        assert_true(world->reached[end] > 0 || end == PLEDGE_DEFICIENT || end == PLEDGE_REALISED ||
                    seed_steps(STEPS) < STEPS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_pledged_is_sold_in_random_lives),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
