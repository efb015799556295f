/*
 * What the decoder refuses, and how it says so. Requests are written here byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec_request.h"

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* A new order that is accepted: number 5; account 1, buy, limit, day. The body has 8 bytes. */
#define NUMBER_5   0x08, 0x05
#define ORDER_BODY 0x08, 0x01, 0x18, 0x01, 0x20, 0x01, 0x28, 0x01

/* Decodes bytes that lie alone, so that a byte too far is seen. */
static bool decode(const uint8_t *bytes, size_t size, struct request *request,
                   struct codec_fault *fault) {
    uint8_t *alone = malloc(size + 1);
    assert_non_null(alone);
    for (size_t i = 0; i < size; i++) {
        alone[i + 1] = bytes[i];
    }
    bool is_request = codec_request_decode(alone + 1, size, request, fault);
    free(alone);
    return is_request;
}

static void refused(const uint8_t *bytes, size_t size, const char *field, const char *text) {
    struct request request;
    struct codec_fault fault;
    assert_false(decode(bytes, size, &request, &fault));
    assert_string_equal(fault.field, field);
    assert_string_equal(fault.text, text);
}

static void accepted(const uint8_t *bytes, size_t size, struct request *request) {
    struct codec_fault fault;
    assert_true(decode(bytes, size, request, &fault));
}

/* The line of bytes in proto/README.md. */
static size_t example_of_readme(uint8_t bytes[64]) {
    char line[256];
    size_t size = 0;
    FILE *file = fopen("proto/README.md", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL && size == 0) {
        char *at = line;
        while (strncmp(line, "    08 05 12", 12) == 0 && *at != '\n' && size < 64) {
            bytes[size++] = (uint8_t)strtoul(at, &at, 16);
        }
    }
    assert_int_equal(fclose(file), 0);
    return size;
}

static void the_example_of_the_readme_says_what_it_says(void **state) {
    (void)state;
    uint8_t bytes[64];
    uint8_t again[64 + CODEC_REQUEST_SLACK];
    size_t size = example_of_readme(bytes);
    struct request request;
    accepted(bytes, size, &request);
    const struct new_order *order = &request.command.new_order;
    assert_int_equal(request.command.stamp.number, 5);
    assert_int_equal(order->account, 1);
    assert_int_equal(order->instrument, 3);
    assert_int_equal(order->side, SIDE_BUY);
    assert_int_equal(order->ord_type, ORD_TYPE_LIMIT);
    assert_int_equal(order->time_in_force, TIME_IN_FORCE_DAY);
    assert_int_equal(order->price_fen, 1005);
    assert_int_equal(order->order_qty, 200);
    assert_int_equal(codec_request_encode(&request, NULL, again, sizeof again), size);
    assert_memory_equal(again, bytes, size);
}

static void a_new_order_is_read(void **state) {
    (void)state;
    struct request request;
    accepted(BYTES(NUMBER_5, 0x12, 8, ORDER_BODY), &request);
    assert_int_equal(request.command.verb, VERB_NEW_ORDER);
    assert_int_equal(request.command.stamp.number, 5);
    assert_int_equal(request.command.new_order.account, 1);
    assert_int_equal(request.command.new_order.side, SIDE_BUY);
}

static void fields_may_come_in_any_order(void **state) {
    (void)state;
    struct request request;
    accepted(BYTES(0x12, 8, 0x28, 0x05, 0x20, 0x02, 0x18, 0x02, 0x08, 0x07, NUMBER_5), &request);
    assert_int_equal(request.command.stamp.number, 5);
    assert_int_equal(request.command.new_order.account, 7);
    assert_int_equal(request.command.new_order.side, SIDE_SELL);
    assert_int_equal(request.command.new_order.ord_type, ORD_TYPE_MARKET);
    assert_int_equal(request.command.new_order.time_in_force, TIME_IN_FORCE_FOK);
}

static void defaults_may_be_spelt_out(void **state) {
    (void)state;
    struct request request;
    accepted(BYTES(NUMBER_5, 0x12, 10, ORDER_BODY, 0x30, 0x00), &request);
    assert_int_equal(request.command.new_order.price_fen, 0);
}

