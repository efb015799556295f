/*
 * The rules, message by message in the order of tpx.proto. Ranges are those of the wire: that a
 * field can be carried at all and means the same everywhere. What the market allows (a price in its
 * band, an account that exists) is the engine's to say, so that the refusal is recorded.
 *
 * Numbers that are int64 in the engine stop at INT64_MAX, and so do quantities: everything the
 * exchange writes fits an int64.
 */
#include "proto/schema.h"

#include <assert.h>

#include "engine/command.h"
#include "engine/reason.h"
#include "proto/codec_request.h"
#include "proto/schema_rules.h"

static_assert(KEY_BYTES == HASH_BYTES, "keys are written as hashes are");

static const struct field_rule new_order_fields[] = {
    [1] = NUMBER(new_order, account, "new_order.account", UINT32_MAX),
    [2] = NUMBER(new_order, instrument, "new_order.instrument", UINT32_MAX),
    [3] = REQUIRED(new_order, side, "new_order.side", SIDE_BUY, SIDE_SELL),
    [4] = REQUIRED(new_order, ord_type, "new_order.ord_type", ORD_TYPE_LIMIT, ORD_TYPE_MARKET),
    [5] = REQUIRED(new_order, time_in_force, "new_order.time_in_force", TIME_IN_FORCE_DAY,
                   TIME_IN_FORCE_FOK),
    [6] = NUMBER(new_order, price_fen, "new_order.price", INT64_MAX),
    [7] = NUMBER(new_order, order_qty, "new_order.order_qty", INT64_MAX),
    [8] = NUMBER(new_order, min_qty, "new_order.min_qty", INT64_MAX),
    [9] = NUMBER(new_order, is_post_only, "new_order.post_only", 1),
    [10] = NUMBER(new_order, good_till, "new_order.good_till_date", UINT32_MAX),
    [11] = NUMBER(new_order, trading_day, "new_order.trading_date", UINT32_MAX),
    [12] = TEXT(new_order, text, "new_order.text", 0, ALPHABET_NAME),
};
static const struct message_rule new_order = MESSAGE(new_order, BIT(3) | BIT(4) | BIT(5));

static const struct field_rule replace_fields[] = {
    [1] = NUMBER(replace, order_id, "replace.order_id", UINT64_MAX),
    [2] = NUMBER(replace, price_fen, "replace.price", INT64_MAX),
    [3] = NUMBER(replace, order_qty, "replace.order_qty", INT64_MAX),
};
static const struct message_rule replace = MESSAGE(replace, 0);

static const struct field_rule cancel_fields[] = {
    [1] = NUMBER(cancel, order_id, "cancel.order_id", UINT64_MAX),
};
static const struct message_rule cancel = MESSAGE(cancel, 0);

static const struct field_rule mass_cancel_fields[] = {
    [1] = NUMBER(mass_cancel, session, "mass_cancel.session", UINT32_MAX),
    [2] = NUMBER(mass_cancel, participant, "mass_cancel.participant", UINT32_MAX),
    [3] = NUMBER(mass_cancel, account, "mass_cancel.account", UINT32_MAX),
    [4] = NUMBER(mass_cancel, instrument, "mass_cancel.instrument", UINT32_MAX),
    [5] = NUMBER(mass_cancel, side, "mass_cancel.side", SIDE_SELL),
};
static const struct message_rule mass_cancel = MESSAGE(mass_cancel, 0);

static const struct field_rule approve_fields[] = {
    [1] = NUMBER(approve, proposal, "approve.proposal", INT64_MAX),
};
static const struct message_rule approve = MESSAGE(approve, 0);

/* Acts. */

static const struct field_rule add_participant_fields[] = {
    [1] = NUMBER(add_participant, roles, "add_participant.roles", ROLES_ALL),
    [2] = TEXT(add_participant, code, "add_participant.code", 1, ALPHABET_CODE),
    [3] = {.name = "add_participant.name",
           .kind = RULE_OUTSIDE,
           .wire = WIRE_BYTES,
           .min = 1,
           .max = NAME_BYTES_MAX,
           .alphabet = ALPHABET_NAME,
           COUNT(add_participant, name_bytes)},
};
static const struct message_rule add_participant = MESSAGE(add_participant, BIT(2) | BIT(3));

static const struct field_rule add_key_fields[] = {
    [1] = NUMBER(add_key, participant, "add_key.participant", UINT32_MAX),
    [2] = NUMBER(add_key, person, "add_key.person", UINT32_MAX),
    [3] = HASH(add_key, key, "add_key.key"),
};
static const struct message_rule add_key = MESSAGE(add_key, BIT(3));

