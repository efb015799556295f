/*
 * Values as people write and read them. Parsing is strict: what is not exactly a value of its kind,
 * in its range, ends the program with one line that names the field and its limit.
 *
 * Money is yuan with at most two decimals outside ("10.05"), fen inside. An order is its session
 * and number ("3-17"), or the one 64-bit number that both make.
 */
#ifndef GATEWAY_CLI_VALUE_H
#define GATEWAY_CLI_VALUE_H

#include "engine/types.h"

uint64_t cli_number(const char *field, const char *text, uint64_t low, uint64_t high);

/* Yuan to fen; the limits are fen too. */
int64_t cli_money(const char *field, const char *text, int64_t low, int64_t high);

/* yyyymmdd or yyyy-mm-dd, a day that exists. */
trading_date cli_date(const char *field, const char *text);

/* Nanoseconds since 1970 UTC: "2026-11-24T09:30:00Z", with or without a fraction, or the number. */
int64_t cli_time(const char *field, const char *text);

uint64_t cli_order_id(const char *field, const char *text);

/* Exactly `size` bytes in hex. */
void cli_hex(const char *field, const char *text, uint8_t *bytes, size_t size);

/* Text of 1 to `most` bytes; returns its length. */
size_t cli_text(const char *field, const char *text, size_t most);

/* A public key: Z85, or the name of a key file. */
void cli_curve_key(const char *field, const char *text, uint8_t key[KEY_BYTES]);

/* The number of a role or a pool by its name in lower case ("broker", "orders"); 0 when there is
 * none. */
uint32_t cli_role_find(const char *name);
uint32_t cli_pool_find(const char *name);
#define CLI_ROLE_NAMES                                                                             \
    "broker, bank, registrar, settlement_bank, listing_agent, appraiser, transferee, guarantor, "  \
    "authority_liaison, witness, operator, regulator"
#define CLI_POOL_NAMES                                                                             \
    "orders, levels, instruments, accounts, holdings, sessions, participants, keys, proposals, "   \
    "timers, parties, party_keys, rights, stakes, estates, bindings, parcels, ties, calendar, "    \
    "mandates, freezes, restraints, pledges, pledge_items, increases, assents, corrections, "      \
    "listings, bidders, consents, transfers"

/* Printing: into a buffer of CLI_VALUE_BYTES_MAX, which is returned. */
#define CLI_VALUE_BYTES_MAX 48
char *cli_money_text(char *text, int64_t fen);
char *cli_order_text(char *text, uint64_t order_id);
char *cli_time_text(char *text, int64_t time_ns);
char *cli_date_text(char *text, trading_date date);
char *cli_pool_text(char *text, uint32_t pool); /* "" for none */

/* The names of a set of roles, with commas between them. */
void cli_roles_text(char *text, size_t size, uint32_t roles);

/* Why something was refused: what the exchange said, or in Chinese what the reason means. */
const char *cli_reason_text(uint32_t reason, const char *said);

#endif
