/* All acts are sent at once: their numbers are known beforehand, and are checked in the answers. */
#include "bench/demo_world.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/page.h"

#define PATIENCE_MS 10000
#define ACTS_MAX    256
#define YUAN        INT64_C(100)

const struct demo_broker DEMO_BROKER[DEMO_BROKERS] = {
    {"heng", "91310000DEMO000001", "衡川证券", DEMO_MAKER},
    {"yuan", "91110000DEMO000002", "远岫证券", DEMO_MAKER},
    {"lan", "91440300DEMO000003", "岚桥资本", DEMO_TAKER},
    {"shuo", "91330100DEMO000004", "朔风投资", DEMO_TAKER},
    {"qing", "91320500DEMO000005", "青圭基金", DEMO_TAKER},
    {"mo", "91510100DEMO000006", "墨池资管", DEMO_TAKER},
    {"you", "91310000DEMO000007", "体验用户", DEMO_GUEST},
};

const struct demo_instrument DEMO_INSTRUMENT[DEMO_INSTRUMENTS] = {
    {"430901", "芯微感知", 1026, 1}, {"430902", "蓝穹储能", 688, 1},
    {"831903", "启明量子", 5810, 5}, {"831904", "云锦新材", 1437, 1},
    {"836905", "远帆航科", 2355, 1}, {"838906", "青禾生物", 912, 1},
    {"870907", "锐视光电", 3170, 5}, {"873908", "衡石软件", 345, 1},
};

volatile sig_atomic_t demo_is_disturbed;

void demo_die(const char *format, ...) {
    if (demo_is_disturbed)
        exit(DEMO_EXIT_DISTURBED);
    va_list arguments;
    va_start(arguments, format);
    screen_abandon();
    (void)fputs("demo: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int64_t on_tick(const struct demo_instrument *instrument, int64_t fen) {
    return fen / instrument->tick_fen * instrument->tick_fen;
}

int64_t demo_band_low(const struct demo_instrument *instrument) {
    return on_tick(instrument, instrument->reference_fen * 7 / 10) + instrument->tick_fen;
}

int64_t demo_band_high(const struct demo_instrument *instrument) {
    return on_tick(instrument, instrument->reference_fen * 13 / 10);
}

/* --- files ---------------------------------------------------------------------------------------
 */

static void path_in(const struct demo_world *world, char path[DEMO_PATH_MAX], const char *name,
                    const char *suffix) {
    int size = snprintf(path, DEMO_PATH_MAX, "%s/%s%s", world->folder, name, suffix);
    if (size >= DEMO_PATH_MAX)
        demo_die("%s: the path is too long", world->folder);
}

static void read_endpoints(struct demo_world *world) {
    char path[DEMO_PATH_MAX];
    path_in(world, path, "exchange/endpoints", "");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        demo_die("%s: %s", path, strerror(errno));
    char line[sizeof world->endpoint + 16];
    int found = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        found += sscanf(line, "trade %255s", world->endpoint) == 1;
        found += sscanf(line, "query %255s", world->query_endpoint) == 1;
        found += sscanf(line, "feed %255s", world->feed_endpoint) == 1;
        found += sscanf(line, "server %40s", world->server_z85) == 1;
    }
    (void)fclose(file);
    if (found != 4)
        demo_die("%s: not as a server writes it", path);
}

static void write_profile(const struct demo_world *world, const char *name, uint32_t session,
                          uint32_t account) {
    char path[DEMO_PATH_MAX];
    path_in(world, path, name, ".profile");
    FILE *file = fopen(path, "we");
    if (file == NULL)
        demo_die("%s: %s", path, strerror(errno));
    (void)fprintf(file, "endpoint exchange/endpoints\nledger exchange/ledger\n");
    (void)fprintf(file, "key %s.key\nsession %" PRIu32 "\n", name, session);
    if (account != 0)
        (void)fprintf(file, "account %" PRIu32 "\n", account);
    for (unsigned i = 0; i < DEMO_INSTRUMENTS; i++)
        (void)fprintf(file, "# %s\ninstrument %u %s\n", DEMO_INSTRUMENT[i].name, i + 1,
                      DEMO_INSTRUMENT[i].symbol);
    if (fclose(file) != 0)
        demo_die("%s: %s", path, strerror(errno));
}

