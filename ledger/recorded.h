/*
 * What a stored record asked for: its request decoded, of any command or of a Seal; and whether it
 * was done.
 *
 * For whoever looks at one record; who reads them all decodes into memory of his own (replay.h).
 *
 * Threads: any.
 */
#ifndef LEDGER_RECORDED_H
#define LEDGER_RECORDED_H

#include "ledger/record.h"
#include "proto/codec_request.h"

/* Reads a command's first record and its request; both point into `bytes`. False when it is none.
 */
bool recorded_read(struct span bytes, struct record *record, struct request *request);

/* A request's verb by its first bytes, without decoding it; 0 when it has none, as later parts. */
uint64_t recorded_verb(struct span request);

/* Reads a Seal's record. False when it is none. */
bool recorded_seal(struct span bytes, struct seal *seal);

/* Whether a command was carried out that is an act or a deed of this kind (enum act_kind or
 * deed_kind, whose numbers differ); *id is then what it was about. */
bool recorded_done(const struct record *record, uint8_t kind, uint64_t *id);

#endif
