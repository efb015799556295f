/*
 * ledger/note.h, ledger/checkpoint.h, ledger/proof.h and what they are written in, against the
 * published examples of golang.org/x/mod/sumdb/note and C2SP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/decimal.h"
#include "ledger/failure.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/utf8.h"

/* The example key and note of golang.org/x/mod/sumdb/note. */
static const char peter_signer[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char peter_verifier[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peter_text[] = "If you think cryptography is the answer to your problem,\n"
                                 "then you don't know what your problem is.\n";
#define PETER_LINE                                                                                 \
    "\u2014 PeterNeumann "                                                                         \
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=" \
    "\n"

struct desk {
    struct note_signer signer;
    struct note_verifier verifier;
    struct note_keyring keys;
    char bytes[8192];
    struct note_buffer buffer;
};

static int open_desk(void **state) {
    static struct desk desk;
    int failure = note_signer_parse(&desk.signer, peter_signer);
    failure |= note_verifier_parse(&desk.verifier, peter_verifier);
    desk.keys = (struct note_keyring){&desk.verifier, 1};
    desk.buffer = (struct note_buffer){desk.bytes, sizeof desk.bytes};
    *state = &desk;
    return failure;
}

static int close_desk(void **state) {
    struct desk *desk = *state;
    note_signer_fini(&desk->signer);
    note_verifier_fini(&desk->verifier);
    return 0;
}

/* --- texts ----------------------------------------------------------------------------------- */

static void base64_has_one_text_for_some_bytes(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char text[16] = {0};
        uint8_t bytes[8];
        size_t size = strlen(pairs[i][0]);
        assert_int_equal(base64_encode(pairs[i][0], size, text), BASE64_SIZE(size));
        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(base64_decode(text, strlen(text), bytes, sizeof bytes), size);
        assert_memory_equal(bytes, pairs[i][0], size);
    }
}

static void base64_that_nobody_writes_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "Z",      "Zg",   "Zg=",      "Zh==",  "Zm9=", "Z===",     "====",
        "Zm9v\n", "Zm-v", "Zg==Zg==", "Zm 9v", "=m9v", "Zm9vYmF=", "Zm9vZ*=="};
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(base64_decode(bad[i], strlen(bad[i]), bytes, sizeof bytes),
                         FAILURE_MALFORMED);
    assert_int_equal(base64_decode("Zm9vYmFy", 8, bytes, 5), FAILURE_MALFORMED);
}

static void decimal_has_one_text_for_a_number(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "00",
                                      "01",
                                      "+1",
                                      "-1",
                                      " 1",
                                      "1 ",
                                      "1x",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    uint64_t number = 7;
    assert_true(decimal_parse("0", 1, &number) && number == 0);
    assert_true(decimal_parse("18446744073709551615", 20, &number) && number == UINT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(decimal_parse(bad[i], strlen(bad[i]), &number));
}

static void utf8_that_no_encoder_writes_is_refused(void **state) {
    (void)state;
    static const char *const good[] = {"A", "\u00E9", "\u2014", "\U0001F600", "\U0010FFFF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xE2\x80",
                                      "\xE2\x41\x41",
                                      "\xFF"};
    uint32_t character = 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(utf8_decode(good[i], strlen(good[i]), &character), strlen(good[i]));
    assert_int_equal(character, 0x10FFFF);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &character), 0);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void key_strings_are_those_of_the_published_example(void **state) {
    struct desk *desk = *state;
    struct note_verifier derived;
    char text[NOTE_KEY_TEXT_SIZE];
    note_signer_format(&desk->signer, text);
    assert_string_equal(text, peter_signer);
    note_verifier_format(&desk->verifier, text);
    assert_string_equal(text, peter_verifier);
    assert_int_equal(note_signer_verifier(&desk->signer, &derived), 0);
    note_verifier_format(&derived, text);
    assert_string_equal(text, peter_verifier);
    note_verifier_fini(&derived);
}

