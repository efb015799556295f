/*
 * Replay: what it accepts, what it finds, and where it says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "engine/version.h"
#include "engine/view.h"
#include "ledger/region.h"
#include "tests/property/record_list.h"

#define ORDERS 5000

/* A ledger of some orders, and where things lie in it. */
struct rig {
    struct record_list list;
    struct maker maker;
    struct replay *replay;
    struct finding finding;
    size_t first_order;
};

static struct maker_sender broker(const struct rig *rig, uint32_t number) {
    return (struct maker_sender){rig->maker.first_session + number, rig->maker.first_key + number};
}

static uint64_t order(struct rig *rig, uint8_t side, int64_t price_fen, uint64_t quantity) {
    struct command command = {.verb = VERB_NEW_ORDER,
                              .new_order = {.account = 1,
                                            .instrument = 1,
                                            .price_fen = price_fen,
                                            .order_qty = quantity,
                                            .side = side,
                                            .ord_type = ORD_TYPE_LIMIT,
                                            .time_in_force = TIME_IN_FORCE_GTC}};
    return maker_request(&rig->maker, broker(rig, 0), &command, NULL);
}

/* Ten orders rest, one takes three of them. */
static int begin(void **state) {
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    record_list_begin(&rig->list, &rig->maker, ORDERS);
    rig->first_order = rig->list.count;
    for (int i = 0; i < 10; i++) {
        order(rig, SIDE_SELL, 1000 + i, 100);
    }
    order(rig, SIDE_BUY, 1002, 300);
    rig->replay = replay_create(&(struct replay_options){.takes_digests = true});
    assert_non_null(rig->replay);
    *state = rig;
    return 0;
}

static int end(void **state) {
    struct rig *rig = *state;
    replay_destroy(rig->replay);
    maker_fini(&rig->maker);
    record_list_fini(&rig->list);
    free(rig);
    return 0;
}

static bool replays(struct rig *rig) {
    return record_list_replay(&rig->list, replay_next(rig->replay), rig->replay, &rig->finding);
}

static void assert_finding(struct rig *rig, enum finding_kind kind, uint64_t sequence) {
    assert_false(replays(rig));
    if (rig->finding.kind != kind || rig->finding.sequence != sequence) {
        fail_msg("%s at %llu: %s", finding_name(rig->finding.kind),
                 (unsigned long long)rig->finding.sequence, rig->finding.text);
    }
    assert_int_not_equal(rig->finding.text[0], '\0');
}

/* Both engines are the same. */
static void assert_equal_engines(struct rig *rig) {
    struct hash ours;
    struct hash theirs;
    struct hash made;
    uint64_t mark = maker_mark(&rig->maker, &made);
    maker_digest(&rig->maker, mark, &made);
    assert_true(replays(rig));
    replay_digest(rig->replay, &ours);
    mark = maker_mark(&rig->maker, &theirs);
    assert_true(replays(rig));
    replay_digest(rig->replay, &ours);
    assert_memory_equal(&ours, &theirs, sizeof ours);
    assert_int_equal(mark + 1, replay_next(rig->replay));
}

static void a_ledger_replays_to_the_same_state(void **state) {
    struct rig *rig = *state;
    struct replay_counts counts;
    maker_seal(&rig->maker);
    assert_true(replays(rig));
    assert_equal_engines(rig);
    replay_counts(rig->replay, &counts);
    assert_int_equal(counts.records, rig->list.count);
    assert_int_equal(counts.seals, 1);
    assert_int_equal(counts.digests, 1);
    assert_false(replay_is_within(rig->replay));
}

