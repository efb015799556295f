/*
 * Who may send what: every row of the authority table, walked with every role, about the sender's
 * own participant and about another, with one key and with two, at every step of the disk.
 *
 * What is expected is written out here once more, from the rules and not from the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rig.h"

/* What the rules say of an act in one form. */
struct expected {
    struct act act;     /* possible, but for who sends it, about participant 3 (Bob) */
    uint32_t roles;     /* that may, about anybody */
    uint32_t roles_own; /* that may, about themselves */
    uint8_t keys;
    uint8_t disk_worst;
    uint8_t form;
};

/* clang-format off */
static const struct expected acts[] = {
    {{ACT_ADD_PARTICIPANT, .add_participant = {.roles = ROLE_BROKER, .code_bytes = 3, .code = "NEW"}},
     ROLE_OPERATOR, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_ADD_KEY, .add_key = {.participant = RIG_BOB, .person = 77, .key = {77}}},
     ROLE_OPERATOR, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_ADD_KEY, .add_key = {.participant = RIG_OPERATOR, .person = 78, .key = {78}}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_GUARDED},
    {{ACT_REVOKE_KEY, .revoke_key = {.key = RIG_BOB_KEY}},
     ROLE_OPERATOR, ROLES_ALL, 1, DISK_CRITICAL, AUTHORITY_PLAIN},
    {{ACT_ADD_SESSION, .add_session = {.participant = RIG_BOB}},
     ROLE_OPERATOR, ROLE_BROKER, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_ADD_ACCOUNT, .add_account = {.participant = RIG_BOB, .owner = 5}},
     ROLE_OPERATOR, ROLE_BROKER, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_DEPOSIT, .deposit = {.account = RIG_BOB_ACCOUNT, .amount = 1}},
     ROLE_OPERATOR | ROLE_SETTLEMENT_BANK, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_ADD_INSTRUMENT, .add_instrument = {.symbol_bytes = 2, .symbol = "LY", .tick_fen = 1, .lot_min = 1, .lot_step = 1}},
     ROLE_OPERATOR, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_SET_BAND, .set_band = {.instrument = RIG_HX}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_DAY_OPEN, .day = {RIG_DATE + 1}},
     ROLE_OPERATOR, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_DAY_CLOSE, .day = {RIG_DATE}},
     ROLE_OPERATOR, 0, 1, DISK_CRITICAL, AUTHORITY_PLAIN},
    {{ACT_HALT, .halt = {.is_halted = true}},
     ROLE_OPERATOR, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_HALT, .halt = {.is_halted = false}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_RESUMES},
    {{ACT_KILL, .kill = {.participant = RIG_BOB}},
     ROLE_OPERATOR, 0, 1, DISK_CRITICAL, AUTHORITY_PLAIN},
    {{ACT_UNKILL, .kill = {.participant = RIG_BOB}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_RAISE_LIMIT, .raise_limit = {POOL_ORDERS, 1001}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_ACTIVATE, .activate = {2}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_RESOLVE, .resolve = {.sequence = 1}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_REOPEN, .day = {0}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_CHECKPOINT_KEY, .checkpoint_key = {.key = {32, {9}}}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_CONFIRM_TIME, .confirm_time = {1}},
     ROLE_OPERATOR, 0, 2, DISK_LOW, AUTHORITY_PLAIN},
    {{ACT_SESSION_RESET, .session_reset = {RIG_BOB_SESSION}},
     ROLE_OPERATOR, 0, 1, DISK_LOW, AUTHORITY_PLAIN},
};

/* The requests about one's own. */
static const struct {
    uint8_t verb;
    uint32_t roles;
    uint8_t disk_worst;
} requests[] = {
    {VERB_NEW_ORDER, ROLE_BROKER, DISK_ENOUGH},
    {VERB_REPLACE, ROLE_BROKER, DISK_ENOUGH},
    {VERB_CANCEL, ROLE_BROKER, DISK_CRITICAL},
    {VERB_MASS_CANCEL, ROLE_BROKER | ROLE_OPERATOR, DISK_CRITICAL},
};