static void generated_key_signs_under_its_name(void **state) {
    struct desk *desk = *state;
    struct note_signer signer;
    struct note_signer copy;
    struct note_verifier verifier;
    struct note note;
    char text[NOTE_KEY_TEXT_SIZE];
    assert_int_equal(note_signer_generate(&signer, algorithms_profile(), "tpx.example/test"), 0);
    note_signer_format(&signer, text);
    assert_int_equal(note_signer_parse(&copy, text), 0);
    assert_int_equal(note_signer_verifier(&signer, &verifier), 0);
    const struct note_signer *signers[] = {&copy};
    int size = note_sign("x\n", 2, signers, 1, &desk->buffer);
    struct note_keyring keys = {&verifier, 1};
    assert_true(size > 0);
    assert_int_equal(note_open(desk->bytes, (size_t)size, &keys, &note), 0);
    assert_int_equal(note.verified, 1);
    note_signer_fini(&signer);
    note_signer_fini(&copy);
    note_verifier_fini(&verifier);
}

/* The key of GB/T 32918.5's example under a name. */
static const char national_verifier[] =
    "tpx.example/test+b27304fc+/3RweC1zbTItc20zQHYxAwn53zEeVCGhUN19Fh5LxcZyF5+tGDP8B2uwj/NW81Ag";
static const char national_signer[] =
    "PRIVATE+KEY+tpx.example/test+b27304fc+"
    "/3RweC1zbTItc20zQHYxOUUgj3shRLE/NuOKxtOflYiTk2koYLUaQvuB7033xbg=";

static void a_national_key_has_a_type_of_its_own(void **state) {
    struct desk *desk = *state;
    struct note_signer signer;
    struct note_verifier verifier;
    struct note_verifier derived;
    struct note note;
    char text[NOTE_KEY_TEXT_SIZE];
    assert_int_equal(note_verifier_parse(&verifier, national_verifier), 0);
    assert_int_equal(note_signer_parse(&signer, national_signer), 0);
    assert_int_equal(verifier.profile, PROFILE_NATIONAL);
    assert_int_equal(note_signer_verifier(&signer, &derived), 0);
    note_verifier_format(&derived, text);
    assert_string_equal(text, national_verifier);
    note_signer_format(&signer, text);
    assert_string_equal(text, national_signer);
    const struct note_signer *signers[] = {&signer, &desk->signer};
    int size = note_sign("x\n", 2, signers, 2, &desk->buffer);
    struct note_keyring keys = {&verifier, 1};
    assert_true(size > 0);
    assert_int_equal(note_open(desk->bytes, (size_t)size, &keys, &note), 0);
    desk->bytes[0] = 'y';
    assert_int_equal(note_open(desk->bytes, (size_t)size, &keys, &note), FAILURE_SIGNATURE);
    note_verifier_fini(&derived);
    note_verifier_fini(&verifier);
    note_signer_fini(&signer);
}

static void key_names_hold_no_space_and_no_plus(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "a b",
                                      "a+b",
                                      "a\nb",
                                      "a\u00A0b",
                                      "a\u2003b",
                                      "a\u3000",
                                      "a\xC2\x85"
                                      "b",
                                      "a\xFFz",
                                      "a\tb",
                                      "a\u1680b",
                                      "a\u2028b",
                                      "a\u205Fb",
                                      "\x01name"};
    struct note_signer signer;
    struct note_verifier verifier;
    static const struct signing_key key = {.size = 32};
    char name[NOTE_NAME_MAX + 2];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(note_signer_generate(&signer, algorithms_profile(), bad[i]),
                         FAILURE_MALFORMED);
        assert_int_equal(note_verifier_make(&verifier, PROFILE_INTERNATIONAL, bad[i], &key),
                         FAILURE_MALFORMED);
    }
    memset(name, 'n', sizeof name);
    name[NOTE_NAME_MAX + 1] = '\0';
    assert_int_equal(note_signer_generate(&signer, algorithms_profile(), name), FAILURE_MALFORMED);
    name[NOTE_NAME_MAX] = '\0';
    assert_int_equal(note_signer_generate(&signer, algorithms_profile(), name), 0);
    char text[NOTE_KEY_TEXT_SIZE];
    note_signer_format(&signer, text);
    note_signer_fini(&signer);
    assert_int_equal(note_signer_parse(&signer, text), 0);
    note_signer_fini(&signer);
}