/* A record made of these, as if it were right. */
static void forge(struct rig *rig, size_t sequence, const struct record_header *header,
                  const struct request *request) {
    static uint8_t bytes[2048];
    uint8_t body[1024];
    struct span span = {body, codec_request_encode(request, NULL, body, sizeof body)};
    struct record_list forged;
    static struct maker maker; /* for its output alone */
    assert_int_not_equal(span.size, 0);
    record_list_init(&forged);
    maker = rig->maker;
    maker.owner = &forged;
    maker.output.owner = &maker;
    struct record_header first = *header;
    struct command command = request->command;
    first.part = 0;
    command.stamp.sequence = header->sequence;
    record_begin(&maker.writer, &maker.output, &first, &command, span);
    record_end(&maker.writer);
    assert_true(forged.records[0].size <= sizeof bytes);
    record_list_put(&rig->list, sequence, forged.records[0].bytes, forged.records[0].size);
    record_list_fini(&forged);
}

/* What a record says. */
static struct record read_at(const struct rig *rig, size_t sequence) {
    struct record record;
    assert_true(
        record_read(rig->list.records[sequence].bytes, rig->list.records[sequence].size, &record));
    return record;
}

static struct request request_at(const struct rig *rig, size_t sequence) {
    struct request request;
    struct codec_fault fault;
    struct record record = read_at(rig, sequence);
    assert_true(codec_request_decode(record.request.bytes, record.request.size, &request, &fault));
    return request;
}

static void another_price_in_a_report_is_found_at_its_byte(void **state) {
    struct rig *rig = *state;
    struct record record = read_at(rig, rig->first_order + 10);
    struct record_event_view view;
    assert_true(record_event_next(&record.events, &view));
    assert_true(record_event_next(&record.events, &view));
    uint8_t *changed = (uint8_t *)(uintptr_t)view.report.bytes + view.report.size - 1;
    *changed ^= 1;
    assert_finding(rig, FINDING_EVENTS, rig->first_order + 10);
    assert_ptr_equal(changed, rig->list.records[rig->first_order + 10].bytes + rig->finding.offset);
}

static void another_quantity_in_a_request_is_found(void **state) {
    struct rig *rig = *state;
    struct record record = read_at(rig, rig->first_order);
    struct request request = request_at(rig, rig->first_order);
    request.command.new_order.order_qty = 101;
    forge(rig, rig->first_order, &record.header, &request);
    assert_finding(rig, FINDING_EVENTS, rig->first_order);
}

static void a_record_that_is_missing_or_doubled_is_found(void **state) {
    struct rig *rig = *state;
    size_t at = rig->first_order + 3;
    record_list_put(&rig->list, at, rig->list.records[at + 1].bytes,
                    rig->list.records[at + 1].size);
    assert_finding(rig, FINDING_ORDER, at);
    assert_finding(rig, FINDING_ORDER, at); /* and nothing is taken after it */
    assert_int_equal(replay_next(rig->replay), at);
}

static void bytes_that_are_no_record_are_found(void **state) {
    struct rig *rig = *state;
    record_list_put(&rig->list, 7, (const uint8_t *)"no record", 9);
    assert_finding(rig, FINDING_RECORD, 7);
}

static void a_ledger_begins_with_genesis_and_has_no_other(void **state) {
    struct rig *rig = *state;
    struct record_header header = read_at(rig, 5).header;
    struct request genesis = request_at(rig, 0);
    header.session = header.participant = header.key = 0;
    header.number = header.previous = 0;
    forge(rig, 5, &header, &genesis);
    assert_finding(rig, FINDING_CONTRACT, 5);
    struct replay *late = replay_create(NULL);
    struct record first = read_at(rig, rig->first_order);
    struct request request = request_at(rig, rig->first_order);
    first.header.sequence = 0;
    forge(rig, 0, &first.header, &request);
    assert_false(record_list_replay(&rig->list, 0, late, &rig->finding));
    assert_int_equal(rig->finding.kind, FINDING_CONTRACT);
    replay_destroy(late);
}

static void impossible_limits_are_found(void **state) {
    struct rig *rig = *state;
    struct record_header header = read_at(rig, 0).header;
    struct request genesis = request_at(rig, 0);
    genesis.command.genesis.limits.limit[POOL_KEYS] = 1;
    forge(rig, 0, &header, &genesis);
    assert_finding(rig, FINDING_CONTRACT, 0);
}