static const struct field_rule revoke_key_fields[] = {
    [1] = NUMBER(revoke_key, key, "revoke_key.key", UINT32_MAX),
    [2] = NUMBER(revoke_key, keeps_orders, "revoke_key.keep_orders", 1),
    [3] = TIME(revoke_key, compromised_since_ns, "revoke_key.compromised_since"),
};
static const struct message_rule revoke_key = MESSAGE(revoke_key, 0);

static const struct field_rule add_session_fields[] = {
    [1] = NUMBER(add_session, participant, "add_session.participant", UINT32_MAX),
    [2] = NUMBER(add_session, cancels_on_disconnect, "add_session.cancel_on_disconnect", 1),
    [3] = NUMBER(add_session, grace_ms, "add_session.grace_ms", UINT32_MAX),
};
static const struct message_rule add_session = MESSAGE(add_session, 0);

static const struct field_rule add_account_fields[] = {
    [1] = NUMBER(add_account, participant, "add_account.participant", UINT32_MAX),
    [2] = NUMBER(add_account, owner, "add_account.owner", INT64_MAX),
};
static const struct message_rule add_account = MESSAGE(add_account, 0);

static const struct field_rule deposit_fields[] = {
    [1] = NUMBER(deposit, account, "deposit.account", UINT32_MAX),
    [2] = NUMBER(deposit, instrument, "deposit.instrument", UINT32_MAX),
    [3] = {.name = "deposit.amount",
           .kind = RULE_SINT,
           .wire = WIRE_VARINT,
           .max = INT64_MAX,
           PLACE(deposit, amount)},
};
static const struct message_rule deposit = MESSAGE(deposit, 0);

static const struct field_rule add_instrument_fields[] = {
    [1] = TEXT(add_instrument, symbol, "add_instrument.symbol", 1, ALPHABET_SYMBOL),
    [2] = NUMBER(add_instrument, tick_fen, "add_instrument.tick", INT64_MAX),
    [3] = NUMBER(add_instrument, lot_min, "add_instrument.lot_min", INT64_MAX),
    [4] = NUMBER(add_instrument, lot_step, "add_instrument.lot_step", INT64_MAX),
    [5] = NUMBER(add_instrument, qty_max, "add_instrument.qty_max", INT64_MAX),
    [6] = NUMBER(add_instrument, band_low_fen, "add_instrument.band_low", INT64_MAX),
    [7] = NUMBER(add_instrument, band_high_fen, "add_instrument.band_high", INT64_MAX),
    [8] = NUMBER(add_instrument, reference_fen, "add_instrument.reference", INT64_MAX),
};
static const struct message_rule add_instrument = MESSAGE(add_instrument, BIT(1));

static const struct field_rule set_band_fields[] = {
    [1] = NUMBER(set_band, instrument, "set_band.instrument", UINT32_MAX),
    [2] = NUMBER(set_band, band_low_fen, "set_band.band_low", INT64_MAX),
    [3] = NUMBER(set_band, band_high_fen, "set_band.band_high", INT64_MAX),
};
static const struct message_rule set_band = MESSAGE(set_band, 0);

static const struct field_rule day_fields[] = {
    [1] = NUMBER(day, date, "day.date", UINT32_MAX),
};
static const struct message_rule day = MESSAGE(day, 0);

static const struct field_rule halt_fields[] = {
    [1] = NUMBER(halt, instrument, "halt.instrument", UINT32_MAX),
    [2] = NUMBER(halt, is_halted, "halt.is_halted", 1),
};
static const struct message_rule halt = MESSAGE(halt, 0);

static const struct field_rule kill_fields[] = {
    [1] = NUMBER(kill, participant, "kill.participant", UINT32_MAX),
    [2] = NUMBER(kill, session, "kill.session", UINT32_MAX),
    [3] = NUMBER(kill, account, "kill.account", UINT32_MAX),
    [4] = NUMBER(kill, instrument, "kill.instrument", UINT32_MAX),
};
static const struct message_rule kill_rule = {"kill", kill_fields, 5, 0};

static const struct field_rule raise_limit_fields[] = {
    [1] = REQUIRED(raise_limit, pool, "raise_limit.pool", POOL_ORDERS, POOLS_END - 1),
    [2] = NUMBER(raise_limit, limit, "raise_limit.limit", UINT32_MAX),
};
static const struct message_rule raise_limit = MESSAGE(raise_limit, BIT(1));