static void a_request_has_exactly_one_body(void **state) {
    (void)state;
    refused(BYTES(0), "request", "has an unknown field");
    refused(NULL, 0, "request", "has no body");
    refused(BYTES(NUMBER_5), "request", "has no body");
    refused(BYTES(NUMBER_5, 0x22, 2, 0x08, 1, 0x22, 2, 0x08, 1), "request", "has two bodies");
    refused(BYTES(NUMBER_5, 0x22, 2, 0x08, 1, 0x1a, 0), "request", "has two bodies");
    refused(BYTES(NUMBER_5, 0x32, 0), "act", "has no body");
    refused(BYTES(NUMBER_5, 0x32, 4, 0x4a, 0, 0x52, 0), "act", "has two bodies");
}

static void a_field_may_be_there_once(void **state) {
    (void)state;
    refused(BYTES(NUMBER_5, NUMBER_5, 0x22, 0), "number", "is there twice");
    refused(BYTES(0x08, 0x00, NUMBER_5, 0x22, 0), "number", "is there twice");
    refused(BYTES(NUMBER_5, 0x12, 10, ORDER_BODY, 0x08, 0x01), "new_order.account",
            "is there twice");
    refused(BYTES(NUMBER_5, 0x12, 12, ORDER_BODY, 0x62, 0, 0x62, 0), "new_order.text",
            "is there twice");
}

/* RevokeMandate{mandate 7}. */
#define REVOKE_MANDATE 0xa2, 0x04, 2, 0x08, 0x07

static void a_deed_says_once_on_whose_behalf_it_is_sent(void **state) {
    (void)state;
    struct request request;
    accepted(BYTES(NUMBER_5, 0x4a, 7, 0x10, 0x09, REVOKE_MANDATE), &request);
    assert_int_equal(request.command.deed.on_behalf_of, 9);
    assert_int_equal(request.command.deed.revoke_mandate.mandate, 7);
    accepted(BYTES(NUMBER_5, 0x4a, 7, REVOKE_MANDATE, 0x10, 0x09), &request);
    accepted(BYTES(NUMBER_5, 0x4a, 7, 0x10, 0x00, REVOKE_MANDATE), &request);
    refused(BYTES(NUMBER_5, 0x4a, 9, 0x10, 0x00, 0x10, 0x09, REVOKE_MANDATE), "deed.on_behalf_of",
            "is there twice");
    refused(BYTES(NUMBER_5, 0x4a, 11, 0x10, 0x80, 0x80, 0x80, 0x80, 0x10, REVOKE_MANDATE),
            "deed.on_behalf_of", "is too large");
}

#define EIGHT        1, 2, 3, 4, 5, 6, 7, 8
#define SIGNED_BYTES EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT
/* Signature{party_key 5, bytes, serial 3}. */
#define SIGNATURE 0x0a, 70, 0x08, 0x05, 0x12, 64, SIGNED_BYTES, 0x18, 0x03

static void a_deed_has_two_signatures_at_most_each_with_key_and_serial(void **state) {
    (void)state;
    struct request request;
    accepted(BYTES(NUMBER_5, 0x4a, 77, SIGNATURE, REVOKE_MANDATE), &request);
    const struct signature *signature = &request.command.deed.signatures[0];
    assert_int_equal(request.command.deed.signatures_count, 1);
    assert_int_equal(signature->party_key, 5);
    assert_int_equal(signature->serial, 3);
    assert_int_equal(signature->expires_ns, 0);
    assert_int_equal(signature->bytes[63], 8);
    accepted(BYTES(NUMBER_5, 0x4a, 0x95, 0x01, SIGNATURE, SIGNATURE, REVOKE_MANDATE), &request);
    assert_int_equal(request.command.deed.signatures_count, 2);
    refused(BYTES(NUMBER_5, 0x4a, 0xdd, 0x01, SIGNATURE, SIGNATURE, SIGNATURE, REVOKE_MANDATE),
            "deed.signature", "is there too often");
    refused(BYTES(NUMBER_5, 0x4a, 75, 0x0a, 68, 0x08, 0x05, 0x12, 64, SIGNED_BYTES, REVOKE_MANDATE),
            "signature.serial", "is missing");
    refused(BYTES(NUMBER_5, 0x4a, 75, 0x0a, 68, 0x12, 64, SIGNED_BYTES, 0x18, 0x03, REVOKE_MANDATE),
            "signature.party_key", "is missing");
    refused(BYTES(NUMBER_5, 0x4a, 69, 0x0a, 62, 0x08, 0x05, 0x12, 56, EIGHT, EIGHT, EIGHT, EIGHT,
                  EIGHT, EIGHT, EIGHT, 0x18, 0x03, REVOKE_MANDATE),
            "signature.bytes", "is too short");
}

