/*
 * gateway/owners.h beside an engine whose sessions become more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/owners.h"
#include "tests/unit/ledger_desk.h"

#define SESSIONS_MAX     100
#define PARTICIPANTS_MAX 50

static void every_session_of_the_engine_has_its_owner(void **state) {
    const struct ledger_desk *desk = *state;
    struct owners owners;
    struct session_view view;
    assert_int_equal(owners_init(&owners, SESSIONS_MAX, PARTICIPANTS_MAX), 0);
    assert_int_equal(owners_of(&owners, 1), 0);
    owners_publish(&owners, desk->maker.engine);
    uint32_t count = engine_count(desk->maker.engine, POOL_SESSIONS);
    assert_true(count >= 3);
    for (uint32_t session = 1; session <= count; session++) {
        assert_true(engine_session(desk->maker.engine, session, &view));
        assert_int_equal(owners_of(&owners, session), view.participant);
    }
    assert_int_equal(owners_of(&owners, 0), 0);
    assert_int_equal(owners_of(&owners, count + 1), 0);
    owners_fini(&owners);
}

static void a_session_added_later_is_there_once_it_is_published(void **state) {
    struct ledger_desk *desk = *state;
    struct owners owners;
    struct act act = {.kind = ACT_ADD_SESSION,
                      .add_session = {.participant = desk->maker.first_participant + 1}};
    assert_int_equal(owners_init(&owners, SESSIONS_MAX, PARTICIPANTS_MAX), 0);
    owners_publish(&owners, desk->maker.engine);
    maker_act(&desk->maker, &act, NULL);
    uint32_t session = (uint32_t)desk->maker.done;
    assert_int_equal(owners_of(&owners, session), 0);
    owners_publish(&owners, desk->maker.engine);
    owners_publish(&owners, desk->maker.engine);
    assert_int_equal(owners_of(&owners, session), desk->maker.first_participant + 1);
    owners_fini(&owners);
}

static void numbers_of_drop_copies_and_sessions_never_meet(void **state) {
    struct owners owners;
    (void)state;
    assert_int_equal(owners_init(&owners, SESSIONS_MAX, PARTICIPANTS_MAX), 0);
    assert_int_equal(owners_copy(&owners, 1), SESSIONS_MAX + 1);
    assert_int_equal(owners_copy(&owners, PARTICIPANTS_MAX), owners_numbers_max(&owners));
    owners_fini(&owners);
}

int main(void) {
#define WITH_DESK(test) cmocka_unit_test_setup_teardown(test, ledger_desk_open, ledger_desk_close)
    const struct CMUnitTest tests[] = {
        WITH_DESK(every_session_of_the_engine_has_its_owner),
        WITH_DESK(a_session_added_later_is_there_once_it_is_published),
        cmocka_unit_test(numbers_of_drop_copies_and_sessions_never_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
