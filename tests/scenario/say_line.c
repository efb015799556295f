/* Which kind of line it is; who joins and what he has; time; the exchange's own commands. */
#include <stdio.h>
#include <string.h>

#include "tests/scenario/say.h"

#define MS_NS INT64_C(1000000)

/* limits orders 3 levels 2 ...; ceilings follow where they would be lower */
static bool say_limits(struct stage *stage, uint32_t *sizes) {
    struct words *words = &stage->words;
    while (words->at < words->count) {
        uint32_t pool;
        if (!words_one_of(words, stage_pools, POOLS_END, &pool) ||
            !words_number(words, &sizes[pool]))
            return false;
        if (stage->limits.ceiling[pool] < stage->limits.limit[pool])
            stage->limits.ceiling[pool] = stage->limits.limit[pool];
    }
    return true;
}

bool say_setting(struct stage *stage, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = !stage->is_set;
    if (stage->is_set)
        return true;
    if (words_take(words, "environment production")) {
        stage->environment = ENVIRONMENT_PRODUCTION;
    } else if (words_take(words, "environment test")) {
        stage->environment = ENVIRONMENT_TEST;
    } else if (words_take(words, "closed")) {
        stage->starts_closed = true;
    } else if (words_take(words, "limits")) {
        return say_limits(stage, stage->limits.limit);
    } else if (words_take(words, "ceilings")) {
        return say_limits(stage, stage->limits.ceiling);
    } else if (words_take(words, "prices up to")) {
        return words_number(words, &stage->limits.price_ticks_max) && words_end(words);
    } else {
        *is_one = false;
        return true;
    }
    return words_end(words);
}

static bool say_wait(struct stage *stage) {
    struct words *words = &stage->words;
    int64_t until_ns;
    if (words_take(words, "until")) {
        trading_date date = STAGE_FIRST_DAY;
        if ((words_is_date(words) && !words_date(words, &date)) ||
            !words_time_of_day(words, &until_ns))
            return false;
        until_ns = words_market_time(date, until_ns);
        if (until_ns < stage->venue.time_ns) {
            words->at--;
            return words_blame(words, "a time that is still to come");
        }
    } else {
        if (!words_span(words, &until_ns))
            return false;
        until_ns += stage->venue.time_ns;
    }
    venue_wait_until(&stage->venue, until_ns);
    return words_end(words);
}

/* What a start or an outage gives those who do not come back. */
static bool say_grace(struct stage *stage, uint32_t *grace_ms) {
    int64_t span_ns = 60000 * MS_NS;
    if (words_take(&stage->words, "grace") && !words_span(&stage->words, &span_ns))
        return false;
    *grace_ms = (uint32_t)(span_ns / MS_NS);
    return words_end(&stage->words);
}

/* outage 10min [grace 60s]: the exchange was dead that long */
static bool say_outage(struct stage *stage) {
    struct command command = {.verb = VERB_OUTAGE};
    struct market_view market;
    int64_t span_ns;
    if (!words_span(&stage->words, &span_ns) || !say_grace(stage, &command.outage.grace_ms))
        return false;
    engine_market(stage->venue.engine, &market);
    command.outage.from_ns = stage->venue.time_ns;
    stage->venue.time_ns += span_ns;
    command.outage.to_ns = stage->venue.time_ns;
    command.outage.epoch = market.epoch + 1;
    venue_own(&stage->venue, &command);
    return true;
}

static bool say_start(struct stage *stage) {
    struct command command = {.verb = VERB_START};
    struct market_view market;
    if (!say_grace(stage, &command.start.grace_ms))
        return false;
    engine_market(stage->venue.engine, &market);
    command.start.epoch = market.epoch + 1;
    venue_own(&stage->venue, &command);
    return true;
}

