/*
 * Stakes of a right form a list in the order in which they were made.
 */
#include "engine/right.h"

#include <string.h>

#include "engine/asset.h"
#include "engine/binding.h"
#include "engine/consent.h"
#include "engine/date.h"
#include "engine/emit.h"
#include "engine/listing.h"
#include "engine/parcel.h"
#include "engine/parties.h"
#include "engine/table.h"
#include "engine/timer.h"

/* --- finding ----------------------------------------------------------------------------------
 */

static uint64_t hash_of(uint8_t kind, const char *number, size_t bytes) {
    return table_hash_bytes(number, bytes) * 2 + table_hash(kind);
}

uint32_t right_find(const struct engine *engine, enum right_kind kind, const char *number,
                    size_t bytes) {
    struct table table = table_of(engine, &engine->right_table);
    uint32_t home = table_home(&table, hash_of((uint8_t)kind, number, bytes));
    for (uint32_t distance = 0;; distance++) {
        uint32_t row = table_next(&table, home, &distance);
        if (row == 0)
            return 0;
        const struct right *right = right_at(engine, row);
        if (right->kind == kind && right->number_bytes == bytes &&
            memcmp(right->number, number, bytes) == 0)
            return row;
    }
}

static void list(struct engine *engine, uint32_t number) {
    struct table table = table_of(engine, &engine->right_table);
    const struct right *right = right_at(engine, number);
    table_put(&table, hash_of(right->kind, right->number, right->number_bytes), number);
}

void right_table_resize(struct engine *engine, uint32_t bits) {
    if (!table_grow(engine, &engine->right_table, bits))
        return;
    for (uint32_t number = 1; number <= engine->pools[POOL_RIGHTS].count; number++)
        list(engine, number);
}

struct refusal right_check_exists(const struct engine *engine, uint32_t right) {
    if (!pool_has(engine, POOL_RIGHTS, right))
        return refusal_of(REASON_UNKNOWN_RIGHT, FIELD_RIGHT, 0);
    return refusal_none();
}

uint32_t right_stake_ppm(const struct engine *engine, uint32_t stake) {
    return (uint32_t)place_total(engine, place_stake(stake));
}

uint32_t right_stake(const struct engine *engine, uint32_t right, uint32_t party) {
    uint32_t at = right_at(engine, right)->stakes;
    while (at != 0 && stake_at(engine, at)->party != party)
        at = stake_at(engine, at)->next;
    return at;
}

/* --- telling ----------------------------------------------------------------------------------
 */

void right_name(const struct engine *engine, uint32_t number, struct extract *extract) {
    const struct right *right = right_at(engine, number);
    extract->right_kind = right->kind;
    extract->number_bytes = right->number_bytes;
    memcpy(extract->number, right->number, right->number_bytes);
}

void right_tell(const struct call *call, uint32_t number) {
    const struct engine *engine = call->engine;
    struct right *right = right_at(engine, number);
    struct extract *extract = emit_extract(call, AUDIENCE_EVERYBODY);
    *extract = (struct extract){.asset_kind = ASSET_RIGHT,
                                .kind = ENTRY_ASSET,
                                .asset = number,
                                .version = ++right->version,
                                .from_ns = right->admitted_ns,
                                .office = right->office,
                                .status = right->status,
                                .licence_of = right->licence_of,
                                .term_end = right->term_end};
    right_name(engine, number, extract);
    for (uint32_t stake = right->stakes; stake != 0; stake = stake_at(engine, stake)->next) {
        const struct stake *each = stake_at(engine, stake);
        uint32_t ppm = right_stake_ppm(engine, stake);
        if (ppm == 0)
            continue;
        assert(extract->owners_count < RIGHT_OWNERS_MAX);
        extract->owners[extract->owners_count++] =
            (struct right_owner){.party = each->party, .ppm = ppm};
    }
}

/* --- admission --------------------------------------------------------------------------------
 */

static struct refusal check_owners(const struct engine *engine, const struct admit_right *admit) {
    uint64_t sum = 0;
    if (admit->owners_count == 0)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_OWNER, 1);
    for (uint32_t i = 0; i < admit->owners_count; i++) {
        const struct right_owner *owner = &admit->owners[i];
        struct refusal refusal = parties_check_exists(engine, owner->party, FIELD_OWNER);
        if (refusal.reason != REASON_NONE)
            return refusal;
        for (uint32_t before = 0; before < i; before++)
            if (admit->owners[before].party == owner->party)
                return refusal_of(REASON_ALREADY_EXISTS, FIELD_OWNER, owner->party);
        if (owner->ppm == 0)
            return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PPM, 1);
        sum += owner->ppm;
    }
    if (sum != RIGHT_WHOLE_PPM)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_PPM, RIGHT_WHOLE_PPM);
    return refusal_none();
}

