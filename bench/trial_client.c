/*
 * Clients of a trial: they log on, ask, and furnish it the way an operator would.
 */
#include <stdio.h>
#include <string.h>

#include "bench/trial.h"
#include "gateway/clock.h"

/* What genesis makes: participant 1 with keys 1 and 2 and sessions 1 and 2. */
enum { OPERATOR_SESSIONS = 2, OPERATOR_PARTICIPANTS = 1 };

/* All money and all shares of one instrument must fit an int64. */
#define CASH_FEN_ALL INT64_C(4000000000000000000)
#define CASH_FEN_MAX INT64_C(1000000000000000)
#define SHARES_EACH  INT64_C(1000000000000)

uint32_t trial_broker(const struct trial *trial, uint32_t index) {
    if (index == 0 || index > trial->options.brokers)
        trial_die("broker %u: there are %u", index, trial->options.brokers);
    return OPERATOR_PARTICIPANTS + index;
}

uint32_t trial_session(const struct trial *trial, uint32_t index) {
    if (index == 0 || index > trial->options.sessions)
        trial_die("session %u: there are %u", index, trial->options.sessions);
    return OPERATOR_SESSIONS + index;
}

uint32_t trial_account(const struct trial *trial, uint32_t index) {
    if (index == 0 || index > trial->options.accounts)
        trial_die("account %u: there are %u", index, trial->options.accounts);
    return index;
}

uint32_t trial_owner(const struct trial *trial, uint32_t index) {
    return (index - 1) % trial->options.brokers + 1;
}

/* --- clients -----------------------------------------------------------------------------------
 */

static struct client *connect_as(const struct trial *trial, const struct curve_key *key,
                                 uint32_t session) {
    struct client_item item;
    struct client_options options = {.context = trial->context,
                                     .endpoint = trial->endpoint,
                                     .server_z85 = trial->server.public_z85,
                                     .key = key,
                                     .session = session,
                                     .skips_past = true};
    struct client *client = client_open(&options);
    if (client == NULL)
        trial_die("session %u: no client", session);
    if (!client_wait_live(client, TRIAL_PATIENCE_MS, &item))
        trial_die("session %u: no logon, item %d: %s", session, (int)item.kind,
                  item.kind == CLIENT_LOGGED_OFF ? item.logged_off.text : "");
    return client;
}

struct client *trial_client(const struct trial *trial, uint32_t index) {
    return connect_as(trial, &trial->brokers[trial_owner(trial, index) - 1],
                      trial_session(trial, index));
}

struct client *trial_operator(const struct trial *trial, uint32_t which) {
    if (which >= 2)
        trial_die("operator %u: there are 0 and 1", which);
    return connect_as(trial, &trial->operators[which], which + 1);
}

/* --- asking ------------------------------------------------------------------------------------
 */

/* Whether nothing can come after this report of an answer. */
static bool ends_answer(const struct command *command, const struct report *report) {
    const struct execution *execution = &report->execution;
    if (report->body != REPORT_EXECUTION || execution->exec_type == EXEC_TYPE_REJECTED)
        return true;
    return command->verb != VERB_MASS_CANCEL && execution->leaves_qty == 0;
}

/* The next item that answers request `number`; false when the time is up. */
static bool next_answer(struct client *client, uint64_t number, int timeout_ms,
                        struct client_item *item) {
    int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_MILLISECOND_NS;
    for (;;) {
        int64_t left_ms = (deadline_ns - clock_mono_ns()) / CLOCK_MILLISECOND_NS;
        client_poll(client, left_ms > 0 ? (int)left_ms : 0, item);
        if (item->kind == CLIENT_NOTHING)
            return false;
        if (item->kind == CLIENT_REPORT && report_answers(&item->report) == number)
            return true;
        if (item->kind == CLIENT_REFUSED && item->refused.number == number)
            return true;
        if (item->kind == CLIENT_LOGGED_OFF || item->kind == CLIENT_KEY_REFUSED)
            trial_die("request %lu: the session is over: %s", number,
                      item->kind == CLIENT_LOGGED_OFF ? item->logged_off.text : "key refused");
    }
}

/* Whether an answer that is not at its end has more to come: what never rests ends with leaves 0.
 */
