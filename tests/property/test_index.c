/*
 * The index over random records against lists that were made of the same records by protobuf-c:
 * with commits anywhere, processes that end in the middle, and pages of every size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "ledger/index.h"
#include "proto/tpx.pb-c.h"
#include "tests/property/random_event.h"
#include "tests/property/record_shelf.h"
#include "tests/property/request_image.h"
#include "tests/property/seed.h"
#include "tests/unit/ledger_folder.h"

#define STEPS_DEFAULT 1200 /* commands */
#define EVENTS_MAX    3000
#define SESSIONS      5
#define ACCOUNTS      7
#define INSTRUMENTS   9
#define NUMBERS       700 /* of orders, over more than one group */
#define IDS_MAX       (SESSIONS * NUMBERS + 1)
#define ASKED         400
#define RECORDS_MAX   100000

/* One subject's records, in order. */
struct list {
    uint64_t id;
    uint64_t *sequences;
    uint32_t count;
    uint32_t room;
};

/* All subjects of a kind, as they come. */
struct lists {
    struct list lists[IDS_MAX];
    uint32_t count;
};

struct setting {
    char dir[LEDGER_FOLDER_PATH];
    char index_dir[LEDGER_FOLDER_PATH + 16];
    struct random random;
    struct journal *journal;
    struct record_shelf shelf;
    struct record_writer writer;
    struct event *events;
    uint64_t next;
    struct lists kinds[SUBJECT_KINDS];
    uint32_t proposed[RECORDS_MAX]; /* the account that the proposal of a record names */
};

/* --- the lists ---------------------------------------------------------------------------------
 */

static struct list *list_of(struct setting *setting, enum subject_kind kind, uint64_t id) {
    struct lists *lists = &setting->kinds[kind];
    for (uint32_t i = 0; i < lists->count; i++)
        if (lists->lists[i].id == id)
            return &lists->lists[i];
    assert_true(lists->count < IDS_MAX);
    lists->lists[lists->count].id = id;
    return &lists->lists[lists->count++];
}

static void note(struct setting *setting, enum subject_kind kind, uint64_t id, uint64_t sequence) {
    if (id == 0 && kind != SUBJECT_TRADES)
        return;
    struct list *list = list_of(setting, kind, id);
    if (list->count > 0 && list->sequences[list->count - 1] == sequence)
        return;
    if (list->count == list->room) {
        list->room = list->room * 2 + 8;
        list->sequences = realloc(list->sequences, list->room * sizeof *list->sequences);
        assert_non_null(list->sequences);
    }
    list->sequences[list->count++] = sequence;
}

static void note_event(struct setting *setting, const Tpx__Event *event, uint64_t sequence) {
    Tpx__Report *report = tpx__report__unpack(NULL, event->message.len, event->message.data);
    assert_non_null(report);
    if (event->audience == TPX__AUDIENCE__AUDIENCE_SESSION)
        note(setting, SUBJECT_SESSION, event->to, sequence);
    if (report->body_case == TPX__REPORT__BODY_EXECUTION) {
        uint64_t order = report->execution->order_id;
        note(setting, SUBJECT_ACCOUNT, report->execution->account, sequence);
        if (order >> 40 == event->to)
            note(setting, SUBJECT_ORDER, order, sequence);
    } else if (report->body_case == TPX__REPORT__BODY_SESSION) {
        note(setting, SUBJECT_SESSION, report->session->session, sequence);
    } else if (report->body_case == TPX__REPORT__BODY_KILLED) {
        note(setting, SUBJECT_SESSION, report->killed->session, sequence);
        note(setting, SUBJECT_ACCOUNT, report->killed->account, sequence);
    } else if (report->body_case == TPX__REPORT__BODY_DONE) {
        if (report->done->act == TPX__ACT_KIND__ACT_ADD_ACCOUNT)
            note(setting, SUBJECT_ACCOUNT, report->done->id, sequence);
        if (report->done->act == TPX__ACT_KIND__ACT_ADD_SESSION)
            note(setting, SUBJECT_SESSION, report->done->id, sequence);
    }
    tpx__report__free_unpacked(report, NULL);
}

