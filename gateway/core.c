/* A command's way: ticks before it, a stamp, the engine, its events into records. Straight line;
 * everything that can wait or fail lies outside. */
#include "gateway/core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/allocation.h"
#include "gateway/log.h"
#include "gateway/quarantine.h"

/* --- records -----------------------------------------------------------------------------------
 */

static uint8_t *entry_room(struct record_output *output) {
    struct core *core = output->owner;
    uint8_t *room = core->agree->room(core->agree, ENTRY_BYTES_MAX);
    while (room == NULL) {
        core->listener.wait(core->listener.owner);
        room = core->agree->room(core->agree, ENTRY_BYTES_MAX);
    }
    core->entry = (struct entry *)(void *)room;
    return room + sizeof(struct entry);
}

static uint32_t keep_slices(struct core *core, const struct record_slice *slices, uint32_t count) {
    struct entry_slice *kept = entry_slices(core->entry);
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (slices[i].audience != AUDIENCE_SESSION && slices[i].audience != AUDIENCE_PARTICIPANT)
            continue;
        kept[used].sequence = core->entry->sequence;
        kept[used].to = slices[i].to;
        kept[used].offset = (uint16_t)slices[i].offset;
        kept[used].size = slices[i].size;
        kept[used].audience = slices[i].audience;
        used++;
    }
    return used;
}

static uint32_t subject_of(const struct core *core) {
    const struct command *command = core->writer.command;
    return command->verb == VERB_SESSION_UP ? command->session_up.session : command->stamp.session;
}

static void entry_done(struct record_output *output, size_t size, const struct record_slice *slices,
                       uint32_t slices_count) {
    struct core *core = output->owner;
    struct entry *entry = core->entry;
    entry->sequence = core->first + core->parts;
    entry->received_ns = core->origin->received_ns;
    entry->record_bytes = (uint32_t)size;
    entry->session = subject_of(core);
    entry->verb = core->writer.command->verb;
    entry->is_first = core->parts == 0;
    entry->is_last = false;
    entry->is_request = core->origin->session != 0;
    entry->slices = keep_slices(core, slices, slices_count);
    core->parts++;
    core->submitted += entry_size(size, entry->slices);
    core->agree->submit(core->agree, core->epoch, entry->sequence, entry_size(size, entry->slices));
}

static void later_salt(struct record_output *output, const uint8_t first[SALT_BYTES], uint32_t part,
                       uint8_t salt[SALT_BYTES]) {
    struct core *core = output->owner;
    hasher_salt(core->hasher, first, part, salt);
}

/* --- events ------------------------------------------------------------------------------------
 */

static void encode_events(struct event_sink *sink) {
    struct core *core = sink->owner;
    for (const struct event *event = core->events; event < sink->next; event++) {
        record_event(&core->writer, event);
        if (event->kind >= EVENT_PHASE || event->kind == EVENT_DONE)
            core->listener.event(core->listener.owner, event);
    }
    sink->next = core->events;
}

/* --- one command -------------------------------------------------------------------------------
 */

static void draw_salt(struct core *core, uint8_t salt[SALT_BYTES]) {
    if (entropy_draw(&core->entropy, salt, SALT_BYTES) == 0)
        return;
    log_line(LOG_LEVEL_ERROR, "no_entropy", "next=%lu", core->next);
    abort();
}

static void count_command(struct core *core, const struct command *command) {
    bool is_cover = command->verb == VERB_SEAL || command->verb == VERB_DIGEST;
    if (!is_cover && core->uncovered == CORE_NONE)
        core->uncovered = core->first;
    if (!is_cover)
        core->newest = core->first;
    core->since_mark += core->parts;
    if (command->verb == VERB_MARK) {
        core->since_mark = 0;
        counter_set(core->counters, COUNTER_MARK, core->first);
    }
    counter_set(core->counters, COUNTER_NEXT, core->next);
}

