/*
 * A client's frame on its whole way: cut, decoded, judged by the authority table, stamped by the
 * core, applied, and written as records, which a second engine replays at once as the shadow does.
 *
 * The input is a row of steps: a byte that says who or what, one for the time that passes, two for
 * a length, and that many bytes of ClientFrame. Beside senders there is what the exchange does by
 * itself: connections come and go, sweeps go on (each little by little), Seals, Marks, an outage.
 * Held are the engine's invariants, that no record differs in the replay, that both states have one
 * digest, and that nothing is done for whom the table lets do nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bench/algorithms.h"
#include "engine/types.h"
#undef SWEEP_ORDERS_MAX
#define SWEEP_ORDERS_MAX 2u
#include "engine/sweep.c" /* NOLINT(bugprone-suspicious-include): compiled anew on purpose */

#include "engine/version.h"
#include "engine/view.h"
#include "gateway/core.h"
#include "ledger/region.h"
#include "ledger/replay.h"
#include "proto/frame.h"
#include "tests/fuzz/market.h"

#define STEP_HEAD 4
#define STEP_NS   INT64_C(50000000)

/* Who or what a step is. The operators' keys are 1 and 2. */
enum { SENDERS = 5, DOWN = 5, UP = 6, GO_ON = 7, SEAL = 8, MARK = 9, OUTAGE = 10, STEPS = 11 };

/* gateway/trade.h has it, and a struct session that is not the engine's. */
bool trade_may_send(uint32_t roles, const struct command *command);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
    struct replay *shadow;
    const struct market *market;
    struct engine *engine;
    size_t engine_size;
    struct core core;
    struct agree agree;
    struct counters *counters;
    struct stages stages;
    int64_t time_ns;
    bool has_done;                          /* the command at hand was */
    _Alignas(64) uint8_t room[1024 * 1024]; /* more than ENTRY_BYTES_MAX */
};

/* --- what the core submits to ------------------------------------------------------------------
 */

static struct fuzz *of(struct agree *agree) {
    return (struct fuzz *)(void *)((char *)agree - offsetof(struct fuzz, agree));
}

static uint8_t *room(struct agree *agree, size_t size) {
    assert(size <= sizeof of(agree)->room);
    return of(agree)->room;
}

static void submit(struct agree *agree, uint64_t epoch, uint64_t sequence, size_t size) {
    struct fuzz *fuzz = of(agree);
    const struct entry *entry = (const struct entry *)(const void *)fuzz->room;
    struct finding finding;
    (void)epoch;
    assert(entry->sequence == sequence && size <= sizeof fuzz->room);
    bool is_same = replay_record(fuzz->shadow, entry_record(entry), entry->record_bytes, &finding);
    assert(is_same);
}

static void nothing(struct agree *agree) {
    (void)agree;
}

static void hear(void *owner, const struct event *event) {
    struct fuzz *fuzz = owner;
    fuzz->has_done |= event->kind == EVENT_DONE;
}

static void never(void *owner) {
    (void)owner;
    abort(); /* there always is room */
}

/* --- one run -----------------------------------------------------------------------------------
 */

static void copy_engine(struct fuzz *fuzz) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    const struct engine *from = replay_engine(fuzz->shadow, &fuzz->engine_size);
    uint8_t *memory = region_map(fuzz->engine_size);
    size_t count = engine_extents(from, extents);
    assert(memory != NULL);
    for (size_t i = 0; i < count; i++)
        memcpy(memory + extents[i].offset, (const uint8_t *)from + extents[i].offset,
               extents[i].size);
    fuzz->engine = (struct engine *)(void *)memory;
}

static void open_fuzz(struct fuzz *fuzz) {
    struct replay_options options = {.takes_digests = true};
    struct market_view market;
    static struct hasher *hasher;
    if (hasher == NULL)
        hasher = hasher_create(algorithms_profile());
    memset(fuzz, 0, offsetof(struct fuzz, room));
    fuzz->shadow = replay_create(&options);
    fuzz->counters = calloc(1, sizeof *fuzz->counters);
    assert(fuzz->shadow != NULL && fuzz->counters != NULL && hasher != NULL);
    fuzz->market = market_replay(fuzz->shadow);
    copy_engine(fuzz);
    engine_market(fuzz->engine, &market);
    fuzz->time_ns = market.time_ns;
    fuzz->agree = (struct agree){room, submit, nothing, nothing, nothing};
    stages_init(&fuzz->stages, fuzz->counters);
    struct core_parts parts = {.engine = fuzz->engine,
                               .agree = &fuzz->agree,
                               .note = &fuzz->counters->note,
                               .counters = fuzz->counters,
                               .stages = &fuzz->stages,
                               .hasher = hasher,
                               .listener = {hear, never, fuzz},
                               .assert_text = ""};
    core_init(&fuzz->core, &parts, replay_next(fuzz->shadow), fuzz->time_ns);
}

struct hash_of_state {
    uint64_t value;
};

