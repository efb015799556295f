/*
 * A listing's bidders form a list in the order in which they came. Of each only the highest bid is
 * kept: those before it stand in the ledger.
 */
#include "engine/bid.h"

#include "engine/admit.h"
#include "engine/calendar.h"
#include "engine/confirm.h"
#include "engine/escrow.h"
#include "engine/listing.h"
#include "engine/parties.h"
#include "engine/sale.h"
#include "engine/timer.h"

/* --- finding ----------------------------------------------------------------------------------
 */

uint32_t bid_find(const struct engine *engine, uint32_t listing, uint32_t party) {
    uint32_t at = listing_at(engine, listing)->first;
    while (at != 0 && bidder_at(engine, at)->party != party)
        at = bidder_at(engine, at)->next;
    return at;
}

uint32_t bid_count_qualified(const struct engine *engine, uint32_t listing) {
    uint32_t count = 0;
    for (uint32_t at = listing_at(engine, listing)->first; at != 0;) {
        const struct bidder *bidder = bidder_at(engine, at);
        count += bidder->is_in && bidder->is_qualified;
        at = bidder->next;
    }
    return count;
}

/* A public reserve is what the first bid has to reach, in whole increments above the floor. */
int64_t bid_least_fen(const struct listing *listing) {
    int64_t least_fen = listing->floor_fen;
    if (listing->high_fen != 0 &&
        __builtin_add_overflow(listing->high_fen, listing->increment_fen, &least_fen))
        return INT64_MAX;
    if (listing->is_reserve_hidden || least_fen >= listing->reserve_fen)
        return least_fen;
    int64_t steps = (listing->reserve_fen - least_fen - 1) / listing->increment_fen + 1;
    if (__builtin_add_overflow(least_fen, steps * listing->increment_fen, &least_fen))
        return INT64_MAX;
    return least_fen;
}

static bool is_seller(const struct listing *listing, uint32_t party) {
    for (uint32_t i = 0; i < listing->sellers_count; i++)
        if (listing->sellers[i].party == party)
            return true;
    return listing->signatory == party;
}

/* The listing, and a party that the sender acts for, about so much money. */
static struct refusal check_who(const struct call *call, uint32_t listing, uint32_t party,
                                int64_t amount_fen) {
    struct refusal refusal = listing_check_exists(call->engine, listing);
    if (refusal.reason == REASON_NONE)
        refusal = parties_check_exists(call->engine, party, FIELD_PARTY);
    if (refusal.reason == REASON_NONE)
        refusal = party_check_acts(call, party, amount_fen);
    return refusal;
}

/* --- bidders ----------------------------------------------------------------------------------
 */

struct refusal bid_check_account(const struct call *call, uint32_t number, uint32_t party) {
    const struct engine *engine = call->engine;
    if (!pool_has(engine, POOL_ACCOUNTS, number))
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    const struct account *account = account_at(engine, number);
    if (account->participant != call->command->stamp.participant || account->owner != party)
        return refusal_of(REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT, 0);
    if (account->is_killed || admit_is_killed(engine, &call->command->stamp))
        return refusal_of(REASON_KILLED, FIELD_NONE, 0);
    return refusal_none();
}

struct refusal bid_check_join(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct join_listing *join = &deed->join_listing;
    struct refusal refusal = listing_check_exists(engine, join->listing);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, join->listing);
    refusal = check_who(call, join->listing, join->party, listing->deposit_fen);
    if (refusal.reason == REASON_NONE)
        refusal = bid_check_account(call, join->account, join->party);
    if (refusal.reason != REASON_NONE)
        return refusal;
    if (listing->state == LISTING_SUSPENDED)
        return refusal_of(REASON_SUSPENDED, FIELD_LISTING, 0);
    if (listing->state != LISTING_DISCLOSED)
        return refusal_of(REASON_WRONG_STATE, FIELD_LISTING, listing->state);
    if (is_seller(listing, join->party))
        return refusal_of(REASON_NOT_QUALIFIED, FIELD_PARTY, 0);
    uint32_t known = bid_find(engine, join->listing, join->party);
    if (known != 0 && bidder_at(engine, known)->is_in)
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_PARTY, 0);
    if (known == 0 && listing->bidders == LISTING_BIDDERS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_LISTING, LISTING_BIDDERS_MAX);
    if (known == 0 && pool_is_full(engine, POOL_BIDDERS))
        return refusal_full(POOL_BIDDERS);
    if (escrow_free_fen(engine, join->account) < listing->deposit_fen)
        return refusal_of(REASON_INSUFFICIENT_CASH, FIELD_AMOUNT, listing->deposit_fen);
    return refusal_none();
}

/* A new row at the end of the listing's list. */
static uint32_t add(struct engine *engine, uint32_t number) {
    struct listing *listing = listing_at(engine, number);
    uint32_t bidder = pool_add(engine, POOL_BIDDERS);
    *bidder_at(engine, bidder) = (struct bidder){.listing = number};
    if (listing->last == 0)
        listing->first = bidder;
    else
        bidder_at(engine, listing->last)->next = bidder;
    listing->last = bidder;
    listing->bidders++;
    return bidder;
}