static struct refusal check_licence(const struct engine *engine, const struct admit_right *admit) {
    if (right_is_licence(admit->kind) != (admit->licence_of != 0))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_RIGHT, 0);
    if (admit->licence_of == 0)
        return refusal_none();
    struct refusal refusal = right_check_exists(engine, admit->licence_of);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct right *of = right_at(engine, admit->licence_of);
    if (right_is_licence(of->kind))
        return refusal_of(REASON_BAD_COMBINATION, FIELD_RIGHT, 0);
    if ((of->status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_RIGHT, 0);
    return refusal_none();
}

/* The term's last day must be valid and not over; a final status cannot be admitted. */
static struct refusal check_term(const struct engine *engine, const struct admit_right *admit) {
    if (admit->filed != DATE_NONE && !date_is_valid(admit->filed))
        return refusal_of(REASON_BAD_DATE, FIELD_FILED, 0);
    if (admit->term_end != DATE_NONE && !date_is_valid(admit->term_end))
        return refusal_of(REASON_BAD_DATE, FIELD_TERM_END, 0);
    if (admit->term_end > DATE_NS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_TERM_END, DATE_NS_MAX);
    if (admit->term_end != DATE_NONE && date_end_ns(admit->term_end) <= engine->time_ns)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_TERM_END, 0);
    if ((admit->status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_STATUS, 0);
    return refusal_none();
}

static struct refusal check_room(const struct engine *engine, const struct admit_right *admit) {
    const struct pool_rows *stakes = &engine->pools[POOL_STAKES];
    if (pool_is_full(engine, POOL_RIGHTS))
        return refusal_full(POOL_RIGHTS);
    if (stakes->limit - stakes->count < admit->owners_count)
        return refusal_full(POOL_STAKES);
    if (admit->term_end != DATE_NONE && !timer_has_room(engine))
        return refusal_full(POOL_TIMERS);
    return binding_check_room(engine, admit->licence_of != 0);
}

struct refusal right_check_admit(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct admit_right *admit = &deed->admit_right;
    uint32_t known = right_find(engine, admit->kind, admit->number, admit->number_bytes);
    if (known != 0)
        return refusal_of(REASON_ALREADY_EXISTS, FIELD_NUMBER, known);
    struct refusal refusal = check_licence(engine, admit);
    if (refusal.reason == REASON_NONE)
        refusal = check_term(engine, admit);
    if (refusal.reason == REASON_NONE)
        refusal = check_owners(engine, admit);
    if (refusal.reason == REASON_NONE && admit->licence_of != 0)
        refusal = consent_check_licence(engine, admit->licence_of, admit->owners[0].party);
    return refusal.reason == REASON_NONE ? check_room(engine, admit) : refusal;
}

/* Adds a stake at the end of the right's list. */
static uint32_t add_stake(struct engine *engine, uint32_t right, const struct right_owner *owner) {
    uint32_t number = pool_add(engine, POOL_STAKES);
    uint32_t *link = &right_at(engine, right)->stakes;
    while (*link != 0)
        link = &stake_at(engine, *link)->next;
    *link = number;
    *stake_at(engine, number) =
        (struct stake){.right = right, .party = owner->party, .unbound = owner->ppm};
    return number;
}

struct refusal right_check_receive(const struct engine *engine, uint32_t right, uint32_t party,
                                   uint32_t leaving) {
    uint32_t owners = 0;
    for (uint32_t at = right_at(engine, right)->stakes; at != 0; at = stake_at(engine, at)->next)
        owners += stake_at(engine, at)->party != party && right_stake_ppm(engine, at) != 0;
    if (owners - leaving >= RIGHT_OWNERS_MAX)
        return refusal_of(REASON_OUT_OF_LIMITS, FIELD_OWNER, RIGHT_OWNERS_MAX);
    if (right_stake(engine, right, party) == 0 && pool_is_full(engine, POOL_STAKES))
        return refusal_full(POOL_STAKES);
    return refusal_none();
}

uint32_t right_receive(struct engine *engine, uint32_t right, uint32_t party) {
    uint32_t stake = right_stake(engine, right, party);
    struct right_owner nothing = {.party = party};
    return stake != 0 ? stake : add_stake(engine, right, &nothing);
}

uint64_t right_admit(const struct call *call, const struct deed *deed) {
    struct engine *engine = call->engine;
    const struct admit_right *admit = &deed->admit_right;
    uint32_t number = pool_add(engine, POOL_RIGHTS);
    struct right *right = right_at(engine, number);
    *right = (struct right){.kind = admit->kind,
                            .office = admit->office,
                            .number_bytes = admit->number_bytes,
                            .status = admit->status,
                            .licence_of = admit->licence_of,
                            .filed = admit->filed,
                            .term_end = admit->term_end,
                            .admitted_ns = call->command->stamp.time_ns};
    memcpy(right->number, admit->number, admit->number_bytes);
    list(engine, number);
    for (uint32_t i = 0; i < admit->owners_count; i++)
        add_stake(engine, number, &admit->owners[i]);
    if (admit->term_end != DATE_NONE)
        timer_arm(engine, TIMER_RIGHT, number, date_end_ns(admit->term_end) + 1);
    right_tell(call, number);
    if (admit->licence_of != 0) {
        struct binding licence = {.kind = ENTRY_LICENCE, .subject = number, .state = admit->kind};
        binding_tell(call, binding_make(call, asset_right(admit->licence_of), &licence));
    }
    return number;
}

