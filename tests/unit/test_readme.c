/* gateway/README.md on the configuration: the example loads, and the tables have every name with
 * its range and default. */
#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/config.h"
#include "tests/unit/readme.h"

#define README "gateway/README.md"
#define LEAST                                                                                      \
    "origin = exchange.example/2026\n"                                                             \
    "environment = test\n"                                                                         \
    "operator { person = 1 key = 'W!*Gm-X[KjP-@?pHrV0UMi+c#-Yr&n=s]t0NG8LM' }\n"                   \
    "operator { person = 2 key = 'x.O8Z:Y1#dgh{-RGl0q%T3!H2WcL}pgElvfX6F29' }\n"

static int load(struct config *config, const char *text) {
    char path[] = "/tmp/tpx-readme-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    int failure = config_load(config, path);
    unlink(path);
    return failure;
}

static void the_example_of_a_configuration_loads(void **state) {
    struct config config;
    (void)state;
    char *example = readme_block(README, "conf");
    assert_int_equal(load(&config, example), 0);
    assert_int_equal(config.environment, ENVIRONMENT_PRODUCTION);
    assert_int_equal(config.limits.limit[POOL_ORDERS], 2000000);
    assert_int_equal(config.limits.ceiling[POOL_ORDERS], 10000000);
    assert_int_equal(config.limits.ceiling[POOL_INSTRUMENTS], 60000);
    assert_string_equal(config.trade_endpoint, "tcp://*:7001");
    assert_string_equal(config.feed_endpoint, "tcp://*:7003");
    assert_int_equal(config.requests_per_second, 20000);
    assert_int_equal(config.seal_ms, 100);
    free(example);
}

