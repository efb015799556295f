/*
 * The rules of queries and of the rows that answer them, in the order of tpx.proto.
 */
#include <assert.h>

#include "proto/codec_answer.h"
#include "proto/codec_event.h"
#include "proto/codec_query.h"
#include "proto/schema_register.h"
#include "proto/schema_rules.h"

/* Questions. */

static const struct field_rule order_query_fields[] = {
    [1] = NUMBER(order_query, order_id, "order.order_id", UINT64_MAX),
};
static const struct message_rule order_query = MESSAGE(order_query, 0);

static const struct field_rule open_orders_query_fields[] = {
    [1] = NUMBER(open_orders_query, session, "open_orders.session", UINT32_MAX),
    [2] = NUMBER(open_orders_query, participant, "open_orders.participant", UINT32_MAX),
    [3] = NUMBER(open_orders_query, account, "open_orders.account", UINT32_MAX),
    [4] = NUMBER(open_orders_query, instrument, "open_orders.instrument", UINT32_MAX),
    [5] = NUMBER(open_orders_query, side, "open_orders.side", SIDE_SELL),
};
static const struct message_rule open_orders_query = MESSAGE(open_orders_query, 0);

static const struct field_rule accounts_query_fields[] = {
    [1] = NUMBER(accounts_query, account, "accounts.account", UINT32_MAX),
    [2] = NUMBER(accounts_query, participant, "accounts.participant", UINT32_MAX),
};
static const struct message_rule accounts_query = MESSAGE(accounts_query, 0);

static const struct field_rule positions_query_fields[] = {
    [1] = NUMBER(positions_query, account, "positions.account", UINT32_MAX),
    [2] = NUMBER(positions_query, participant, "positions.participant", UINT32_MAX),
    [3] = NUMBER(positions_query, instrument, "positions.instrument", UINT32_MAX),
};
static const struct message_rule positions_query = MESSAGE(positions_query, 0);

static const struct field_rule book_levels_query_fields[] = {
    [1] = NUMBER(book_levels_query, instrument, "book_levels.instrument", UINT32_MAX),
    [2] = NUMBER(book_levels_query, depth, "book_levels.depth", QUERY_DEPTH_MAX),
};
static const struct message_rule book_levels_query = MESSAGE(book_levels_query, 0);

static const struct field_rule book_orders_query_fields[] = {
    [1] = NUMBER(book_orders_query, instrument, "book_orders.instrument", UINT32_MAX),
};
static const struct message_rule book_orders_query = MESSAGE(book_orders_query, 0);

static const struct field_rule instruments_query_fields[] = {
    [1] = NUMBER(instruments_query, instrument, "instruments.instrument", UINT32_MAX),
    [2] = TEXT(instruments_query, symbol, "instruments.symbol", 0, ALPHABET_SYMBOL),
};
static const struct message_rule instruments_query = MESSAGE(instruments_query, 0);

static const struct field_rule participants_query_fields[] = {
    [1] = NUMBER(participants_query, participant, "participants.participant", UINT32_MAX),
};
static const struct message_rule participants_query = MESSAGE(participants_query, 0);

static const struct field_rule sessions_query_fields[] = {
    [1] = NUMBER(sessions_query, session, "sessions.session", UINT32_MAX),
    [2] = NUMBER(sessions_query, participant, "sessions.participant", UINT32_MAX),
};
static const struct message_rule sessions_query = MESSAGE(sessions_query, 0);

static const struct field_rule keys_query_fields[] = {
    [1] = NUMBER(keys_query, key, "keys.key", UINT32_MAX),
    [2] = NUMBER(keys_query, participant, "keys.participant", UINT32_MAX),
};
static const struct message_rule keys_query = MESSAGE(keys_query, 0);

static const struct field_rule order_history_query_fields[] = {
    [1] = NUMBER(order_history_query, order_id, "order_history.order_id", UINT64_MAX),
    [2] = NUMBER(order_history_query, from, "order_history.from", INT64_MAX),
};
static const struct message_rule order_history_query = MESSAGE(order_history_query, 0);