#define PLEDGE_PARTIES                                                                             \
    (ROLE_BROKER | ROLE_BANK | ROLE_REGISTRAR | ROLE_LISTING_AGENT | ROLE_TRANSFEREE |             \
     ROLE_GUARANTOR)

#define THAT_BUY                                                                                   \
    (ROLE_BROKER | ROLE_BANK | ROLE_LISTING_AGENT | ROLE_TRANSFEREE | ROLE_GUARANTOR)

/* Deeds, about anybody; nothing of them is filled in, so that their own checks refuse them. */
static const struct {
    uint8_t kind;
    uint32_t roles;
} deeds[] = {
    {DEED_ADD_PARTY, ROLE_REGISTRAR | ROLE_OPERATOR},
    {DEED_ADD_PARTY_KEY, ROLE_REGISTRAR},
    {DEED_REVOKE_PARTY_KEY, ROLES_ALL},
    {DEED_GRANT_MANDATE, ROLES_ALL},
    {DEED_REVOKE_MANDATE, ROLES_ALL},
    {DEED_ADMIT_RIGHT, ROLE_REGISTRAR},
    {DEED_SET_RIGHT_STATUS, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_APPRAISE, ROLE_REGISTRAR | ROLE_APPRAISER},
    {DEED_ADMIT_HOLDING, ROLE_REGISTRAR | ROLE_BROKER | ROLE_BANK},
    {DEED_SET_CALENDAR, ROLE_REGISTRAR | ROLE_OPERATOR},
    {DEED_FREEZE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_RENEW_FREEZE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_LIFT_FREEZE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_RESTRICT_TRADING, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON | ROLE_OPERATOR},
    {DEED_LOCK_UP, ROLE_REGISTRAR | ROLE_OPERATOR},
    {DEED_OBJECT, ROLE_REGISTRAR},
    {DEED_END_ENTRY, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_GIVE_CONSENT, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR},
    {DEED_REVOKE_CONSENT, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR},
    {DEED_TRANSFER, ROLE_BANK | ROLE_BROKER | ROLE_TRANSFEREE | ROLE_REGISTRAR},
    {DEED_CONFIRM_TRANSFER, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_END_TRANSFER, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_PAY_OUT, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR},
    {DEED_PLEDGE_APPLY, PLEDGE_PARTIES},
    {DEED_PLEDGE_JOIN, PLEDGE_PARTIES},
    {DEED_PLEDGE_REVIEW, ROLE_REGISTRAR},
    {DEED_PLEDGE_REGISTER, ROLE_REGISTRAR},
    {DEED_PLEDGE_REFUSE, ROLE_REGISTRAR},
    {DEED_PLEDGE_WITHDRAW, PLEDGE_PARTIES},
    {DEED_PLEDGE_RELEASE, PLEDGE_PARTIES},
    {DEED_PLEDGE_AMEND, PLEDGE_PARTIES},
    {DEED_PLEDGE_ASSIGN, PLEDGE_PARTIES},
    {DEED_PLEDGE_CONFIRM, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_PLEDGE_COMPARE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_PLEDGE_ASSENT, PLEDGE_PARTIES},
    {DEED_PLEDGE_SWAP, ROLE_REGISTRAR},
    {DEED_PLEDGE_CORRECT, ROLE_REGISTRAR},
    {DEED_PLEDGE_SUCCEED, ROLE_REGISTRAR},
    {DEED_PLEDGE_RULE, ROLE_REGISTRAR | ROLE_OPERATOR},
    {DEED_PLEDGE_REVOKE, ROLE_REGISTRAR},
    {DEED_PLEDGE_DETERMINE, PLEDGE_PARTIES},
    {DEED_PLEDGE_DEFAULT, PLEDGE_PARTIES},
    {DEED_PLEDGE_CURE, PLEDGE_PARTIES},
    {DEED_OPEN_LISTING, ROLE_REGISTRAR},
    {DEED_JOIN_LISTING, THAT_BUY},
    {DEED_QUALIFY_BIDDER, ROLE_REGISTRAR},
    {DEED_BID, THAT_BUY},
    {DEED_LEAVE_LISTING, THAT_BUY},
    {DEED_SIGN_SALE, THAT_BUY | ROLE_REGISTRAR},
    {DEED_PAY_SALE, THAT_BUY},
    {DEED_CERTIFY_SALE, ROLE_REGISTRAR},
    {DEED_REGISTER_SALE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON},
    {DEED_SUSPEND_LISTING, ROLE_REGISTRAR},
    {DEED_RESUME_LISTING, ROLE_REGISTRAR},
    {DEED_END_LISTING, ROLE_REGISTRAR},
    {DEED_PLEDGE_APPROPRIATE, PLEDGE_PARTIES},
    {DEED_PLEDGE_SELL, PLEDGE_PARTIES},
    {DEED_PLEDGE_AUCTION, PLEDGE_PARTIES},
    {DEED_CERTIFY, ROLES_ALL},
    {DEED_RESERVE, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR},
};
/* clang-format on */

