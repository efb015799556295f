/*
 * Random sales of rights against a model written to be obviously right: bidders come, bid at the
 * edge of deadlines and leave; listings are suspended, and the exchange is out and comes back.
 * After each command the model says who is refused and for what, where every listing stands and
 * until when, what each firm has in cash and of each right, and what lies in escrow; at the end a
 * second engine is told the same.
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
#include "tests/property/seed.h"
#include "tests/scenario/venue.h"
#include "tests/unit/rig.h"

#define STEPS        6000u
#define ROUND        400u /* steps with one engine */
#define FIRMS        5u   /* parties 1 .. FIRMS; each has a session and key of its own */
#define RIGHTS       3u   /* each of one owner to begin with */
#define LISTINGS_MAX 64u
#define CASH_FEN     INT64_C(100000)
#define MS_NS        INT64_C(1000000)
#define REGISTRAR    3u /* its session and key; those of firm f are REGISTRAR + f */

enum { BY_REGISTRAR = 1, BY_OUTAGE = 2 };

struct naive_bidder {
    bool is_in;
    bool is_qualified;
    int64_t deposit;
    int64_t bid;
};

struct naive_listing {
    struct open_listing terms;
    uint32_t seller;
    uint32_t ppm;
    int64_t opened;
    uint8_t state;
    uint8_t was;
    uint8_t causes;
    bool is_resuming;
    bool has_seller_signed;
    bool has_buyer_signed;
    int64_t since;
    int64_t deadline; /* 0: none */
    int64_t hard;
    int64_t high; /* of the end, when nobody is in any more */
    uint32_t buyer;
    int64_t paid;
    uint32_t bids;
    struct naive_bidder bidders[FIRMS + 1];
};

struct world {
    struct random random;
    struct venue venue;
    bool is_out;
    int64_t last; /* stamp of the last command */
    int64_t cash[FIRMS + 1];
    uint32_t stakes[RIGHTS + 1][FIRMS + 1]; /* free or on sale */
    uint32_t listed[RIGHTS + 1][FIRMS + 1]; /* of them, on sale */
    struct naive_listing listings[LISTINGS_MAX + 1];
    uint32_t listings_count;
    uint64_t serials;
};

/* --- the model: time ---------------------------------------------------------------------------
 */

/* 24:00 of the n-th weekday after the day of `from`, in the market's time. */
static int64_t naive_days(int64_t from, uint32_t days) {
    int64_t day = (from + MARKET_AHEAD_NS) / NS_PER_DAY;
    while (days > 0) {
        day++;
        int64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday; 0 is Monday */
        days -= weekday < 5;
    }
    return (day + 1) * NS_PER_DAY - MARKET_AHEAD_NS;
}

static uint32_t or_else(uint32_t value, uint32_t otherwise) {
    return value != 0 ? value : otherwise;
}

static bool is_over(const struct naive_listing *listing) {
    switch (listing->state) {
    case LISTING_NO_BIDDER:
    case LISTING_ONE_BIDDER:
    case LISTING_FAILED:
    case LISTING_TERMINATED:
    case LISTING_TRANSFER_REGISTERED:
        return true;
    default:
        return false;
    }
}

static uint8_t stage_of(const struct naive_listing *listing) {
    return listing->state == LISTING_SUSPENDED ? listing->was : listing->state;
}

static uint32_t high_of(const struct naive_listing *listing) {
    uint32_t high = 0;
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        if (listing->bidders[firm].bid > (high != 0 ? listing->bidders[high].bid : 0))
            high = firm;
    return high;
}

static void enter(struct naive_listing *listing, uint8_t state, int64_t now) {
    const struct open_listing *terms = &listing->terms;
    listing->state = state;
    listing->was = 0;
    listing->causes = 0;
    listing->is_resuming = false;
    listing->since = now;
    listing->hard = 0;
    listing->deadline = 0;
    if (state == LISTING_DISCLOSED)
        listing->deadline = now + (terms->disclosed_until_ns - listing->opened);
    if (state == LISTING_FREE)
        listing->deadline = now + or_else(terms->free_ms, 3600000) * MS_NS;
    if (state == LISTING_TIMED) {
        listing->deadline = now + or_else(terms->timed_ms, 180000) * MS_NS;
        if (terms->hard_stop_ms != 0)
            listing->hard = now + terms->hard_stop_ms * MS_NS;
        if (listing->hard != 0 && listing->deadline > listing->hard)
            listing->deadline = listing->hard;
    }
    if (state == LISTING_AWARDED)
        listing->deadline = naive_days(now, or_else(terms->sign_days, 5));
    if (state == LISTING_CONTRACTED)
        listing->deadline = naive_days(now, or_else(terms->pay_days, 5));
}

