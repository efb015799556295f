/*
 * Alphabets. The ranges of ALPHABET_NAME lie in blocks whose characters are all assigned or all
 * ideographs, so a later Unicode changes none of them; tests/unit/test_text.c holds them against
 * Python's tables of Unicode.
 */
#include "proto/text.h"

struct code_points {
    uint32_t first;
    uint32_t last;
};

/* In order. Each is in normal form C, of combining class 0, and never second in a composition. */
static const struct code_points name_code_points[] = {
    {0x20, 0x7e},                           /* ASCII, printable */
    {0xa1, 0xac},       {0xae, 0x2ff},      /* Latin, without no-break space and soft hyphen */
    {0x400, 0x482},     {0x48a, 0x52f},     /* Cyrillic */
    {0x2010, 0x2027},   {0x2030, 0x205e},   /* punctuation */
    {0x20a0, 0x20bf},                       /* currency */
    {0x2100, 0x2125},   {0x212c, 0x218b},   /* letterlike symbols and number forms */
    {0x2190, 0x2328},   {0x2460, 0x27bf},   /* arrows, signs, circled numbers, shapes */
    {0x3000, 0x3029},   {0x3030, 0x303e},   /* CJK punctuation, with the wide space */
    {0x3041, 0x3096},   {0x309b, 0x30ff},   /* kana */
    {0x3105, 0x312f},   {0x3131, 0x318e},   /* Bopomofo, Hangul letters that stay alone */
    {0x3200, 0x321e},   {0x3220, 0x33ff},   /* enclosed CJK */
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   /* ideographs */
    {0xac00, 0xd7a3},                       /* Hangul syllables */
    {0xff01, 0xff9f},                       /* full- and half-width forms */
    {0x20000, 0x2a6df}, {0x2a700, 0x2b738}, /* ideographs, extensions B, C */
    {0x2b740, 0x2b81d}, {0x2b820, 0x2cea1}, /* D, E */
    {0x2ceb0, 0x2ebe0}, {0x30000, 0x3134a}, /* F, G */
};

bool text_has_code_point(uint32_t code_point) {
    size_t ranges = sizeof name_code_points / sizeof name_code_points[0];
    for (size_t i = 0; i < ranges; i++) {
        if (code_point <= name_code_points[i].last) {
            return code_point >= name_code_points[i].first;
        }
    }
    return false;
}

/* Takes a character of two to four bytes; 0 when it is cut, overlong or no code point. */
static size_t take_wide(const uint8_t *text, size_t size, uint32_t *code_point) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] < 0xc2 || text[0] > 0xf4 || length > size) {
        return 0;
    }
    uint32_t value = text[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3f);
    }
    *code_point = value;
    return value >= least[length] ? length : 0;
}

static bool is_name(const uint8_t *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        if (text[at] >= ' ' && text[at] < 0x7f) {
            at++;
            continue;
        }
        uint32_t code_point;
        size_t length = take_wide(text + at, size - at, &code_point);
        if (length == 0 || !text_has_code_point(code_point)) {
            return false;
        }
        at += length;
    }
    return true;
}

static bool is_code(uint8_t byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

static bool is_in(enum alphabet alphabet, uint8_t byte) {
    switch (alphabet) {
    case ALPHABET_SYMBOL:
        return is_code(byte) || byte == '.' || byte == '-';
    case ALPHABET_CODE:
        return is_code(byte);
    case ALPHABET_ORIGIN:
        return byte > ' ' && byte < 0x7f && byte != '+';
    case ALPHABET_NAME:
        break;
    }
    return false;
}

bool text_is_in(enum alphabet alphabet, const uint8_t *text, size_t size) {
    if (alphabet == ALPHABET_NAME) {
        return is_name(text, size);
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_in(alphabet, text[i])) {
            return false;
        }
    }
    return true;
}
