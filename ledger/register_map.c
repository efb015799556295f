/*
 * Entries that records have told wait in a queue, each with its record's sequence. Every extract
 * names its asset in full, so its key follows from it alone.
 */
#include "ledger/register_map.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "proto/wire.h"

/* Report's field of an entry, and the extract's own. */
enum {
    REPORT_EXTRACT = 26,
    EXTRACT_ASSET_KIND = 1,
    EXTRACT_ASSET = 2,
    EXTRACT_ENTRY = 4,
    EXTRACT_RIGHT_KIND = 16,
    EXTRACT_NUMBER = 18,
    EXTRACT_SYMBOL = 30,
    EXTRACT_CODE = 31,
    EXTRACT_IDENTITY = 32,
};

#define WAITING_MIN 1024u

struct waiting {
    uint64_t sequence;
    uint8_t key[REGISTER_KEY_SIZE];
    struct hash value;
};

struct register_map {
    struct hasher *hasher;
    struct map *map;
    struct waiting *waiting; /* a ring of a power of two */
    size_t waiting_max;
    size_t waiting_first;
    size_t waiting_count;
    uint64_t as_of;
};

struct register_map *register_map_create(uint8_t profile) {
    struct register_map *map = calloc(1, sizeof *map);
    if (map == NULL)
        return NULL;
    map->waiting_max = WAITING_MIN;
    map->hasher = hasher_create(profile);
    map->map = map_create(REGISTER_KEY_SIZE, REGISTER_ENTRIES_MAX);
    map->waiting = calloc(map->waiting_max, sizeof *map->waiting);
    if (map->hasher == NULL || map->map == NULL || map->waiting == NULL) {
        register_map_destroy(map);
        return NULL;
    }
    return map;
}

void register_map_destroy(struct register_map *map) {
    if (map == NULL)
        return;
    free(map->waiting);
    map_destroy(map->map);
    hasher_destroy(map->hasher);
    free(map);
}

/* --- keys --------------------------------------------------------------------------------------
 */

void register_right_hash(struct hasher *hasher, uint8_t kind, const char *number, size_t bytes,
                         struct hash *hash) {
    hasher_begin(hasher);
    hasher_add(hasher, "tpx asset", sizeof "tpx asset");
    hasher_add(hasher, &kind, sizeof kind);
    hasher_add(hasher, number, bytes);
    hasher_end(hasher, hash);
}

/* A holding's id: 0x80, its instrument's symbol behind its length, its party's code or identity. */
static void hash_holding(struct hasher *hasher, const struct register_named *named,
                         struct hash *hash) {
    const uint8_t head[2] = {REGISTER_HOLDING, (uint8_t)named->symbol.size};
    hasher_begin(hasher);
    hasher_add(hasher, "tpx asset", sizeof "tpx asset");
    hasher_add(hasher, head, sizeof head);
    hasher_add(hasher, named->symbol.bytes, named->symbol.size);
    hasher_add(hasher, named->party.bytes, named->party.size);
    hasher_end(hasher, hash);
}

void register_asset_hash(struct hasher *hasher, const struct register_named *named,
                         struct hash *hash) {
    if (named->asset_kind == ASSET_HOLDING)
        hash_holding(hasher, named, hash);
    else
        register_right_hash(hasher, (uint8_t)named->right_kind, (const char *)named->number.bytes,
                            named->number.size, hash);
}

void register_key(const struct hash *asset, uint64_t entry, uint8_t key[REGISTER_KEY_SIZE]) {
    memcpy(key, asset->bytes, HASH_SIZE);
    for (uint32_t i = 0; i < 8; i++)
        key[HASH_SIZE + i] = (uint8_t)(entry >> (56 - 8 * i));
}

/* --- what records tell -------------------------------------------------------------------------
 */