/* session NAME up|down; with nothing behind it is a check */
static bool say_connection(struct stage *stage, bool *is_one) {
    struct words *words = &stage->words;
    struct command command = {.verb = VERB_SESSION_UP};
    struct actor actor;
    *is_one = words->count == 3;
    if (!*is_one)
        return true;
    words_next(words);
    if (!stage_actor(stage, words_peek(words), &actor))
        return words_blame(words, "a session's name");
    words_next(words);
    if (words_take(words, "down")) {
        command.verb = VERB_SESSION_DOWN;
        command.session_down.session = actor.session;
    } else if (words_expect(words, "up")) {
        command.session_up.session = actor.session;
        command.session_up.key = actor.key;
    } else {
        return false;
    }
    venue_own(&stage->venue, &command);
    return true;
}

static bool say_disk(struct stage *stage) {
    static const char *const steps[] = {NULL, "enough", "low", "critical"};
    struct command command = {.verb = VERB_DISK};
    uint32_t step;
    if (!words_one_of(&stage->words, steps, 4, &step))
        return false;
    command.disk.step = (uint8_t)step;
    venue_own(&stage->venue, &command);
    return words_end(&stage->words);
}

/* Commands that are a word alone. */
static bool say_bare(struct stage *stage, bool *is_one) {
    static const struct {
        const char *word;
        uint8_t verb;
    } bare[] = {{"stop", VERB_STOP},     {"seal", VERB_SEAL},     {"mark", VERB_MARK},
                {"digest", VERB_DIGEST}, {"reopen", VERB_REOPEN}, {"refusals", VERB_REFUSALS}};
    struct command command = {.verb = 0};
    for (size_t i = 0; command.verb == 0 && i < sizeof bare / sizeof *bare; i++)
        if (words_take(&stage->words, bare[i].word))
            command.verb = bare[i].verb;
    *is_one = command.verb != 0;
    if (!*is_one)
        return true;
    int64_t now_ns = stage->venue.time_ns;
    if (command.verb == VERB_REFUSALS)
        command.refusals = (struct refusals){1, REASON_RATE_LIMIT, 3, now_ns, now_ns};
    venue_own(&stage->venue, &command);
    return words_end(&stage->words);
}

/* sweeps wait | sweeps go on */
static bool say_sweeps(struct stage *stage) {
    struct words *words = &stage->words;
    if (words_take(words, "wait")) {
        venue_hold(&stage->venue, true);
        return words_end(words);
    }
    if (!words_take(words, "go") || !words_take(words, "on"))
        return words_blame(words, "wait or go on");
    venue_hold(&stage->venue, false);
    return words_end(words);
}

bool say_own(struct stage *stage, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = true;
    if (words_take(words, "wait"))
        return say_wait(stage);
    if (words_take(words, "outage"))
        return say_outage(stage);
    if (words_take(words, "start"))
        return say_start(stage);
    if (words_take(words, "disk"))
        return say_disk(stage);
    if (words_take(words, "sweeps"))
        return say_sweeps(stage);
    if (strcmp(words_peek(words), "session") == 0)
        return say_connection(stage, is_one);
    return say_bare(stage, is_one);
}

/* A further account for somebody who is there: "account a2 of ann has ...". */
static bool say_has(struct stage *stage, uint32_t account) {
    struct words *words = &stage->words;
    if (words_take(words, "nothing"))
        return words_end(words);
    do {
        bool is_cash = strchr(words_peek(words), '.') != NULL;
        int64_t fen = 0;
        uint64_t units = 0;
        uint32_t instrument = 0;
        if (is_cash
                ? !words_money(words, &fen)
                : !words_units(words, &units) || !say_known(stage, CAST_INSTRUMENT, &instrument))
            return false;
        stage_give(stage, account, instrument, is_cash ? fen : (int64_t)units);
    } while (words_take(words, "and"));
    return words_end(words);
}

