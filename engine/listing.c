/*
 * A listing's stages. Every one that has not ended holds a place in the heap of timers, also where
 * it waits for no time: so a suspension finds room for its own.
 */
#include "engine/listing.h"

#include "engine/asset.h"
#include "engine/bid.h"
#include "engine/binding.h"
#include "engine/calendar.h"
#include "engine/emit.h"
#include "engine/parcel.h"
#include "engine/sale.h"
#include "engine/timer.h"

struct refusal listing_check_exists(const struct engine *engine, uint32_t listing) {
    if (!pool_has(engine, POOL_LISTINGS, listing))
        return refusal_of(REASON_UNKNOWN_LISTING, FIELD_LISTING, 0);
    return refusal_none();
}

/* --- telling ----------------------------------------------------------------------------------
 */

void listing_tell(const struct call *call, uint32_t number, enum reason why) {
    const struct listing *listing = listing_at(call->engine, number);
    *emit_next(call->sink) = (struct event){.kind = EVENT_LISTING,
                                            .audience = AUDIENCE_EVERYBODY,
                                            .reason = (uint16_t)why,
                                            .id = number,
                                            .value = (uint64_t)listing->deadline_ns,
                                            .price_fen = listing->high_fen,
                                            .quantity = listing->bids,
                                            .phase = listing->state,
                                            .stage = listing_stage(listing)};
}

void listing_describe(const struct engine *engine, const struct binding *binding,
                      struct extract *extract) {
    extract->listing = binding->subject;
    extract->object = listing_at(engine, binding->subject)->object;
}

/* --- stages -----------------------------------------------------------------------------------
 */

void listing_deadline(struct engine *engine, uint32_t number, int64_t deadline_ns) {
    struct listing *listing = listing_at(engine, number);
    listing->deadline_ns = deadline_ns;
    timer_disarm(engine, TIMER_LISTING, number);
    timer_arm(engine, TIMER_LISTING, number, deadline_ns == 0 ? INT64_MAX : deadline_ns + 1);
}

/* The last ns of a period of ms from now on. */
static int64_t after_ms(const struct engine *engine, uint32_t ms) {
    return timer_after(engine->time_ns, ms) - 1;
}

static int64_t deadline_of(const struct engine *engine, const struct listing *listing) {
    switch (listing->state) {
    case LISTING_DISCLOSED:
        return engine->time_ns + (listing->disclosed_until_ns - listing->disclosed_ns);
    case LISTING_FREE:
        return after_ms(engine, listing->free_ms);
    case LISTING_TIMED:
        return after_ms(engine, listing->timed_ms);
    case LISTING_AWARDED:
        return calendar_deadline(engine, listing->since_ns, listing->sign_days);
    case LISTING_CONTRACTED:
        return calendar_deadline(engine, listing->since_ns, listing->pay_days);
    default:
        assert(listing->state == LISTING_PAID || listing->state == LISTING_CERTIFIED);
        return 0;
    }
}

void listing_begin(const struct call *call, uint32_t number, enum listing_state state) {
    struct engine *engine = call->engine;
    struct listing *listing = listing_at(engine, number);
    listing->state = (uint8_t)state;
    listing->was = 0;
    listing->causes = 0;
    listing->is_resuming = false;
    listing->since_ns = engine->time_ns;
    listing->hard_ns = 0;
    int64_t deadline_ns = deadline_of(engine, listing);
    if (state == LISTING_TIMED && listing->hard_stop_ms != 0) {
        listing->hard_ns = after_ms(engine, listing->hard_stop_ms);
        deadline_ns = deadline_ns < listing->hard_ns ? deadline_ns : listing->hard_ns;
    }
    listing_deadline(engine, number, deadline_ns);
    listing_tell(call, number, REASON_NONE);
}