#define DEEDS    (sizeof deeds / sizeof *deeds)
#define ACTS     (sizeof acts / sizeof *acts)
#define REQUESTS (sizeof requests / sizeof *requests)

/* Somebody of one role: participant, key and session of the same name. */
struct somebody {
    uint32_t participant;
    uint32_t key;
    uint32_t session;
};

static uint32_t admin(struct rig *rig, const struct act *act) {
    rig_act(rig, act);
    if (rig->events[0].kind == EVENT_REJECTED)
        rig_act_by_two(rig, act);
    return (uint32_t)rig_expect_done(rig);
}

static struct somebody join(struct rig *rig, uint32_t role) {
    struct somebody who;
    struct act act = {ACT_ADD_PARTICIPANT,
                      .add_participant = {.roles = role, .code_bytes = 2, .code = "ZZ"}};
    who.participant = admin(rig, &act);
    act = (struct act){ACT_ADD_KEY,
                       .add_key = {.participant = who.participant, .person = 90, .key = {90}}};
    who.key = admin(rig, &act);
    act = (struct act){ACT_ADD_SESSION, .add_session = {.participant = who.participant}};
    who.session = admin(rig, &act);
    return who;
}

/* The act, about the sender instead of Bob where it is about a participant. */
static struct act about_self(const struct act *act, const struct somebody *who) {
    struct act own = *act;
    if (act->kind == ACT_REVOKE_KEY)
        own.revoke_key.key = who->key;
    if (act->kind == ACT_ADD_SESSION)
        own.add_session.participant = who->participant;
    if (act->kind == ACT_ADD_ACCOUNT)
        own.add_account.participant = who->participant;
    return own;
}

static bool is_about_somebody(const struct act *act) {
    return act->kind == ACT_REVOKE_KEY || act->kind == ACT_ADD_SESSION ||
           act->kind == ACT_ADD_ACCOUNT;
}

/* The reason of a refusal of the last command; NONE when it was carried out. */
static enum reason answer(const struct rig *rig) {
    assert_true(rig->count > 0);
    return rig->events[0].kind == EVENT_REJECTED ? (enum reason)rig->events[0].reason : REASON_NONE;
}

static bool says_authority(enum reason reason) {
    return reason == REASON_NOT_AUTHORISED || reason == REASON_DISK_RESERVE ||
           reason == REASON_NEEDS_TWO_KEYS;
}

/* What the rules answer to one key, or to a proposal, at a step of the disk; NONE when the act's
 * own checks have the word. */
static enum reason expected_answer(const struct expected *row, uint32_t role, bool is_own,
                                   uint8_t disk, uint8_t keys) {
    uint32_t may = row->roles | (is_own ? row->roles_own : 0);
    if ((role & may) == 0)
        return REASON_NOT_AUTHORISED;
    if (disk > row->disk_worst)
        return REASON_DISK_RESERVE;
    return keys < row->keys ? REASON_NEEDS_TWO_KEYS : REASON_NONE;
}

static void set_disk(struct rig *rig, uint8_t step) {
    struct command command = {.verb = VERB_DISK, .disk = {.step = step}};
    rig_own(rig, &command);
}

