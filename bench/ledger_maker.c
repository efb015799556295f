#include "bench/ledger_maker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bench/algorithms.h"
#include "engine/view.h"
#include "ledger/region.h"
#include "ledger/state_digest.h"

#define BEGIN_NS         INT64_C(1795500000000000000) /* a day in November 2026 */
#define STEP_NS          1000
#define FIRST_DAY        UINT32_C(20261124)
#define CASH_FEN         INT64_C(1000000000000000) /* so that nothing is refused for lack of it */
#define SHARES           INT64_C(1000000000000)
#define QUANTITY_MAX     UINT64_C(4294967295)
#define REQUEST_ROOM     1024
#define OPERATOR_SESSION 1
#define OPERATOR_KEY     1
#define SECOND_KEY       2

/* --- records -----------------------------------------------------------------------------------
 */

static uint8_t *on_room(struct record_output *output) {
    struct maker *maker = output->owner;
    return maker->room;
}

static void on_done(struct record_output *output, size_t size, const struct record_slice *slices,
                    uint32_t slices_count) {
    struct maker *maker = output->owner;
    (void)slices;
    (void)slices_count;
    maker->bytes += size;
    maker->take(maker->owner, maker->room, size);
}

static void on_salt(struct record_output *output, const uint8_t first[SALT_BYTES], uint32_t part,
                    uint8_t salt[SALT_BYTES]) {
    struct maker *maker = output->owner;
    hasher_salt(maker->hasher, first, part, salt);
}

static void encode_events(struct event_sink *sink) {
    struct maker *maker = sink->owner;
    for (const struct event *event = maker->events; event < sink->next; event++) {
        record_event(&maker->writer, event);
        if (event->kind == EVENT_DONE) {
            maker->done = event->id;
        }
    }
    sink->next = maker->events;
}

/* --- commands ----------------------------------------------------------------------------------
 */

static void make_salt(uint64_t sequence, uint8_t salt[SALT_BYTES]) {
    memset(salt, 0x5a, SALT_BYTES);
    memcpy(salt, &sequence, sizeof sequence);
}

/* Stamps, applies and records. */
static void apply(struct maker *maker, struct command *command, struct record_header *header,
                  struct span request) {
    header->sequence = maker->next;
    header->time_ns = maker->time_ns;
    make_salt(maker->next, header->salt);
    command->stamp = (struct stamp){.sequence = header->sequence,
                                    .time_ns = header->time_ns,
                                    .number = header->number,
                                    .session = header->session,
                                    .participant = header->participant,
                                    .key = header->key,
                                    .version = header->version};
    record_begin(&maker->writer, &maker->output, header, command, request);
    engine_apply(maker->engine, command, &maker->sink);
    encode_events(&maker->sink);
    maker->next += record_end(&maker->writer);
}

static uint32_t version_of(const struct maker *maker) {
    struct market_view market;
    engine_market(maker->engine, &market);
    return market.version;
}

static void apply_own(struct maker *maker, struct command *command) {
    uint8_t bytes[REQUEST_ROOM];
    struct request request = {.command = *command};
    struct record_header header = {.version = version_of(maker)};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert(size > 0);
    apply(maker, command, &header, (struct span){bytes, size});
}

static void go_on(struct maker *maker) {
    while (!maker->holds_continues && engine_continue_due(maker->engine)) {
        struct command command = engine_continue(maker->engine);
        apply_own(maker, &command);
    }
}

/* The next moment, and what is due by then. */
static void step(struct maker *maker) {
    maker->time_ns += maker->step_ns;
    int64_t due_ns = engine_timer_due(maker->engine);
    while (due_ns <= maker->time_ns) {
        struct command command = {.verb = VERB_TICK, .tick = {.due_ns = due_ns}};
        apply_own(maker, &command);
        due_ns = engine_timer_due(maker->engine);
    }
}

uint64_t maker_own(struct maker *maker, struct command *command) {
    step(maker);
    uint64_t sequence = maker->next;
    apply_own(maker, command);
    go_on(maker);
    return sequence;
}

uint64_t maker_verb(struct maker *maker, enum verb verb) {
    struct command command = {.verb = (uint8_t)verb};
    return maker_own(maker, &command);
}

