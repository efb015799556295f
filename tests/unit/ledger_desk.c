#include "tests/unit/ledger_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/algorithms.h"
#include "ledger/checkpoint.h"

#define ORDERS_MAX 5000
#define BATCH      10 /* records of a commit */
#define PRICE_FEN  1000
#define LOT        100
#define TAKEN_ONCE 8 /* of so many orders one is taken */

int ledger_desk_open(void **state) {
    struct ledger_desk *desk = calloc(1, sizeof *desk);
    struct maker_genesis genesis = {.limits = maker_limits(ORDERS_MAX, &record_list_market),
                                    .origin = LEDGER_DESK_ORIGIN};
    assert_non_null(desk);
    ledger_folder_make(desk->dir);
    for (int i = 0; i < LEDGER_DESK_SIGNERS; i++) {
        assert_int_equal(
            note_signer_generate(&desk->signers[i], algorithms_profile(), LEDGER_DESK_ORIGIN), 0);
        assert_int_equal(note_signer_verifier(&desk->signers[i], &desk->verifiers[i]), 0);
    }
    verifier_public(desk->verifiers[0].key, &genesis.checkpoint_key);
    desk->second_from = UINT64_MAX;
    record_list_init(&desk->list);
    maker_init(&desk->maker, &genesis, record_list_take, &desk->list);
    maker_market(&desk->maker, &record_list_market);
    *state = desk;
    return 0;
}

int ledger_desk_close(void **state) {
    struct ledger_desk *desk = *state;
    for (int i = 0; i < LEDGER_DESK_SIGNERS; i++) {
        note_signer_fini(&desk->signers[i]);
        note_verifier_fini(&desk->verifiers[i]);
    }
    maker_fini(&desk->maker);
    record_list_fini(&desk->list);
    ledger_folder_remove(desk->dir);
    free(desk);
    return 0;
}

static uint64_t request(struct ledger_desk *desk, struct command *command) {
    struct maker_sender sender = {desk->maker.first_session, desk->maker.first_key};
    return maker_request(&desk->maker, sender, command, NULL);
}

uint64_t ledger_desk_order(struct ledger_desk *desk, uint8_t side, int64_t price_fen,
                           uint64_t quantity) {
    struct command command = {.verb = VERB_NEW_ORDER,
                              .new_order = {.account = 1,
                                            .instrument = 1,
                                            .price_fen = price_fen,
                                            .order_qty = quantity,
                                            .side = side,
                                            .ord_type = ORD_TYPE_LIMIT,
                                            .time_in_force = TIME_IN_FORCE_GTC}};
    return request(desk, &command);
}

static uint64_t order_at(const struct ledger_desk *desk, uint64_t entered) {
    const struct listed_record *listed = &desk->list.records[entered];
    struct record record;
    assert_true(record_read(listed->bytes, listed->size, &record));
    return order_id_of(record.header.session, record.header.number);
}

void ledger_desk_cancel(struct ledger_desk *desk, uint64_t entered) {
    struct command command = {.verb = VERB_CANCEL, .cancel = {order_at(desk, entered)}};
    request(desk, &command);
}

void ledger_desk_replace(struct ledger_desk *desk, uint64_t entered, int64_t price_fen,
                         uint64_t quantity) {
    struct command command = {.verb = VERB_REPLACE,
                              .replace = {.order_id = order_at(desk, entered),
                                          .price_fen = price_fen,
                                          .order_qty = quantity}};
    request(desk, &command);
}

void ledger_desk_trade(struct ledger_desk *desk, uint32_t orders) {
    for (uint32_t i = 0; i < orders; i++)
        ledger_desk_order(desk, SIDE_SELL, PRICE_FEN + i % 20, LOT);
    if (orders >= TAKEN_ONCE)
        ledger_desk_order(desk, SIDE_BUY, PRICE_FEN + 20, LOT * (orders / TAKEN_ONCE));
    maker_seal(&desk->maker);
}

