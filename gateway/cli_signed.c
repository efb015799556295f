/*
 * tpx party signed, tpx admin key used: what came under a key, as the ledger holds it: after one
 * was lost or stolen, every request under it since then, and what that has changed in the register.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"
#include "gateway/client.h"
#include "ledger/record.h"
#include "proto/codec_request.h"
#include "proto/tpx.pb-c.h"

#define TOUCHED_BYTES_MAX 512

/* A request under the key, while its records are read. */
struct trace {
    uint32_t party_key; /* deeds that this one has signed, */
    uint32_t key;       /* or what was sent under this one */
    int64_t since_ns;
    struct cli_output *output;

    bool is_open; /* the records that are read are of one */
    uint64_t sequence;
    int64_t time_ns;
    uint8_t verb;
    uint8_t kind;    /* of an act or a deed */
    uint32_t reason; /* enum reason; NONE: done */
    char touched[TOUCHED_BYTES_MAX];
    size_t touched_size;
};

static const struct cli_column COLUMNS[] = {{"sequence", "sequence"},
                                            {"time", "time"},
                                            {"request", "request"},
                                            {"result", "result"},
                                            {"entries", "entries"}};

/* "PLEDGE", "KILL", "new_order": of a deed or an act its kind. */
static const char *name_of(uint8_t verb, uint8_t kind) {
    bool has_kind = verb == VERB_DEED || verb == VERB_ACT || verb == VERB_PROPOSE;
    const ProtobufCEnumDescriptor *kinds =
        verb == VERB_DEED ? &tpx__deed_kind__descriptor : &tpx__act_kind__descriptor;
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(kinds, kind);
    if (has_kind && value != NULL)
        return strchr(value->name, '_') + 1;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&tpx__request__descriptor, verb);
    return field != NULL ? field->name : "?";
}

static void put_request(struct trace *trace) {
    char time[CLI_VALUE_BYTES_MAX];
    if (!trace->is_open)
        return;
    cli_table_number(trace->output, trace->sequence);
    cli_table_name(trace->output, cli_time_text(time, trace->time_ns));
    cli_table_text(trace->output, name_of(trace->verb, trace->kind));
    cli_table_text(trace->output,
                   trace->reason == REASON_NONE ? "done" : client_reason_name(trace->reason));
    cli_table_name(trace->output, trace->touched);
    trace->is_open = false;
}

/* "right 3 entry 2 version 1" */
static void note_entry(struct trace *trace, const Tpx__Extract *entry) {
    bool is_right = entry->asset_kind == TPX__ASSET_KIND__ASSET_RIGHT;
    size_t left = sizeof trace->touched - trace->touched_size;
    int size = 0;
    const char *comma = trace->touched_size > 0 ? ", " : "";
    if (is_right)
        size = snprintf(trace->touched + trace->touched_size, left,
                        "%sright %" PRIu32 " entry %" PRIu32 " version %" PRIu32, comma,
                        entry->asset, entry->entry, entry->version);
    else
        size = snprintf(trace->touched + trace->touched_size, left,
                        "%sinstrument %" PRIu32 " of party %" PRIu32 " entry %" PRIu32
                        " version %" PRIu32,
                        comma, entry->asset, entry->holder, entry->entry, entry->version);
    trace->touched_size += (size_t)size < left ? (size_t)size : 0;
    trace->touched[trace->touched_size] = '\0';
}

static void take_events(struct trace *trace, struct span events) {
    struct record_event_view view;
    while (record_event_next(&events, &view)) {
        Tpx__Report *report = tpx__report__unpack(NULL, view.report.size, view.report.bytes);
        if (report == NULL)
            cli_die(CLI_UNVERIFIED, "record %" PRIu64 ": an event cannot be read", trace->sequence);
        if (report->body_case == TPX__REPORT__BODY_EXECUTION)
            trace->reason = (uint32_t)report->execution->reason;
        if (report->body_case == TPX__REPORT__BODY_ENTRY)
            note_entry(trace, report->entry);
        tpx__report__free_unpacked(report, NULL);
    }
}

static bool is_signed_by(const struct deed *deed, uint32_t party_key) {
    for (uint32_t i = 0; i < deed->signatures_count; i++)
        if (deed->signatures[i].party_key == party_key)
            return true;
    return false;
}

/* Whether the record's request is one that was asked for. */
static bool is_wanted(const struct trace *trace, const struct record *record,
                      const struct request *request) {
    if (record->header.time_ns < trace->since_ns)
        return false;
    if (trace->key != 0)
        return record->header.key == trace->key;
    return request->command.verb == VERB_DEED &&
           is_signed_by(&request->command.deed, trace->party_key);
}

static void begin_request(struct trace *trace, const struct record *record) {
    static struct request request;
    struct codec_fault fault;
    put_request(trace);
    if (!codec_request_decode(record->request.bytes, record->request.size, &request, &fault) ||
        !is_wanted(trace, record, &request))
        return;
    trace->is_open = true;
    trace->sequence = record->header.sequence;
    trace->time_ns = record->header.time_ns;
    trace->verb = request.command.verb;
    trace->kind = trace->verb == VERB_DEED ? request.command.deed.kind : request.command.act.kind;
    trace->reason = REASON_NONE;
    trace->touched_size = 0;
    trace->touched[0] = '\0';
}

static void take_record(struct trace *trace, const struct reader_record *stored) {
    struct record record;
    if (!record_read(stored->bytes, stored->size, &record))
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 ": its bytes are no record", stored->sequence);
    if (record.header.part == 0)
        begin_request(trace, &record);
    if (trace->is_open)
        take_events(trace, record.events);
}

static void read_all(struct trace *trace, struct reader *reader) {
    struct reader_record stored;
    int step;
    while ((step = reader_next(reader, &stored)) > 0)
        if (step == READER_RECORD)
            take_record(trace, &stored);
    if (step < 0)
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 " cannot be read", reader_position(reader));
    put_request(trace);
}

static int show(struct trace *trace, const struct cli_arguments *arguments) {
    struct cli_ledger ledger = {0};
    const char *since = cli_value(arguments, CLI_OPTION_SINCE);
    trace->since_ns = since != NULL ? cli_time("since", since) : 0;
    cli_ledger_find(&ledger, arguments, 1);
    struct reader *reader = cli_ledger_reader(&ledger);
    trace->output = cli_output_create(arguments->is_json);
    cli_table_begin(trace->output, "requests", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    read_all(trace, reader);
    cli_output_end(trace->output);
    reader_close(reader);
    return CLI_FINE;
}

static const struct argp_option OPTIONS[] = {
    {"since", CLI_OPTION_SINCE, "TIME", 0, "only what was sequenced from then on", 0},
    {0},
};

int cli_party_signed(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .arguments = "KEY [DIR]",
        .about = "Lists every deed that a party's key has signed, and the entries of the register "
                 "that it has made or changed.\vKEY is the key's number, DIR the ledger's folder.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 2};
    struct trace trace = {0};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    trace.party_key = cli_id("key", arguments.positional[0]);
    return show(&trace, &arguments);
}

int cli_admin_key_used(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_LEDGER,
        .arguments = "KEY [DIR]",
        .about = "Lists every request that was sequenced under a transport key, and the entries of "
                 "the register that it has made or changed.\vKEY is the key's number, DIR the "
                 "ledger's folder.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 2};
    struct trace trace = {0};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    trace.key = cli_id("key", arguments.positional[0]);
    return show(&trace, &arguments);
}