/* --- the model: money and ends -----------------------------------------------------------------
 */

static void give_back(struct world *world, struct naive_listing *listing, uint32_t firm) {
    world->cash[firm] += listing->bidders[firm].deposit;
    listing->bidders[firm] = (struct naive_bidder){0};
}

static void lose(struct world *world, struct naive_listing *listing, uint32_t firm) {
    world->cash[listing->seller] += listing->bidders[firm].deposit;
    listing->bidders[firm] = (struct naive_bidder){0};
}

static void finish(struct world *world, struct naive_listing *listing, uint8_t state) {
    uint32_t high = high_of(listing);
    listing->high = high != 0 ? listing->bidders[high].bid : listing->high;
    world->cash[listing->buyer] += listing->paid;
    listing->paid = 0;
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        if (listing->bidders[firm].is_in)
            give_back(world, listing, firm);
    world->listed[listing->terms.right][listing->seller] -= listing->ppm;
    listing->state = state;
    listing->was = listing->causes = 0;
    listing->is_resuming = false;
    listing->deadline = 0;
}

static void fail_buyer(struct world *world, struct naive_listing *listing) {
    listing->high = listing->bidders[listing->buyer].bid;
    lose(world, listing, listing->buyer);
    finish(world, listing, LISTING_FAILED);
}

static void end_disclosure(struct world *world, struct naive_listing *listing, int64_t now) {
    uint32_t count = 0;
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        count += listing->bidders[firm].is_in && listing->bidders[firm].is_qualified;
    if (count < 2) {
        finish(world, listing, count == 0 ? LISTING_NO_BIDDER : LISTING_ONE_BIDDER);
        return;
    }
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        if (listing->bidders[firm].is_in && !listing->bidders[firm].is_qualified)
            give_back(world, listing, firm);
    enter(listing, LISTING_FREE, now);
}

static void suspend(struct naive_listing *listing, uint8_t cause, int64_t now) {
    if (listing->state != LISTING_SUSPENDED) {
        listing->was = listing->state;
        listing->state = LISTING_SUSPENDED;
        listing->since = now;
    }
    listing->causes |= cause;
    listing->is_resuming = false;
    listing->deadline = naive_days(listing->since, 60);
}

static void award(struct world *world, struct naive_listing *listing, int64_t now) {
    uint32_t high = high_of(listing);
    if (high == 0 || listing->bidders[high].bid < listing->terms.reserve_fen) {
        finish(world, listing, LISTING_FAILED);
        return;
    }
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        if (firm != high && listing->bidders[firm].is_in)
            give_back(world, listing, firm);
    listing->buyer = high;
    enter(listing, LISTING_AWARDED, now);
}

static void time_is_up(struct world *world, struct naive_listing *listing, int64_t now) {
    switch (listing->state) {
    case LISTING_DISCLOSED:
        end_disclosure(world, listing, now);
        if (world->is_out && listing->state == LISTING_FREE)
            suspend(listing, BY_OUTAGE, now);
        return;
    case LISTING_FREE:
        enter(listing, LISTING_TIMED, now);
        return;
    case LISTING_TIMED:
        award(world, listing, now);
        return;
    case LISTING_SUSPENDED:
        if (listing->is_resuming)
            enter(listing, listing->was, now);
        else
            finish(world, listing, LISTING_TERMINATED);
        return;
    case LISTING_AWARDED:
        if (listing->has_buyer_signed)
            finish(world, listing, LISTING_FAILED);
        else
            fail_buyer(world, listing);
        return;
    default:
        fail_buyer(world, listing);
    }
}

/* Deadlines that lie before `now` have passed, each as soon as it could. */
static void naive_time(struct world *world, int64_t now) {
    for (uint32_t i = 1; i <= world->listings_count; i++) {
        struct naive_listing *listing = &world->listings[i];
        while (listing->deadline != 0 && listing->deadline < now) {
            int64_t at = listing->deadline + 1;
            time_is_up(world, listing, at > world->last ? at : world->last);
        }
    }
}

/* --- the model: deeds --------------------------------------------------------------------------
 */