static const struct field_rule activate_fields[] = {
    [1] = NUMBER(activate, version, "activate.version", UINT32_MAX),
};
static const struct message_rule activate = MESSAGE(activate, 0);

static const struct field_rule resolve_fields[] = {
    [1] = NUMBER(resolve, sequence, "resolve.sequence", INT64_MAX),
    [2] = HASH(resolve, digest_recorded, "resolve.digest_recorded"),
    [3] = HASH(resolve, digest_replayed, "resolve.digest_replayed"),
};
static const struct message_rule resolve = MESSAGE(resolve, BIT(2) | BIT(3));

static const struct field_rule checkpoint_key_fields[] = {
    [1] = SIGNING_KEY(checkpoint_key, key, "checkpoint_key.key"),
    [2] = NUMBER(checkpoint_key, is_revoked, "checkpoint_key.is_revoked", 1),
};
static const struct message_rule checkpoint_key = MESSAGE(checkpoint_key, BIT(1));

static const struct field_rule confirm_time_fields[] = {
    [1] = TIME(confirm_time, time_ns, "confirm_time.time"),
};
static const struct message_rule confirm_time = MESSAGE(confirm_time, 0);

static const struct field_rule session_reset_fields[] = {
    [1] = NUMBER(session_reset, session, "session_reset.session", UINT32_MAX),
};
static const struct message_rule session_reset = MESSAGE(session_reset, 0);

/* The exchange's own. */

static const struct field_rule operator_fields[] = {
    [1] = REQUIRED(genesis_operator, person, "genesis.operator.person", 1, UINT32_MAX),
    [2] = HASH(genesis_operator, key, "genesis.operator.key"),
};
static const struct message_rule operator_rule = {"genesis.operator", operator_fields, 3,
                                                  BIT(1) | BIT(2)};

/* An element of the array of pools is a place in engine_limits.limit; its ceiling lies beside. */
static const struct field_rule pool_limit_fields[] = {
    [1] = {.name = "genesis.pool.pool",
           .kind = RULE_INDEX,
           .wire = WIRE_VARINT,
           .min = POOL_ORDERS,
           .max = POOLS_END - 1},
    [2] = {.name = "genesis.pool.limit",
           .kind = RULE_UINT,
           .wire = WIRE_VARINT,
           .min = 1,
           .max = UINT32_MAX,
           .size = sizeof(uint32_t)},
    [3] = {.name = "genesis.pool.ceiling",
           .kind = RULE_UINT,
           .wire = WIRE_VARINT,
           .min = 1,
           .max = UINT32_MAX,
           .offset = offsetof(struct engine_limits, ceiling),
           .size = sizeof(uint32_t)},
};
static const struct message_rule pool_limit = {"genesis.pool", pool_limit_fields, 4,
                                               BIT(1) | BIT(2) | BIT(3)};

static_assert(offsetof(struct engine_limits, limit) == 0,
              "a ceiling's offset is that of its limit");

static const struct field_rule genesis_fields[] = {
    [1] = REQUIRED(genesis, environment, "genesis.environment", ENVIRONMENT_PRODUCTION,
                   ENVIRONMENT_TEST),
    [2] = REQUIRED(genesis, profile, "genesis.profile", 1, PROFILES_END - 1),
    [3] = TEXT(genesis, origin, "genesis.origin", 1, ALPHABET_ORIGIN),
    [4] = SIGNING_KEY(genesis, checkpoint_key, "genesis.checkpoint_key"),
    [5] = {.name = "genesis.operator",
           .kind = RULE_ARRAY,
           .wire = WIRE_BYTES,
           .min = 2,
           .max = 2,
           .element = &operator_rule,
           .offset = offsetof(struct genesis, operators),
           .size = sizeof(struct genesis_operator)},
    [6] = {.name = "genesis.pool",
           .kind = RULE_ARRAY,
           .wire = WIRE_BYTES,
           .min = POOLS_FIRST_RELEASE_END - 1,
           .max = POOLS_END - 1,
           .element = &pool_limit,
           .offset = offsetof(struct genesis, limits.limit[POOL_ORDERS]),
           .size = sizeof(uint32_t)},
    [7] = REQUIRED(genesis, limits.price_ticks_max, "genesis.price_ticks_max", 1, UINT32_MAX),
    [8] = NUMBER(genesis, version, "genesis.version", UINT32_MAX),
};
static const struct message_rule genesis =
    MESSAGE(genesis, BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7));

