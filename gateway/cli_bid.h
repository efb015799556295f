/*
 * Bids: tpx bid list is in cli_listing_show.c, beside the other lists.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_BID_H
#define GATEWAY_CLI_BID_H

int cli_bid_list(int argc, char **argv);

#endif
