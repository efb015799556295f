/*
 * Replay. A command's events are kept as the engine made them, in memory for the most that one
 * command can make (address space; pages as they are needed), and encoded again record by record as
 * the recorded ones come: where a record ends is decided by the same code that wrote it.
 */
#include "ledger/replay.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/version.h"
#include "engine/view.h"
#include "ledger/awaited.h"
#include "ledger/contract.h"
#include "ledger/deed_signature.h"
#include "ledger/region.h"
#include "ledger/register_map.h"
#include "ledger/state_digest.h"
#include "proto/codec_request.h"

#define NOTES_FORMAT 1

#define EVENTS_BYTES (COMMAND_EVENTS_MAX * sizeof(struct event))

struct replay {
    struct engine *engine;
    size_t engine_size;
    struct replay_options options;
    char origin[ORIGIN_BYTES_MAX + 1]; /* what parties' signatures name; set by Genesis */
    struct hasher *hasher;             /* of the ledger's profile: from Genesis on */
    uint64_t next;
    struct replay_counts counts;

    /* The command at hand. */
    struct request request;
    struct event_sink sink;
    struct event *events;
    struct event *encoded; /* the next one to be encoded */
    uint32_t parts;        /* recorded so far */
    bool is_within;        /* it makes further records */
    bool has_differed;     /* its further records, however many, are not compared */
    struct record_output output;
    struct record_writer writer;
    uint8_t *room; /* the record as it should be */

    /* The record at hand. */
    const uint8_t *recorded;
    size_t recorded_size;
    bool is_compared;
    bool is_equal;
    struct finding *finding;
    bool is_stuck; /* it could not be applied, for this: */
    struct finding reason;

    struct hash map_root;     /* of the register's map, empty */
    struct register_map *map; /* or the map itself, when it is kept */
    uint64_t sealed;          /* as_of of the last Seal */
    struct awaited awaited;   /* of proposals RESOLVE and CHECKPOINT_KEY */
    bool has_diverged;
    struct divergence divergence;
};

/* --- divergence --------------------------------------------------------------------------------
 */

static void chain(struct hasher *hasher, struct hash *digest, const uint8_t *bytes, size_t size) {
    hasher_begin(hasher);
    hasher_add(hasher, digest, sizeof *digest);
    hasher_add(hasher, bytes, size);
    hasher_end(hasher, digest);
}

static void begin_divergence(struct replay *replay) {
    if (!replay->has_diverged) {
        replay->has_diverged = true;
        replay->divergence = (struct divergence){.sequence = replay->next};
    }
}

/* The record at hand is not what it should be. */
static void diverge(struct replay *replay) {
    begin_divergence(replay);
    replay->divergence.records++;
    chain(replay->hasher, &replay->divergence.recorded, replay->recorded, replay->recorded_size);
}

static void settle(struct replay *replay, const struct resolve *resolve) {
    const struct divergence *divergence = &replay->divergence;
    if (replay->has_diverged && resolve->sequence == divergence->sequence &&
        memcmp(resolve->digest_recorded, divergence->recorded.bytes, HASH_BYTES) == 0 &&
        memcmp(resolve->digest_replayed, divergence->replayed.bytes, HASH_BYTES) == 0) {
        replay->has_diverged = false;
    }
}

/* --- records as they should be -----------------------------------------------------------------
 */

static uint8_t *on_room(struct record_output *output) {
    struct replay *replay = output->owner;
    return replay->room;
}

static uint32_t first_difference(const struct replay *replay, size_t size) {
    size_t both = size < replay->recorded_size ? size : replay->recorded_size;
    uint32_t at = 0;
    while (at < both && replay->room[at] == replay->recorded[at]) {
        at++;
    }
    return at;
}

