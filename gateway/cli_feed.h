/*
 * Commands that follow what happens: the public feed and its books. They end by Ctrl-C, which is no
 * failure.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_FEED_H
#define GATEWAY_CLI_FEED_H

#include <jansson.h>

#include "gateway/cli_option.h"
#include "gateway/feed_client.h"

/* Dials feed and query; ends the program when that cannot be. */
struct feed_client *cli_feed_open(const struct cli_arguments *arguments);

/* The next item; says on standard error what is wrong with the connection, and ends the program
 * where waiting helps nobody. */
void cli_feed_poll(struct feed_client *client, const struct cli_arguments *arguments,
                   int timeout_ms, struct feed_item *item);

/* An instrument as the profile or the exchange names it. */
struct cli_instrument_facts {
    uint32_t number;
    char symbol[SYMBOL_BYTES_MAX + 1];
};

/* By number or symbol: the profile's, or what the exchange says; ends the program when there is
 * none. */
void cli_feed_instrument(const struct cli_arguments *arguments, const char *text,
                         struct cli_instrument_facts *facts);

/* SIGINT and SIGTERM ask to stop from now on; true once they have. */
void cli_follow_begin(void);
bool cli_follow_is_over(void);

/* One object on a line of standard output, released; false when nobody reads any more. */
bool cli_follow_json(json_t *object);

#endif