/* One act by one role, in a market of its own for each way of sending it. */
static void try_act(const struct expected *row, uint32_t role, bool is_own, uint8_t disk) {
    for (uint8_t keys = 1; keys <= 2; keys++) {
        void *state;
        rig_set_up(&state);
        struct rig *rig = state;
        struct somebody who = join(rig, role);
        struct command command = {.verb = keys == 1 ? VERB_ACT : VERB_PROPOSE,
                                  .act = is_own ? about_self(&row->act, &who) : row->act};
        set_disk(rig, disk);
        rig_request(rig, who.session, who.key, &command);
        enum reason wanted = expected_answer(row, role, is_own, disk, keys);
        enum reason got = answer(rig);
        if (says_authority(got) ? got != wanted : wanted != REASON_NONE)
            fail_msg("act %d form %d, role %x, own %d, disk %d, keys %d: reason %d, not %d",
                     row->act.kind, row->form, role, is_own, disk, keys, got, wanted);
        rig_tear_down(&state);
    }
}

static void every_act_is_taken_from_the_roles_that_may_and_no_others(void **state) {
    (void)state;
    for (size_t i = 0; i < ACTS; i++)
        for (uint32_t role = 1; role <= ROLES_ALL; role <<= 1) {
            try_act(&acts[i], role, false, DISK_ENOUGH);
            if (is_about_somebody(&acts[i].act))
                try_act(&acts[i], role, true, DISK_ENOUGH);
        }
}

static void every_act_is_taken_down_to_its_step_of_the_disk(void **state) {
    (void)state;
    for (size_t i = 0; i < ACTS; i++)
        for (int disk = DISK_ENOUGH; disk <= DISK_CRITICAL; disk++)
            try_act(&acts[i], ROLE_OPERATOR, false, (uint8_t)disk);
}

/* Revocations are taken to the last; everything else waits for disks. */
static uint8_t worst_of(uint8_t kind) {
    static const uint8_t to_the_last[] = {DEED_REVOKE_PARTY_KEY, DEED_REVOKE_MANDATE,
                                          DEED_FREEZE,           DEED_RENEW_FREEZE,
                                          DEED_LIFT_FREEZE,      DEED_RESTRICT_TRADING};
    return memchr(to_the_last, kind, sizeof to_the_last) != NULL ? DISK_CRITICAL : DISK_LOW;
}

static void try_deed(size_t which, uint32_t role, uint8_t disk) {
    void *state;
    rig_set_up(&state);
    struct rig *rig = state;
    struct somebody who = join(rig, role);
    struct command command = {.verb = VERB_DEED, .deed.kind = deeds[which].kind};
    set_disk(rig, disk);
    rig_request(rig, who.session, who.key, &command);
    uint8_t worst = worst_of(deeds[which].kind);
    enum reason wanted = (role & deeds[which].roles) == 0 ? REASON_NOT_AUTHORISED
                         : disk > worst                   ? REASON_DISK_RESERVE
                                                          : REASON_NONE;
    enum reason got = answer(rig);
    if (says_authority(got) ? got != wanted : wanted != REASON_NONE)
        fail_msg("deed %d, role %x, disk %d: reason %d, not %d", command.deed.kind, role, disk, got,
                 wanted);
    rig_tear_down(&state);
}

static void every_deed_is_taken_from_the_roles_that_may_down_to_its_step(void **state) {
    (void)state;
    for (size_t which = 0; which < DEEDS; which++)
        for (uint32_t role = 1; role <= ROLES_ALL; role <<= 1)
            for (int disk = DISK_ENOUGH; disk <= DISK_CRITICAL; disk++)
                try_deed(which, role, (uint8_t)disk);
}