/* As Go's own test mangles its key: every proper part of the string, every character raised. */
static void mangled_key_strings_are_refused(void **state) {
    (void)state;
    struct note_verifier verifier;
    struct note_signer signer;
    char text[sizeof peter_signer];
    size_t size = strlen(peter_verifier);
    for (size_t from = 0; from <= size; from++) {
        for (size_t to = from; to <= size; to++) {
            memcpy(text, peter_verifier + from, to - from);
            text[to - from] = '\0';
            if (to - from < size)
                assert_int_equal(note_verifier_parse(&verifier, text), FAILURE_MALFORMED);
        }
    }
    for (size_t i = 0; i < size; i++) {
        strcpy(text, peter_verifier);
        text[i]++;
        assert_int_equal(note_verifier_parse(&verifier, text), FAILURE_MALFORMED);
    }
    for (size_t i = 0; i < strlen(peter_signer); i++) {
        strcpy(text, peter_signer);
        text[i]++;
        assert_int_equal(note_signer_parse(&signer, text), FAILURE_MALFORMED);
    }
}

/* --- notes ----------------------------------------------------------------------------------- */

static void signed_note_is_the_published_one_to_the_byte(void **state) {
    struct desk *desk = *state;
    static const char expected[] = "If you think cryptography is the answer to your problem,\n"
                                   "then you don't know what your problem is.\n"
                                   "\n" PETER_LINE;
    const struct note_signer *signers[] = {&desk->signer};
    struct note note;
    int size = note_sign(peter_text, strlen(peter_text), signers, 1, &desk->buffer);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(desk->bytes, expected, (size_t)size);
    assert_int_equal(note_open(desk->bytes, (size_t)size, &desk->keys, &note), 0);
    assert_int_equal(note.text_size, strlen(peter_text));
    assert_int_equal(note.signatures_count, 1);
    assert_int_equal(note.verified, 1);
}

static void note_of_the_specification_is_read(void **state) {
    (void)state;
    static const char text[] =
        "Ognuno sta solo sul cuor della terra\n"
        "trafitto da un raggio di sole:\n"
        "\n"
        "ed \u00E8 subito sera.\n"
        "\n"
        "\u2014 quasimodo.example/salvatore "
        "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj9"
        "9ihAQwaqP3ZekRwNtIc=\n";
    struct note note;
    assert_int_equal(note_parse(text, strlen(text), &note), 0);
    assert_int_equal(note.signatures_count, 1);
    assert_memory_equal(note.text + note.text_size - 6, "sera.\n", 6);
}

static void unknown_signatures_are_ignored_and_wrong_ones_spoil_the_note(void **state) {
    struct desk *desk = *state;
    struct note_signer stranger;
    struct note note;
    assert_int_equal(note_signer_generate(&stranger, algorithms_profile(), "PeterNeumann"), 0);
    const struct note_signer *both[] = {&stranger, &desk->signer};
    int size = note_sign("hello\n", 6, both, 2, &desk->buffer);
    assert_true(size > 0);
    assert_int_equal(note_open(desk->bytes, (size_t)size, &desk->keys, &note), 0);
    assert_int_equal(note.signatures_count, 2);
    assert_int_equal(note.verified, 1);

    size = note_sign("hello\n", 6, both, 1, &desk->buffer);
    assert_int_equal(note_open(desk->bytes, (size_t)size, &desk->keys, &note), FAILURE_SIGNATURE);

    size = note_sign("hello\n", 6, both, 2, &desk->buffer);
    desk->bytes[0] = 'j';
    assert_int_equal(note_open(desk->bytes, (size_t)size, &desk->keys, &note), FAILURE_SIGNATURE);
    struct note_keyring nobody = {NULL, 0};
    assert_int_equal(note_open(desk->bytes, (size_t)size, &nobody, &note), FAILURE_SIGNATURE);
    note_signer_fini(&stranger);
}

