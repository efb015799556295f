/*
 * Setting the stage. What the stage does aside (joining, funding) is forgotten before the line's
 * own events come, but the mirror hears it all.
 */
#include "tests/scenario/stage.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/view.h"

#define GENEROUS_FEN   INT64_C(1000000000000) /* ten billion yuan */
#define GENEROUS_UNITS INT64_C(1000000000)
#define MORNING_NS     (INT64_C(34200) * 1000000000) /* 09:30 */
#define CODE_BYTES     18
/* Of the register's pools, where nothing else is said. */
#define REGISTER_ROWS 512u

const char *const stage_pools[POOLS_END] = {
    NULL,           "orders",       "levels",   "instruments", "accounts",   "holdings",
    "sessions",     "participants", "keys",     "proposals",   "timers",     "parties",
    "party_keys",   "rights",       "stakes",   "estates",     "bindings",   "parcels",
    "ties",         "calendar",     "mandates", "freezes",     "restraints", "pledges",
    "pledge_items", "increases",    "assents",  "corrections", "listings",   "bidders",
    "consents",     "transfers"};

void stage_init(struct stage *stage) {
    memset(stage, 0, sizeof *stage);
    stage->environment = ENVIRONMENT_TEST;
    stage->persons = 100;
    static const uint32_t limits[POOLS_END] = {
        [POOL_ORDERS] = 1000, [POOL_LEVELS] = 500,      [POOL_INSTRUMENTS] = 16,
        [POOL_ACCOUNTS] = 64, [POOL_HOLDINGS] = 256,    [POOL_SESSIONS] = 64,
        [POOL_KEYS] = 64,     [POOL_PARTICIPANTS] = 64, [POOL_PROPOSALS] = 16,
        [POOL_TIMERS] = 64,   [POOL_PARTIES] = 64,      [POOL_PARTY_KEYS] = 64,
        [POOL_RIGHTS] = 64,   [POOL_STAKES] = 128,      [POOL_MANDATES] = 32,
    };
    for (uint32_t pool = 1; pool < POOLS_END; pool++) {
        uint32_t limit = limits[pool] != 0 ? limits[pool] : REGISTER_ROWS;
        stage->limits.limit[pool] = limit;
        stage->limits.ceiling[pool] = limit * 2;
    }
    stage->limits.price_ticks_max = 200000;
}

void stage_fini(struct stage *stage) {
    if (stage->is_set)
        venue_fini(&stage->venue);
    cast_fini(&stage->cast);
    mirror_fini(&stage->mirror);
}

void stage_begin_line(struct stage *stage, uint32_t repeats) {
    venue_forget(&stage->venue);
    stage->repeats = repeats;
    stage->sender = 0;
    stage->own_order = 0;
    stage->is_check = false;
    stage->got[0] = '\0';
}

/* Genesis gives the operators their participant, keys and sessions. */
static void name_operators(struct stage *stage) {
    static const char *const names[] = {NULL, "olga", "otto"};
    const struct engine *engine = stage->venue.engine;
    uint32_t sessions = 0;
    for (uint8_t who = VENUE_KEY_OLGA; who <= VENUE_KEY_OTTO; who++) {
        uint8_t bytes[KEY_BYTES];
        struct key_view key;
        struct session_view session;
        memset(bytes, who, sizeof bytes);
        uint32_t number = engine_key_find(engine, bytes);
        bool is_known = engine_key(engine, number, &key);
        assert(is_known);
        cast_bind(&stage->cast, CAST_KEY, names[who], number);
        cast_bind(&stage->cast, CAST_PARTICIPANT, "operator", key.participant);
        if (engine_session(engine, sessions + 1, &session))
            sessions++;
        assert(sessions > 0);
        cast_bind(&stage->cast, CAST_SESSION, names[who], sessions);
        (void)is_known;
    }
}

void stage_set(struct stage *stage) {
    if (stage->is_set)
        return;
    stage->is_set = true;
    venue_init(&stage->venue, &stage->limits, stage->environment,
               words_market_time(STAGE_FIRST_DAY, MORNING_NS));
    name_operators(stage);
    if (!stage->starts_closed) {
        struct act act = {.kind = ACT_DAY_OPEN, .day = {STAGE_FIRST_DAY}};
        stage_admin(stage, &act);
    }
    venue_forget(&stage->venue);
}