void listing_finish(const struct call *call, uint32_t number, enum listing_state state,
                    enum reason why) {
    struct engine *engine = call->engine;
    struct listing *listing = listing_at(engine, number);
    bid_release_all(call, number, 0);
    timer_disarm(engine, TIMER_LISTING, number);
    listing->state = (uint8_t)state;
    listing->was = 0;
    listing->causes = 0;
    listing->is_resuming = false;
    listing->since_ns = engine->time_ns;
    listing->deadline_ns = 0;
    listing->hard_ns = 0;
    engine->listings_active--;
    listing_tell(call, number, why);
    binding_at(engine, listing->binding)->state = (uint8_t)state;
    binding_end(call, listing->binding);
}

void listing_terminate(const struct call *call, uint32_t number, enum reason why) {
    if (!listing_is_active(listing_at(call->engine, number)))
        return;
    sale_undo(call, number);
    listing_finish(call, number, LISTING_TERMINATED, why);
}

void listing_right_ended(const struct call *call, uint32_t right) {
    const struct engine *engine = call->engine;
    uint32_t at = right_at(engine, right)->docket.first;
    for (; at != 0; at = binding_at(engine, at)->next)
        if (binding_at(engine, at)->kind == ENTRY_LISTING)
            listing_terminate(call, binding_at(engine, at)->subject, REASON_RIGHT_LAPSED);
}

/* The disclosure is over: who was not admitted is none of the bidders. */
static void end_disclosure(const struct call *call, uint32_t number) {
    const struct engine *engine = call->engine;
    uint32_t count = bid_count_qualified(engine, number);
    if (count < 2) {
        listing_finish(call, number, count == 0 ? LISTING_NO_BIDDER : LISTING_ONE_BIDDER,
                       REASON_NONE);
        return;
    }
    for (uint32_t at = listing_at(engine, number)->first; at != 0; at = bidder_at(engine, at)->next)
        if (bidder_at(engine, at)->is_in && !bidder_at(engine, at)->is_qualified)
            bid_release(call, at);
    listing_begin(call, number, LISTING_FREE);
    if (engine->is_halted)
        listing_suspend(call, number, SUSPENDED_BY_OUTAGE);
}

void listing_timer_fires(const struct call *call, uint32_t number) {
    const struct listing *listing = listing_at(call->engine, number);
    switch (listing->state) {
    case LISTING_DISCLOSED:
        end_disclosure(call, number);
        return;
    case LISTING_FREE:
        listing_begin(call, number, LISTING_TIMED);
        return;
    case LISTING_TIMED:
        sale_award(call, number);
        return;
    case LISTING_SUSPENDED:
        if (listing->is_resuming)
            listing_begin(call, number, (enum listing_state)listing->was);
        else
            listing_terminate(call, number, REASON_SUSPENDED);
        return;
    default:
        sale_default(call, number);
    }
}

/* --- suspensions ------------------------------------------------------------------------------
 */

void listing_suspend(const struct call *call, uint32_t number, enum suspended_by cause) {
    struct engine *engine = call->engine;
    struct listing *listing = listing_at(engine, number);
    if (!listing_is_active(listing) || (listing->causes & cause) != 0)
        return;
    listing->causes |= (uint8_t)cause;
    if (listing->state != LISTING_SUSPENDED) {
        listing->was = listing->state;
        listing->state = LISTING_SUSPENDED;
        listing->since_ns = engine->time_ns;
        listing->hard_ns = 0;
    }
    listing->is_resuming = false;
    listing_deadline(engine, number,
                     calendar_deadline(engine, listing->since_ns, SUSPENDED_TERMINATE_DAYS));
    listing_tell(call, number, REASON_SUSPENDED);
}

