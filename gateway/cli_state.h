/*
 * What the market's state is, read from the ledger: its records are replayed into an engine, up to
 * where the ledger stands, and the engine is asked. Answers say as of which sequence they hold.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_STATE_H
#define GATEWAY_CLI_STATE_H

/* tpx order list */
int cli_state_orders(int argc, char **argv);

/* tpx account */
int cli_state_account(int argc, char **argv);

/* tpx admin limits list */
int cli_state_limits(int argc, char **argv);

#endif
