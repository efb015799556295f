/*
 * A relay between clients and the server: what comes in at its own endpoint goes on to the target,
 * byte by byte. So a client keeps its endpoint while the server restarts elsewhere, and a test can
 * cut connections, or let them stand still as a wire does that is pulled out.
 *
 *     struct relay *relay = relay_open();
 *     relay_target(relay, trial.endpoint);
 *     client dials relay_endpoint(relay) ...
 *     relay_cut(relay);
 *
 * Failures end the process with a line that says why.
 *
 * Threads: starts one, and one a connection; the functions belong to the test's.
 */
#ifndef TESTS_E2E_RELAY_H
#define TESTS_E2E_RELAY_H

#include <stdbool.h>
#include <stddef.h>

/* Connections in the life of a relay. */
#define RELAY_CONNECTIONS_MAX 4096

struct relay;

struct relay *relay_open(void);
void relay_close(struct relay *relay);

/* "tcp://127.0.0.1:<port>", as long as the relay lives. */
const char *relay_endpoint(const struct relay *relay);

/* Where connections made from now on lead: an endpoint of this machine. */
void relay_target(struct relay *relay, const char *endpoint);

/* Connections made from now on take in little at a time: who sends sees soon that nobody reads. */
void relay_narrow(struct relay *relay);

/* Closes every connection that there is. */
void relay_cut(struct relay *relay);

/* While true nothing is passed on to clients, nor read from the server for them: as a client that
 * never reads. */
void relay_hold_answers(struct relay *relay, bool holds);

/* Sends the target, on a connection of its own, every byte that clients have sent so far, as
 * somebody would who has listened to one client. Returns when the target has closed that
 * connection, with how many bytes were sent; 0 when it does not close it, or more came than
 * RELAY_RECORDED_MAX. */
#define RELAY_RECORDED_MAX 65536
size_t relay_replay(struct relay *relay);

#endif
