/*
 * How an answer of the exchange reads: reports as a table, a refusal as a line with field, limit
 * and, where it helps, what to do about it.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_REPORT_H
#define GATEWAY_CLI_REPORT_H

#include "gateway/cli_request.h"

/* Prints an answer. */
void cli_show_answer(const struct cli_arguments *arguments, const struct cli_answer *answer);

/* Whether a report says no. */
bool cli_is_rejected(const struct report *report);

#endif
