/*
 * An exchange to try things on: a real tpxd in a folder of its own, with keys, participants,
 * sessions, accounts and instruments, for benchmarks and for tests that need a server.
 *
 *     struct trial_options options = {
 *         .brokers = 2, .sessions = 2, .accounts = 4, .instruments = 1};
 *     struct trial trial;
 *     trial_create(&trial, &options);          folder, keys, genesis
 *     trial_start(&trial);                     the server runs and is ready
 *     trial_furnish(&trial);                   everything named in the options, and an open day
 *     struct client *ann = trial_client(&trial, 1);
 *     ...
 *     trial_stop(&trial);                      SIGTERM, waits: the exit code
 *     trial_remove(&trial);                    the folder
 *
 * Numbers of what is furnished follow from the options: broker i (from 1) is participant
 * trial_broker(i); session i belongs to broker (i - 1) % brokers + 1 and is session
 * trial_session(i); accounts are dealt out likewise. Each broker has one key. Instrument i is
 * number i, symbol "Ti".
 *
 * Every function but those that say otherwise ends the process with a line that says why when the
 * world fails: a bench or a test cannot go on then.
 *
 * Threads: belongs to one. The server is a child, and dies with its parent.
 */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/client.h"
#include "gateway/keyfile.h"
#include "gateway/query_client.h"

#define TRIAL_BROKERS_MAX 64
#define TRIAL_PATH_MAX    512

/* The trading day that trial_furnish() opens. */
#define TRIAL_DAY 20260105u

/* The world answers within this, or the process ends with a line that says who did not. */
#define TRIAL_PATIENCE_MS 30000

struct trial_options {
    const char *config;  /* lines for the configuration besides origin, endpoint, operators; NULL */
    const char *preload; /* a library for the server's LD_PRELOAD; NULL: none */
    const char *tpxd;    /* the program; NULL: that of the build that this program belongs to */
    bool keeps_notify;   /* what the server tells its service manager stays to be read */
    bool is_production;  /* else environment "test" */
    bool cancels_on_disconnect; /* the brokers' sessions, after grace_ms */
    uint32_t grace_ms;
    uint32_t brokers;     /* 1 .. TRIAL_BROKERS_MAX */
    uint32_t sessions;    /* of brokers */
    uint32_t accounts;    /* each with plenty of cash, and of shares of every instrument */
    uint32_t instruments; /* tick 1 fen, lots of 1, no band */
};

struct trial {
    struct trial_options options;
    char folder[TRIAL_PATH_MAX]; /* holds exchange/, the log of the server and key files */
    char exchange[TRIAL_PATH_MAX];
    char endpoint[CLIENT_ENDPOINT_BYTES_MAX + 1]; /* as of the last start */
    char query_endpoint[QUERY_CLIENT_ENDPOINT_MAX + 1];
    char feed_endpoint[CLIENT_ENDPOINT_BYTES_MAX + 1];
    struct curve_key server; /* public */
    struct curve_key operators[2];
    struct curve_key brokers[TRIAL_BROKERS_MAX];
    void *context; /* of libzmq, for all clients */
    pid_t pid;     /* 0: not running */
    int notify;    /* with keeps_notify, while the server runs: a socket of datagrams */
};

void trial_create(struct trial *trial, const struct trial_options *options);

/* Starts the server and waits until it says where it listens. Returns false, with the exit code in
 * *code, when it ends instead. */
bool trial_start_or(struct trial *trial, int *code);
void trial_start(struct trial *trial);

/* Adds participants, keys, sessions, accounts, instruments and deposits, and opens the day. */
void trial_furnish(struct trial *trial);

/* SIGTERM; waits for the end. Returns the exit code, or 128 + the signal that ended it. */
int trial_stop(struct trial *trial);

/* SIGKILL; waits. */
void trial_kill(struct trial *trial);

/* Waits for the server to end by itself. As trial_stop(). */
int trial_wait(struct trial *trial);

/* Removes the folder; TPX_KEEP set in the environment keeps it. */
void trial_remove(struct trial *trial);

uint32_t trial_broker(const struct trial *trial, uint32_t index);
uint32_t trial_session(const struct trial *trial, uint32_t index);
uint32_t trial_account(const struct trial *trial, uint32_t index);
/* Index of the broker that owns session or account `index`. */
uint32_t trial_owner(const struct trial *trial, uint32_t index);

/* A client on broker session `index`, live; it has seen what is there. The caller closes it. */
struct client *trial_client(const struct trial *trial, uint32_t index);

/* A client of operator 0 or 1, live. */
struct client *trial_operator(const struct trial *trial, uint32_t which);

/* A client that asks under a key; the caller closes it. */
struct query_client *trial_asker(const struct trial *trial, const struct curve_key *key);

/* Sends one request and waits for its whole durable answer; the last report that answers it is in
 * *report (NULL: not wanted). False when the gateway refuses it: *refused (NULL: then it must not).
 * What else the client hears meanwhile is dropped. An answer of which something still rests is
 * taken to end with its frame of 256 KiB: some 3,000 reports. */
bool trial_ask(struct client *client, const struct command *command, const char *name,
               struct report *report, struct refused *refused);

/* Many requests, as fast as the exchange takes them: add each, then wait for all. The process ends
 * when one is refused, by gateway or market. `name` is a participant's, NULL for other requests. */
void trial_pour(struct client *client, const struct command *command, const char *name);
void trial_drain(struct client *client);

/* An act of one operator, or of both keys one after the other; ends the process when it is refused.
 * Returns the id of what was made. They take over the operators' sessions: clients of
 * trial_operator() are logged off. */
uint64_t trial_act(struct trial *trial, const struct act *act, const char *name);
uint64_t trial_act_of_two(struct trial *trial, const struct act *act);

/* Runs tpx of the same build with these arguments (NULL at the end); its output, both streams, is
 * returned and the caller's to free; *code is its exit code. */
char *trial_tpx(const struct trial *trial, int *code, const char *const arguments[]);

/* Path of a program of this build, e.g. "tpx"; the second ends the process when it is not there. */
bool trial_has_program(const char *name, char path[TRIAL_PATH_MAX]);
void trial_program(const char *name, char path[TRIAL_PATH_MAX]);

/* Ends the process with a line. */
void trial_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
