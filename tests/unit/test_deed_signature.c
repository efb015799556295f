/*
 * What a party signs (ledger/deed_signature.h): byte for byte, and that nothing of it may differ.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "ledger/deed_signature.h"
#include "proto/codec_request.h"
#include "tests/unit/readme.h"

#define ORIGIN "exchange.example/2026"

static const uint8_t BODY[] = {0x08, 0x07};
static const struct deed_signing SIGNING = {.origin = ORIGIN,
                                            .party_key = 5,
                                            .serial = 0x0102030405060708,
                                            .expires_ns = 0x1112131415161718,
                                            .kind = DEED_REVOKE_MANDATE,
                                            .body = BODY,
                                            .body_bytes = sizeof BODY};

static void the_bytes_are_those_of_the_description(void **state) {
    (void)state;
    static const char expected[] = "tpx deed v1\0" ORIGIN "\0"
                                   "\0\0\0\5"
                                   "\1\2\3\4\5\6\7\x08"
                                   "\x11\x12\x13\x14\x15\x16\x17\x18"
                                   "\0\0\0\x44"
                                   "\x08\x07";
    uint8_t bytes[DEED_SIGNED_BYTES_MAX];
    assert_int_equal(deed_signing_write(&SIGNING, bytes), sizeof expected - 1);
    assert_memory_equal(bytes, expected, sizeof expected - 1);
}

static void the_longest_deed_fits(void **state) {
    (void)state;
    static uint8_t body[REQUEST_BYTES_MAX];
    char origin[ORIGIN_BYTES_MAX + 1];
    uint8_t bytes[DEED_SIGNED_BYTES_MAX];
    struct deed_signing signing = SIGNING;
    memset(origin, 'o', ORIGIN_BYTES_MAX);
    origin[ORIGIN_BYTES_MAX] = '\0';
    signing.origin = origin;
    signing.body = body;
    signing.body_bytes = sizeof body;
    assert_int_equal(deed_signing_write(&signing, bytes), DEED_SIGNED_BYTES_MAX);
}

static void another_key_bit_or_field_is_another_signature(void **state) {
    (void)state;
    struct signer *signer;
    struct signer *stranger;
    struct signing_key key;
    uint8_t signature[SIGNATURE_BYTES];
    struct signing_key strange;
    uint8_t profile = algorithms_profile();
    assert_int_equal(signer_generate(profile, &signer), 0);
    assert_int_equal(signer_generate(profile, &stranger), 0);
    signer_public(signer, &key);
    signer_public(stranger, &strange);
    assert_int_equal(deed_sign(&SIGNING, signer, signature), 0);
    assert_true(deed_signature_is_right(&SIGNING, profile, &key, signature));
    assert_false(deed_signature_is_right(&SIGNING, profile, &strange, signature));

    static const uint8_t other_body[] = {0x08, 0x06};
    struct deed_signing others[8];
    for (size_t i = 0; i < 8; i++)
        others[i] = SIGNING;
    others[0].origin = "exchange.example/2027";
    others[1].party_key++;
    others[2].serial++;
    others[3].expires_ns++;
    others[4].kind = DEED_REVOKE_PARTY_KEY;
    others[5].body = other_body;
    others[6].body_bytes--;
    others[7].expires_ns = 0;
    for (size_t i = 0; i < 8; i++)
        assert_false(deed_signature_is_right(&others[i], profile, &key, signature));
    for (size_t bit = 0; bit < SIGNATURE_BYTES * (size_t)8; bit += 37) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(deed_signature_is_right(&SIGNING, profile, &key, signature));
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(deed_signature_is_right(&SIGNING, profile, &key, signature));
    signer_destroy(signer);
    signer_destroy(stranger);
}

/* The next bytes in hex, up to an empty line or the end; moves *text behind them. */
static size_t take_hex(char **text, uint8_t *bytes, size_t most) {
    size_t size = 0;
    for (; **text != '\0' && strncmp(*text, "\n\n", 2) != 0; ++*text) {
        if (!isxdigit((unsigned char)**text))
            continue;
        assert_true(size < most);
        bytes[size++] = (uint8_t)strtoul(*text, text, 16);
        --*text;
    }
    *text += strspn(*text, "\n");
    return size;
}

