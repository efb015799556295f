/*
 * Events as the protobuf Report that their audience receives. Written once, by hand, equal to the
 * byte to what protobuf-c would write (a test compares).
 *
 * Threads: pure functions.
 */
#ifndef PROTO_CODEC_EVENT_H
#define PROTO_CODEC_EVENT_H

#include "engine/command.h"
#include "engine/event.h"

/* No encoded Report is longer; but for what an entry of the register says, none is longer than
 * CODEC_REPORT_BYTES_SMALL; those of a sweep stay below 128: rings are sized by that. */
#define CODEC_REPORT_BYTES_SMALL 192
#define CODEC_REPORT_BYTES_MAX   512

/* What a report says beyond the event's own fields: OrderQty is leaves + cum in a TRADE and
 * quantity + cum (what was left and what had traded) in CANCELED and EXPIRED; a KILLED names the
 * participant in `to` when it is for a participant, and the session in `id`.
 *
 * Encodes `event` of `command`, which stands at `place` in the record `sequence` (together its
 * ExecID). cl_ord_id is set on events for the session that sent the command; `text` is echoed in
 * NEW. Returns the bytes written to `out`, which has room for CODEC_REPORT_BYTES_MAX. */
size_t codec_event_encode(const struct event *event, const struct command *command,
                          uint64_t sequence, uint32_t place, uint8_t *out);

#endif
