/*
 * Listings: a right, or a share of one, sold by timed bidding.
 *
 * A listing begins DISCLOSED, by a deed of the registrar that carries every parameter. Its life is
 * one straight line, each part with a deadline that a timer keeps (a deadline itself is in time):
 *
 *     DISCLOSED   bidders come in (bid.h)      -> FREE with two of them, else NO_BIDDER, ONE_BIDDER
 *     FREE        bids                         -> TIMED
 *     TIMED       bids, each a new period      -> AWARDED, or FAILED without a bid or the reserve
 *     AWARDED     both sides sign (sale.h)     -> CONTRACTED, or FAILED
 *     CONTRACTED  the buyer pays into escrow   -> PAID, or FAILED
 *     PAID        the certificate's number     -> CERTIFIED
 *     CERTIFIED   the office has registered it -> TRANSFER_REGISTERED: delivered and paid, at once
 *
 * From anywhere on it a listing may be SUSPENDED, for one cause or several. When the last is
 * lifted, the part in which it stood begins again in full; where bids are made, after a notice.
 * What is suspended for too long is TERMINATED, and everything goes back to whom it came from.
 *
 * From DISCLOSED to its end a listing binds what it sells by an entry LISTING of the register.
 *
 * What happens is told to everybody (EVENT_LISTING: state, highest bid without a name, deadline);
 * who has won, to the two sides; each movement of money, to whose account it was (EVENT_ESCROW).
 *
 * Sources: RULES.md, section 2; Outage; section 3, Freeze and Effect.
 */
#ifndef ENGINE_LISTING_H
#define ENGINE_LISTING_H

#include "engine/asset.h"
#include "engine/sale.h"

/* Defaults and limits of what a listing says of itself; all [P]. */
#define LISTING_DEPOSIT_PPM        100000u /* of the floor */
#define LISTING_DEPOSIT_PPM_MAX    300000u
#define LISTING_APPRAISED_PPM      900000u /* a floor below this share of the value wants approval */
#define LISTING_FREE_MS            3600000u
#define LISTING_TIMED_MS           180000u
#define LISTING_NOTICE_MS          600000u
#define LISTING_PERIOD_MS_MAX      604800000u /* of each period: a week */
#define LISTING_SIGN_DAYS          5u         /* working days */
#define LISTING_PAY_DAYS           5u
#define LISTING_DAYS_MAX           60u
#define LISTING_DISCLOSED_DAYS_MAX 366

/* Listings that have not ended: on one asset, and all: one command may end, or tell of, each. */
#define LISTINGS_EACH_MAX   32u
#define LISTINGS_ACTIVE_MAX 16384u

/* How long a suspension lasts, in working days, until somebody may go or all of it ends. */
#define SUSPENDED_LEAVE_DAYS     5u  /* a bidder, with his deposit */
#define SUSPENDED_RESCIND_DAYS   20u /* the buyer */
#define SUSPENDED_TERMINATE_DAYS 60u

/* Why a listing is suspended, a set of bits. */
enum suspended_by {
    SUSPENDED_BY_REGISTRAR = 1 << 0,
    SUSPENDED_BY_FREEZE = 1 << 1,
    SUSPENDED_BY_OUTAGE = 1 << 2,
};

/* UNKNOWN_LISTING unless it exists. */
struct refusal listing_check_exists(const struct engine *engine, uint32_t listing);

/* --- deeds: each a check, which changes nothing, and what does it ------------------------------
 */

struct refusal listing_check_open(const struct call *call, const struct deed *deed);
uint64_t listing_open(const struct call *call, const struct deed *deed);
struct refusal listing_check_suspend(const struct call *call, const struct deed *deed);
uint64_t listing_suspend_by_deed(const struct call *call, const struct deed *deed);
struct refusal listing_check_resume(const struct call *call, const struct deed *deed);
uint64_t listing_resume_by_deed(const struct call *call, const struct deed *deed);
struct refusal listing_check_end(const struct call *call, const struct deed *deed);
uint64_t listing_end_by_deed(const struct call *call, const struct deed *deed);