static struct escrow_entry entry_of(const struct engine *engine, uint32_t number,
                                    enum escrow_move move) {
    const struct bidder *bidder = bidder_at(engine, number);
    return (struct escrow_entry){.move = (uint8_t)move,
                                 .listing = bidder->listing,
                                 .party = bidder->party,
                                 .account = bidder->account,
                                 .amount_fen = bidder->deposit_fen};
}

uint64_t bid_join(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct join_listing *join = &deed->join_listing;
    const struct listing *listing = listing_at(engine, join->listing);
    uint32_t number = bid_find(engine, join->listing, join->party);
    if (number == 0)
        number = add(engine, join->listing);
    struct bidder *bidder = bidder_at(engine, number);
    bidder->party = join->party;
    bidder->account = join->account;
    bidder->deposit_fen = listing->deposit_fen;
    bidder->is_in = true;
    bidder->is_qualified = !listing->is_qualifying;
    struct escrow_entry entry = entry_of(engine, number, ESCROW_DEPOSIT);
    escrow_take(call, &entry);
    return join->listing;
}

void bid_release(const struct call *call, uint32_t number) {
    struct bidder *bidder = bidder_at(call->engine, number);
    struct escrow_entry entry = entry_of(call->engine, number, ESCROW_RETURN);
    bidder->is_in = false;
    bidder->bid_fen = 0;
    bidder->deposit_fen = 0;
    escrow_pay(call, &entry);
}

void bid_release_all(const struct call *call, uint32_t listing, uint32_t but) {
    const struct engine *engine = call->engine;
    for (uint32_t at = listing_at(engine, listing)->first; at != 0;
         at = bidder_at(engine, at)->next)
        if (at != but && bidder_at(engine, at)->is_in)
            bid_release(call, at);
}

void bid_forfeit(const struct call *call, uint32_t number) {
    struct bidder *bidder = bidder_at(call->engine, number);
    struct escrow_entry entry = entry_of(call->engine, number, ESCROW_FORFEIT);
    bidder->is_in = false;
    bidder->bid_fen = 0;
    bidder->deposit_fen = 0;
    escrow_tell(call, &entry);
    sale_divide(call, bidder->listing, ESCROW_FORFEIT, entry.amount_fen);
}

/* The highest bid of those who are still in, after one has gone. */
static void find_high(const struct call *call, uint32_t number) {
    struct engine *engine = call->engine;
    struct listing *listing = listing_at(engine, number);
    uint32_t before = listing->high;
    listing->high = 0;
    listing->high_fen = 0;
    for (uint32_t at = listing->first; at != 0; at = bidder_at(engine, at)->next) {
        if (bidder_at(engine, at)->bid_fen <= listing->high_fen)
            continue;
        listing->high = at;
        listing->high_fen = bidder_at(engine, at)->bid_fen;
    }
    if (listing->high != before)
        listing_tell(call, number, REASON_NONE);
}

/* --- qualifying -------------------------------------------------------------------------------
 */

static bool is_bidding(uint8_t stage) {
    return stage == LISTING_DISCLOSED || stage == LISTING_FREE || stage == LISTING_TIMED;
}

static bool is_owing(uint8_t stage) {
    return stage == LISTING_AWARDED || stage == LISTING_CONTRACTED;
}

struct refusal bid_check_qualify(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct qualify_bidder *qualify = &deed->qualify_bidder;
    struct refusal refusal = listing_check_exists(engine, qualify->listing);
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t number = bid_find(engine, qualify->listing, qualify->party);
    if (number == 0 || !bidder_at(engine, number)->is_in)
        return refusal_of(REASON_NO_DEPOSIT, FIELD_PARTY, 0);
    if (qualify->is_qualified && qualify->is_forfeit)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_STATUS, 0);
    const struct listing *listing = listing_at(engine, qualify->listing);
    uint8_t stage = listing_stage(listing);
    bool is_timely = qualify->is_qualified
                         ? stage == LISTING_DISCLOSED
                         : is_bidding(stage) || (is_owing(stage) && qualify->is_forfeit);
    if (!is_timely)
        return refusal_of(REASON_WRONG_STATE, FIELD_LISTING, listing->state);
    if (qualify->is_qualified && bidder_at(engine, number)->is_qualified)
        return refusal_of(REASON_WRONG_STATE, FIELD_PARTY, 0);
    return refusal_none();
}

uint64_t bid_qualify(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct qualify_bidder *qualify = &deed->qualify_bidder;
    uint32_t number = bid_find(engine, qualify->listing, qualify->party);
    if (qualify->is_qualified) {
        bidder_at(engine, number)->is_qualified = true;
        return qualify->listing;
    }
    if (is_owing(listing_stage(listing_at(engine, qualify->listing)))) {
        sale_break(call, qualify->listing);
        return qualify->listing;
    }
    if (qualify->is_forfeit)
        bid_forfeit(call, number);
    else
        bid_release(call, number);
    find_high(call, qualify->listing);
    return qualify->listing;
}

/* --- bids -------------------------------------------------------------------------------------
 */

