/*
 * What record 0 says: origin, environment, limits, and the first keys.
 *
 * Threads: as the reader.
 */
#ifndef LEDGER_GENESIS_H
#define LEDGER_GENESIS_H

#include "engine/command.h"
#include "ledger/reader.h"

/* Reads it. Returns 0; NOT_FOUND without a line when the ledger is empty or begins later; DAMAGED
 * without a line when record 0 is none; or what reader_get() returns. */
int genesis_read(struct reader *reader, struct genesis *genesis);

#endif
