/*
 * A line of a scenario as words, read from left to right; and the numbers, dates and times that
 * people write.
 *
 *     1,000.00  0.05  10        money, in yuan, at most two decimals
 *     200  1,000,000            units
 *     2026-11-24                a date
 *     09:30  15:00:01           a time of day, of the market (UTC+8)
 *     5s  250ms  10min  2h  1d  a span
 */
#ifndef TESTS_SCENARIO_WORDS_H
#define TESTS_SCENARIO_WORDS_H

#include "engine/types.h"

#define WORDS_MAX       64
#define WORDS_TEXT_MAX  512
#define WORDS_FAULT_MAX 256

struct words {
    char text[WORDS_TEXT_MAX];
    char *word[WORDS_MAX];
    int count;
    int at;                      /* the next word to read */
    char fault[WORDS_FAULT_MAX]; /* what was not understood first; empty when all was */
};

/* Splits `text` at blanks. False when it is too long. */
bool words_split(struct words *words, const char *text);

/* The next word, "" at the end; words_next() goes past it. */
const char *words_peek(const struct words *words);
const char *words_next(struct words *words);

/* Goes past the next words when they are these (blanks between them), else stays. */
bool words_take(struct words *words, const char *these);

/* As words_take(), or notes that something else stands there. */
bool words_expect(struct words *words, const char *these);

/* Notes, once, that the next word is not understood: `wanted` says what would have been. Returns
 * false. */
bool words_blame(struct words *words, const char *wanted);

/* Read what must stand next; else they note it and give false. */
bool words_money(struct words *words, int64_t *fen);
bool words_units(struct words *words, uint64_t *units);
bool words_number(struct words *words, uint32_t *number);
bool words_date(struct words *words, trading_date *date);
bool words_time_of_day(struct words *words, int64_t *ns);
bool words_span(struct words *words, int64_t *ns);
bool words_one_of(struct words *words, const char *const list[], uint32_t count, uint32_t *which);

/* True when the next word looks like one. */
bool words_is_money(const struct words *words);
bool words_is_date(const struct words *words);

/* Nothing may be left. */
bool words_end(struct words *words);

/* Writes 123456789 as 1,234,567.89, and 1234567 as 1,234,567. At least 40 bytes of room. */
void words_write_money(char *out, int64_t fen);
void words_write_units(char *out, uint64_t units);
void words_write_date(char *out, trading_date date);

/* The ns since 1970 UTC of a market time; and one day's ns. */
#define WORDS_DAY_NS INT64_C(86400000000000)
int64_t words_market_time(trading_date date, int64_t time_of_day_ns);

#endif
