/* Names, ranges and defaults stand in tables; libconfuse parses, and asks check_number() after each
 * value, so that an error names its line. */
#include "gateway/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/book.h"
#include "engine/engine.h"
#include "gateway/keyfile.h"
#include "gateway/log.h"
#include "ledger/crypto.h"
#include "ledger/failure.h"
#include "proto/text.h"

struct number {
    const char *name;
    long low;
    long high;
    long usual;
    const char *what; /* a line for people */
};

static const struct number NUMBERS[] = {
    {"price_ticks_max", 1, BOOK_PRICE_TICKS_MAX, 1000000,
     "highest price of an instrument, in its ticks"},
    {"credits", 1, 1000000, 10000, "requests of one session without an answer"},
    {"requests_per_second", 0, 10000000, 0, "of one session; 0: no limit"},
    {"logons_per_second", 0, 1000000, 1000,
     "of one key, and so many at once; more are refused RATE_LIMIT. 0: no limit"},
    {"connections", 1, 1000000, 10000,
     "at a time; a further one is closed after its handshake, and may try again"},
    {"query_connections", 1, 1000000, 10000, "likewise, at the query endpoint"},
    {"feed_connections", 1, 1000000, 10000, "likewise, at the feed"},
    {"queries_per_second", 0, 10000000, 0,
     "of one key, and so many at once; more are refused RATE_LIMIT. 0: no limit"},
    {"subscriptions_per_second", 0, 1000000, 10000,
     "of one key, and so many at once; with more it is cut off the feed until the next start. 0: "
     "no "
     "limit"},
    {"inbound_frames", 1, 1000, 64,
     "of one connection, received and not taken yet; then its sender waits"},
    {"unread_mib", 1, 1024, 16,
     "what one session may leave unread; then it is served from the ledger, as it reads"},
    {"heartbeat_ms", 10, 60000, 1000, "who is silent for three of these is gone"},
    {"grace_ms", 0, 3600000, 60000,
     "after a start, before cancel-on-disconnect acts on who has not come back"},
    {"seal_ms", 1, 60000, 100, "from a record to the Seal and the signed checkpoint that cover it"},
    {"refusals_s", 1, 3600, 60, "from one recorded digest of the gateway's refusals to the next"},
    {"mark_records", 1, 1000000000, 5000000, "from one snapshot to the next"},
    {"ring_mib", 256, 32768, 512,
     "what the core has decided and the ledger has not stored yet: memory for it, a power of two. "
     "From a quarter on clients' messages wait in their connections"},
    {"volume_mib", 1, 16777216, 262144,
     "a volume of the ledger ends at this size, or at the day's end"},
    {"disk_low_mib", 4, 16777216, 1024, "disk reserved ahead; below this no new orders"},
    {"disk_critical_mib", 3, 16777216, 512, "below this only what ends things"},
    {"disk_halt_mib", 2, 16777216, 128, "below this the server stops, cleanly"},
    {"disk_zero_mib", 0, 16777216, 64, "zeros written ahead, so that commits are quick"},
};
#define NUMBERS_COUNT (sizeof NUMBERS / sizeof NUMBERS[0])

/* Sizes of pools: what they begin with; the ceiling is ten times that where nothing else is said.
 * Indexed by enum pool. */