static void unknown_fields_are_refused(void **state) {
    (void)state;
    refused(BYTES(NUMBER_5, 0x48, 0x00), "request", "has an unknown field");
    refused(BYTES(NUMBER_5, 0x52, 0x00), "request", "has an unknown field");
    refused(BYTES(NUMBER_5, 0x4a, 0x00), "deed", "has no body");
    refused(BYTES(NUMBER_5, 0x4a, 2, 0x18, 0x00), "deed", "has an unknown field");
    refused(BYTES(NUMBER_5, 0xfa, 0xff, 0xff, 0xff, 0x0f, 0x00), "request", "has an unknown field");
    refused(BYTES(NUMBER_5, 0x12, 10, ORDER_BODY, 0x68, 0x00), "new_order", "has an unknown field");
    refused(BYTES(NUMBER_5, 0x12, 13, ORDER_BODY, 0xf8, 0xff, 0xff, 0xff, 0x0f), "new_order",
            "has an unknown field");
    refused(BYTES(NUMBER_5, 0x12, 10, ORDER_BODY, 0x00, 0x00), "new_order", "has an unknown field");
    refused(BYTES(NUMBER_5, 0x32, 3, 0xaa, 0x01, 0x00), "act", "has an unknown field");
}

static void a_wire_type_is_that_of_its_field(void **state) {
    (void)state;
    refused(BYTES(NUMBER_5, 0x10, 0x00), "request", "has an unknown field");
    refused(BYTES(NUMBER_5, 0x12, 10, ORDER_BODY, 0x32, 0x00), "new_order.price",
            "has the wrong wire type");
    refused(BYTES(0x8a, 0x02, 2, 0x08, 0x01), "tick.due", "has the wrong wire type");
}

static void varints_have_one_spelling(void **state) {
    (void)state;
    refused(BYTES(0x08, 0x85, 0x00, 0x22, 0), "number", "is no number");
    refused(BYTES(NUMBER_5, 0x22, 3, 0x08, 0x80, 0x00), "cancel.order_id", "is no number");
    refused(BYTES(NUMBER_5, 0x22, 4, 0x08, 0x81, 0x80, 0x00), "cancel.order_id", "is no number");
    refused(BYTES(NUMBER_5, 0x22, 4, 0x88, 0x80, 0x00, 0x01), "cancel", "is cut off");
    refused(BYTES(NUMBER_5, 0x22, 12, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                  0xff, 0x01),
            "cancel.order_id", "is no number");
    refused(
        BYTES(NUMBER_5, 0x22, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02),
        "cancel.order_id", "is no number");
}

