/*
 * Random events, and each as protobuf-c writes its Report: filled in field by field by name.
 */
#ifndef TESTS_PROPERTY_RANDOM_EVENT_H
#define TESTS_PROPERTY_RANDOM_EVENT_H

#include "engine/command.h"
#include "engine/event.h"
#include "tests/property/random_request.h"

/* Every kind of event; random_event_make() takes one of them, or 0 for any. */
#define RANDOM_EVENT_KINDS 18
extern const uint8_t random_event_kinds[RANDOM_EVENT_KINDS];

/* An event, as the engine could make it for some command: sometimes with every number at its
 * largest. `session` is that of the command, to which some events go. */
void random_event_make(struct random *random, uint8_t kind, uint32_t session, struct event *event);

/* Where an event stands: its ExecID. */
struct event_place {
    uint64_t sequence;
    uint32_t place;
};

/* Packs the Report; returns the bytes written to `out`, which has room for 1 KiB. */
size_t event_image_pack(const struct event *event, const struct command *command,
                        struct event_place at, uint8_t *out);

#endif
