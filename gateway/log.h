/*
 * The server's log: one line a happening, to standard error, as "key=value" pairs.
 *
 *     time=2026-11-24T04:22:00.123456Z level=info event=ready trade=tcp://127.0.0.1:7001
 *
 * An event is a short constant; what belongs to it follows as pairs, texts that may hold spaces in
 * double quotes. Keys, request bytes and free texts of clients are never logged: who may read the
 * log may not read the market. A line is written with one call, so lines of threads do not mix.
 *
 * Threads: any; a log_limit belongs to one.
 */
#ifndef GATEWAY_LOG_H
#define GATEWAY_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* Lines above this are cut. */
#define LOG_LINE_BYTES_MAX 1024

/* `pairs` is the format of the "key=value" pairs, "" for none. */
void log_line(enum log_level level, const char *event, const char *pairs, ...)
    __attribute__((format(printf, 3, 4)));

/* Keeps what a client can provoke from filling the disk: at most LOG_LIMIT_LINES a second. Starts
 * as zeros. */
#define LOG_LIMIT_LINES 10
struct log_limit {
    int64_t second; /* of the monotonic clock */
    uint32_t lines; /* written in it */
    uint64_t held;  /* lines not written since the last one that was */
};

/* True when a line may be written now; *held says how many before it were not. */
bool log_limit_take(struct log_limit *limit, uint64_t *held);

#endif
