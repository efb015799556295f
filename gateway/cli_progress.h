/*
 * A bar on what takes longer than a second, on a terminal's standard error and nowhere else.
 *
 *     struct cli_progress progress;
 *     cli_progress_begin(&progress, "replaying", records);
 *     while (...)
 *         cli_progress_at(&progress, done);    // cheap: looks at the clock now and then
 *     cli_progress_end(&progress);             // wipes it
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_PROGRESS_H
#define GATEWAY_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cli_progress {
    const char *what;
    uint64_t total; /* 0: not known */
    uint64_t calls;
    int64_t begun_ns;
    int64_t drawn_ns;
    bool is_terminal;
    bool is_drawn;
};

void cli_progress_begin(struct cli_progress *progress, const char *what, uint64_t total);
void cli_progress_at(struct cli_progress *progress, uint64_t done);
void cli_progress_end(struct cli_progress *progress);

#endif