static const struct field_rule account_history_query_fields[] = {
    [1] = NUMBER(account_history_query, account, "account_history.account", UINT32_MAX),
    [2] = NUMBER(account_history_query, from, "account_history.from", INT64_MAX),
};
static const struct message_rule account_history_query = MESSAGE(account_history_query, 0);

static const struct field_rule session_history_query_fields[] = {
    [1] = NUMBER(session_history_query, session, "session_history.session", UINT32_MAX),
    [2] = NUMBER(session_history_query, from, "session_history.from", INT64_MAX),
};
static const struct message_rule session_history_query = MESSAGE(session_history_query, 0);

static const struct field_rule trades_query_fields[] = {
    [1] = NUMBER(trades_query, instrument, "trades.instrument", UINT32_MAX),
    [2] = NUMBER(trades_query, from, "trades.from", INT64_MAX),
    [3] = NUMBER(trades_query, newest_first, "trades.newest_first", 1),
};
static const struct message_rule trades_query = MESSAGE(trades_query, 0);

static const struct field_rule queue_query_fields[] = {
    [1] = NUMBER(queue_query, order_id, "queue.order_id", UINT64_MAX),
};
static const struct message_rule queue_query = MESSAGE(queue_query, 0);

static const struct field_rule parties_query_fields[] = {
    [1] = NUMBER(parties_query, party, "parties.party", UINT32_MAX),
    [2] = TEXT(parties_query, code, "parties.code", 0, ALPHABET_CODE),
};
static const struct message_rule parties_query = MESSAGE(parties_query, 0);

static const struct field_rule party_keys_query_fields[] = {
    [1] = NUMBER(party_keys_query, party_key, "party_keys.party_key", UINT32_MAX),
    [2] = NUMBER(party_keys_query, party, "party_keys.party", UINT32_MAX),
};
static const struct message_rule party_keys_query = MESSAGE(party_keys_query, 0);

static const struct field_rule mandates_query_fields[] = {
    [1] = NUMBER(mandates_query, mandate, "mandates.mandate", UINT32_MAX),
    [2] = NUMBER(mandates_query, principal, "mandates.principal", UINT32_MAX),
    [3] = NUMBER(mandates_query, agent, "mandates.agent", UINT32_MAX),
};
static const struct message_rule mandates_query = MESSAGE(mandates_query, 0);

static const struct field_rule certificate_query_fields[] = {
    [1] = NUMBER(certificate_query, number, "certificate.number", INT64_MAX),
};
static const struct message_rule certificate_query = MESSAGE(certificate_query, 0);

static const struct field_rule no_fields[1];
static const struct message_rule empty = {"query", no_fields, 1, 0};

static const struct field_rule listings_query_fields[] = {
    [1] = NUMBER(listings_query, listing, "listings.listing", UINT32_MAX),
    [2] = NUMBER(listings_query, right, "listings.right", UINT32_MAX),
};
static const struct message_rule listings_query = MESSAGE(listings_query, 0);

static const struct field_rule bidders_query_fields[] = {
    [1] = NUMBER(bidders_query, listing, "bidders.listing", UINT32_MAX),
    [2] = NUMBER(bidders_query, party, "bidders.party", UINT32_MAX),
};
static const struct message_rule bidders_query = MESSAGE(bidders_query, 0);

#define OF_QUERY(member) offsetof(struct query, member), sizeof(((struct query *)0)->member)
#define NOTHING          offsetof(struct query, order), 0

