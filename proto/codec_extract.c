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
    return wire_put_high_number(at, 86, force->about);
}

/* NULL where the common part says all. */
static uint8_t *(*const kinds[ENTRIES_END])(uint8_t *at, const struct extract *extract) = {
    [ENTRY_FREEZE] = put_force,  [ENTRY_MARK] = put_force,      [ENTRY_RESTRICTION] = put_force,
    [ENTRY_LOCK_UP] = put_force, [ENTRY_OBJECTION] = put_force,
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