#define CEILING_TIMES 10
#define POOL_MAX      ENGINE_ROWS_MAX
static const struct number POOLS[POOLS_END] = {
    [POOL_ORDERS] = {"orders", 1, POOL_MAX, 1000000, "orders that rest"},
    [POOL_LEVELS] = {"levels", 1, POOL_MAX, 1000000, "prices at which orders rest"},
    [POOL_INSTRUMENTS] = {"instruments", 1, ENGINE_INSTRUMENTS_MAX, 10000, "instruments"},
    [POOL_ACCOUNTS] = {"accounts", 1, POOL_MAX, 100000, "accounts"},
    [POOL_HOLDINGS] = {"holdings", 1, POOL_MAX, 1000000,
                       "accounts times instruments that they hold"},
    [POOL_SESSIONS] = {"sessions", 2, ENGINE_SESSIONS_MAX, 4096, "sessions"},
    [POOL_PARTICIPANTS] = {"participants", 1, POOL_MAX, 1000, "participants"},
    [POOL_KEYS] = {"keys", 2, POOL_MAX, 4096, "transport keys"},
    [POOL_PROPOSALS] = {"proposals", 1, POOL_MAX, 1024, "acts that wait for a second key"},
    [POOL_TIMERS] = {"timers", 1, POOL_MAX, 131072, "timers that run"},
    [POOL_PARTIES] = {"parties", 1, POOL_MAX, 100000, "persons and firms that own, pledge, lend"},
    [POOL_PARTY_KEYS] = {"party_keys", 1, POOL_MAX, 100000, "keys that sign for them"},
    [POOL_RIGHTS] = {"rights", 1, POOL_MAX, 100000, "rights"},
    [POOL_STAKES] = {"stakes", 1, POOL_MAX, 200000, "what somebody has of a right"},
    [POOL_ESTATES] = {"estates", 1, POOL_MAX, 100000, "parties times instruments in the register"},
    [POOL_BINDINGS] = {"bindings", 1, POOL_MAX, 1000000, "entries that bind or have bound"},
    [POOL_PARCELS] = {"parcels", 1, POOL_MAX, 400000,
                      "parts of holdings and stakes that are bound"},
    [POOL_TIES] = {"ties", 1, POOL_MAX, 1000000, "bindings of one parcel, summed up"},
    [POOL_CALENDAR] = {"calendar", 1, POOL_MAX, 4096, "days that are not what their weekday says"},
    [POOL_MANDATES] = {"mandates", 1, POOL_MAX, 100000, "mandates, ended ones too"},
    [POOL_FREEZES] = {"freezes", 1, POOL_MAX, 100000, "freezes, past ones too"},
    [POOL_RESTRAINTS] = {"restraints", 1, POOL_MAX, 100000,
                         "restrictions, lock-ups, objections, past ones too"},
    [POOL_CONSENTS] = {"consents", 1, POOL_MAX, 100000, "consents, used ones too"},
    [POOL_TRANSFERS] = {"transfers", 1, POOL_MAX, 100000, "transfers by agreement, past ones too"},
    [POOL_PLEDGES] = {"pledges", 1, POOL_MAX, 100000, "pledges, and applications for them"},
    [POOL_PLEDGE_ITEMS] = {"pledge_items", 1, POOL_MAX, 200000, "things that are pledged"},
    [POOL_INCREASES] = {"increases", 1, POOL_MAX, 20000, "increases of what a pledge secures"},
    [POOL_ASSENTS] = {"assents", 1, POOL_MAX, 20000, "assents of parties to what harms them"},
    [POOL_CORRECTIONS] = {"corrections", 1, POOL_MAX, 4096,
                          "corrections that a registrar has asked for"},
    [POOL_LISTINGS] = {"listings", 1, POOL_MAX, 100000, "rights that are or were on sale"},
    [POOL_BIDDERS] = {"bidders", 1, POOL_MAX, 1000000, "parties with a deposit for a listing"},
};

/* Names with a text. `range` and `what` are for people: NULL for a name that is not theirs. */
static const struct text {
    const char *name;
    const char *usual; /* NULL: must be given */
    const char *range;
    const char *what;
    bool is_genesis;
} TEXTS[] = {
    {"origin", NULL, "1 to 100 characters without space and +",
     "the ledger's name in its checkpoints", true},
    {"environment", NULL, "production or test", "a test one reopens by itself after an outage",
     true},
    {"algorithms", "international", "international or national",
     "SHA-256 and Ed25519, or SM3 and SM2: for hashes, checkpoints and parties' signatures", true},
    {"trade", "tcp://127.0.0.1:7001", "tcp://<address>:<port>",
     "where clients connect; port * takes any free one", false},
    {"query", "tcp://127.0.0.1:7002", "tcp://<address>:<port>", "where they ask", false},
    {"feed", "tcp://127.0.0.1:7003", "tcp://<address>:<port>",
     "where the public feed is subscribed to", false},
    {"test_assert_text", "", NULL, NULL, false},
};
#define TEXTS_COUNT (sizeof TEXTS / sizeof TEXTS[0])