static void try_request(size_t which, uint32_t role, uint8_t disk) {
    void *state;
    rig_set_up(&state);
    struct rig *rig = state;
    struct somebody who = join(rig, role);
    struct command command = {.verb = requests[which].verb};
    if (command.verb == VERB_NEW_ORDER)
        command.new_order = rig_limit(RIG_BOB_SESSION, SIDE_BUY, 1000, 100);
    set_disk(rig, disk);
    rig_request(rig, who.session, who.key, &command);
    enum reason wanted = (role & requests[which].roles) == 0 ? REASON_NOT_AUTHORISED
                         : disk > requests[which].disk_worst ? REASON_DISK_RESERVE
                                                             : REASON_NONE;
    enum reason got = answer(rig);
    if (says_authority(got) ? got != wanted : wanted != REASON_NONE)
        fail_msg("verb %d, role %x, disk %d: reason %d, not %d", command.verb, role, disk, got,
                 wanted);
    rig_tear_down(&state);
}

static void orders_and_cancels_are_taken_from_brokers_down_to_their_step(void **state) {
    (void)state;
    for (size_t which = 0; which < REQUESTS; which++)
        for (uint32_t role = 1; role <= ROLES_ALL; role <<= 1)
            for (int disk = DISK_ENOUGH; disk <= DISK_CRITICAL; disk++)
                try_request(which, role, (uint8_t)disk);
}

/* The table is exported: a reader and the gateway's early filter go by it. */
static void the_table_says_what_the_rules_say_and_has_no_other_rows(void **state) {
    (void)state;
    size_t own = 0;
    for (size_t i = 0; i < authority_rows; i++)
        own += authority_table[i].keys == 0;
    for (size_t i = 0; i < ACTS; i++) {
        const struct authority *row =
            authority_find(VERB_ACT, acts[i].act.kind, (enum authority_form)acts[i].form);
        assert_int_equal(row->roles, acts[i].roles);
        assert_int_equal(row->roles_own, acts[i].roles_own);
        assert_int_equal(row->keys, acts[i].keys);
        assert_int_equal(row->disk_worst, acts[i].disk_worst);
        assert_int_equal(row->environments, AUTHORITY_EVERYWHERE);
    }
    for (size_t i = 0; i < REQUESTS; i++) {
        const struct authority *row = authority_find(requests[i].verb, 0, AUTHORITY_PLAIN);
        assert_int_equal(row->roles | row->roles_own, requests[i].roles);
        assert_int_equal(row->disk_worst, requests[i].disk_worst);
    }
    size_t of_deeds = 0;
    for (size_t i = 0; i < authority_rows; i++)
        of_deeds += authority_table[i].verb == VERB_DEED;
    assert_int_equal(of_deeds, DEEDS);
    assert_int_equal(own, VERB_REOPEN - VERB_GENESIS + 1);
    /* PROPOSE and APPROVE */
    assert_int_equal(authority_rows, ACTS + REQUESTS + DEEDS + own + 2);
}

static void only_a_test_environment_reopens_by_itself(void **state) {
    (void)state;
    for (size_t i = 0; i < authority_rows; i++) {
        bool is_reopen = authority_table[i].verb == VERB_REOPEN;
        assert_int_equal(authority_table[i].environments,
                         is_reopen ? AUTHORITY_IN_TEST : AUTHORITY_EVERYWHERE);
    }
}

/* Two keys of one person are one key. */
static void an_act_by_two_keys_needs_two_persons(void **state) {
    struct rig *rig = *state;
    struct act key = {ACT_ADD_KEY,
                      .add_key = {.participant = RIG_OPERATOR, .person = 11, .key = {55}}};
    rig_act_by_two(rig, &key);
    uint32_t third = (uint32_t)rig_expect_done(rig);
    struct command propose = {.verb = VERB_PROPOSE, .act = {ACT_CONFIRM_TIME, .confirm_time = {1}}};
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &propose);
    uint64_t proposal = rig_expect_done(rig);
    struct command approve = {.verb = VERB_APPROVE, .approve = {.proposal = proposal}};
    rig_request(rig, RIG_OPERATOR_SESSION_TOO, third, &approve);
    assert_int_equal(rig_expect_refused(rig, REASON_SAME_PERSON)->field, FIELD_PERSON);
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY_TOO, &approve);
    rig_expect_done(rig);
}