/* Changes one thing in the header of the third order and expects it to be found. */
static void header_is_found(struct rig *rig, const struct record_header *header,
                            enum finding_kind kind) {
    size_t at = rig->first_order + 2;
    struct request request = request_at(rig, at);
    struct record_list whole = rig->list;
    struct replay *replay = replay_create(NULL);
    struct listed_record kept = whole.records[at];
    whole.records[at].bytes = NULL;
    rig->list = whole;
    forge(rig, at, header, &request);
    assert_false(record_list_replay(&rig->list, 0, replay, &rig->finding));
    if (rig->finding.kind != kind || rig->finding.sequence != at) {
        fail_msg("%s at %llu: %s", finding_name(rig->finding.kind),
                 (unsigned long long)rig->finding.sequence, rig->finding.text);
    }
    free(rig->list.records[at].bytes);
    rig->list.records[at] = kept;
    replay_destroy(replay);
}

static void every_number_of_a_header_is_checked(void **state) {
    struct rig *rig = *state;
    const struct record_header right = read_at(rig, rig->first_order + 2).header;
    struct record_header header = right;
    header.sequence++;
    header_is_found(rig, &header, FINDING_ORDER);
    header = right;
    header.time_ns -= 1000000;
    header_is_found(rig, &header, FINDING_ORDER);
    header = right;
    header.participant++;
    header_is_found(rig, &header, FINDING_REQUEST);
    header = right;
    header.session++;
    header_is_found(rig, &header, FINDING_REQUEST);
    header = right;
    header.session = 1000;
    header_is_found(rig, &header, FINDING_REQUEST);
    header = right;
    header.number++;
    header_is_found(rig, &header, FINDING_REQUEST);
    header = right;
    header.previous--;
    header_is_found(rig, &header, FINDING_REQUEST);
    header = right;
    header.key++; /* of another broker: the engine refuses the order */
    header_is_found(rig, &header, FINDING_EVENTS);
    header = right;
    header.version++;
    header_is_found(rig, &header, FINDING_REQUEST);
}

static void a_request_of_the_connection_is_never_sequenced(void **state) {
    struct rig *rig = *state;
    struct record_header header = read_at(rig, rig->first_order).header;
    struct request request = {.command = {.verb = VERB_HEARTBEAT}};
    forge(rig, rig->first_order, &header, &request);
    assert_finding(rig, FINDING_REQUEST, rig->first_order);
}

static void a_broker_cannot_speak_as_the_exchange(void **state) {
    struct rig *rig = *state;
    struct record_header header = read_at(rig, rig->first_order).header;
    struct request request = {.command = {.verb = VERB_STOP}};
    forge(rig, rig->first_order, &header, &request);
    assert_finding(rig, FINDING_REQUEST, rig->first_order);
}

static struct record_header own_header(const struct rig *rig) {
    return (struct record_header){
        .sequence = rig->maker.next - 1, .time_ns = rig->maker.time_ns, .version = 1};
}

/* Sequences something harmless and puts a command of the exchange's own in its place. */
static void own_is_found(struct rig *rig, const struct command *command, enum finding_kind kind) {
    struct request request = {.command = *command};
    uint64_t at = maker_verb(&rig->maker, VERB_STOP);
    struct record_header header = own_header(rig);
    forge(rig, at, &header, &request);
    assert_finding(rig, kind, at);
}

static void a_seal_names_the_root_of_the_empty_map(void **state) {
    struct command seal = {.verb = VERB_SEAL, .seal = {.as_of = 3, .root = {1}}};
    own_is_found(*state, &seal, FINDING_SEAL);
}

static void seals_go_forward(void **state) {
    struct rig *rig = *state;
    struct command seal = {.verb = VERB_SEAL, .seal = {.as_of = 3}};
    struct hash root;
    maker_seal(&rig->maker);
    hasher_digest(rig->maker.hasher, "", 0, &root);
    memcpy(seal.seal.root, root.bytes, HASH_BYTES);
    own_is_found(rig, &seal, FINDING_SEAL);
}