void listing_resume(const struct call *call, uint32_t number, enum suspended_by cause) {
    struct engine *engine = call->engine;
    struct listing *listing = listing_at(engine, number);
    if ((listing->causes & cause) == 0)
        return;
    bool takes_bids = listing->was == LISTING_FREE || listing->was == LISTING_TIMED;
    listing->causes &= (uint8_t)~cause;
    if (takes_bids && engine->is_halted)
        listing->causes |= SUSPENDED_BY_OUTAGE;
    if (listing->causes != 0)
        return;
    if (!takes_bids) {
        listing_begin(call, number, (enum listing_state)listing->was);
        return;
    }
    listing->is_resuming = true;
    listing_deadline(engine, number, after_ms(engine, listing->notice_ms));
    listing_tell(call, number, REASON_NONE);
}

/* Whether a freeze reaches something that a listing sells. */
static bool is_frozen(const struct engine *engine, uint32_t binding) {
    uint32_t at = binding_at(engine, binding)->ties;
    while (at != 0 && parcel_tied_by(engine, tie_at(engine, at)->parcel, ENTRY_FREEZE) == 0 &&
           parcel_tied_by(engine, tie_at(engine, at)->parcel, ENTRY_MARK) == 0)
        at = tie_at(engine, at)->other;
    return at != 0;
}

void listing_freeze_changed(const struct call *call, struct asset asset) {
    const struct engine *engine = call->engine;
    for (uint32_t at = 0; (at = asset_bound(engine, asset, ENTRY_LISTING, at)) != 0;) {
        uint32_t number = binding_at(engine, at)->subject;
        if (listing_at(engine, number)->purpose == SALE_IN_ENFORCEMENT)
            continue;
        if (is_frozen(engine, at))
            listing_suspend(call, number, SUSPENDED_BY_FREEZE);
        else
            listing_resume(call, number, SUSPENDED_BY_FREEZE);
    }
}

static bool takes_bids(const struct listing *listing) {
    return listing->state == LISTING_FREE || listing->state == LISTING_TIMED;
}

/* One whose notice was running is told again when bids are taken. */
void listing_outage(const struct call *call) {
    const struct engine *engine = call->engine;
    for (uint32_t number = 1; number <= engine->pools[POOL_LISTINGS].count; number++) {
        const struct listing *listing = listing_at(engine, number);
        if (takes_bids(listing) || listing->is_resuming)
            listing_suspend(call, number, SUSPENDED_BY_OUTAGE);
    }
}

void listing_reopen(const struct call *call) {
    const struct engine *engine = call->engine;
    for (uint32_t number = 1; number <= engine->pools[POOL_LISTINGS].count; number++)
        listing_resume(call, number, SUSPENDED_BY_OUTAGE);
}

void listing_start(const struct call *call) {
    listing_outage(call);
    if (!call->engine->is_halted)
        listing_reopen(call);
}

void listing_calendar_changed(const struct call *call) {
    struct engine *engine = call->engine;
    for (uint32_t number = 1; number <= engine->pools[POOL_LISTINGS].count; number++) {
        const struct listing *listing = listing_at(engine, number);
        int64_t deadline_ns = listing->deadline_ns;
        if (listing->state == LISTING_SUSPENDED && !listing->is_resuming)
            deadline_ns = calendar_deadline(engine, listing->since_ns, SUSPENDED_TERMINATE_DAYS);
        else if (listing->state == LISTING_AWARDED || listing->state == LISTING_CONTRACTED)
            deadline_ns = deadline_of(engine, listing);
        if (deadline_ns == listing->deadline_ns)
            continue;
        listing_deadline(engine, number, deadline_ns);
        listing_tell(call, number, REASON_NONE);
    }
}

/* --- deeds of the registrar -------------------------------------------------------------------
 */

static struct refusal check_active(const struct engine *engine, uint32_t number) {
    struct refusal refusal = listing_check_exists(engine, number);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, number);
    if (!listing_is_active(listing))
        return refusal_of(REASON_WRONG_STATE, FIELD_LISTING, listing->state);
    return refusal_none();
}

static struct refusal check_cause(const struct engine *engine, uint32_t number, bool is_there) {
    struct refusal refusal = check_active(engine, number);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct listing *listing = listing_at(engine, number);
    if (((listing->causes & SUSPENDED_BY_REGISTRAR) != 0) != is_there)
        return refusal_of(REASON_WRONG_STATE, FIELD_LISTING, listing->state);
    return refusal_none();
}

