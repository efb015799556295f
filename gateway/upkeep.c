/* Deadlines are monotonic, but for the engine's timers, which are wall time: the core's. */
#include "gateway/upkeep.h"

#include <assert.h>

#include "engine/version.h"
#include "gateway/gauges.h"
#include "gateway/register.h"
#include "ledger/journal.h"

/* The reserve of one step must last from one look to the next: at 150 MB/s this is 15 MB. An idle
 * exchange uses none, so it is not woken for it. */
#define SPACE_PERIOD_NS (100 * CLOCK_MILLISECOND_NS)
/* Sessions are looked through this often in one heartbeat. */
#define LOOKS_A_HEARTBEAT 4
#define TIMEOUT_MAX_MS    1000
/* While more than this is on its way to the ledger, no sweep goes on. */
#define CONTINUE_QUEUED_MAX ((size_t)4 << 20)

static void plan_seal(struct upkeep *upkeep) {
    const struct trade *trade = upkeep->trade;
    if (trade->core->uncovered == CORE_NONE || upkeep->is_asking)
        upkeep->seal_due_ns = INT64_MAX;
    else if (upkeep->seal_due_ns == INT64_MAX)
        upkeep->seal_due_ns =
            trade->reading.mono_ns + (int64_t)trade->config->seal_ms * CLOCK_MILLISECOND_NS;
}

void upkeep_init(struct upkeep *upkeep, const struct upkeep_parts *parts, uint8_t disk_step) {
    *upkeep = (struct upkeep){.trade = parts->trade,
                              .registry = parts->registry,
                              .journal = parts->journal,
                              .ring = parts->ring,
                              .seal_due_ns = INT64_MAX,
                              .disk_step = disk_step};
    plan_seal(upkeep);
}

/* A Seal is due: it is sequenced, or its root is asked for. */
static void begin_seal(struct upkeep *upkeep) {
    struct core *core = upkeep->trade->core;
    upkeep->seal_due_ns = INT64_MAX;
    if (core->version < VERSION_REGISTER) {
        core_seal(core);
    } else if (core->uncovered != CORE_NONE) {
        registry_ask(upkeep->registry, core->uncovered + 1);
        upkeep->is_asking = true;
    }
}

static void take_root(struct upkeep *upkeep) {
    struct registry_root root;
    if (!upkeep->is_asking || !registry_take(upkeep->registry, &root))
        return;
    upkeep->is_asking = false;
    core_seal_as_of(upkeep->trade->core, root.as_of, &root.root);
}

bool upkeep_seal_last(struct upkeep *upkeep) {
    if (!upkeep->is_asking)
        begin_seal(upkeep);
    take_root(upkeep);
    return upkeep->trade->core->uncovered == CORE_NONE;
}

static uint8_t step_of(enum space_state state) {
    switch (state) {
    case SPACE_OK:
        return DISK_ENOUGH;
    case SPACE_LOW:
        return DISK_LOW;
    case SPACE_CRITICAL:
    case SPACE_FULL:
        return DISK_CRITICAL;
    }
    return DISK_CRITICAL;
}

/* A step down counts at once, also a step up: the reserve is what was promised, and it does not
 * flutter. */
static void look_at_disk(struct upkeep *upkeep, int64_t now_ns) {
    enum space_state state = journal_space(upkeep->journal);
    uint8_t step = step_of(state);
    upkeep->space_due_ns = now_ns + SPACE_PERIOD_NS;
    upkeep->is_full = state == SPACE_FULL;
    counter_set(upkeep->trade->counters, COUNTER_DISK_FREE, journal_space_ahead(upkeep->journal));
    counter_set(upkeep->trade->counters, COUNTER_DISK_STEP, step);
    if (step == upkeep->disk_step)
        return;
    struct command command = {.verb = VERB_DISK, .disk = {.step = step}};
    core_own(upkeep->trade->core, &command);
    log_line(step == DISK_ENOUGH ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "disk", "step=%u", step);
    upkeep->disk_step = step;
}