static const struct body_rule query_bodies[QUERIES_END] = {
    [QUERY_ORDER] = {&order_query, OF_QUERY(order)},
    [QUERY_OPEN_ORDERS] = {&open_orders_query, OF_QUERY(open_orders)},
    [QUERY_ACCOUNTS] = {&accounts_query, OF_QUERY(accounts)},
    [QUERY_POSITIONS] = {&positions_query, OF_QUERY(positions)},
    [QUERY_BOOK_LEVELS] = {&book_levels_query, OF_QUERY(book_levels)},
    [QUERY_BOOK_ORDERS] = {&book_orders_query, OF_QUERY(book_orders)},
    [QUERY_INSTRUMENTS] = {&instruments_query, OF_QUERY(instruments)},
    [QUERY_PARAMETERS] = {&empty, NOTHING},
    [QUERY_PARTICIPANTS] = {&participants_query, OF_QUERY(participants)},
    [QUERY_SESSIONS] = {&sessions_query, OF_QUERY(sessions)},
    [QUERY_KEYS] = {&keys_query, OF_QUERY(keys)},
    [QUERY_LIMITS] = {&empty, NOTHING},
    [QUERY_LEDGER] = {&empty, NOTHING},
    [QUERY_ORDER_HISTORY] = {&order_history_query, OF_QUERY(order_history)},
    [QUERY_ACCOUNT_HISTORY] = {&account_history_query, OF_QUERY(account_history)},
    [QUERY_SESSION_HISTORY] = {&session_history_query, OF_QUERY(session_history)},
    [QUERY_TRADES] = {&trades_query, OF_QUERY(trades)},
    [QUERY_QUEUE] = {&queue_query, OF_QUERY(queue)},
    [QUERY_ENTRIES] = {&schema_entries_query, OF_QUERY(entries)},
    [QUERY_ENTRY_VERSIONS] = {&schema_entry_versions_query, OF_QUERY(entries)},
    [QUERY_PARTY_ENTRIES] = {&schema_party_entries_query, OF_QUERY(party_entries)},
    [QUERY_NUMBER_ENTRIES] = {&schema_number_entries_query, OF_QUERY(number_entries)},
    [QUERY_REGISTER_CHANGES] = {&schema_register_changes_query, OF_QUERY(register_changes)},
    [QUERY_BOUND_TOTALS] = {&schema_bound_totals_query, OF_QUERY(bound_totals)},
    [QUERY_PARTIES] = {&parties_query, OF_QUERY(parties)},
    [QUERY_PARTY_KEYS] = {&party_keys_query, OF_QUERY(party_keys)},
    [QUERY_MANDATES] = {&mandates_query, OF_QUERY(mandates)},
    [QUERY_CERTIFICATE] = {&certificate_query, OF_QUERY(certificate)},
    [QUERY_LISTINGS] = {&listings_query, OF_QUERY(listings)},
    [QUERY_BIDDERS] = {&bidders_query, OF_QUERY(bidders)},
};

const struct body_rule *schema_query_body(uint64_t kind) {
    return kind < QUERIES_END && query_bodies[kind].message != NULL ? &query_bodies[kind] : NULL;
}

/* Rows. They are written by us alone: what is there is within its range. */

#define FREELY(type, member, label)                                                                \
    NUMBER(type, member, label,                                                                    \
           sizeof(((struct type *)0)->member) == 8                                                 \
               ? UINT64_MAX                                                                        \
               : (UINT64_C(1) << (8 * sizeof(((struct type *)0)->member) % 64)) - 1)

static const struct field_rule order_view_fields[] = {
    [1] = FREELY(order_view, order_id, "order.order_id"),
    [2] = FREELY(order_view, entry, "order.entry"),
    [3] = FREELY(order_view, account, "order.account"),
    [4] = FREELY(order_view, instrument, "order.instrument"),
    [5] = NUMBER(order_view, side, "order.side", SIDE_SELL),
    [6] = FREELY(order_view, price_fen, "order.price"),
    [7] = FREELY(order_view, order_qty, "order.order_qty"),
    [8] = FREELY(order_view, cum_qty, "order.cum_qty"),
    [9] = FREELY(order_view, leaves_qty, "order.leaves_qty"),
    [10] = FREELY(order_view, good_till, "order.good_till_date"),
};
static const struct message_rule order_row = MESSAGE(order_view, 0);

