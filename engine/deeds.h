/*
 * Carrying out deeds (engine/deed.h): who may, whether it is possible, and doing it.
 *
 * Checks, in order: KEY_REVOKED, NOT_AUTHORISED, DISK_RESERVE, what holds of every signature and
 * mandate (confirm.h), then the deed's own, which ask who acts and who has signed first. A deed
 * that is done is answered DONE with the number of what it made; one that is refused names the
 * field, and the entry that stands in its way.
 *
 * To add a deed: its struct in deed.h, its row in authority.c, its rule in proto/schema.c and
 * message in tpx.proto, and its row in deeds.c; a test sends every deed of the table, so a
 * forgotten one is an assertion that fails there.
 *
 * Deeds count from VERSION_REGISTER on; before it they are refused.
 */
#ifndef ENGINE_DEEDS_H
#define ENGINE_DEEDS_H

#include "engine/state.h"

void deeds_request(const struct call *call);

#endif