/* A record of ours is complete: it is compared with the recorded one. */
static void on_done(struct record_output *output, size_t size, const struct record_slice *slices,
                    uint32_t slices_count) {
    struct replay *replay = output->owner;
    (void)slices;
    replay->is_compared = true;
    replay->counts.events += slices_count;
    if (replay->recorded == NULL) { /* the recorded ones have ended, or differed before */
        chain(replay->hasher, &replay->divergence.replayed, replay->room, size);
        return;
    }
    replay->is_equal =
        size == replay->recorded_size && memcmp(replay->room, replay->recorded, size) == 0;
    if (!replay->is_equal) {
        diverge(replay);
        chain(replay->hasher, &replay->divergence.replayed, replay->room, size);
        finding_set(replay->finding, FINDING_EVENTS, replay->next,
                    "%zu bytes are recorded, %zu are what the command makes", replay->recorded_size,
                    size);
        replay->finding->offset = first_difference(replay, size);
    }
}

static void on_salt(struct record_output *output, const uint8_t first[SALT_BYTES], uint32_t part,
                    uint8_t salt[SALT_BYTES]) {
    struct replay *replay = output->owner;
    hasher_salt(replay->hasher, first, part, salt);
}

/* The engine never makes more events than there is room for. */
static void on_flush(struct event_sink *sink) {
    (void)sink;
    assert(false && "a command made more events than it may");
}

/* Encodes until one of our records is complete, and so compared. */
static void encode_record(struct replay *replay) {
    replay->is_compared = false;
    while (!replay->is_compared && replay->encoded < replay->sink.next) {
        record_event(&replay->writer, replay->encoded++);
    }
    if (!replay->is_compared) {
        record_end(&replay->writer);
        replay->is_within = false;
    }
}

/* Encodes what is left, beyond what is recorded: for the digest of a divergence. */
static void encode_rest(struct replay *replay) {
    replay->recorded = NULL;
    while (replay->is_within) {
        encode_record(replay);
    }
}

static bool compare(struct replay *replay, struct finding *finding) {
    replay->finding = finding;
    replay->is_equal = false;
    encode_record(replay);
    if (replay->is_equal) {
        return true;
    }
    encode_rest(replay);
    replay->has_differed = true;
    return false;
}

/* --- commands that are about the ledger --------------------------------------------------------
 */

/* Whether a Seal names the root of the register's map, as far as that is known here. */
static bool is_root(struct replay *replay, const struct seal *seal) {
    struct market_view market;
    engine_market(replay->engine, &market);
    struct hash root = replay->map_root;
    if (replay->map != NULL) {
        register_map_root(replay->map, seal->as_of, &root);
    } else if (market.version >= VERSION_REGISTER) {
        return true;
    }
    return memcmp(seal->root, root.bytes, HASH_BYTES) == 0;
}

static bool check_seal(struct replay *replay, const struct record_header *header,
                       struct finding *finding) {
    const struct seal *seal = &replay->request.command.seal;
    if (seal->as_of > header->sequence || seal->as_of < replay->sealed) {
        return finding_set(finding, FINDING_SEAL, header->sequence,
                           "a Seal as of %" PRIu64 ", the one before being as of %" PRIu64,
                           seal->as_of, replay->sealed);
    }
    if (!is_root(replay, seal)) {
        return finding_set(finding, FINDING_SEAL, header->sequence,
                           "the register's map has another root as of %" PRIu64, seal->as_of);
    }
    replay->sealed = seal->as_of;
    replay->counts.seals++;
    return true;
}

static bool check_digest(struct replay *replay, const struct record_header *header,
                         struct finding *finding) {
    const struct digest *digest = &replay->request.command.digest;
    const struct awaited_mark *mark = awaited_mark_find(&replay->awaited, digest->mark);
    if (mark == NULL || !mark->is_known) {
        replay->counts.unknown_digests++;
        return digest->mark < header->sequence ||
               finding_set(finding, FINDING_DIGEST, header->sequence,
                           "a Digest of a Mark that is yet to come");
    }
    if (memcmp(digest->digest, mark->digest.bytes, HASH_BYTES) != 0) {
        return finding_set(finding, FINDING_DIGEST, header->sequence,
                           "the state at Mark %" PRIu64 " has another digest", digest->mark);
    }
    replay->counts.digests++;
    return true;
}

static void take_mark(struct replay *replay, uint64_t sequence) {
    struct awaited_mark *mark = awaited_mark_add(&replay->awaited, sequence);
    mark->is_known = replay->options.takes_digests;
    if (mark->is_known) {
        replay_digest(replay, &mark->digest);
    }
    if (replay->options.mark != NULL) {
        replay->options.mark(replay->options.owner, sequence);
    }
}