static void the_example_of_the_readme_is_signed_like_that(void **state) {
    (void)state;
    static const uint8_t secret[SECRET_KEY_SIZE] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                                    0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                                    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                                    0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    struct deed deed = {.kind = DEED_GRANT_MANDATE,
                        .grant_mandate = {.principal = 7,
                                          .agent = 2,
                                          .scope = MANDATE_PLEDGE,
                                          .limit_fen = 100000000,
                                          .until = 20271231}};
    struct hasher *hasher = hasher_create(PROFILE_INTERNATIONAL);
    struct hash document;
    struct signer *signer;
    uint8_t expected[DEED_SIGNED_BYTES_MAX];
    uint8_t body[REQUEST_BYTES_MAX];
    uint8_t bytes[DEED_SIGNED_BYTES_MAX];
    char *block = readme_block("proto/README.md", "hex");
    char *text = block;
    hasher_digest(hasher, "abc", 3, &document);
    memcpy(deed.grant_mandate.document, document.bytes, HASH_BYTES);
    assert_int_equal(signer_load(PROFILE_INTERNATIONAL, secret, &signer), 0);
    struct deed_pen pen = {
        .signer = signer, .origin = ORIGIN, .party_key = 5, .serial = 1795572000000000};
    assert_int_equal(deed_add_signature(&deed, NULL, &pen), 0);
    deed.body = body;
    deed.body_bytes = (uint32_t)codec_deed_body_encode(&deed, NULL, body);
    struct deed_signing signing = deed_signing_of(ORIGIN, &deed, 0);
    size_t size = take_hex(&text, expected, sizeof expected);
    assert_int_equal(deed_signing_write(&signing, bytes), size);
    assert_memory_equal(bytes, expected, size);
    assert_int_equal(take_hex(&text, expected, sizeof expected), SIGNATURE_BYTES);
    assert_memory_equal(deed.signatures[0].bytes, expected, SIGNATURE_BYTES);
    signer_destroy(signer);
    hasher_destroy(hasher);
    free(block);
}

/* What stands beside the body in a request is not signed: the same paper may be handed in by
 * another session, under another number, with a second signature. */
static void what_is_signed_of_a_request_is_its_body_as_it_came(void **state) {
    (void)state;
    struct request request = {.command = {.verb = VERB_DEED, .stamp = {.number = 9}}};
    struct request decoded;
    struct codec_fault fault;
    struct deed *deed = &request.command.deed;
    uint8_t bytes[256];
    deed->kind = DEED_REVOKE_MANDATE;
    deed->revoke_mandate.mandate = 7;
    deed->on_behalf_of = 3;
    deed->signatures_count = 2;
    for (uint32_t i = 0; i < 2; i++)
        deed->signatures[i] = (struct signature){.party_key = 5 + i,
                                                 .serial = SIGNING.serial,
                                                 .expires_ns = i == 0 ? SIGNING.expires_ns : 0};
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert_true(size > 0 && codec_request_decode(bytes, size, &decoded, &fault));
    struct deed_signing first = deed_signing_of(ORIGIN, &decoded.command.deed, 0);
    uint8_t mine[DEED_SIGNED_BYTES_MAX];
    uint8_t theirs[DEED_SIGNED_BYTES_MAX];
    size_t length = deed_signing_write(&first, mine);
    assert_int_equal(length, deed_signing_write(&SIGNING, theirs));
    assert_memory_equal(mine, theirs, length);
    struct deed_signing second = deed_signing_of(ORIGIN, &decoded.command.deed, 1);
    assert_int_equal(second.party_key, 6);
    assert_int_equal(second.expires_ns, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_those_of_the_description),
        cmocka_unit_test(the_longest_deed_fits),
        cmocka_unit_test(the_example_of_the_readme_is_signed_like_that),
        cmocka_unit_test(another_key_bit_or_field_is_another_signature),
        cmocka_unit_test(what_is_signed_of_a_request_is_its_body_as_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
