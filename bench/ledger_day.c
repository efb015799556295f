#include "bench/ledger_day.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "bench/algorithms.h"
#include "bench/random.h"
#include "ledger/checkpoint.h"
#include "ledger/snapshot.h"

#define BATCH        4000u
#define SEALED_EVERY 50000u

/* Orders that rest lie in two bands of so many ticks, at a quarter and three quarters of the prices
 * that the flow may use. */
#define REST_TICKS 4000u

#define SECRET_BYTE 0x2a /* the signer's secret: the same day has the same key */

struct ledger_day_options ledger_day_options(const char *dir, uint32_t orders) {
    return (struct ledger_day_options){
        .dir = dir,
        .orders = orders,
        .batch = BATCH,
        .sealed_every = SEALED_EVERY,
        .market = {.participants = 8, .accounts = 64, .instruments = 100, .is_funded = true}};
}

/* `done` is 0, whatever the build asserts. */
static void must(int done) {
    assert(done == 0);
    (void)done;
}

static void take_record(void *owner, const uint8_t *bytes, size_t size) {
    struct ledger_day *day = owner;
    must(journal_append(day->journal, bytes, size));
}

static void commit(struct ledger_day *day) {
    must(journal_commit(day->journal));
}

void ledger_day_seal(struct ledger_day *day) {
    const struct note_signer *signers[] = {&day->signer};
    struct checkpoint checkpoint = {.origin = LEDGER_DAY_ORIGIN};
    char note[CHECKPOINT_SIZE_MAX];
    maker_seal(&day->maker);
    commit(day);
    journal_head(day->journal, &checkpoint.head);
    int size = checkpoint_sign(&checkpoint, signers, 1, note);
    assert(size > 0);
    must(journal_put_checkpoint(day->journal, checkpoint.head.size, note, (size_t)size));
    commit(day);
    day->sealed = checkpoint.head.size;
}

/* Commits and seals when it is time. */
static void keep_up(struct ledger_day *day) {
    if (day->maker.next - day->sealed >= day->options.sealed_every)
        ledger_day_seal(day);
    else if (day->maker.next - journal_durable(day->journal) >= day->options.batch)
        commit(day);
}

static void make_signer(struct ledger_day *day, struct signing_key *key) {
    uint8_t secret[SECRET_KEY_SIZE];
    memset(secret, SECRET_BYTE, sizeof secret);
    must(note_signer_make(&day->signer, algorithms_profile(), LEDGER_DAY_ORIGIN, secret));
    signer_public(day->signer.key, key);
}

void ledger_day_begin(struct ledger_day *day, const struct ledger_day_options *options) {
    struct maker_genesis genesis = {.limits = maker_limits(options->orders, &options->market),
                                    .origin = LEDGER_DAY_ORIGIN};
    *day = (struct ledger_day){.options = *options};
    make_signer(day, &genesis.checkpoint_key);
    must(journal_create(options->dir, algorithms_profile()));
    must(journal_open(&day->journal, options->dir, NULL));
    maker_init(&day->maker, &genesis, take_record, day);
    maker_market(&day->maker, &options->market);
    ledger_day_seal(day);
}

void ledger_day_trade(struct ledger_day *day, const struct flow *flow) {
    for (size_t i = 0; i < flow->count; i++) {
        maker_play(&day->maker, flow, i, i + 1);
        keep_up(day);
    }
}

void ledger_day_rest(struct ledger_day *day, uint32_t count, uint32_t price_ticks_max) {
    const struct maker_market *market = &day->options.market;
    struct random random = {count};
    for (uint32_t i = 0; i < count; i++) {
        bool is_buy = random_once_in(&random, 2);
        uint32_t middle = is_buy ? price_ticks_max / 4 : price_ticks_max / 4 * 3;
        uint32_t account = random_below(&random, market->accounts);
        uint32_t broker = account % market->participants;
        struct command command = {
            .verb = VERB_NEW_ORDER,
            .new_order = {.account = account + 1,
                          .instrument = random_below(&random, market->instruments) + 1,
                          .price_fen = middle + random_below(&random, REST_TICKS),
                          .order_qty = random_between(&random, 1, 1000),
                          .side = is_buy ? SIDE_BUY : SIDE_SELL,
                          .ord_type = ORD_TYPE_LIMIT,
                          .time_in_force = TIME_IN_FORCE_GTC}};
        struct maker_sender sender = {day->maker.first_session + broker,
                                      day->maker.first_key + broker};
        maker_request(&day->maker, sender, &command, NULL);
        keep_up(day);
    }
}

void ledger_day_roll(struct ledger_day *day) {
    ledger_day_seal(day);
    must(journal_roll(day->journal));
}

void ledger_day_mark(struct ledger_day *day, const char *folder) {
    struct snapshot_image image = {0};
    struct hash digest;
    struct replay *notes = replay_create(NULL);
    assert(notes != NULL);
    uint64_t mark = maker_mark(&day->maker, &digest);
    struct snapshot_facts facts = {.next = mark + 1,
                                   .limits =
                                       maker_limits(day->options.orders, &day->options.market),
                                   .notes_size = REPLAY_NOTES_SIZE};
    replay_notes(notes, facts.notes);
    must(snapshot_image_take(&image, day->maker.engine, &facts));
    must(snapshot_write(folder, &image));
    snapshot_image_free(&image);
    replay_destroy(notes);
    maker_digest(&day->maker, mark, &digest);
    commit(day);
}

void ledger_day_end(struct ledger_day *day) {
    ledger_day_seal(day);
    journal_close(day->journal);
    note_signer_fini(&day->signer);
    maker_fini(&day->maker);
}

void ledger_day_key(const struct ledger_day *day, char text[NOTE_KEY_TEXT_SIZE]) {
    struct note_verifier verifier;
    must(note_signer_verifier(&day->signer, &verifier));
    note_verifier_format(&verifier, text);
    note_verifier_fini(&verifier);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void ledger_day_remove(const char *dir) {
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