static void a_proposal_ends_with_the_key_it_came_under(void **state) {
    struct rig *rig = *state;
    struct command propose = {.verb = VERB_PROPOSE, .act = {ACT_CONFIRM_TIME, .confirm_time = {1}}};
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &propose);
    struct command approve = {.verb = VERB_APPROVE, .approve = {.proposal = rig_expect_done(rig)}};
    struct command revoke = {
        .verb = VERB_ACT,
        .act = {ACT_REVOKE_KEY, .revoke_key = {.key = RIG_OPERATOR_KEY, .keeps_orders = true}}};
    rig_request(rig, RIG_OPERATOR_SESSION_TOO, RIG_OPERATOR_KEY_TOO, &revoke);
    rig_expect_done(rig);
    rig_request(rig, RIG_OPERATOR_SESSION_TOO, RIG_OPERATOR_KEY_TOO, &approve);
    rig_expect_refused(rig, REASON_UNKNOWN_PROPOSAL);
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &propose);
    rig_expect_refused(rig, REASON_KEY_REVOKED);
}

static uint64_t digest_with_proposal(const struct act *act) {
    void *state;
    rig_set_up(&state);
    struct rig *rig = state;
    struct command propose = {.verb = VERB_PROPOSE, .act = *act};
    rig_request(rig, RIG_OPERATOR_SESSION, RIG_OPERATOR_KEY, &propose);
    rig_expect_done(rig);
    uint64_t digest = rig_digest(rig->engine);
    rig_tear_down(&state);
    return digest;
}

/* What waits for its second key decides what will be: all of it is in the digest. */
static void proposals_that_differ_in_anything_have_different_digests(void **state) {
    (void)state;
    const struct act pairs[][2] = {
        {{ACT_REVOKE_KEY, .revoke_key = {.key = RIG_BOB_KEY}},
         {ACT_REVOKE_KEY, .revoke_key = {.key = RIG_BOB_KEY, .compromised_since_ns = 1}}},
        {{ACT_RESOLVE, .resolve = {.sequence = 1}},
         {ACT_RESOLVE, .resolve = {.sequence = 1, .digest_replayed = {1}}}},
        {{ACT_RESOLVE, .resolve = {.sequence = 1}},
         {ACT_RESOLVE, .resolve = {.sequence = 1, .digest_recorded = {1}}}},
        {{ACT_ADD_INSTRUMENT,
          .add_instrument =
              {.symbol_bytes = 1, .symbol = "A", .tick_fen = 1, .lot_min = 1, .lot_step = 1}},
         {ACT_ADD_INSTRUMENT, .add_instrument = {.symbol_bytes = 1,
                                                 .symbol = "A",
                                                 .tick_fen = 1,
                                                 .lot_min = 1,
                                                 .lot_step = 1,
                                                 .reference_fen = 1}}},
        {{ACT_HALT, .halt = {.is_halted = true}},
         {ACT_HALT, .halt = {.is_halted = true, .instrument = RIG_HX}}},
        {{ACT_CONFIRM_TIME, .confirm_time = {1}}, {ACT_CONFIRM_TIME, .confirm_time = {2}}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(digest_with_proposal(&pairs[i][0]), digest_with_proposal(&pairs[i][0]));
        assert_int_not_equal(digest_with_proposal(&pairs[i][0]),
                             digest_with_proposal(&pairs[i][1]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_act_is_taken_from_the_roles_that_may_and_no_others),
        cmocka_unit_test(every_act_is_taken_down_to_its_step_of_the_disk),
        cmocka_unit_test(every_deed_is_taken_from_the_roles_that_may_down_to_its_step),
        cmocka_unit_test(orders_and_cancels_are_taken_from_brokers_down_to_their_step),
        cmocka_unit_test(the_table_says_what_the_rules_say_and_has_no_other_rows),
        cmocka_unit_test(only_a_test_environment_reopens_by_itself),
        cmocka_unit_test_setup_teardown(an_act_by_two_keys_needs_two_persons, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_proposal_ends_with_the_key_it_came_under, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test(proposals_that_differ_in_anything_have_different_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
