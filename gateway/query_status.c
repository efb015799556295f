/* A checkpoint is read again only when the counters say that there is a newer one. */
#include "gateway/query_status.h"

#include <string.h>

/* A follower is a line here and a counter that holds its as-of. */
static const struct {
    const char *name;
    enum counter counter;
} FOLLOWERS[] = {
    {"shadow", COUNTER_SHADOW},
    {"index", COUNTER_INDEX},
    {"feed", COUNTER_FEED},
};

int query_status_open(struct query_status *status, const char *ledger_dir,
                      const struct counters *counters) {
    *status = (struct query_status){.counters = counters};
    return reader_open(&status->reader, ledger_dir, false);
}

void query_status_close(struct query_status *status) {
    if (status->reader != NULL)
        reader_close(status->reader);
    status->reader = NULL;
}

static void read_checkpoint(struct query_status *status) {
    struct reader_note note = {.bytes = status->checkpoint, .bytes_max = CHECKPOINT_BYTES_MAX};
    if (counter_get(status->counters, COUNTER_CHECKPOINT) == status->checkpoint_size &&
        status->checkpoint_size != 0)
        return;
    bool is_read = reader_last_checkpoint(status->reader, &note) == 0;
    reader_rest(status->reader);
    status->checkpoint_size = is_read ? note.size : 0;
    status->checkpoint_bytes = is_read ? (uint32_t)note.bytes_size : 0;
}

void query_status_ledger(struct query_status *status, struct ledger_row *row) {
    const struct counters *counters = status->counters;
    read_checkpoint(status);
    *row = (struct ledger_row){
        .next = counter_get(counters, COUNTER_NEXT),
        .durable = counter_get(counters, COUNTER_DURABLE),
        .sealed = counter_get(counters, COUNTER_SEALED),
        .checkpoint_size = status->checkpoint_size,
        .checkpoint = (const uint8_t *)status->checkpoint,
        .checkpoint_bytes = status->checkpoint_bytes,
        .disk_step = (uint8_t)counter_get(counters, COUNTER_DISK_STEP),
    };
}

bool query_status_follower(const struct query_status *status, uint32_t index,
                           struct follower_row *row) {
    if (index >= sizeof FOLLOWERS / sizeof FOLLOWERS[0])
        return false;
    *row = (struct follower_row){.name_bytes = (uint8_t)strlen(FOLLOWERS[index].name),
                                 .as_of = counter_get(status->counters, FOLLOWERS[index].counter)};
    memcpy(row->name, FOLLOWERS[index].name, row->name_bytes);
    return true;
}