static void note_public(struct setting *setting, const Tpx__Event *event, uint64_t sequence) {
    Tpx__Report *report = tpx__report__unpack(NULL, event->message.len, event->message.data);
    assert_non_null(report);
    if (report->body_case == TPX__REPORT__BODY_BOOK_TRADED) {
        note(setting, SUBJECT_TRADES, report->book_traded->instrument, sequence);
        note(setting, SUBJECT_TRADES, 0, sequence);
    }
    tpx__report__free_unpacked(report, NULL);
}

/* The account that an act names, 0 for none. */
static uint32_t account_of(const Tpx__Act *act) {
    if (act->body_case == TPX__ACT__BODY_DEPOSIT)
        return act->deposit->account;
    if (act->body_case == TPX__ACT__BODY_KILL)
        return act->kill->account;
    return act->body_case == TPX__ACT__BODY_UNKILL ? act->unkill->account : 0;
}

/* An approval is about what its proposal names. */
static void note_request(struct setting *setting, const Tpx__Record *record, uint64_t sequence) {
    if (record->request.len == 0)
        return;
    Tpx__Request *request = tpx__request__unpack(NULL, record->request.len, record->request.data);
    assert_non_null(request);
    uint32_t account = 0;
    if (request->body_case == TPX__REQUEST__BODY_MASS_CANCEL)
        account = request->mass_cancel->account;
    else if (request->body_case == TPX__REQUEST__BODY_ACT)
        account = account_of(request->act);
    else if (request->body_case == TPX__REQUEST__BODY_PROPOSE)
        account = setting->proposed[sequence] = account_of(request->propose);
    else if (request->body_case == TPX__REQUEST__BODY_APPROVE)
        account = request->approve->proposal < RECORDS_MAX
                      ? setting->proposed[request->approve->proposal]
                      : 0;
    note(setting, SUBJECT_ACCOUNT, account, sequence);
    tpx__request__free_unpacked(request, NULL);
}

static void note_record(struct setting *setting, const struct shelf_record *stored) {
    Tpx__Record *record = tpx__record__unpack(NULL, stored->size, stored->bytes);
    assert_non_null(record);
    uint64_t sequence = record->header->sequence;
    for (size_t i = 0; i < record->n_event; i++)
        if (record->event[i]->audience == TPX__AUDIENCE__AUDIENCE_EVERYBODY)
            note_public(setting, record->event[i], sequence);
        else
            note_event(setting, record->event[i], sequence);
    note_request(setting, record, sequence);
    tpx__record__free_unpacked(record, NULL);
}

/* --- random records ----------------------------------------------------------------------------
 */

static uint64_t random_order(struct random *random) {
    return order_id_of(random_between(random, 1, SESSIONS), random_between(random, 1, NUMBERS));
}

static void make_request(struct setting *setting, struct random_request *made) {
    static const uint8_t VERBS[] = {VERB_MASS_CANCEL, VERB_ACT, VERB_PROPOSE, VERB_APPROVE};
    struct random *random = &setting->random;
    uint8_t verb = random_once_in(random, 2) ? VERB_NEW_ORDER : VERBS[random_below(random, 4)];
    random_request_make(random, verb, made);
    struct command *command = &made->request.command;
    uint32_t account = random_below(random, ACCOUNTS + 1);
    if (verb == VERB_MASS_CANCEL)
        command->mass_cancel.account = account;
    else if (verb == VERB_APPROVE)
        command->approve.proposal = random_between(random, 1, (uint32_t)setting->next + 3);
    else if (verb != VERB_NEW_ORDER && command->act.kind == ACT_DEPOSIT)
        command->act.deposit.account = account;
    else if (verb != VERB_NEW_ORDER &&
             (command->act.kind == ACT_KILL || command->act.kind == ACT_UNKILL))
        command->act.kill = (struct kill){.account = account};
}