static struct refusal check_stage(const struct listing *listing) {
    if (listing->state == LISTING_SUSPENDED && is_bidding(listing->was))
        return refusal_of(REASON_SUSPENDED, FIELD_LISTING, 0);
    if (listing->state == LISTING_DISCLOSED)
        return refusal_of(REASON_DISCLOSURE_OPEN, FIELD_LISTING, 0);
    if (listing->state != LISTING_FREE && listing->state != LISTING_TIMED)
        return refusal_of(REASON_LATE_BID, FIELD_LISTING, 0);
    return refusal_none();
}

static struct refusal check_price(const struct listing *listing, int64_t price_fen) {
    int64_t base_fen = listing->high_fen != 0 ? listing->high_fen : listing->floor_fen;
    int64_t least_fen = bid_least_fen(listing);
    if (price_fen < listing->floor_fen)
        return refusal_of(REASON_BELOW_RESERVE, FIELD_PRICE, listing->floor_fen);
    if (price_fen < listing->reserve_fen && !listing->is_reserve_hidden)
        return refusal_of(REASON_BELOW_RESERVE, FIELD_PRICE, listing->reserve_fen);
    if (price_fen < least_fen || (price_fen - base_fen) % listing->increment_fen != 0)
        return refusal_of(REASON_BAD_INCREMENT, FIELD_PRICE, least_fen);
    return refusal_none();
}

struct refusal bid_check(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct bid *bid = &deed->bid;
    struct refusal refusal = check_who(call, bid->listing, bid->party, bid->price_fen);
    if (refusal.reason == REASON_NONE && admit_is_killed(engine, &call->command->stamp))
        refusal = refusal_of(REASON_KILLED, FIELD_NONE, 0);
    if (refusal.reason == REASON_NONE)
        refusal = check_stage(listing_at(engine, bid->listing));
    if (refusal.reason != REASON_NONE)
        return refusal;
    uint32_t number = bid_find(engine, bid->listing, bid->party);
    if (number == 0 || !bidder_at(engine, number)->is_in)
        return refusal_of(REASON_NO_DEPOSIT, FIELD_PARTY, 0);
    if (!bidder_at(engine, number)->is_qualified)
        return refusal_of(REASON_NOT_QUALIFIED, FIELD_PARTY, 0);
    return check_price(listing_at(engine, bid->listing), bid->price_fen);
}

uint64_t bid_place(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct bid *bid = &deed->bid;
    struct listing *listing = listing_at(engine, bid->listing);
    uint32_t number = bid_find(engine, bid->listing, bid->party);
    bidder_at(engine, number)->bid_fen = bid->price_fen;
    listing->high = number;
    listing->high_fen = bid->price_fen;
    listing->bids++;
    if (listing->state == LISTING_TIMED) {
        int64_t deadline_ns = timer_after(engine->time_ns, listing->timed_ms) - 1;
        if (listing->hard_ns != 0 && deadline_ns > listing->hard_ns)
            deadline_ns = listing->hard_ns;
        listing_deadline(engine, bid->listing, deadline_ns);
    }
    listing_tell(call, bid->listing, REASON_NONE);
    return bid->listing;
}

/* --- leaving ----------------------------------------------------------------------------------
 */

/* Whether a suspension has lasted for more than so many working days. */
static struct refusal check_lasted(const struct engine *engine, const struct listing *listing,
                                   uint32_t days) {
    int64_t deadline_ns = calendar_deadline(engine, listing->since_ns, days);
    if (engine->time_ns <= deadline_ns)
        return refusal_of(REASON_SUSPENDED, FIELD_LISTING, deadline_ns);
    return refusal_none();
}

struct refusal bid_check_leave(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct leave_listing *leave = &deed->leave_listing;
    struct refusal refusal = check_who(call, leave->listing, leave->party, 0);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, leave->listing);
    uint32_t number = bid_find(engine, leave->listing, leave->party);
    if (number == 0 || !bidder_at(engine, number)->is_in)
        return refusal_of(REASON_NO_DEPOSIT, FIELD_PARTY, 0);
    if (listing->state == LISTING_SUSPENDED)
        return check_lasted(engine, listing,
                            is_bidding(listing->was) ? SUSPENDED_LEAVE_DAYS
                                                     : SUSPENDED_RESCIND_DAYS);
    if (!is_bidding(listing->state) && !is_owing(listing->state))
        return refusal_of(REASON_WRONG_STATE, FIELD_LISTING, listing->state);
    return refusal_none();
}

uint64_t bid_leave(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct leave_listing *leave = &deed->leave_listing;
    const struct listing *listing = listing_at(engine, leave->listing);
    uint32_t number = bid_find(engine, leave->listing, leave->party);
    bool is_suspended = listing->state == LISTING_SUSPENDED;
    if (is_suspended && !is_bidding(listing->was)) {
        listing_terminate(call, leave->listing, REASON_SUSPENDED);
    } else if (is_owing(listing->state)) {
        sale_break(call, leave->listing);
    } else {
        if (is_suspended || listing->state == LISTING_DISCLOSED)
            bid_release(call, number);
        else
            bid_forfeit(call, number);
        find_high(call, leave->listing);
    }
    return leave->listing;
}
