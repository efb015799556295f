/*
 * tpx party signed, tpx admin key used: what came under a key, as the ledger holds it: after one
 * was lost or stolen, every request under it since then, and what that has changed in the register.
 * tpx party dispute: an objection to each entry of that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"
#include "gateway/client.h"
#include "ledger/record.h"
#include "proto/codec_request.h"
#include "proto/tpx.pb-c.h"

#define TOUCHED_BYTES_MAX 512

/* Entries that one call disputes. */
#define DISPUTED_MAX 4096

struct disputed {
    uint32_t asset_kind;
    uint32_t asset;
    uint32_t holder;
    uint32_t entry;
};

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

    struct disputed *disputed; /* NULL: nothing is disputed */
    uint32_t disputed_count;
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

static void note_disputed(struct trace *trace, const Tpx__Extract *entry) {
    struct disputed disputed = {.asset_kind = (uint32_t)entry->asset_kind,
                                .asset = entry->asset,
                                .holder = entry->holder,
                                .entry = entry->entry};
    for (uint32_t i = 0; i < trace->disputed_count; i++)
        if (memcmp(&trace->disputed[i], &disputed, sizeof disputed) == 0)
            return;
    if (trace->disputed_count == DISPUTED_MAX)
        cli_die(CLI_USAGE, "since: more than %d entries; say a later time", DISPUTED_MAX);
    trace->disputed[trace->disputed_count++] = disputed;
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
        if (report->body_case == TPX__REPORT__BODY_ENTRY && trace->disputed != NULL)
            note_disputed(trace, report->entry);
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

/* `place` is that of the ledger's folder among the arguments. */
static void list_requests(struct trace *trace, const struct cli_arguments *arguments,
                          uint32_t place) {
    struct cli_ledger ledger = {0};
    const char *since = cli_value(arguments, CLI_OPTION_SINCE);
    trace->since_ns = since != NULL ? cli_time("since", since) : 0;
    cli_ledger_find(&ledger, arguments, place);
    struct reader *reader = cli_ledger_reader(&ledger);
    trace->output = cli_output_create(arguments->is_json);
    cli_table_begin(trace->output, "requests", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    read_all(trace, reader);
    reader_close(reader);
}

static int show(struct trace *trace, const struct cli_arguments *arguments) {
    list_requests(trace, arguments, 1);
    cli_output_end(trace->output);
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

/* --- disputing ---------------------------------------------------------------------------------
 */

static const struct cli_column DISPUTED_COLUMNS[] = {
    {"asset_kind", "asset"},    {"asset", NULL},     {"holder", "party"}, {"entry", "entry"},
    {"objection", "objection"}, {"result", "result"}};

static void put_disputed(struct cli_output *output, const struct object *object) {
    char asset[CLI_VALUE_BYTES_MAX];
    bool is_right = object->asset_kind == ASSET_RIGHT;
    snprintf(asset, sizeof asset, "%s %" PRIu32, is_right ? "right" : "instrument", object->asset);
    cli_table_both(output, asset, is_right ? "right" : "holding");
    cli_table_small(output, object->asset);
    cli_table_small(output, object->holder);
    cli_table_small(output, object->entry);
}

/* Sends an objection to an entry; a row of what has come of it. */
static int dispute(struct client *client, const struct cli_arguments *arguments,
                   const struct command *command, struct cli_output *output) {
    static struct cli_answer answer;
    uint32_t reason = REASON_NONE;
    uint64_t id = 0;
    int code = cli_ask(client, arguments, command, NULL, &answer);
    if (answer.is_refused)
        reason = answer.refused.reason;
    for (uint32_t i = 0; i < answer.count; i++) {
        if (answer.reports[i].body == REPORT_EXECUTION)
            reason = answer.reports[i].execution.reason;
        if (answer.reports[i].body == REPORT_DONE)
            id = answer.reports[i].done.id;
    }
    const char *result = reason == REASON_NONE ? "done" : client_reason_name(reason);
    put_disputed(output, &command->deed.object);
    cli_table_number(output, id);
    cli_table_text(output, code == CLI_UNKNOWN ? "no answer" : result);
    return code;
}

static int dispute_all(const struct trace *trace, const struct cli_arguments *arguments,
                       struct command *command) {
    int worst = CLI_FINE;
    struct client *client = cli_connect(arguments, true);
    cli_table_begin(trace->output, "objections", DISPUTED_COLUMNS,
                    sizeof DISPUTED_COLUMNS / sizeof DISPUTED_COLUMNS[0]);
    for (uint32_t i = 0; i < trace->disputed_count && worst != CLI_UNKNOWN; i++) {
        const struct disputed *disputed = &trace->disputed[i];
        struct object *object = &command->deed.object;
        object->asset_kind = (uint8_t)disputed->asset_kind;
        object->asset = disputed->asset;
        object->holder = disputed->holder;
        object->entry = disputed->entry;
        int code = dispute(client, arguments, command, trace->output);
        worst = code > worst ? code : worst;
    }
    cli_disconnect(client);
    return worst;
}

int cli_party_dispute(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "KEY PARTY UNTIL DOCUMENT [DIR]",
        .about = "Enters an objection to every entry of the register that deeds under a party's "
                 "key have made or changed: after the key was lost or stolen, with --since.\vThe "
                 "registrar's. PARTY objects, UNTIL is the objections' last day, of the file "
                 "DOCUMENT the digest is recorded; DIR is the ledger's folder.",
        .options = OPTIONS,
        .count_min = 4,
        .count_max = 5};
    static struct disputed disputed[DISPUTED_MAX];
    struct trace trace = {.disputed = disputed};
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_OBJECT};
    cli_parse(&arguments, &SPEC, argc, argv);
    trace.party_key = cli_id("key", arguments.positional[0]);
    command.deed.object.party = cli_id("party", arguments.positional[1]);
    command.deed.object.until = cli_date("until", arguments.positional[2]);
    cli_digest_file(arguments.positional[3], command.deed.object.document);
    list_requests(&trace, &arguments, 4);
    int code = dispute_all(&trace, &arguments, &command);
    cli_output_end(trace.output);
    return code;
}
