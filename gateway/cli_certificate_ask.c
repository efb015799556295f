/* Asking the exchange for a certificate: what the asset's number is, the request, and the file as
 * soon as it is made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/cli.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_query.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"
#include "ledger/entry_report.h"

/* Between two questions whether it is made. */
#define ASK_AGAIN_NS (10 * CLOCK_MILLISECOND_NS)

static void unknown(const char *what) __attribute__((noreturn));
static void unknown(const char *what) {
    cli_die(CLI_REFUSED,
            "UNKNOWN_RIGHT: nobody has admitted %s, or it is not yours to see; that does not mean "
            "that it is free",
            what);
}

/* The exchange's numbers of a right, which an entry tells. */
static void find_right(struct cli_source *source, const struct certificate_asset *asset,
                       struct certify *certify) {
    struct query query = {.kind = QUERY_ENTRIES, .limit = 1};
    struct answer_row row;
    struct entry_report told;
    query.entries.right_kind = asset->right_kind;
    query.entries.number_bytes = (uint8_t)asset->number.size;
    memcpy(query.entries.number, asset->number.bytes, asset->number.size);
    if (!cli_source_try(source, &query) || !cli_source_row(source, &row) ||
        !entry_report_read((struct span){row.registered.report, row.registered.report_bytes},
                           &told))
        unknown("the right");
    certify->asset_kind = ASSET_RIGHT;
    certify->asset = told.asset.asset;
}

static void find_holding(struct cli_source *source, const struct certificate_asset *asset,
                         struct certify *certify) {
    struct query query = {.kind = QUERY_INSTRUMENTS};
    struct answer_row row;
    query.instruments.symbol_bytes = (uint8_t)asset->symbol.size;
    memcpy(query.instruments.symbol, asset->symbol.bytes, asset->symbol.size);
    if (!cli_source_try(source, &query) || !cli_source_row(source, &row))
        unknown("the instrument");
    certify->asset_kind = ASSET_HOLDING;
    certify->asset = row.instrument.instrument;
    if (asset->is_natural)
        cli_die(CLI_USAGE, "number: of a natural person's holding the registrar asks");
    query = (struct query){.kind = QUERY_PARTIES};
    query.parties.code_bytes = (uint8_t)asset->party.size;
    memcpy(query.parties.code, asset->party.bytes, asset->party.size);
    if (!cli_source_try(source, &query) || !cli_source_row(source, &row))
        unknown("the party");
    certify->holder = row.party.party;
}

/* Asks, and returns the certificate's number. */
static uint64_t request(const struct cli_arguments *arguments, const struct certify *certify) {
    static struct cli_answer answer;
    struct command command = {.verb = VERB_DEED,
                              .deed = {.kind = DEED_CERTIFY, .certify = *certify}};
    struct client *client = cli_connect(arguments, true);
    int code = cli_ask(client, arguments, &command, NULL, &answer);
    cli_disconnect(client);
    if (code == CLI_FINE && answer.count > 0 && answer.reports[0].body == REPORT_DONE)
        return answer.reports[0].done.id;
    cli_show_answer(arguments, &answer);
    exit(code != CLI_FINE ? code : CLI_REFUSED);
}

/* Puts the pieces together; false while it is not made. */
static bool fetch(struct cli_source *source, uint64_t number, char **text, size_t *size) {
    struct query query = {.kind = QUERY_CERTIFICATE, .certificate = {.number = number}};
    struct answer_row row;
    size_t filled = 0;
    if (!cli_source_try(source, &query))
        return false;
    while (cli_source_row(source, &row)) {
        const struct certificate_row *piece = &row.certificate;
        if (*text == NULL)
            *text = malloc(piece->size + 1);
        *size = piece->size;
        if (*text == NULL || piece->offset != filled || piece->text_bytes > *size - filled)
            cli_die(CLI_FAILED, "the certificate cannot be put together");
        memcpy(*text + filled, piece->text, piece->text_bytes);
        filled += piece->text_bytes;
    }
    if (*text == NULL || filled != *size)
        cli_die(CLI_FAILED, "the certificate came in part only");
    return true;
}

uint64_t cli_certificate_ask(const struct cli_arguments *arguments,
                             const struct certificate_asset *asset, char **text, size_t *size) {
    struct timespec rest = {.tv_nsec = ASK_AGAIN_NS};
    struct certify certify = {0};
    struct cli_source *source = cli_source_open(arguments);
    if (asset->kind == ASSET_RIGHT)
        find_right(source, asset, &certify);
    else
        find_holding(source, asset, &certify);
    uint64_t number = request(arguments, &certify);
    int64_t until_ns = clock_mono_ns() + (int64_t)arguments->timeout_ms * CLOCK_MILLISECOND_NS;
    *text = NULL;
    while (!fetch(source, number, text, size)) {
        if (clock_mono_ns() > until_ns)
            cli_die(
                CLI_UNKNOWN,
                "certificate %lu was asked for and is not made yet; `tpx right fetch %lu` gets it "
                "later",
                number, number);
        nanosleep(&rest, NULL);
    }
    cli_source_close(source);
    return number;
}

/* --- fetch -------------------------------------------------------------------------------------
 */

int cli_right_fetch(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"out", CLI_OPTION_OUT, "FILE", 0, "where it goes (NUMBER.certificate)", 0}, {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_STATE,
        .arguments = "NUMBER",
        .about = "Gets a certificate that was asked for before, by its number.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    char path[4096];
    char *text = NULL;
    size_t size = 0;
    cli_parse(&arguments, &SPEC, argc, argv);
    uint64_t number = cli_number("number", arguments.positional[0], 1, INT64_MAX);
    struct cli_source *source = cli_source_open(&arguments);
    if (!fetch(source, number, &text, &size))
        cli_die(CLI_REFUSED, "certificate %lu is not there, or not yours", number);
    cli_source_close(source);
    cli_certificate_path(&arguments, arguments.positional[0], path, sizeof path);
    cli_write_file(path, text, size);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_text_field(output, "certificate", path);
    cli_output_end(output);
    free(text);
    return CLI_FINE;
}
