/* Two passes: chain the slices by session, then write each session's frames. */
#include "gateway/release.h"

#include <assert.h>

/* A frame is closed at the next record once it holds this much: the reports of one record, with
 * what each costs, still fit behind it. */
#define FRAME_FULL_BYTES                                                                           \
    (REPLY_FRAME_BYTES_MAX - RECORD_BYTES_MAX - RECORD_SLICES_MAX * REPLY_EVENT_OVERHEAD_MAX -     \
     REPLY_HEAD_BYTES_MAX)
_Static_assert(FRAME_FULL_BYTES > 0, "a frame holds the reports of a whole record");

void release_init(struct release *release, struct byte_ring *ring, struct outbox *outbox,
                  const struct release_listener *listener, uint64_t next) {
    *release =
        (struct release){.ring = ring, .outbox = outbox, .listener = *listener, .next = next};
}

static struct entry_slice *slice_at(const struct release *release, uint32_t place) {
    return (struct entry_slice *)(void *)(release->ring->memory + (size_t)place * ENTRY_ALIGNMENT);
}

static uint32_t place_of(const struct release *release, const void *address) {
    return (uint32_t)((size_t)((const uint8_t *)address - release->ring->memory) / ENTRY_ALIGNMENT);
}

static void chain_slice(struct release *release, const struct entry *entry,
                        struct entry_slice *slice) {
    struct session *session = sessions_get(release->outbox->sessions, slice->session);
    session->event_next = slice->sequence + 1;
    session->is_seen = true;
    if (session->state != SESSION_LIVE && !session->is_holding)
        return;
    uint32_t place = place_of(release, slice);
    slice->record = place_of(release, entry_record(entry));
    slice->next = SLICE_NONE;
    if (session->slices_first == SLICE_NONE) {
        session->slices_first = place;
        session->touched_next = release->touched;
        release->touched = slice->session;
    } else {
        slice_at(release, session->slices_last)->next = place;
    }
    session->slices_last = place;
}

static void take_entry(struct release *release, const struct entry *entry, int64_t wall_ns) {
    struct entry_slice *slices = entry_slices(entry);
    for (uint32_t i = 0; i < entry->slices; i++)
        chain_slice(release, entry, &slices[i]);
    if (!entry->is_first)
        return;
    if (entry->is_request) {
        struct session *session = sessions_get(release->outbox->sessions, entry->session);
        assert(session->in_flight > 0);
        session->in_flight--;
        counter_histogram_add(
            release->outbox->counters, HISTOGRAM_ANSWER,
            wall_ns > entry->received_ns ? (uint64_t)(wall_ns - entry->received_ns) : 0, 1);
    } else if (entry->verb == VERB_SESSION_UP) {
        release->listener.session_up(release->listener.owner, entry->session, entry->sequence);
    }
}

/* Writes slices from *place on into a frame's events, until it is full or the chain ends. Returns
 * the bytes; *place is the slice that begins the next frame. */
static size_t put_events(struct release *release, uint32_t *place, uint8_t *out) {
    size_t used = 0;
    uint64_t reports = 0;
    uint64_t sequence = slice_at(release, *place)->sequence;
    while (*place != SLICE_NONE) {
        const struct entry_slice *slice = slice_at(release, *place);
        if (slice->sequence != sequence && used > FRAME_FULL_BYTES)
            break;
        sequence = slice->sequence;
        const uint8_t *record = release->ring->memory + (size_t)slice->record * ENTRY_ALIGNMENT;
        used += reply_put_event(out + used, record + slice->offset, slice->size);
        reports++;
        *place = slice->next;
    }
    counter_add(release->outbox->counters, COUNTER_REPORTS, reports);
    return used;
}

/* Writes and sends the frames of one session; the last one ends at `next`. */
static void send_chain(struct release *release, uint32_t number, uint64_t next) {
    struct session *session = sessions_get(release->outbox->sessions, number);
    uint8_t *scratch = release->outbox->scratch;
    uint32_t place = session->slices_first;
    session->slices_first = SLICE_NONE;
    while (place != SLICE_NONE) {
        /* It may have begun to lag with the frame before, or lost its hold. */
        if (session->state != SESSION_LIVE && !session->is_holding)
            return;
        size_t used = put_events(release, &place, scratch);
        struct reply_head head = {.from = outbox_live_from(session), .next = next};
        if (place != SLICE_NONE)
            head.next = slice_at(release, place)->sequence;
        used += reply_put_head(scratch + used, &head);
        outbox_live(release->outbox, number, used, head.next);
    }
}

void release_run(struct release *release, uint64_t durable, int64_t wall_ns) {
    uint64_t position = release->position;
    size_t size;
    assert(durable >= release->next);
    while (release->next < durable) {
        const struct entry *entry =
            (const struct entry *)(const void *)byte_ring_own(release->ring, &position, &size);
        assert(entry != NULL && entry->sequence == release->next);
        take_entry(release, entry, wall_ns);
        release->next++;
    }
    while (release->touched != 0) {
        uint32_t number = release->touched;
        release->touched = sessions_get(release->outbox->sessions, number)->touched_next;
        send_chain(release, number, release->next);
    }
    release->position = position;
    byte_ring_free(release->ring, position);
    counter_set(release->outbox->counters, COUNTER_RELEASED, release->next);
}