static void old_and_new_key_sign_together(void **state) {
    struct desk *desk = *state;
    struct note_signer newer;
    struct note_verifier verifiers[2];
    struct note note;
    assert_int_equal(note_signer_generate(&newer, algorithms_profile(), "PeterNeumann"), 0);
    assert_int_equal(note_verifier_parse(&verifiers[0], peter_verifier), 0);
    assert_int_equal(note_signer_verifier(&newer, &verifiers[1]), 0);
    const struct note_signer *both[] = {&desk->signer, &newer};
    int size = note_sign("hello\n", 6, both, 2, &desk->buffer);
    for (uint32_t i = 0; i < 2; i++) {
        struct note_keyring one = {&verifiers[i], 1};
        assert_int_equal(note_open(desk->bytes, (size_t)size, &one, &note), 0);
    }
    struct note_keyring all = {verifiers, 2};
    assert_int_equal(note_open(desk->bytes, (size_t)size, &all, &note), 0);
    assert_int_equal(note.verified, 3);
    note_verifier_fini(&verifiers[0]);
    note_verifier_fini(&verifiers[1]);
    note_signer_fini(&newer);
}

static void sixteen_signatures_are_read_and_too_many_are_not(void **state) {
    struct desk *desk = *state;
    struct note note;
    static char many[NOTE_SIGNATURES_MAX * 120 + 300];
    for (uint32_t count = 1; count <= NOTE_SIGNATURES_MAX + 1; count++) {
        strcpy(many, "hello\n\n");
        const struct note_signer *signers[] = {&desk->signer};
        int size = note_sign("hello\n", 6, signers, 1, &desk->buffer);
        desk->bytes[size] = '\0';
        for (uint32_t i = 0; i < count; i++)
            strcat(many, desk->bytes + 7);
        int expected = count <= NOTE_SIGNATURES_MAX ? 0 : FAILURE_MALFORMED;
        assert_int_equal(note_open(many, strlen(many), &desk->keys, &note), expected);
    }
}

static void malformed_notes_are_refused(void **state) {
    struct desk *desk = *state;
    static const char *const bad[] = {
        "",
        "\n",
        "hello",
        "hello\n",
        "hello\n\n",
        "hello\n" PETER_LINE,
        "hello\n\n\u2014 PeterNeumann\n",
        "hello\n\n\u2014 PeterNeumann \n",
        "hello\n\n\u2014 PeterNeumann x08goA==\n",
        "hello\n\n- PeterNeumann x08goAAA\n",
        "hello\n\n\u2014  x08goAAA\n",
        "hello\n\n\u2014 Peter+Neumann x08goAAA\n",
        "hello\n\n\u2014 PeterNeumann x08goAAA",
        "hello\n\n\u2014 PeterNeumann x08goAAA \n",
        "hel\tlo\n\n\u2014 PeterNeumann x08goAAA\n",
        "hel\xFFlo\n\n\u2014 PeterNeumann x08goAAA\n",
        "hello\n\n\u2014 PeterNeumann x08goAAA\nmore\n",
        "hello\n\n\u2014 PeterNeumann x08goAAA\n\n",
    };
    struct note note;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(note_open(bad[i], strlen(bad[i]), &desk->keys, &note), FAILURE_MALFORMED);
    static char large[NOTE_SIZE_MAX + 100];
    memset(large, 'a', sizeof large);
    memcpy(large + sizeof large - strlen("\n\n" PETER_LINE), "\n\n" PETER_LINE,
           strlen("\n\n" PETER_LINE));
    assert_int_equal(note_open(large, sizeof large, &desk->keys, &note), FAILURE_MALFORMED);
}