static void keep_proposal(struct replay *replay) {
    const struct act *act = &replay->request.command.act;
    if (act->kind == ACT_RESOLVE || act->kind == ACT_CHECKPOINT_KEY) {
        awaited_proposal_add(&replay->awaited, replay->request.command.stamp.sequence, act);
    }
}

/* Whether the command that was applied has carried out an act of this kind. */
static bool has_done(const struct replay *replay, uint8_t kind) {
    for (const struct event *event = replay->events; event < replay->sink.next; event++) {
        if (event->kind == EVENT_DONE && event->act == kind) {
            return true;
        }
    }
    return false;
}

static void take_approval(struct replay *replay) {
    const struct command *command = &replay->request.command;
    const struct act *act = awaited_proposal_find(&replay->awaited, command->approve.proposal);
    if (act == NULL || !has_done(replay, act->kind)) {
        return;
    }
    if (act->kind == ACT_RESOLVE) {
        settle(replay, &act->resolve);
    } else if (replay->options.checkpoint_key != NULL) {
        replay->options.checkpoint_key(replay->options.owner, command->stamp.sequence,
                                       &act->checkpoint_key);
    }
    awaited_proposal_forget(&replay->awaited, command->approve.proposal);
}

/* After a command was applied and its first record is as it should be. */
static void follow(struct replay *replay) {
    const struct command *command = &replay->request.command;
    if (command->verb == VERB_MARK) {
        take_mark(replay, command->stamp.sequence);
    } else if (command->verb == VERB_PROPOSE) {
        keep_proposal(replay);
    } else if (command->verb == VERB_APPROVE) {
        take_approval(replay);
    }
}

/* --- one command -------------------------------------------------------------------------------
 */

static bool decode(struct replay *replay, const struct record *record, struct finding *finding) {
    struct codec_fault fault;
    uint64_t sequence = record->header.sequence;
    struct command *command = &replay->request.command;
    if (!codec_request_decode(record->request.bytes, record->request.size, &replay->request,
                              &fault)) {
        return finding_set(finding, FINDING_REQUEST, sequence, "%s %s", fault.field, fault.text);
    }
    if (command->verb >= VERB_LOGON && command->verb <= VERB_LOGOFF) {
        return finding_set(finding, FINDING_REQUEST, sequence,
                           "a request of the connection is never sequenced");
    }
    return true;
}

static void stamp(struct command *command, const struct record_header *header) {
    command->stamp = (struct stamp){.sequence = header->sequence,
                                    .time_ns = header->time_ns,
                                    .number = header->number,
                                    .session = header->session,
                                    .participant = header->participant,
                                    .key = header->key,
                                    .version = header->version};
}

/* What hashes, as soon as the profile is known. False without memory. */
static bool make_hasher(struct replay *replay, uint8_t profile) {
    replay->hasher = hasher_create(profile);
    if (replay->options.keeps_map) {
        replay->map = register_map_create(profile);
    }
    if (replay->hasher == NULL || (replay->options.keeps_map && replay->map == NULL)) {
        return false;
    }
    hasher_digest(replay->hasher, "", 0, &replay->map_root);
    return true;
}

static bool make_engine(struct replay *replay, struct finding *finding) {
    const struct genesis *genesis = &replay->request.command.genesis;
    memcpy(replay->origin, genesis->origin, genesis->origin_bytes);
    if (!make_hasher(replay, genesis->profile)) {
        return finding_set(finding, FINDING_CONTRACT, 0, "no memory to hash with");
    }
    replay->engine = region_engine(&genesis->limits, &replay->engine_size);
    return replay->engine != NULL || finding_set(finding, FINDING_CONTRACT, 0,
                                                 "no engine of the Genesis's limits can be made");
}

