/* Names and the one line of a failure. A line is composed first and written whole, so that lines of
 * several threads do not mix. */
#include "ledger/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Longer lines are cut: what matters stands at their beginning. */
#define LINE_SIZE 512

const char *failure_name(int failure) {
    static const char *const names[] = {"none",    "system",  "not found", "exists",    "busy",
                                        "version", "damaged", "malformed", "signature", "stopped"};
    unsigned index = failure <= 0 ? 0u - (unsigned)failure : 0u;
    return index < sizeof names / sizeof names[0] ? names[index] : "unknown";
}

int failure_log(int failure, const char *format, ...) {
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "tpx: ledger: %s (%s)\n", line, failure_name(failure));
    return failure;
}

int failure_errno(const char *format, ...) {
    char line[LINE_SIZE];
    char text[128];
    const char *cause = strerror_r(errno, text, sizeof text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "tpx: ledger: %s: %s\n", line, cause);
    return FAILURE_SYSTEM;
}