static void text_that_no_note_may_hold_is_not_signed(void **state) {
    struct desk *desk = *state;
    const struct note_signer *signers[] = {&desk->signer};
    struct note_buffer small = {desk->bytes, 100};
    assert_int_equal(note_sign("", 0, signers, 1, &desk->buffer), FAILURE_MALFORMED);
    assert_int_equal(note_sign("a", 1, signers, 1, &desk->buffer), FAILURE_MALFORMED);
    assert_int_equal(note_sign("a\x01\n", 3, signers, 1, &desk->buffer), FAILURE_MALFORMED);
    assert_int_equal(note_sign("\xC0\n", 2, signers, 1, &desk->buffer), FAILURE_MALFORMED);
    assert_int_equal(note_sign("a\n", 2, signers, 0, &desk->buffer), FAILURE_MALFORMED);
    assert_int_equal(note_sign("a\n", 2, signers, 1, &small), FAILURE_MALFORMED);
}

/* --- checkpoints ----------------------------------------------------------------------------- */

static void checkpoint_of_the_specification_is_read(void **state) {
    (void)state;
    static const char text[] = "example.com/behind-the-sofa\n"
                               "20852163\n"
                               "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    struct checkpoint checkpoint;
    assert_int_equal(checkpoint_parse(text, strlen(text), &checkpoint), 0);
    assert_string_equal(checkpoint.origin, "example.com/behind-the-sofa");
    assert_int_equal(checkpoint.head.size, 20852163);
    assert_int_equal(checkpoint.head.root.bytes[0], 0x0A);
}

static void checkpoint_comes_back_as_it_was_signed(void **state) {
    struct desk *desk = *state;
    struct checkpoint checkpoint = {.origin = "tpx.example/market", .head = {.size = 12345}};
    struct checkpoint copy;
    struct note note;
    char bytes[CHECKPOINT_SIZE_MAX];
    const struct note_signer *signers[] = {&desk->signer};
    memset(checkpoint.head.root.bytes, 0xA5, HASH_SIZE);
    int size = checkpoint_sign(&checkpoint, signers, 1, bytes);
    assert_true(size > 0);
    static const char text[] = "tpx.example/market\n12345\n"
                               "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n\n";
    assert_memory_equal(bytes, text, strlen(text));
    assert_int_equal(checkpoint_open(bytes, (size_t)size, &desk->keys, &copy, &note), 0);
    assert_memory_equal(&copy, &checkpoint, sizeof copy);
    bytes[size - 5] ^= 1;
    assert_int_not_equal(checkpoint_open(bytes, (size_t)size, &desk->keys, &copy, &note), 0);
}

static void longest_checkpoint_fits_its_limit(void **state) {
    (void)state;
    struct checkpoint checkpoint = {.head = {.size = UINT64_MAX}};
    struct note_signer signer;
    char bytes[CHECKPOINT_SIZE_MAX];
    memset(checkpoint.origin, 'o', CHECKPOINT_ORIGIN_MAX);
    assert_int_equal(note_signer_generate(&signer, algorithms_profile(), checkpoint.origin), 0);
    const struct note_signer *signers[] = {&signer, &signer, &signer, &signer, &signer};
    assert_int_equal(checkpoint_sign(&checkpoint, signers, 4, bytes), CHECKPOINT_SIZE_MAX);
    assert_int_equal(checkpoint_sign(&checkpoint, signers, 5, bytes), FAILURE_MALFORMED);
    checkpoint.origin[3] = '\n';
    assert_int_equal(checkpoint_sign(&checkpoint, signers, 1, bytes), FAILURE_MALFORMED);
    checkpoint.origin[0] = '\0';
    assert_int_equal(checkpoint_sign(&checkpoint, signers, 1, bytes), FAILURE_MALFORMED);
    note_signer_fini(&signer);
}