static const struct number *number_find(const char *name) {
    for (size_t i = 0; i < NUMBERS_COUNT; i++)
        if (strcmp(NUMBERS[i].name, name) == 0)
            return &NUMBERS[i];
    for (size_t i = 1; i < POOLS_END; i++)
        if (strcmp(POOLS[i].name, name) == 0)
            return &POOLS[i];
    return NULL;
}

static int check_number(cfg_t *cfg, cfg_opt_t *option) {
    const struct number *number = number_find(option->name);
    long value = cfg_opt_getnint(option, 0);
    if (number != NULL && value >= number->low && value <= number->high)
        return 0;
    if (number != NULL)
        cfg_error(cfg, "%s must be %ld to %ld", option->name, number->low, number->high);
    return -1;
}

static int check_environment(cfg_t *cfg, cfg_opt_t *option) {
    const char *value = cfg_opt_getnstr(option, 0);
    if (strcmp(value, "test") == 0 || strcmp(value, "production") == 0)
        return 0;
    cfg_error(cfg, "environment must be test or production");
    return -1;
}

static int check_algorithms(cfg_t *cfg, cfg_opt_t *option) {
    if (crypto_profile_find(cfg_opt_getnstr(option, 0)) != 0)
        return 0;
    cfg_error(cfg, "algorithms must be international or national");
    return -1;
}

static int check_origin(cfg_t *cfg, cfg_opt_t *option) {
    const char *value = cfg_opt_getnstr(option, 0);
    size_t size = strlen(value);
    if (size > 0 && size <= ORIGIN_BYTES_MAX &&
        text_is_in(ALPHABET_ORIGIN, (const uint8_t *)value, size))
        return 0;
    cfg_error(cfg, "origin must be 1 to %d printable characters without space and +",
              ORIGIN_BYTES_MAX);
    return -1;
}

static int check_endpoint(cfg_t *cfg, cfg_opt_t *option) {
    const char *value = cfg_opt_getnstr(option, 0);
    if (strncmp(value, "tcp://", 6) == 0 && strlen(value) <= CONFIG_ENDPOINT_BYTES_MAX)
        return 0;
    cfg_error(cfg, "%s must be tcp://<address>:<port or *>", option->name);
    return -1;
}

static int check_key(cfg_t *cfg, cfg_opt_t *option) {
    uint8_t key[KEY_BYTES];
    if (keyfile_z85_decode(cfg_opt_getnstr(option, 0), key))
        return 0;
    cfg_error(cfg, "key must be a CURVE public key, %d characters of Z85", KEYFILE_Z85_CHARS);
    return -1;
}

static int check_text(cfg_t *cfg, cfg_opt_t *option) {
    if (strlen(cfg_opt_getnstr(option, 0)) <= TEXT_BYTES_MAX)
        return 0;
    cfg_error(cfg, "%s must be at most %d bytes", option->name, TEXT_BYTES_MAX);
    return -1;
}

/* The file being read: libconfuse names it only outside of sections, and its error function gets
 * nothing of ours. */
static _Thread_local const char *reading;

/* libconfuse takes the file's end for the end of every section that is still open. So a last option
 * is put behind what was read, which no section has. */
#define LAST_NAME "end_of_file"
#define LAST      "\n" LAST_NAME " = 1\n"
#define BYTES_MAX ((size_t)1 << 20)

static void say_error(cfg_t *cfg, const char *format, va_list arguments) {
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    if (strstr(text, LAST_NAME) != NULL)
        snprintf(text, sizeof text, "the file ends within a section or value: is a } missing?");
    log_line(LOG_LEVEL_ERROR, "configuration", "file=%s line=%d text=\"%s\"", reading,
             cfg != NULL ? cfg->line : 0, text);
}

static int complain(cfg_t *cfg, const char *text) {
    cfg_error(cfg, "%s", text);
    return FAILURE_MALFORMED;
}

/* --- the parsed file into the struct -----------------------------------------------------------
 */