/* The gateway sequences no deed before its signatures are right. */
static bool check_signatures(struct replay *replay, uint64_t sequence, struct finding *finding) {
    const struct deed *deed = &replay->request.command.deed;
    uint32_t wrong = deed_signatures_wrong(replay->engine, replay->origin, deed);
    if (wrong == 0) {
        return true;
    }
    return finding_set(finding, FINDING_SIGNATURE, sequence,
                       "signature %" PRIu32 " of the deed is not that of party key %" PRIu32, wrong,
                       deed->signatures[wrong - 1].party_key);
}

static bool check(struct replay *replay, const struct record *record, struct finding *finding) {
    const struct command *command = &replay->request.command;
    if (!decode(replay, record, finding) ||
        !contract_check(replay->engine, &record->header, command, finding)) {
        return false;
    }
    if (command->verb == VERB_SEAL) {
        return check_seal(replay, &record->header, finding);
    }
    if (command->verb == VERB_DIGEST) {
        return check_digest(replay, &record->header, finding);
    }
    if (command->verb == VERB_DEED && replay->options.checks_signatures) {
        return check_signatures(replay, record->header.sequence, finding);
    }
    return replay->engine != NULL || make_engine(replay, finding);
}

static bool begin_command(struct replay *replay, const struct record *record,
                          struct finding *finding) {
    struct command *command = &replay->request.command;
    if (!check(replay, record, finding)) {
        replay->is_stuck = true;
        replay->reason = *finding;
        return false;
    }
    stamp(command, &record->header);
    replay->sink.next = replay->events;
    replay->encoded = replay->events;
    replay->is_within = true;
    replay->has_differed = false;
    record_begin(&replay->writer, &replay->output, &record->header, command, record->request);
    engine_apply(replay->engine, command, &replay->sink);
    replay->counts.commands++;
    return compare(replay, finding);
}

/* The recorded command has ended, and what it makes has not. */
static bool cut_short(struct replay *replay, struct finding *finding) {
    const uint8_t *recorded = replay->recorded;
    begin_divergence(replay);
    encode_rest(replay);
    replay->recorded = recorded;
    return finding_set(finding, FINDING_EVENTS, replay->next,
                       "the command before makes more records than are recorded");
}

/* A later part. */
static bool go_on(struct replay *replay, struct finding *finding) {
    if (replay->is_within) {
        return compare(replay, finding);
    }
    diverge(replay);
    if (replay->has_differed) { /* told already */
        return true;
    }
    replay->has_differed = true;
    return finding_set(finding, FINDING_EVENTS, replay->next,
                       "the command makes fewer records than are recorded");
}

static bool check_order(struct replay *replay, const struct record *record,
                        struct finding *finding) {
    const struct record_header *header = &record->header;
    if (header->sequence != replay->next) {
        return finding_set(finding, FINDING_ORDER, replay->next, "the record says it is %" PRIu64,
                           header->sequence);
    }
    if (header->part != 0 && (header->part != replay->parts || replay->parts == 0)) {
        return finding_set(finding, FINDING_ORDER, replay->next,
                           "part %" PRIu32 " of a command after %" PRIu32 " of them", header->part,
                           replay->parts);
    }
    return true;
}

/* The record follows and can be read. */
static bool check_record(struct replay *replay, struct record *record, struct finding *finding) {
    if (replay->is_stuck) {
        *finding = replay->reason;
        return false;
    }
    if (!record_read(replay->recorded, replay->recorded_size, record)) {
        replay->is_stuck = true;
        finding_set(finding, FINDING_RECORD, replay->next, "the bytes are no record");
    } else if (!check_order(replay, record, finding)) {
        replay->is_stuck = true;
    }
    replay->reason = *finding;
    return !replay->is_stuck;
}

bool replay_record(struct replay *replay, const uint8_t *bytes, size_t size,
                   struct finding *finding) {
    struct record record;
    bool is_good = true;
    replay->recorded = bytes;
    replay->recorded_size = size;
    *finding = (struct finding){0};
    if (!check_record(replay, &record, finding)) {
        return false;
    }
    bool is_first = record.header.part == 0;
    if (!is_first) {
        is_good = go_on(replay, finding);
    } else if (replay->is_within) {
        struct finding dropped; /* the first one is told */
        is_good = cut_short(replay, finding);
        begin_command(replay, &record, &dropped);
    } else {
        is_good = begin_command(replay, &record, finding);
    }
    if (!replay->is_stuck && replay->map != NULL &&
        register_map_record(replay->map, &record) != 0) {
        replay->is_stuck = true;
        is_good = finding_set(finding, FINDING_RECORD, replay->next,
                              "tells of an entry of no asset that there is");
        replay->reason = *finding;
    }
    if (replay->is_stuck) {
        return false;
    }
    replay->parts = record.header.part + 1;
    replay->next++;
    replay->counts.records++;
    if (is_first) {
        follow(replay);
    }
    return is_good;
}