/* Between two commands: sends on what has gathered when it is much. */
static void flush_if_much(struct core *core) {
    if (core->submitted < CORE_FLUSH_BYTES)
        return;
    core->submitted = 0;
    core->agree->flush(core->agree);
}

static void look_version(struct core *core) {
    struct market_view market;
    engine_market(core->engine, &market);
    core->version = market.version == 0 ? 1 : market.version; /* before genesis */
}

/* Stamps, applies, records and submits; no ticks. */
static uint64_t apply(struct core *core, struct command *command, struct span bytes,
                      const struct core_origin *origin) {
    if (command->verb == VERB_GENESIS && command->genesis.version != 0)
        core->version = command->genesis.version;
    struct record_header header = {
        .sequence = core->next,
        .time_ns = core->now_ns,
        .received_ns = origin->received_ns,
        .participant = origin->participant,
        .session = origin->session,
        .number = command->stamp.number,
        .previous = origin->previous,
        .key = origin->key,
        .version = core->version,
    };
    flush_if_much(core);
    draw_salt(core, header.salt);
    command->stamp.sequence = core->next;
    command->stamp.time_ns = core->now_ns;
    command->stamp.session = origin->session;
    command->stamp.participant = origin->participant;
    command->stamp.key = origin->key;
    command->stamp.version = header.version;

    allocation_forbid();
    core->origin = origin;
    core->first = core->next;
    core->parts = 0;
    core->sink.next = core->events;
    record_begin(&core->writer, &core->output, &header, command, bytes);
    engine_apply(core->engine, command, &core->sink);
    encode_events(&core->sink);
    core->next += record_end(&core->writer);
    assert(core->next == core->first + core->parts);
    core->entry->is_last = true;
    core->agree->whole(core->agree);
    allocation_allow();
    if (command->verb == VERB_ACT || command->verb == VERB_APPROVE)
        look_version(core);
    count_command(core, command);
    return core->first;
}

static const struct core_origin OWN = {0};

/* An own command that is sequenced as it stands: no ticks before. */
static uint64_t apply_own(struct core *core, struct command *command) {
    uint8_t bytes[1024];
    struct request request = {.command = *command};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert(size > 0);
    return apply(core, command, (struct span){bytes, size}, &OWN);
}

void core_tick(struct core *core) {
    int64_t due_ns = engine_timer_due(core->engine);
    while (due_ns <= core->now_ns) {
        struct command command = {.verb = VERB_TICK, .tick = {.due_ns = due_ns}};
        apply_own(core, &command);
        due_ns = engine_timer_due(core->engine);
    }
}

/* --- public ------------------------------------------------------------------------------------
 */

void core_init(struct core *core, const struct core_parts *parts, uint64_t next, int64_t now_ns) {
    *core = (struct core){
        .engine = parts->engine,
        .agree = parts->agree,
        .listener = parts->listener,
        .note = parts->note,
        .counters = parts->counters,
        .stages = parts->stages,
        .hasher = parts->hasher,
        .next = next,
        .now_ns = now_ns,
        .uncovered = CORE_NONE,
        .assert_text = parts->assert_text,
        .output = {.room = entry_room, .done = entry_done, .salt = later_salt},
        .sink = {.flush = encode_events},
    };
    core->output.owner = core;
    core->sink.owner = core;
    core->sink.next = core->events;
    core->sink.end = core->events + CORE_EVENTS;
    look_version(core);
}

void core_time(struct core *core, int64_t now_ns) {
    if (now_ns > core->now_ns)
        core->now_ns = now_ns;
}

/* A planted fault for tests of the quarantine: configured only in a test environment. */
static void provoke(const struct core *core, const struct command *command) {
    size_t size = strlen(core->assert_text);
    if (size == 0 || command->verb != VERB_NEW_ORDER || command->new_order.text_bytes != size)
        return;
    bool is_provoked = memcmp(command->new_order.text, core->assert_text, size) == 0;
    assert(!is_provoked);
}