static enum reason naive_open(struct world *world, const struct open_listing *terms, int64_t now) {
    const struct listing_seller *seller = &terms->sellers[0];
    if (terms->floor_fen == 0 || terms->increment_fen == 0)
        return REASON_OUT_OF_LIMITS;
    if (terms->reserve_fen != 0 && terms->reserve_fen < terms->floor_fen)
        return REASON_OUT_OF_LIMITS;
    if (terms->is_reserve_hidden && terms->reserve_fen == 0)
        return REASON_BAD_COMBINATION;
    if (terms->deposit_fen * 10 > terms->floor_fen * 3)
        return REASON_OUT_OF_LIMITS;
    if (terms->hard_stop_ms != 0 && terms->hard_stop_ms < or_else(terms->timed_ms, 180000))
        return REASON_OUT_OF_LIMITS;
    if (terms->disclosed_until_ns <= now)
        return REASON_BAD_DATE;
    uint32_t has = world->stakes[terms->right][seller->party];
    if (has == 0 || has < seller->ppm)
        return REASON_NOT_OWNER;
    if (has - world->listed[terms->right][seller->party] < seller->ppm)
        return REASON_LISTED;
    if (world->listings_count == LISTINGS_MAX)
        return REASON_LIMIT_REACHED;
    struct naive_listing *listing = &world->listings[++world->listings_count];
    *listing = (struct naive_listing){
        .terms = *terms, .seller = seller->party, .ppm = seller->ppm, .opened = now};
    if (terms->deposit_fen == 0)
        listing->terms.deposit_fen = (terms->floor_fen + 5) / 10;
    world->listed[terms->right][seller->party] += seller->ppm;
    enter(listing, LISTING_DISCLOSED, now);
    return REASON_NONE;
}

static enum reason naive_join(struct world *world, struct naive_listing *listing, uint32_t firm) {
    struct naive_bidder *bidder = &listing->bidders[firm];
    if (listing->state == LISTING_SUSPENDED)
        return REASON_SUSPENDED;
    if (listing->state != LISTING_DISCLOSED)
        return REASON_WRONG_STATE;
    if (listing->seller == firm)
        return REASON_NOT_QUALIFIED;
    if (bidder->is_in)
        return REASON_ALREADY_EXISTS;
    if (world->cash[firm] < listing->terms.deposit_fen)
        return REASON_INSUFFICIENT_CASH;
    world->cash[firm] -= listing->terms.deposit_fen;
    *bidder = (struct naive_bidder){.is_in = true,
                                    .is_qualified = !listing->terms.is_qualifying,
                                    .deposit = listing->terms.deposit_fen};
    return REASON_NONE;
}

static bool is_bidding(uint8_t stage) {
    return stage == LISTING_DISCLOSED || stage == LISTING_FREE || stage == LISTING_TIMED;
}

static bool is_owing(uint8_t stage) {
    return stage == LISTING_AWARDED || stage == LISTING_CONTRACTED;
}

static enum reason naive_bid(struct naive_listing *listing, uint32_t firm, int64_t price,
                             int64_t now) {
    const struct open_listing *terms = &listing->terms;
    if (listing->state == LISTING_SUSPENDED && is_bidding(listing->was))
        return REASON_SUSPENDED;
    if (listing->state == LISTING_DISCLOSED)
        return REASON_DISCLOSURE_OPEN;
    if (listing->state != LISTING_FREE && listing->state != LISTING_TIMED)
        return REASON_LATE_BID;
    if (!listing->bidders[firm].is_in)
        return REASON_NO_DEPOSIT;
    if (!listing->bidders[firm].is_qualified)
        return REASON_NOT_QUALIFIED;
    if (price < terms->floor_fen || (!terms->is_reserve_hidden && price < terms->reserve_fen))
        return REASON_BELOW_RESERVE;
    uint32_t high = high_of(listing);
    int64_t raise = price - (high != 0 ? listing->bidders[high].bid : terms->floor_fen);
    if (raise < 0 || (raise == 0 && high != 0) || raise % terms->increment_fen != 0)
        return REASON_BAD_INCREMENT;
    listing->bidders[firm].bid = price;
    listing->bids++;
    if (listing->state == LISTING_TIMED) {
        listing->deadline = now + or_else(terms->timed_ms, 180000) * MS_NS;
        if (listing->hard != 0 && listing->deadline > listing->hard)
            listing->deadline = listing->hard;
    }
    return REASON_NONE;
}

static enum reason naive_leave(struct world *world, struct naive_listing *listing, uint32_t firm,
                               int64_t now) {
    bool is_suspended = listing->state == LISTING_SUSPENDED;
    if (!listing->bidders[firm].is_in)
        return REASON_NO_DEPOSIT;
    if (is_suspended && now <= naive_days(listing->since, is_bidding(listing->was) ? 5 : 20))
        return REASON_SUSPENDED;
    if (is_suspended && !is_bidding(listing->was))
        finish(world, listing, LISTING_TERMINATED);
    else if (is_suspended || listing->state == LISTING_DISCLOSED)
        give_back(world, listing, firm);
    else if (is_bidding(listing->state))
        lose(world, listing, firm);
    else if (is_owing(listing->state))
        fail_buyer(world, listing);
    else
        return REASON_WRONG_STATE;
    return REASON_NONE;
}

