/* tpx right certify, check: what is bound on a right and nothing else, on paper that proves it. */
#include "gateway/cli_certificate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_value.h"
#include "ledger/certificate.h"
#include "ledger/certify.h"
#include "ledger/failure.h"
#include "ledger/register_map.h"

/* --- certify -----------------------------------------------------------------------------------
 */

static const struct argp_option CERTIFY_OPTIONS[] = {
    {"out", CLI_OPTION_OUT, "FILE", 0, "where it goes (NUMBER.certificate)", 0},
    {0},
};

static const struct cli_spec CERTIFY = {
    .reach = CLI_REACH_ALL,
    .arguments = "KIND NUMBER [DIR]",
    .about = "Asks the exchange for a certificate: every entry on an asset and no others, proven. "
             "The request is recorded, and the certificate numbered; it is there within the next "
             "Seal. `tpx right check` checks it; so does anybody's program (ledger/README.md).\v"
             "With DIR, the folder of a ledger, it is written from that instead, as of the newest "
             "signed checkpoint, and has no number. Of what a party holds of an instrument KIND is "
             "\"holding\" and NUMBER its symbol and the party's code, as HX:91440300100000000A. "
             "Exit code 1: nobody has admitted such a thing here; that is not the same as free.",
    .options = CERTIFY_OPTIONS,
    .count_min = 2,
    .count_max = 3,
};

void cli_certificate_path(const struct cli_arguments *arguments, const char *name, char *path,
                          size_t size) {
    const char *out = cli_value(arguments, CLI_OPTION_OUT);
    snprintf(path, size, "%s%s", out != NULL ? out : name, out != NULL ? "" : ".certificate");
}

/* A holding by its instrument's symbol and its party: "HX:91440300100000000A", or the identity's
 * hash in hex. `identity` keeps its bytes. */
static void take_holding(const char *text, struct certificate_asset *asset,
                         uint8_t identity[HASH_SIZE]) {
    const char *colon = strchr(text, ':');
    if (colon == NULL || colon == text || colon[1] == '\0')
        cli_die(CLI_USAGE, "number: a holding is SYMBOL:CODE, or SYMBOL:IDENTITY in hex");
    size_t size = strlen(colon + 1);
    *asset = (struct certificate_asset){.kind = ASSET_HOLDING,
                                        .is_natural = size == (size_t)2 * HASH_SIZE};
    asset->symbol = (struct span){(const uint8_t *)text, (size_t)(colon - text)};
    asset->party = (struct span){(const uint8_t *)colon + 1, size};
    if (asset->is_natural) {
        cli_hex("identity", colon + 1, identity, HASH_SIZE);
        asset->party = (struct span){identity, HASH_SIZE};
    }
    if (asset->symbol.size > SYMBOL_BYTES_MAX || (!asset->is_natural && size > CODE_BYTES_MAX))
        cli_die(CLI_USAGE, "number: \"%s\" is no holding", text);
}

void cli_certificate_asset(const char *kind, const char *number, struct certificate_asset *asset,
                           uint8_t identity[HASH_SIZE]) {
    if (strcmp(kind, "holding") == 0) {
        take_holding(number, asset, identity);
        return;
    }
    *asset = (struct certificate_asset){
        .kind = ASSET_RIGHT,
        .right_kind = cli_right_kind(kind),
        .number = {(const uint8_t *)number, cli_text("number", number, RIGHT_NUMBER_BYTES_MAX)}};
}

static void certify_online(const struct cli_arguments *arguments,
                           const struct certificate_asset *asset, const char *path) {
    char *text = NULL;
    size_t size = 0;
    uint64_t number = cli_certificate_ask(arguments, asset, &text, &size);
    cli_write_file(path, text, size);
    struct cli_output *output = cli_output_create(arguments->is_json);
    cli_text_field(output, "certificate", path);
    cli_number_field(output, "certificate_number", number);
    cli_output_end(output);
    free(text);
}

static void certify_offline(const struct cli_arguments *arguments,
                            const struct certificate_asset *asset, const char *path) {
    struct cli_ledger ledger = {0};
    struct certify_answer answer;
    cli_ledger_find(&ledger, arguments, 2);
    struct certify_question question = {
        .ledger_dir = ledger.dir, .is_copy = ledger.is_copy, .asset = *asset};
    int failure = certify_asset(&question, &answer);
    if (failure == FAILURE_NOT_FOUND && answer.tree_size == 0)
        cli_die(CLI_REFUSED, "the ledger has no checkpoint yet");
    if (failure == FAILURE_NOT_FOUND)
        cli_die(CLI_REFUSED,
                "UNKNOWN_RIGHT: nobody had admitted %s %s as of the newest checkpoint; that does "
                "not mean that it is free",
                arguments->positional[0], arguments->positional[1]);
    if (failure != 0)
        cli_die(CLI_UNVERIFIED, "ledger: it cannot be certified from; `tpx ledger verify` tells "
                                "more");
    cli_write_file(path, answer.text, answer.size);
    struct cli_output *output = cli_output_create(arguments->is_json);
    cli_text_field(output, "certificate", path);
    cli_number_field(output, "as_of", answer.as_of);
    cli_number_field(output, "entries", answer.entries);
    cli_number_field(output, "size", answer.tree_size);
    cli_output_end(output);
    free(answer.text);
}

