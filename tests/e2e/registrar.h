/*
 * A registrar at a running exchange, for tests of the register on real sockets: participant, key,
 * session, and the deeds that every such test begins with.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_REGISTRAR_H
#define TESTS_E2E_REGISTRAR_H

#include "tests/e2e/desk.h"

struct registrar {
    struct trial *trial;
    struct curve_key key;
    uint32_t participant;
    uint32_t session;
};

/* Adds participant, key and session by the operator. */
void registrar_add(struct registrar *registrar, struct trial *trial);

/* A client of its session, live. */
struct client *registrar_dial(const struct registrar *registrar);

/* A firm with this code, for which `participant` acts (0: nobody); an invention that is wholly a
 * party's. */
struct command registrar_party(const char *code, uint32_t participant);
struct command registrar_right(const char *number, uint32_t party);

/* Sends a deed that must be done. Returns its answer. */
struct report registrar_do(struct client *client, const struct command *command);

#endif