static const struct field_rule account_row_fields[] = {
    [1] = FREELY(account_row, account, "account.account"),
    [2] = FREELY(account_row, view.participant, "account.participant"),
    [3] = FREELY(account_row, view.owner, "account.owner"),
    [4] = NUMBER(account_row, view.is_killed, "account.is_killed", 1),
    [5] = FREELY(account_row, view.cash_fen, "account.cash"),
    [6] = FREELY(account_row, view.reserved_fen, "account.reserved"),
};
static const struct message_rule account_row = MESSAGE(account_row, 0);

static const struct field_rule holding_view_fields[] = {
    [1] = FREELY(holding_view, account, "position.account"),
    [2] = FREELY(holding_view, instrument, "position.instrument"),
    [3] = FREELY(holding_view, quantity, "position.quantity"),
    [4] = FREELY(holding_view, reserved, "position.reserved"),
    [5] = FREELY(holding_view, bound, "position.bound"),
};
static const struct message_rule position_row = MESSAGE(holding_view, 0);

static const struct field_rule level_row_fields[] = {
    [1] = NUMBER(level_row, side, "level.side", SIDE_SELL),
    [2] = FREELY(level_row, level.price_fen, "level.price"),
    [3] = FREELY(level_row, level.quantity, "level.quantity"),
    [4] = FREELY(level_row, level.orders, "level.orders"),
};
static const struct message_rule level_row = MESSAGE(level_row, 0);

static const struct field_rule entry_row_fields[] = {
    [1] = FREELY(entry_row, entry, "entry.entry"),
    [2] = NUMBER(entry_row, side, "entry.side", SIDE_SELL),
    [3] = FREELY(entry_row, price_fen, "entry.price"),
    [4] = FREELY(entry_row, quantity, "entry.quantity"),
};
static const struct message_rule entry_row = MESSAGE(entry_row, 0);

static const struct field_rule instrument_row_fields[] = {
    [1] = FREELY(instrument_row, instrument, "instrument.instrument"),
    [2] = TEXT(instrument_row, view.symbol, "instrument.symbol", 0, ALPHABET_SYMBOL),
    [3] = NUMBER(instrument_row, view.phase, "instrument.phase", PHASE_HALTED),
    [4] = NUMBER(instrument_row, view.is_killed, "instrument.is_killed", 1),
    [5] = FREELY(instrument_row, view.tick_fen, "instrument.tick"),
    [6] = FREELY(instrument_row, view.lot_min, "instrument.lot_min"),
    [7] = FREELY(instrument_row, view.lot_step, "instrument.lot_step"),
    [8] = FREELY(instrument_row, view.qty_max, "instrument.qty_max"),
    [9] = FREELY(instrument_row, view.band_low_fen, "instrument.band_low"),
    [10] = FREELY(instrument_row, view.band_high_fen, "instrument.band_high"),
    [11] = FREELY(instrument_row, view.reference_fen, "instrument.reference"),
    [12] = FREELY(instrument_row, view.last_fen, "instrument.last_px"),
    [13] = FREELY(instrument_row, best_bid_fen, "instrument.best_bid"),
    [14] = FREELY(instrument_row, best_ask_fen, "instrument.best_ask"),
    [15] = NUMBER(instrument_row, view.is_halted, "instrument.is_halted", 1),
};
static const struct message_rule instrument_row = MESSAGE(instrument_row, 0);