static enum reason naive_qualify(struct world *world, struct naive_listing *listing,
                                 const struct qualify_bidder *qualify) {
    struct naive_bidder *bidder = &listing->bidders[qualify->party];
    uint8_t stage = stage_of(listing);
    if (!bidder->is_in)
        return REASON_NO_DEPOSIT;
    if (qualify->is_qualified && qualify->is_forfeit)
        return REASON_BAD_COMBINATION;
    if (qualify->is_qualified) {
        if (stage != LISTING_DISCLOSED || bidder->is_qualified)
            return REASON_WRONG_STATE;
        bidder->is_qualified = true;
    } else if (is_bidding(stage) && qualify->is_forfeit) {
        lose(world, listing, qualify->party);
    } else if (is_bidding(stage)) {
        give_back(world, listing, qualify->party);
    } else if (is_owing(stage) && qualify->is_forfeit) {
        fail_buyer(world, listing);
    } else {
        return REASON_WRONG_STATE;
    }
    return REASON_NONE;
}

/* What every step from the award on asks first. */
static enum reason naive_at(const struct naive_listing *listing, uint8_t state) {
    if (listing->state == LISTING_SUSPENDED)
        return REASON_SUSPENDED;
    return listing->state == state ? REASON_NONE : REASON_WRONG_STATE;
}

static enum reason naive_sign(struct naive_listing *listing, uint32_t firm, int64_t now) {
    enum reason reason = naive_at(listing, LISTING_AWARDED);
    if (reason != REASON_NONE)
        return reason;
    if (firm != listing->seller && firm != listing->buyer)
        return REASON_NOT_AUTHORISED;
    bool *has = firm == listing->seller ? &listing->has_seller_signed : &listing->has_buyer_signed;
    if (*has)
        return REASON_WRONG_STATE;
    *has = true;
    if (listing->has_seller_signed && listing->has_buyer_signed)
        enter(listing, LISTING_CONTRACTED, now);
    return REASON_NONE;
}

static enum reason naive_pay(struct world *world, struct naive_listing *listing, uint32_t firm,
                             int64_t now) {
    enum reason reason = naive_at(listing, LISTING_CONTRACTED);
    if (reason != REASON_NONE)
        return reason;
    if (firm != listing->buyer)
        return REASON_NOT_AUTHORISED;
    int64_t rest = listing->bidders[firm].bid - listing->bidders[firm].deposit;
    if (world->cash[firm] < rest)
        return REASON_INSUFFICIENT_CASH;
    world->cash[firm] -= rest;
    listing->paid = rest;
    enter(listing, LISTING_PAID, now);
    return REASON_NONE;
}

static enum reason naive_register(struct world *world, struct naive_listing *listing) {
    enum reason reason = naive_at(listing, LISTING_CERTIFIED);
    if (reason != REASON_NONE)
        return reason;
    listing->high = listing->bidders[listing->buyer].bid;
    world->cash[listing->seller] += listing->high;
    listing->paid = 0;
    listing->bidders[listing->buyer] = (struct naive_bidder){0};
    world->stakes[listing->terms.right][listing->seller] -= listing->ppm;
    world->stakes[listing->terms.right][listing->buyer] += listing->ppm;
    finish(world, listing, LISTING_TRANSFER_REGISTERED);
    return REASON_NONE;
}

static void naive_resume(struct world *world, struct naive_listing *listing, int64_t now) {
    bool takes_bids = listing->was == LISTING_FREE || listing->was == LISTING_TIMED;
    if (takes_bids && world->is_out)
        listing->causes |= BY_OUTAGE;
    if (listing->causes != 0)
        return;
    if (!takes_bids) {
        enter(listing, listing->was, now);
        return;
    }
    listing->is_resuming = true;
    listing->deadline = now + or_else(listing->terms.notice_ms, 600000) * MS_NS;
}