static void the_largest_varint_is_read(void **state) {
    (void)state;
    struct request request;
    accepted(
        BYTES(NUMBER_5, 0x22, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
        &request);
    assert_true(request.command.cancel.order_id == UINT64_MAX);
}

static void what_is_cut_off_is_refused(void **state) {
    (void)state;
    static const uint8_t whole[] = {NUMBER_5, 0x12, 15,   ORDER_BODY, 0x30, 0x85,
                                    0x01,     0x62, 0x02, 'h',        'i'};
    struct request request;
    struct codec_fault fault;
    accepted(whole, sizeof whole, &request);
    for (size_t size = 0; size < sizeof whole; size++) {
        assert_false(decode(whole, size, &request, &fault));
    }
    /* Cut inside the body too, its length being right. */
    for (uint8_t body = 0; body < 15; body++) {
        uint8_t cut[sizeof whole];
        memcpy(cut, whole, sizeof whole);
        cut[3] = body;
        bool is_whole_number = body == 8 || body == 11;
        assert_int_equal(decode(cut, 4u + body, &request, &fault), is_whole_number);
    }
}

static void numbers_have_their_ranges(void **state) {
    (void)state;
    struct request request;
    struct codec_fault fault;
    refused(BYTES(NUMBER_5, 0x12, 10, ORDER_BODY, 0x48, 0x02), "new_order.post_only",
            "is too large");
    refused(BYTES(NUMBER_5, 0x12, 8, 0x08, 1, 0x18, 3, 0x20, 1, 0x28, 1), "new_order.side",
            "is too large");
    refused(BYTES(NUMBER_5, 0x12, 8, 0x08, 1, 0x18, 0, 0x20, 1, 0x28, 1), "new_order.side",
            "is too small");
    refused(BYTES(NUMBER_5, 0x12, 6, 0x08, 1, 0x20, 1, 0x28, 1), "new_order.side", "is missing");
    static const uint8_t wide[] = {NUMBER_5, 0x12, 12,   0x08, 0x80, 0x80, 0x80, 0x80,
                                   0x10,     0x18, 0x01, 0x20, 0x01, 0x28, 0x01};
    assert_false(decode(wide, sizeof wide, &request, &fault));
    assert_string_equal(fault.field, "new_order.account");
    assert_true(fault.limit == UINT32_MAX);
    static const uint8_t price[] = {NUMBER_5, 0x1a, 11,   0x10, 0x80, 0x80, 0x80,
                                    0x80,     0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
    assert_false(decode(price, sizeof price, &request, &fault));
    assert_string_equal(fault.field, "replace.price");
    assert_true(fault.limit == INT64_MAX);
}

static void the_smallest_amount_has_an_opposite(void **state) {
    (void)state;
    struct request request;
    refused(BYTES(NUMBER_5, 0x32, 13, 0x32, 11, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                  0xff, 0xff, 0x01),
            "deposit.amount", "is too small");
    accepted(BYTES(NUMBER_5, 0x32, 13, 0x32, 11, 0x18, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                   0xff, 0xff, 0x01),
             &request);
    assert_true(request.command.act.deposit.amount == -INT64_MAX);
}

static void a_time_is_not_negative(void **state) {
    (void)state;
    struct request request;
    refused(BYTES(0x8a, 0x02, 9, 0x09, 0, 0, 0, 0, 0, 0, 0, 0x80), "tick.due", "is no time");
    refused(BYTES(0x8a, 0x02, 8, 0x09, 0, 0, 0, 0, 0, 0, 0), "tick.due", "is cut off");
    accepted(BYTES(0x8a, 0x02, 9, 0x09, 1, 0, 0, 0, 0, 0, 0, 0x01), &request);
    assert_true(request.command.tick.due_ns == 0x0100000000000001);
}

static void clients_number_their_requests_and_only_they(void **state) {
    (void)state;
    struct request request;
    struct codec_fault fault;
    refused(BYTES(0x22, 0), "number", "is missing");
    refused(BYTES(0x08, 0x00, 0x22, 0), "number", "is missing");
    refused(BYTES(NUMBER_5, 0x92, 0x01, 0), "number", "is too large");
    refused(BYTES(NUMBER_5, 0x92, 0x02, 0), "number", "is too large");
    accepted(BYTES(0x92, 0x02, 0), &request);
    assert_int_equal(request.command.verb, VERB_CONTINUE);
    static const uint8_t last[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x22, 0x00};
    accepted(last, sizeof last, &request);
    assert_true(request.command.stamp.number == ORDER_NUMBER_MAX);
    static const uint8_t above[] = {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x22, 0x00};
    assert_false(decode(above, sizeof above, &request, &fault));
    assert_string_equal(fault.field, "number");
    assert_true(fault.limit == ORDER_NUMBER_MAX);
}

static void a_fault_in_the_body_still_tells_the_number(void **state) {
    (void)state;
    struct request request;
    struct codec_fault fault;
    assert_false(decode(BYTES(0x12, 2, 0x18, 0x09, NUMBER_5), &request, &fault));
    assert_string_equal(fault.field, "new_order.side");
    assert_int_equal(request.command.stamp.number, 5);
    assert_false(decode(BYTES(NUMBER_5, 0x7a, 0x00), &request, &fault));
    assert_int_equal(request.command.stamp.number, 5);
}

static void text_is_short_and_of_its_alphabet(void **state) {
    (void)state;
    struct request request;
    struct codec_fault fault;
    uint8_t order[64] = {NUMBER_5, 0x12, 0, ORDER_BODY, 0x62, 0};
    memset(order + 14, 'x', 21);
    order[3] = 8 + 2 + 20;
    order[13] = 20;
    assert_true(decode(order, 34, &request, &fault));
    assert_int_equal(request.command.new_order.text_bytes, 20);
    assert_memory_equal(request.command.new_order.text, "xxxxxxxxxxxxxxxxxxxx", 20);
    order[14] = 0x07;
    assert_false(decode(order, 34, &request, &fault));
    assert_string_equal(fault.text, "has a character that is not allowed");
    order[14] = 'x';
    order[3]++;
    order[13]++;
    assert_false(decode(order, 35, &request, &fault));
    assert_string_equal(fault.field, "new_order.text");
    assert_int_equal(fault.limit, TEXT_BYTES_MAX);
    refused(BYTES(NUMBER_5, 0x32, 5, 0x3a, 3, 0x0a, 1, 'a'), "add_instrument.symbol",
            "has a character that is not allowed");
    refused(BYTES(NUMBER_5, 0x32, 4, 0x3a, 2, 0x0a, 0), "add_instrument.symbol", "is too short");
    refused(BYTES(NUMBER_5, 0x32, 2, 0x3a, 0), "add_instrument.symbol", "is missing");
}

static void a_hash_has_its_whole_length(void **state) {
    (void)state;
    struct request request;
    struct codec_fault fault;
    uint8_t key[64] = {NUMBER_5, 0x32, 36, 0x12, 34, 0x1a, 32};
    assert_true(decode(key, 40, &request, &fault));
    key[3] = 37, key[5] = 35, key[7] = 33;
    assert_false(decode(key, 41, &request, &fault));
    assert_string_equal(fault.text, "is too long");
    key[3] = 35, key[5] = 33, key[7] = 31;
    assert_false(decode(key, 39, &request, &fault));
    assert_string_equal(fault.field, "add_key.key");
    assert_string_equal(fault.text, "is too short");
}

static void a_request_has_at_most_32_kib(void **state) {
    (void)state;
    static uint8_t bytes[REQUEST_BYTES_MAX + 1];
    struct request request;
    struct codec_fault fault;
    assert_false(codec_request_decode(bytes, sizeof bytes, &request, &fault));
    assert_int_equal(fault.limit, REQUEST_BYTES_MAX);
    assert_string_equal(fault.text, "is too long");
    assert_int_equal(request.command.stamp.number, 0);
}

/* The record that begins a ledger, made by the encoder. */
static struct request genesis_of(void) {
    struct request request = {.command = {.verb = VERB_GENESIS}};
    struct genesis *genesis = &request.command.genesis;
    genesis->environment = ENVIRONMENT_TEST;
    genesis->profile = PROFILE_INTERNATIONAL;
    genesis->checkpoint_key.size = 32;
    genesis->origin_bytes = 4;
    memcpy(genesis->origin, "t/px", 4);
    genesis->operators[0].person = 1;
    genesis->operators[1].person = 2;
    for (int pool = 1; pool < POOLS_END; pool++) {
        genesis->limits.limit[pool] = 10;
        genesis->limits.ceiling[pool] = 20;
    }
    genesis->limits.price_ticks_max = 1000;
    return request;
}

static void genesis_names_every_pool_in_order(void **state) {
    (void)state;
    struct request request = genesis_of();
    struct codec_fault fault;
    uint8_t bytes[512];
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    struct request read;
    accepted(bytes, size, &read);
    assert_int_equal(read.command.genesis.limits.ceiling[POOL_TIMERS], 20);
    assert_int_equal(read.command.genesis.limits.ceiling[POOLS_END - 1], 20);
    /* The pools are the last but one thing in it: messages of 6 bytes behind 2. */
    uint8_t *pools = bytes + size - 3 - (POOLS_END - 1) * 8;
    assert_int_equal(pools[0], 0x32);
    assert_int_equal(pools[3], 1);
    pools[3] = 2;
    assert_false(decode(bytes, size, &read, &fault));
    assert_string_equal(fault.field, "genesis.pool.pool");
    assert_int_equal(fault.limit, 1);
    pools[3] = 1;
    pools[8] = 0x2a;
    assert_false(decode(bytes, size, &read, &fault));
    assert_string_equal(fault.field, "genesis.pool");
    assert_string_equal(fault.text, "is there too few times");
}

/* As the first release wrote it: the pools that came later are not named, or all are. */
static void genesis_may_leave_out_the_pools_that_came_later(void **state) {
    (void)state;
    struct request request = genesis_of();
    struct codec_fault fault;
    struct request read;
    uint8_t bytes[512];
    size_t whole = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    for (int pool = POOLS_FIRST_RELEASE_END; pool < POOLS_END; pool++) {
        request.command.genesis.limits.limit[pool] = 0;
        request.command.genesis.limits.ceiling[pool] = 0;
    }
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert_int_equal(whole - size, (POOLS_END - POOLS_FIRST_RELEASE_END) * 8);
    accepted(bytes, size, &read);
    assert_int_equal(read.command.genesis.limits.ceiling[POOL_TIMERS], 20);
    assert_int_equal(read.command.genesis.limits.ceiling[POOL_PARTIES], 0);
    request.command.genesis.limits.limit[POOL_PARTIES] = 10;
    request.command.genesis.limits.ceiling[POOL_PARTIES] = 20;
    size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert_false(decode(bytes, size, &read, &fault));
    assert_string_equal(fault.text, "is there too few times");
}

static void the_encoder_says_when_there_is_no_room(void **state) {
    (void)state;
    struct request request = genesis_of();
    uint8_t bytes[512 + CODEC_REQUEST_SLACK];
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert_int_not_equal(size, 0);
    for (size_t room = 0; room < size + CODEC_REQUEST_SLACK; room++) {
        uint8_t *alone = malloc(room + 1);
        size_t written = codec_request_encode(&request, NULL, alone, room);
        assert_true(written == 0 || (written == size && room > size));
        free(alone);
    }
    assert_int_equal(codec_request_encode(&request, NULL, bytes, size + CODEC_REQUEST_SLACK), size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_readme_says_what_it_says),
        cmocka_unit_test(a_new_order_is_read),
        cmocka_unit_test(fields_may_come_in_any_order),
        cmocka_unit_test(defaults_may_be_spelt_out),
        cmocka_unit_test(a_request_has_exactly_one_body),
        cmocka_unit_test(a_field_may_be_there_once),
        cmocka_unit_test(a_deed_says_once_on_whose_behalf_it_is_sent),
        cmocka_unit_test(a_deed_has_two_signatures_at_most_each_with_key_and_serial),
        cmocka_unit_test(unknown_fields_are_refused),
        cmocka_unit_test(a_wire_type_is_that_of_its_field),
        cmocka_unit_test(varints_have_one_spelling),
        cmocka_unit_test(the_largest_varint_is_read),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(numbers_have_their_ranges),
        cmocka_unit_test(the_smallest_amount_has_an_opposite),
        cmocka_unit_test(a_time_is_not_negative),
        cmocka_unit_test(clients_number_their_requests_and_only_they),
        cmocka_unit_test(a_fault_in_the_body_still_tells_the_number),
        cmocka_unit_test(text_is_short_and_of_its_alphabet),
        cmocka_unit_test(a_hash_has_its_whole_length),
        cmocka_unit_test(a_request_has_at_most_32_kib),
        cmocka_unit_test(genesis_names_every_pool_in_order),
        cmocka_unit_test(genesis_may_leave_out_the_pools_that_came_later),
        cmocka_unit_test(the_encoder_says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
