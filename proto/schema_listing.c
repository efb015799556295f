/*
 * The rules of deeds about rights on sale (engine/deed_listing.h).
 */
#include "proto/schema_listing.h"

#include "engine/deed.h"
#include "proto/schema_rules.h"

static const struct field_rule seller_fields[] = {
    [1] = NUMBER(listing_seller, party, "open_listing.seller.party", UINT32_MAX),
    [2] = NUMBER(listing_seller, account, "open_listing.seller.account", UINT32_MAX),
    [3] = REQUIRED(listing_seller, ppm, "open_listing.seller.ppm", 1, RIGHT_WHOLE_PPM),
};
static const struct message_rule seller_rule = {"open_listing.seller", seller_fields, 4, BIT(3)};

static const struct field_rule open_listing_fields[] = {
    [1] = NUMBER(open_listing, right, "open_listing.right", UINT32_MAX),
    [2] =
        REQUIRED(open_listing, object, "open_listing.object", SALE_TRANSFER, SALE_LICENCE_ORDINARY),
    [3] = REQUIRED(open_listing, mode, "open_listing.mode", BID_MODE_MULTI, BID_MODE_MULTI),
    [4] = LIST(open_listing, sellers, "open_listing.seller", 1, &seller_rule),
    [5] = NUMBER(open_listing, floor_fen, "open_listing.floor", INT64_MAX),
    [6] = NUMBER(open_listing, increment_fen, "open_listing.increment", INT64_MAX),
    [7] = NUMBER(open_listing, reserve_fen, "open_listing.reserve", INT64_MAX),
    [8] = NUMBER(open_listing, is_reserve_hidden, "open_listing.is_reserve_hidden", 1),
    [9] = NUMBER(open_listing, deposit_fen, "open_listing.deposit", INT64_MAX),
    [10] = TIME(open_listing, disclosed_until_ns, "open_listing.disclosed_until"),
    [11] = NUMBER(open_listing, free_ms, "open_listing.free_ms", UINT32_MAX),
    [12] = NUMBER(open_listing, timed_ms, "open_listing.timed_ms", UINT32_MAX),
    [13] = NUMBER(open_listing, hard_stop_ms, "open_listing.hard_stop_ms", UINT32_MAX),
    [14] = NUMBER(open_listing, notice_ms, "open_listing.notice_ms", UINT32_MAX),
    [15] = NUMBER(open_listing, sign_days, "open_listing.sign_days", UINT32_MAX),
    [16] = NUMBER(open_listing, pay_days, "open_listing.pay_days", UINT32_MAX),
    [17] = NUMBER(open_listing, is_qualifying, "open_listing.is_qualifying", 1),
    [18] = HASH(open_listing, document, "open_listing.document"),
    [19] = TEXT(open_listing, approval, "open_listing.approval", 0, 0),
};
static const struct message_rule open_listing =
    MESSAGE(open_listing, BIT(2) | BIT(3) | BIT(4) | BIT(18));

static const struct field_rule join_listing_fields[] = {
    [1] = NUMBER(join_listing, listing, "join_listing.listing", UINT32_MAX),
    [2] = NUMBER(join_listing, party, "join_listing.party", UINT32_MAX),
    [3] = NUMBER(join_listing, account, "join_listing.account", UINT32_MAX),
};
static const struct message_rule join_listing = MESSAGE(join_listing, 0);

static const struct field_rule qualify_bidder_fields[] = {
    [1] = NUMBER(qualify_bidder, listing, "qualify_bidder.listing", UINT32_MAX),
    [2] = NUMBER(qualify_bidder, party, "qualify_bidder.party", UINT32_MAX),
    [3] = NUMBER(qualify_bidder, is_qualified, "qualify_bidder.is_qualified", 1),
    [4] = NUMBER(qualify_bidder, is_forfeit, "qualify_bidder.is_forfeit", 1),
};
static const struct message_rule qualify_bidder = MESSAGE(qualify_bidder, 0);

static const struct field_rule bid_fields[] = {
    [1] = NUMBER(bid, listing, "bid.listing", UINT32_MAX),
    [2] = NUMBER(bid, party, "bid.party", UINT32_MAX),
    [3] = NUMBER(bid, price_fen, "bid.price", INT64_MAX),
};
static const struct message_rule bid = MESSAGE(bid, 0);