struct refusal listing_check_suspend(const struct call *call, const struct deed *deed) {
    return check_cause(call->engine, deed->mark_listing.listing, false);
}

uint64_t listing_suspend_by_deed(const struct call *call, const struct deed *deed) {
    listing_suspend(call, deed->mark_listing.listing, SUSPENDED_BY_REGISTRAR);
    return deed->mark_listing.listing;
}

struct refusal listing_check_resume(const struct call *call, const struct deed *deed) {
    return check_cause(call->engine, deed->mark_listing.listing, true);
}

uint64_t listing_resume_by_deed(const struct call *call, const struct deed *deed) {
    listing_resume(call, deed->mark_listing.listing, SUSPENDED_BY_REGISTRAR);
    return deed->mark_listing.listing;
}

struct refusal listing_check_end(const struct call *call, const struct deed *deed) {
    return check_active(call->engine, deed->mark_listing.listing);
}

uint64_t listing_end_by_deed(const struct call *call, const struct deed *deed) {
    listing_terminate(call, deed->mark_listing.listing, REASON_NONE);
    return deed->mark_listing.listing;
}

/* --- invariants -------------------------------------------------------------------------------
 */

static int64_t held_fen(const struct engine *engine, uint32_t number) {
    const struct listing *listing = listing_at(engine, number);
    int64_t sum_fen = listing->paid_fen;
    for (uint32_t at = listing->first; at != 0; at = bidder_at(engine, at)->next)
        sum_fen += bidder_at(engine, at)->deposit_fen;
    return sum_fen;
}

int64_t listing_escrow_fen(const struct engine *engine) {
    int64_t sum_fen = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_LISTINGS].count; number++)
        sum_fen += held_fen(engine, number);
    return sum_fen;
}

/* The highest bid is that of one who is in, and nobody bid more. */
static void check_bidders(const struct engine *engine, uint32_t number) {
    const struct listing *listing = listing_at(engine, number);
    uint32_t count = 0;
    uint32_t last = 0;
    bool has_high = listing->high == 0;
    for (uint32_t at = listing->first; at != 0; at = bidder_at(engine, at)->next) {
        const struct bidder *bidder = bidder_at(engine, at);
        assert(bidder->listing == number && bidder->bid_fen <= listing->high_fen);
        assert(bidder->is_in || (bidder->bid_fen == 0 && bidder->deposit_fen == 0));
        assert(!bidder->is_in || bidder->deposit_fen == listing->deposit_fen);
        assert(!bidder->is_in || listing_is_active(listing));
        has_high |= at == listing->high;
        last = at;
        count++;
    }
    assert(has_high && count == listing->bidders && last == listing->last);
    assert(!listing_is_active(listing) || (listing->high != 0) == (listing->high_fen != 0));
}

void listing_check(const struct engine *engine) {
    uint32_t active = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_LISTINGS].count; number++) {
        const struct listing *listing = listing_at(engine, number);
        const struct binding *binding = binding_at(engine, listing->binding);
        bool is_active = listing_is_active(listing);
        assert(binding->kind == ENTRY_LISTING && binding->subject == number);
        assert((binding->to_ns == 0) == is_active && (listing->timer != 0) == is_active);
        assert(parcel_units(engine, listing->binding) == (is_active ? listing->units : 0));
        active += is_active;
        assert((listing->state == LISTING_SUSPENDED) == (listing->was != 0));
        assert(listing->state != LISTING_SUSPENDED ||
               (listing->causes == 0) == listing->is_resuming);
        assert(listing->paid_fen == 0 || listing_stage(listing) == LISTING_PAID ||
               listing_stage(listing) == LISTING_CERTIFIED);
        check_bidders(engine, number);
    }
    assert(active == engine->listings_active);
}
