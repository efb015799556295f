/*
 * What queries say of a small register: who sees what, by every role; pages; times past; totals;
 * and what a forged cursor does.
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
#include "bench/random.h"
#include "bench/register_maker.h"
#include "gateway/query_answer.h"
#include "gateway/reply.h"
#include "ledger/register_reader.h"
#include "ledger/register_store.h"
#include "tests/unit/ledger_folder.h"
#include "tests/unit/rig.h"

#define ROWS_MAX  512
#define SECOND_NS INT64_C(1000000000)
#define RIGHTS    20u

/* Parties; ann and bob are brokers. */
enum { ANN_CO = 1, BOB_BANK = 2, NOBODY_S = 3 };

static struct rig *rig;
static char ledger_dir[LEDGER_FOLDER_PATH];
static char register_dir[LEDGER_FOLDER_PATH + 16];
static struct journal *journal;
static struct register_store *store;
static struct register_reader *reader;
static uint64_t next; /* sequence */

/* What was answered last. */
static uint8_t frame[ANSWER_FRAME_BYTES_MAX];
static struct answer answer;
static struct refused refused;
static struct entry_report rows[ROWS_MAX];
static struct bound_row bound[ENTRIES_END];
static uint32_t rows_count;
static uint32_t bound_count;

static const struct query_asker ANN = {RIG_ANN, ROLE_BROKER};
static const struct query_asker BOB = {RIG_BOB, ROLE_BROKER};
static const struct query_asker OPERATOR = {RIG_OPERATOR, ROLE_OPERATOR};

/* --- what was told -----------------------------------------------------------------------------
 */

static void tell(const struct made_entry *entry) {
    static uint8_t bytes[RECORD_BYTES_MAX];
    struct made_moment moment = {.sequence = next, .time_ns = (int64_t)(next + 1) * SECOND_NS};
    size_t size = register_maker_record(entry, entry != NULL ? 1 : 0, &moment, bytes);
    struct reader_record record = {next++, bytes, (uint32_t)size};
    if (record.sequence == 0) {
        assert_int_equal(journal_append(journal, bytes, size), 0);
        assert_int_equal(journal_commit(journal), 0);
        assert_int_equal(register_store_open(&store, register_dir, ledger_dir), 0);
    }
    assert_int_equal(register_store_add(store, &record), 0);
    assert_int_equal(register_store_commit(store), 0);
}

static void tell_right(uint32_t right, uint32_t owner) {
    char number[16];
    snprintf(number, sizeof number, "ZL%u", right);
    struct made_entry entry = {.asset = {ASSET_RIGHT, right, 0},
                               .kind = ENTRY_ASSET,
                               .version = 1,
                               .right_kind = RIGHT_INVENTION,
                               .number = number,
                               .owner = owner};
    tell(&entry);
}

/* An entry on ann's holding of instrument 1; 0: the holding itself. */
static struct made_entry on_holding(uint32_t number) {
    return (struct made_entry){.asset = {ASSET_HOLDING, RIG_HX, ANN_CO},
                               .entry = number,
                               .version = 1,
                               .kind = number == 0 ? ENTRY_ASSET : ENTRY_PLEDGE,
                               .symbol = "HX",
                               .code = "ANNCO"};
}

static void tell_pledge(uint32_t number, uint64_t quantity, int64_t to_ns) {
    struct made_entry entry = on_holding(number);
    entry.quantity = quantity;
    entry.to_ns = to_ns;
    entry.pledgor = ANN_CO;
    entry.pledgee = BOB_BANK;
    entry.registered = 70 + number;
    tell(&entry);
}

/* --- asking ------------------------------------------------------------------------------------
 */

