/*
 * Rights on sale: what cli_listing.c, cli_listing_show.c and cli_bid.c share.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_LISTING_H
#define GATEWAY_CLI_LISTING_H

#include "engine/deed.h"

/* tpx listing list, show. */
int cli_listing_list(int argc, char **argv);
int cli_listing_show(int argc, char **argv);

/* "TIMED"; "?" for none. */
const char *cli_listing_state(uint8_t state);

#endif