static enum reason naive_mark(struct world *world, struct naive_listing *listing, uint8_t kind,
                              int64_t now) {
    bool is_marked = (listing->causes & BY_REGISTRAR) != 0;
    if (is_over(listing))
        return REASON_WRONG_STATE;
    if (kind == DEED_END_LISTING) {
        finish(world, listing, LISTING_TERMINATED);
        return REASON_NONE;
    }
    if ((kind == DEED_RESUME_LISTING) != is_marked)
        return REASON_WRONG_STATE;
    if (kind == DEED_SUSPEND_LISTING) {
        suspend(listing, BY_REGISTRAR, now);
        return REASON_NONE;
    }
    listing->causes &= (uint8_t)~BY_REGISTRAR;
    naive_resume(world, listing, now);
    return REASON_NONE;
}

/* --- random deeds ------------------------------------------------------------------------------
 */

struct wish {
    struct deed deed;
    uint32_t session;
    enum reason expected;
};

static void sign(struct world *world, struct deed *deed, uint32_t firm) {
    deed->signatures_count = 1;
    deed->signatures[0] = (struct signature){.party_key = firm, .serial = ++world->serials};
}

static void wish_open(struct world *world, struct wish *wish) {
    struct random *random = &world->random;
    struct open_listing *open = &wish->deed.open_listing;
    int64_t now = world->venue.time_ns;
    wish->deed.kind = DEED_OPEN_LISTING;
    open->object = SALE_TRANSFER;
    open->mode = BID_MODE_MULTI;
    open->right = random_between(random, 1, RIGHTS);
    open->floor_fen = 100 * random_below(random, 20);
    open->increment_fen = random_below(random, 30);
    if (random_once_in(random, 3))
        open->reserve_fen = open->floor_fen + 40 - random_below(random, 60);
    open->reserve_fen = open->reserve_fen > 0 ? open->reserve_fen : 0;
    open->is_reserve_hidden = random_once_in(random, 3);
    if (random_once_in(random, 3))
        open->deposit_fen = random_below(random, (uint32_t)open->floor_fen / 3 + 2);
    open->free_ms = random_once_in(random, 2) ? 60000 : 0;
    open->timed_ms = random_once_in(random, 2) ? 10000 : 0;
    open->hard_stop_ms = random_once_in(random, 3) ? 15000 + random_below(random, 400000) : 0;
    open->notice_ms = random_once_in(random, 2) ? 5000 : 0;
    open->sign_days = random_below(random, 3);
    open->pay_days = random_below(random, 3);
    open->is_qualifying = random_once_in(random, 4);
    open->disclosed_until_ns = now + (int64_t)random_below(random, 1000) * RIG_SECOND_NS;
    open->sellers_count = 1;
    uint32_t owner = random_between(random, 1, FIRMS);
    for (uint32_t firm = 1; firm <= FIRMS && !random_once_in(random, 20); firm++)
        if (world->stakes[open->right][firm] == RIGHT_WHOLE_PPM)
            owner = firm;
    open->sellers[0] = (struct listing_seller){.party = owner, .account = owner};
    open->sellers[0].ppm =
        random_once_in(random, 2) ? RIGHT_WHOLE_PPM : random_between(random, 1, 500000);
    sign(world, &wish->deed, owner);
    wish->session = REGISTRAR;
    wish->expected = naive_open(world, open, now);
    /* Whoever owns the rest has to sign too. */
    uint32_t others = 0;
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        others += firm != owner && world->stakes[open->right][firm] != 0;
    if (others == 0 || (wish->expected != REASON_NONE && wish->expected != REASON_LIMIT_REACHED))
        return;
    if (wish->expected == REASON_NONE) {
        world->listed[open->right][owner] -= open->sellers[0].ppm;
        world->listings_count--;
    }
    wish->expected = REASON_COOWNER_CONSENT;
}

/* A price around what would be right. */
static int64_t random_price(struct world *world, const struct naive_listing *listing) {
    struct random *random = &world->random;
    uint32_t high = high_of(listing);
    int64_t base = high != 0 ? listing->bidders[high].bid : listing->terms.floor_fen;
    int64_t raise = listing->terms.increment_fen * random_below(random, 4);
    if (random_once_in(random, 6))
        raise += random_below(random, 40);
    return base + raise - (random_once_in(random, 8) ? random_below(random, 30) : 0);
}

