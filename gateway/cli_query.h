/*
 * Asking what is: of a running exchange at its query endpoint, or of a ledger, which is replayed
 * for it (--ledger, or where no exchange is said). Either way it is the same questions and rows.
 *
 *     struct cli_source *source = cli_source_open(&arguments);
 *     struct query query = {.kind = QUERY_SESSIONS};
 *     struct answer_row row;
 *     cli_source_ask(source, &query);
 *     while (cli_source_row(source, &row))
 *         ...
 *     cli_source_close(source);
 *
 * An exchange answers as of the moment it is asked or later: what a command before was told is in
 * it. Each page is as of its own moment; what is shown as "as of" is the first one's.
 *
 * What stands in the way ends the program, a refusal too.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_QUERY_H
#define GATEWAY_CLI_QUERY_H

#include "gateway/cli_option.h"
#include "gateway/cli_output.h"
#include "proto/codec_answer.h"

struct cli_source;

struct cli_source *cli_source_open(const struct cli_arguments *arguments);
void cli_source_close(struct cli_source *source);

/* Puts a question; its rows follow, over all pages. */
void cli_source_ask(struct cli_source *source, const struct query *query);
/* The same; false, and no rows, when it is refused. */
bool cli_source_try(struct cli_source *source, const struct query *query);
bool cli_source_row(struct cli_source *source, struct answer_row *row);

/* The as-of of the page that was answered last. */
uint64_t cli_source_answered(const struct cli_source *source);

/* Says as of which sequence and time the answers hold. */
void cli_source_as_of(const struct cli_source *source, struct cli_output *output);

/* A cell with an instrument's symbol for people, and its number for programs. Asks for those it
 * does not know yet, so it is not for the middle of an answer: see cli_source_rows(). */
void cli_source_instrument(struct cli_source *source, struct cli_output *output, uint32_t number);

/* All rows of a question at once; *count of them. The caller's to free. */
struct answer_row *cli_source_rows(struct cli_source *source, const struct query *query,
                                   uint32_t *count);

#endif
