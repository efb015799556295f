/* Strict parsing: digits are read by hand, for the C library's functions accept spaces, signs and
 * other bases. */
#include "gateway/cli_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/cli.h"
#include "gateway/clock.h"
#include "gateway/keyfile.h"
#include "gateway/reason_text.h"
#include "gateway/wording.h"

#define DIGITS       "0123456789"
#define FEN_PER_YUAN 100

/* Reads a run of digits of exactly `size` bytes; false when it is none or does not fit 64 bits. */
static bool read_digits(const char *text, size_t size, uint64_t *value) {
    *value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*value, UINT64_C(10), value) ||
            __builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value))
            return false;
    }
    return size > 0;
}

/* Digits alone, but more than an unsigned 64-bit number holds. */
static bool is_huge(const char *text, size_t size) {
    uint64_t value;
    return size > 0 && strspn(text, DIGITS) >= size && !read_digits(text, size, &value);
}

uint64_t cli_number(const char *field, const char *text, uint64_t low, uint64_t high) {
    uint64_t value;
    bool is_large = is_huge(text, strlen(text));
    if (!is_large && !read_digits(text, strlen(text), &value))
        cli_die(CLI_USAGE, "%s: \"%s\" is not a whole number", field, text);
    if (is_large || value < low || value > high)
        cli_die(CLI_USAGE, "%s: %s is not in %" PRIu64 " .. %" PRIu64, field, text, low, high);
    return value;
}

int64_t cli_money(const char *field, const char *text, int64_t low, int64_t high) {
    char shown_low[CLI_VALUE_BYTES_MAX];
    char shown_high[CLI_VALUE_BYTES_MAX];
    bool is_negative = text[0] == '-';
    const char *yuan_text = text + is_negative;
    size_t whole = strspn(yuan_text, DIGITS);
    const char *rest = yuan_text + whole;
    size_t decimals = rest[0] == '.' ? strlen(rest + 1) : 0;
    uint64_t yuan = 0;
    uint64_t fen = 0;
    bool is_large = is_huge(yuan_text, whole);
    if ((!is_large && !read_digits(yuan_text, whole, &yuan)) ||
        (rest[0] != '\0' && (rest[0] != '.' || !read_digits(rest + 1, decimals, &fen))))
        cli_die(CLI_USAGE, "%s: \"%s\" is not an amount in yuan such as 10.05", field, text);
    if (decimals > 2)
        cli_die(CLI_USAGE, "%s: %s has more than two decimals", field, text);
    if (decimals == 1)
        fen *= 10;
    int64_t value = 0;
    is_large = is_large || yuan > INT64_MAX / FEN_PER_YUAN - 1;
    if (!is_large)
        value = (int64_t)(yuan * FEN_PER_YUAN + fen) * (is_negative ? -1 : 1);
    if (is_large || value < low || value > high)
        cli_die(CLI_USAGE, "%s: %s is not in %s .. %s", field, text, cli_money_text(shown_low, low),
                cli_money_text(shown_high, high));
    return value;
}

static uint32_t days_of(uint64_t year, uint64_t month) {
    static const uint8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && is_leap ? 1u : 0u);
}

trading_date cli_date(const char *field, const char *text) {
    char digits[16];
    uint64_t value = 0;
    bool is_long = strlen(text) == 10 && text[4] == '-' && text[7] == '-';
    snprintf(digits, sizeof digits, is_long ? "%.4s%.2s%.2s" : "%.9s%s", text,
             is_long ? text + 5 : "", is_long ? text + 8 : "");
    bool is_good = strlen(digits) == 8 && read_digits(digits, 8, &value);
    uint64_t month = value / 100 % 100;
    is_good = is_good && month >= 1 && month <= 12 && value % 100 >= 1 &&
              value % 100 <= days_of(value / 10000, month);
    if (!is_good)
        cli_die(CLI_USAGE, "%s: \"%s\" is not a day such as 20261124", field, text);
    return (trading_date)value;
}

int64_t cli_time(const char *field, const char *text) {
    struct tm parts = {0};
    uint64_t value;
    if (read_digits(text, strlen(text), &value) && value <= INT64_MAX)
        return (int64_t)value;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    uint64_t fraction = 0;
    size_t digits = rest != NULL && rest[0] == '.' ? strspn(rest + 1, DIGITS) : 0;
    if (rest != NULL && digits > 0 && digits <= 9 && read_digits(rest + 1, digits, &fraction)) {
        rest += 1 + digits;
        for (size_t i = digits; i < 9; i++)
            fraction *= 10;
    }
    if (rest == NULL || strcmp(rest, "Z") != 0)
        cli_die(CLI_USAGE, "%s: \"%s\" is not a time such as 2026-11-24T09:30:00Z", field, text);
    return timegm(&parts) * CLOCK_SECOND_NS + (int64_t)fraction;
}