static bool may_go_on(const struct upkeep *upkeep) {
    return engine_continue_due(upkeep->trade->core->engine) &&
           byte_ring_used(upkeep->ring) < CONTINUE_QUEUED_MAX;
}

/* One command of an unfinished sweep, and then as long for everybody else, unless there is nobody.
 * What it wrote goes to the ledger first: whoever comes next waits for little of it. */
static void go_on(struct upkeep *upkeep, bool is_drained) {
    struct core *core = upkeep->trade->core;
    if (!may_go_on(upkeep))
        return;
    int64_t begun_ns = clock_read().mono_ns;
    if (!is_drained && begun_ns < upkeep->continue_due_ns)
        return;
    core_continue(core);
    trade_consequences(upkeep->trade);
    int64_t ended_ns = clock_read().mono_ns;
    upkeep->continue_due_ns = ended_ns + (ended_ns - begun_ns);
}

static void sequence_refusals(struct trade *trade) {
    struct command command = {.verb = VERB_REFUSALS};
    while (refusals_take(&trade->refusals, &command.refusals))
        core_own(trade->core, &command);
}

/* What is sequenced because it is due; not while time is held. */
static void run_commands(struct upkeep *upkeep, bool is_drained) {
    struct trade *trade = upkeep->trade;
    int64_t now_ns = trade->reading.mono_ns;
    core_tick(trade->core);
    go_on(upkeep, is_drained);
    if (now_ns >= refusals_due(&trade->refusals))
        sequence_refusals(trade);
    if (now_ns >= upkeep->space_due_ns)
        look_at_disk(upkeep, now_ns);
    if (trade->core->since_mark >= trade->config->mark_records)
        core_verb(trade->core, VERB_MARK);
    plan_seal(upkeep);
    if (!upkeep->is_asking && (now_ns >= upkeep->seal_due_ns || trade->seals_now)) {
        trade->seals_now = false;
        begin_seal(upkeep);
    }
    take_root(upkeep);
    plan_seal(upkeep);
}

void upkeep_run(struct upkeep *upkeep, bool is_drained) {
    struct trade *trade = upkeep->trade;
    int64_t now_ns = trade->reading.mono_ns;
    if (trade->state == EXCHANGE_READY)
        run_commands(upkeep, is_drained);
    if (now_ns >= upkeep->look_due_ns || trade->outbox->lost > 0 || trade->has_revoked_key) {
        trade_look_after(trade, is_drained);
        upkeep->look_due_ns = now_ns + (int64_t)trade->config->heartbeat_ms * CLOCK_MILLISECOND_NS /
                                           LOOKS_A_HEARTBEAT;
    }
    if (trade->outbox->lagging > 0)
        trade_serve_lagging(trade);
    if (now_ns >= upkeep->gauges_due_ns) {
        gauges_look(trade);
        upkeep->gauges_due_ns = now_ns + GAUGES_PERIOD_NS;
    }
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int upkeep_timeout_ms(const struct upkeep *upkeep) {
    const struct trade *trade = upkeep->trade;
    int64_t now_ns = trade->reading.mono_ns;
    int64_t due_ns = now_ns + TIMEOUT_MAX_MS * CLOCK_MILLISECOND_NS;
    due_ns = earlier(due_ns, upkeep->look_due_ns);
    if (trade->outbox->lagging > 0)
        due_ns = earlier(due_ns, now_ns + OUTBOX_RETRY_NS);
    if (trade->state == EXCHANGE_READY) {
        if (may_go_on(upkeep))
            return 0; /* else the next commit wakes us, if anything is to be waited for */
        int64_t timer_ns = engine_timer_due(trade->core->engine);
        due_ns = earlier(due_ns, upkeep->seal_due_ns);
        due_ns = earlier(due_ns, refusals_due(&trade->refusals));
        if (timer_ns != INT64_MAX)
            due_ns = earlier(due_ns, now_ns + (timer_ns - trade->clock.now_ns));
    }
    if (due_ns <= now_ns)
        return 0;
    return (int)((due_ns - now_ns + CLOCK_MILLISECOND_NS - 1) / CLOCK_MILLISECOND_NS);
}
