/*
 * Results: a table for people, one JSON object for programs (--json).
 *
 *     struct cli_output *output = cli_output_create(is_json);
 *     cli_text_field(output, "result", "accepted");
 *     cli_table_begin(output, "orders", COLUMNS, 3);
 *     cli_table_text(output, "3-17");
 *     cli_table_money(output, 1005);
 *     cli_table_number(output, 300);
 *     cli_output_end(output);     // prints all, releases
 *
 * In JSON money is fen and 64-bit numbers are strings; columns and fields carry the names of the
 * protocol. For people fields stand one a line before the tables, in yuan and with symbols, and
 * headings, labels and words that stand alone are in their language (gateway/wording.h).
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_OUTPUT_H
#define GATEWAY_CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define CLI_COLUMNS_MAX 16

struct cli_column {
    const char *key;   /* in JSON */
    const char *title; /* for people; NULL: not shown to them */
};

struct cli_output;

struct cli_output *cli_output_create(bool is_json);
void cli_output_end(struct cli_output *output);

/* A named value before the tables. */
void cli_text_field(struct cli_output *output, const char *key, const char *text);
void cli_number_field(struct cli_output *output, const char *key, uint64_t number);
void cli_money_field(struct cli_output *output, const char *key, int64_t fen);
/* For programs alone; takes the value over. */
void cli_json_field(struct cli_output *output, const char *key, json_t *value);

/* Begins a table; cells are then put row by row, left to right. Every row is full at the next
 * table and at the end. */
void cli_table_begin(struct cli_output *output, const char *key, const struct cli_column *columns,
                     uint32_t count);
void cli_table_text(struct cli_output *output, const char *text);
/* The same of what users have named: never taken for a word. */
void cli_table_name(struct cli_output *output, const char *text);
void cli_table_number(struct cli_output *output, uint64_t number);
void cli_table_small(struct cli_output *output, uint32_t number); /* a number in JSON too */
void cli_table_money(struct cli_output *output, int64_t fen);
/* Shown to people as one text, to programs as another; a word is handed over as wording(word). */
void cli_table_both(struct cli_output *output, const char *shown, const char *text);
/* Shown to people as a text, that is translated, to programs as a value, which is taken over. */
void cli_table_value(struct cli_output *output, const char *shown, json_t *value);
/* Shown to people as this word where it is so; true or false to programs. */
void cli_table_flag(struct cli_output *output, bool is_so, const char *word);
void cli_table_order(struct cli_output *output, uint64_t order_id);

/* A number above 2^32 - 1 may not be exact in JSON's readers: 64-bit ones are strings. */
json_t *cli_json_number(uint64_t number);
json_t *cli_json_signed(int64_t number);

#endif