static void make_people(struct demo_world *world) {
    char path[DEMO_PATH_MAX];
    write_profile(world, "op1", 1, 0);
    write_profile(world, "op2", 2, 0);
    for (uint32_t i = 0; i < DEMO_BROKERS; i++) {
        path_in(world, path, DEMO_BROKER[i].name, ".key");
        if (keyfile_curve_generate(&world->keys[i]) != 0 ||
            keyfile_curve_save(&world->keys[i], path, false) != 0)
            demo_die("no key for %s", DEMO_BROKER[i].name);
        write_profile(world, DEMO_BROKER[i].name, demo_session(i), demo_account(i));
    }
    /* For who is let in by hand, with a key that he makes himself. */
    write_profile(world, "new", demo_session(DEMO_BROKERS) + DEMO_STORY_FIRMS,
                  demo_account(DEMO_BROKERS) + DEMO_STORY_ACCOUNTS);
}

/* --- clients -------------------------------------------------------------------------------------
 */

static struct client *open_client(const struct demo_world *world, const struct curve_key *key,
                                  uint32_t session) {
    struct client_item item;
    struct client_options options = {.context = world->context,
                                     .endpoint = world->endpoint,
                                     .server_z85 = world->server_z85,
                                     .key = key,
                                     .session = session,
                                     .skips_past = true};
    struct client *client = client_open(&options);
    if (client == NULL || !client_wait_live(client, PATIENCE_MS, &item))
        demo_die("session %" PRIu32 " cannot log on at %s", session, world->endpoint);
    return client;
}

struct client *demo_client(const struct demo_world *world, uint32_t broker) {
    return open_client(world, &world->keys[broker], demo_session(broker));
}

/* --- furnishing ----------------------------------------------------------------------------------
 */

struct furnishing {
    struct client *client; /* of operator 1 */
    uint64_t first;        /* number of the first act */
    uint64_t expected[ACTS_MAX];
    uint32_t sent;
    uint32_t done;
};

/* Sends an act; `id` is what it will make. */
static void send_act(struct furnishing *furnishing, const struct act *act, const char *name,
                     uint64_t id) {
    struct command command = {.verb = VERB_ACT, .act = *act};
    if (furnishing->sent == ACTS_MAX)
        demo_die("more than %d acts", ACTS_MAX);
    uint64_t number = client_add(furnishing->client, &command, name);
    if (furnishing->sent == 0)
        furnishing->first = number;
    furnishing->expected[furnishing->sent++] = id;
}

static void take_answer(struct furnishing *furnishing, const struct client_item *item) {
    if (item->kind == CLIENT_REFUSED)
        demo_die("refused: %s %s", client_reason_name(item->refused.reason), item->refused.field);
    if (item->kind != CLIENT_REPORT)
        demo_die("the exchange is gone while it is furnished");
    uint64_t number = report_answers(&item->report);
    if (number < furnishing->first || number - furnishing->first >= furnishing->sent)
        return;
    uint64_t place = number - furnishing->first;
    if (item->report.body != REPORT_DONE)
        demo_die("act %" PRIu64 " was refused: %s", place,
                 client_reason_name(item->report.execution.reason));
    if (item->report.done.id != furnishing->expected[place])
        demo_die("act %" PRIu64 " made %" PRIu64 " instead of %" PRIu64, place,
                 item->report.done.id, furnishing->expected[place]);
    furnishing->done++;
}

