/* Three digits that count, no more. */
#include "gateway/figure.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

char *figure_count(char *text, uint64_t count) {
    char digits[FIGURE_BYTES_MAX];
    size_t size = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count);
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

/* value / unit, with a digit behind the point as long as there is one before it. */
static char *scaled(char *text, uint64_t value, uint64_t unit, const char *name) {
    uint64_t tenths = (uint64_t)(((__extension__(unsigned __int128) value) * 10 + unit / 2) / unit);
    if (tenths < 100 && unit > 1)
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 ".%u %s", tenths / 10, (unsigned)(tenths % 10),
                 name);
    else
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 " %s", (value + unit / 2) / unit, name);
    return text;
}

char *figure_bytes(char *text, uint64_t bytes) {
    static const char *const NAMES[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t step = 0;
    uint64_t unit = 1;
    while (step + 1 < sizeof NAMES / sizeof NAMES[0] && bytes / unit >= 1024) {
        unit *= 1024;
        step++;
    }
    return scaled(text, bytes, unit, NAMES[step]);
}

char *figure_latency(char *text, uint64_t ns) {
    if (ns < 1000)
        return scaled(text, ns, 1, "ns");
    if (ns < 100 * UINT64_C(1000))
        return scaled(text, ns, 1000, "us");
    if (ns < UINT64_C(10) * 1000 * 1000) { /* milliseconds are what most are told in */
        uint64_t hundredths = (ns + 5000) / 10000;
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 ".%02u ms", hundredths / 100,
                 (unsigned)(hundredths % 100));
        return text;
    }
    if (ns < UINT64_C(1000) * 1000 * 1000)
        return scaled(text, ns, UINT64_C(1000) * 1000, "ms");
    return scaled(text, ns, UINT64_C(1000) * 1000 * 1000, "s");
}

char *figure_span(char *text, int64_t ns) {
    uint64_t s = ns > 0 ? (uint64_t)ns / (UINT64_C(1000) * 1000 * 1000) : 0;
    if (s < 60)
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 " s", s);
    else if (s < 3600)
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
    else if (s < UINT64_C(48) * 3600)
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
    else
        snprintf(text, FIGURE_BYTES_MAX, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
    return text;
}
