/* tpx right still: whether what a certificate says still holds, and which entries changed since. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "gateway/cli.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_feed.h"
#include "gateway/cli_message.h"
#include "gateway/cli_output.h"
#include "gateway/cli_query.h"
#include "gateway/cli_value.h"
#include "ledger/entry_report.h"
#include "proto/tpx.pb-c.h"

/* Between two looks of --watch. */
#define LOOK_AGAIN_NS 500000000L

static const struct argp_option OPTIONS[] = {
    CLI_CERTIFICATE_KEY_OPTION,
    {"watch", CLI_OPTION_WATCH, NULL, 0, "until an entry changes; Ctrl-C ends it", 0},
    {0},
};

static const struct cli_spec SPEC = {
    .reach = CLI_REACH_STATE,
    .arguments = "FILE",
    .about =
        "Asks the exchange whether what a certificate says still holds: whether the entries on "
        "its asset are the same, and which changed since, and when.\vThe file is checked "
        "first, as by `tpx right check`. Exit code 0: nothing has changed; 1: something has.",
    .options = OPTIONS,
    .count_min = 1,
    .count_max = 1,
};

static const struct cli_column COLUMNS[] = {
    {"entry", "entry"}, {"kind", "kind"}, {"version", "version"}, {"since", "since"}};

/* The asset, as a question names it. */
static struct query question_of(const struct certificate *certificate) {
    struct query query = {.kind = QUERY_ENTRIES};
    struct entry_report told;
    if (!entry_report_read(certificate->entries[0].report, &told))
        cli_die(CLI_UNVERIFIED, "its entry 0 cannot be read");
    query.entries.asset_kind = told.asset.kind;
    query.entries.asset = told.asset.asset;
    query.entries.holder = told.asset.holder;
    return query;
}

static const struct certificate_entry *entry_of(const struct certificate *certificate,
                                                uint64_t number) {
    for (uint32_t i = 0; i < certificate->entries_count; i++)
        if (certificate->entries[i].number == number)
            return &certificate->entries[i];
    return NULL;
}

static bool is_same(const struct certificate_entry *entry, const struct registered_row *row) {
    return entry != NULL && entry->report.size == row->report_bytes &&
           memcmp(entry->report.bytes, row->report, row->report_bytes) == 0;
}

static void put_change(struct cli_output *output, const struct registered_row *row) {
    char time[CLI_VALUE_BYTES_MAX];
    Tpx__Report *report = tpx__report__unpack(NULL, row->report_bytes, row->report);
    if (report == NULL || report->entry == NULL)
        cli_die(CLI_FAILED, "an entry cannot be read");
    const ProtobufCEnumValue *kind = protobuf_c_enum_descriptor_get_value(
        &tpx__entry_kind__descriptor, (int)report->entry->kind);
    cli_table_small(output, report->entry->entry);
    cli_table_text(output, kind != NULL ? kind->name + strlen("ENTRY_") : "?");
    cli_table_small(output, report->entry->version);
    cli_table_text(output, cli_time_text(time, report->time));
    tpx__report__free_unpacked(report, NULL);
}

/* Compares; what changed goes to the table when there is one. Returns how many. */
static uint32_t compare(struct cli_source *source, const struct certificate *certificate,
                        struct cli_output *output) {
    struct query query = question_of(certificate);
    struct answer_row row;
    uint32_t changes = 0;
    cli_source_ask(source, &query);
    while (cli_source_row(source, &row)) {
        struct entry_report told;
        struct span report = {row.registered.report, row.registered.report_bytes};
        if (!entry_report_read(report, &told))
            cli_die(CLI_FAILED, "an entry cannot be read");
        if (is_same(entry_of(certificate, told.entry), &row.registered))
            continue;
        changes++;
        if (output != NULL)
            put_change(output, &row.registered);
    }
    return changes;
}

static void wait_for_change(struct cli_source *source, const struct certificate *certificate) {
    struct timespec rest = {.tv_nsec = LOOK_AGAIN_NS};
    cli_follow_begin();
    while (compare(source, certificate, NULL) == 0 && !cli_follow_is_over())
        nanosleep(&rest, NULL);
}

int cli_right_still(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_certificate opened;
    cli_parse(&arguments, &SPEC, argc, argv);
    cli_certificate_open(&opened, &arguments, arguments.positional[0]);
    const struct certificate *certificate = opened.certificate;
    struct cli_source *source = cli_source_open(&arguments);
    if (cli_value(&arguments, CLI_OPTION_WATCH) != NULL)
        wait_for_change(source, certificate);
    uint32_t changes = compare(source, certificate, NULL);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_text_field(output, "verdict", changes == 0 ? "still holds" : "has changed");
    cli_number_field(output, "certified", certificate->as_of);
    cli_source_as_of(source, output);
    cli_table_begin(output, "changes", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    compare(source, certificate, output);
    cli_output_end(output);
    cli_source_close(source);
    cli_certificate_close(&opened);
    return changes == 0 ? CLI_FINE : CLI_REFUSED;
}