uint64_t cli_order_id(const char *field, const char *text) {
    uint64_t session;
    uint64_t number;
    const char *dash = strchr(text, '-');
    if (dash == NULL && read_digits(text, strlen(text), &number) && number > ORDER_NUMBER_MAX)
        return number;
    if (dash != NULL && read_digits(text, (size_t)(dash - text), &session) &&
        read_digits(dash + 1, strlen(dash + 1), &number) && session >= 1 &&
        session <= SESSION_ID_MAX && number >= 1 && number <= ORDER_NUMBER_MAX)
        return order_id_of((uint32_t)session, number);
    cli_die(CLI_USAGE, "%s: \"%s\" is not an order such as 3-17 (session and number)", field, text);
}

static int hex_digit(char digit) {
    static const char HEX[] = "0123456789abcdef";
    const char *at = digit != '\0' ? strchr(HEX, digit | 0x20) : NULL;
    return at != NULL ? (int)(at - HEX) : -1;
}

void cli_hex(const char *field, const char *text, uint8_t *bytes, size_t size) {
    if (strlen(text) != 2 * size)
        cli_die(CLI_USAGE, "%s: must be %zu bytes in hex, %zu digits", field, size, 2 * size);
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            cli_die(CLI_USAGE, "%s: \"%c%c\" is not hex", field, text[2 * i], text[2 * i + 1]);
        bytes[i] = (uint8_t)(high << 4 | low);
    }
}

size_t cli_text(const char *field, const char *text, size_t most) {
    size_t size = strlen(text);
    if (size == 0 || size > most)
        cli_die(CLI_USAGE, "%s: has %zu bytes, it must have 1 to %zu", field, size, most);
    return size;
}

void cli_curve_key(const char *field, const char *text, uint8_t key[KEY_BYTES]) {
    struct curve_key file;
    if (access(text, F_OK) != 0 && keyfile_z85_decode(text, key))
        return; /* a path can look like a key */
    if (keyfile_curve_load(&file, text, false) != 0)
        cli_die(CLI_USAGE, "%s: \"%s\" is neither %d characters of Z85 nor a key file", field, text,
                KEYFILE_Z85_CHARS);
    memcpy(key, file.public_key, KEY_BYTES);
    secret_cleanse(&file, sizeof file);
}

/* The place of a name in a list "a, b, c", from 1; 0 when it is not there. */
static uint32_t place_in(const char *names, const char *name) {
    size_t size = strlen(name);
    for (uint32_t place = 1; *names != '\0'; place++) {
        size_t next = strcspn(names, ",");
        if (next == size && memcmp(names, name, size) == 0)
            return place;
        names += next + strspn(names + next, ", ");
    }
    return 0;
}

uint32_t cli_role_find(const char *name) {
    uint32_t place = place_in(CLI_ROLE_NAMES, name);
    return place != 0 ? UINT32_C(1) << (place - 1) : 0;
}

uint32_t cli_pool_find(const char *name) {
    return place_in(CLI_POOL_NAMES, name);
}

/* Goes on to the next name of a list "a, b, c". */
static const char *next_name(const char *names) {
    size_t size = strcspn(names, ",");
    return names + size + strspn(names + size, ", ");
}

char *cli_pool_text(char *text, uint32_t pool) {
    const char *names = CLI_POOL_NAMES;
    for (; pool > 1 && *names != '\0'; pool--)
        names = next_name(names);
    snprintf(text, CLI_VALUE_BYTES_MAX, "%.*s", (int)strcspn(names, ","), names);
    return text;
}

void cli_roles_text(char *text, size_t size, uint32_t roles) {
    const char *names = CLI_ROLE_NAMES;
    size_t used = 0;
    text[0] = '\0';
    for (; *names != '\0' && used < size; names = next_name(names), roles >>= 1)
        if ((roles & 1) != 0)
            used += (size_t)snprintf(text + used, size - used, "%s%.*s", used > 0 ? "," : "",
                                     (int)strcspn(names, ","), names);
}

char *cli_money_text(char *text, int64_t fen) {
    uint64_t size = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    snprintf(text, CLI_VALUE_BYTES_MAX, "%s%" PRIu64 ".%02u", fen < 0 ? "-" : "",
             size / FEN_PER_YUAN, (unsigned)(size % FEN_PER_YUAN));
    return text;
}

char *cli_order_text(char *text, uint64_t order_id) {
    snprintf(text, CLI_VALUE_BYTES_MAX, "%" PRIu32 "-%" PRIu64, order_id_session(order_id),
             order_id_number(order_id));
    return text;
}

char *cli_time_text(char *text, int64_t time_ns) {
    time_t seconds = (time_t)(time_ns / CLOCK_SECOND_NS);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(text, CLI_VALUE_BYTES_MAX, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, CLI_VALUE_BYTES_MAX - used, ".%06dZ",
             (int)(time_ns % CLOCK_SECOND_NS / CLOCK_MICROSECOND_NS));
    return text;
}

char *cli_date_text(char *text, trading_date date) {
    if (date == DATE_NONE || date == DATE_MAX)
        strcpy(text, date == DATE_NONE ? "-" : "cancelled");
    else
        snprintf(text, CLI_VALUE_BYTES_MAX, "%04u-%02u-%02u", date / 10000, date / 100 % 100,
                 date % 100);
    return text;
}

const char *cli_reason_text(uint32_t reason, const char *said) {
    const struct reason_text *text = wording_is_chinese() ? reason_text_find(reason) : NULL;
    return text != NULL ? text->chinese : said;
}
