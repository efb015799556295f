/*
 * Whatever stands in a ledger: a replay finds it, or executes it, and the engine stays whole.
 *
 * The input is a row of requests, each with a byte that says whose it is, one for the time that
 * passes before it, two for its length, and its bytes. They are recorded as an exchange would,
 * after a Genesis and a small market; headers follow from the state, so that many get as far as the
 * engine. No events are recorded: that they differ is expected.
 */
#include <assert.h>

#include "engine/view.h"
#include "ledger/record.h"
#include "ledger/replay.h"
#include "proto/codec_request.h"
#include "tests/fuzz/market.h"

#define SENDERS       6 /* 0: the exchange itself; the operators' two keys; three brokers */
#define REQUEST_HEAD  4
#define STEP_NS       INT64_C(50000000)
#define FOLLOWERS_MAX 64 /* Ticks and Continues before a request */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
    struct replay *replay;
    const struct market *market;
    int64_t time_ns;
    bool is_stuck;
};

/* --- one record --------------------------------------------------------------------------------
 */

static uint8_t room[RECORD_BYTES_MAX];
static size_t written;

static uint8_t *on_room(struct record_output *output) {
    (void)output;
    return room;
}

static void on_done(struct record_output *output, size_t size, const struct record_slice *slices,
                    uint32_t slices_count) {
    (void)output;
    (void)slices;
    (void)slices_count;
    written = size;
}

static void give(struct fuzz *fuzz, struct record_header *header, struct span request) {
    static struct record_writer writer;
    struct command none = {0};
    struct record_output output = {.room = on_room, .done = on_done};
    struct finding finding;
    struct market_view market;
    engine_market(replay_engine(fuzz->replay, NULL), &market);
    header->sequence = replay_next(fuzz->replay);
    header->time_ns = fuzz->time_ns;
    header->version = market.version;
    none.stamp.sequence = header->sequence;
    record_begin(&writer, &output, header, &none, request);
    record_end(&writer);
    if (!replay_record(fuzz->replay, room, written, &finding))
        fuzz->is_stuck = finding.kind != FINDING_EVENTS;
}

static void give_own(struct fuzz *fuzz, const struct command *command) {
    uint8_t bytes[64];
    struct request request = {.command = *command};
    struct record_header header = {0};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert(size > 0);
    give(fuzz, &header, (struct span){bytes, size});
}

/* What an exchange does by itself before the next request. */
static void keep_up(struct fuzz *fuzz) {
    const struct engine *engine = replay_engine(fuzz->replay, NULL);
    for (int i = 0; i < FOLLOWERS_MAX && !fuzz->is_stuck; i++) {
        int64_t due_ns = engine_timer_due(engine);
        struct command command = {.verb = VERB_TICK, .tick = {.due_ns = due_ns}};
        if (due_ns > fuzz->time_ns) {
            if (!engine_continue_due(engine))
                return;
            command = engine_continue(engine);
        }
        give_own(fuzz, &command);
    }
}

static void give_request(struct fuzz *fuzz, uint8_t sender, struct span request) {
    struct record_header header = {0};
    struct session_view session;
    if (sender > 0) {
        bool is_operator = sender < 3;
        header.session = is_operator ? 1 : fuzz->market->first_session + sender - 3;
        header.key = is_operator ? sender : fuzz->market->first_key + sender - 3;
        if (!engine_session(replay_engine(fuzz->replay, NULL), header.session, &session))
            return;
        header.participant = session.participant;
        header.number = session.last_number + 1;
        header.previous = session.last_sequence + 1;
        /* The request's own number must be the same: its first field, when it has one. */
        struct request decoded;
        struct codec_fault fault;
        if (codec_request_decode(request.bytes, request.size, &decoded, &fault) &&
            decoded.command.stamp.number > session.last_number)
            header.number = decoded.command.stamp.number;
    }
    give(fuzz, &header, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct replay_options options = {.takes_digests = true};
    struct fuzz fuzz = {.replay = replay_create(&options)};
    struct market_view market;
    assert(fuzz.replay != NULL);
    fuzz.market = market_replay(fuzz.replay);
    engine_market(replay_engine(fuzz.replay, NULL), &market);
    fuzz.time_ns = market.time_ns;
    while (size > REQUEST_HEAD && !fuzz.is_stuck) {
        size_t length = (size_t)data[2] | (size_t)data[3] << 8;
        uint8_t sender = data[0] % SENDERS;
        fuzz.time_ns += data[1] * STEP_NS;
        data += REQUEST_HEAD;
        size -= REQUEST_HEAD;
        length = length < size ? length : size;
        if (length > 0 && length <= REQUEST_BYTES_MAX) {
            keep_up(&fuzz);
            give_request(&fuzz, sender, (struct span){data, length});
        }
        data += length;
        size -= length;
    }
    engine_check(replay_engine(fuzz.replay, NULL));
    replay_destroy(fuzz.replay);
    return 0;
}
