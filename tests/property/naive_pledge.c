/*
 * Everything is a sum over all pledges.
 */
#include "tests/property/naive_pledge.h"

#include "engine/extract.h"

uint32_t naive_owner(uint32_t right) {
    return 1 + right % NAIVE_OWNERS;
}

static bool waits(const struct naive_pledge *pledge) {
    return pledge->state == PLEDGE_APPLIED || pledge->state == PLEDGE_DEFICIENT;
}

static bool lives(const struct naive_pledge *pledge) {
    return pledge->state == PLEDGE_REGISTERED || pledge->state == PLEDGE_ENFORCING;
}

static bool has(const struct naive_pledges *naive, uint32_t pledge) {
    return pledge >= 1 && pledge <= naive->count;
}

/* Units bound of an asset of a party, by all pledges but one. */
static uint64_t bound(const struct naive_pledges *naive, const struct naive_item *item,
                      uint32_t party, uint32_t but) {
    uint64_t sum = 0;
    for (uint32_t number = 1; number <= naive->count; number++) {
        const struct naive_pledge *pledge = &naive->pledges[number];
        if (number == but || pledge->pledgor != party || (!waits(pledge) && !lives(pledge)))
            continue;
        for (uint32_t i = 0; i < pledge->items_count; i++)
            if (pledge->items[i].asset_kind == item->asset_kind &&
                pledge->items[i].asset == item->asset)
                sum += pledge->items[i].units;
    }
    return sum;
}

uint64_t naive_free(const struct naive_pledges *naive, uint32_t party) {
    struct naive_item shares = {.asset_kind = ASSET_HOLDING, .asset = 1};
    return naive->shares[party] - naive->offered[party] - bound(naive, &shares, party, 0);
}

static enum reason check_shares(const struct naive_pledges *naive, const struct naive_item *item,
                                uint32_t party, uint32_t but) {
    uint64_t others = bound(naive, item, party, but);
    if (item->units > naive->shares[party])
        return REASON_INSUFFICIENT_POSITION;
    if (item->units + others + naive->offered[party] <= naive->shares[party])
        return REASON_NONE;
    if (item->units + others <= naive->shares[party])
        return REASON_RESERVED_BY_ORDER;
    return REASON_ALREADY_PLEDGED;
}

static enum reason check_item(const struct naive_pledges *naive, const struct naive_item *item,
                              uint32_t party, uint32_t but) {
    if (item->units == 0)
        return REASON_OUT_OF_LIMITS;
    if (item->asset_kind == ASSET_HOLDING)
        return check_shares(naive, item, party, but);
    if (item->asset == 0 || item->asset > NAIVE_RIGHTS)
        return REASON_UNKNOWN_RIGHT;
    if (naive_owner(item->asset) != party || item->units > RIGHT_WHOLE_PPM)
        return REASON_NOT_OWNER;
    if (item->asset <= NAIVE_TRADEMARKS)
        return REASON_NONE;
    return item->units + bound(naive, item, party, but) <= RIGHT_WHOLE_PPM ? REASON_NONE
                                                                           : REASON_ALREADY_PLEDGED;
}

static bool signs(uint32_t signers, uint32_t party) {
    return (signers >> party & 1) != 0;
}

