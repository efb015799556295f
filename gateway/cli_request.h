/*
 * Asking the exchange, as a command does: log on, send a request, wait for its durable answer.
 *
 * The number of a request is the session's last plus one. When no answer comes in time, what became
 * of it is not known, and asking again under the same number (--number) finds out without doing it
 * twice.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_REQUEST_H
#define GATEWAY_CLI_REQUEST_H

#include "gateway/cli_option.h"
#include "gateway/client.h"

/* Reports kept of one answer; a sweep makes more, of which the first are shown. */
#define CLI_REPORTS_MAX 256

struct cli_answer {
    uint64_t number;
    bool is_refused; /* by the gateway: see refused; else by the market when a report says so */
    struct refused refused;
    uint32_t count;
    uint64_t more; /* reports beyond those kept */
    struct report reports[CLI_REPORTS_MAX];
};

/* Opens a client for the session and waits until it is live; ends the program when it cannot. */
struct client *cli_connect(const struct cli_arguments *arguments, bool skips_past);

/* The same for the drop copy of the key's participant, from where the ledger stands. */
struct client *cli_connect_copy(const struct cli_arguments *arguments);

/* Says why a client is not live, and ends the program. */
void cli_die_of(const struct cli_arguments *arguments, const struct client_item *item)
    __attribute__((noreturn));

/* Logs off and closes. */
void cli_disconnect(struct client *client);

/* Sends a request and waits for its answer. Returns CLI_FINE, CLI_REFUSED (the answer says why), or
 * CLI_UNKNOWN after saying so. */
int cli_ask(struct client *client, const struct cli_arguments *arguments,
            const struct command *command, const char *name, struct cli_answer *answer);

/* Prints an answer as a table of reports, or says why it was refused. */
void cli_show_answer(const struct cli_arguments *arguments, const struct cli_answer *answer);

/* All of it: connect, ask, show, disconnect. */
int cli_do(const struct cli_arguments *arguments, const struct command *command, const char *name);

#endif