uint64_t maker_request(struct maker *maker, struct maker_sender sender, struct command *command,
                       const char *name) {
    uint8_t bytes[REQUEST_ROOM];
    struct session_view session;
    step(maker);
    bool is_known = engine_session(maker->engine, sender.session, &session);
    assert(is_known);
    (void)is_known;
    struct record_header header = {.received_ns = maker->time_ns - 500,
                                   .participant = session.participant,
                                   .session = sender.session,
                                   .number = session.last_number + 1,
                                   .previous = session.last_sequence + 1,
                                   .key = sender.key,
                                   .version = version_of(maker)};
    struct request request = {.command = *command};
    bool is_read = command->verb != VERB_QUARANTINED; /* whose number stands in the header alone */
    request.command.stamp = (struct stamp){.number = is_read ? header.number : 0};
    size_t size = codec_request_encode(&request, name, bytes, sizeof bytes);
    assert(size > 0);
    uint64_t sequence = maker->next;
    apply(maker, command, &header, (struct span){bytes, size});
    go_on(maker);
    return sequence;
}

uint64_t maker_act(struct maker *maker, const struct act *act, const char *name) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    return maker_request(maker, (struct maker_sender){OPERATOR_SESSION, OPERATOR_KEY}, &command,
                         name);
}

uint64_t maker_act_of_two(struct maker *maker, const struct act *act) {
    struct command command = {.verb = VERB_PROPOSE, .act = *act};
    uint64_t proposal =
        maker_request(maker, (struct maker_sender){OPERATOR_SESSION, OPERATOR_KEY}, &command, NULL);
    struct command second = {.verb = VERB_APPROVE, .approve = {proposal}};
    return maker_request(maker, (struct maker_sender){OPERATOR_SESSION, SECOND_KEY}, &second, NULL);
}

uint64_t maker_seal(struct maker *maker) {
    struct hash root;
    struct command command = {.verb = VERB_SEAL};
    step(maker);
    command.seal.as_of = maker->next;
    hasher_digest(maker->hasher, "", 0, &root);
    memcpy(command.seal.root, root.bytes, HASH_BYTES);
    uint64_t sequence = maker->next;
    apply_own(maker, &command);
    return sequence;
}

uint64_t maker_mark(struct maker *maker, struct hash *digest) {
    uint64_t sequence = maker_verb(maker, VERB_MARK);
    state_digest(maker->hasher, maker->engine, digest);
    return sequence;
}

uint64_t maker_digest(struct maker *maker, uint64_t mark, const struct hash *digest) {
    struct command command = {.verb = VERB_DIGEST, .digest = {.mark = mark}};
    memcpy(command.digest.digest, digest->bytes, HASH_BYTES);
    return maker_own(maker, &command);
}

/* --- a market ----------------------------------------------------------------------------------
 */

struct engine_limits maker_limits(uint32_t orders, const struct maker_market *market) {
    struct engine_limits limits = {.price_ticks_max = BOOK_PRICE_TICKS_MAX};
    limits.limit[POOL_ORDERS] = orders;
    limits.limit[POOL_LEVELS] = orders;
    limits.limit[POOL_INSTRUMENTS] = market->instruments;
    limits.limit[POOL_ACCOUNTS] = market->accounts;
    limits.limit[POOL_HOLDINGS] = market->accounts * market->instruments;
    limits.limit[POOL_SESSIONS] = market->participants + 4;
    limits.limit[POOL_PARTICIPANTS] = market->participants + 4;
    limits.limit[POOL_KEYS] = market->participants + 8;
    limits.limit[POOL_PROPOSALS] = 100;
    limits.limit[POOL_TIMERS] = market->participants + 8;
    memcpy(limits.ceiling, limits.limit, sizeof limits.ceiling);
    return limits;
}