static void a_seal_covers_nothing_that_is_to_come(void **state) {
    struct rig *rig = *state;
    struct command seal = {.verb = VERB_SEAL, .seal = {.as_of = rig->maker.next + 2}};
    struct hash root;
    hasher_digest(rig->maker.hasher, "", 0, &root);
    memcpy(seal.seal.root, root.bytes, HASH_BYTES);
    own_is_found(rig, &seal, FINDING_SEAL);
}

static void a_digest_of_another_state_is_found(void **state) {
    struct rig *rig = *state;
    struct hash digest;
    uint64_t mark = maker_mark(&rig->maker, &digest);
    digest.bytes[31] ^= 1;
    uint64_t at = maker_digest(&rig->maker, mark, &digest);
    assert_finding(rig, FINDING_DIGEST, at);
}

static void a_digest_of_no_mark_yet_is_found(void **state) {
    struct rig *rig = *state;
    struct command digest = {.verb = VERB_DIGEST, .digest = {.mark = rig->maker.next + 5}};
    own_is_found(rig, &digest, FINDING_DIGEST);
}

static void a_digest_taken_elsewhere_is_compared(void **state) {
    struct rig *rig = *state;
    struct replay *follower = replay_create(NULL);
    struct hash digest;
    struct replay_counts counts;
    uint64_t mark = maker_mark(&rig->maker, &digest);
    assert_true(record_list_replay(&rig->list, 0, follower, &rig->finding));
    struct hash other = digest;
    other.bytes[0] ^= 1;
    replay_expect(follower, mark, &other);
    maker_digest(&rig->maker, mark, &digest);
    assert_false(record_list_replay(&rig->list, mark + 1, follower, &rig->finding));
    assert_int_equal(rig->finding.kind, FINDING_DIGEST);
    replay_counts(follower, &counts);
    assert_int_equal(counts.digests, 0);
    replay_destroy(follower);
}

