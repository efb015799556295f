/*
 * The market as a whole: its days, halts, kills, outages and reopenings.
 *
 * As in party.h, an act has a check, which changes nothing, and what does it; here the latter also
 * writes its events, DONE first.
 */
#ifndef ENGINE_MARKET_H
#define ENGINE_MARKET_H

#include "engine/state.h"

/* GENESIS: the operator is participant 1, with keys 1 and 2 of two persons, and sessions 1 and 2.
 * What was only created counts as cleanly stopped. */
void market_begin(const struct call *call);

/* A later day than any before. One that is still open, because nobody closed it, ends here: a day
 * that was never closed expires what a closed one would have. */
struct refusal market_check_open(const struct engine *engine, const struct day *day);
void market_open(const struct call *call, const struct day *day);

/* Expires what is not good for longer, and ends all proposals. */
struct refusal market_check_close(const struct engine *engine, const struct day *day);
void market_close(const struct call *call, const struct day *day);

/* Instrument 0: every instrument that there is. */
struct refusal market_check_halt(const struct engine *engine, const struct halt *halt);
void market_halt(const struct call *call, const struct halt *halt);

/* One scope, or none for the whole exchange. Killing what is killed cancels once more. */
struct refusal market_check_kill(const struct engine *engine, const struct act *act);
void market_kill(const struct call *call, const struct act *act);

/* Not before the last new band's sweep of the same instrument has ended. */
struct refusal market_check_band(const struct engine *engine, const struct set_band *set);
void market_set_band(const struct call *call, const struct set_band *set);

/* OUTAGE and START: all sessions are down. After an outage nothing trades before the reopening. */
void market_outage(const struct call *call);
void market_start(const struct call *call);

/* Continuous trading again, straight away; the common grace of sessions begins. */
void market_reopen(const struct call *call);

#endif
