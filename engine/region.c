/*
 * The layout of a region. Parts begin on pages, so that touching one never touches another's.
 */
#include "engine/region.h"

#include <string.h>

#include "engine/asset.h"
#include "engine/holding.h"
#include "engine/listing.h"
#include "engine/order.h"
#include "engine/parties.h"
#include "engine/right.h"
#include "engine/table.h"

#define PAGE_BYTES UINT64_C(4096)

/* Of the books' pages of prices as many are touched ahead as one for this many levels: all that
 * could be needed, one for each level, is far more than any market has used. */
#define LEVELS_A_PAGE 8u

static_assert(ENGINE_SESSIONS_MAX + ENGINE_INSTRUMENTS_MAX + 2 * SWEEP_ORDERS_MAX +
                      2 * LISTINGS_ACTIVE_MAX + 64 <=
                  COMMAND_EVENTS_MAX,
              "a reopening, and the sweep that it begins");
static_assert(LISTINGS_EACH_MAX * (LISTING_BIDDERS_MAX + 4) + 64 <= COMMAND_EVENTS_MAX,
              "the end of a right, and of its listings");

static const uint32_t row_bytes[POOLS_END] = {
    [POOL_ORDERS] = sizeof(struct order),
    [POOL_INSTRUMENTS] = sizeof(struct instrument),
    [POOL_ACCOUNTS] = sizeof(struct account),
    [POOL_HOLDINGS] = sizeof(struct holding),
    [POOL_SESSIONS] = sizeof(struct session),
    [POOL_PARTICIPANTS] = sizeof(struct participant),
    [POOL_KEYS] = sizeof(struct key),
    [POOL_PROPOSALS] = sizeof(struct proposal),
    [POOL_TIMERS] = sizeof(struct timer),
    [POOL_PARTIES] = sizeof(struct party),
    [POOL_PARTY_KEYS] = sizeof(struct party_key),
    [POOL_RIGHTS] = sizeof(struct right),
    [POOL_STAKES] = sizeof(struct stake),
    [POOL_ESTATES] = sizeof(struct estate),
    [POOL_BINDINGS] = sizeof(struct binding),
    [POOL_PARCELS] = sizeof(struct parcel),
    [POOL_TIES] = sizeof(struct tie),
    [POOL_CALENDAR] = sizeof(struct calendar_day),
    [POOL_MANDATES] = sizeof(struct mandate),
    [POOL_FREEZES] = sizeof(struct freeze),
    [POOL_RESTRAINTS] = sizeof(struct restraint),
    [POOL_CONSENTS] = sizeof(struct consent),
    [POOL_TRANSFERS] = sizeof(struct transfer),
    [POOL_PLEDGES] = sizeof(struct pledge),
    [POOL_PLEDGE_ITEMS] = sizeof(struct pledge_item),
    [POOL_INCREASES] = sizeof(struct pledge_increase),
    [POOL_ASSENTS] = sizeof(struct pledge_assent_row),
    [POOL_CORRECTIONS] = sizeof(struct pledge_correction),
    [POOL_LISTINGS] = sizeof(struct listing),
    [POOL_BIDDERS] = sizeof(struct bidder),
};

/* Rows beside those that may be in use: row 0, and for orders the one that is entering. */
enum { ROWS_BESIDE = 2 };

static_assert(ENGINE_ROWS_MAX == TABLE_ROW_MAX - ROWS_BESIDE, "rows that slots can name");

/* Pools whose rows a table finds. */
static const struct {
    enum pool pool;
    size_t place; /* of its struct table_place in struct engine */
    void (*resize)(struct engine *engine, uint32_t bits);
} tables[] = {
    {POOL_ORDERS, offsetof(struct engine, order_table), order_table_resize},
    {POOL_HOLDINGS, offsetof(struct engine, holding_table), holding_table_resize},
    {POOL_PARTIES, offsetof(struct engine, party_table), parties_table_resize},
    {POOL_RIGHTS, offsetof(struct engine, right_table), right_table_resize},
    {POOL_ESTATES, offsetof(struct engine, estate_table), asset_table_resize},
};
#define TABLES (sizeof tables / sizeof tables[0])

