/*
 * Figures for people, short and of a steady width: counts, bytes, durations.
 *
 * Each writes into a buffer of FIGURE_BYTES_MAX and returns it.
 *
 * Threads: any.
 */
#ifndef GATEWAY_FIGURE_H
#define GATEWAY_FIGURE_H

#include <stdint.h>

#define FIGURE_BYTES_MAX 40

/* "1,234,567" */
char *figure_count(char *text, uint64_t count);

/* "512 B", "1.5 MiB", "12 GiB" */
char *figure_bytes(char *text, uint64_t bytes);

/* What one waits for: "850 ns", "12 us", "0.88 ms", "12 ms", "1.5 s". */
char *figure_latency(char *text, uint64_t ns);

/* What passes: "0 s", "12 s", "3 min 5 s", "2 h 10 min", "3 d 4 h". */
char *figure_span(char *text, int64_t ns);

#endif
