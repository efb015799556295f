/* Composes a line in a buffer and writes it whole. */
#include "gateway/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"

static const char *const LEVELS[] = {"info", "warning", "error"};

static size_t put_time(char *line, size_t room) {
    int64_t now_ns = clock_wall_ns();
    time_t seconds = (time_t)(now_ns / CLOCK_SECOND_NS);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t used = strftime(line, room, "time=%Y-%m-%dT%H:%M:%S", &parts);
    int more = snprintf(line + used, room - used, ".%06dZ",
                        (int)(now_ns % CLOCK_SECOND_NS / CLOCK_MICROSECOND_NS));
    return used + (size_t)more;
}

void log_line(enum log_level level, const char *event, const char *pairs, ...) {
    char line[LOG_LINE_BYTES_MAX];
    size_t used = put_time(line, sizeof line);
    used += (size_t)snprintf(line + used, sizeof line - used, " level=%s event=%s%s", LEVELS[level],
                             event, pairs[0] != '\0' ? " " : "");
    va_list arguments;
    va_start(arguments, pairs);
    int more = vsnprintf(line + used, sizeof line - used, pairs, arguments);
    va_end(arguments);
    if (more > 0)
        used += (size_t)more;
    if (used > sizeof line - 1)
        used = sizeof line - 1;
    line[used++] = '\n';
    /* A log that cannot be written must not stop the exchange. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}

bool log_limit_take(struct log_limit *limit, uint64_t *held) {
    int64_t second = clock_mono_ns() / CLOCK_SECOND_NS;
    if (second != limit->second) {
        limit->second = second;
        limit->lines = 0;
    }
    if (limit->lines == LOG_LIMIT_LINES) {
        limit->held++;
        return false;
    }
    limit->lines++;
    *held = limit->held;
    limit->held = 0;
    return true;
}
