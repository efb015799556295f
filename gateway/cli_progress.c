/* Drawn ten times a second at most, over itself. */
#include "gateway/cli_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "gateway/clock.h"

#define PATIENCE_NS   CLOCK_SECOND_NS
#define DRAW_NS       (100 * CLOCK_MILLISECOND_NS)
#define LOOK_CALLS    1024 /* calls between two looks at the clock */
#define WIDTH         30
#define PERCENT_WHOLE 100

void cli_progress_begin(struct cli_progress *progress, const char *what, uint64_t total) {
    *progress = (struct cli_progress){.what = what,
                                      .total = total,
                                      .begun_ns = clock_mono_ns(),
                                      .is_terminal = isatty(STDERR_FILENO) == 1};
}

static void draw(struct cli_progress *progress, uint64_t done, int64_t now_ns) {
    uint64_t seconds = (uint64_t)((now_ns - progress->begun_ns) / CLOCK_SECOND_NS);
    uint64_t part = progress->total == 0 ? 0 : done * WIDTH / progress->total;
    uint64_t percent = progress->total == 0 ? 0 : done * PERCENT_WHOLE / progress->total;
    part = part > WIDTH ? WIDTH : part;
    if (progress->total == 0)
        fprintf(stderr, "\r%s %" PRIu64 ", %" PRIu64 " s ", progress->what, done, seconds);
    else
        fprintf(stderr, "\r%s [%.*s%*s] %3" PRIu64 "%%, %" PRIu64 " s ", progress->what, (int)part,
                "##############################", (int)(WIDTH - part), "", percent, seconds);
    fflush(stderr);
    progress->is_drawn = true;
    progress->drawn_ns = now_ns;
}

void cli_progress_at(struct cli_progress *progress, uint64_t done) {
    if (!progress->is_terminal || progress->calls++ % LOOK_CALLS != 0)
        return;
    int64_t now_ns = clock_mono_ns();
    if (now_ns - progress->begun_ns >= PATIENCE_NS && now_ns - progress->drawn_ns >= DRAW_NS)
        draw(progress, done, now_ns);
}

void cli_progress_end(struct cli_progress *progress) {
    if (progress->is_drawn)
        fprintf(stderr, "\r\033[K");
    progress->is_drawn = false;
}
