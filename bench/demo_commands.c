/* A table of commands with places for what is known only now: "{high}" is a price at which an order
 * in the first instrument trades at once. */
#include "bench/demo_commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PLACES_MAX 20
#define TEXT_MAX   64

/* What the first instrument of the table trades in, and another one. */
#define FIRST  0
#define SECOND 3
#define HALTED 7

struct place {
    const char *name;
    char text[DEMO_PATH_MAX];
};

struct row {
    const char *profile; /* NULL: none is needed */
    const char *command; /* NULL: `profile` is a heading */
};

static const struct row ROWS[] = {
    {"You are a broker of it too, `you`, with a million yuan. Prices of this moment:", NULL},
    {"you", "account"},
    {"you", "instrument {first}"},
    {"you", "order buy 300 {first} {low} --text mine"},
    {"you", "order replace {order} 400 {low}"},
    {"you", "order list"},
    {"you", "session"},
    {"you", "order buy 200 {first} {high}"},
    {"you", "order sell 500 {second}"},
    {"you", "order cancel {order}"},
    {"you", "why {order}"},
    {"you", "order cancel --all --json"},
    {"you", "book {first}"},
    {"you", "trades {first} --count 5"},
    {"you", "order watch   # Ctrl-C ends it"},
    {"you", "replay {folder}/flow.csv"},

    {"The operator, whose gravest acts take two keys (--propose, then --approve):", NULL},
    {NULL, "status {folder}/exchange"},
    {"op1", "admin list instruments"},
    {"op1", "admin limits list"},
    {"op1", "admin halt {halted}"},
    {"op1", "admin halt {halted} --lift --propose"},
    {"op1", "admin kill --of-account {account}"},
    {"op1", "admin unkill --of-account {account} --propose"},
    {"op1", "admin band {halted} 2.00..5.00 --propose"},
    {"op1", "admin limits raise orders 300000 --propose"},
    {"op1", "admin time now --propose"},
    {NULL, "keygen {folder}/new.key"},
    {"op1", "admin participant 91310000DEMO000008 新朋证券 broker,registrar,appraiser"},
    {"op1", "admin key add {new} 10 {folder}/new.key.pub"},
    {"op1", "admin session add {new}"},
    {"op1", "admin account {new} 1010"},
    {"op1", "admin deposit {new-account} 50000"},
    {"op1", "admin withdraw {new-account} 1000"},
    {"op1", "admin instrument DEMO --band 7.00..13.00"},
    {NULL, "ledger copy {folder}/exchange {folder}/copy"},

    {"The new firm may also register rights: a company, its key, and its patent:", NULL},
    {"new", "party add 91440000DEMO00001X 深蓝科技"},
    {NULL, "keygen --party {origin} {folder}/shenlan.key"},
    {"new", "party key {party} 20 {folder}/shenlan.key"},
    {"new", "party person d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24"},
    {"new", "right admit invention ZL202310000001.X 光伏电池 {party}:600000 {person}:400000 "
            "--until 2043-06-30"},
    {"new", "right appraise {right} 1200000 income 2026-11-01 2027-10-31 {folder}/report.txt"},
    {"new", "right set {right} {folder}/report.txt --status fee_unpaid"},
    {"new", "right holding {party} 1"},
    {"new", "right calendar 2027-01-01 neither"},
    {"new", "right status invention ZL202310000001.X"},
    {"new", "right history invention ZL202310000001.X"},
    {"new", "right changes"},
    {"new", "party list"},
    {"new", "party keys"},
    {"new", "party revoke {party-key}"},

    {"Further commands about parties, rights, pledges, freezes, sales; each tells of itself:",
     NULL},
    {NULL, "party signed --help"},
    {NULL, "party dispute --help"},
    {NULL, "party sign --help"},
    {NULL, "party show --help"},
    {NULL, "party send --help"},
    {NULL, "mandate grant --help"},
    {NULL, "mandate revoke --help"},
    {NULL, "mandate list --help"},
    {NULL, "right list --help"},
    {NULL, "right portfolio --help"},
    {NULL, "right number --help"},
    {NULL, "right totals --help"},
    {NULL, "right reserve --help"},
    {NULL, "right fetch --help"},
    {NULL, "right still --help"},
    {NULL, "freeze renew --help"},
    {NULL, "freeze lift --help"},
    {NULL, "restriction enter --help"},
    {NULL, "restriction lock --help"},
    {NULL, "restriction end --help"},
    {NULL, "objection enter --help"},
    {NULL, "objection end --help"},
    {NULL, "consent revoke --help"},
    {NULL, "transfer confirm --help"},
    {NULL, "transfer end --help"},
    {NULL, "transfer pay-out --help"},
    {NULL, "pledge join --help"},
    {NULL, "pledge review --help"},
    {NULL, "pledge refuse --help"},
    {NULL, "pledge withdraw --help"},
    {NULL, "pledge release --help"},
    {NULL, "pledge amend --help"},
    {NULL, "pledge assign --help"},
    {NULL, "pledge succeed --help"},
    {NULL, "pledge correct --help"},
    {NULL, "pledge revoke --help"},
    {NULL, "pledge determine --help"},
    {NULL, "pledge assent --help"},
    {NULL, "pledge swap --help"},
    {NULL, "pledge compare --help"},
    {NULL, "pledge reconcile --help"},
    {NULL, "pledge rule --help"},
    {NULL, "pledge cure --help"},
    {NULL, "pledge appropriate --help"},
    {NULL, "pledge sell --help"},
    {NULL, "pledge list --help"},
    {NULL, "pledge still --help"},
    {NULL, "listing open --help"},
    {NULL, "listing list --help"},
    {NULL, "listing qualify --help"},
    {NULL, "listing bar --help"},
    {NULL, "listing suspend --help"},
    {NULL, "listing resume --help"},
    {NULL, "listing end --help"},
    {NULL, "bid withdraw --help"},
    {NULL, "bid list --help"},

    {"Regulators and whoever else has the ledger:", NULL},
    {NULL, "ledger verify --checkpoint-key {folder}/checkpoint.pub {folder}/exchange"},
    {NULL, "ledger show {record} {folder}/exchange"},
    {NULL, "ledger prove {record} {folder}/exchange --out {folder}/record"},
    {NULL, "ledger check --checkpoint-key {folder}/checkpoint.pub {folder}/record"},
    {NULL, "ledger export {folder}/exchange --tlog {folder}/tlog"},
    {NULL, "ledger checkpoint {folder}/exchange"},
    {NULL, "ledger key {folder}/exchange"},
    {NULL, "ledger replay {folder}/exchange"},
    {NULL, "right certify invention ZL202310000001.X {folder}/exchange --out "
           "{folder}/patent.certificate"},
    {NULL, "right check {folder}/patent.certificate --checkpoint-key {folder}/checkpoint.pub"},
    {NULL, "pledge verify {folder}/patent.certificate --checkpoint-key {folder}/checkpoint.pub"},
    {NULL, "pledge print {folder}/patent.certificate --checkpoint-key {folder}/checkpoint.pub"},
    {NULL, "right print {folder}/patent.certificate --checkpoint-key {folder}/checkpoint.pub"},

    {"And everybody:", NULL},
    {NULL, "help"},
    {NULL, "completion bash"},
    {NULL, "manual tpx"},

    {"At last the operator may end the day, after which nothing trades:", NULL},
    {"op1", "admin day close {day}"},
};