static struct table_place *table_place(const struct engine *engine, size_t table) {
    return (struct table_place *)region_place(engine, tables[table].place);
}

struct plan {
    uint64_t pools_at[POOLS_END];
    uint64_t tables_at[TABLES];
    uint64_t sweeps_at;
    uint64_t extracts_at;
    uint64_t books_at;
    uint64_t size;
};

/* Of pools that a genesis of the first release does not name. */
#define REGISTER_LIMIT   4096u
#define REGISTER_CEILING 4194304u

void region_complete(struct engine_limits *limits) {
    for (uint32_t pool = POOLS_FIRST_RELEASE_END; pool < POOLS_END; pool++)
        if (limits->ceiling[pool] == 0) {
            limits->limit[pool] = REGISTER_LIMIT;
            limits->ceiling[pool] = REGISTER_CEILING;
        }
}

static bool is_in_range(const struct engine_limits *limits) {
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        uint32_t limit = limits->limit[pool];
        if (limit == 0 || limit > limits->ceiling[pool] || limits->ceiling[pool] > ENGINE_ROWS_MAX)
            return false;
    }
    return limits->limit[POOL_KEYS] >= REGION_KEYS_MIN &&
           limits->limit[POOL_SESSIONS] >= REGION_SESSIONS_MIN &&
           limits->ceiling[POOL_SESSIONS] <= ENGINE_SESSIONS_MAX &&
           limits->ceiling[POOL_INSTRUMENTS] <= ENGINE_INSTRUMENTS_MAX;
}

static struct book_limits book_limits_of(const struct engine_limits *limits) {
    return (struct book_limits){.orders_max = limits->ceiling[POOL_ORDERS] + ROWS_BESIDE,
                                .books_max = limits->ceiling[POOL_INSTRUMENTS] + 1,
                                .levels_max = limits->ceiling[POOL_LEVELS],
                                .price_ticks_max = limits->price_ticks_max};
}

/* Takes `bytes` from where the plan ends; returns where they begin. */
static uint64_t take(struct plan *plan, uint64_t bytes) {
    uint64_t at = plan->size;
    plan->size += (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    return at;
}

static uint64_t table_ceiling_bytes(uint32_t ceiling) {
    return table_bytes(table_bits_for(ceiling));
}

/* False when a limit is out of range. */
static bool plan_of(const struct engine_limits *limits, struct plan *plan) {
    struct book_limits book_limits = book_limits_of(limits);
    *plan = (struct plan){0};
    if (!is_in_range(limits) || books_size(&book_limits) == 0)
        return false;
    take(plan, sizeof(struct engine));
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        uint64_t rows = (uint64_t)limits->ceiling[pool] + ROWS_BESIDE;
        plan->pools_at[pool] = take(plan, rows * row_bytes[pool]);
    }
    uint64_t sweeps = (uint64_t)limits->ceiling[POOL_SESSIONS] + REGION_SWEEPS_BESIDE;
    for (size_t table = 0; table < TABLES; table++)
        plan->tables_at[table] =
            take(plan, table_ceiling_bytes(limits->ceiling[tables[table].pool]));
    plan->sweeps_at = take(plan, sweeps * sizeof(struct sweep));
    plan->extracts_at = take(plan, EXTRACTS_ROOM * sizeof(struct extract));
    plan->books_at = take(plan, books_size(&book_limits));
    return true;
}

size_t engine_size(const struct engine_limits *limits) {
    struct engine_limits whole = *limits;
    struct plan plan;
    region_complete(&whole);
    return plan_of(&whole, &plan) ? plan.size : 0;
}

