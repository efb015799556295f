/*
 * What a test may know of an exchange besides its answers: its log, and what verify says of its
 * ledger. And the plain orders that most fault tests need.
 *
 * Threads: belongs to one.
 */
#ifndef TESTS_FAULT_WITNESS_H
#define TESTS_FAULT_WITNESS_H

#include <stdbool.h>

#include "bench/trial.h"
#include "ledger/verify.h"

/* Sizes that make starts quick and disk steps small, and patience with clients on a busy machine,
 * for trial_options.config. */
#define WITNESS_SMALL                                                                              \
    "heartbeat_ms = 20000\ndisk_low_mib = 16\ndisk_critical_mib = 8\ndisk_halt_mib = "             \
    "4\ndisk_zero_mib = 2\n"                                                                       \
    "limits {\n orders = 200000\n levels = 10000\n instruments = 100\n accounts = 100\n"           \
    " holdings = 1000\n}\n"

/* Whether the server's log holds a line with `event` and, where not NULL, `pairs`. */
bool witness_logged(const struct trial *trial, const char *event, const char *pairs);

/* The number after `key` (such as "sequence=") in the last line of `event`; ends the process when
 * there is none. */
uint64_t witness_number(const struct trial *trial, const char *event, const char *key);

/* The text after `key` up to the next space, likewise; `room` bytes at `text`. */
void witness_text(const struct trial *trial, const char *event, const char *key, char *text,
                  size_t room);

/* Waits until the shadow has followed up to `next`: a stop before that makes no snapshot. */
void witness_await_shadow(const struct trial *trial, uint64_t next);

/* What the server counts under a name (counters.c), and its memory without pages of files, while it
 * runs. */
uint64_t witness_counter(const struct trial *trial, const char *name);
uint64_t witness_memory_kib(const struct trial *trial);

/* Fails the test when verify finds anything in the ledger; nobody writes it now. Returns what it
 * says, valid until the next call; under TSan nothing. */
const struct verify_report *witness_verify(const struct trial *trial);

/* A limit order, good till canceled, of the account of broker session `session` (an index). */
struct command witness_order(const struct trial *trial, uint32_t session, enum side side,
                             int64_t price_fen, uint64_t quantity);
struct command witness_cancel(uint64_t order_id);

/* The reason of a rejection, REASON_NONE for anything else. */
uint32_t witness_reason(const struct report *report);

#endif