static const struct field_rule parameters_row_fields[] = {
    [1] = TEXT(parameters_row, origin, "parameters.origin", 0, ALPHABET_ORIGIN),
    [2] = NUMBER(parameters_row, market.environment, "parameters.environment", ENVIRONMENT_TEST),
    [3] = FREELY(parameters_row, market.version, "parameters.version"),
    [4] = FREELY(parameters_row, market.epoch, "parameters.epoch"),
    [5] = TIME(parameters_row, market.time_ns, "parameters.time"),
    [6] = FREELY(parameters_row, market.date, "parameters.trading_date"),
    [7] = NUMBER(parameters_row, market.is_open, "parameters.is_open", 1),
    [8] = NUMBER(parameters_row, market.is_halted, "parameters.is_halted", 1),
    [9] = NUMBER(parameters_row, market.is_killed, "parameters.is_killed", 1),
    [10] = FREELY(parameters_row, market.trades, "parameters.trades"),
    [11] = FREELY(parameters_row, price_ticks_max, "parameters.price_ticks_max"),
    [12] = FREELY(parameters_row, credits, "parameters.credits"),
    [13] = FREELY(parameters_row, requests_per_second, "parameters.requests_per_second"),
    [14] = FREELY(parameters_row, heartbeat_ms, "parameters.heartbeat_ms"),
    [15] = FREELY(parameters_row, queries_per_second, "parameters.queries_per_second"),
};
static const struct message_rule parameters_row = MESSAGE(parameters_row, 0);

static const struct field_rule participant_row_fields[] = {
    [1] = FREELY(participant_row, participant, "participant.participant"),
    [2] = TEXT(participant_row, view.code, "participant.code", 0, ALPHABET_CODE),
    [3] = FREELY(participant_row, view.roles, "participant.roles"),
    [4] = NUMBER(participant_row, view.is_killed, "participant.is_killed", 1),
};
static const struct message_rule participant_row = MESSAGE(participant_row, 0);

static const struct field_rule session_row_fields[] = {
    [1] = FREELY(session_row, session, "session.session"),
    [2] = FREELY(session_row, view.participant, "session.participant"),
    [3] = NUMBER(session_row, view.is_up, "session.is_up", 1),
    [4] = NUMBER(session_row, view.is_killed, "session.is_killed", 1),
    [5] = NUMBER(session_row, view.cancels_on_disconnect, "session.cancel_on_disconnect", 1),
    [6] = FREELY(session_row, view.grace_ms, "session.grace_ms"),
    [7] = FREELY(session_row, view.last_number, "session.last_number"),
    [8] = FREELY(session_row, view.orders, "session.orders"),
};
static const struct message_rule session_row = MESSAGE(session_row, 0);

static const struct field_rule key_row_fields[] = {
    [1] = FREELY(key_row, key, "key.key"),
    [2] = FREELY(key_row, view.participant, "key.participant"),
    [3] = FREELY(key_row, view.person, "key.person"),
    [4] = NUMBER(key_row, view.is_revoked, "key.is_revoked", 1),
    [5] = HASH(key_row, view.key, "key.public_key"),
};
static const struct message_rule key_row = MESSAGE(key_row, BIT(5));

static const struct field_rule pool_row_fields[] = {
    [1] = NUMBER(pool_row, pool, "pool.pool", POOLS_END - 1),
    [2] = FREELY(pool_row, used, "pool.used"),
    [3] = FREELY(pool_row, limit, "pool.limit"),
    [4] = FREELY(pool_row, ceiling, "pool.ceiling"),
};
static const struct message_rule pool_row = MESSAGE(pool_row, 0);

static const struct field_rule ledger_row_fields[] = {
    [1] = FREELY(ledger_row, next, "ledger.next"),
    [2] = FREELY(ledger_row, durable, "ledger.durable"),
    [3] = FREELY(ledger_row, sealed, "ledger.sealed"),
    [4] = FREELY(ledger_row, checkpoint_size, "ledger.checkpoint_size"),
    [5] = {.name = "ledger.checkpoint",
           .kind = RULE_SPAN,
           .wire = WIRE_BYTES,
           .max = CHECKPOINT_BYTES_MAX,
           PLACE(ledger_row, checkpoint),
           COUNT(ledger_row, checkpoint_bytes)},
    [6] = NUMBER(ledger_row, disk_step, "ledger.disk_step", DISK_CRITICAL),
};
static const struct message_rule ledger_row = MESSAGE(ledger_row, 0);

