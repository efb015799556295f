/*
 * Who acts for a party, and what it has confirmed itself (RULES.md, section 6).
 *
 * A party *acts* through a participant: its own, or under a mandate another's, and then the deed
 * says on whose behalf. What binds a party for good it also *signs*, with a key of its own; whoever
 * sends the deed. The cryptography has been done before a deed is sequenced (a false signature is
 * refused there, BAD_SIGNATURE); here it is only asked whose key has signed.
 *
 * A signature counts once: each names a serial, which its key has not used before. The engine keeps
 * the PARTY_KEY_SERIALS highest that were used; one of those, or one below all of them, is refused.
 * So serials may come out of order by that many, and counters and times do alike. A serial is used
 * when the deed is done: what was refused may be sent again as it is.
 *
 * How a deed's check asks (the order of the fields is the order to ask in):
 *
 *     refusal = party_check_acts(call, apply->pledgor, apply->amount_fen);     who sends it
 *     refusal = party_check_sides(call, apply->pledgor, apply->pledgee);       where there are two
 *     refusal = deed_check_signed_by(engine, deed, apply->pledgor);            who must sign
 */
#ifndef ENGINE_CONFIRM_H
#define ENGINE_CONFIRM_H

#include "engine/state.h"

/* Whether the sender's participant may act for the party with this deed: it is the party's own, or
 * the deed is on the party's behalf under a mandate that covers its kind. */
bool party_acts(const struct call *call, uint32_t party);

/* The same as a refusal, of a deed about so much money (0: about none): NOT_AUTHORISED party, or
 * MANDATE_SCOPE naming what the mandate lacks. The party must exist. */
struct refusal party_check_acts(const struct call *call, uint32_t party, int64_t amount_fen);

/* One agent never acts for both sides: MANDATE_SCOPE on_behalf_of when the sender's participant
 * acts for one of the two under a mandate, and in any way for the other. */
struct refusal party_check_sides(const struct call *call, uint32_t one, uint32_t other);

/* Whether one of the deed's signatures is by a key of the party, or of one that was merged into it,
 * that is in force. */
bool deed_signed_by(const struct engine *engine, const struct deed *deed, uint32_t party);

/* The same as a refusal: BAD_SIGNATURE signature, its limit the party that has not signed. */
struct refusal deed_check_signed_by(const struct engine *engine, const struct deed *deed,
                                    uint32_t party);

/* What holds of every deed, before its own check: its signatures are by keys that there are
 * (UNKNOWN_KEY), in force (KEY_REVOKED), of two parties and two persons (MANDATE_SCOPE person),
 * still to be used (BAD_SIGNATURE expires) and not used yet (SERIAL_USED, its limit the least that
 * may be); and what it is on behalf of is a mandate's principal. */
struct refusal confirm_check(const struct call *call);

/* The deed is done: its serials are used. */
void confirm_use(struct engine *engine, const struct deed *deed);

/* Asserts that serials stand upward. */
void confirm_check_state(const struct engine *engine);

#endif
