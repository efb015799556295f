/*
 * Administration: acts by one key, or by two as a proposal and an approval.
 *
 * Checks, in order: KEY_REVOKED, NOT_AUTHORISED, DISK_RESERVE, NEEDS_TWO_KEYS, then the act's own.
 * A proposal is checked like the act itself, and again when it is approved; an approval that is
 * refused leaves the proposal standing.
 *
 * To add an act: its struct in command.h, its row in authority.c, its cases in act.c (check_act,
 * do_act, and subject_of where a participant may act about itself) and in digest.c (put_act). A
 * test proposes every act of the table, so a forgotten case is an assertion that fails there.
 */
#ifndef ENGINE_ACT_H
#define ENGINE_ACT_H

#include "engine/state.h"

void act_request(const struct call *call);
void act_propose(const struct call *call);
void act_approve(const struct call *call);

#endif
