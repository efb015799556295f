/*
 * The state digest: the hash over everything that engine_digest() feeds. Two engines with the same
 * history have the same, wherever they lie; the ledger names it in a Digest command.
 *
 * Threads: any that owns the hasher and may look into the engine, also into a copy.
 */
#ifndef LEDGER_STATE_DIGEST_H
#define LEDGER_STATE_DIGEST_H

#include "engine/engine.h"
#include "ledger/crypto.h"

void state_digest(struct hasher *hasher, const struct engine *engine, struct hash *digest);

#endif
