/*
 * The lines of a scenario: each function reads the rest of one kind of line and does what it says.
 * README.md in this folder lists them all.
 *
 * They return false when a word is not understood; stage->words.fault says which.
 */
#ifndef TESTS_SCENARIO_SAY_H
#define TESTS_SCENARIO_SAY_H

#include "tests/scenario/stage.h"

/* Any line, without its "-> ...". */
bool say_line(struct stage *stage, const char *line);

/* What a scenario may ask for before the stage is set. *is_one says whether the line was one. */
bool say_setting(struct stage *stage, bool *is_one);

/* After the name of who says it: buys, sells, replaces, cancels. *is_one as above. */
bool say_order(struct stage *stage, struct actor *actor, bool *is_one);

/* After the name: joins, has, and every act, alone, proposed or approved. `is_two_keys`: both
 * operators say it, one after the other. */
bool say_act(struct stage *stage, struct actor *actor, bool is_two_keys);

/* After the name: what is told of parties and rights, and to the register. *is_one as above. */
bool say_deed(struct stage *stage, struct actor *actor, bool *is_one);

/* A mandate: to be granted and revoked; *made names what the deed makes. */
bool say_grants(struct stage *stage, struct deed *deed, const char **made);
bool say_revokes_mandate(struct stage *stage, struct deed *deed);

/* Behind any deed: "signed by KEY [and KEY] [serial N] [expires TIME]", "on behalf of PARTY".
 * False without a fault when none of these comes. */
bool say_confirmed(struct stage *stage, struct deed *deed);
/* Whether a detail of the deed itself may still come: neither this nor say_as(). */
bool say_more(const struct stage *stage);

/* mandate NAME */
bool say_see_mandate(struct stage *stage);
/* What authorities order (say_freeze.c); *made names what the deed makes. */
bool say_freezes(struct stage *stage, struct deed *deed, const char **made);
bool say_renews(struct stage *stage, struct deed *deed);
bool say_lifts(struct stage *stage, struct deed *deed);
bool say_forbids(struct stage *stage, struct deed *deed);
bool say_locks(struct stage *stage, struct deed *deed);
bool say_objects(struct stage *stage, struct deed *deed);
bool say_ends_entry(struct stage *stage, struct deed *deed);

/* Consents and transfers (say_transfer.c). */
bool say_consents(struct stage *stage, struct deed *deed, const char **made);
bool say_revokes_consent(struct stage *stage, struct deed *deed);
bool say_transfers(struct stage *stage, struct deed *deed, const char **made);
bool say_confirms_transfer(struct stage *stage, struct deed *deed);
bool say_ends_transfer(struct stage *stage, struct deed *deed);
bool say_pays_out(struct stage *stage, struct deed *deed);
bool say_see_transfer(struct stage *stage);

/* freeze NAME; entries of ASSET */
bool say_see_freeze(struct stage *stage);
bool say_see_entries(struct stage *stage);

/* After the name: pledges. *is_one as above. And what a pledge looks like: pledge NAME. */
bool say_pledge(struct stage *stage, struct actor *actor, bool *is_one);
bool say_see_pledge(struct stage *stage);

/* Rights on sale: "firms ..." before anybody speaks; after the name; what only looks. */
bool say_firms(struct stage *stage, bool *is_one);
bool say_listing(struct stage *stage, struct actor *actor, bool *is_one);
bool say_see_listing(struct stage *stage);
bool say_see_escrow(struct stage *stage);
const char *say_listing_state(uint8_t state);
void say_write_moment(char *out, int64_t ns); /* at least 48 bytes */

/* instrument HX ...: an operator adds it, aside from the line. */
bool say_instrument(struct stage *stage);

/* Time and what the exchange itself commands. */
bool say_own(struct stage *stage, bool *is_one);

/* What only looks: the answer is written to stage->got. */
bool say_check(struct stage *stage, bool *is_one);

/* "asks for certificate of ...". */
bool say_certificate(struct stage *stage, struct deed *deed);

/* "reserves the rank on ...". */
bool say_reserves(struct stage *stage, struct deed *deed);

/* Shared by several kinds of lines: a name of a kind that must be known, an instrument that may
 * not be, and who a request is sent as ("on SESSION", "with KEY", "from ACCOUNT"). */
bool say_known(struct stage *stage, enum cast_kind kind, uint32_t *id);
uint32_t say_any(struct stage *stage, enum cast_kind kind);
bool say_as(struct stage *stage, struct actor *actor);

#endif