/* --- construction ------------------------------------------------------------------------------
 */

static void put_u64(uint8_t *bytes, uint64_t value) {
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint64_t get_u64(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t)bytes[i] << 8 * i;
    }
    return value;
}

struct replay *replay_create(const struct replay_options *options) {
    struct replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL) {
        return NULL;
    }
    replay->room = malloc(RECORD_BYTES_MAX);
    replay->events = region_map(EVENTS_BYTES);
    if (replay->room == NULL || replay->events == NULL) {
        replay_destroy(replay);
        return NULL;
    }
    if (options != NULL) {
        replay->options = *options;
    }
    replay->sink = (struct event_sink){
        .next = replay->events, .end = replay->events + COMMAND_EVENTS_MAX, .flush = on_flush};
    replay->output =
        (struct record_output){.room = on_room, .done = on_done, .salt = on_salt, .owner = replay};
    return replay;
}

struct replay *replay_resume(const struct replay_options *options, const struct replay_base *base) {
    /* What was told before is not known. */
    assert(options == NULL || !(options->keeps_map || options->checks_signatures));
    bool is_known = base->notes_size == REPLAY_NOTES_SIZE && get_u64(base->notes) == NOTES_FORMAT;
    struct replay *replay = is_known ? replay_create(options) : NULL;
    if (replay != NULL && !make_hasher(replay, engine_profile(base->engine))) {
        replay_destroy(replay);
        replay = NULL;
    }
    if (replay == NULL) {
        region_unmap(base->engine, base->engine_size);
        return NULL;
    }
    replay->engine = base->engine;
    replay->engine_size = base->engine_size;
    replay->next = base->next;
    replay->sealed = get_u64(base->notes + 8);
    return replay;
}

void replay_destroy(struct replay *replay) {
    if (replay == NULL) {
        return;
    }
    region_unmap(replay->engine, replay->engine_size);
    region_unmap(replay->events, EVENTS_BYTES);
    register_map_destroy(replay->map);
    free(replay->room);
    hasher_destroy(replay->hasher);
    free(replay);
}

/* --- looking ------------------------------------------------------------------------------------
 */

uint64_t replay_next(const struct replay *replay) {
    return replay->next;
}

bool replay_is_within(const struct replay *replay) {
    return replay->is_within;
}

struct engine *replay_engine(const struct replay *replay, size_t *size) {
    if (size != NULL) {
        *size = replay->engine_size;
    }
    return replay->engine;
}

struct engine *replay_take(struct replay *replay, size_t *size) {
    struct engine *engine = replay_engine(replay, size);
    replay->engine = NULL;
    replay->is_stuck = true;
    finding_set(&replay->reason, FINDING_CONTRACT, replay->next, "the engine was given away");
    return engine;
}

void replay_notes(const struct replay *replay, uint8_t notes[REPLAY_NOTES_SIZE]) {
    put_u64(notes, NOTES_FORMAT);
    put_u64(notes + 8, replay->sealed);
}

void replay_expect(struct replay *replay, uint64_t mark, const struct hash *digest) {
    struct awaited_mark *known = awaited_mark_find(&replay->awaited, mark);
    if (known != NULL) {
        known->digest = *digest;
        known->is_known = true;
    }
}

void replay_digest(struct replay *replay, struct hash *digest) {
    state_digest(replay->hasher, replay->engine, digest);
}

bool replay_divergence(const struct replay *replay, struct divergence *divergence) {
    *divergence = replay->divergence;
    return replay->has_diverged;
}

void replay_counts(const struct replay *replay, struct replay_counts *counts) {
    *counts = replay->counts;
}
