/*
 * Removal from a table: the run of taken slots after the hole is walked to its end, and whoever may
 * stand in the hole moves there, which opens a new one.
 */
#include "engine/table.h"

#include <string.h>

bool table_grow(const struct engine *engine, struct table_place *place, uint32_t bits) {
    assert(bits >= place->bits);
    if (bits == place->bits)
        return false;
    memset(region_place(engine, place->at), 0, table_bytes(place->bits));
    place->bits = bits;
    return true;
}

void table_remove(const struct table *table, uint64_t hash, uint32_t row,
                  uint64_t (*hash_of)(const struct engine *, uint32_t),
                  const struct engine *engine) {
    uint32_t hole = table_home(table, hash);
    while (table_row(table->slots[hole]) != row) {
        assert(table->slots[hole] != 0);
        hole = (hole + 1) & table->mask;
    }
    for (uint32_t at = (hole + 1) & table->mask;; at = (at + 1) & table->mask) {
        uint32_t slot = table->slots[at];
        if (slot == 0)
            break;
        uint32_t distance = table_distance(slot);
        if (distance == TABLE_DISTANCE_MAX) {
            uint32_t home = table_home(table, hash_of(engine, table_row(slot)));
            distance = (at - home) & table->mask;
        }
        uint32_t gap = (at - hole) & table->mask;
        if (distance < gap)
            continue;
        table->slots[hole] = table_slot(table_row(slot), distance - gap);
        hole = at;
    }
    table->slots[hole] = 0;
}
