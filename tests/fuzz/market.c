#include "tests/fuzz/market.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bench/ledger_maker.h"

#define RECORDS_MAX 200
/* Of every pool, and how far it can be raised. */
#define LIMIT   64
#define CEILING 70

static struct stored {
    uint8_t *bytes;
    size_t size;
} records[RECORDS_MAX];
static size_t records_count;
static struct market made;

static void keep(void *owner, const uint8_t *bytes, size_t size) {
    (void)owner;
    assert(records_count < RECORDS_MAX);
    records[records_count].bytes = malloc(size);
    assert(records[records_count].bytes != NULL);
    memcpy(records[records_count].bytes, bytes, size);
    records[records_count++].size = size;
}

static void make(void) {
    static struct maker maker;
    struct maker_market market = {
        .participants = 3, .accounts = 3, .instruments = 2, .is_funded = true};
    struct maker_genesis genesis = {.limits = maker_limits(LIMIT, &market), .origin = "fuzz"};
    for (uint32_t pool = 1; pool < POOLS_END; pool++) {
        genesis.limits.limit[pool] = LIMIT;
        genesis.limits.ceiling[pool] = CEILING;
    }
    maker_init(&maker, &genesis, keep, NULL);
    maker_market(&maker, &market);
    made = (struct market){maker.first_session, maker.first_key};
    maker_fini(&maker);
}

const struct market *market_replay(struct replay *replay) {
    struct finding finding;
    if (records_count == 0)
        make();
    for (size_t i = 0; i < records_count; i++) {
        bool is_good = replay_record(replay, records[i].bytes, records[i].size, &finding);
        assert(is_good);
    }
    return &made;
}