const struct event *stage_heard(const struct stage *stage, uint8_t kind, uint32_t session) {
    for (size_t i = stage->venue.heard_count; i > 0; i--) {
        const struct event *event = &stage->venue.heard[i - 1].event;
        if (event->kind == kind && event->audience == AUDIENCE_SESSION && event->to == session)
            return event;
    }
    return NULL;
}

uint64_t stage_send(struct stage *stage, const struct actor *actor, const struct command *command) {
    stage->sender = actor->session;
    return venue_request(&stage->venue, actor->session, actor->key, command);
}

static struct actor operator_actor(const struct stage *stage, const char *name) {
    struct actor actor = {.account = STAGE_NOBODY};
    uint64_t id = 0;
    bool is_known = cast_find(&stage->cast, CAST_SESSION, name, &id);
    actor.session = (uint32_t)id;
    is_known = is_known && cast_find(&stage->cast, CAST_KEY, name, &id);
    actor.key = (uint32_t)id;
    assert(is_known);
    (void)is_known;
    snprintf(actor.name, sizeof actor.name, "%s", name);
    return actor;
}

static void mirror_heard(struct stage *stage, size_t from) {
    for (size_t i = from; i < stage->venue.heard_count; i++)
        mirror_hear(&stage->mirror, &stage->venue.heard[i].event);
    stage->venue.heard_count = from;
}

uint64_t stage_admin(struct stage *stage, const struct act *act) {
    size_t from = stage->venue.heard_count;
    uint32_t sender = stage->sender;
    struct actor olga = operator_actor(stage, "olga");
    struct actor otto = operator_actor(stage, "otto");
    struct command command = {.verb = VERB_ACT, .act = *act};
    stage_send(stage, &olga, &command);
    const struct event *event = stage_heard(stage, EVENT_REJECTED, olga.session);
    if (event != NULL && event->reason == REASON_NEEDS_TWO_KEYS) {
        stage->venue.heard_count = from;
        command.verb = VERB_PROPOSE;
        stage_send(stage, &olga, &command);
        command.verb = VERB_APPROVE;
        command.approve.proposal = stage->venue.sequence;
        stage_send(stage, &otto, &command);
        event = stage_heard(stage, EVENT_REJECTED, otto.session);
    }
    if (event != NULL) {
        fprintf(stderr, "setting the stage: act %d is refused %d\n", act->kind, event->reason);
        abort();
    }
    event = stage_heard(stage, EVENT_DONE, otto.session);
    event = event != NULL ? event : stage_heard(stage, EVENT_DONE, olga.session);
    assert(event != NULL);
    uint64_t id = event->id;
    mirror_heard(stage, from);
    stage->sender = sender;
    return id;
}

void stage_name_made(struct stage *stage, const struct making *making, bool is_proposal) {
    const struct event *done = stage_heard(stage, EVENT_DONE, stage->sender);
    if (done == NULL)
        return;
    if (is_proposal) {
        assert(stage->proposed_count < STAGE_PROPOSALS_MAX);
        stage->proposed[stage->proposed_count++] = (struct proposed){done->id, *making};
    } else if (making->name[0] != '\0') {
        cast_bind(&stage->cast, making->kind, making->name, done->id);
    }
}

void stage_name_approved(struct stage *stage, uint64_t proposal) {
    for (uint32_t i = 0; i < stage->proposed_count; i++)
        if (stage->proposed[i].proposal == proposal)
            stage_name_made(stage, &stage->proposed[i].making, false);
}

void stage_give(struct stage *stage, uint32_t account, uint32_t instrument, int64_t amount) {
    struct act act = {.kind = ACT_DEPOSIT, .deposit = {account, instrument, amount}};
    stage_admin(stage, &act);
}

void stage_fund_all(struct stage *stage, uint32_t instrument) {
    for (uint32_t i = 0; i < stage->funded_count; i++)
        stage_give(stage, stage->funded[i], instrument, GENEROUS_UNITS);
}

