/*
 * The demo's exchange: who trades there and what, and how a new exchange is furnished with it.
 *
 * Names and symbols are made up in the manner of the New Third Board; none is a real firm's.
 *
 * Numbers follow from the order in which things are added to an exchange that has its two operators
 * alone: broker i (from 0) is participant i + 2, session i + 3 and owns account i + 1; instrument i
 * is i + 1.
 *
 * A function that fails ends the process with a line that says why.
 *
 * Threads: one.
 */
#ifndef BENCH_DEMO_WORLD_H
#define BENCH_DEMO_WORLD_H

#include <signal.h>

#include "gateway/client.h"

enum demo_style {
    DEMO_MAKER, /* quotes both sides of every instrument */
    DEMO_TAKER, /* buys and sells, rests some, cancels, now and then errs */
    DEMO_GUEST, /* whoever tries the demo */
};

struct demo_broker {
    const char *name; /* of its key and profile */
    const char *code;
    const char *firm;
    enum demo_style style;
};

struct demo_instrument {
    const char *symbol;
    const char *name;
    int64_t reference_fen;
    int64_t tick_fen;
};

#define DEMO_BROKERS     7
#define DEMO_INSTRUMENTS 8
extern const struct demo_broker DEMO_BROKER[DEMO_BROKERS];
extern const struct demo_instrument DEMO_INSTRUMENT[DEMO_INSTRUMENTS];

/* The demo's price band: three tenths around the reference, as in continuous trading. */
int64_t demo_band_low(const struct demo_instrument *instrument);
int64_t demo_band_high(const struct demo_instrument *instrument);

/* What the story of the patent (gateway/demo_rights.sh) makes after the session: what comes then
 * has numbers behind it. */
#define DEMO_STORY_FIRMS    5u /* participants, with a key and a session each */
#define DEMO_STORY_ACCOUNTS 4u
#define DEMO_STORY_PARTIES  4u
#define DEMO_STORY_RIGHTS   1u

static inline uint32_t demo_participant(uint32_t broker) {
    return broker + 2;
}
static inline uint32_t demo_session(uint32_t broker) {
    return broker + 3;
}
static inline uint32_t demo_account(uint32_t broker) {
    return broker + 1;
}

#define DEMO_PATH_MAX 4096

/* A folder that holds exchange/, which a server runs, and the operators' keys op1.key, op2.key. */
struct demo_world {
    char folder[DEMO_PATH_MAX];
    char endpoint[CLIENT_ENDPOINT_BYTES_MAX + 1];
    char query_endpoint[CLIENT_ENDPOINT_BYTES_MAX + 1];
    char feed_endpoint[CLIENT_ENDPOINT_BYTES_MAX + 1];
    char server_z85[KEYFILE_Z85_CHARS + 1];
    struct curve_key keys[DEMO_BROKERS];
    void *context; /* of libzmq, for all clients */
};

/* Reads where the exchange is, makes the brokers' keys and profiles in the folder, and has operator
 * 1 add firms, keys, sessions, accounts, instruments and deposits, and open the day. */
void demo_furnish(struct demo_world *world, const char *folder, trading_date day);

/* A client on a broker's session, live. */
struct client *demo_client(const struct demo_world *world, uint32_t broker);

/* Set by Ctrl-C, which the server hears, too: what goes wrong from then on is no news. */
extern volatile sig_atomic_t demo_is_disturbed;
#define DEMO_EXIT_DISTURBED 130 /* ended by a signal, as the shell has it */

/* Ends the process with "demo: ..." and exit code 1; without a word and with DEMO_EXIT_DISTURBED
 * after Ctrl-C. */
void demo_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