static void wish_of_firm(struct world *world, struct wish *wish, struct naive_listing *listing,
                         uint32_t number) {
    struct deed *deed = &wish->deed;
    uint32_t firm = random_between(&world->random, 1, FIRMS);
    int64_t now = world->venue.time_ns;
    wish->session = REGISTRAR + firm;
    switch (listing->state == LISTING_DISCLOSED && !random_once_in(&world->random, 6)
                ? 0
                : random_below(&world->random, 9)) {
    case 0:
        deed->kind = DEED_JOIN_LISTING;
        deed->join_listing = (struct join_listing){number, firm, firm};
        wish->expected = naive_join(world, listing, firm);
        return;
    case 1:
        if (!random_once_in(&world->random, 4))
            break;
        deed->kind = DEED_LEAVE_LISTING;
        deed->leave_listing = (struct leave_listing){number, firm};
        wish->expected = naive_leave(world, listing, firm, now);
        return;
    case 2:
        deed->kind = DEED_SIGN_SALE;
        deed->sign_sale = (struct sign_sale){.listing = number, .party = firm};
        sign(world, deed, firm);
        wish->expected = naive_sign(listing, firm, now);
        return;
    case 3:
        deed->kind = DEED_PAY_SALE;
        deed->pay_sale = (struct pay_sale){number, firm};
        wish->expected = naive_pay(world, listing, firm, now);
        return;
    default:
        break;
    }
    deed->kind = DEED_BID;
    deed->bid = (struct bid){number, firm, random_price(world, listing)};
    wish->expected = naive_bid(listing, firm, deed->bid.price_fen, now);
}

static void wish_of_registrar(struct world *world, struct wish *wish, struct naive_listing *listing,
                              uint32_t number) {
    struct random *random = &world->random;
    struct deed *deed = &wish->deed;
    wish->session = REGISTRAR;
    switch (random_below(random, 8)) {
    case 0:
    case 1:
        deed->kind = DEED_QUALIFY_BIDDER;
        deed->qualify_bidder =
            (struct qualify_bidder){number, random_between(random, 1, FIRMS),
                                    !random_once_in(random, 5), random_once_in(random, 8)};
        wish->expected = naive_qualify(world, listing, &deed->qualify_bidder);
        return;
    case 2:
    case 3:
        deed->kind = DEED_CERTIFY_SALE;
        deed->certify_sale.listing = number;
        wish->expected = naive_at(listing, LISTING_PAID);
        if (wish->expected == REASON_NONE)
            enter(listing, LISTING_CERTIFIED, world->venue.time_ns);
        return;
    case 4:
    case 5:
        deed->kind = DEED_REGISTER_SALE;
        deed->register_sale = (struct register_sale){.listing = number,
                                                     .number_bytes = 2,
                                                     .number = "N1",
                                                     .effective_ns = world->venue.time_ns};
        wish->expected = naive_register(world, listing);
        return;
    default:
        deed->kind = random_once_in(random, 12)  ? DEED_END_LISTING
                     : random_once_in(random, 2) ? DEED_SUSPEND_LISTING
                                                 : DEED_RESUME_LISTING;
        deed->mark_listing.listing = number;
        wish->expected = naive_mark(world, listing, deed->kind, world->venue.time_ns);
    }
}

static void wish_for(struct world *world, struct wish *wish) {
    *wish = (struct wish){0};
    if (world->listings_count == 0 || random_once_in(&world->random, 12)) {
        wish_open(world, wish);
        return;
    }
    /* The newest are those where something happens. */
    uint32_t back =
        random_below(&world->random, world->listings_count < 4 ? world->listings_count : 4);
    uint32_t number = world->listings_count - back;
    if (random_once_in(&world->random, 3))
        wish_of_registrar(world, wish, &world->listings[number], number);
    else
        wish_of_firm(world, wish, &world->listings[number], number);
}

/* --- time and outages --------------------------------------------------------------------------
 */

/* To the deadline of some listing, one ns beyond, or by some while. */
static void random_wait(struct world *world) {
    struct random *random = &world->random;
    int64_t *now = &world->venue.time_ns;
    uint32_t number = random_below(random, world->listings_count + 1);
    int64_t deadline = number != 0 ? world->listings[number].deadline : 0;
    if (deadline > *now && (deadline < *now + 3 * NS_PER_DAY || random_once_in(random, 5)))
        *now = deadline + (random_once_in(random, 2) ? 1 : 0);
    else
        *now += (int64_t)random_below(random, 20) * RIG_SECOND_NS;
    if (random_once_in(random, 60))
        *now += random_between(random, 1, 30) * NS_PER_DAY;
}

static bool takes_bids(const struct naive_listing *listing) {
    return listing->state == LISTING_FREE || listing->state == LISTING_TIMED;
}

static void naive_drop(struct world *world) {
    for (uint32_t i = 1; i <= world->listings_count; i++) {
        struct naive_listing *listing = &world->listings[i];
        if (takes_bids(listing) || listing->is_resuming)
            suspend(listing, BY_OUTAGE, world->venue.time_ns);
    }
}

