/*
 * The state of ledger and followers, as a query shows it: from the counters, and the newest signed
 * checkpoint from the ledger.
 *
 * Threads: belongs to one.
 */
#ifndef GATEWAY_QUERY_STATUS_H
#define GATEWAY_QUERY_STATUS_H

#include "gateway/counters.h"
#include "ledger/reader.h"
#include "proto/codec_answer.h"

struct query_status {
    const struct counters *counters;
    struct reader *reader;
    uint64_t checkpoint_size; /* of the one kept here, 0: none */
    uint32_t checkpoint_bytes;
    char checkpoint[CHECKPOINT_BYTES_MAX];
};

/* Returns 0 or a negative failure (ledger/failure.h). */
int query_status_open(struct query_status *status, const char *ledger_dir,
                      const struct counters *counters);
void query_status_close(struct query_status *status);

/* As it stands now. What the row points to is valid until the next call. */
void query_status_ledger(struct query_status *status, struct ledger_row *row);

/* How far follower `index` has come; false when there is none of that index. */
bool query_status_follower(const struct query_status *status, uint32_t index,
                           struct follower_row *row);

#endif
