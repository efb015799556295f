/*
 * What an outsider knows: books rebuilt from public events alone, and each session's open orders
 * from its reports alone.
 *
 * After any command both must agree with the engine, or somebody was told something wrong. A public
 * trade must take the order that stands first, by price and then by arrival.
 */
#ifndef TESTS_SCENARIO_MIRROR_H
#define TESTS_SCENARIO_MIRROR_H

#include "engine/view.h"

/* An order of the public book. */
struct mirror_entry {
    uint64_t entry;
    uint32_t instrument;
    uint32_t quantity; /* 0: gone */
    int64_t price_fen;
    uint8_t side;
};

/* An order as its owner knows it. */
struct mirror_order {
    uint64_t order_id;
    int64_t price_fen;
    uint32_t leaves; /* 0: gone */
    uint32_t cum;
};

struct mirror {
    struct mirror_entry *entries; /* in order of arrival */
    size_t entries_count;
    size_t entries_room;
    size_t entries_gone;
    struct mirror_order *orders; /* in order of arrival */
    size_t orders_count;
    size_t orders_room;
    size_t orders_gone;
    char fault[256]; /* what was first found wrong; empty when nothing is */
};

void mirror_fini(struct mirror *mirror);

/* Hears one event, whoever it is for. */
void mirror_hear(struct mirror *mirror, const struct event *event);

/* Compares with the engine; false, and `fault` says what is wrong. Slow. */
bool mirror_check(struct mirror *mirror, const struct engine *engine);

/* The orders of one price in the order in which they will trade; returns how many, at most
 * `most`. */
size_t mirror_queue(const struct mirror *mirror, const struct mirror_entry *where,
                    struct mirror_entry *queue, size_t most);

#endif