static int take_operators(cfg_t *cfg, struct config *config) {
    if (cfg_size(cfg, "operator") != 2)
        return complain(cfg, "there must be two operator sections");
    for (unsigned i = 0; i < 2; i++) {
        cfg_t *section = cfg_getnsec(cfg, "operator", i);
        const char *key = cfg_getstr(section, "key");
        long person = cfg_getint(section, "person");
        if (key == NULL || person < 1 || person > UINT32_MAX)
            return complain(section, "an operator needs a key, and a person above 0");
        config->operators[i].person = (uint32_t)person;
        keyfile_z85_decode(key, config->operators[i].key);
    }
    if (config->operators[0].person == config->operators[1].person)
        return complain(cfg, "the two operators must be different persons");
    if (memcmp(config->operators[0].key, config->operators[1].key, KEY_BYTES) == 0)
        return complain(cfg, "the two operators must have different keys");
    return 0;
}

static int take_pools(cfg_t *cfg, struct config *config) {
    cfg_t *limits = cfg_getsec(cfg, "limits");
    cfg_t *ceilings = cfg_getsec(cfg, "ceilings");
    config->limits.price_ticks_max = (uint32_t)cfg_getint(cfg, "price_ticks_max");
    for (size_t i = 1; i < POOLS_END; i++) {
        long limit = cfg_getint(limits, POOLS[i].name);
        long ceiling = cfg_getint(ceilings, POOLS[i].name);
        if (ceiling == 0)
            ceiling = limit > POOLS[i].high / CEILING_TIMES ? POOLS[i].high : limit * CEILING_TIMES;
        if (limit > ceiling) {
            cfg_error(ceilings, "%s: the ceiling lies below the limit of %ld", POOLS[i].name,
                      limit);
            return FAILURE_MALFORMED;
        }
        config->limits.limit[i] = (uint32_t)limit;
        config->limits.ceiling[i] = (uint32_t)ceiling;
    }
    return engine_size(&config->limits) != 0
               ? 0
               : complain(cfg, "limits and ceilings: no engine has such sizes");
}

static int take_server(cfg_t *cfg, struct config *config) {
    config->credits = (uint32_t)cfg_getint(cfg, "credits");
    config->requests_per_second = (uint32_t)cfg_getint(cfg, "requests_per_second");
    config->logons_per_second = (uint32_t)cfg_getint(cfg, "logons_per_second");
    config->connections = (uint32_t)cfg_getint(cfg, "connections");
    config->query_connections = (uint32_t)cfg_getint(cfg, "query_connections");
    config->feed_connections = (uint32_t)cfg_getint(cfg, "feed_connections");
    config->queries_per_second = (uint32_t)cfg_getint(cfg, "queries_per_second");
    config->subscriptions_per_second = (uint32_t)cfg_getint(cfg, "subscriptions_per_second");
    config->inbound_frames = (uint32_t)cfg_getint(cfg, "inbound_frames");
    config->unread_mib = (uint64_t)cfg_getint(cfg, "unread_mib");
    config->heartbeat_ms = (uint32_t)cfg_getint(cfg, "heartbeat_ms");
    config->grace_ms = (uint32_t)cfg_getint(cfg, "grace_ms");
    config->seal_ms = (uint32_t)cfg_getint(cfg, "seal_ms");
    config->refusals_s = (uint32_t)cfg_getint(cfg, "refusals_s");
    config->mark_records = (uint64_t)cfg_getint(cfg, "mark_records");
    config->ring_mib = (uint64_t)cfg_getint(cfg, "ring_mib");
    config->volume_mib = (uint64_t)cfg_getint(cfg, "volume_mib");
    config->disk_low_mib = (uint64_t)cfg_getint(cfg, "disk_low_mib");
    config->disk_critical_mib = (uint64_t)cfg_getint(cfg, "disk_critical_mib");
    config->disk_halt_mib = (uint64_t)cfg_getint(cfg, "disk_halt_mib");
    config->disk_zero_mib = (uint64_t)cfg_getint(cfg, "disk_zero_mib");
    if ((config->ring_mib & (config->ring_mib - 1)) != 0)
        return complain(cfg, "ring_mib must be a power of two");
    if (config->disk_low_mib <= config->disk_critical_mib ||
        config->disk_critical_mib <= config->disk_halt_mib ||
        config->disk_zero_mib > config->disk_low_mib)
        return complain(cfg, "disk_low_mib, disk_critical_mib and disk_halt_mib must descend, and "
                             "disk_zero_mib not lie above the first");
    snprintf(config->trade_endpoint, sizeof config->trade_endpoint, "%s", cfg_getstr(cfg, "trade"));
    snprintf(config->query_endpoint, sizeof config->query_endpoint, "%s", cfg_getstr(cfg, "query"));
    snprintf(config->feed_endpoint, sizeof config->feed_endpoint, "%s", cfg_getstr(cfg, "feed"));
    return 0;
}

