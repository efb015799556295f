/*
 * What tests of the server do again and again: orders in one line, waiting for their ends, and
 * looking into the ledger beside the running server.
 *
 * Waiting ends when what is waited for has happened; DESK_PATIENCE_MS without it fails the test.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_DESK_H
#define TESTS_E2E_DESK_H

#include "bench/trial.h"
#include "engine/event.h"
#include "ledger/record.h"

#define DESK_PATIENCE_MS 20000

/* --- commands ---------------------------------------------------------------------------------
 */

/* A limit order, good for the day. */
struct command desk_order(uint32_t account, uint32_t instrument, enum side side, int64_t price_fen,
                          uint64_t quantity);
struct command desk_buy(uint32_t account, int64_t price_fen, uint64_t quantity); /* of 1 */
struct command desk_sell(uint32_t account, int64_t price_fen, uint64_t quantity);
struct command desk_cancel(uint64_t order_id);

/* --- whose -------------------------------------------------------------------------------------
 */

/* The key, and the first account, of the broker who owns session `index`. */
const struct curve_key *desk_key(const struct trial *trial, uint32_t index);
uint32_t desk_account(const struct trial *trial, uint32_t index);

/* --- waiting ----------------------------------------------------------------------------------
 */

/* The next item that is not CLIENT_NOTHING; LIVE and LOST are passed over when `only_answers`. */
void desk_next(struct client *client, bool only_answers, struct client_item *item);

/* Until an item of a kind, dropping others. */
void desk_until(struct client *client, enum client_item_kind kind, struct client_item *item);

/* Until the first report that answers a request; a refusal fails the test. */
void desk_answer(struct client *client, uint64_t number, struct report *report);

/* Until the refusal of a request. */
void desk_refusal(struct client *client, uint64_t number, struct refused *refused);

/* Sends one request and waits for its first answer. Returns its number. */
uint64_t desk_send(struct client *client, const struct command *command, struct report *report);

/* Sends one order that must rest. Returns its number. */
uint64_t desk_rest(struct client *client, const struct command *command);

/* Until a report about an order with this type comes. */
void desk_execution(struct client *client, uint64_t order_id, enum exec_type type,
                    struct report *report);

/* Until nothing of these is without an answer, dropping reports. */
void desk_all_answered(struct client *client);

/* --- the ledger -------------------------------------------------------------------------------
 */

/* Reads every durable record, in order, from `from` on. The visitor returns false to end. Returns
 * the sequence after the last one visited. */
typedef bool (*desk_visitor)(void *owner, const struct record *record, struct span bytes);
uint64_t desk_records(const struct trial *trial, uint64_t from, desk_visitor visit, void *owner);

/* How many records hold a request of this verb, from `from` on; the last of them decoded into
 * *command when that is not NULL (pointers in it are not valid). */
uint32_t desk_count(const struct trial *trial, uint64_t from, uint8_t verb,
                    struct command *command);

/* Waits until the ledger holds such a record at or past `from`. Returns its sequence. */
uint64_t desk_until_record(const struct trial *trial, uint64_t from, uint8_t verb,
                           struct command *command);

/* The ledger's length as far as it is durable. */
uint64_t desk_ledger_next(const struct trial *trial);

/* Bytes that grow: reports one after the other, each behind its size. */
struct desk_bytes {
    uint8_t *bytes;
    size_t size;
    size_t room;
    uint64_t count;
};
void desk_bytes_add(struct desk_bytes *bytes, struct span more);
void desk_bytes_free(struct desk_bytes *bytes);

/* The reports of a session below a sequence, as the ledger holds them. */
void desk_reports(const struct trial *trial, uint32_t session, uint64_t below,
                  struct desk_bytes *reports);

/* A furnished exchange that runs. */
void desk_set_up(struct trial *trial, const struct trial_options *options);

/* Stops the server, which must end cleanly, and removes the trial, also after a test that failed
 * and left clients open. */
void desk_tear_down(struct trial *trial);

/* Waits until a counter of the running server has at least this value. */
void desk_until_counter(const struct trial *trial, uint32_t counter, uint64_t least);

#endif