static const struct field_rule leave_listing_fields[] = {
    [1] = NUMBER(leave_listing, listing, "leave_listing.listing", UINT32_MAX),
    [2] = NUMBER(leave_listing, party, "leave_listing.party", UINT32_MAX),
};
static const struct message_rule leave_listing = MESSAGE(leave_listing, 0);

static const struct field_rule sign_sale_fields[] = {
    [1] = NUMBER(sign_sale, listing, "sign_sale.listing", UINT32_MAX),
    [2] = NUMBER(sign_sale, party, "sign_sale.party", UINT32_MAX),
    [3] = HASH(sign_sale, document, "sign_sale.document"),
};
static const struct message_rule sign_sale = MESSAGE(sign_sale, BIT(3));

static const struct field_rule pay_sale_fields[] = {
    [1] = NUMBER(pay_sale, listing, "pay_sale.listing", UINT32_MAX),
    [2] = NUMBER(pay_sale, account, "pay_sale.account", UINT32_MAX),
};
static const struct message_rule pay_sale = MESSAGE(pay_sale, 0);

static const struct field_rule certify_sale_fields[] = {
    [1] = NUMBER(certify_sale, listing, "certify_sale.listing", UINT32_MAX),
};
static const struct message_rule certify_sale = MESSAGE(certify_sale, 0);

static const struct field_rule register_sale_fields[] = {
    [1] = NUMBER(register_sale, listing, "register_sale.listing", UINT32_MAX),
    [2] = TEXT(register_sale, number, "register_sale.number", 0, ALPHABET_SYMBOL),
    [3] = TIME(register_sale, effective_ns, "register_sale.effective"),
    [4] = HASH(register_sale, document, "register_sale.document"),
};
static const struct message_rule register_sale = MESSAGE(register_sale, BIT(4));

#define MARK_FIELDS(label)                                                                         \
    {                                                                                              \
        [1] = NUMBER(mark_listing, listing, label ".listing", UINT32_MAX),                         \
        [2] = HASH(mark_listing, document, label ".document"),                                     \
    }
static const struct field_rule suspend_listing_fields[] = MARK_FIELDS("suspend_listing");
static const struct message_rule suspend_listing = MESSAGE(suspend_listing, BIT(2));
static const struct field_rule resume_listing_fields[] = MARK_FIELDS("resume_listing");
static const struct message_rule resume_listing = MESSAGE(resume_listing, BIT(2));
static const struct field_rule end_listing_fields[] = MARK_FIELDS("end_listing");
static const struct message_rule end_listing = MESSAGE(end_listing, BIT(2));

#define OF_DEED(member) offsetof(struct deed, member), sizeof(((struct deed *)0)->member)

static const struct body_rule bodies[] = {
    [DEED_OPEN_LISTING] = {&open_listing, OF_DEED(open_listing)},
    [DEED_JOIN_LISTING] = {&join_listing, OF_DEED(join_listing)},
    [DEED_QUALIFY_BIDDER] = {&qualify_bidder, OF_DEED(qualify_bidder)},
    [DEED_BID] = {&bid, OF_DEED(bid)},
    [DEED_LEAVE_LISTING] = {&leave_listing, OF_DEED(leave_listing)},
    [DEED_SIGN_SALE] = {&sign_sale, OF_DEED(sign_sale)},
    [DEED_PAY_SALE] = {&pay_sale, OF_DEED(pay_sale)},
    [DEED_CERTIFY_SALE] = {&certify_sale, OF_DEED(certify_sale)},
    [DEED_REGISTER_SALE] = {&register_sale, OF_DEED(register_sale)},
    [DEED_SUSPEND_LISTING] = {&suspend_listing, OF_DEED(mark_listing)},
    [DEED_RESUME_LISTING] = {&resume_listing, OF_DEED(mark_listing)},
    [DEED_END_LISTING] = {&end_listing, OF_DEED(mark_listing)},
};

const struct body_rule *schema_listing_body(uint64_t kind) {
    size_t count = sizeof bodies / sizeof bodies[0];
    return kind < count && bodies[kind].message != NULL ? &bodies[kind] : NULL;
}
