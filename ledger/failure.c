/* Names and the one line of a failure. A line is composed first and written whole, so that lines of
 * several threads do not mix. */
#include "ledger/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *failure_name(int failure) {
    static const char *const names[] = {"none",    "system",  "not found", "exists",    "busy",
                                        "version", "damaged", "malformed", "signature", "stopped"};
    unsigned index = failure <= 0 ? 0u - (unsigned)failure : 0u;
    return index < sizeof names / sizeof names[0] ? names[index] : "unknown";
}

static void print(int failure, const char *line) {
    (void)failure;
    fprintf(stderr, "tpx: %s\n", line);
}

static void (*say)(int failure, const char *line) = print;

void failure_set_sink(void (*sink)(int failure, const char *line)) {
    say = sink;
}

int failure_log(int failure, const char *format, ...) {
    char line[FAILURE_LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say(failure, line);
    return failure;
}

int failure_errno(const char *format, ...) {
    char line[FAILURE_LINE_SIZE];
    char text[128];
    const char *cause = strerror_r(errno, text, sizeof text);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof line)
        snprintf(line + used, sizeof line - (size_t)used, ": %s", cause);
    say(FAILURE_SYSTEM, line);
    return FAILURE_SYSTEM;
}