static void make_event(struct setting *setting, uint32_t session, struct event *event) {
    struct random *random = &setting->random;
    random_event_make(random, 0, session, event);
    if (event->kind == EVENT_SESSION || event->kind == EVENT_KILLED || event->kind == EVENT_DONE)
        event->id = random_between(random, 1, SESSIONS);
    else if (event->kind < EVENT_MASS_CANCELED)
        event->order_id = random_order(random);
    event->account = random_below(random, ACCOUNTS + 1);
    if (event->kind == EVENT_BOOK_TRADED)
        event->instrument = random_below(random, INSTRUMENTS + 1);
    if (event->audience == AUDIENCE_SESSION)
        event->to = random_once_in(random, 3) || event->order_id == 0
                        ? random_between(random, 1, SESSIONS)
                        : order_id_session(event->order_id);
}

/* Appends a random command's records to the ledger, and notes them. */
static void append_command(struct setting *setting) {
    static uint8_t bytes[REQUEST_BYTES_MAX];
    struct random *random = &setting->random;
    struct random_request made;
    make_request(setting, &made);
    struct record_header header = {.sequence = setting->next,
                                   .time_ns = (int64_t)setting->next + 1,
                                   .session = random_between(random, 1, SESSIONS),
                                   .number = setting->next + 1};
    struct command *command = &made.request.command;
    command->stamp.session = header.session;
    command->stamp.sequence = header.sequence;
    size_t size = request_image_pack(&made, bytes);
    record_begin(&setting->writer, &setting->shelf.output, &header, command,
                 (struct span){bytes, size});
    uint64_t most = random_once_in(random, 50) ? EVENTS_MAX : 6;
    for (uint64_t count = random_number(random, most); count > 0; count--) {
        struct event event;
        make_event(setting, header.session, &event);
        record_event(&setting->writer, &event);
    }
    setting->next += record_end(&setting->writer);
    assert_true(setting->next < RECORDS_MAX);
    for (uint32_t i = 0; i < setting->shelf.count; i++) {
        const struct shelf_record *record = &setting->shelf.records[i];
        assert_int_equal(journal_append(setting->journal, record->bytes, record->size), 0);
        note_record(setting, record);
    }
    record_shelf_empty(&setting->shelf);
    if (random_once_in(random, 4) || random_once_in(random, 4))
        assert_int_equal(journal_commit(setting->journal), 0);
    if (random_once_in(random, 200)) {
        assert_int_equal(journal_commit(setting->journal), 0);
        assert_int_equal(journal_roll(setting->journal), 0);
    }
}

/* --- the index ---------------------------------------------------------------------------------
 */

/* Adds up to `count` of the records that come next, with commits now and then. */
static void index_some(struct setting *setting, struct index *index, uint64_t count) {
    struct reader *reader = NULL;
    struct reader_record record;
    int step = READER_PAUSE;
    assert_int_equal(reader_open(&reader, setting->dir, false), 0);
    reader_seek(reader, index_as_of(index));
    while (step > 0 && count > 0) {
        step = reader_next(reader, &record);
        if (step != READER_RECORD)
            continue;
        assert_int_equal(index_add(index, &record), 0);
        count--;
        if (random_once_in(&setting->random, 40))
            assert_int_equal(index_commit(index), 0);
    }
    reader_close(reader);
}

