/*
 * What the market's state is: commands that ask for it (cli_query.h), and a ledger whose records
 * are replayed into an engine, up to where the ledger stands, to answer them without an exchange.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_STATE_H
#define GATEWAY_CLI_STATE_H

#include "gateway/cli_ledger.h"

/* The ledger of the settings, executed again up to where it stands; and its engine. Ends the
 * program when there is none, or it is not as recorded. */
struct replay *cli_state_replay(const struct cli_arguments *arguments);
const struct engine *cli_state_engine(const struct replay *replay);

/* tpx order list */
int cli_state_orders(int argc, char **argv);

/* tpx account */
int cli_state_account(int argc, char **argv);

/* tpx admin limits list */
int cli_state_limits(int argc, char **argv);

/* tpx admin list (cli_list.c) */
int cli_list(int argc, char **argv);

#endif