static void place_parts(struct engine *engine, const struct plan *plan,
                        const struct engine_limits *limits) {
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++)
        engine->pools[pool] = (struct pool_rows){.at = plan->pools_at[pool],
                                                 .limit = limits->limit[pool],
                                                 .ceiling = limits->ceiling[pool]};
    for (size_t table = 0; table < TABLES; table++)
        *table_place(engine, table) =
            (struct table_place){.at = plan->tables_at[table],
                                 .bits = table_bits_for(limits->limit[tables[table].pool])};
    engine->sweeps_at = plan->sweeps_at;
    engine->extracts_at = plan->extracts_at;
    engine->books_at = plan->books_at;
}

struct engine *engine_init(void *memory, size_t size, const struct engine_limits *named) {
    struct engine_limits whole = *named;
    const struct engine_limits *limits = &whole;
    struct plan plan;
    region_complete(&whole);
    if (!plan_of(limits, &plan) || size < plan.size)
        return NULL;
    assert(memory != NULL && (uintptr_t)memory % ENGINE_ALIGNMENT == 0);
    struct engine *engine = memory;
    engine->layout = ENGINE_LAYOUT;
    engine->size = plan.size;
    engine->timer_due_ns = INT64_MAX;
    engine->price_ticks_max = limits->price_ticks_max;
    place_parts(engine, &plan, limits);
    struct book_limits book_limits = book_limits_of(limits);
    struct books *books = books_init(books_of(engine), plan.size - plan.books_at, &book_limits);
    assert(books == books_of(engine));
    books_limit(books, limits->limit[POOL_ORDERS], limits->limit[POOL_LEVELS]);
    return engine;
}

void region_raise(struct engine *engine, enum pool pool, uint32_t limit) {
    struct pool_rows *rows = &engine->pools[pool];
    assert(limit >= rows->limit && limit <= rows->ceiling);
    rows->limit = limit;
    if (pool == POOL_ORDERS || pool == POOL_LEVELS)
        books_limit(books_of(engine), engine->pools[POOL_ORDERS].limit,
                    engine->pools[POOL_LEVELS].limit);
    for (size_t table = 0; table < TABLES; table++)
        if (tables[table].pool == pool)
            tables[table].resize(engine, table_bits_for(limit));
}

/* Rows of a pool that are written, row 0 among them. */
static uint64_t rows_used(const struct engine *engine, enum pool pool) {
    if (pool == POOL_ORDERS)
        return (uint64_t)engine->orders_mark + 1;
    if (engine->pools[pool].mark != 0) /* rows that come back */
        return (uint64_t)engine->pools[pool].mark + 1;
    return (uint64_t)engine->pools[pool].count + 1;
}

static void put(struct extent *extents, size_t *count, uint64_t offset, uint64_t size) {
    if (size == 0)
        return;
    assert(*count < ENGINE_EXTENTS_MAX);
    extents[(*count)++] = (struct extent){.offset = offset, .size = size};
}

static void put_table(struct extent *extents, size_t *count, const struct table_place *table) {
    put(extents, count, table->at, table_bytes(table->bits));
}

size_t engine_extents(const struct engine *engine, struct extent extents[ENGINE_EXTENTS_MAX]) {
    size_t count = 0;
    put(extents, &count, 0, sizeof *engine);
    for (uint32_t pool = POOL_ORDERS; pool < POOLS_END; pool++)
        put(extents, &count, engine->pools[pool].at,
            rows_used(engine, (enum pool)pool) * row_bytes[pool]);
    for (size_t table = 0; table < TABLES; table++)
        put_table(extents, &count, table_place(engine, table));
    put(extents, &count, engine->sweeps_at, engine->sweeps_mark * sizeof(struct sweep));
    struct book_extent books[BOOK_EXTENTS];
    books_extents(books_of(engine), books);
    for (uint32_t i = 0; i < BOOK_EXTENTS; i++)
        put(extents, &count, engine->books_at + books[i].offset, books[i].length);
    return count;
}