enum reason naive_apply(struct naive_pledges *naive, const struct pledge_terms *terms,
                        uint32_t signers, int64_t now_ns) {
    struct naive_pledge made = {.state = PLEDGE_APPLIED,
                                .is_joined = signs(signers, terms->pledgee),
                                .pledgor = terms->pledgor,
                                .pledgee = terms->pledgee,
                                .secured_fen = terms->secured_fen,
                                .base_fen = terms->secured_fen,
                                .applied_ns = now_ns,
                                .version = 1,
                                .items_count = terms->items_count};
    if (terms->pledgor == terms->pledgee)
        return REASON_BAD_COMBINATION;
    if (!signs(signers, terms->pledgor))
        return REASON_BAD_SIGNATURE;
    if (terms->secured_fen == 0)
        return REASON_OUT_OF_LIMITS;
    for (uint32_t i = 0; i < terms->items_count; i++) {
        const struct pledge_item_terms *agreed = &terms->items[i];
        made.items[i] = (struct naive_item){.asset_kind = agreed->asset_kind,
                                            .asset = agreed->asset,
                                            .units = agreed->units,
                                            .agreed = agreed->units,
                                            .value_fen = agreed->value_fen};
        for (uint32_t before = 0; before < i; before++)
            if (made.items[before].asset_kind == agreed->asset_kind &&
                made.items[before].asset == agreed->asset)
                return REASON_ALREADY_EXISTS;
        enum reason reason = check_item(naive, &made.items[i], terms->pledgor, 0);
        if (reason != REASON_NONE)
            return reason;
    }
    if (naive->count == NAIVE_PLEDGES_MAX)
        return REASON_LIMIT_REACHED;
    naive->pledges[++naive->count] = made;
    return REASON_NONE;
}

enum reason naive_join(struct naive_pledges *naive, uint32_t number, uint32_t signers) {
    if (!has(naive, number))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[number];
    if (pledge->state != PLEDGE_APPLIED || pledge->is_joined)
        return REASON_WRONG_STATE;
    if (!signs(signers, pledge->pledgee))
        return REASON_BAD_SIGNATURE;
    pledge->is_joined = true;
    return REASON_NONE;
}

enum reason naive_register(struct naive_pledges *naive, uint32_t number) {
    if (!has(naive, number))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[number];
    if (pledge->state != PLEDGE_APPLIED || !pledge->is_joined)
        return REASON_WRONG_STATE;
    for (uint32_t i = 0; i < pledge->items_count; i++) {
        enum reason reason = check_item(naive, &pledge->items[i], pledge->pledgor, number);
        if (reason != REASON_NONE)
            return reason;
    }
    pledge->state = PLEDGE_REGISTERED;
    pledge->order = ++naive->registered;
    pledge->version++;
    return REASON_NONE;
}

static void finish(struct naive_pledge *pledge, uint8_t state) {
    if (lives(pledge))
        for (uint32_t i = 0; i < pledge->items_count; i++)
            pledge->items[i].units = 0;
    pledge->state = state;
    pledge->version++;
}

enum reason naive_end(struct naive_pledges *naive, uint32_t number, uint8_t kind,
                      uint32_t signers) {
    if (!has(naive, number))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[number];
    if (kind == DEED_PLEDGE_REVOKE) {
        if (!lives(pledge))
            return REASON_WRONG_STATE;
        finish(pledge, PLEDGE_REVOKED);
        return REASON_NONE;
    }
    if (!waits(pledge))
        return REASON_WRONG_STATE;
    bool is_withdrawn = kind == DEED_PLEDGE_WITHDRAW;
    if (is_withdrawn && !signs(signers, pledge->pledgor) && !signs(signers, pledge->pledgee))
        return REASON_BAD_SIGNATURE;
    finish(pledge, is_withdrawn ? PLEDGE_WITHDRAWN : PLEDGE_REFUSED);
    return REASON_NONE;
}

enum reason naive_release(struct naive_pledges *naive, const struct pledge_release *release,
                          uint32_t signers) {
    uint64_t left = 0;
    if (!has(naive, release->pledge))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[release->pledge];
    if (!lives(pledge))
        return REASON_WRONG_STATE;
    if (!signs(signers, pledge->pledgee))
        return REASON_BAD_SIGNATURE;
    if (release->parts_count == 0) {
        finish(pledge, PLEDGE_RELEASED);
        return REASON_NONE;
    }
    /* The runs never name an item twice. */
    const struct pledge_part *part = &release->parts[0];
    if (part->item == 0 || part->item > pledge->items_count)
        return REASON_OUT_OF_LIMITS;
    struct naive_item *item = &pledge->items[part->item - 1];
    if (part->units == 0 || part->units > item->units)
        return REASON_OUT_OF_LIMITS;
    item->units -= part->units;
    pledge->version++;
    for (uint32_t i = 0; i < pledge->items_count; i++)
        left += pledge->items[i].units;
    if (left == 0)
        pledge->state = PLEDGE_RELEASED;
    return REASON_NONE;
}

