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
    .reach = CLI_REACH_LEDGER,
    .arguments = "KIND NUMBER [DIR]",
    .about = "Writes a certificate: every entry on a right and no others, as of the newest signed "
             "checkpoint, proven. `tpx right check` checks it; so does anybody's program "
             "(ledger/README.md).\vExit code 1: nobody has admitted such a right here; that is "
             "not the same as free.",
    .options = CERTIFY_OPTIONS,
    .count_min = 2,
    .count_max = 3,
};

int cli_right_certify(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct certify_answer answer;
    char path[4096];
    cli_parse(&arguments, &CERTIFY, argc, argv);
    const char *number = arguments.positional[1];
    struct certify_question question = {
        .right_kind = cli_right_kind(arguments.positional[0]),
        .number_bytes = (uint8_t)cli_text("number", number, RIGHT_NUMBER_BYTES_MAX),
        .number = number};
    const char *out = cli_value(&arguments, CLI_OPTION_OUT);
    snprintf(path, sizeof path, "%s%s", out != NULL ? out : number,
             out != NULL ? "" : ".certificate");
    cli_ledger_find(&ledger, &arguments, 2);
    question.ledger_dir = ledger.dir;
    question.is_copy = ledger.is_copy;
    int failure = certify_right(&question, &answer);
    if (failure == FAILURE_NOT_FOUND && answer.tree_size == 0)
        cli_die(CLI_REFUSED, "the ledger has no checkpoint yet");
    if (failure == FAILURE_NOT_FOUND)
        cli_die(CLI_REFUSED,
                "UNKNOWN_RIGHT: nobody had admitted %s %s as of the newest checkpoint; that does "
                "not mean that it is free",
                arguments.positional[0], number);
    if (failure != 0)
        cli_die(CLI_UNVERIFIED, "ledger: it cannot be certified from; `tpx ledger verify` tells "
                                "more");
    cli_write_file(path, answer.text, answer.size);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_text_field(output, "certificate", path);
    cli_number_field(output, "as_of", answer.as_of);
    cli_number_field(output, "entries", answer.entries);
    cli_number_field(output, "size", answer.tree_size);
    cli_output_end(output);
    free(answer.text);
    return CLI_FINE;
}

/* --- check -------------------------------------------------------------------------------------
 */

static const struct argp_option CHECK_OPTIONS[] = {
    {"checkpoint-key", CLI_OPTION_CHECKPOINT_KEY, "KEY", 0,
     "the verifier key that must have signed, or a file with it", 0},
    {0},
};

static const struct cli_spec CHECK = {
    .reach = CLI_REACH_FILES,
    .arguments = "FILE",
    .about = "Checks a certificate: needs no ledger and no exchange, only the exchange's key.\v"
             "Exit code 0: it holds; 4: it does not.",
    .options = CHECK_OPTIONS,
    .count_min = 1,
    .count_max = 1,
};

static const char *what_is_wrong(enum certificate_fault fault) {
    switch (fault) {
    case CERTIFICATE_KEY:
        return "it is not signed by the key given";
    case CERTIFICATE_TREE:
        return "its Seal is not the last record of what was signed";
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

static void show(const struct certificate *certificate, const struct checkpoint *checkpoint,
                 bool is_json) {
    char asset[96];
    snprintf(asset, sizeof asset, "%s %.*s", cli_right_kind_name(certificate->right_kind),
             certificate->number_bytes, certificate->number);
    struct cli_output *output = cli_output_create(is_json);
    cli_text_field(output, "verdict", "holds");
    cli_text_field(output, "origin", checkpoint->origin);
    cli_text_field(output, "right", asset);
    cli_number_field(output, "as_of", certificate->as_of);
    cli_number_field(output, "entries", certificate->entries_count);
    cli_text_field(output, "bound_by", certificate->entries_count > 1 ? "see entries" : "nothing");
    cli_output_end(output);
}

int cli_right_check(int argc, char **argv) {
    struct cli_arguments arguments;
    struct note_verifier verifier;
    struct checkpoint checkpoint;
    size_t size = 0;
    cli_parse(&arguments, &CHECK, argc, argv);
    if (!cli_ledger_key(&arguments, &verifier))
        cli_die(CLI_USAGE, "checkpoint-key is not said: --checkpoint-key KEY; whoever made the "
                           "certificate cannot be asked for it");
    const char *path = arguments.positional[0];
    char *text = cli_read_file(path, CERTIFICATE_SIZE_MAX, &size);
    struct certificate *certificate = certificate_parse(text, size);
    struct hasher *hasher = hasher_create();
    if (hasher == NULL)
        cli_die(CLI_FAILED, "no memory");
    if (certificate == NULL)
        cli_die(CLI_UNVERIFIED, "%s: not a certificate (tpx-certificate@v1)", path);
    struct note_keyring keys = {&verifier, 1};
    enum certificate_fault fault = certificate_check(certificate, hasher, &keys, &checkpoint);
    if (fault != CERTIFICATE_HOLDS)
        cli_die(CLI_UNVERIFIED, "%s: %s", path, what_is_wrong(fault));
    show(certificate, &checkpoint, arguments.is_json);
    certificate_free(certificate);
    hasher_destroy(hasher);
    free(text);
    return CLI_FINE;
}