/* A raise of a pool, or all of today's limits. */
struct reach {
    const struct engine *engine;
    struct extent *extents;
    size_t count;
    uint32_t from[POOLS_END];
    uint32_t to[POOLS_END];
};

static void reach_rows(struct reach *reach, enum pool pool) {
    uint64_t first = reach->from[pool];
    uint64_t end = (uint64_t)reach->to[pool] + ROWS_BESIDE;
    put(reach->extents, &reach->count, reach->engine->pools[pool].at + first * row_bytes[pool],
        (end - first) * row_bytes[pool]);
}

static void reach_table(struct reach *reach, enum pool pool, const struct table_place *place) {
    struct table_place table = {.at = place->at, .bits = table_bits_for(reach->to[pool])};
    put_table(reach->extents, &reach->count, &table);
}

/* The share of a part of the books that `from` to `to` of `all` items have. */
static void reach_share(struct reach *reach, uint64_t at, uint64_t bytes, enum pool pool) {
    uint64_t all = reach->engine->pools[pool].ceiling;
    uint64_t item = bytes / all + 1;
    uint64_t first = item * reach->from[pool] < bytes ? bytes / all * reach->from[pool] : bytes;
    uint64_t end = item * (reach->to[pool] + (uint64_t)ROWS_BESIDE);
    if (end > bytes)
        end = bytes;
    if (end > first)
        put(reach->extents, &reach->count, reach->engine->books_at + at + first, end - first);
}

static void reach_books(struct reach *reach, enum pool pool) {
    struct book_extent part[BOOK_EXTENTS];
    books_extents(books_of(reach->engine), part);
    uint64_t end = reach->engine->size - reach->engine->books_at;
    if (pool == POOL_INSTRUMENTS)
        reach_share(reach, 0, part[1].offset, pool);
    if (pool == POOL_LEVELS) {
        reach_share(reach, part[1].offset, part[2].offset - part[1].offset, pool);
        reach_share(reach, part[3].offset, (end - part[3].offset) / LEVELS_A_PAGE, pool);
    }
    if (pool == POOL_ORDERS)
        reach_share(reach, part[2].offset, part[3].offset - part[2].offset, pool);
}

static void reach_pool(struct reach *reach, enum pool pool) {
    if (row_bytes[pool] != 0)
        reach_rows(reach, pool);
    for (size_t table = 0; table < TABLES; table++)
        if (tables[table].pool == pool)
            reach_table(reach, pool, table_place(reach->engine, table));
    reach_books(reach, pool);
}

size_t engine_reach(const struct engine *engine, uint32_t pool, uint32_t limit,
                    struct extent extents[ENGINE_EXTENTS_MAX]) {
    assert(pool < POOLS_END);
    struct reach reach = {.engine = engine, .extents = extents};
    for (uint32_t each = POOL_ORDERS; each < POOLS_END; each++) {
        bool is_raised = pool == each && limit > engine->pools[each].limit;
        reach.from[each] = is_raised ? engine->pools[each].limit : 0;
        reach.to[each] = is_raised ? limit : engine->pools[each].limit;
        if (reach.to[each] > engine->pools[each].ceiling)
            reach.to[each] = engine->pools[each].ceiling;
    }
    if (pool == 0) {
        put(extents, &reach.count, 0, sizeof *engine);
        put(extents, &reach.count, engine->sweeps_at,
            region_sweeps_max(engine) * sizeof(struct sweep));
        put(extents, &reach.count, engine->extracts_at, EXTRACTS_ROOM * sizeof(struct extract));
        for (uint32_t each = POOL_ORDERS; each < POOLS_END; each++)
            reach_pool(&reach, (enum pool)each);
    } else if (limit > engine->pools[pool].limit) {
        reach_pool(&reach, (enum pool)pool);
    }
    return reach.count;
}