static bool must_go_on(const struct command *command) {
    uint8_t time_in_force = command->new_order.time_in_force;
    if (command->verb == VERB_NEW_ORDER)
        return time_in_force == TIME_IN_FORCE_IOC || time_in_force == TIME_IN_FORCE_FOK;
    return command->verb == VERB_MASS_CANCEL;
}

struct query_client *trial_asker(const struct trial *trial, const struct curve_key *key) {
    struct query_client_options options = {.context = trial->context,
                                           .endpoint = trial->query_endpoint,
                                           .server_z85 = trial->server.public_z85,
                                           .key = key};
    struct query_client *client = query_client_open(&options);
    if (client == NULL)
        trial_die("no client for queries");
    return client;
}

bool trial_ask(struct client *client, const struct command *command, const char *name,
               struct report *report, struct refused *refused) {
    struct client_item item;
    struct report last;
    int rest_ms = must_go_on(command) ? TRIAL_PATIENCE_MS : 0;
    uint64_t number = client_add(client, command, name);
    if (number == 0)
        trial_die("a request was not taken: no logon, or too many without an answer");
    client_flush(client);
    if (!next_answer(client, number, TRIAL_PATIENCE_MS, &item))
        trial_die("request %lu has no answer", number);
    if (item.kind == CLIENT_REFUSED) {
        if (refused == NULL)
            trial_die("request %lu is refused: %s %s", number,
                      client_reason_name(item.refused.reason), item.refused.field);
        *refused = item.refused;
        return false;
    }
    do
        last = item.report;
    while (!ends_answer(command, &last) && next_answer(client, number, rest_ms, &item));
    if (report != NULL)
        *report = last;
    return true;
}

/* --- pouring -----------------------------------------------------------------------------------
 */

static void check_item(const struct client_item *item) {
    const struct execution *execution = &item->report.execution;
    if (item->kind == CLIENT_REFUSED)
        trial_die("request %lu is refused by the gateway: %s %s %s", item->refused.number,
                  client_reason_name(item->refused.reason), item->refused.field,
                  item->refused.text);
    if (item->kind == CLIENT_LOGGED_OFF || item->kind == CLIENT_KEY_REFUSED)
        trial_die("the session is over: %s",
                  item->kind == CLIENT_LOGGED_OFF ? item->logged_off.text : "key refused");
    if (item->kind == CLIENT_REPORT && item->report.body == REPORT_EXECUTION &&
        execution->exec_type == EXEC_TYPE_REJECTED) {
        char field[32];
        client_field_name(execution->field, field);
        trial_die("request %lu is rejected: %s, field %s, limit %ld", execution->cl_ord_id,
                  client_reason_name(execution->reason), field, execution->limit);
    }
}

/* Waits until at most `most` requests have no answer. */
static void wait_for_answers(struct client *client, uint32_t most) {
    struct client_item item;
    client_flush(client);
    while (client_unanswered(client) > most) {
        client_poll(client, TRIAL_PATIENCE_MS, &item);
        if (item.kind == CLIENT_NOTHING)
            trial_die("%u requests have no answer", client_unanswered(client));
        check_item(&item);
    }
}

void trial_pour(struct client *client, const struct command *command, const char *name) {
    while (client_add(client, command, name) == 0) {
        uint32_t before = client_unanswered(client);
        if (before == 0)
            trial_die("a request was not taken: no logon");
        wait_for_answers(client, before / 2);
    }
}

void trial_drain(struct client *client) {
    wait_for_answers(client, 0);
}

/* --- acts --------------------------------------------------------------------------------------
 */

/* Asks as an operator; returns what its Done names. */
static uint64_t ask_operator(const struct trial *trial, uint32_t which,
                             const struct command *command, const char *name) {
    struct report report;
    struct client *client = trial_operator(trial, which);
    (void)trial_ask(client, command, name, &report, NULL);
    if (report.body != REPORT_DONE)
        trial_die("act %u is rejected: %s", command->act.kind,
                  client_reason_name(report.execution.reason));
    client_close(client);
    return report.done.id;
}

uint64_t trial_act(struct trial *trial, const struct act *act, const char *name) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    return ask_operator(trial, 0, &command, name);
}