static void a_continue_needs_something_to_go_on_with(void **state) {
    struct command command = {.verb = VERB_CONTINUE};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

/* A rig with a mass cancel that one command has not ended. */
static struct rig *begin_sweep(void) {
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    record_list_begin(&rig->list, &rig->maker, SWEEP_ORDERS_MAX + ORDERS);
    for (uint32_t i = 0; i <= SWEEP_ORDERS_MAX; i++) {
        order(rig, SIDE_BUY, 1000, 1);
    }
    struct command all = {.verb = VERB_MASS_CANCEL};
    rig->maker.holds_continues = true;
    maker_request(&rig->maker, broker(rig, 0), &all, NULL);
    assert_true(engine_continue_due(rig->maker.engine));
    rig->replay = replay_create(&(struct replay_options){.takes_digests = true});
    assert_non_null(rig->replay);
    return rig;
}

/* Orders, a Seal, and a Mark with its Digest: the unfinished sweep is part of the state. */
static void what_comes_between_the_commands_of_a_sweep_replays(void **state) {
    struct rig *rig = begin_sweep();
    struct hash digest;
    struct replay_counts counts;
    (void)state;
    order(rig, SIDE_BUY, 1000, 1);
    maker_seal(&rig->maker);
    uint64_t mark = maker_mark(&rig->maker, &digest);
    maker_digest(&rig->maker, mark, &digest);
    assert_true(engine_continue_due(rig->maker.engine));
    assert_true(replays(rig));
    rig->maker.holds_continues = false;
    order(rig, SIDE_BUY, 1000, 1);
    assert_false(engine_continue_due(rig->maker.engine));
    assert_equal_engines(rig);
    replay_counts(rig->replay, &counts);
    assert_int_equal(counts.digests, 2);
    void *ended = rig;
    end(&ended);
}

static void a_continue_names_the_oldest_sweep(void **state) {
    struct rig *rig = begin_sweep();
    struct command command = engine_continue(rig->maker.engine);
    (void)state;
    command.continuation.sweep--;
    own_is_found(rig, &command, FINDING_CONTRACT);
    void *ended = rig;
    end(&ended);
}

static void a_tick_needs_a_timer(void **state) {
    struct command command = {.verb = VERB_TICK, .tick = {.due_ns = 5}};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

static void a_start_follows_a_clean_stop(void **state) {
    struct command command = {.verb = VERB_START, .start = {.epoch = 2}};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

static void an_outage_does_not_end_before_it_begins(void **state) {
    struct command command = {.verb = VERB_OUTAGE, .outage = {.from_ns = 2, .to_ns = 1}};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

static void nothing_reopens_that_is_not_halted(void **state) {
    struct command command = {.verb = VERB_REOPEN};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

static void unknown_sessions_neither_come_nor_go(void **state) {
    struct command command = {.verb = VERB_SESSION_UP, .session_up = {.session = 99, .key = 1}};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

static void no_session_goes_that_is_none(void **state) {
    struct command command = {.verb = VERB_SESSION_DOWN};
    own_is_found(*state, &command, FINDING_CONTRACT);
}

/* A session that cancels on disconnect goes; its timer is due a second later. */
static void a_timer_that_got_no_tick_is_found(void **state) {
    struct rig *rig = *state;
    struct act act = {
        .kind = ACT_ADD_SESSION,
        .add_session = {.participant = 2, .cancels_on_disconnect = true, .grace_ms = 1000}};
    maker_act(&rig->maker, &act, NULL);
    uint32_t session = (uint32_t)rig->maker.done;
    struct command up = {.verb = VERB_SESSION_UP, .session_up = {session, rig->maker.first_key}};
    struct command down = {.verb = VERB_SESSION_DOWN, .session_down = {session}};
    maker_own(&rig->maker, &up);
    maker_own(&rig->maker, &down);
    assert_true(replays(rig));
    rig->maker.time_ns += INT64_C(2000000000);
    size_t before = rig->list.count;
    maker_verb(&rig->maker, VERB_STOP); /* its Tick comes before */
    assert_int_equal(rig->list.count, before + 2);
    struct record_header header = read_at(rig, before).header;
    struct request stop = {.command = {.verb = VERB_STOP}};
    struct listed_record tick = rig->list.records[before];
    rig->list.records[before].bytes = NULL;
    forge(rig, before, &header, &stop);
    assert_finding(rig, FINDING_CONTRACT, before);
    free(rig->list.records[before].bytes);
    rig->list.records[before] = tick;
}

/* One order that trades with 2,000: its reports fill several records. Returns the first. */
static size_t sweep(struct rig *rig) {
    for (int i = 0; i < 2000; i++) {
        order(rig, SIDE_SELL, 2000, 10);
    }
    size_t at = rig->list.count;
    order(rig, SIDE_BUY, 2000, 20000);
    assert_true(rig->list.count >= at + 4);
    order(rig, SIDE_SELL, 3000, 1);
    return at;
}

static void a_command_of_many_records_replays(void **state) {
    struct rig *rig = *state;
    size_t at = sweep(rig);
    size_t count = rig->list.count;
    rig->list.count = at + 2;
    assert_true(replays(rig));
    assert_true(replay_is_within(rig->replay));
    rig->list.count = count;
    assert_true(replays(rig));
    assert_false(replay_is_within(rig->replay));
    assert_equal_engines(rig);
}

static void another_byte_in_a_later_part_is_found_there(void **state) {
    struct rig *rig = *state;
    size_t at = sweep(rig);
    rig->list.records[at + 2].bytes[30000] ^= 1;
    assert_finding(rig, FINDING_EVENTS, at + 2);
    assert_int_equal(rig->finding.offset, 30000);
    assert_true(replays(rig)); /* it goes on, and the difference is told once */
}

static void a_part_that_is_missing_is_found(void **state) {
    struct rig *rig = *state;
    size_t at = sweep(rig);
    struct record next = read_at(rig, at + 2);
    assert_int_equal(next.header.part, 2);
    record_list_put(&rig->list, at + 1, rig->list.records[at + 2].bytes,
                    rig->list.records[at + 2].size);
    assert_finding(rig, FINDING_ORDER, at + 1);
}

/* Copies the engine as a snapshot does. */
static struct engine *copy_of(const struct engine *engine, size_t size) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    uint8_t *copy = region_map(size);
    size_t count = engine_extents(engine, extents);
    assert_non_null(copy);
    for (size_t i = 0; i < count; i++) {
        memcpy(copy + extents[i].offset, (const uint8_t *)engine + extents[i].offset,
               extents[i].size);
    }
    return (struct engine *)(void *)copy;
}

static void a_replay_resumes_from_a_copy(void **state) {
    struct rig *rig = *state;
    maker_seal(&rig->maker);
    assert_true(replays(rig));
    uint8_t notes[REPLAY_NOTES_SIZE];
    struct replay_base base = {
        .next = replay_next(rig->replay), .notes = notes, .notes_size = sizeof notes};
    struct engine *engine = replay_engine(rig->replay, &base.engine_size);
    base.engine = copy_of(engine, base.engine_size);
    replay_notes(rig->replay, notes);
    struct replay *resumed = replay_resume(&(struct replay_options){.takes_digests = true}, &base);
    assert_non_null(resumed);
    replay_destroy(rig->replay);
    rig->replay = resumed;
    order(rig, SIDE_BUY, 1005, 1000);
    assert_true(replays(rig));
    assert_equal_engines(rig);
    struct command old_seal = {.verb = VERB_SEAL, .seal = {.as_of = 1}};
    struct hash root;
    hasher_digest(rig->maker.hasher, "", 0, &root);
    memcpy(old_seal.seal.root, root.bytes, HASH_BYTES);
    own_is_found(rig, &old_seal, FINDING_SEAL); /* the notes know the last one */
}

static void notes_of_another_format_are_refused(void **state) {
    struct rig *rig = *state;
    uint8_t notes[REPLAY_NOTES_SIZE] = {99};
    assert_true(replays(rig));
    struct replay_base base = {.next = 1, .notes = notes, .notes_size = sizeof notes};
    struct engine *engine = replay_engine(rig->replay, &base.engine_size);
    base.engine = copy_of(engine, base.engine_size);
    assert_null(replay_resume(NULL, &base));
}

/* Flips a bit of a resting order's price, wherever it lies: the one place where the engine's
 * memory, changed there, shows that order with another price and all else unchanged. */
static void flip_a_price(struct engine *engine, uint64_t order_id) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    struct order_view before;
    assert_true(engine_order(engine, order_id, &before));
    size_t count = engine_extents(engine, extents);
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at + 8 <= extents[i].size; at += 8) {
            struct order_view after;
            uint8_t *word = (uint8_t *)engine + extents[i].offset + at;
            if (memcmp(word, &before.price_fen, sizeof before.price_fen) != 0) {
                continue;
            }
            *word ^= 1;
            if (engine_order(engine, order_id, &after) && after.price_fen != before.price_fen) {
                return;
            }
            *word ^= 1;
        }
    }
    fail_msg("no byte holds the order's price");
}

static void a_flipped_bit_is_found_by_the_next_digest(void **state) {
    struct rig *rig = *state;
    struct hash digest;
    size_t size;
    order(rig, SIDE_SELL, 5000, 777);
    assert_true(replays(rig));
    flip_a_price(replay_engine(rig->replay, &size),
                 request_at(rig, rig->list.count - 1).command.stamp.number |
                     (uint64_t)rig->maker.first_session << ORDER_NUMBER_BITS);
    order(rig, SIDE_SELL, 6000, 1); /* has nothing to do with it */
    assert_true(replays(rig));
    uint64_t mark = maker_mark(&rig->maker, &digest);
    uint64_t at = maker_digest(&rig->maker, mark, &digest);
    assert_finding(rig, FINDING_DIGEST, at);
}

static void a_flipped_bit_is_found_by_the_next_record_it_touches(void **state) {
    struct rig *rig = *state;
    size_t size;
    order(rig, SIDE_SELL, 5000, 777);
    struct command cancel = {.verb = VERB_CANCEL};
    cancel.cancel.order_id = request_at(rig, rig->list.count - 1).command.stamp.number |
                             (uint64_t)rig->maker.first_session << ORDER_NUMBER_BITS;
    assert_true(replays(rig));
    flip_a_price(replay_engine(rig->replay, &size), cancel.cancel.order_id);
    order(rig, SIDE_SELL, 6000, 1);
    assert_true(replays(rig));
    uint64_t at = maker_request(&rig->maker, broker(rig, 0), &cancel, NULL);
    assert_finding(rig, FINDING_EVENTS, at);
}

/* A ledger that says something else than replay, and goes on. */
static void diverge(struct rig *rig, struct divergence *divergence) {
    struct record record = read_at(rig, rig->first_order + 4);
    struct record_event_view view;
    assert_true(record_event_next(&record.events, &view));
    ((uint8_t *)(uintptr_t)view.report.bytes)[view.report.size - 1] ^= 1;
    assert_finding(rig, FINDING_EVENTS, rig->first_order + 4);
    assert_true(replays(rig));
    assert_true(replay_divergence(rig->replay, divergence));
    assert_int_equal(divergence->sequence, rig->first_order + 4);
    assert_int_equal(divergence->records, 1);
}

static struct act resolve_of(const struct divergence *divergence) {
    struct act act = {.kind = ACT_RESOLVE, .resolve = {.sequence = divergence->sequence}};
    memcpy(act.resolve.digest_recorded, divergence->recorded.bytes, HASH_BYTES);
    memcpy(act.resolve.digest_replayed, divergence->replayed.bytes, HASH_BYTES);
    return act;
}

static void a_divergence_ends_with_the_resolve_that_names_it(void **state) {
    struct rig *rig = *state;
    struct divergence divergence;
    diverge(rig, &divergence);
    assert_memory_not_equal(&divergence.recorded, &divergence.replayed, sizeof(struct hash));
    struct act act = resolve_of(&divergence);
    maker_act_of_two(&rig->maker, &act);
    assert_true(replays(rig));
    assert_false(replay_divergence(rig->replay, &divergence));
    assert_equal_engines(rig);
}

static void a_resolve_of_something_else_does_not_end_it(void **state) {
    struct rig *rig = *state;
    struct divergence divergence;
    diverge(rig, &divergence);
    struct act act = resolve_of(&divergence);
    act.resolve.digest_recorded[5] ^= 1;
    maker_act_of_two(&rig->maker, &act);
    act = resolve_of(&divergence);
    act.resolve.sequence--;
    maker_act_of_two(&rig->maker, &act);
    assert_true(replays(rig));
    assert_true(replay_divergence(rig->replay, &divergence));
}

static void a_resolve_by_one_key_does_not_end_it(void **state) {
    struct rig *rig = *state;
    struct divergence divergence;
    diverge(rig, &divergence);
    struct act act = resolve_of(&divergence);
    maker_act(&rig->maker, &act, NULL);
    assert_true(replays(rig));
    assert_true(replay_divergence(rig->replay, &divergence));
}

/* A later release knows it and would decide otherwise, so none may have been sequenced. */
static void a_version_that_this_release_does_not_know_is_no_command(void **state) {
    struct rig *rig = *state;
    struct act act = {.kind = ACT_ACTIVATE, .activate = {VERSION_KNOWN + 1}};
    struct command command = {.verb = VERB_PROPOSE, .act = act};
    uint64_t at = maker_request(&rig->maker, (struct maker_sender){1, 1}, &command, NULL);
    assert_finding(rig, FINDING_CONTRACT, at);
}

static void keep_key(void *owner, uint64_t sequence, const struct checkpoint_key *key) {
    struct rig *rig = owner;
    assert_int_equal(key->key.bytes[1], 0x42);
    assert_false(key->is_revoked);
    rig->finding.sequence = sequence;
}

static void a_new_checkpoint_key_is_told(void **state) {
    struct rig *rig = *state;
    struct act act = {.kind = ACT_CHECKPOINT_KEY, .checkpoint_key = {.key = algorithms_key(0x42)}};
    struct replay *replay =
        replay_create(&(struct replay_options){.checkpoint_key = keep_key, .owner = rig});
    struct finding finding;
    rig->finding.sequence = 0;
    uint64_t at = maker_act_of_two(&rig->maker, &act);
    assert_true(record_list_replay(&rig->list, 0, replay, &finding));
    assert_int_equal(rig->finding.sequence, at);
    replay_destroy(replay);
}

int main(void) {
#define REPLAY_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        REPLAY_TEST(a_ledger_replays_to_the_same_state),
        REPLAY_TEST(another_price_in_a_report_is_found_at_its_byte),
        REPLAY_TEST(another_quantity_in_a_request_is_found),
        REPLAY_TEST(a_record_that_is_missing_or_doubled_is_found),
        REPLAY_TEST(bytes_that_are_no_record_are_found),
        REPLAY_TEST(a_ledger_begins_with_genesis_and_has_no_other),
        REPLAY_TEST(impossible_limits_are_found),
        REPLAY_TEST(every_number_of_a_header_is_checked),
        REPLAY_TEST(a_request_of_the_connection_is_never_sequenced),
        REPLAY_TEST(a_broker_cannot_speak_as_the_exchange),
        REPLAY_TEST(a_seal_names_the_root_of_the_empty_map),
        REPLAY_TEST(seals_go_forward),
        REPLAY_TEST(a_seal_covers_nothing_that_is_to_come),
        REPLAY_TEST(a_digest_of_another_state_is_found),
        REPLAY_TEST(a_digest_of_no_mark_yet_is_found),
        REPLAY_TEST(a_digest_taken_elsewhere_is_compared),
        REPLAY_TEST(a_continue_needs_something_to_go_on_with),
        cmocka_unit_test(a_continue_names_the_oldest_sweep),
        cmocka_unit_test(what_comes_between_the_commands_of_a_sweep_replays),
        REPLAY_TEST(a_tick_needs_a_timer),
        REPLAY_TEST(a_start_follows_a_clean_stop),
        REPLAY_TEST(an_outage_does_not_end_before_it_begins),
        REPLAY_TEST(nothing_reopens_that_is_not_halted),
        REPLAY_TEST(unknown_sessions_neither_come_nor_go),
        REPLAY_TEST(no_session_goes_that_is_none),
        REPLAY_TEST(a_timer_that_got_no_tick_is_found),
        REPLAY_TEST(a_command_of_many_records_replays),
        REPLAY_TEST(another_byte_in_a_later_part_is_found_there),
        REPLAY_TEST(a_part_that_is_missing_is_found),
        REPLAY_TEST(a_replay_resumes_from_a_copy),
        REPLAY_TEST(notes_of_another_format_are_refused),
        REPLAY_TEST(a_flipped_bit_is_found_by_the_next_digest),
        REPLAY_TEST(a_flipped_bit_is_found_by_the_next_record_it_touches),
        REPLAY_TEST(a_divergence_ends_with_the_resolve_that_names_it),
        REPLAY_TEST(a_resolve_of_something_else_does_not_end_it),
        REPLAY_TEST(a_resolve_by_one_key_does_not_end_it),
        REPLAY_TEST(a_version_that_this_release_does_not_know_is_no_command),
        REPLAY_TEST(a_new_checkpoint_key_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