static bool ask_page(const struct query_asker *asker, const struct query *query) {
    static const struct parameters_row PARAMETERS;
    struct query_scene scene = {
        .engine = rig->engine, .as_of = next, .parameters = &PARAMETERS, .registered = reader};
    struct message_output out = {.next = frame, .end = frame + sizeof frame};
    struct answer_row row;
    assert_int_equal(register_reader_begin(reader), 0);
    query_answer(&scene, asker, query, &out);
    register_reader_end(reader);
    struct span rest = {frame, (size_t)(out.next - frame)};
    assert_true(codec_answer_read(&rest, &answer));
    refused = (struct refused){0};
    if (answer.refused.bytes != NULL)
        assert_true(reply_refused_read(answer.refused, &refused));
    while (codec_answer_next(&answer, &row)) {
        if (row.kind == ROW_BOUND) {
            bound[bound_count++] = row.bound;
            continue;
        }
        assert_int_equal(row.kind, ROW_REGISTERED);
        struct span report = {row.registered.report, row.registered.report_bytes};
        assert_true(rows_count < ROWS_MAX && entry_report_read(report, &rows[rows_count++]));
    }
    return answer.cursor.size != 0;
}

/* All pages of so many rows. */
static void ask(const struct query_asker *asker, struct query query, uint32_t limit) {
    rows_count = 0;
    bound_count = 0;
    query.limit = limit;
    while (ask_page(asker, &query)) {
        assert_true(limit == 0 || refused.reason == REASON_NONE);
        query.cursor_bytes = (uint8_t)answer.cursor.size;
        memcpy(query.cursor, answer.cursor.bytes, answer.cursor.size);
    }
}

static struct query of_holding(enum query_kind kind) {
    return (struct query){
        .kind = (uint8_t)kind,
        .entries = {.asset_kind = ASSET_HOLDING, .asset = RIG_HX, .holder = ANN_CO}};
}

/* --- the world ---------------------------------------------------------------------------------
 */

static uint32_t registrar_session;
static uint32_t registrar_key;

static void add_party(const char *code, uint32_t participant) {
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
    struct add_party *add = &command.deed.add_party;
    add->participant = participant;
    add->code_bytes = (uint8_t)strlen(code);
    memcpy(add->code, code, add->code_bytes);
    add->name_bytes = 4;
    (void)rig_request(rig, registrar_session, registrar_key, &command);
    (void)rig_expect_done(rig);
}

static void add_parties(void) {
    struct act participant = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGISTRAR, .code_bytes = 9, .code = "REGISTRAR", .name_bytes = 4}};
    rig_act(rig, &participant);
    uint32_t registrar = (uint32_t)rig_expect_done(rig);
    struct act key = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = registrar, .person = 50, .key = {50}}};
    rig_act(rig, &key);
    registrar_key = (uint32_t)rig_expect_done(rig);
    struct act session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = registrar}};
    rig_act(rig, &session);
    registrar_session = (uint32_t)rig_expect_done(rig);
    add_party("ANNCO", RIG_ANN);
    add_party("BOBBANK", RIG_BOB);
    add_party("NOBODY", 0);
}

static int set_up(void **state) {
    if (rig_set_up(state) != 0)
        return -1;
    rig = *state;
    add_parties();
    next = 0;
    ledger_folder_make(ledger_dir);
    snprintf(register_dir, sizeof register_dir, "%s.register", ledger_dir);
    assert_int_equal(journal_create(ledger_dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&journal, ledger_dir, &ledger_folder_options), 0);
    tell(NULL);
    assert_int_equal(register_reader_open(&reader, register_dir, algorithms_profile()), 0);
    return 0;
}

static int tear_down(void **state) {
    register_reader_close(reader);
    register_store_close(store);
    journal_close(journal);
    ledger_folder_remove(ledger_dir);
    ledger_folder_remove(register_dir);
    return rig_tear_down(state);
}

/* --- tests -------------------------------------------------------------------------------------
 */

/* Every role by itself, as the holder's participant and as another's. */
static void a_holding_is_seen_as_the_table_says(void **state) {
    struct made_entry entry = on_holding(0);
    (void)state;
    tell(&entry);
    for (uint32_t role = 1; (role & ROLES_ALL) != 0; role <<= 1) {
        struct query_asker own = {RIG_ANN, role};
        struct query_asker stranger = {RIG_BOB, role};
        ask(&own, of_holding(QUERY_ENTRIES), 0);
        assert_int_equal(rows_count, authority_shows_asset(ASSET_HOLDING, role, true));
        ask(&stranger, of_holding(QUERY_ENTRIES), 0);
        assert_int_equal(rows_count, authority_shows_asset(ASSET_HOLDING, role, false));
        assert_int_equal(refused.reason, rows_count == 0 ? REASON_UNKNOWN_RIGHT : REASON_NONE);
    }
    assert_true(authority_shows_asset(ASSET_RIGHT, ROLE_BROKER, false));
    assert_false(authority_shows_asset(ASSET_HOLDING, ROLE_BANK, false));
    assert_true(authority_shows_asset(ASSET_HOLDING, ROLE_BANK, true));
}