static const struct field_rule tick_fields[] = {
    [1] = TIME(tick, due_ns, "tick.due"),
};
static const struct message_rule tick = MESSAGE(tick, 0);

static const struct field_rule continuation_fields[] = {
    [1] = NUMBER(continuation, sweep, "continue.sweep", INT64_MAX),
};
static const struct message_rule continuation = MESSAGE(continuation, 0);

static const struct field_rule seal_fields[] = {
    [1] = NUMBER(seal, as_of, "seal.as_of", INT64_MAX),
    [2] = HASH(seal, root, "seal.root"),
};
static const struct message_rule seal = MESSAGE(seal, BIT(2));

static const struct field_rule digest_fields[] = {
    [1] = NUMBER(digest, mark, "digest.mark", INT64_MAX),
    [2] = HASH(digest, digest, "digest.digest"),
};
static const struct message_rule digest = MESSAGE(digest, BIT(2));

static const struct field_rule outage_fields[] = {
    [1] = TIME(outage, from_ns, "outage.from"),
    [2] = TIME(outage, to_ns, "outage.to"),
    [3] = NUMBER(outage, epoch, "outage.epoch", INT64_MAX),
    [4] = NUMBER(outage, grace_ms, "outage.grace_ms", UINT32_MAX),
};
static const struct message_rule outage = MESSAGE(outage, 0);

static const struct field_rule start_fields[] = {
    [1] = NUMBER(start, epoch, "start.epoch", INT64_MAX),
    [2] = NUMBER(start, grace_ms, "start.grace_ms", UINT32_MAX),
};
static const struct message_rule start = MESSAGE(start, 0);

static const struct field_rule session_up_fields[] = {
    [1] = NUMBER(session_up, session, "session_up.session", UINT32_MAX),
    [2] = NUMBER(session_up, key, "session_up.key", UINT32_MAX),
};
static const struct message_rule session_up = MESSAGE(session_up, 0);

static const struct field_rule session_down_fields[] = {
    [1] = NUMBER(session_down, session, "session_down.session", UINT32_MAX),
};
static const struct message_rule session_down = MESSAGE(session_down, 0);

static const struct field_rule quarantined_fields[] = {
    [1] = {.name = "quarantined.request",
           .kind = RULE_SPAN,
           .wire = WIRE_BYTES,
           .min = 1,
           .max = REQUEST_BYTES_MAX,
           PLACE(quarantined, bytes),
           COUNT(quarantined, size)},
};
static const struct message_rule quarantined = MESSAGE(quarantined, BIT(1));

static const struct field_rule refusals_fields[] = {
    [1] = NUMBER(refusals, key, "refusals.key", UINT32_MAX),
    [2] = {.name = "refusals.reason",
           .kind = RULE_REASON,
           .wire = WIRE_VARINT,
           .min = 1,
           PLACE(refusals, reason)},
    [3] = NUMBER(refusals, count, "refusals.count", INT64_MAX),
    [4] = TIME(refusals, first_ns, "refusals.first"),
    [5] = TIME(refusals, last_ns, "refusals.last"),
};
static const struct message_rule refusals = MESSAGE(refusals, BIT(2));

static const struct field_rule disk_fields[] = {
    [1] = REQUIRED(disk, step, "disk.step", DISK_ENOUGH, DISK_CRITICAL),
};
static const struct message_rule disk = MESSAGE(disk, BIT(1));

/* Of the connection. */

static const struct field_rule logon_fields[] = {
    [1] = NUMBER(logon, session, "logon.session", UINT32_MAX),
    [2] = NUMBER(logon, next, "logon.next", INT64_MAX),
    [3] = NUMBER(logon, protocol, "logon.protocol", UINT32_MAX),
    [4] = NUMBER(logon, is_drop_copy, "logon.drop_copy", 1),
};
static const struct message_rule logon = MESSAGE(logon, 0);

static const struct field_rule resume_fields[] = {
    [1] = NUMBER(logon, next, "resume.next", INT64_MAX),
};
static const struct message_rule resume = MESSAGE(resume, 0);

/* Messages without a field. */
static const struct field_rule no_fields[1];
static const struct message_rule empty = {"request", no_fields, 1, 0};

#define OWN(member)                                                                                \
    offsetof(struct request, command.member), sizeof(((struct request *)0)->command.member)
#define NOTHING        offsetof(struct request, command.verb), 0
#define LOGON          offsetof(struct request, logon), sizeof(struct logon)
#define OF_ACT(member) offsetof(struct act, member), sizeof(((struct act *)0)->member)