static void naive_return(struct world *world) {
    for (uint32_t i = 1; i <= world->listings_count; i++) {
        struct naive_listing *listing = &world->listings[i];
        if ((listing->causes & BY_OUTAGE) == 0)
            continue;
        listing->causes &= (uint8_t)~BY_OUTAGE;
        naive_resume(world, listing, world->venue.time_ns);
    }
}

static void own(struct world *world, const struct command *command) {
    venue_own(&world->venue, command);
    world->last = world->venue.time_ns;
}

static void out_and_back(struct world *world) {
    struct command command = {.verb = VERB_REOPEN};
    if (world->is_out) {
        world->is_out = false;
        naive_return(world);
        own(world, &command);
        return;
    }
    if (random_once_in(&world->random, 2)) { /* a clean stop, and a start */
        command.verb = VERB_STOP;
        own(world, &command);
        world->venue.time_ns += (int64_t)random_below(&world->random, 900) * RIG_SECOND_NS;
        naive_drop(world);
        naive_return(world);
        command = (struct command){.verb = VERB_START, .start = {.epoch = 2}};
        own(world, &command);
        return;
    }
    command = (struct command){.verb = VERB_OUTAGE, .outage = {.from_ns = world->venue.time_ns}};
    world->venue.time_ns += (int64_t)random_below(&world->random, 900) * RIG_SECOND_NS;
    command.outage.to_ns = world->venue.time_ns;
    world->is_out = true;
    naive_drop(world);
    own(world, &command);
}

/* --- comparing ---------------------------------------------------------------------------------
 */

static void compare_listing(const struct world *world, uint32_t number) {
    const struct naive_listing *listing = &world->listings[number];
    struct listing_view view;
    assert_true(engine_listing(world->venue.engine, number, &view));
    assert_int_equal(view.state, listing->state);
    assert_int_equal(view.was, listing->was);
    assert_int_equal(view.deadline_ns, listing->deadline);
    assert_int_equal(view.bids, listing->bids);
    assert_int_equal(view.is_resuming, listing->is_resuming);
    uint32_t high = high_of(listing);
    assert_int_equal(view.high_fen, high != 0          ? listing->bidders[high].bid
                                    : is_over(listing) ? listing->high
                                                       : 0);
    if (!is_over(listing))
        assert_int_equal(view.high, high);
}

static void compare(const struct world *world) {
    const struct engine *engine = world->venue.engine;
    int64_t escrow = FIRMS * CASH_FEN;
    assert_int_equal(engine_count(engine, POOL_LISTINGS), world->listings_count);
    for (uint32_t i = 1; i <= world->listings_count; i++)
        compare_listing(world, i);
    for (uint32_t firm = 1; firm <= FIRMS; firm++) {
        struct account_view account;
        assert_true(engine_account(engine, firm, &account));
        assert_int_equal(account.cash_fen, world->cash[firm]);
        escrow -= account.cash_fen;
    }
    assert_int_equal(engine_escrow_fen(engine), escrow);
    for (uint32_t number = 1; number <= RIGHTS; number++) {
        struct right_view right;
        uint32_t ppm[FIRMS + 1] = {0};
        assert_true(engine_right(engine, number, &right));
        for (uint32_t i = 0; i < right.owners_count; i++)
            ppm[right.owners[i].party] = right.owners[i].ppm;
        assert_memory_equal(ppm, world->stakes[number], sizeof ppm);
    }
}

static enum reason answer_of(const struct world *world) {
    for (size_t i = 0; i < world->venue.heard_count; i++) {
        const struct event *event = &world->venue.heard[i].event;
        if (event->kind == EVENT_REJECTED)
            return (enum reason)event->reason;
        if (event->kind == EVENT_DONE)
            return REASON_NONE;
    }
    fail_msg("no answer");
    return REASON_NONE;
}

static void step(struct world *world) {
    struct command command = {.verb = VERB_DEED};
    struct wish wish;
    venue_forget(&world->venue);
    if (random_once_in(&world->random, 3))
        random_wait(world);
    bool is_out = random_once_in(&world->random, world->is_out ? 4 : 40);
    if (is_out && !world->is_out) {
        /* What was due before the exchange went out has happened. */
        naive_time(world, world->venue.time_ns);
        venue_wait_until(&world->venue, world->venue.time_ns);
        world->last = world->venue.time_ns;
    }
    if (is_out) {
        if (world->is_out)
            naive_time(world, world->venue.time_ns);
        out_and_back(world);
    } else {
        naive_time(world, world->venue.time_ns);
        wish_for(world, &wish);
        command.deed = wish.deed;
        venue_request(&world->venue, wish.session, wish.session, &command);
        world->last = world->venue.time_ns;
        assert_int_equal(answer_of(world), wish.expected);
    }
    compare(world);
    engine_check(world->venue.engine);
}