static const struct field_rule follower_row_fields[] = {
    [1] = TEXT(follower_row, name, "follower.name", 0, ALPHABET_NAME),
    [2] = FREELY(follower_row, as_of, "follower.as_of"),
};
static const struct message_rule follower_row = MESSAGE(follower_row, 0);

static const struct field_rule report_row_fields[] = {
    [1] = FREELY(report_row, session, "report.session"),
    [2] = {.name = "report.report",
           .kind = RULE_SPAN,
           .wire = WIRE_BYTES,
           .max = CODEC_REPORT_BYTES_MAX,
           PLACE(report_row, report),
           COUNT(report_row, report_bytes)},
};
static const struct message_rule report_row = MESSAGE(report_row, 0);

static const struct field_rule queue_row_fields[] = {
    [1] = FREELY(queue_row, order_id, "queue.order_id"),
    [2] = FREELY(queue_row, ahead_qty, "queue.ahead_qty"),
    [3] = FREELY(queue_row, ahead_orders, "queue.ahead_orders"),
};
static const struct message_rule queue_row = MESSAGE(queue_row, 0);

static const struct field_rule party_row_fields[] = {
    [1] = FREELY(party_row, party, "party.party"),
    [2] = FREELY(party_row, view.participant, "party.participant"),
    [3] = TEXT(party_row, view.code, "party.code", 0, ALPHABET_CODE),
    [4] = HASH(party_row, view.identity, "party.identity"),
};
static const struct message_rule party_row = MESSAGE(party_row, BIT(4));

static const struct field_rule party_key_row_fields[] = {
    [1] = FREELY(party_key_row, party_key, "party_key.party_key"),
    [2] = FREELY(party_key_row, view.party, "party_key.party"),
    [3] = FREELY(party_key_row, view.person, "party_key.person"),
    [4] = NUMBER(party_key_row, view.is_revoked, "party_key.is_revoked", 1),
    [5] = SIGNING_KEY(party_key_row, view.key, "party_key.key"),
    [6] = FREELY(party_key_row, view.serial, "party_key.serial"),
};
static const struct message_rule party_key_row = MESSAGE(party_key_row, BIT(5));

static const struct field_rule mandate_row_fields[] = {
    [1] = FREELY(mandate_row, mandate, "mandate.mandate"),
    [2] = FREELY(mandate_row, view.principal, "mandate.principal"),
    [3] = FREELY(mandate_row, view.agent, "mandate.agent"),
    [4] = FREELY(mandate_row, view.scope, "mandate.scope"),
    [5] = FREELY(mandate_row, view.limit_fen, "mandate.limit_amount"),
    [6] = FREELY(mandate_row, view.until, "mandate.until"),
    [7] = TIME(mandate_row, view.from_ns, "mandate.from"),
    [8] = TIME(mandate_row, view.to_ns, "mandate.to"),
    [9] = HASH(mandate_row, view.document, "mandate.document"),
};
static const struct message_rule mandate_row = MESSAGE(mandate_row, BIT(9));

static const struct field_rule certificate_row_fields[] = {
    [1] = FREELY(certificate_row, size, "certificate.size"),
    [2] = FREELY(certificate_row, offset, "certificate.offset"),
    [3] = {.name = "certificate.text",
           .kind = RULE_SPAN,
           .wire = WIRE_BYTES,
           .max = ANSWER_ROW_BYTES_MAX,
           PLACE(certificate_row, text),
           COUNT(certificate_row, text_bytes)},
};
static const struct message_rule certificate_row = MESSAGE(certificate_row, 0);