static const struct body_rule request_bodies[] = {
    [VERB_NEW_ORDER] = {&new_order, OWN(new_order)},
    [VERB_REPLACE] = {&replace, OWN(replace)},
    [VERB_CANCEL] = {&cancel, OWN(cancel)},
    [VERB_MASS_CANCEL] = {&mass_cancel, OWN(mass_cancel)},
    [VERB_ACT] = {NULL, OWN(act)},
    [VERB_PROPOSE] = {NULL, OWN(act)},
    [VERB_APPROVE] = {&approve, OWN(approve)},
    [VERB_DEED] = {NULL, OWN(deed)},
    [VERB_LOGON] = {&logon, LOGON},
    [VERB_RESUME] = {&resume, LOGON},
    [VERB_HEARTBEAT] = {&empty, NOTHING},
    [VERB_LOGOFF] = {&empty, NOTHING},
    [VERB_GENESIS] = {&genesis, OWN(genesis)},
    [VERB_TICK] = {&tick, OWN(tick)},
    [VERB_CONTINUE] = {&continuation, OWN(continuation)},
    [VERB_SEAL] = {&seal, OWN(seal)},
    [VERB_MARK] = {&empty, NOTHING},
    [VERB_DIGEST] = {&digest, OWN(digest)},
    [VERB_OUTAGE] = {&outage, OWN(outage)},
    [VERB_START] = {&start, OWN(start)},
    [VERB_STOP] = {&empty, NOTHING},
    [VERB_SESSION_UP] = {&session_up, OWN(session_up)},
    [VERB_SESSION_DOWN] = {&session_down, OWN(session_down)},
    [VERB_QUARANTINED] = {&quarantined, OWN(quarantined)},
    [VERB_REFUSALS] = {&refusals, OWN(refusals)},
    [VERB_DISK] = {&disk, OWN(disk)},
    [VERB_REOPEN] = {&empty, NOTHING},
};

static const struct body_rule act_bodies[] = {
    [ACT_ADD_PARTICIPANT] = {&add_participant, OF_ACT(add_participant)},
    [ACT_ADD_KEY] = {&add_key, OF_ACT(add_key)},
    [ACT_REVOKE_KEY] = {&revoke_key, OF_ACT(revoke_key)},
    [ACT_ADD_SESSION] = {&add_session, OF_ACT(add_session)},
    [ACT_ADD_ACCOUNT] = {&add_account, OF_ACT(add_account)},
    [ACT_DEPOSIT] = {&deposit, OF_ACT(deposit)},
    [ACT_ADD_INSTRUMENT] = {&add_instrument, OF_ACT(add_instrument)},
    [ACT_SET_BAND] = {&set_band, OF_ACT(set_band)},
    [ACT_DAY_OPEN] = {&day, OF_ACT(day)},
    [ACT_DAY_CLOSE] = {&day, OF_ACT(day)},
    [ACT_HALT] = {&halt, OF_ACT(halt)},
    [ACT_KILL] = {&kill_rule, OF_ACT(kill)},
    [ACT_UNKILL] = {&kill_rule, OF_ACT(kill)},
    [ACT_RAISE_LIMIT] = {&raise_limit, OF_ACT(raise_limit)},
    [ACT_ACTIVATE] = {&activate, OF_ACT(activate)},
    [ACT_RESOLVE] = {&resolve, OF_ACT(resolve)},
    [ACT_REOPEN] = {&empty, 0, 0},
    [ACT_CHECKPOINT_KEY] = {&checkpoint_key, OF_ACT(checkpoint_key)},
    [ACT_CONFIRM_TIME] = {&confirm_time, OF_ACT(confirm_time)},
    [ACT_SESSION_RESET] = {&session_reset, OF_ACT(session_reset)},
};

const struct body_rule *schema_request_body(uint64_t verb) {
    size_t bodies = sizeof request_bodies / sizeof request_bodies[0];
    /* A choice that does not exist has offset 0, which in struct request is the stamp's. */
    return verb < bodies && request_bodies[verb].offset != 0 ? &request_bodies[verb] : NULL;
}

const struct body_rule *schema_act_body(uint64_t kind) {
    size_t bodies = sizeof act_bodies / sizeof act_bodies[0];
    return kind < bodies && act_bodies[kind].message != NULL ? &act_bodies[kind] : NULL;
}

