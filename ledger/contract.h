/*
 * The contract that whoever drives an engine keeps (engine/engine.h), as a check: so that a ledger
 * that breaks it is a finding, and not an assertion in the engine.
 *
 * The core keeps the contract by what it does; a replay cannot know who wrote its ledger, and asks
 * before each command. Nothing is changed.
 *
 * Threads: the engine's.
 */
#ifndef LEDGER_CONTRACT_H
#define LEDGER_CONTRACT_H

#include "engine/engine.h"
#include "ledger/finding.h"
#include "ledger/record.h"
#include "proto/codec_request.h"

/* True when the command may be applied with this header's stamp: time does not go back; no timer
 * is due before it, or it is the Tick of the earliest; a Continue names the oldest unfinished
 * sweep; a participant's request comes from a session that exists, under its participant, with a
 * number above its last, and names its request before; the exchange's own commands name nobody and
 * are possible; the version is the one in force, and none is activated that this release does not
 * know. `engine` is NULL before GENESIS, which is then the only command. Else false, and a finding
 * of kind CONTRACT, ORDER or REQUEST. (Who may send what is the engine's to say: what is sequenced
 * without authority is a recorded refusal.) */
bool contract_check(const struct engine *engine, const struct record_header *header,
                    const struct command *command, struct finding *finding);

#endif