/* joins [as ROLE [and ROLE]] [owned by PARTY] [cancel-on-disconnect] [grace 5s] [unfunded] */
static bool say_joins(struct stage *stage, const char *name, bool is_funded) {
    static const char *const roles[] = {"broker",    "bank",      "settlement-bank", "regulator",
                                        "registrar", "appraiser", "liaison"};
    static const uint32_t bits[] = {ROLE_BROKER,           ROLE_BANK,      ROLE_SETTLEMENT_BANK,
                                    ROLE_REGULATOR,        ROLE_REGISTRAR, ROLE_APPRAISER,
                                    ROLE_AUTHORITY_LIAISON};
    struct joining joining = {.name = name, .roles = ROLE_BROKER, .is_funded = is_funded};
    struct words *words = &stage->words;
    uint32_t which;
    if (words_take(words, "as")) {
        if (!words_one_of(words, roles, sizeof roles / sizeof *roles, &which))
            return false;
        joining.roles = bits[which];
    }
    if (words_take(words, "owned by")) {
        joining.owner = say_any(stage, CAST_PARTY);
        joining.is_funded = false;
    }
    joining.cancels_on_disconnect = words_take(words, "cancel-on-disconnect");
    int64_t span_ns = 0;
    if (words_take(words, "grace") && !words_span(words, &span_ns))
        return false;
    joining.grace_ms = (uint32_t)(span_ns / MS_NS);
    stage_join(stage, &joining);
    return true;
}

/* NAME joins ...; NAME has ... */
static bool say_arrival(struct stage *stage, const char *name, bool *is_one) {
    struct words *words = &stage->words;
    uint64_t account;
    *is_one = true;
    if (words_take(words, "joins"))
        return say_joins(stage, name, true) && words_end(words);
    if (words_take(words, "has")) {
        if (!cast_find(&stage->cast, CAST_ACCOUNT, name, &account)) {
            struct joining joining = {.name = name, .roles = ROLE_BROKER};
            stage_join(stage, &joining);
            cast_find(&stage->cast, CAST_ACCOUNT, name, &account);
        }
        return say_has(stage, (uint32_t)account);
    }
    *is_one = false;
    return true;
}

static bool say_somebody(struct stage *stage) {
    struct words *words = &stage->words;
    struct actor actor;
    bool is_one;
    bool is_two_keys = strcmp(words_peek(words), "operators") == 0;
    const char *name = words_next(words);
    bool is_understood = say_arrival(stage, name, &is_one);
    if (is_one || !is_understood)
        return is_understood;
    if (!stage_actor(stage, name, &actor)) {
        words->at--;
        return words_blame(words, "a name (lower case), or what tests/scenario/README.md lists");
    }
    is_understood = say_order(stage, &actor, &is_one);
    if (!is_one && is_understood)
        is_understood = say_listing(stage, &actor, &is_one);
    if (!is_one && is_understood)
        is_understood = say_deed(stage, &actor, &is_one);
    if (!is_one && is_understood)
        is_understood = say_pledge(stage, &actor, &is_one);
    return is_one || !is_understood ? is_understood : say_act(stage, &actor, is_two_keys);
}

bool say_line(struct stage *stage, const char *line) {
    bool is_one;
    if (!words_split(&stage->words, line))
        return false;
    uint32_t repeats = 1;
    if (stage->words.count > 2 && strcmp(stage->words.word[1], "times:") == 0) {
        if (!words_number(&stage->words, &repeats))
            return false;
        words_next(&stage->words);
    }
    bool is_understood = say_setting(stage, &is_one);
    if (is_one || !is_understood)
        return is_understood;
    stage_set(stage);
    stage_begin_line(stage, repeats);
    if (words_take(&stage->words, "instrument"))
        return say_instrument(stage);
    is_understood = say_firms(stage, &is_one);
    if (!is_one && is_understood)
        is_understood = say_check(stage, &is_one);
    if (!is_one && is_understood)
        is_understood = say_own(stage, &is_one);
    return is_one || !is_understood ? is_understood : say_somebody(stage);
}