static int take(cfg_t *cfg, struct config *config) {
    *config = (struct config){0};
    const char *origin = cfg_getstr(cfg, "origin");
    const char *environment = cfg_getstr(cfg, "environment");
    const char *assert_text = cfg_getstr(cfg, "test_assert_text");
    if (origin == NULL || environment == NULL)
        return complain(cfg, "origin and environment must be given");
    bool is_test = strcmp(environment, "test") == 0;
    if (assert_text[0] != '\0' && !is_test)
        return complain(cfg, "test_assert_text needs environment test");
    config->environment = is_test ? ENVIRONMENT_TEST : ENVIRONMENT_PRODUCTION;
    config->profile = crypto_profile_find(cfg_getstr(cfg, "algorithms"));
    snprintf(config->origin, sizeof config->origin, "%s", origin);
    snprintf(config->test_assert_text, sizeof config->test_assert_text, "%s", assert_text);
    int failure = take_operators(cfg, config);
    if (failure == 0)
        failure = take_pools(cfg, config);
    return failure == 0 ? take_server(cfg, config) : failure;
}

/* --- what libconfuse is told -------------------------------------------------------------------
 */

static void describe_pools(cfg_opt_t options[POOLS_END], bool is_ceiling) {
    for (size_t i = 1; i < POOLS_END; i++)
        options[i - 1] =
            (cfg_opt_t)CFG_INT(POOLS[i].name, is_ceiling ? 0 : POOLS[i].usual, CFGF_NONE);
    options[POOLS_END - 1] = (cfg_opt_t)CFG_END();
}

static void add_checks(cfg_t *cfg) {
    for (size_t i = 0; i < NUMBERS_COUNT; i++)
        cfg_set_validate_func(cfg, NUMBERS[i].name, check_number);
    for (size_t i = 1; i < POOLS_END; i++) {
        char path[64];
        snprintf(path, sizeof path, "limits|%s", POOLS[i].name);
        cfg_set_validate_func(cfg, path, check_number);
        snprintf(path, sizeof path, "ceilings|%s", POOLS[i].name);
        cfg_set_validate_func(cfg, path, check_number);
    }
    cfg_set_validate_func(cfg, "environment", check_environment);
    cfg_set_validate_func(cfg, "algorithms", check_algorithms);
    cfg_set_validate_func(cfg, "origin", check_origin);
    cfg_set_validate_func(cfg, "trade", check_endpoint);
    cfg_set_validate_func(cfg, "query", check_endpoint);
    cfg_set_validate_func(cfg, "feed", check_endpoint);
    cfg_set_validate_func(cfg, "operator|key", check_key);
    cfg_set_validate_func(cfg, "test_assert_text", check_text);
    cfg_set_error_function(cfg, say_error);
}

/* All of the file, and LAST; the caller frees it. NULL, with a line in the log, when it cannot be
 * read. */
static char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = file != NULL ? malloc(BYTES_MAX + sizeof LAST) : NULL;
    if (text == NULL) {
        failure_errno("configuration %s", path);
        if (file != NULL)
            fclose(file);
        return NULL;
    }
    size_t size = fread(text, 1, BYTES_MAX, file);
    bool is_read = ferror(file) == 0; /* a folder opens, but does not read */
    if (!is_read)
        failure_errno("configuration %s", path);
    else if (size == BYTES_MAX)
        failure_log(FAILURE_MALFORMED, "configuration %s: over %zu bytes", path, BYTES_MAX);
    fclose(file);
    if (!is_read || size == BYTES_MAX) {
        free(text);
        return NULL;
    }
    memcpy(text + size, LAST, sizeof LAST);
    return text;
}

