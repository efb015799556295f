/* gateway/notary.h: what is checked, in which order it comes back, and how much may wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "gateway/notary.h"
#include "ledger/deed_signature.h"
#include "proto/codec_request.h"

#define ORIGIN "exchange.example/2026"

struct bureau {
    struct wake core;
    struct notary *notary;
    struct signer *signer;
    struct signing_key key;
};

static int set_up(void **state) {
    static struct bureau bureau;
    assert_int_equal(wake_init(&bureau.core), 0);
    struct genesis genesis = {.profile = algorithms_profile(), .origin_bytes = strlen(ORIGIN)};
    memcpy(genesis.origin, ORIGIN, strlen(ORIGIN));
    bureau.notary = notary_create(&genesis, &bureau.core);
    assert_non_null(bureau.notary);
    assert_int_equal(signer_generate(algorithms_profile(), &bureau.signer), 0);
    signer_public(bureau.signer, &bureau.key);
    *state = &bureau;
    return 0;
}

static int tear_down(void **state) {
    struct bureau *bureau = *state;
    notary_destroy(bureau->notary);
    wake_fini(&bureau->core);
    signer_destroy(bureau->signer);
    return 0;
}

/* A request with so many signatures by our key, of which `wrong` (from 1) is false; 0: none. */
static struct span request_of(struct bureau *bureau, uint32_t signatures, uint32_t wrong,
                              uint8_t bytes[1024]) {
    struct request request = {.command = {.verb = VERB_DEED, .stamp = {.number = 7}}};
    struct deed *deed = &request.command.deed;
    deed->kind = DEED_REVOKE_MANDATE;
    deed->revoke_mandate.mandate = 3;
    for (uint32_t i = 0; i < signatures; i++) {
        struct deed_pen pen = {
            .signer = bureau->signer, .origin = ORIGIN, .party_key = i + 1, .serial = 9};
        assert_int_equal(deed_add_signature(deed, NULL, &pen), 0);
        deed->signatures[i].bytes[9] ^= (uint8_t)(wrong == i + 1);
    }
    size_t size = codec_request_encode(&request, NULL, bytes, 1024);
    assert_true(size > 0);
    return (struct span){bytes, size};
}

static bool put(struct bureau *bureau, uint32_t session, uint32_t signatures, uint32_t wrong) {
    uint8_t bytes[1024];
    struct notary_item item = {.session = session, .signatures = signatures};
    for (uint32_t i = 0; i < signatures; i++)
        item.keys[i] = bureau->key;
    return notary_put(bureau->notary, &item, request_of(bureau, signatures, wrong, bytes));
}

/* The next item that is decided, waited for as the core does. */
static const struct notary_item *next(struct bureau *bureau, uint32_t *wrong) {
    struct span bytes;
    const struct notary_item *item;
    while ((item = notary_take(bureau->notary, &bytes, wrong)) == NULL) {
        wake_announce(&bureau->core);
        if (notary_has_news(bureau->notary))
            wake_retract(&bureau->core);
        else
            wake_wait(&bureau->core, 10000);
    }
    assert_true(bytes.size > 0);
    return item;
}

static void what_is_decided_comes_back_in_order(void **state) {
    struct bureau *bureau = *state;
    static const uint32_t signatures[] = {1, 0, 2, 1, 2, 2, 0};
    static const uint32_t wrong[] = {0, 0, 0, 1, 2, 1, 0};
    uint32_t found;
    for (uint32_t i = 0; i < 7; i++)
        assert_true(put(bureau, i + 1, signatures[i], wrong[i]));
    assert_int_equal(notary_waiting(bureau->notary), 7);
    notary_flush(bureau->notary);
    for (uint32_t i = 0; i < 7; i++) {
        const struct notary_item *item = next(bureau, &found);
        assert_int_equal(item->session, i + 1);
        assert_int_equal(found, wrong[i]);
    }
    assert_int_equal(notary_waiting(bureau->notary), 0);
    assert_int_equal(notary_checked(bureau->notary), 1 + 2 + 1 + 2 + 1);
    assert_int_equal(notary_wrong(bureau->notary), 3);
}

static void nothing_is_decided_before_it_is_handed_in(void **state) {
    struct bureau *bureau = *state;
    uint32_t found;
    assert_true(put(bureau, 1, 0, 0));
    assert_false(notary_has_news(bureau->notary));
    notary_flush(bureau->notary);
    next(bureau, &found);
    assert_false(notary_has_news(bureau->notary));
}

static void so_many_items_wait_and_no_more(void **state) {
    struct bureau *bureau = *state;
    uint32_t found;
    for (uint32_t i = 0; i < NOTARY_ITEMS_MAX; i++)
        assert_true(put(bureau, i, 0, 0));
    assert_false(put(bureau, 1, 0, 0));
    notary_flush(bureau->notary);
    for (uint32_t i = 0; i < NOTARY_ITEMS_MAX; i++)
        assert_int_equal(next(bureau, &found)->session, i);
    assert_true(put(bureau, 1, 0, 0));
    notary_flush(bureau->notary);
    next(bureau, &found);
}

/* The longest requests fill the ring before there are too many; room comes back. */
static void so_many_bytes_wait_and_no_more(void **state) {
    struct bureau *bureau = *state;
    static uint8_t bytes[REQUEST_BYTES_MAX];
    struct notary_item item = {.session = 1};
    uint32_t found;
    for (int round = 0; round < 5; round++) {
        uint32_t count = 0;
        while (notary_put(bureau->notary, &item, (struct span){bytes, sizeof bytes}))
            count++;
        assert_true(count > NOTARY_BYTES_MAX / 2 / sizeof bytes && count < NOTARY_ITEMS_MAX);
        notary_flush(bureau->notary);
        for (; count > 0; count--)
            next(bureau, &found);
        struct span none;
        assert_null(notary_take(bureau->notary, &none, &found)); /* lets go of the last */
    }
}

static void whoever_ends_it_loses_what_waits(void **state) {
    struct bureau *bureau = *state;
    for (uint32_t i = 0; i < 100; i++)
        assert_true(put(bureau, i, 2, 0));
    notary_flush(bureau->notary);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_is_decided_comes_back_in_order), TEST(nothing_is_decided_before_it_is_handed_in),
        TEST(so_many_items_wait_and_no_more),      TEST(so_many_bytes_wait_and_no_more),
        TEST(whoever_ends_it_loses_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