static void feed(void *owner, const void *bytes, size_t size) {
    struct hash_of_state *hash = owner;
    for (size_t i = 0; i < size; i++)
        hash->value = (hash->value ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
}

static void close_fuzz(struct fuzz *fuzz) {
    struct hash_of_state ours = {1};
    struct hash_of_state theirs = {1};
    engine_check(fuzz->engine);
    engine_digest(fuzz->engine, feed, &ours);
    engine_digest(replay_engine(fuzz->shadow, NULL), feed, &theirs);
    assert(ours.value == theirs.value);
    region_unmap(fuzz->engine, fuzz->engine_size);
    replay_destroy(fuzz->shadow);
    free(fuzz->counters);
}

/* --- steps -------------------------------------------------------------------------------------
 */

/* What the gateway does not let pass at all: no requests, or what a later release would read
 * otherwise. */
static bool is_sequenced(const struct command *command) {
    bool is_request = command->verb >= VERB_NEW_ORDER && command->verb < VERB_GENESIS &&
                      command->verb != VERB_LOGON && command->verb != VERB_RESUME &&
                      command->verb != VERB_HEARTBEAT && command->verb != VERB_LOGOFF;
    bool has_act = command->verb == VERB_ACT || command->verb == VERB_PROPOSE;
    return is_request && !(has_act && command->act.kind == ACT_ACTIVATE &&
                           command->act.activate.version > VERSION_KNOWN);
}

static void give_request(struct fuzz *fuzz, uint32_t sender, struct span bytes) {
    static struct request request;
    struct codec_fault fault;
    struct session_view session;
    struct participant_view participant;
    bool is_operator = sender < 2;
    uint32_t number = is_operator ? 1 + sender : fuzz->market->first_session + sender - 2;
    if (!codec_request_decode(bytes.bytes, bytes.size, &request, &fault) ||
        !is_sequenced(&request.command) || !engine_session(fuzz->engine, number, &session) ||
        request.command.stamp.number <= session.last_number)
        return;
    struct core_origin origin = {.session = number,
                                 .participant = session.participant,
                                 .key = is_operator ? 1 + sender
                                                    : fuzz->market->first_key + sender - 2,
                                 .previous = session.last_sequence + 1,
                                 .received_ns = fuzz->time_ns};
    bool is_known = engine_participant(fuzz->engine, session.participant, &participant);
    assert(is_known);
    bool may_send = trade_may_send(participant.roles, &request.command);
    core_tick(&fuzz->core); /* what comes due is not the request's doing */
    uint32_t orders = engine_count(fuzz->engine, POOL_ORDERS);
    fuzz->has_done = false;
    core_request(&fuzz->core, &request.command, bytes, &origin);
    assert(may_send || (!fuzz->has_done && engine_count(fuzz->engine, POOL_ORDERS) == orders));
}

static void give_frame(struct fuzz *fuzz, uint32_t sender, const uint8_t *bytes, size_t size) {
    static struct span spans[FRAME_REQUESTS_MAX];
    struct codec_fault fault;
    int count = frame_requests(bytes, size, spans, &fault);
    for (int i = 0; i < count; i++)
        give_request(fuzz, sender, spans[i]);
}

static void outage(struct fuzz *fuzz) {
    struct market_view market;
    struct command command = {.verb = VERB_OUTAGE,
                              .outage = {fuzz->time_ns, fuzz->time_ns, fuzz->core.epoch + 1, 1000}};
    fuzz->core.epoch++;
    core_begin(&fuzz->core, &command);
    engine_market(fuzz->engine, &market);
    if (market.environment == ENVIRONMENT_TEST)
        core_verb(&fuzz->core, VERB_REOPEN);
}

/* What the exchange does by itself. */
static void do_own(struct fuzz *fuzz, uint32_t step, uint8_t about) {
    struct command command = {.verb = VERB_SESSION_UP};
    uint32_t session = fuzz->market->first_session + about % 3;
    switch (step) {
    case DOWN:
        command.verb = VERB_SESSION_DOWN;
        command.session_down.session = session;
        core_own(&fuzz->core, &command);
        return;
    case UP:
        command.session_up.session = session;
        core_own(&fuzz->core, &command);
        return;
    case GO_ON:
        core_continue(&fuzz->core);
        return;
    case SEAL:
        core_seal(&fuzz->core);
        return;
    case MARK:
        core_verb(&fuzz->core, VERB_MARK);
        return;
    default:
        outage(fuzz);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fuzz fuzz;
    open_fuzz(&fuzz);
    while (size >= STEP_HEAD) {
        uint32_t step = data[0] % STEPS;
        size_t length = (size_t)data[2] | (size_t)data[3] << 8;
        fuzz.time_ns += data[1] * STEP_NS;
        core_time(&fuzz.core, fuzz.time_ns);
        if (step >= SENDERS) {
            do_own(&fuzz, step, data[2]);
            length = 0;
        }
        data += STEP_HEAD;
        size -= STEP_HEAD;
        length = length < size ? length : size;
        if (step < SENDERS)
            give_frame(&fuzz, step, data, length);
        data += length;
        size -= length;
    }
    close_fuzz(&fuzz);
    return 0;
}
