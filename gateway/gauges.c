/* A few dozen stores a second. */
#include "gateway/gauges.h"

#include "engine/view.h"
#include "gateway/stages.h"

static void look_at_pools(struct counters *counters, const struct engine *engine) {
    for (enum pool pool = POOL_ORDERS; pool < POOLS_END; pool++) {
        counter_set(counters, counter_pool_used(pool), engine_count(engine, pool));
        counter_set(counters, counter_pool_limit(pool), engine_limit(engine, pool));
    }
}

static void look_at_market(struct counters *counters, const struct engine *engine) {
    struct market_view market;
    engine_market(engine, &market);
    uint64_t facts = (market.is_open ? MARKET_OPEN : 0u) | (market.is_halted ? MARKET_HALTED : 0u) |
                     (market.is_killed ? MARKET_KILLED : 0u);
    counter_set(counters, COUNTER_MARKET, facts);
    counter_set(counters, COUNTER_TRADES, market.trades);
}

void gauges_look(const struct trade *trade) {
    look_at_pools(trade->counters, trade->core->engine);
    look_at_market(trade->counters, trade->core->engine);
    counter_set(trade->counters, COUNTER_SESSIONS_LAGGING, trade->outbox->lagging);
    counter_set(trade->counters, COUNTER_LOOKUP_JOBS, lookup_jobs(trade->lookup));
    stages_second(trade->core->stages, trade->reading.mono_ns);
}