static void set(struct place *place, const char *name, uint64_t number) {
    place->name = name;
    snprintf(place->text, sizeof place->text, "%" PRIu64, number);
}

static void set_text(struct place *place, const char *name, const char *text) {
    place->name = name;
    snprintf(place->text, sizeof place->text, "%s", text);
}

static void set_price(struct place *place, const char *name, int64_t fen) {
    place->name = name;
    snprintf(place->text, sizeof place->text, "%" PRId64 ".%02d", fen / 100, (int)(fen % 100));
}

static void find_places(struct place places[PLACES_MAX], const struct demo_setting *setting) {
    const struct demo_instrument *first = &DEMO_INSTRUMENT[FIRST];
    const uint32_t guest = DEMO_BROKERS - 1;
    char order[TEXT_MAX];
    char origin[TEXT_MAX];
    uint32_t at = 0;
    snprintf(order, sizeof order, "%" PRIu32 "-1", demo_session(guest));
    set_text(&places[at++], "folder", setting->folder);
    set_text(&places[at++], "first", first->symbol);
    set_text(&places[at++], "second", DEMO_INSTRUMENT[SECOND].symbol);
    set_text(&places[at++], "halted", DEMO_INSTRUMENT[HALTED].symbol);
    set_text(&places[at++], "order", order);
    set_price(&places[at++], "low", demo_band_low(first));
    set_price(&places[at++], "high", setting->market->fair_fen[FIRST] + 10 * first->tick_fen);
    set(&places[at++], "account", demo_account(guest - 1));
    set(&places[at++], "new", demo_participant(guest + 1) + DEMO_STORY_FIRMS);
    set(&places[at++], "new-account", demo_account(guest + 1) + DEMO_STORY_ACCOUNTS);
    set(&places[at++], "day", setting->day);
    set(&places[at++], "record", setting->next / 2);
    set(&places[at++], "party", DEMO_STORY_PARTIES + 1);
    set(&places[at++], "person", DEMO_STORY_PARTIES + 2);
    set(&places[at++], "party-key", DEMO_STORY_PARTIES + 1);
    set(&places[at++], "right", DEMO_STORY_RIGHTS + 1);
    snprintf(origin, sizeof origin, "demo.tpx.example/%" PRIu32, setting->day / 10000);
    set_text(&places[at++], "origin", origin);
}