/* --- the run -----------------------------------------------------------------------------------
 */

static void act(struct world *world, const struct act *act) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    venue_request(&world->venue, 1, 1, &command);
}

static void tell(struct world *world, const struct deed *deed) {
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    venue_request(&world->venue, REGISTRAR, REGISTRAR, &command);
}

/* Participant, key and session; their numbers go alike from here on. */
static void add_participant(struct world *world, uint32_t number, uint32_t roles) {
    struct act add = {.kind = ACT_ADD_PARTICIPANT, .add_participant = {.roles = roles}};
    add.add_participant.code_bytes =
        (uint8_t)snprintf(add.add_participant.code, CODE_BYTES_MAX, "P%u", number);
    act(world, &add);
    struct act key = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = number - 1, .person = 50 + number}};
    key.add_key.key[0] = (uint8_t)(50 + number);
    act(world, &key);
    struct act session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = number - 1}};
    act(world, &session);
}

static void add_firm(struct world *world, uint32_t firm) {
    uint32_t number = REGISTRAR + firm;
    add_participant(world, number, ROLE_TRANSFEREE);
    struct deed deed = {.kind = DEED_ADD_PARTY,
                        .add_party = {.participant = number - 1, .name_bytes = 4}};
    deed.add_party.code_bytes = (uint8_t)snprintf(deed.add_party.code, CODE_BYTES_MAX, "F%u", firm);
    tell(world, &deed);
    deed = (struct deed){
        .kind = DEED_ADD_PARTY_KEY,
        .add_party_key = {.party = firm, .person = firm, .key = algorithms_key((uint8_t)firm)}};
    tell(world, &deed);
    struct act account = {.kind = ACT_ADD_ACCOUNT, .add_account = {number - 1, firm}};
    act(world, &account);
    struct act cash = {.kind = ACT_DEPOSIT, .deposit = {.account = firm, .amount = CASH_FEN}};
    act(world, &cash);
    world->cash[firm] = CASH_FEN;
}

static void add_right(struct world *world, uint32_t number) {
    struct deed deed = {.kind = DEED_ADMIT_RIGHT};
    struct admit_right *admit = &deed.admit_right;
    admit->kind = RIGHT_INVENTION;
    admit->office = OFFICE_CNIPA;
    admit->number_bytes = (uint8_t)snprintf(admit->number, sizeof admit->number, "ZL%u", number);
    admit->title_bytes = 4;
    admit->owners_count = 1;
    admit->owners[0] = (struct right_owner){.party = number, .ppm = RIGHT_WHOLE_PPM};
    tell(world, &deed);
    world->stakes[number][number] = RIGHT_WHOLE_PPM;
}

static void begin_world(struct world *world, const struct engine_limits *limits) {
    struct random random = world->random;
    *world = (struct world){.random = random};
    venue_init(&world->venue, limits, ENVIRONMENT_TEST, RIG_START_NS);
    struct act day = {.kind = ACT_DAY_OPEN, .day = {RIG_DATE}};
    act(world, &day);
    add_participant(world, REGISTRAR, ROLE_REGISTRAR);
    for (uint32_t firm = 1; firm <= FIRMS; firm++)
        add_firm(world, firm);
    for (uint32_t number = 1; number <= RIGHTS; number++)
        add_right(world, number);
    world->last = world->venue.time_ns;
}

static int begin(void **state) {
    static struct world world;
    world.random = seed_begin();
    *state = &world;
    return 0;
}

static void sales_go_as_the_obvious_ones_go(void **state) {
    struct world *world = *state;
    struct engine_limits limits = rig_limits();
    uint64_t steps = seed_steps(STEPS);
    for (uint32_t pool = POOLS_FIRST_RELEASE_END; pool < POOLS_END; pool++)
        limits.limit[pool] = limits.ceiling[pool] = 4096;
    limits.limit[POOL_TIMERS] = limits.ceiling[POOL_TIMERS] = 200;
    limits.limit[POOL_LISTINGS] = limits.ceiling[POOL_LISTINGS] = LISTINGS_MAX;
    while (steps > 0) {
        begin_world(world, &limits);
        for (uint32_t i = 0; i < ROUND && steps > 0; i++, steps--)
            step(world);
        venue_move(&world->venue);
        venue_replay(&world->venue);
        venue_fini(&world->venue);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sales_go_as_the_obvious_ones_go),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
