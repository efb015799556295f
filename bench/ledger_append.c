/* The folder lives as long as the run; the clock stands still while it is made and removed. */
#include "bench/ledger_append.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/algorithms.h"
#include "bench/histogram.h"
#include "bench/stopwatch.h"
#include "ledger/journal.h"

#define PATH_BYTES      4096
#define WARM_UP_COMMITS 50

struct producer {
    struct journal *journal;
    uint64_t sequence;
    uint8_t record[LEDGER_APPEND_RECORD_BYTES];
};

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

/* Appends and commits one batch; adds the nanoseconds before the commit to *append_ns. */
static int run_batch(struct producer *producer, uint32_t batch, uint64_t *append_ns) {
    uint64_t begun = stopwatch_ns();
    for (uint32_t i = 0; i < batch; i++) {
        memcpy(producer->record, &producer->sequence, sizeof producer->sequence);
        producer->sequence++;
        if (journal_append(producer->journal, producer->record, sizeof producer->record) != 0)
            return -1;
    }
    *append_ns += stopwatch_ns() - begun;
    return journal_commit(producer->journal);
}

static int measure(struct producer *producer, uint32_t batch, uint64_t records,
                   struct ledger_append *result) {
    static struct histogram commits;
    uint64_t append_ns = 0;
    uint64_t done = 0;
    histogram_init(&commits);
    for (int i = 0; i < WARM_UP_COMMITS; i++)
        if (run_batch(producer, batch, &append_ns) != 0)
            return -1;
    append_ns = 0;
    uint64_t begun = stopwatch_ns();
    uint64_t last = begun;
    for (; done < records; done += batch) {
        if (run_batch(producer, batch, &append_ns) != 0)
            return -1;
        uint64_t now = stopwatch_ns();
        histogram_add(&commits, now - last);
        last = now;
    }
    result->records_per_s = (double)done * 1e9 / (double)(last - begun);
    result->hash_ns = (double)append_ns / (double)done;
    result->p50_ms = (double)histogram_quantile(&commits, 500000) / 1e6;
    result->p99_ms = (double)histogram_quantile(&commits, 990000) / 1e6;
    return 0;
}

int ledger_append_run(const char *parent, uint32_t batch, uint64_t records,
                      struct ledger_append *result) {
    struct producer producer = {0};
    char dir[PATH_BYTES];
    int size = snprintf(dir, sizeof dir, "%s/bench-ledger-XXXXXX", parent);
    if (size < 0 || (size_t)size >= sizeof dir || mkdtemp(dir) == NULL) {
        (void)fprintf(stderr, "bench-ledger: cannot make a folder in %s\n", parent);
        return -1;
    }
    memset(producer.record, 0x5A, sizeof producer.record);
    int failure = journal_create(dir, algorithms_profile());
    if (failure == 0)
        failure = journal_open(&producer.journal, dir, NULL);
    if (failure == 0)
        failure = measure(&producer, batch, records, result);
    journal_close(producer.journal);
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failure == 0 ? 0 : -1;
}
