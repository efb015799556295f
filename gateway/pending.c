/* Two rings: places of requests, and their bytes; a request's bytes never wrap around. */
#include "gateway/pending.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"

#define FRAME_TAG         WIRE_TAG(1, WIRE_BYTES)
#define FRAMING_BYTES_MAX 4 /* tag, and a length below 2^21 */

static struct pending_request *at(const struct pending *pending, uint64_t position) {
    return &pending->requests[position % PENDING_REQUESTS_MAX];
}

bool pending_init(struct pending *pending) {
    *pending = (struct pending){
        .requests = calloc(PENDING_REQUESTS_MAX, sizeof(struct pending_request)),
        .bytes = malloc(PENDING_BYTES_MAX + WIRE_SLACK),
    };
    if (pending->requests != NULL && pending->bytes != NULL)
        return true;
    pending_fini(pending);
    return false;
}

void pending_fini(struct pending *pending) {
    free(pending->requests);
    free(pending->bytes);
    *pending = (struct pending){0};
}

/* Where `size` bytes have room, or PENDING_BYTES_MAX when nowhere. */
static uint32_t find_room(const struct pending *pending, size_t size) {
    if (pending->first == pending->end)
        return size <= PENDING_BYTES_MAX ? 0 : PENDING_BYTES_MAX;
    const struct pending_request *newest = at(pending, pending->end - 1);
    uint32_t free_from = newest->offset + newest->size;
    uint32_t used_from = at(pending, pending->first)->offset;
    if (free_from <= used_from) /* the bytes have wrapped around */
        return size <= used_from - free_from ? free_from : PENDING_BYTES_MAX;
    if (size <= PENDING_BYTES_MAX - free_from)
        return free_from;
    return size <= used_from ? 0 : PENDING_BYTES_MAX;
}

bool pending_add(struct pending *pending, uint64_t number, struct span request) {
    assert(pending->first == pending->end || number > at(pending, pending->end - 1)->number);
    if (pending->end - pending->first == PENDING_REQUESTS_MAX)
        return false;
    uint32_t offset = find_room(pending, request.size + FRAMING_BYTES_MAX);
    if (offset == PENDING_BYTES_MAX)
        return false;
    uint8_t *start = pending->bytes + offset;
    *start = FRAME_TAG;
    uint8_t *end = wire_put_bytes(start + 1, request.bytes, request.size);
    *at(pending, pending->end++) = (struct pending_request){
        .number = number, .offset = offset, .size = (uint32_t)(end - start)};
    pending->unanswered++;
    return true;
}

uint32_t pending_next(struct pending *pending, uint32_t count_max, struct span *frame) {
    while (pending->unsent < pending->end && at(pending, pending->unsent)->is_answered)
        pending->unsent++;
    uint64_t position = pending->unsent;
    uint32_t end = position < pending->end ? at(pending, position)->offset : 0;
    *frame = (struct span){pending->bytes + end, 0};
    for (; position < pending->end && position - pending->unsent < count_max; position++) {
        const struct pending_request *request = at(pending, position);
        if (request->is_answered || request->offset != end ||
            frame->size + request->size > FRAME_BYTES_MAX)
            break;
        end += request->size;
        frame->size += request->size;
    }
    return (uint32_t)(position - pending->unsent);
}

void pending_sent(struct pending *pending, uint32_t count) {
    assert(count <= pending->end - pending->unsent);
    pending->unsent += count;
    pending->in_flight += count;
}

/* The position of a number; `end` when it is not there. */
static uint64_t find(const struct pending *pending, uint64_t number) {
    uint64_t low = pending->first;
    uint64_t high = pending->end;
    if (low == high || number == at(pending, low)->number)
        return low;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (at(pending, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pending->end && at(pending, low)->number == number ? low : pending->end;
}

bool pending_answered(struct pending *pending, uint64_t number) {
    uint64_t position = find(pending, number);
    if (position == pending->end || at(pending, position)->is_answered)
        return false;
    at(pending, position)->is_answered = true;
    pending->unanswered--;
    if (position < pending->unsent)
        pending->in_flight--;
    while (pending->first < pending->end && at(pending, pending->first)->is_answered)
        pending->first++;
    if (pending->unsent < pending->first)
        pending->unsent = pending->first;
    return true;
}

void pending_rewind(struct pending *pending) {
    pending->unsent = pending->first;
    pending->in_flight = 0;
}
