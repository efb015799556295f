/*
 * Certificates as the engine knows them: who may ask for one, and their numbers. That somebody
 * asked, and for what, is thereby recorded; the file is made outside (gateway/certifier.h).
 *
 * A right is public: anybody may ask. What a party holds, and all that names a party, is for those
 * whom it concerns: the party through its participant, whoever the party has signed for, the
 * account's participant, and those who keep, watch and run the register.
 *
 * Source: RULES.md, section 3, Answers.
 */
#ifndef ENGINE_CERTIFICATES_H
#define ENGINE_CERTIFICATES_H

#include "engine/state.h"

/* UNKNOWN_RIGHT of an asset that nobody has admitted, and of one that is not the asker's to see:
 * the two are not told apart. */
struct refusal certificates_check(const struct call *call, const struct deed *deed);

/* Returns the certificate's number. */
uint64_t certificates_ask(const struct call *call, const struct deed *deed);

#endif