static void name(struct register_named *named, const struct wire_field *field) {
    switch (field->number) {
    case EXTRACT_ASSET_KIND:
        named->asset_kind = field->value;
        return;
    case EXTRACT_ASSET:
        named->asset = field->value;
        return;
    case EXTRACT_ENTRY:
        named->entry = field->value;
        return;
    case EXTRACT_RIGHT_KIND:
        named->right_kind = field->value;
        return;
    case EXTRACT_NUMBER:
        named->number = field->bytes;
        return;
    case EXTRACT_SYMBOL:
        named->symbol = field->bytes;
        return;
    case EXTRACT_CODE:
    case EXTRACT_IDENTITY:
        named->party = field->bytes;
        return;
    default:
        return;
    }
}

static bool read_extract(struct span bytes, struct register_named *named) {
    struct wire_input in = wire_input_of(bytes);
    *named = (struct register_named){0};
    while (in.at != in.end) {
        struct wire_field field = {0};
        if (!wire_get_field(&in, &field))
            return false;
        name(named, &field);
    }
    if (named->asset_kind == ASSET_HOLDING)
        return named->symbol.size != 0 && named->symbol.size <= SYMBOL_BYTES_MAX &&
               named->party.size != 0;
    return named->asset_kind == ASSET_RIGHT && named->number.size != 0 &&
           named->right_kind <= UINT8_MAX;
}

/* A report's body is its last field. */
struct span register_extract(struct span report) {
    struct wire_input in = wire_input_of(report);
    struct wire_field field = {0};
    while (in.at != in.end && wire_get_field(&in, &field))
        if (field.number == REPORT_EXTRACT && field.wire == WIRE_BYTES)
            return field.bytes;
    return (struct span){NULL, 0};
}

bool register_read(struct span report, struct register_named *named) {
    struct span extract = register_extract(report);
    return extract.size != 0 && read_extract(extract, named);
}

/* Makes room for one more that waits, the ring growing to twice its size. */
static int make_room(struct register_map *map) {
    if (map->waiting_count < map->waiting_max)
        return 0;
    struct waiting *larger = calloc(map->waiting_max * 2, sizeof *larger);
    if (larger == NULL)
        return failure_errno("register: %zu entries that wait for a Seal", map->waiting_max * 2);
    for (size_t i = 0; i < map->waiting_count; i++)
        larger[i] = map->waiting[(map->waiting_first + i) % map->waiting_max];
    free(map->waiting);
    map->waiting = larger;
    map->waiting_first = 0;
    map->waiting_max *= 2;
    return 0;
}

static int take_extract(struct register_map *map, uint64_t sequence, struct span extract,
                        struct span report) {
    struct register_named named;
    struct hash asset;
    if (!read_extract(extract, &named))
        return failure_log(FAILURE_DAMAGED,
                           "register: record %" PRIu64 " tells of an asset without its name",
                           sequence);
    int failure = make_room(map);
    if (failure != 0)
        return failure;
    register_asset_hash(map->hasher, &named, &asset);
    size_t place = (map->waiting_first + map->waiting_count++) % map->waiting_max;
    struct waiting *waiting = &map->waiting[place];
    waiting->sequence = sequence;
    register_key(&asset, named.entry, waiting->key);
    hasher_digest(map->hasher, report.bytes, report.size, &waiting->value);
    return 0;
}

int register_map_record(struct register_map *map, const struct record *record) {
    struct span rest = record->events;
    struct record_event_view view;
    while (record_event_next(&rest, &view)) {
        struct span extract = register_extract(view.report);
        if (extract.size == 0)
            continue;
        int failure = take_extract(map, record->header.sequence, extract, view.report);
        if (failure != 0)
            return failure;
    }
    return 0;
}

void register_map_root(struct register_map *map, uint64_t as_of, struct hash *root) {
    assert(as_of >= map->as_of);
    map->as_of = as_of;
    while (map->waiting_count > 0) {
        const struct waiting *first = &map->waiting[map->waiting_first];
        if (first->sequence >= as_of)
            break;
        bool is_set = map_set(map->map, first->key, &first->value);
        assert(is_set);
        map->waiting_first = (map->waiting_first + 1) % map->waiting_max;
        map->waiting_count--;
    }
    map_root(map->map, map->hasher, root);
}

struct map *register_map_map(struct register_map *map) {
    return map->map;
}