/* --- what becomes of it -----------------------------------------------------------------------
 */

struct refusal right_check_status(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct set_right_status *set = &deed->set_right_status;
    struct refusal refusal = right_check_exists(engine, set->right);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct right *right = right_at(engine, set->right);
    if ((set->set & set->clear) != 0 || (set->set | set->clear) == 0)
        return refusal_of(REASON_BAD_COMBINATION, FIELD_STATUS, 0);
    if ((set->clear & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_WRONG_STATE, FIELD_STATUS, 0);
    if ((right->status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of((right->status & RIGHT_LAPSED) != 0 ? REASON_RIGHT_LAPSED
                                                              : REASON_RIGHT_INVALIDATED,
                          FIELD_RIGHT, 0);
    if (((right->status | set->set) & ~set->clear) == right->status)
        return refusal_of(REASON_WRONG_STATE, FIELD_STATUS, right->status);
    return refusal_none();
}

/* What is over binds nobody: its listings end, and a licence no longer stands on its right. */
static void follow_end(const struct call *call, uint32_t number) {
    const struct right *right = right_at(call->engine, number);
    if ((right->status & RIGHT_STATUS_FINAL) == 0)
        return;
    timer_disarm(call->engine, TIMER_RIGHT, number);
    listing_right_ended(call, number);
    if (right->licence_of == 0)
        return;
    uint32_t at = 0;
    while ((at = asset_bound(call->engine, asset_right(right->licence_of), ENTRY_LICENCE, at)) != 0)
        if (binding_at(call->engine, at)->subject == number) {
            binding_end(call, at);
            return;
        }
}

uint64_t right_set_status(const struct call *call, const struct deed *deed) {
    const struct set_right_status *set = &deed->set_right_status;
    struct right *right = right_at(call->engine, set->right);
    right->status = (right->status | set->set) & ~set->clear;
    right_tell(call, set->right);
    follow_end(call, set->right);
    return set->right;
}

void right_timer_fires(const struct call *call, uint32_t number) {
    right_at(call->engine, number)->status |= RIGHT_LAPSED;
    right_tell(call, number);
    follow_end(call, number);
}

struct refusal right_check_appraise(const struct call *call, const struct deed *deed) {
    const struct engine *engine = call->engine;
    const struct appraise *appraise = &deed->appraise;
    struct refusal refusal = right_check_exists(engine, appraise->right);
    if (refusal.reason != REASON_NONE)
        return refusal;
    const struct right *right = right_at(engine, appraise->right);
    if ((right->status & RIGHT_STATUS_FINAL) != 0)
        return refusal_of(REASON_RIGHT_LAPSED, FIELD_RIGHT, 0);
    if (!date_is_valid(appraise->dated) || appraise->dated < right->appraised)
        return refusal_of(REASON_BAD_DATE, FIELD_DATED, right->appraised);
    if (!date_is_valid(appraise->expires) || appraise->expires < appraise->dated)
        return refusal_of(REASON_BAD_DATE, FIELD_EXPIRES, appraise->dated);
    return refusal_none();
}

uint64_t right_appraise(const struct call *call, const struct deed *deed) {
    const struct appraise *appraise = &deed->appraise;
    struct right *right = right_at(call->engine, appraise->right);
    right->appraisals++;
    right->value_fen = appraise->value_fen;
    right->appraised = appraise->dated;
    right->appraisal_expires = appraise->expires;
    return appraise->right;
}

/* --- invariants -------------------------------------------------------------------------------
 */

static void check_stakes(const struct engine *engine, uint32_t number, uint32_t *stakes) {
    uint64_t sum = 0;
    uint32_t owners = 0;
    for (uint32_t at = right_at(engine, number)->stakes; at != 0;) {
        const struct stake *stake = stake_at(engine, at);
        assert(stake->right == number && pool_has(engine, POOL_PARTIES, stake->party));
        uint32_t ppm = right_stake_ppm(engine, at);
        sum += ppm;
        owners += ppm != 0;
        ++*stakes;
        at = stake->next;
    }
    assert(sum == RIGHT_WHOLE_PPM && owners <= RIGHT_OWNERS_MAX);
}

void right_check(const struct engine *engine) {
    uint32_t stakes = 0;
    for (uint32_t number = 1; number <= engine->pools[POOL_RIGHTS].count; number++) {
        const struct right *right = right_at(engine, number);
        assert(right_find(engine, right->kind, right->number, right->number_bytes) == number);
        assert(right->licence_of < number && right->version > 0);
        bool has_term = right->term_end != DATE_NONE && (right->status & RIGHT_STATUS_FINAL) == 0;
        assert((right->timer != 0) == has_term);
        check_stakes(engine, number, &stakes);
    }
    assert(stakes == engine->pools[POOL_STAKES].count);
}
