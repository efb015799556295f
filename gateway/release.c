/* Two passes: chain the slices by session, then write each session's frames. */
#include "gateway/release.h"

#include <assert.h>

/* A frame is closed at the next record once it holds this much: the reports of one record, with
 * what each costs, still fit behind it. */
#define FRAME_FULL_BYTES                                                                           \
    (REPLY_FRAME_BYTES_MAX - REPLY_RECORD_BYTES_MAX(RECORD_BYTES_MAX, RECORD_SLICES_MAX) -         \
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

/* The link of the chain that a slice is in: a session's, or a drop copy's. */
static uint32_t *link_of(struct entry_slice *slice, bool is_copy) {
    return is_copy ? &slice->copy_next : &slice->next;
}

/* Appends a slice to the chain of a session or drop copy that keeps up. */
static void chain(struct release *release, uint32_t number, bool is_copy,
                  struct entry_slice *slice) {
    struct session *session = sessions_get(release->outbox->sessions, number);
    session->event_next = slice->sequence + 1;
    session->is_seen = true;
    if (session->state != SESSION_LIVE && !session->is_holding)
        return;
    uint32_t place = place_of(release, slice);
    *link_of(slice, is_copy) = SLICE_NONE;
    if (session->slices_first == SLICE_NONE) {
        session->slices_first = place;
        session->touched_next = release->touched;
        release->touched = number;
    } else {
        *link_of(slice_at(release, session->slices_last), is_copy) = place;
    }
    session->slices_last = place;
}

static void chain_slice(struct release *release, const struct entry *entry,
                        struct entry_slice *slice) {
    const struct sessions *sessions = release->outbox->sessions;
    slice->record = place_of(release, entry_record(entry));
    if (slice->audience == AUDIENCE_SESSION)
        chain(release, slice->to, false, slice);
    if (sessions->copies_up == 0)
        return;
    uint32_t participant =
        slice->audience == AUDIENCE_SESSION ? owners_of(sessions->owners, slice->to) : slice->to;
    assert(participant != 0);
    chain(release, owners_copy(sessions->owners, participant), true, slice);
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
            release->outbox->counters, HISTOGRAM_ANSWER_REQUEST,
            wall_ns > entry->received_ns ? (uint64_t)(wall_ns - entry->received_ns) : 0, 1);
    } else if (entry->verb == VERB_SESSION_UP) {
        release->listener.session_up(release->listener.owner, entry->session, entry->sequence);
    }
}

/* Writes slices from *place on into a frame's events, until it is full or the chain ends. Returns
 * the bytes; *place is the slice that begins the next frame. */
static size_t put_events(struct release *release, uint32_t *place, bool is_copy, uint8_t *out) {
    size_t used = 0;
    uint64_t reports = 0;
    uint64_t sequence = slice_at(release, *place)->sequence;
    while (*place != SLICE_NONE) {
        struct entry_slice *slice = slice_at(release, *place);
        if (slice->sequence != sequence && used > FRAME_FULL_BYTES)
            break;
        sequence = slice->sequence;
        const uint8_t *record = release->ring->memory + (size_t)slice->record * ENTRY_ALIGNMENT;
        used += reply_put_event(out + used, record + slice->offset, slice->size);
        if (is_copy)
            used +=
                reply_put_session(out + used, slice->audience == AUDIENCE_SESSION ? slice->to : 0);
        reports++;
        *place = *link_of(slice, is_copy);
    }
    counter_add(release->outbox->counters, COUNTER_REPORTS, reports);
    return used;
}

/* Writes and sends the frames of one session or drop copy; the last one ends at `next`. */
static void send_chain(struct release *release, uint32_t number, uint64_t next) {
    struct session *session = sessions_get(release->outbox->sessions, number);
    bool is_copy = sessions_is_copy(release->outbox->sessions, number);
    uint8_t *scratch = release->outbox->scratch;
    uint32_t place = session->slices_first;
    session->slices_first = SLICE_NONE;
    while (place != SLICE_NONE) {
        /* It may have begun to lag with the frame before, or lost its hold. */
        if (session->state != SESSION_LIVE && !session->is_holding)
            return;
        size_t used = put_events(release, &place, is_copy, scratch);
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