uint64_t trial_act_of_two(struct trial *trial, const struct act *act) {
    struct command propose = {.verb = VERB_PROPOSE, .act = *act};
    struct command approve = {.verb = VERB_APPROVE};
    approve.approve.proposal = ask_operator(trial, 0, &propose, NULL);
    return ask_operator(trial, 1, &approve, NULL);
}

/* --- furnishing --------------------------------------------------------------------------------
 */

static void pour_act(struct client *client, const struct act *act, const char *name) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    trial_pour(client, &command, name);
}

static void add_brokers(const struct trial *trial, struct client *client) {
    char text[NAME_BYTES_MAX];
    for (uint32_t i = 1; i <= trial->options.brokers; i++) {
        struct act add = {.kind = ACT_ADD_PARTICIPANT, .add_participant = {.roles = ROLE_BROKER}};
        int size = snprintf(text, sizeof text, "TRIALBROKER%u", i);
        add.add_participant.code_bytes = (uint8_t)size;
        memcpy(add.add_participant.code, text, (size_t)size);
        size = snprintf(text, sizeof text, "Trial broker %u", i);
        add.add_participant.name_bytes = (uint16_t)size;
        pour_act(client, &add, text);
        struct act key = {.kind = ACT_ADD_KEY,
                          .add_key = {.participant = trial_broker(trial, i), .person = 100 + i}};
        memcpy(key.add_key.key, trial->brokers[i - 1].public_key, KEY_BYTES);
        pour_act(client, &key, NULL);
    }
}

static void add_sessions(const struct trial *trial, struct client *client) {
    for (uint32_t i = 1; i <= trial->options.sessions; i++) {
        struct act add = {
            .kind = ACT_ADD_SESSION,
            .add_session = {.participant = trial_broker(trial, trial_owner(trial, i)),
                            .cancels_on_disconnect = trial->options.cancels_on_disconnect,
                            .grace_ms = trial->options.grace_ms}};
        pour_act(client, &add, NULL);
    }
}

static void add_instruments(const struct trial *trial, struct client *client) {
    char symbol[16];
    for (uint32_t i = 1; i <= trial->options.instruments; i++) {
        struct act add = {.kind = ACT_ADD_INSTRUMENT,
                          .add_instrument = {.tick_fen = 1, .lot_min = 1, .lot_step = 1}};
        int size = snprintf(symbol, sizeof symbol, "T%u", i);
        add.add_instrument.symbol_bytes = (uint8_t)size;
        memcpy(add.add_instrument.symbol, symbol, (size_t)size);
        pour_act(client, &add, NULL);
    }
}

static void fund(const struct trial *trial, struct client *client, uint32_t account) {
    int64_t cash_fen = CASH_FEN_ALL / trial->options.accounts;
    struct act deposit = {.kind = ACT_DEPOSIT,
                          .deposit = {.account = account,
                                      .amount = cash_fen < CASH_FEN_MAX ? cash_fen : CASH_FEN_MAX}};
    pour_act(client, &deposit, NULL);
    deposit.deposit.amount = SHARES_EACH;
    for (uint32_t i = 1; i <= trial->options.instruments; i++) {
        deposit.deposit.instrument = i;
        pour_act(client, &deposit, NULL);
    }
}

static void add_accounts(const struct trial *trial, struct client *client) {
    for (uint32_t i = 1; i <= trial->options.accounts; i++) {
        struct act add = {
            .kind = ACT_ADD_ACCOUNT,
            .add_account = {.participant = trial_broker(trial, trial_owner(trial, i)), .owner = i}};
        pour_act(client, &add, NULL);
    }
    for (uint32_t i = 1; i <= trial->options.accounts; i++)
        fund(trial, client, trial_account(trial, i));
}

void trial_furnish(struct trial *trial) {
    struct act open = {.kind = ACT_DAY_OPEN, .day = {.date = TRIAL_DAY}};
    struct client *client = trial_operator(trial, 0);
    add_brokers(trial, client);
    add_sessions(trial, client);
    add_instruments(trial, client);
    add_accounts(trial, client);
    pour_act(client, &open, NULL);
    trial_drain(client);
    client_close(client);
}