/* Names outside of sections, and where a loaded configuration holds them. */
static const struct {
    const char *name;
    size_t offset;
    size_t size;
} NUMBERS[] = {
#define NUMBER(name)                                                                               \
    { #name, offsetof(struct config, name), sizeof((struct config *)NULL)->name }
    NUMBER(credits),
    NUMBER(requests_per_second),
    NUMBER(logons_per_second),
    NUMBER(connections),
    NUMBER(query_connections),
    NUMBER(feed_connections),
    NUMBER(queries_per_second),
    NUMBER(subscriptions_per_second),
    NUMBER(inbound_frames),
    NUMBER(unread_mib),
    NUMBER(heartbeat_ms),
    NUMBER(grace_ms),
    NUMBER(seal_ms),
    NUMBER(refusals_s),
    NUMBER(mark_records),
    NUMBER(ring_mib),
    NUMBER(volume_mib),
    NUMBER(disk_low_mib),
    NUMBER(disk_halt_mib),
    NUMBER(disk_critical_mib),
    NUMBER(disk_zero_mib),
    {"price_ticks_max", offsetof(struct config, limits.price_ticks_max), sizeof(uint32_t)},
};
#define NUMBERS_COUNT (sizeof NUMBERS / sizeof NUMBERS[0])

static const char *const POOLS[POOLS_END] = {
    [POOL_ORDERS] = "orders",
    [POOL_LEVELS] = "levels",
    [POOL_INSTRUMENTS] = "instruments",
    [POOL_ACCOUNTS] = "accounts",
    [POOL_HOLDINGS] = "holdings",
    [POOL_SESSIONS] = "sessions",
    [POOL_PARTICIPANTS] = "participants",
    [POOL_KEYS] = "keys",
    [POOL_PROPOSALS] = "proposals",
    [POOL_TIMERS] = "timers",
    [POOL_PARTIES] = "parties",
    [POOL_PARTY_KEYS] = "party_keys",
    [POOL_RIGHTS] = "rights",
    [POOL_STAKES] = "stakes",
    [POOL_ESTATES] = "estates",
    [POOL_BINDINGS] = "bindings",
    [POOL_PARCELS] = "parcels",
    [POOL_TIES] = "ties",
    [POOL_CALENDAR] = "calendar",
    [POOL_MANDATES] = "mandates",
    [POOL_FREEZES] = "freezes",
    [POOL_RESTRAINTS] = "restraints",
    [POOL_CONSENTS] = "consents",
    [POOL_TRANSFERS] = "transfers",
    [POOL_PLEDGES] = "pledges",
    [POOL_PLEDGE_ITEMS] = "pledge_items",
    [POOL_INCREASES] = "increases",
    [POOL_ASSENTS] = "assents",
    [POOL_CORRECTIONS] = "corrections",
    [POOL_LISTINGS] = "listings",
    [POOL_BIDDERS] = "bidders",
};

struct walk {
    struct config usual; /* with nothing said */
    unsigned numbers;    /* found in the tables, as bits */
    uint64_t pools;
};

static uint64_t number_in(const struct config *config, size_t place) {
    const uint8_t *at = (const uint8_t *)config + NUMBERS[place].offset;
    uint64_t wide;
    uint32_t narrow;
    memcpy(&narrow, at, sizeof narrow);
    memcpy(&wide, at, NUMBERS[place].size == sizeof wide ? sizeof wide : 0);
    return NUMBERS[place].size == sizeof wide ? wide : narrow;
}

/* Loads the least configuration with `before`, the value, and `after` at its end. */
static bool is_taken(const char *before, long value, const char *after) {
    char text[1024];
    struct config config;
    snprintf(text, sizeof text, "%s%s%ld%s\n", LEAST, before, value, after);
    return load(&config, text) == 0;
}

static void check_range(const char *before, const char *after, long low, long high) {
    if (is_taken(before, low - 1, after) || is_taken(before, high + 1, after))
        fail_msg("%s is taken beyond its range", before);
}

static void check_edges(const char *before, const char *after, long low, long high) {
    check_range(before, after, low, high);
    if (!is_taken(before, low, after) || !is_taken(before, high, after))
        fail_msg("%s is not taken at the edges of its range", before);
}

static void take_number(struct walk *walk, size_t place, long low, long high, uint64_t usual) {
    char before[64];
    snprintf(before, sizeof before, "%s = ", NUMBERS[place].name);
    /* Reserves must descend, so only what is beyond their range can be tried alone. */
    if (strncmp(before, "disk_", 5) == 0)
        check_range(before, "", low, high);
    else
        check_edges(before, "", low, high);
    if (number_in(&walk->usual, place) != usual)
        fail_msg("%sdefault %lu", before, number_in(&walk->usual, place));
    walk->numbers |= 1u << place;
}

static void take_pool(struct walk *walk, size_t pool, long low, long high, uint64_t usual) {
    char before[64];
    snprintf(before, sizeof before, "limits { %s = ", POOLS[pool]);
    check_edges(before, " }", low, high);
    if (walk->usual.limits.limit[pool] != usual)
        fail_msg("%sdefault %u", before, walk->usual.limits.limit[pool]);
    walk->pools |= UINT64_C(1) << pool;
}

/* The name in backquotes that a cell begins with; "" without one. */
static void name_of(const char *cell, char name[64]) {
    name[0] = '\0';
    if (cell[0] == '`')
        snprintf(name, 64, "%.*s", (int)strcspn(cell + 1, "`"), cell + 1);
}

static void take_row(void *owner, char *cells[4]) {
    struct walk *walk = owner;
    char name[64];
    long low;
    long high;
    unsigned long usual;
    if (sscanf(cells[2], "%ld .. %ld", &low, &high) != 2 || sscanf(cells[3], "%lu", &usual) != 1)
        return;
    name_of(cells[0], name);
    for (size_t i = 0; i < NUMBERS_COUNT; i++)
        if (strcmp(NUMBERS[i].name, name) == 0)
            take_number(walk, i, low, high, usual);
    name_of(cells[1], name);
    for (size_t i = 1; i < POOLS_END; i++)
        if (strcmp(POOLS[i], name) == 0)
            take_pool(walk, i, low, high, usual);
}

static void its_tables_name_every_value_with_range_and_default(void **state) {
    struct walk walk = {0};
    (void)state;
    assert_int_equal(load(&walk.usual, LEAST), 0);
    readme_rows(README, take_row, &walk);
    assert_int_equal(walk.numbers, (1u << NUMBERS_COUNT) - 1);
    assert_int_equal(walk.pools, (UINT64_C(1) << POOLS_END) - 2);
    assert_string_equal(walk.usual.trade_endpoint, "tcp://127.0.0.1:7001");
    assert_string_equal(walk.usual.feed_endpoint, "tcp://127.0.0.1:7003");
}

/* --- links ---------------------------------------------------------------------------------------
 */

/* The anchor that a heading gets: lower case, spaces become dashes, punctuation goes. */
static void anchor_of(const char *heading, char anchor[128]) {
    size_t used = 0;
    for (; *heading != '\0' && *heading != '\n' && used < 127; heading++) {
        char each = (char)tolower((unsigned char)*heading);
        if (each == ' ')
            anchor[used++] = '-';
        else if (isalnum((unsigned char)each) || each == '-' || each == '_')
            anchor[used++] = each;
    }
    anchor[used] = '\0';
}

static bool has_heading(const char *path, const char *anchor) {
    char line[1024];
    char found[128];
    bool is_found = false;
    FILE *file = fopen(path, "r");
    while (file != NULL && !is_found && fgets(line, sizeof line, file) != NULL) {
        anchor_of(line + strspn(line, "# "), found);
        is_found = line[0] == '#' && strcmp(found, anchor) == 0;
    }
    if (file != NULL)
        fclose(file);
    return is_found;
}

static void check_link(const char *readme, const char *target) {
    char path[512];
    const char *slash = strrchr(readme, '/');
    size_t size = strcspn(target, "#");
    int folder = slash != NULL ? (int)(slash - readme) + 1 : 0;
    snprintf(path, sizeof path, "%.*s%.*s", folder, readme, (int)size, target);
    if (size == 0)
        snprintf(path, sizeof path, "%s", readme);
    if (access(path, F_OK) != 0)
        fail_msg("%s: there is no %s", readme, target);
    if (target[size] == '#' && !has_heading(path, target + size + 1))
        fail_msg("%s: there is no heading %s", readme, target);
}

static void links_lead_somewhere(void **state) {
    glob_t readmes;
    (void)state;
    assert_int_equal(glob("*/README.md", 0, NULL, &readmes), 0);
    for (size_t i = 0; i < readmes.gl_pathc; i++)
        readme_links(readmes.gl_pathv[i], check_link);
    globfree(&readmes);
    readme_links("README.md", check_link);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_a_configuration_loads),
        cmocka_unit_test(links_lead_somewhere),
        cmocka_unit_test(its_tables_name_every_value_with_range_and_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
