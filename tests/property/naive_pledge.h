/*
 * Pledges as numbers in arrays: who is refused, and for what, and what is bound of what. Written to
 * be obviously right: everything is counted again from all pledges whenever it is asked for.
 *
 * Its world is small: parties 1 and 2 own trademarks (pledged as often as one likes), inventions
 * (once) and shares (once) in an account with the party's number; parties 3 and 4 lend.
 */
#ifndef TESTS_PROPERTY_NAIVE_PLEDGE_H
#define TESTS_PROPERTY_NAIVE_PLEDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/deed.h"
#include "engine/reason.h"

#define NAIVE_PARTIES     4u
#define NAIVE_OWNERS      2u /* the first of them */
#define NAIVE_RIGHTS      6u /* trademarks up to NAIVE_TRADEMARKS, then inventions */
#define NAIVE_TRADEMARKS  3u
#define NAIVE_PLEDGES_MAX 64u
#define NAIVE_ITEMS_MAX   3u

struct naive_item {
    uint8_t asset_kind;
    uint32_t asset;
    uint64_t units;
    uint64_t agreed;
    int64_t value_fen;
};

struct naive_pledge {
    uint8_t state; /* enum pledge_state */
    bool is_joined;
    uint32_t pledgor;
    uint32_t pledgee;
    int64_t secured_fen;
    int64_t base_fen;
    int64_t applied_ns;
    uint32_t version;
    uint32_t order; /* of registration, from 1; 0: not registered */
    uint32_t items_count;
    struct naive_item items[NAIVE_ITEMS_MAX];
};

struct naive_pledges {
    uint32_t count;
    uint32_t registered;
    struct naive_pledge pledges[NAIVE_PLEDGES_MAX + 1]; /* by number, from 1 */
    uint64_t shares[NAIVE_OWNERS + 1];                  /* by party: all that lie in its account */
    uint64_t offered[NAIVE_OWNERS + 1];                 /* of them in orders */
};

/* Who owns a right, all of it. */
uint32_t naive_owner(uint32_t right);

/* Units of a party's shares that nothing binds and no order has. */
uint64_t naive_free(const struct naive_pledges *naive, uint32_t party);

/* What a deed is answered, and what it does when it is done. `signers` is a set of bits 1 << party.
 */
enum reason naive_apply(struct naive_pledges *naive, const struct pledge_terms *terms,
                        uint32_t signers, int64_t now_ns);
enum reason naive_join(struct naive_pledges *naive, uint32_t pledge, uint32_t signers);
enum reason naive_register(struct naive_pledges *naive, uint32_t pledge);
enum reason naive_end(struct naive_pledges *naive, uint32_t pledge, uint8_t kind, uint32_t signers);
enum reason naive_release(struct naive_pledges *naive, const struct pledge_release *release,
                          uint32_t signers);
enum reason naive_amend(struct naive_pledges *naive, uint32_t pledge, int64_t secured_fen,
                        uint32_t signers);
enum reason naive_assign(struct naive_pledges *naive, uint32_t pledge, uint32_t pledgee,
                         uint32_t signers);
enum reason naive_default(struct naive_pledges *naive, uint32_t pledge, bool is_cure,
                          uint32_t signers);

/* Time has passed: holds run out. `deadline_ns` gives the last ns of a hold that began then. */
void naive_time(struct naive_pledges *naive, int64_t now_ns, int64_t (*deadline_ns)(int64_t from));

#endif
