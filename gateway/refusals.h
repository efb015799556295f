/*
 * What the gateway refused authenticated participants, counted by key and reason.
 *
 * Such refusals are never sequenced one by one: a client could fill the ledger with them. Once a
 * minute what was counted becomes commands (DESIGN.md, point 12), so that the audit trail knows of
 * them all the same.
 *
 * Threads: the gateway's.
 */
#ifndef GATEWAY_REFUSALS_H
#define GATEWAY_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"

/* Pairs of key and reason counted at a time; when there are more, those there are become due. */
#define REFUSALS_MAX 1024

struct refusal_table {
    int64_t period_ns;
    int64_t due_ns; /* monotonic; INT64_MAX: nothing is counted */
    uint32_t count;
    struct refusals counted[REFUSALS_MAX];
};

void refusals_init(struct refusal_table *table, int64_t period_ns);

/* Counts one. Times: wall for the audit trail, monotonic for when it is due. */
void refusals_count(struct refusal_table *table, uint32_t key, uint32_t reason, int64_t wall_ns,
                    int64_t mono_ns);

/* When the next digest is due, by the monotonic clock. */
static inline int64_t refusals_due(const struct refusal_table *table) {
    return table->due_ns;
}

/* Takes one pair out; false when none is left, and then the next period begins with the next
 * refusal. */
bool refusals_take(struct refusal_table *table, struct refusals *refusals);

#endif
