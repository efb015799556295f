/*
 * tpx right status, history, list, portfolio, number, changes, totals: what the register says, now
 * or as of any time past.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_REGISTER_H
#define GATEWAY_CLI_REGISTER_H

int cli_right_status(int argc, char **argv);
int cli_right_history(int argc, char **argv);
int cli_right_list(int argc, char **argv);
int cli_right_portfolio(int argc, char **argv);
int cli_right_number(int argc, char **argv);
int cli_right_changes(int argc, char **argv);
int cli_right_totals(int argc, char **argv);

#endif