static const char *text_of(const struct place places[PLACES_MAX], const char *name, size_t size) {
    for (uint32_t i = 0; i < PLACES_MAX && places[i].name != NULL; i++)
        if (strlen(places[i].name) == size && memcmp(places[i].name, name, size) == 0)
            return places[i].text;
    demo_die("no place {%.*s}", (int)size, name);
}

static void print_row(const struct row *row, const struct place places[PLACES_MAX],
                      const struct demo_setting *setting) {
    if (row->command == NULL) {
        printf("\n%s\n\n", row->profile);
        return;
    }
    printf("  %s ", setting->tpx);
    if (row->profile != NULL)
        printf("-p %s/%s.profile ", setting->folder, row->profile);
    for (const char *at = row->command; *at != '\0';) {
        size_t plain = strcspn(at, "{");
        printf("%.*s", (int)plain, at);
        at += plain;
        if (*at == '\0')
            break;
        size_t size = strcspn(at, "}");
        fputs(text_of(places, at + 1, size - 1), stdout);
        at += size + 1;
    }
    putchar('\n');
}

/* A small order flow for `tpx replay`: buys far below the market, and their end. */
static void write_flow(const struct demo_setting *setting) {
    char path[DEMO_PATH_MAX + 16];
    int64_t low = demo_band_low(&DEMO_INSTRUMENT[FIRST]);
    snprintf(path, sizeof path, "%s/flow.csv", setting->folder);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        demo_die("%s: %s", path, strerror(errno));
    for (int i = 1; i <= 5; i++)
        fprintf(file, "N,%d,1,B,L,%" PRId64 ",100\n", i, low + i);
    fprintf(file, "R,1,%" PRId64 ",200\n", low);
    for (int i = 1; i <= 5; i++)
        fprintf(file, "C,%d\n", i);
    if (fclose(file) != 0)
        demo_die("%s: %s", path, strerror(errno));
}

/* What an appraiser has to say, for its digest. */
static void write_report(const struct demo_setting *setting) {
    char path[DEMO_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/report.txt", setting->folder);
    FILE *file = fopen(path, "we");
    if (file == NULL || fputs("专利权评估报告 ZL202310000001.X\n", file) < 0 || fclose(file) != 0)
        demo_die("%s: %s", path, strerror(errno));
}

void demo_commands_print(const struct demo_setting *setting) {
    static struct place places[PLACES_MAX];
    find_places(places, setting);
    write_flow(setting);
    write_report(setting);
    printf("\nThe exchange stays up. Try these in another terminal, from the top:\n");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        print_row(&ROWS[i], places, setting);
    putchar('\n');
}
