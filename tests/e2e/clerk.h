/*
 * A registrar at work on a trial exchange: parties and rights admitted, and waiting until what was
 * done is under a Seal that the exchange has signed.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_CLERK_H
#define TESTS_E2E_CLERK_H

#include "tests/e2e/desk.h"

/* A participant with one key and one session. */
struct clerk {
    struct trial *trial;
    struct curve_key key;
    uint32_t participant;
    uint32_t session;
};

/* Adds a participant of these roles (enum role), which does not yet know its client. */
void clerk_open(struct clerk *clerk, struct trial *trial, uint32_t roles, const char *code);

/* A client of it, live. The caller closes it. */
struct client *clerk_client(const struct clerk *clerk);

/* Does a deed, which must be done; `name` is the text that goes with it. */
struct done clerk_deed(struct client *client, const struct command *command, const char *name);

/* The reason for which a deed is refused, by the engine or by the gateway. */
enum reason clerk_refusal(struct client *client, const struct command *command, const char *name);

/* A legal person; a granted invention of one owner. Return their numbers. */
uint32_t clerk_party(struct client *client, const char *code, uint32_t participant);
uint32_t clerk_right(struct client *client, const char *number, uint32_t owner);

/* Waits until a signed checkpoint ends with a Seal that covers everything durable by now. Returns
 * its as-of. */
uint64_t clerk_until_signed(const struct trial *trial);

#endif