static void sequence_genesis(struct maker *maker, const struct maker_genesis *from) {
    struct command command = {.verb = VERB_GENESIS};
    struct genesis *genesis = &command.genesis;
    uint8_t bytes[REQUEST_ROOM];
    genesis->environment = ENVIRONMENT_TEST;
    genesis->profile = hasher_profile(maker->hasher);
    genesis->origin_bytes = (uint8_t)strlen(from->origin);
    memcpy(genesis->origin, from->origin, genesis->origin_bytes);
    genesis->checkpoint_key =
        from->checkpoint_key.size != 0 ? from->checkpoint_key : algorithms_key(0);
    for (uint8_t i = 0; i < 2; i++) {
        genesis->operators[i].person = 1u + i;
        memset(genesis->operators[i].key, 1 + i, KEY_BYTES);
    }
    genesis->limits = from->limits;
    struct request request = {.command = command};
    struct record_header header = {.version = 1};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert(size > 0);
    apply(maker, &command, &header, (struct span){bytes, size});
}

void maker_init(struct maker *maker, const struct maker_genesis *genesis,
                void (*take)(void *owner, const uint8_t *bytes, size_t size), void *owner) {
    *maker = (struct maker){
        .time_ns = BEGIN_NS,
        .step_ns = STEP_NS,
        .take = take,
        .owner = owner,
        .hasher = hasher_create(genesis->profile != 0 ? genesis->profile : algorithms_profile()),
        .room = malloc(RECORD_BYTES_MAX)};
    maker->engine = region_engine(&genesis->limits, &maker->engine_size);
    assert(maker->hasher != NULL && maker->room != NULL && maker->engine != NULL);
    maker->output =
        (struct record_output){.room = on_room, .done = on_done, .salt = on_salt, .owner = maker};
    maker->sink = (struct event_sink){.next = maker->events,
                                      .end = maker->events + MAKER_EVENTS,
                                      .flush = encode_events,
                                      .owner = maker};
    sequence_genesis(maker, genesis);
}

void maker_fini(struct maker *maker) {
    region_unmap(maker->engine, maker->engine_size);
    hasher_destroy(maker->hasher);
    free(maker->order_ids);
    free(maker->room);
}

/* An act that must be done. Returns the number of what it made. */
static uint32_t make(struct maker *maker, const struct act *act, const char *name) {
    maker->done = UINT64_MAX;
    maker_act(maker, act, name);
    assert(maker->done != UINT64_MAX);
    return (uint32_t)maker->done;
}