static uint32_t join_participant(struct stage *stage, const struct joining *joining) {
    struct act act = {.kind = ACT_ADD_PARTICIPANT,
                      .add_participant = {.roles = joining->roles, .name_bytes = 4}};
    char code[CODE_BYTES + 1];
    snprintf(code, sizeof code, "9132%014u", stage->persons + 1);
    memcpy(act.add_participant.code, code, CODE_BYTES);
    act.add_participant.code_bytes = CODE_BYTES;
    uint32_t participant = (uint32_t)stage_admin(stage, &act);
    cast_bind(&stage->cast, CAST_PARTICIPANT, joining->name, participant);
    return participant;
}

static void join_key(struct stage *stage, const char *name, uint32_t participant) {
    struct act act = {.kind = ACT_ADD_KEY, .add_key = {.participant = participant}};
    act.add_key.person = ++stage->persons;
    memcpy(act.add_key.key, &act.add_key.person, sizeof act.add_key.person);
    act.add_key.key[KEY_BYTES - 1] = 0xaa;
    cast_bind(&stage->cast, CAST_KEY, name, stage_admin(stage, &act));
}

void stage_join(struct stage *stage, const struct joining *joining) {
    uint32_t participant = join_participant(stage, joining);
    join_key(stage, joining->name, participant);
    struct act act = {
        .kind = ACT_ADD_SESSION,
        .add_session = {participant, joining->cancels_on_disconnect, joining->grace_ms}};
    cast_bind(&stage->cast, CAST_SESSION, joining->name, stage_admin(stage, &act));
    if ((joining->roles & ROLE_BROKER) == 0)
        return;
    act = (struct act){.kind = ACT_ADD_ACCOUNT, .add_account = {participant, stage->persons}};
    if (joining->owner != 0)
        act.add_account.owner = joining->owner;
    uint32_t account = (uint32_t)stage_admin(stage, &act);
    cast_bind(&stage->cast, CAST_ACCOUNT, joining->name, account);
    if (!joining->is_funded)
        return;
    assert(stage->funded_count < STAGE_FUNDED_MAX);
    stage->funded[stage->funded_count++] = account;
    stage_give(stage, account, 0, GENEROUS_FEN);
    for (uint32_t i = 1; i <= engine_count(stage->venue.engine, POOL_INSTRUMENTS); i++)
        stage_give(stage, account, i, GENEROUS_UNITS);
}

/* The first of a participant's, for names that stand for a session without a key of its own. */
static uint32_t first_key(const struct engine *engine, uint32_t participant) {
    struct key_view view;
    for (uint32_t key = 1; engine_key(engine, key, &view); key++)
        if (view.participant == participant)
            return key;
    return STAGE_NOBODY;
}

static uint32_t first_account(const struct engine *engine, uint32_t participant) {
    struct account_view view;
    for (uint32_t account = 1; engine_account(engine, account, &view); account++)
        if (view.participant == participant)
            return account;
    return STAGE_NOBODY;
}

static bool is_name(const char *word) {
    if (!islower((unsigned char)*word))
        return false;
    while (islower((unsigned char)*word) || isdigit((unsigned char)*word))
        word++;
    return *word == '\0';
}

bool stage_actor(struct stage *stage, const char *name, struct actor *actor) {
    uint64_t id;
    if (!is_name(name) || strlen(name) >= CAST_NAME_BYTES)
        return false;
    name = strcmp(name, "operator") == 0 || strcmp(name, "operators") == 0 ? "olga" : name;
    if (!cast_find(&stage->cast, CAST_SESSION, name, &id)) {
        struct joining joining = {.name = name, .roles = ROLE_BROKER, .is_funded = true};
        stage_join(stage, &joining);
        bool is_known = cast_find(&stage->cast, CAST_SESSION, name, &id);
        assert(is_known);
        (void)is_known;
    }
    struct session_view session;
    actor->session = (uint32_t)id;
    bool is_known = engine_session(stage->venue.engine, actor->session, &session);
    assert(is_known);
    (void)is_known;
    actor->key = cast_find(&stage->cast, CAST_KEY, name, &id)
                     ? (uint32_t)id
                     : first_key(stage->venue.engine, session.participant);
    actor->account = cast_find(&stage->cast, CAST_ACCOUNT, name, &id)
                         ? (uint32_t)id
                         : first_account(stage->venue.engine, session.participant);
    snprintf(actor->name, sizeof actor->name, "%s", name);
    return true;
}
