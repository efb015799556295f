/*
 * What all entries have, what the asset is called, and one function for each kind.
 */
#include "proto/codec_extract.h"

#include <assert.h>

#include "proto/wire.h"

static uint8_t *put_owner(uint8_t *at, const struct right_owner *owner) {
    at = wire_put_high_tag(at, 22, WIRE_BYTES);
    uint8_t *length = at;
    at = wire_put_number(at + 1, 1, owner->party);
    at = wire_put_number(at, 2, owner->ppm);
    *length = (uint8_t)(at - length - 1);
    return at;
}

/* What the asset is called; entry 0 of a right says more of it. */
static uint8_t *put_right(uint8_t *at, const struct extract *extract) {
    at = wire_put_high_number(at, 16, extract->right_kind);
    at = wire_put_high_number(at, 17, extract->office);
    at = wire_put_high_bytes(at, 18, extract->number, extract->number_bytes);
    if (extract->kind != ENTRY_ASSET)
        return at;
    at = wire_put_high_number(at, 19, extract->status);
    at = wire_put_high_number(at, 20, extract->licence_of);
    at = wire_put_high_number(at, 21, extract->term_end);
    for (uint32_t i = 0; i < extract->owners_count; i++)
        at = put_owner(at, &extract->owners[i]);
    return at;
}

static uint8_t *put_holding(uint8_t *at, const struct extract *extract) {
    at = wire_put_high_bytes(at, 30, extract->symbol, extract->symbol_bytes);
    at = wire_put_high_bytes(at, 31, extract->code, extract->code_bytes);
    return extract->code_bytes != 0 ? at
                                    : wire_put_high_bytes(at, 32, extract->identity, HASH_BYTES);
}

static uint8_t *put_force(uint8_t *at, const struct extract *extract) {
    const struct extract_force *force = &extract->force;
    at = wire_put_high_number(at, 70, force->freeze);
    at = wire_put_high_number(at, 71, force->account);
    at = wire_put_high_number(at, 72, force->authority);
    at = wire_put_high_bytes(at, 73, force->case_number, force->case_number_bytes);
    if (extract->kind != ENTRY_TRANSFER)
        at = wire_put_high_bytes(at, 74, force->document, HASH_BYTES);
    at = wire_put_high_time(at, 75, force->served_ns);
    at = wire_put_high_number(at, 76, force->until);
    at = wire_put_high_number(at, 77, force->may_be_sold);
    at = wire_put_high_number(at, 78, force->has_fruits);
    at = wire_put_high_number(at, 79, force->frozen);
    at = wire_put_high_number(at, 80, force->marked);
    at = wire_put_high_number(at, 81, force->queued);
    at = wire_put_high_number(at, 82, force->missed);
    at = wire_put_high_number(at, 83, force->holder);
    at = wire_put_high_number(at, 84, force->sides);
    at = wire_put_high_number(at, 85, force->party);
    at = wire_put_high_number(at, 86, force->about);
    at = wire_put_high_number(at, 87, force->buyer);
    return wire_put_high_number(at, 88, force->transfer);
}

static uint8_t *put_terms(uint8_t *at, const struct extract *extract) {
    at = wire_put_high_number(at, 40, extract->pledge);
    at = wire_put_high_number(at, 41, extract->pledge_version);
    at = wire_put_high_number(at, 42, extract->pledgor);
    at = wire_put_high_number(at, 43, extract->pledgee);
    at = wire_put_high_number(at, 44, extract->debtor);
    at = wire_put_high_number(at, 45, extract->predecessor);
    at = wire_put_high_number(at, 46, extract->is_maximum);
    at = wire_put_high_number(at, 47, extract->is_determined);
    at = wire_put_high_number(at, 48, extract->is_overdue);
    at = wire_put_high_number(at, 49, extract->determined);
    at = wire_put_high_number(at, 50, extract->debt_start);
    at = wire_put_high_number(at, 51, extract->debt_end);
    at = wire_put_high_number(at, 52, extract->scope);
    at = wire_put_high_number(at, 53, extract->conditions);
    at = wire_put_high_number(at, 54, extract->declarations);
    at = wire_put_high_number(at, 55, extract->refused);
    at = wire_put_high_time(at, 56, extract->registered_ns);
    at = wire_put_high_number(at, 57, extract->registered);
    return wire_put_high_bytes(at, 58, extract->terms, HASH_BYTES);
}

static uint8_t *put_pledge(uint8_t *at, const struct extract *extract) {
    at = put_terms(at, extract);
    at = wire_put_high_number(at, 60, extract->standing);
    at = wire_put_high_number(at, 61, extract->pledge_office);
    at = wire_put_high_bytes(at, 62, extract->authority_number, extract->authority_number_bytes);
    at = wire_put_high_time(at, 63, extract->effective_ns);
    at = wire_put_high_time(at, 64, extract->compared_ns);
    at = wire_put_high_time(at, 65, extract->rank_ns);
    at = wire_put_high_number(at, 66, extract->rank_sequence);
    return extract->effective_ns == 0 && extract->compared_ns == 0 &&
                   extract->standing < STANDING_FILED
               ? at
               : wire_put_high_bytes(at, 67, extract->document, HASH_BYTES);
}

static uint8_t *put_listing(uint8_t *at, const struct extract *extract) {
    at = wire_put_high_number(at, 90, extract->listing);
    return wire_put_high_number(at, 91, extract->object);
}

static uint8_t *put_licence(uint8_t *at, const struct extract *extract) {
    return wire_put_high_number(at, 110, extract->licence);
}

/* NULL where the common part says all. */
static uint8_t *(*const kinds[ENTRIES_END])(uint8_t *at, const struct extract *extract) = {
    [ENTRY_FREEZE] = put_force,    [ENTRY_MARK] = put_force,      [ENTRY_RESTRICTION] = put_force,
    [ENTRY_LOCK_UP] = put_force,   [ENTRY_OBJECTION] = put_force, [ENTRY_RESERVATION] = put_force,
    [ENTRY_HOLD] = put_terms,      [ENTRY_PLEDGE] = put_pledge,   [ENTRY_LISTING] = put_listing,
    [ENTRY_LICENCE] = put_licence, [ENTRY_TRANSFER] = put_force,
};

uint8_t *codec_extract(uint8_t *at, const struct extract *extract) {
    assert(extract->kind != 0 && extract->kind < ENTRIES_END);
    at = wire_put_number(at, 1, extract->asset_kind);
    at = wire_put_number(at, 2, extract->asset);
    at = wire_put_number(at, 3, extract->holder);
    at = wire_put_number(at, 4, extract->entry);
    at = wire_put_number(at, 5, extract->version);
    at = wire_put_number(at, 6, extract->kind);
    at = wire_put_time(at, 7, extract->from_ns);
    at = wire_put_time(at, 8, extract->to_ns);
    at = wire_put_number(at, 9, extract->quantity);
    at = wire_put_number(at, 10, extract->state);
    if (extract->asset_kind == ASSET_RIGHT)
        at = put_right(at, extract);
    else if (extract->asset_kind == ASSET_HOLDING) /* cash is no asset */
        at = put_holding(at, extract);
    return kinds[extract->kind] != NULL ? kinds[extract->kind](at, extract) : at;
}