static void extension_lines_are_read_over_but_not_empty_ones(void **state) {
    (void)state;
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    static const char *const bad[] = {"",
                                      "o\n",
                                      "o\n1\n",
                                      "\n1\n" ROOT,
                                      "o\n01\n" ROOT,
                                      "o\n\n1\n" ROOT,
                                      "o\n1\n" ROOT "\nx\n",
                                      "o\n1\n" ROOT "x",
                                      "o\n1\nCsUY\n",
                                      "o\n-1\n" ROOT,
                                      "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n"};
    struct checkpoint checkpoint;
    const char *good = "o\n1\n" ROOT "extension\nanother\n";
    assert_int_equal(checkpoint_parse(good, strlen(good), &checkpoint), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(checkpoint_parse(bad[i], strlen(bad[i]), &checkpoint), FAILURE_MALFORMED);
}

/* --- proofs ---------------------------------------------------------------------------------- */

/* A tree of two leaves, signed by Peter, and the proof of its second. */
struct proven {
    struct hasher *hasher;
    struct hash leaf[2];
    char checkpoint[CHECKPOINT_SIZE_MAX];
    struct proof proof;
    char text[PROOF_SIZE_MAX(CHECKPOINT_SIZE_MAX)];
    int size;
};

static void prove(struct desk *desk, struct proven *proven, size_t extra_size) {
    struct checkpoint checkpoint = {.origin = "PeterNeumann", .head = {.size = 2}};
    const struct note_signer *signers[] = {&desk->signer};
    proven->hasher = hasher_create(PROFILE_INTERNATIONAL);
    assert_non_null(proven->hasher);
    hasher_leaf(proven->hasher, "zero", 4, &proven->leaf[0]);
    hasher_leaf(proven->hasher, "one", 3, &proven->leaf[1]);
    hasher_node(proven->hasher, &proven->leaf[0], &proven->leaf[1], &checkpoint.head.root);
    int size = checkpoint_sign(&checkpoint, signers, 1, proven->checkpoint);
    assert_true(size > 0);
    proven->proof.index = 1;
    proven->proof.path.count = 1;
    proven->proof.path.hashes[0] = proven->leaf[0];
    proven->proof.checkpoint = proven->checkpoint;
    proven->proof.checkpoint_size = (size_t)size;
    proven->proof.extra_size = extra_size;
    memset(proven->proof.extra, 'e', extra_size);
    proven->size = proof_format(&proven->proof, proven->text, sizeof proven->text);
    assert_true(proven->size > 0);
}

static void proof_file_is_written_as_specified(void **state) {
    static struct proven proven;
    static const char head[] = "c2sp.org/tlog-proof@v1\n"
                               "extra ZWVl\n"
                               "index 1\n";
    static const char after[] = "\n\nPeterNeumann\n2\n";
    prove(*state, &proven, 3);
    assert_memory_equal(proven.text, head, strlen(head));
    assert_memory_equal(proven.text + strlen(head) + 44, after, strlen(after));
    hasher_destroy(proven.hasher);
}

static void proof_file_convinces_only_about_its_entry(void **state) {
    struct desk *desk = *state;
    static struct proven proven;
    static struct proof copy;
    struct checkpoint checkpoint;
    for (size_t extra_size = 0; extra_size <= PROOF_EXTRA_MAX; extra_size += PROOF_EXTRA_MAX) {
        prove(desk, &proven, extra_size);
        assert_int_equal(proof_parse(proven.text, (size_t)proven.size, &copy), 0);
        assert_int_equal(copy.index, 1);
        assert_int_equal(copy.extra_size, extra_size);
        assert_memory_equal(copy.extra, proven.proof.extra, extra_size);
        assert_int_equal(
            proof_check(&copy, proven.hasher, &proven.leaf[1], &desk->keys, &checkpoint), 0);
        assert_int_equal(checkpoint.head.size, 2);
        assert_int_equal(
            proof_check(&copy, proven.hasher, &proven.leaf[0], &desk->keys, &checkpoint),
            FAILURE_DAMAGED);
        copy.index = 0;
        assert_int_equal(
            proof_check(&copy, proven.hasher, &proven.leaf[1], &desk->keys, &checkpoint),
            FAILURE_DAMAGED);
        hasher_destroy(proven.hasher);
    }
}

static void every_changed_byte_of_a_proof_file_is_noticed(void **state) {
    struct desk *desk = *state;
    static struct proven proven;
    static struct proof copy;
    struct checkpoint checkpoint;
    prove(desk, &proven, 0);
    for (int i = 0; i < proven.size; i++) {
        proven.text[i] ^= 1;
        int failure = proof_parse(proven.text, (size_t)proven.size, &copy);
        if (failure == 0)
            failure = proof_check(&copy, proven.hasher, &proven.leaf[1], &desk->keys, &checkpoint);
        assert_true(failure < 0);
        proven.text[i] ^= 1;
    }
    hasher_destroy(proven.hasher);
}

static void malformed_proof_files_are_refused(void **state) {
    (void)state;
#define HASH_LINE "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex\n\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\n",
        "c2sp.org/tlog-proof@v1\nindex 1\nextra ZWVl\n\n",
        "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n",
        "c2sp.org/tlog-proof@v1\nextra ZWV\nindex 1\n\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n" HASH_LINE,
        "c2sp.org/tlog-proof@v1\nindex 1\nZWVl\n\n",
    };
    static struct proof proof;
    static char deep[8192];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(proof_parse(bad[i], strlen(bad[i]), &proof), FAILURE_MALFORMED);
    strcpy(deep, "c2sp.org/tlog-proof@v1\nindex 1\n");
    for (int i = 0; i <= MERKLE_PROOF_MAX; i++)
        strcat(deep, HASH_LINE);
    strcat(deep, "\n");
    assert_int_equal(proof_parse(deep, strlen(deep), &proof), FAILURE_MALFORMED);
    assert_int_equal(proof_format(&proof, deep, 100), FAILURE_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_has_one_text_for_some_bytes),
        cmocka_unit_test(base64_that_nobody_writes_is_refused),
        cmocka_unit_test(decimal_has_one_text_for_a_number),
        cmocka_unit_test(utf8_that_no_encoder_writes_is_refused),
        cmocka_unit_test(key_strings_are_those_of_the_published_example),
        cmocka_unit_test(generated_key_signs_under_its_name),
        cmocka_unit_test(a_national_key_has_a_type_of_its_own),
        cmocka_unit_test(key_names_hold_no_space_and_no_plus),
        cmocka_unit_test(mangled_key_strings_are_refused),
        cmocka_unit_test(signed_note_is_the_published_one_to_the_byte),
        cmocka_unit_test(note_of_the_specification_is_read),
        cmocka_unit_test(unknown_signatures_are_ignored_and_wrong_ones_spoil_the_note),
        cmocka_unit_test(old_and_new_key_sign_together),
        cmocka_unit_test(sixteen_signatures_are_read_and_too_many_are_not),
        cmocka_unit_test(malformed_notes_are_refused),
        cmocka_unit_test(text_that_no_note_may_hold_is_not_signed),
        cmocka_unit_test(checkpoint_of_the_specification_is_read),
        cmocka_unit_test(checkpoint_comes_back_as_it_was_signed),
        cmocka_unit_test(longest_checkpoint_fits_its_limit),
        cmocka_unit_test(extension_lines_are_read_over_but_not_empty_ones),
        cmocka_unit_test(proof_file_is_written_as_specified),
        cmocka_unit_test(proof_file_convinces_only_about_its_entry),
        cmocka_unit_test(every_changed_byte_of_a_proof_file_is_noticed),
        cmocka_unit_test(malformed_proof_files_are_refused),
    };
    return cmocka_run_group_tests(tests, open_desk, close_desk);
}
