#include "tests/property/record_list.h"
#include "bench/algorithms.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct maker_market record_list_market = {
    .participants = 3, .accounts = 5, .instruments = 2, .is_funded = true};

void record_list_init(struct record_list *list) {
    *list = (struct record_list){0};
}

void record_list_fini(struct record_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->records[i].bytes);
    }
    free(list->records);
}

static uint8_t *copy_of(const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size + (size == 0));
    assert(copy != NULL);
    if (size != 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

void record_list_take(void *owner, const uint8_t *bytes, size_t size) {
    struct record_list *list = owner;
    if (list->count == list->room) {
        list->room = list->room * 2 + 64;
        list->records = realloc(list->records, list->room * sizeof *list->records);
        assert(list->records != NULL);
    }
    list->records[list->count++] = (struct listed_record){copy_of(bytes, size), size};
}

void record_list_put(struct record_list *list, size_t sequence, const uint8_t *bytes, size_t size) {
    uint8_t *copy = copy_of(bytes, size);
    assert(sequence < list->count);
    free(list->records[sequence].bytes);
    list->records[sequence] = (struct listed_record){copy, size};
}

void record_list_begin(struct record_list *list, struct maker *maker, uint32_t orders) {
    struct maker_genesis genesis = {.limits = maker_limits(orders, &record_list_market),
                                    .origin = "tpx.test/replay"};
    genesis.checkpoint_key = algorithms_key(7);
    record_list_init(list);
    maker_init(maker, &genesis, record_list_take, list);
    maker_market(maker, &record_list_market);
}

bool record_list_replay(const struct record_list *list, size_t from, struct replay *replay,
                        struct finding *finding) {
    for (size_t i = from; i < list->count; i++) {
        if (!replay_record(replay, list->records[i].bytes, list->records[i].size, finding)) {
            return false;
        }
    }
    return true;
}