/* --- storing ---------------------------------------------------------------------------------- */

static bool is_seal(const struct listed_record *listed) {
    struct record record;
    struct request request;
    struct codec_fault fault;
    return record_read(listed->bytes, listed->size, &record) && record.header.part == 0 &&
           codec_request_decode(record.request.bytes, record.request.size, &request, &fault) &&
           request.command.verb == VERB_SEAL;
}

static void sign(const struct ledger_desk *desk, struct journal *journal) {
    struct checkpoint checkpoint = {.origin = LEDGER_DESK_ORIGIN};
    const struct note_signer *signers[LEDGER_DESK_SIGNERS];
    char note[CHECKPOINT_SIZE_MAX];
    uint32_t count = 0;
    journal_head(journal, &checkpoint.head);
    if (desk->first_until == 0 || checkpoint.head.size <= desk->first_until)
        signers[count++] = &desk->signers[0];
    if (checkpoint.head.size > desk->second_from)
        signers[count++] = &desk->signers[1];
    int size = checkpoint_sign(&checkpoint, signers, count, note);
    assert_true(size > 0);
    assert_int_equal(journal_commit(journal), 0);
    assert_int_equal(journal_put_checkpoint(journal, checkpoint.head.size, note, (size_t)size), 0);
    assert_int_equal(journal_commit(journal), 0);
}

static bool begins_volume(const struct ledger_desk *desk, uint64_t sequence) {
    for (int i = 0; i < LEDGER_DESK_ROLLS; i++)
        if (desk->rolls[i] != 0 && desk->rolls[i] == sequence)
            return true;
    return false;
}

void ledger_desk_store(struct ledger_desk *desk) {
    struct journal *journal = NULL;
    ledger_folder_remove(desk->dir);
    uint8_t profile = desk->profile != 0 ? desk->profile : algorithms_profile();
    assert_int_equal(journal_create(desk->dir, profile), 0);
    assert_int_equal(journal_open(&journal, desk->dir, &ledger_folder_options), 0);
    for (size_t i = 0; i < desk->list.count; i++) {
        const struct listed_record *listed = &desk->list.records[i];
        if (begins_volume(desk, i))
            assert_int_equal(journal_roll(journal), 0);
        assert_int_equal(journal_append(journal, listed->bytes, listed->size), 0);
        if (is_seal(listed) || (desk->signed_always != 0 && i + 1 == desk->signed_always))
            sign(desk, journal);
        else if (i % BATCH == BATCH - 1)
            assert_int_equal(journal_commit(journal), 0);
    }
    assert_int_equal(journal_commit(journal), 0);
    journal_close(journal);
}

/* --- changes ---------------------------------------------------------------------------------- */

static uint32_t volume_of(const struct ledger_desk *desk, uint64_t sequence) {
    uint32_t volume = 0;
    for (int i = 0; i < LEDGER_DESK_ROLLS; i++)
        volume += desk->rolls[i] != 0 && desk->rolls[i] <= sequence;
    return volume;
}

void ledger_desk_flip(struct ledger_desk *desk, uint64_t sequence, size_t at) {
    const struct listed_record *listed = &desk->list.records[sequence];
    char path[LEDGER_FOLDER_PATH + 64];
    snprintf(path, sizeof path, "%s/volume-%06u/data.mdb", desk->dir, volume_of(desk, sequence));
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    rewind(file);
    assert_int_equal(fread(bytes, 1, size, file), size);
    uint32_t count = 0;
    uint8_t *found = memmem(bytes, size, listed->bytes, listed->size);
    for (; found != NULL; count++) {
        found[at] ^= 0x10;
        assert_int_equal(fseek(file, found - bytes + (long)at, SEEK_SET), 0);
        assert_int_not_equal(fputc(found[at], file), EOF);
        found = memmem(bytes, size, listed->bytes, listed->size);
    }
    assert_int_not_equal(count, 0);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}
