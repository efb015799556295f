/* A short list, read through: the same client refused again and again is at its front. */
#include "gateway/refusals.h"

void refusals_init(struct refusal_table *table, int64_t period_ns) {
    table->period_ns = period_ns;
    table->due_ns = INT64_MAX;
    table->count = 0;
}

static struct refusals *pair_of(struct refusal_table *table, uint32_t key, uint32_t reason) {
    for (uint32_t i = 0; i < table->count; i++)
        if (table->counted[i].key == key && table->counted[i].reason == reason)
            return &table->counted[i];
    if (table->count == REFUSALS_MAX)
        return NULL;
    struct refusals *pair = &table->counted[table->count++];
    *pair = (struct refusals){.key = key, .reason = reason};
    return pair;
}

void refusals_count(struct refusal_table *table, uint32_t key, uint32_t reason, int64_t wall_ns,
                    int64_t mono_ns) {
    struct refusals *pair = pair_of(table, key, reason);
    if (table->due_ns == INT64_MAX)
        table->due_ns = mono_ns + table->period_ns;
    if (table->count == REFUSALS_MAX)
        table->due_ns = mono_ns;
    if (pair == NULL)
        return; /* full until the digest that is due now; the log has it */
    if (pair->count == 0)
        pair->first_ns = wall_ns;
    pair->last_ns = wall_ns;
    pair->count++;
}

bool refusals_take(struct refusal_table *table, struct refusals *refusals) {
    if (table->count == 0) {
        table->due_ns = INT64_MAX;
        return false;
    }
    *refusals = table->counted[--table->count];
    return true;
}