int cli_right_certify(int argc, char **argv) {
    struct cli_arguments arguments;
    struct certificate_asset asset;
    uint8_t identity[HASH_SIZE];
    char path[4096];
    cli_parse(&arguments, &CERTIFY, argc, argv);
    cli_certificate_asset(arguments.positional[0], arguments.positional[1], &asset, identity);
    cli_certificate_path(&arguments, arguments.positional[1], path, sizeof path);
    if (arguments.count == 3)
        certify_offline(&arguments, &asset, path);
    else
        certify_online(&arguments, &asset, path);
    return CLI_FINE;
}

/* --- a file that holds --------------------------------------------------------------------------
 */

static const char *what_is_wrong(enum certificate_fault fault) {
    switch (fault) {
    case CERTIFICATE_KEY:
        return "it is not signed by the key given, nor by one that follows from it";
    case CERTIFICATE_CHAIN:
        return "a change of the exchange's keys is not proven";
    case CERTIFICATE_GENESIS:
        return "the exchange's first record is another";
    case CERTIFICATE_TREE:
        return "its Seal is not in what was signed";
    case CERTIFICATE_NUMBER:
        return "it was not asked for under its number";
    case CERTIFICATE_SEAL:
        return "what was signed is no Seal as of that sequence";
    case CERTIFICATE_ENTRIES:
        return "its entries are not all those that the Seal speaks for";
    case CERTIFICATE_ASSET:
        return "an entry speaks of something else";
    case CERTIFICATE_HOLDS:
    case CERTIFICATE_SYSTEM:
        break;
    }
    return "no memory";
}

void cli_certificate_open(struct cli_certificate *opened, const struct cli_arguments *arguments,
                          const char *path) {
    if (!cli_ledger_key(arguments, &opened->key))
        cli_die(CLI_USAGE, "checkpoint-key is not said: --checkpoint-key KEY; whoever made the "
                           "certificate cannot be asked for it");
    opened->text = cli_read_file(path, CERTIFICATE_SIZE_MAX, &opened->size);
    opened->certificate = certificate_parse(opened->text, opened->size);
    struct hasher *hasher = hasher_create(opened->key.profile);
    if (hasher == NULL)
        cli_die(CLI_FAILED, "no memory");
    if (opened->certificate == NULL)
        cli_die(CLI_UNVERIFIED, "%s: not a certificate (tpx-certificate@v1)", path);
    enum certificate_fault fault =
        certificate_check(opened->certificate, hasher, &opened->key, &opened->checkpoint);
    if (fault == CERTIFICATE_KEY)
        cli_die(CLI_UNVERIFIED, "%s: %s, which is of the %s profile", path, what_is_wrong(fault),
                crypto_profile(opened->key.profile)->name);
    if (fault != CERTIFICATE_HOLDS)
        cli_die(CLI_UNVERIFIED, "%s: %s", path, what_is_wrong(fault));
    hasher_digest(hasher, opened->text, opened->size, &opened->digest);
    hasher_destroy(hasher);
}

void cli_certificate_close(struct cli_certificate *opened) {
    certificate_free(opened->certificate);
    note_verifier_fini(&opened->key);
    free(opened->text);
}

/* --- check -------------------------------------------------------------------------------------
 */

const struct argp_option CLI_CERTIFICATE_KEY[] = {CLI_CERTIFICATE_KEY_OPTION, {0}};

static const struct cli_spec CHECK = {
    .reach = CLI_REACH_FILES,
    .arguments = "FILE",
    .about =
        "Checks a certificate: needs no ledger and no exchange, only the exchange's first key; "
        "what became of its keys since stands in the certificate.\v"
        "Exit code 0: it holds; 4: it does not.",
    .options = CLI_CERTIFICATE_KEY,
    .count_min = 1,
    .count_max = 1,
};

/* As the command line names it: "invention ZL...", "holding HX:9144...". */
static void asset_text(const struct certificate_asset *asset, char text[CLI_ASSET_BYTES_MAX]) {
    const char *kind =
        asset->kind == ASSET_RIGHT ? cli_right_kind_name(asset->right_kind) : "holding";
    struct span first = asset->kind == ASSET_RIGHT ? asset->number : asset->symbol;
    int used = snprintf(text, CLI_ASSET_BYTES_MAX, "%s %.*s%s", kind, (int)first.size,
                        (const char *)first.bytes, asset->kind == ASSET_RIGHT ? "" : ":");
    for (size_t i = 0; i < asset->party.size; i++)
        used += snprintf(text + used, CLI_ASSET_BYTES_MAX - (size_t)used,
                         asset->is_natural ? "%02x" : "%c", asset->party.bytes[i]);
}

static void show(const struct cli_certificate *opened, bool is_json) {
    const struct certificate *certificate = opened->certificate;
    char asset[CLI_ASSET_BYTES_MAX];
    asset_text(&certificate->asset, asset);
    struct cli_output *output = cli_output_create(is_json);
    cli_text_field(output, "verdict", "holds");
    cli_text_field(output, "origin", opened->checkpoint.origin);
    cli_text_field(output, "environment",
                   certificate->environment == ENVIRONMENT_PRODUCTION ? "production" : "test");
    if (certificate->number != 0)
        cli_number_field(output, "certificate", certificate->number);
    cli_text_field(output, "asset", asset);
    cli_number_field(output, "as_of", certificate->as_of);
    cli_number_field(output, "entries", certificate->entries_count);
    cli_text_field(output, "bound_by", certificate->entries_count > 1 ? "see entries" : "nothing");
    cli_output_end(output);
}

int cli_right_check(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_certificate opened;
    cli_parse(&arguments, &CHECK, argc, argv);
    cli_certificate_open(&opened, &arguments, arguments.positional[0]);
    show(&opened, arguments.is_json);
    cli_certificate_close(&opened);
    return CLI_FINE;
}
