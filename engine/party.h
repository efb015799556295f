/*
 * Participants, their keys and their accounts: the acts that make and change them.
 *
 * Each act has a check, which changes nothing, and what does it, which may rely on the check. What
 * makes something returns its number.
 */
#ifndef ENGINE_PARTY_H
#define ENGINE_PARTY_H

#include "engine/state.h"

struct refusal party_check_add(const struct engine *engine, const struct add_participant *add);
uint32_t party_add(struct engine *engine, const struct add_participant *add);

struct refusal party_check_add_key(const struct engine *engine, const struct add_key *add);
uint32_t party_add_key(struct engine *engine, const struct add_key *add);

/* A revoked key's proposals end with it. Its participant's orders are the caller's. */
struct refusal party_check_revoke(const struct engine *engine, const struct revoke_key *revoke);
void party_revoke_key(struct engine *engine, const struct revoke_key *revoke);

/* Keys that sign checkpoints; numbered in the order in which they came. One stays in force. */
/* A key that signs must be of the ledger's profile: OUT_OF_LIMITS, and how large one is. */
struct refusal party_check_signing_key(const struct engine *engine, const struct signing_key *key);

struct refusal party_check_checkpoint_key(const struct engine *engine,
                                          const struct checkpoint_key *wanted);
uint32_t party_checkpoint_key(struct engine *engine, const struct checkpoint_key *wanted);

struct refusal party_check_add_account(const struct engine *engine, const struct add_account *add);
uint32_t party_add_account(struct engine *engine, const struct add_account *add);

/* Cash or shares, in or out of the exchange. All that is in fits an int64, so no account can ever
 * hold what does not. */
struct refusal party_check_deposit(const struct engine *engine, const struct deposit *deposit);
void party_deposit(struct engine *engine, const struct deposit *deposit);

/* The number of a key, 0 when unknown. */
uint32_t party_find_key(const struct engine *engine, const uint8_t key[KEY_BYTES]);

#endif