/* The compiler holds the list against the enum. */
/* NOLINTNEXTLINE(readability-function-size): a list */
bool schema_has_reason(uint64_t number) {
    if (number > UINT16_MAX) {
        return false;
    }
    switch ((enum reason)number) {
    case REASON_NONE:
    case REASON_MALFORMED:
    case REASON_NO_CREDIT:
    case REASON_RATE_LIMIT:
    case REASON_DUPLICATE_CLIENT_ORDER_ID:
    case REASON_NOT_SEQUENCED:
    case REASON_NOT_READY:
    case REASON_UNKNOWN_INSTRUMENT:
    case REASON_NOT_IN_SESSION:
    case REASON_HALTED:
    case REASON_LOT_SIZE:
    case REASON_MAX_QUANTITY:
    case REASON_TICK_SIZE:
    case REASON_OUT_OF_BAND:
    case REASON_INSUFFICIENT_CASH:
    case REASON_INSUFFICIENT_POSITION:
    case REASON_LOCKED:
    case REASON_PLEDGED:
    case REASON_FROZEN:
    case REASON_KILLED:
    case REASON_KEY_REVOKED:
    case REASON_NOT_AUTHORISED:
    case REASON_BOOK_FULL:
    case REASON_DISK_RESERVE:
    case REASON_QUARANTINED:
    case REASON_UNKNOWN_ORDER:
    case REASON_UNKNOWN_ACCOUNT:
    case REASON_BAD_COMBINATION:
    case REASON_WOULD_TRADE:
    case REASON_BAD_DATE:
    case REASON_LIMIT_REACHED:
    case REASON_IOC_REST:
    case REASON_MARKET_REST:
    case REASON_FOK_SHORT:
    case REASON_MIN_QUANTITY:
    case REASON_REPLACED_TO_ZERO:
    case REASON_SWEEP_LIMIT:
    case REASON_MASS_CANCEL:
    case REASON_DISCONNECTED:
    case REASON_ALREADY_EXISTS:
    case REASON_UNKNOWN_PARTICIPANT:
    case REASON_UNKNOWN_SESSION:
    case REASON_UNKNOWN_KEY:
    case REASON_UNKNOWN_PROPOSAL:
    case REASON_SAME_PERSON:
    case REASON_OUT_OF_LIMITS:
    case REASON_NEEDS_TWO_KEYS:
    case REASON_DISCLOSURE_OPEN:
    case REASON_NOT_QUALIFIED:
    case REASON_NO_DEPOSIT:
    case REASON_BELOW_RESERVE:
    case REASON_BAD_INCREMENT:
    case REASON_LATE_BID:
    case REASON_COOWNER_CONSENT:
    case REASON_PLEDGEE_CONSENT:
    case REASON_RIGHT_LAPSED:
    case REASON_EXCLUSIVE_CONFLICT:
    case REASON_UNKNOWN_RIGHT:
    case REASON_HELD:
    case REASON_SUSPENDED:
    case REASON_OBJECTION:
    case REASON_UNKNOWN_PARTY:
    case REASON_UNKNOWN_LISTING:
    case REASON_BELOW_APPRAISAL:
    case REASON_NO_BID:
    case REASON_BUYER_DEFAULT:
    case REASON_SELLER_DEFAULT:
    case REASON_SERIAL_USED:
    case REASON_UNKNOWN_MANDATE:
    case REASON_NOT_OWNER:
    case REASON_RIGHT_INVALIDATED:
    case REASON_NOT_GRANTED:
    case REASON_FEE_UNPAID:
    case REASON_UNDER_PRESERVATION:
    case REASON_BEYOND_TERM:
    case REASON_ALREADY_PLEDGED:
    case REASON_TERMS_DIFFER:
    case REASON_UNKNOWN_PLEDGE:
    case REASON_WRONG_STATE:
    case REASON_UNKNOWN_TRANSFER:
    case REASON_UNKNOWN_CONSENT:
    case REASON_RANK_CONSENT:
    case REASON_OVER_MAXIMUM:
    case REASON_DUPLICATE_FREEZE:
    case REASON_UNDER_COVERAGE:
    case REASON_ENCUMBERED:
    case REASON_BAD_SIGNATURE:
    case REASON_MANDATE_SCOPE:
    case REASON_RESERVED_BY_ORDER:
    case REASON_LISTED:
    case REASON_SAME_DAY_FILING:
    case REASON_INVALIDATION_PENDING:
    case REASON_RESTRICTED:
    case REASON_UNKNOWN_FREEZE:
    case REASON_UNKNOWN_ENTRY:
    case REASON_RANK_RESERVED:
        return true;
    }
    return false;
}