/* A process that indexes a part and ends in the middle. */
static void index_in_a_child_that_dies(struct setting *setting) {
    uint64_t count = random_number(&setting->random, 500);
    pid_t child = fork();
    if (child == 0) {
        struct index *index = NULL;
        if (index_open(&index, setting->index_dir, setting->dir) == 0)
            index_some(setting, index, count);
        _exit(index != NULL ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void index_to_the_end(struct setting *setting, struct index **index) {
    assert_int_equal(index_open(index, setting->index_dir, setting->dir), 0);
    index_some(setting, *index, UINT64_MAX);
    assert_int_equal(index_commit(*index), 0);
    assert_int_equal(index_as_of(*index), setting->next);
}

/* Reads a range in pages and compares it with the list. */
static void compare(struct setting *setting, struct index_reader *reader, enum subject_kind kind,
                    const struct list *list) {
    uint64_t sequences[20];
    struct random *random = &setting->random;
    struct index_page page = {
        .kind = kind,
        .id = list->id,
        .from = random_once_in(random, 2) ? 0 : random_below(random, (uint32_t)setting->next + 1),
        .to = random_once_in(random, 2) ? UINT64_MAX
                                        : random_below(random, (uint32_t)setting->next + 1),
        .sequences = sequences,
        .max = random_between(random, 1, 20)};
    uint64_t end = page.to < setting->next ? page.to : setting->next;
    uint32_t at = 0;
    while (at < list->count && list->sequences[at] < page.from)
        at++;
    while (page.from < end) {
        assert_int_equal(index_find(reader, &page), 0);
        assert_int_equal(page.as_of, setting->next);
        assert_true(page.next > page.from && page.next <= end);
        for (uint32_t i = 0; i < page.count; i++, at++)
            assert_true(at < list->count && list->sequences[at] == sequences[i]);
        assert_true(at == list->count || list->sequences[at] >= page.next);
        page.from = page.next;
    }
}

/* The same from the end. */
static void compare_last(struct setting *setting, struct index_reader *reader,
                         enum subject_kind kind, const struct list *list) {
    uint64_t sequences[20];
    struct random *random = &setting->random;
    struct index_page page = {
        .kind = kind,
        .id = list->id,
        .from = random_once_in(random, 2) ? 0 : random_below(random, (uint32_t)setting->next + 1),
        .to = random_once_in(random, 2) ? setting->next
                                        : random_below(random, (uint32_t)setting->next + 1),
        .sequences = sequences,
        .max = random_between(random, 1, 20)};
    uint32_t at = list->count;
    while (at > 0 && list->sequences[at - 1] >= page.to)
        at--;
    while (page.to > page.from) {
        assert_int_equal(index_find_last(reader, &page), 0);
        assert_int_equal(page.as_of, setting->next);
        assert_true(page.next >= page.from && page.next < page.to);
        for (uint32_t i = 0; i < page.count; i++)
            assert_true(at > 0 && list->sequences[--at] == sequences[i]);
        assert_true(at == 0 || list->sequences[at - 1] < page.next ||
                    list->sequences[at - 1] < page.from);
        page.to = page.next;
    }
}

static void compare_both_ways(struct setting *setting, struct index_reader *reader,
                              enum subject_kind kind, const struct list *list) {
    compare(setting, reader, kind, list);
    compare_last(setting, reader, kind, list);
}

static void compare_many(struct setting *setting) {
    struct index_reader *reader = NULL;
    assert_int_equal(index_reader_open(&reader, setting->index_dir), 0);
    for (int kind = 0; kind < SUBJECT_KINDS; kind++) {
        const struct lists *lists = &setting->kinds[kind];
        struct list nobody = {.id = (uint64_t)1 << 39};
        assert_in_range(lists->count, 5, IDS_MAX);
        compare_both_ways(setting, reader, (enum subject_kind)kind, &nobody);
        for (uint32_t i = 0; i < ASKED; i++)
            compare_both_ways(setting, reader, (enum subject_kind)kind,
                              &lists->lists[random_below(&setting->random, lists->count)]);
    }
    index_reader_close(reader);
}

static void the_index_gives_what_a_naive_list_gives(void **state) {
    (void)state;
    struct setting *setting = calloc(1, sizeof *setting);
    struct index *index = NULL;
    assert_non_null(setting);
    setting->random = seed_begin();
    ledger_folder_make(setting->dir);
    snprintf(setting->index_dir, sizeof setting->index_dir, "%s/index", setting->dir);
    assert_int_equal(journal_create(setting->dir, algorithms_profile()), 0);
    assert_int_equal(journal_open(&setting->journal, setting->dir, &ledger_folder_options), 0);
    record_shelf_init(&setting->shelf);
    uint64_t steps = seed_steps(STEPS_DEFAULT);
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < steps / 3; i++)
            append_command(setting);
        assert_int_equal(journal_commit(setting->journal), 0);
        index_in_a_child_that_dies(setting);
        index_to_the_end(setting, &index);
        compare_many(setting);
        index_close(index);
    }
    for (int kind = 0; kind < SUBJECT_KINDS; kind++)
        for (uint32_t i = 0; i < setting->kinds[kind].count; i++)
            free(setting->kinds[kind].lists[i].sequences);
    journal_close(setting->journal);
    record_shelf_fini(&setting->shelf);
    ledger_folder_remove(setting->dir);
    free(setting);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_gives_what_a_naive_list_gives),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    seed_tell(failures);
    return failures;
}
