/*
 * Mandates: that a participant acts for a party which has no keys of its own here, or wants not to
 * use them (RULES.md, section 6).
 *
 * A mandate has a scope (kinds of deeds), a limit in money, a term and the digest of the power of
 * attorney. It is granted by a deed that the principal has signed; for a party without any key in
 * force the registrar enters it, who has seen the paper. It ends when it is revoked, by the
 * principal, the agent or the registrar, or lapses at the end of its last day. What it covers it
 * covers at the time of the deed: what was done before stays done.
 *
 * A mandate is to act, not to confirm: what needs the party's own signature needs it still
 * (confirm.h).
 */
#ifndef ENGINE_MANDATE_H
#define ENGINE_MANDATE_H

#include "engine/state.h"

struct refusal mandate_check_grant(const struct call *call, const struct deed *deed);
uint64_t mandate_grant(const struct call *call, const struct deed *deed);

struct refusal mandate_check_revoke(const struct call *call, const struct deed *deed);
uint64_t mandate_revoke(const struct call *call, const struct deed *deed);

/* Its term has ended. */
void mandate_timer_fires(const struct call *call, uint32_t mandate);

/* A party is merged into another: its mandates are that one's from now on, and are told again. */
void mandate_succeed(const struct call *call, uint32_t party, uint32_t successor);

/* What somebody would do under a mandate. */
struct mandate_use {
    uint32_t principal;
    uint32_t agent;
    uint8_t kind;       /* enum deed_kind */
    int64_t amount_fen; /* 0: it is about none */
};

/* NONE when a mandate in force covers it; NOT_AUTHORISED on_behalf_of without any, else
 * MANDATE_SCOPE: scope (of those in force), or limit (the highest that there is for it). */
struct refusal mandate_check_use(const struct engine *engine, const struct mandate_use *use);

/* Whether a participant has any mandate of the party in force. */
bool mandate_is_agent(const struct engine *engine, uint32_t principal, uint32_t agent);

/* The bit of enum mandate_scope that covers a kind of deed; 0: no mandate does. */
uint32_t mandate_scope_of(uint8_t kind);

/* Asserts that the lists are those of what is in force. */
void mandate_check(const struct engine *engine);

#endif