static const struct field_rule listing_row_fields[] = {
    [1] = FREELY(listing_row, listing, "listing.listing"),
    [2] = NUMBER(listing_row, view.asset_kind, "listing.asset_kind", ASSET_HOLDING),
    [3] = FREELY(listing_row, view.asset, "listing.asset"),
    [4] = FREELY(listing_row, view.holder, "listing.holder"),
    [5] = FREELY(listing_row, view.units, "listing.units"),
    [6] = NUMBER(listing_row, view.object, "listing.object", SALE_LICENCE_ORDINARY),
    [7] = NUMBER(listing_row, view.state, "listing.state", LISTING_TERMINATED),
    [8] = NUMBER(listing_row, view.was, "listing.stage", LISTING_TERMINATED),
    [9] = NUMBER(listing_row, view.is_resuming, "listing.is_resuming", 1),
    [10] = FREELY(listing_row, view.floor_fen, "listing.floor"),
    [11] = FREELY(listing_row, view.increment_fen, "listing.increment"),
    [12] = FREELY(listing_row, view.reserve_fen, "listing.reserve"),
    [13] = NUMBER(listing_row, view.is_reserve_hidden, "listing.is_reserve_hidden", 1),
    [14] = FREELY(listing_row, view.deposit_fen, "listing.deposit"),
    [15] = FREELY(listing_row, view.high_fen, "listing.high"),
    [16] = FREELY(listing_row, view.least_fen, "listing.least"),
    [17] = FREELY(listing_row, view.bids, "listing.bids"),
    [18] = FREELY(listing_row, view.bidders, "listing.bidders"),
    [19] = TIME(listing_row, view.deadline_ns, "listing.deadline"),
    [20] = TIME(listing_row, view.disclosed_until_ns, "listing.disclosed_until"),
    [21] = FREELY(listing_row, view.certificate, "listing.certificate"),
    [22] = TEXT(listing_row, view.number, "listing.number", 0, ALPHABET_SYMBOL),
};
static const struct message_rule listing_row = MESSAGE(listing_row, 0);

static const struct field_rule bidder_view_fields[] = {
    [1] = FREELY(bidder_view, listing, "bidder.listing"),
    [2] = FREELY(bidder_view, party, "bidder.party"),
    [3] = FREELY(bidder_view, account, "bidder.account"),
    [4] = FREELY(bidder_view, deposit_fen, "bidder.deposit"),
    [5] = FREELY(bidder_view, bid_fen, "bidder.bid"),
    [6] = NUMBER(bidder_view, is_in, "bidder.is_in", 1),
    [7] = NUMBER(bidder_view, is_qualified, "bidder.is_qualified", 1),
};
static const struct message_rule bidder_row = MESSAGE(bidder_view, 0);

static const struct message_rule *const rows[ROWS_END] = {
    [ROW_ORDER] = &order_row,
    [ROW_ACCOUNT] = &account_row,
    [ROW_POSITION] = &position_row,
    [ROW_LEVEL] = &level_row,
    [ROW_ENTRY] = &entry_row,
    [ROW_INSTRUMENT] = &instrument_row,
    [ROW_PARAMETERS] = &parameters_row,
    [ROW_PARTICIPANT] = &participant_row,
    [ROW_SESSION] = &session_row,
    [ROW_KEY] = &key_row,
    [ROW_POOL] = &pool_row,
    [ROW_LEDGER] = &ledger_row,
    [ROW_FOLLOWER] = &follower_row,
    [ROW_REPORT] = &report_row,
    [ROW_QUEUE] = &queue_row,
    [ROW_REGISTERED] = &schema_registered_row,
    [ROW_BOUND] = &schema_bound_row,
    [ROW_PARTY] = &party_row,
    [ROW_PARTY_KEY] = &party_key_row,
    [ROW_MANDATE] = &mandate_row,
    [ROW_CERTIFICATE] = &certificate_row,
    [ROW_LISTING] = &listing_row,
    [ROW_BIDDER] = &bidder_row,
};

const struct message_rule *schema_row(uint64_t kind) {
    return kind < ROWS_END ? rows[kind] : NULL;
}