static void add_instruments(struct furnishing *furnishing) {
    for (uint32_t i = 0; i < DEMO_INSTRUMENTS; i++) {
        const struct demo_instrument *instrument = &DEMO_INSTRUMENT[i];
        struct act act = {.kind = ACT_ADD_INSTRUMENT,
                          .add_instrument = {.symbol_bytes = (uint8_t)strlen(instrument->symbol),
                                             .tick_fen = instrument->tick_fen,
                                             .lot_min = 100,
                                             .lot_step = 1,
                                             .qty_max = 1000000,
                                             .band_low_fen = demo_band_low(instrument),
                                             .band_high_fen = demo_band_high(instrument),
                                             .reference_fen = instrument->reference_fen}};
        memcpy(act.add_instrument.symbol, instrument->symbol, act.add_instrument.symbol_bytes);
        send_act(furnishing, &act, NULL, i + 1);
    }
}

static void add_deposit(struct furnishing *furnishing, uint32_t account, uint32_t instrument,
                        int64_t amount) {
    struct act act = {.kind = ACT_DEPOSIT, .deposit = {account, instrument, amount}};
    send_act(furnishing, &act, NULL, account);
}

static void add_wealth(struct furnishing *furnishing, uint32_t broker) {
    static const int64_t CASH_FEN[] = {[DEMO_MAKER] = 800000000 * YUAN,
                                       [DEMO_TAKER] = 20000000 * YUAN,
                                       [DEMO_GUEST] = 1000000 * YUAN};
    static const int64_t SHARES[] = {
        [DEMO_MAKER] = 20000000, [DEMO_TAKER] = 500000, [DEMO_GUEST] = 10000};
    enum demo_style style = DEMO_BROKER[broker].style;
    add_deposit(furnishing, demo_account(broker), 0, CASH_FEN[style]);
    for (uint32_t i = 0; i < DEMO_INSTRUMENTS; i++)
        add_deposit(furnishing, demo_account(broker), i + 1, SHARES[style]);
}

static void add_broker(struct furnishing *furnishing, const struct demo_world *world,
                       uint32_t broker) {
    const struct demo_broker *who = &DEMO_BROKER[broker];
    uint32_t number = demo_participant(broker);
    struct act participant = {.kind = ACT_ADD_PARTICIPANT,
                              .add_participant = {.roles = ROLE_BROKER,
                                                  .code_bytes = (uint8_t)strlen(who->code),
                                                  .name_bytes = (uint16_t)strlen(who->firm)}};
    /* Keys and persons 1 and 2 are the operators'. */
    struct act key = {.kind = ACT_ADD_KEY,
                      .add_key = {.participant = number, .person = number + 1}};
    struct act session = {.kind = ACT_ADD_SESSION, .add_session = {.participant = number}};
    struct act account = {.kind = ACT_ADD_ACCOUNT,
                          .add_account = {.participant = number, .owner = 1000 + number}};
    memcpy(participant.add_participant.code, who->code, participant.add_participant.code_bytes);
    memcpy(key.add_key.key, world->keys[broker].public_key, KEY_BYTES);
    send_act(furnishing, &participant, who->firm, number);
    send_act(furnishing, &key, NULL, number + 1);
    send_act(furnishing, &session, NULL, demo_session(broker));
    send_act(furnishing, &account, NULL, demo_account(broker));
    add_wealth(furnishing, broker);
}

void demo_furnish(struct demo_world *world, const char *folder, trading_date day) {
    struct furnishing furnishing = {0};
    struct curve_key operator_key;
    struct client_item item;
    char path[DEMO_PATH_MAX];
    (void)snprintf(world->folder, sizeof world->folder, "%s", folder);
    read_endpoints(world);
    make_people(world);
    path_in(world, path, "op1", ".key");
    if (keyfile_curve_load(&operator_key, path, true) != 0)
        demo_die("no key of operator 1");
    furnishing.client = open_client(world, &operator_key, 1);
    secret_cleanse(&operator_key, sizeof operator_key);
    add_instruments(&furnishing);
    for (uint32_t i = 0; i < DEMO_BROKERS; i++)
        add_broker(&furnishing, world, i);
    struct act open_day = {.kind = ACT_DAY_OPEN, .day = {day}};
    send_act(&furnishing, &open_day, NULL, day);
    while (furnishing.done < furnishing.sent) {
        client_poll(furnishing.client, PATIENCE_MS, &item);
        take_answer(&furnishing, &item);
    }
    client_close(furnishing.client);
}
