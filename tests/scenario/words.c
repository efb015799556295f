/*
 * Reading a line. Numbers are checked digit by digit, since strtol and strtod accept too much.
 */
#include "tests/scenario/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS   (3600 * SECOND_NS)

bool words_split(struct words *words, const char *text) {
    memset(words, 0, sizeof *words);
    if (strlen(text) >= sizeof words->text) {
        snprintf(words->fault, sizeof words->fault, "the line is too long");
        return false;
    }
    memcpy(words->text, text, strlen(text) + 1);
    char *rest = NULL;
    for (char *word = strtok_r(words->text, " \t\r\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (words->count == WORDS_MAX) {
            snprintf(words->fault, sizeof words->fault, "too many words");
            return false;
        }
        words->word[words->count++] = word;
    }
    return true;
}

const char *words_peek(const struct words *words) {
    return words->at < words->count ? words->word[words->at] : "";
}

const char *words_next(struct words *words) {
    const char *word = words_peek(words);
    words->at += words->at < words->count;
    return word;
}

bool words_take(struct words *words, const char *these) {
    int at = words->at;
    while (*these != '\0') {
        size_t length = strcspn(these, " ");
        const char *word = at < words->count ? words->word[at] : "";
        if (strlen(word) != length || memcmp(word, these, length) != 0)
            return false;
        at++;
        these += length + (these[length] == ' ');
    }
    words->at = at;
    return true;
}

bool words_blame(struct words *words, const char *wanted) {
    if (words->fault[0] == '\0') {
        const char *word = words_peek(words);
        if (*word == '\0') {
            snprintf(words->fault, sizeof words->fault, "the line ends where %s should stand",
                     wanted);
        } else {
            snprintf(words->fault, sizeof words->fault, "'%.60s' stands where %s should", word,
                     wanted);
        }
    }
    return false;
}

bool words_expect(struct words *words, const char *these) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "'%s'", these);
    return words_take(words, these) || words_blame(words, wanted);
}

/* Digits with commas between them, into a number; returns what follows, NULL when there is none. */
static const char *read_digits(const char *text, uint64_t *value) {
    *value = 0;
    bool has_digit = false;
    for (; isdigit((unsigned char)*text) || (has_digit && *text == ','); text++) {
        if (*text == ',')
            continue;
        has_digit = true;
        uint64_t digit = (uint64_t)(*text - '0');
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, digit, value))
            return NULL;
    }
    return has_digit ? text : NULL;
}

static bool read_money(const char *text, int64_t *fen) {
    bool is_negative = *text == '-';
    uint64_t yuan;
    uint64_t cents = 0;
    text = read_digits(text + is_negative, &yuan);
    if (text != NULL && *text == '.' && strlen(text) == 3)
        text = read_digits(text + 1, &cents);
    if (text == NULL || *text != '\0' || yuan > INT64_MAX / 100 - 1)
        return false;
    *fen = (int64_t)(yuan * 100 + cents) * (is_negative ? -1 : 1);
    return true;
}

bool words_is_money(const struct words *words) {
    int64_t fen;
    return read_money(words_peek(words), &fen);
}

bool words_money(struct words *words, int64_t *fen) {
    if (!read_money(words_peek(words), fen))
        return words_blame(words, "an amount or price such as 10.05");
    words->at++;
    return true;
}

bool words_units(struct words *words, uint64_t *units) {
    const char *end = read_digits(words_peek(words), units);
    if (end == NULL || *end != '\0')
        return words_blame(words, "a whole number");
    words->at++;
    return true;
}

bool words_number(struct words *words, uint32_t *number) {
    uint64_t units = 0;
    const char *end = read_digits(words_peek(words), &units);
    if (end == NULL || *end != '\0' || units > UINT32_MAX)
        return words_blame(words, "a whole number of at most 2^32 - 1");
    words->at++;
    *number = (uint32_t)units;
    return true;
}

static bool read_date(const char *text, trading_date *date) {
    unsigned year;
    unsigned month;
    unsigned day;
    char end;
    if (strlen(text) != 10 || sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &end) != 3)
        return false;
    *date = year * 10000 + month * 100 + day;
    return true;
}

bool words_is_date(const struct words *words) {
    trading_date date;
    return read_date(words_peek(words), &date);
}

bool words_date(struct words *words, trading_date *date) {
    if (!read_date(words_peek(words), date))
        return words_blame(words, "a date such as 2026-11-24");
    words->at++;
    return true;
}

bool words_time_of_day(struct words *words, int64_t *ns) {
    unsigned hour;
    unsigned minute;
    unsigned second = 0;
    char end;
    const char *text = words_peek(words);
    int read = sscanf(text, "%2u:%2u:%2u%c", &hour, &minute, &second, &end);
    if ((read != 3 && (read != 2 || strlen(text) > 5)) || hour > 24 || minute > 59 || second > 59)
        return words_blame(words, "a time such as 09:30");
    words->at++;
    *ns = ((int64_t)hour * 3600 + (int64_t)minute * 60 + (int64_t)second) * SECOND_NS;
    return true;
}

bool words_span(struct words *words, int64_t *ns) {
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {{"ns", 1},        {"ms", SECOND_NS / 1000},
                 {"s", SECOND_NS}, {"min", 60 * SECOND_NS},
                 {"h", HOUR_NS},   {"d", WORDS_DAY_NS}};
    uint64_t count;
    const char *end = read_digits(words_peek(words), &count);
    for (size_t i = 0; end != NULL && i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) == 0 && count < UINT32_MAX) {
            words->at++;
            *ns = (int64_t)count * units[i].ns;
            return true;
        }
    }
    return words_blame(words, "a span such as 5s or 10min");
}

bool words_one_of(struct words *words, const char *const list[], uint32_t count, uint32_t *which) {
    char wanted[200] = "one of";
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] == NULL)
            continue;
        if (words_take(words, list[i])) {
            *which = i;
            return true;
        }
        size_t length = strlen(wanted);
        snprintf(wanted + length, sizeof wanted - length, " %s", list[i]);
    }
    return words_blame(words, wanted);
}

bool words_end(struct words *words) {
    return words->at == words->count || words_blame(words, "the end of the line");
}

void words_write_units(char *out, uint64_t units) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, units);
    for (int i = 0; i < length; i++) {
        *out++ = digits[i];
        if ((length - 1 - i) % 3 == 0 && i + 1 < length)
            *out++ = ',';
    }
    *out = '\0';
}

void words_write_money(char *out, int64_t fen) {
    uint64_t amount = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    if (fen < 0)
        *out++ = '-';
    words_write_units(out, amount / 100);
    out += strlen(out);
    *out++ = '.';
    *out++ = (char)('0' + amount % 100 / 10);
    *out++ = (char)('0' + amount % 10);
    *out = '\0';
}

void words_write_date(char *out, trading_date date) {
    snprintf(out, 40, "%04u-%02u-%02u", date / 10000, date / 100 % 100, date % 100);
}

/* Days since 1970-01-01 of a Gregorian date: years begin in March, so leap days come last. */
static int64_t days_since_1970(trading_date date) {
    int64_t year = date / 10000;
    int64_t month = date / 100 % 100;
    int64_t day = date % 100;
    year -= month <= 2;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

int64_t words_market_time(trading_date date, int64_t time_of_day_ns) {
    return days_since_1970(date) * WORDS_DAY_NS + time_of_day_ns - 8 * HOUR_NS;
}