/* What a request does later it does too: it is remembered until its sweep has ended. */
static void keep_sweeper(struct core *core, uint64_t sequence, struct span bytes,
                         const struct core_origin *origin) {
    if (bytes.size > CORE_SWEEPER_BYTES_MAX || !engine_is_sweeping(core->engine, sequence))
        return;
    struct core_sweeper *kept = &core->sweepers[core->sweepers_at++ % CORE_SWEEPERS];
    kept->sweep = sequence;
    kept->session = origin->session;
    kept->size = (uint32_t)bytes.size;
    memcpy(kept->bytes, bytes.bytes, bytes.size);
}

/* A sweep that nobody asked for, or somebody before the last start, is not on the list. */
static void note_sweeper(const struct core *core, uint64_t sweep) {
    for (uint32_t i = 0; i < CORE_SWEEPERS; i++) {
        const struct core_sweeper *kept = &core->sweepers[i];
        if (kept->size != 0 && kept->sweep == sweep)
            quarantine_note(core->note, kept->session, (struct span){kept->bytes, kept->size});
    }
}

bool core_continue(struct core *core) {
    core_tick(core);
    if (!engine_continue_due(core->engine))
        return false;
    struct command command = engine_continue(core->engine);
    note_sweeper(core, command.continuation.sweep);
    apply_own(core, &command);
    quarantine_clear(core->note);
    return engine_continue_due(core->engine);
}

uint64_t core_request(struct core *core, struct command *command, struct span bytes,
                      const struct core_origin *origin) {
    stages_begin(core->stages, origin->received_mono_ns);
    core_tick(core);
    quarantine_note(core->note, origin->session, bytes);
    provoke(core, command);
    uint64_t sequence = apply(core, command, bytes, origin);
    if (engine_continue_due(core->engine))
        keep_sweeper(core, sequence, bytes, origin);
    quarantine_clear(core->note);
    counter_add(core->counters, COUNTER_REQUESTS, 1);
    stages_end(core->stages, core->next - 1);
    return sequence;
}

uint64_t core_quarantined(struct core *core, uint64_t number, struct span bytes,
                          const struct core_origin *origin) {
    assert(bytes.size <= CORE_QUARANTINED_BYTES_MAX);
    struct command command = {.verb = VERB_QUARANTINED};
    command.quarantined.bytes = bytes.bytes;
    command.quarantined.size = (uint32_t)bytes.size;
    uint8_t wrapped[CORE_QUARANTINED_BYTES_MAX + 64];
    struct request request = {.command = command};
    size_t size = codec_request_encode(&request, NULL, wrapped, sizeof wrapped);
    assert(size > 0);
    command.stamp.number = number; /* stands in the header: the wrapping has none of its own */
    core_tick(core);
    return apply(core, &command, (struct span){wrapped, size}, origin);
}

uint64_t core_own(struct core *core, struct command *command) {
    core_tick(core);
    return apply_own(core, command);
}

uint64_t core_begin(struct core *core, struct command *command) {
    assert(command->verb == VERB_START || command->verb == VERB_OUTAGE);
    return apply_own(core, command);
}

uint64_t core_verb(struct core *core, enum verb verb) {
    struct command command = {.verb = (uint8_t)verb};
    return core_own(core, &command);
}

uint64_t core_seal_as_of(struct core *core, uint64_t as_of, const struct hash *root) {
    core_tick(core);
    assert(as_of <= core->next);
    struct command command = {.verb = VERB_SEAL, .seal = {.as_of = as_of}};
    memcpy(command.seal.root, root->bytes, HASH_BYTES);
    core->uncovered = core->newest >= as_of ? core->newest : CORE_NONE;
    return apply_own(core, &command);
}

uint64_t core_seal(struct core *core) {
    struct hash root;
    core_tick(core);
    hasher_digest(core->hasher, "", 0, &root);
    return core_seal_as_of(core, core->next, &root);
}