static int parse(cfg_t *cfg, const char *path, struct config *config) {
    char *text = read_text(path);
    if (text == NULL)
        return FAILURE_SYSTEM;
    int status = cfg_parse_buf(cfg, text);
    free(text);
    return status == CFG_SUCCESS ? take(cfg, config) : FAILURE_MALFORMED;
}

int config_load(struct config *config, const char *path) {
    cfg_opt_t limits[POOLS_END];
    cfg_opt_t ceilings[POOLS_END];
    cfg_opt_t operators[] = {CFG_INT("person", 0, CFGF_NONE), CFG_STR("key", NULL, CFGF_NONE),
                             CFG_END()};
    cfg_opt_t options[NUMBERS_COUNT + TEXTS_COUNT + 5];
    size_t used = 0;
    describe_pools(limits, false);
    describe_pools(ceilings, true);
    for (; used < NUMBERS_COUNT; used++)
        options[used] = (cfg_opt_t)CFG_INT(NUMBERS[used].name, NUMBERS[used].usual, CFGF_NONE);
    for (size_t i = 0; i < TEXTS_COUNT; i++)
        options[used++] = (cfg_opt_t)CFG_STR(TEXTS[i].name, TEXTS[i].usual, CFGF_NONE);
    options[used++] = (cfg_opt_t)CFG_SEC("operator", operators, CFGF_MULTI);
    options[used++] = (cfg_opt_t)CFG_SEC("limits", limits, CFGF_NONE);
    options[used++] = (cfg_opt_t)CFG_SEC("ceilings", ceilings, CFGF_NONE);
    options[used++] = (cfg_opt_t)CFG_INT(LAST_NAME, 0, CFGF_NONE);
    options[used] = (cfg_opt_t)CFG_END();

    cfg_t *cfg = cfg_init(options, CFGF_NONE);
    if (cfg == NULL)
        return failure_errno("configuration %s", path);
    add_checks(cfg);
    reading = path;
    int failure = parse(cfg, path, config);
    cfg_free(cfg);
    return failure;
}

/* --- what people are told ----------------------------------------------------------------------
 */

static void describe_number(const struct config_teller *teller, struct config_name name,
                            const struct number *number) {
    char range[64];
    char usual[64];
    snprintf(range, sizeof range, "%ld to %ld", number->low, number->high);
    snprintf(usual, sizeof usual, "%ld", number->usual);
    name.name = number->name;
    name.range = range;
    name.usual = usual;
    name.what = number->what;
    teller->take(teller->owner, &name);
}

void config_describe(const struct config_teller *teller) {
    static const struct config_name OPERATOR[] = {
        {"operator", "person", "1 or more; two different ones", NULL, "who holds the key", true},
        {"operator", "key", "40 characters of Z85, in single quotes", NULL,
         "a CURVE public key (tpx keygen)", true},
    };
    for (size_t i = 0; i < TEXTS_COUNT; i++)
        if (TEXTS[i].what != NULL)
            teller->take(teller->owner,
                         &(struct config_name){"", TEXTS[i].name, TEXTS[i].range, TEXTS[i].usual,
                                               TEXTS[i].what, TEXTS[i].is_genesis});
    for (size_t i = 0; i < NUMBERS_COUNT; i++) {
        bool is_genesis = strcmp(NUMBERS[i].name, "price_ticks_max") == 0;
        describe_number(teller, (struct config_name){.section = "", .is_genesis = is_genesis},
                        &NUMBERS[i]);
    }
    for (size_t i = 0; i < sizeof OPERATOR / sizeof OPERATOR[0]; i++)
        teller->take(teller->owner, &OPERATOR[i]);
    for (size_t i = 1; i < POOLS_END; i++)
        describe_number(teller, (struct config_name){.section = "limits", .is_genesis = true},
                        &POOLS[i]);
}
