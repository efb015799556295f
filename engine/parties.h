/*
 * Parties: the persons and firms that own, pledge and lend, and the keys that sign for them.
 *
 * A party is found by its code (legal persons) or by its identity's hash (natural ones), never by
 * its name. It acts through a participant, its own or, under a mandate, another's; what binds it
 * for good is signed by a key of its own. Parties are never taken out.
 *
 * Each deed has a check, which changes nothing, and what does it, which may rely on the check and
 * returns the number of what the deed is about.
 */
#ifndef ENGINE_PARTIES_H
#define ENGINE_PARTIES_H

#include "engine/state.h"

struct refusal parties_check_add(const struct call *call, const struct deed *deed);
uint64_t parties_add(const struct call *call, const struct deed *deed);

struct refusal parties_check_add_key(const struct call *call, const struct deed *deed);
uint64_t parties_add_key(const struct call *call, const struct deed *deed);

struct refusal parties_check_revoke_key(const struct call *call, const struct deed *deed);
uint64_t parties_revoke_key(const struct call *call, const struct deed *deed);

/* UNKNOWN_PARTY unless the party exists; `field` is what named it. */
struct refusal parties_check_exists(const struct engine *engine, uint32_t party, enum field field);

/* The number of a legal person, or of a natural one; 0 when unknown. */
uint32_t parties_find_code(const struct engine *engine, const char *code, size_t bytes);
uint32_t parties_find_identity(const struct engine *engine, const uint8_t identity[HASH_BYTES]);

/* Moves the table to another size, at least as large. */
void parties_table_resize(struct engine *engine, uint32_t bits);

#endif
