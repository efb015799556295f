/* tpx ledger show: one record in words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_message.h"
#include "gateway/cli_value.h"
#include "ledger/failure.h"
#include "proto/tpx.pb-c.h"

/* Fields of a Report that its record has told already: sequence, place, time. */
#define TOLD (UINT64_C(1) << 1 | UINT64_C(1) << 2 | UINT64_C(1) << 3)

static const struct cli_spec SHOW = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "SEQ [DIR]",
    .about =
        "Shows a record in words: its header, the request as it came, and the events that were "
        "told to whom.\vSEQ is the record's sequence, from 0. Nothing is verified here.",
    .count_min = 1,
    .count_max = 2,
};

static const struct cli_column EVENT_COLUMNS[] = {
    {"place", "place"},
    {"audience", "for"},
    {"report", "report"},
};

static void put_event(struct cli_output *output, uint32_t place, const Tpx__Event *event) {
    char who[CLI_VALUE_BYTES_MAX];
    Tpx__Report *report = tpx__report__unpack(NULL, event->message.len, event->message.data);
    char *text = report != NULL ? cli_message_text(&report->base, TOLD) : NULL;
    switch (event->audience) {
    case TPX__AUDIENCE__AUDIENCE_SESSION:
        snprintf(who, sizeof who, "session %" PRIu32, event->to);
        break;
    case TPX__AUDIENCE__AUDIENCE_PARTICIPANT:
        snprintf(who, sizeof who, "participant %" PRIu32, event->to);
        break;
    case TPX__AUDIENCE__AUDIENCE_EVERYBODY:
        snprintf(who, sizeof who, "everybody");
        break;
    case TPX__AUDIENCE__AUDIENCE_NOBODY:
    case _TPX__AUDIENCE_IS_INT_SIZE:
    default:
        snprintf(who, sizeof who, "nobody");
        break;
    }
    cli_table_small(output, place);
    cli_table_text(output, who);
    cli_table_text(output, text != NULL ? text : "not readable");
    free(text);
    if (report != NULL)
        tpx__report__free_unpacked(report, NULL);
}

/* For programs: the events as objects, too. */
static json_t *events_json(const Tpx__Record *record) {
    json_t *list = json_array();
    for (size_t i = 0; i < record->n_event; i++) {
        const Tpx__Event *event = record->event[i];
        json_t *object = json_object();
        Tpx__Report *report = tpx__report__unpack(NULL, event->message.len, event->message.data);
        json_object_set_new(object, "audience", json_integer((json_int_t)event->audience));
        json_object_set_new(object, "to", json_integer(event->to));
        if (report != NULL) {
            json_object_set_new(object, "report", cli_message_json(&report->base));
            tpx__report__free_unpacked(report, NULL);
        }
        json_array_append_new(list, object);
    }
    return list;
}

static void put_request(struct cli_output *output, const Tpx__Record *record, bool is_json) {
    Tpx__Request *request = NULL;
    if (record->request.len == 0)
        return;
    request = tpx__request__unpack(NULL, record->request.len, record->request.data);
    if (request == NULL)
        cli_die(CLI_UNVERIFIED, "record: its request cannot be read");
    if (is_json) {
        cli_json_field(output, "request", cli_message_json(&request->base));
    } else {
        char *text = cli_message_text(&request->base, 0);
        cli_text_field(output, "request", text);
        free(text);
    }
    tpx__request__free_unpacked(request, NULL);
}

static void put_header(struct cli_output *output, const Tpx__Record *record, bool is_json) {
    if (record->header == NULL)
        cli_die(CLI_UNVERIFIED, "record: it has no header");
    if (is_json) {
        cli_json_field(output, "header", cli_message_json(&record->header->base));
        return;
    }
    char *text = cli_message_text(&record->header->base, UINT64_C(1) << 1);
    cli_text_field(output, "header", text);
    free(text);
}

static void put_record(struct cli_output *output, uint8_t profile,
                       const struct reader_record *stored, bool is_json) {
    char text[CLI_HASH_BYTES_MAX];
    struct hash leaf;
    struct hasher *hasher = hasher_create(profile);
    Tpx__Record *record = tpx__record__unpack(NULL, stored->size, stored->bytes);
    if (hasher == NULL)
        cli_die(CLI_FAILED, "no memory");
    if (record == NULL)
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 ": its bytes are no record", stored->sequence);
    hasher_leaf(hasher, stored->bytes, stored->size, &leaf);
    cli_number_field(output, "record", stored->sequence);
    cli_number_field(output, "bytes", stored->size);
    cli_text_field(output, "leaf", cli_hash_base64(text, &leaf));
    put_header(output, record, is_json);
    put_request(output, record, is_json);
    if (is_json) {
        cli_json_field(output, "events", events_json(record));
    } else {
        cli_table_begin(output, "events", EVENT_COLUMNS,
                        sizeof EVENT_COLUMNS / sizeof EVENT_COLUMNS[0]);
        for (size_t i = 0; i < record->n_event; i++)
            put_event(output, (uint32_t)i, record->event[i]);
    }
    tpx__record__free_unpacked(record, NULL);
    hasher_destroy(hasher);
}

int cli_ledger_show(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct reader_record stored;
    cli_parse(&arguments, &SHOW, argc, argv);
    uint64_t sequence = cli_number("SEQ", arguments.positional[0], 0, UINT64_MAX);
    cli_ledger_find(&ledger, &arguments, 1);
    struct reader *reader = cli_ledger_reader(&ledger);
    int failure = reader_get(reader, sequence, &stored);
    if (failure == FAILURE_NOT_FOUND)
        cli_die(CLI_REFUSED, "SEQ: the ledger holds no record %" PRIu64, sequence);
    if (failure != 0)
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 " cannot be read", sequence);
    struct cli_output *output = cli_output_create(arguments.is_json);
    put_record(output, reader_profile(reader), &stored, arguments.is_json);
    cli_output_end(output);
    reader_close(reader);
    return CLI_FINE;
}