static void a_pledgee_sees_the_holding_as_long_as_his_pledge_is_in_force(void **state) {
    struct made_entry entry = on_holding(0);
    (void)state;
    tell(&entry);
    tell_pledge(1, 500, 0);
    ask(&BOB, of_holding(QUERY_ENTRIES), 0);
    assert_int_equal(rows_count, 2);
    assert_int_equal(rows[1].quantity, 500);
    struct query portfolio = {
        .kind = QUERY_PARTY_ENTRIES,
        .party_entries = {.party = BOB_BANK, .role = ENTRY_ROLE_PLEDGEE, .is_in_force = true}};
    ask(&BOB, portfolio, 0);
    assert_int_equal(rows_count, 1);
    struct query number = {.kind = QUERY_NUMBER_ENTRIES,
                           .number_entries = {.series = ENTRY_PLEDGE, .number = 71}};
    ask(&BOB, number, 0);
    assert_int_equal(rows_count, 1);
    tell_pledge(1, 500, 9 * SECOND_NS);
    ask(&BOB, of_holding(QUERY_ENTRIES), 0);
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
    ask(&BOB, portfolio, 0);
    assert_int_equal(rows_count, 0);
    ask(&BOB, number, 0); /* his own entry, which has ended */
    assert_int_equal(rows_count, 1);
    assert_int_equal(rows[0].to_ns, 9 * SECOND_NS);
}

static void grant(uint32_t agent, uint32_t scope) {
    struct command command = {
        .verb = VERB_DEED,
        .deed = {.kind = DEED_GRANT_MANDATE,
                 .grant_mandate = {
                     .principal = ANN_CO, .agent = agent, .scope = scope, .until = 20991231}}};
    (void)rig_request(rig, registrar_session, registrar_key, &command);
    assert_non_null(rig_event(rig, EVENT_DONE, NULL));
}

static void a_mandate_to_inquire_shows_a_holding_and_no_other_mandate_does(void **state) {
    struct made_entry entry = on_holding(0);
    (void)state;
    tell(&entry);
    grant(RIG_BOB, MANDATE_PLEDGE);
    ask(&BOB, of_holding(QUERY_ENTRIES), 0);
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
    grant(RIG_BOB, MANDATE_INQUIRY);
    ask(&BOB, of_holding(QUERY_ENTRIES), 0);
    assert_int_equal(rows_count, 1);
}

static void a_stranger_s_lists_pass_over_what_is_hidden(void **state) {
    struct made_entry entry = on_holding(0);
    static const struct query_asker CAROL = {99, ROLE_BANK};
    (void)state;
    tell_right(1, ANN_CO);
    tell(&entry);
    tell_pledge(1, 500, 0);
    struct query changes = {.kind = QUERY_REGISTER_CHANGES};
    ask(&CAROL, changes, 0);
    assert_int_equal(rows_count, 1);
    assert_int_equal(rows[0].asset.kind, ASSET_RIGHT);
    ask(&OPERATOR, changes, 0);
    assert_int_equal(rows_count, 3);
    struct query of_ann = {.kind = QUERY_PARTY_ENTRIES, .party_entries = {.party = ANN_CO}};
    ask(&CAROL, of_ann, 0);
    assert_int_equal(rows_count, 1);
    ask(&ANN, of_ann, 0);
    assert_int_equal(rows_count,
                     4); /* the right, the holding, the pledge on it as owner's, pledgor */
}

static void everybody_sees_totals(void **state) {
    struct made_entry entry = on_holding(0);
    static const struct query_asker CAROL = {99, ROLE_BANK};
    struct query totals = {.kind = QUERY_BOUND_TOTALS, .bound_totals = {.instrument = RIG_HX}};
    (void)state;
    tell(&entry);
    ask(&CAROL, totals, 0);
    assert_int_equal(bound_count, 0);
    tell_pledge(1, 500, 0);
    tell_pledge(2, 70, 0);
    uint64_t before = next;
    tell_pledge(1, 500, SECOND_NS);
    ask(&CAROL, totals, 0);
    assert_int_equal(bound_count, 1);
    assert_int_equal(bound[0].kind, ENTRY_PLEDGE);
    assert_int_equal(bound[0].quantity, 70);
    totals.bound_totals.as_of = before;
    ask(&CAROL, totals, 0);
    assert_int_equal(bound[0].quantity, 570);
}