/* Whether another pledge of one of its assets was registered after it. */
static bool has_later(const struct naive_pledges *naive, const struct naive_pledge *pledge) {
    for (uint32_t number = 1; number <= naive->count; number++) {
        const struct naive_pledge *other = &naive->pledges[number];
        if (!lives(other) || other->pledgor != pledge->pledgor || other->order <= pledge->order)
            continue;
        for (uint32_t i = 0; i < pledge->items_count; i++)
            for (uint32_t k = 0; k < other->items_count; k++)
                if (pledge->items[i].units > 0 && other->items[k].units > 0 &&
                    pledge->items[i].asset_kind == other->items[k].asset_kind &&
                    pledge->items[i].asset == other->items[k].asset)
                    return true;
    }
    return false;
}

enum reason naive_amend(struct naive_pledges *naive, uint32_t number, int64_t secured_fen,
                        uint32_t signers) {
    if (!has(naive, number))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[number];
    if (pledge->state != PLEDGE_REGISTERED)
        return REASON_WRONG_STATE;
    if (!signs(signers, pledge->pledgor) || !signs(signers, pledge->pledgee))
        return REASON_BAD_SIGNATURE;
    if (secured_fen == 0)
        return REASON_OUT_OF_LIMITS;
    if (secured_fen < pledge->base_fen)
        pledge->base_fen = secured_fen;
    else if (secured_fen > pledge->secured_fen && !has_later(naive, pledge))
        pledge->base_fen += secured_fen - pledge->secured_fen;
    pledge->secured_fen = secured_fen;
    pledge->version++;
    return REASON_NONE;
}

enum reason naive_assign(struct naive_pledges *naive, uint32_t number, uint32_t pledgee,
                         uint32_t signers) {
    if (!has(naive, number))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[number];
    if (!lives(pledge))
        return REASON_WRONG_STATE;
    if (pledgee == 0 || pledgee > NAIVE_PARTIES)
        return REASON_UNKNOWN_PARTY;
    if (pledgee == pledge->pledgee || pledgee == pledge->pledgor)
        return REASON_BAD_COMBINATION;
    if (!signs(signers, pledge->pledgee) || !signs(signers, pledgee))
        return REASON_BAD_SIGNATURE;
    pledge->pledgee = pledgee;
    pledge->version++;
    return REASON_NONE;
}

enum reason naive_default(struct naive_pledges *naive, uint32_t number, bool is_cure,
                          uint32_t signers) {
    if (!has(naive, number))
        return REASON_UNKNOWN_PLEDGE;
    struct naive_pledge *pledge = &naive->pledges[number];
    if (pledge->state != (is_cure ? PLEDGE_ENFORCING : PLEDGE_REGISTERED))
        return REASON_WRONG_STATE;
    if (!signs(signers, pledge->pledgee))
        return REASON_BAD_SIGNATURE;
    pledge->state = is_cure ? PLEDGE_REGISTERED : PLEDGE_ENFORCING;
    pledge->version++;
    return REASON_NONE;
}

void naive_time(struct naive_pledges *naive, int64_t now_ns, int64_t (*deadline_ns)(int64_t from)) {
    for (uint32_t number = 1; number <= naive->count; number++) {
        struct naive_pledge *pledge = &naive->pledges[number];
        if (waits(pledge) && deadline_ns(pledge->applied_ns) < now_ns)
            finish(pledge, PLEDGE_WITHDRAWN);
    }
}