/* --- for other modules -------------------------------------------------------------------------
 */

/* A sale in enforcement, or under a consent, of what a binding ties. `terms` is as the registrar's
 * deed has it, but that `right` and `sellers` are not read; no owner signs it: the power of sale, a
 * court's document or the consent stands behind it. */
struct bound_sale {
    uint8_t purpose;    /* enum sale_purpose, not SALE_OF_OWNERS */
    uint32_t subject;   /* the row of that purpose's module; it is asked by that alone */
    uint32_t binding;   /* what this entry ties is sold */
    uint64_t units;     /* so many units of it */
    uint32_t owner;     /* the party that they are of */
    uint32_t signatory; /* the party that signs the contract for the seller */
    const struct open_listing *terms;
};

/* As the deed's check, but for who signs and what binds the units. */
struct refusal listing_check_bound(const struct call *call, const struct bound_sale *sale);
/* Begins it, DISCLOSED; returns the listing's number. */
uint32_t listing_open_bound(const struct call *call, const struct bound_sale *sale);

/* Whether a listing stands anywhere before its end. */
static inline bool listing_is_active(const struct listing *listing) {
    return listing->state != LISTING_NO_BIDDER && listing->state != LISTING_ONE_BIDDER &&
           listing->state != LISTING_FAILED && listing->state != LISTING_TERMINATED &&
           listing->state != LISTING_TRANSFER_REGISTERED;
}

/* The state that counts: of a suspended listing, where it stood. */
static inline uint8_t listing_stage(const struct listing *listing) {
    return listing->state == LISTING_SUSPENDED ? listing->was : listing->state;
}

/* Suspends a listing for a cause; nothing happens where it is suspended for that already, or has
 * ended. */
void listing_suspend(const struct call *call, uint32_t listing, enum suspended_by cause);

/* The cause is gone: if it was the last, the stage begins again in full, where bids are made after
 * the listing's notice. Nothing happens where the listing was not suspended for it. */
void listing_resume(const struct call *call, uint32_t listing, enum suspended_by cause);

/* Ends a listing before its time: all money goes back, what was bound is free. */
void listing_terminate(const struct call *call, uint32_t listing, enum reason why);

/* A right has lapsed or was invalidated: its listings end, RIGHT_LAPSED. */
void listing_right_ended(const struct call *call, uint32_t right);

/* An outage, a leap of the clock, or a start: bidding is suspended. After a start it goes on by
 * itself, after an outage by listing_reopen(). */
void listing_outage(const struct call *call);
void listing_start(const struct call *call);
void listing_reopen(const struct call *call);

/* A freeze has taken units of an asset, or let some go: what it reaches is suspended, and goes on
 * when no freeze does. A sale in enforcement goes on: its module looks to the freezes. */
void listing_freeze_changed(const struct call *call, struct asset asset);

/* Deadlines in working days are reckoned again. */
void listing_calendar_changed(const struct call *call);

void listing_timer_fires(const struct call *call, uint32_t listing);

/* What a listing adds to its extract: no amounts. */
void listing_describe(const struct engine *engine, const struct binding *binding,
                      struct extract *extract);

/* --- for the files of listings -----------------------------------------------------------------
 */

/* Begins a stage now, in full, and tells it. */
void listing_begin(const struct call *call, uint32_t listing, enum listing_state state);

/* The end: deposits that are still there go back, nothing is bound any more. Told. */
void listing_finish(const struct call *call, uint32_t listing, enum listing_state state,
                    enum reason why);

/* Tells everybody how it stands. */
void listing_tell(const struct call *call, uint32_t listing, enum reason why);

/* Sets the deadline of the stage; 0: none. */
void listing_deadline(struct engine *engine, uint32_t listing, int64_t deadline_ns);

/* What lies in escrow for listings. */
int64_t listing_escrow_fen(const struct engine *engine);

/* Feeds the state digest. */
struct feeder;
void listing_digest(struct feeder *feeder);

/* Asserts the module's invariants. */
void listing_check(const struct engine *engine);

#endif