static void put_decimal(char *text, size_t digits, uint32_t number) {
    for (size_t i = digits; i > 0; i--) {
        text[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

static void make_broker(struct maker *maker, uint32_t number) {
    struct act act = {.kind = ACT_ADD_PARTICIPANT};
    act.add_participant.roles = ROLE_BROKER;
    act.add_participant.code_bytes = 8;
    act.add_participant.name_bytes = 6;
    put_decimal(act.add_participant.code, 8, number);
    uint32_t participant = make(maker, &act, "broker");
    act = (struct act){.kind = ACT_ADD_KEY,
                       .add_key = {.participant = participant, .person = 100 + number}};
    memcpy(act.add_key.key, &act.add_key.person, sizeof act.add_key.person);
    uint32_t key = make(maker, &act, NULL);
    act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    uint32_t session = make(maker, &act, NULL);
    if (number == 0) {
        maker->first_participant = participant;
        maker->first_session = session;
        maker->first_key = key;
    }
    assert(session == maker->first_session + number && key == maker->first_key + number);
    assert(participant == maker->first_participant + number);
}

static void make_instrument(struct maker *maker, uint32_t number) {
    struct act act = {.kind = ACT_ADD_INSTRUMENT,
                      .add_instrument = {.symbol_bytes = 7,
                                         .tick_fen = 1,
                                         .lot_min = 1,
                                         .lot_step = 1,
                                         .qty_max = QUANTITY_MAX}};
    put_decimal(act.add_instrument.symbol, 7, number);
    uint32_t instrument = make(maker, &act, NULL);
    assert(instrument == number + 1);
    (void)instrument;
}

static uint32_t participant_of(const struct maker *maker, uint32_t broker) {
    struct session_view session;
    bool is_known = engine_session(maker->engine, maker->first_session + broker, &session);
    assert(is_known);
    (void)is_known;
    return session.participant;
}

static void fund(struct maker *maker, uint32_t account) {
    struct act act = {.kind = ACT_DEPOSIT, .deposit = {.account = account, .amount = CASH_FEN}};
    make(maker, &act, NULL);
    act.deposit.amount = SHARES;
    for (uint32_t i = 1; i <= maker->market.instruments; i++) {
        act.deposit.instrument = i;
        make(maker, &act, NULL);
    }
}

void maker_market(struct maker *maker, const struct maker_market *market) {
    maker->market = *market;
    for (uint32_t i = 0; i < market->participants; i++) {
        make_broker(maker, i);
    }
    for (uint32_t i = 0; i < market->instruments; i++) {
        make_instrument(maker, i);
    }
    for (uint32_t i = 0; i < market->accounts; i++) {
        struct act act = {.kind = ACT_ADD_ACCOUNT,
                          .add_account = {participant_of(maker, i % market->participants), i + 1}};
        uint32_t account = make(maker, &act, NULL);
        assert(account == i + 1);
        if (market->is_funded) {
            fund(maker, account);
        }
    }
    struct act act = {.kind = ACT_DAY_OPEN, .day = {FIRST_DAY}};
    make(maker, &act, NULL);
}

/* --- orders ------------------------------------------------------------------------------------
 */

static void keep_order_id(struct maker *maker, uint32_t id, uint64_t order_id) {
    if (id >= maker->order_ids_room) {
        uint32_t room = id + 1 + id / 2;
        maker->order_ids = realloc(maker->order_ids, room * sizeof *maker->order_ids);
        assert(maker->order_ids != NULL);
        memset(maker->order_ids + maker->order_ids_room, 0,
               (room - maker->order_ids_room) * sizeof *maker->order_ids);
        maker->order_ids_room = room;
    }
    maker->order_ids[id] = order_id;
}

static uint64_t order_id_at(const struct maker *maker, uint32_t id) {
    return id < maker->order_ids_room ? maker->order_ids[id] : 0;
}

static void fill_new(const struct maker *maker, const struct book_order *from,
                     struct command *command) {
    command->verb = VERB_NEW_ORDER;
    command->new_order =
        (struct new_order){.account = from->id % maker->market.accounts + 1,
                           .instrument = from->book % maker->market.instruments + 1,
                           .price_fen = from->price_ticks,
                           .order_qty = from->quantity,
                           .side = from->side == BOOK_BUY ? SIDE_BUY : SIDE_SELL,
                           .ord_type = from->type == BOOK_MARKET ? ORD_TYPE_MARKET : ORD_TYPE_LIMIT,
                           .time_in_force = from->type == BOOK_LIMIT ? TIME_IN_FORCE_GTC
                                            : from->type == BOOK_FOK ? TIME_IN_FORCE_FOK
                                                                     : TIME_IN_FORCE_IOC};
}

/* The file's quantity is the open one, the exchange's the total. */
static void fill_replace(const struct maker *maker, const struct book_order *from,
                         struct command *command) {
    struct order_view order = {0};
    uint64_t id = order_id_at(maker, from->id);
    (void)engine_order(maker->engine, id, &order); /* gone: refused, as it should be */
    command->verb = VERB_REPLACE;
    command->replace = (struct replace){id, from->price_ticks, from->quantity + order.cum_qty};
}

static void play(struct maker *maker, const struct book_command *from) {
    struct command command = {0};
    uint32_t broker = from->order.id % maker->market.accounts % maker->market.participants;
    struct maker_sender sender = {maker->first_session + broker, maker->first_key + broker};
    switch (from->verb) {
    case BOOK_ENTER:
        fill_new(maker, &from->order, &command);
        maker_request(maker, sender, &command, NULL);
        keep_order_id(maker, from->order.id,
                      order_id_of(command.stamp.session, command.stamp.number));
        break;
    case BOOK_REPLACE:
        fill_replace(maker, &from->order, &command);
        maker_request(maker, sender, &command, NULL);
        break;
    case BOOK_CANCEL:
        command.verb = VERB_CANCEL;
        command.cancel.order_id = order_id_at(maker, from->order.id);
        maker_request(maker, sender, &command, NULL);
        break;
    }
}

void maker_play(struct maker *maker, const struct flow *flow, size_t from, size_t to) {
    assert(to <= flow->count);
    for (size_t i = from; i < to; i++) {
        play(maker, &flow->commands[i]);
    }
}