/* Whatever a page holds, all pages hold the same. */
static void pages_of_any_size_say_the_same(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= RIGHTS; i++)
        tell_right(i, ANN_CO);
    struct made_entry entry = on_holding(0);
    tell(&entry);
    for (uint32_t i = 1; i <= 9; i++)
        tell_pledge(1 + i % 3, 10 * i, 0);
    struct query queries[] = {
        of_holding(QUERY_ENTRIES),
        of_holding(QUERY_ENTRY_VERSIONS),
        {.kind = QUERY_PARTY_ENTRIES, .party_entries = {.party = ANN_CO}},
        {.kind = QUERY_NUMBER_ENTRIES, .number_entries = {.series = ENTRY_PLEDGE, .number = 72}},
        {.kind = QUERY_REGISTER_CHANGES},
    };
    const uint32_t counts[] = {4, 10, RIGHTS + 1 + 3 + 3, 1, RIGHTS + 1 + 9};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        for (uint32_t limit = 1; limit <= 7; limit += 3) {
            ask(&ANN, queries[i], limit);
            assert_int_equal(rows_count, counts[i]);
        }
    }
}

static void what_had_not_been_told_by_then_is_not_there(void **state) {
    struct query query = of_holding(QUERY_ENTRIES);
    struct made_entry entry = on_holding(0);
    (void)state;
    query.entries.as_of = next;
    tell(&entry);
    uint64_t admitted = next;
    tell_pledge(1, 500, 0);
    ask(&ANN, query, 0);
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
    query.kind = QUERY_ENTRY_VERSIONS;
    ask(&ANN, query, 0);
    assert_int_equal(refused.reason, REASON_UNKNOWN_RIGHT);
    query.kind = QUERY_ENTRIES;
    query.entries.as_of = admitted;
    ask(&ANN, query, 0);
    assert_int_equal(rows_count, 1);
    query.entries.as_of = 0;
    query.entries.time_ns = (int64_t)admitted * SECOND_NS;
    ask(&ANN, query, 0);
    assert_int_equal(rows_count, 1);
    query.entries.time_ns++;
    ask(&ANN, query, 0);
    assert_int_equal(rows_count, 1);
    query.entries.time_ns += SECOND_NS;
    ask(&ANN, query, 0);
    assert_int_equal(rows_count, 2);
}

static void a_forged_cursor_shows_no_more_than_may_be_seen(void **state) {
    struct random random = {.state = 5};
    struct made_entry entry = on_holding(0);
    static const struct query_asker CAROL = {99, ROLE_BANK};
    (void)state;
    tell(&entry);
    tell_pledge(1, 500, 0);
    for (uint32_t i = 0; i < 20000; i++) {
        struct query query = {
            .kind = (uint8_t)(QUERY_ENTRIES + random_below(&random, 6)),
            .entries = {.asset_kind = ASSET_HOLDING, .asset = RIG_HX, .holder = ANN_CO}};
        query.cursor_bytes = (uint8_t)random_below(&random, QUERY_CURSOR_BYTES_MAX + 1);
        for (uint32_t at = 0; at < query.cursor_bytes; at++)
            query.cursor[at] = (uint8_t)random_next(&random);
        query.cursor[0] = query.kind;
        rows_count = 0;
        bound_count = 0;
        (void)ask_page(&CAROL, &query);
        assert_int_equal(rows_count, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_holding_is_seen_as_the_table_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_pledgee_sees_the_holding_as_long_as_his_pledge_is_in_force, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_mandate_to_inquire_shows_a_holding_and_no_other_mandate_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stranger_s_lists_pass_over_what_is_hidden, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(everybody_sees_totals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_of_any_size_say_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_had_not_been_told_by_then_is_not_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_forged_cursor_shows_no_more_than_may_be_seen, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
