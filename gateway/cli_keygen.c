/* tpx keygen: a new key in a file that only its owner can read; its public part on the screen. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_output.h"
#include "gateway/cli_value.h"
#include "ledger/failure.h"

static const struct argp_option OPTIONS[] = {
    {"note", CLI_OPTION_NOTE, "NAME", 0,
     "a key that signs checkpoints, NAME being the exchange's origin", 0},
    {"party", CLI_OPTION_PARTY, "ORIGIN", 0,
     "a key that signs deeds for a party, at the exchange of this origin alone", 0},
    {"algorithms", CLI_OPTION_ALGORITHMS, "PROFILE", 0,
     "of the exchange: international (Ed25519, the default) or national (SM2)", 0},
    {0},
};

static const struct cli_spec SPEC = {
    .reach = CLI_REACH_FILES,
    .arguments = "FILE",
    .about =
        "Makes a key and writes it to FILE, readable by its owner alone; prints the public key. "
        "The secret never leaves the file.\vWithout --note and --party it is a CURVE key, with "
        "which a "
        "client proves who it is; FILE.pub gets the public key, to be handed to others.",
    .options = OPTIONS,
    .count_min = 1,
    .count_max = 1,
};

static int code_of(int failure) {
    return failure == 0 ? CLI_FINE : failure == FAILURE_MALFORMED ? CLI_USAGE : CLI_FAILED;
}

static uint8_t wanted_profile(const struct cli_arguments *arguments) {
    const char *name = cli_value(arguments, CLI_OPTION_ALGORITHMS);
    uint8_t profile = name != NULL ? crypto_profile_find(name) : PROFILE_INTERNATIONAL;
    if (profile == 0)
        cli_die(CLI_USAGE, "algorithms: \"%s\" is neither international nor national", name);
    return profile;
}

/* `option` is what named the key. */
static int make_note_key(const struct cli_arguments *arguments, const char *option,
                         const char *name) {
    struct note_signer signer;
    struct note_verifier verifier;
    char text[NOTE_KEY_TEXT_SIZE];
    int failure = note_signer_generate(&signer, wanted_profile(arguments), name);
    if (failure != 0)
        cli_die(CLI_USAGE, "%s: \"%s\" cannot name a key: no spaces, no +", option, name);
    failure = keyfile_note_save(&signer, arguments->positional[0]);
    if (failure == 0 && note_signer_verifier(&signer, &verifier) == 0) {
        note_verifier_format(&verifier, text);
        struct cli_output *output = cli_output_create(arguments->is_json);
        cli_text_field(output, "verifier_key", text);
        cli_text_field(output, "file", arguments->positional[0]);
        cli_output_end(output);
        note_verifier_fini(&verifier);
    }
    note_signer_fini(&signer);
    return code_of(failure);
}

static int make_curve_key(const struct cli_arguments *arguments) {
    struct curve_key key;
    char public_file[4096];
    int size = snprintf(public_file, sizeof public_file, "%s.pub", arguments->positional[0]);
    if (size >= (int)sizeof public_file)
        cli_die(CLI_USAGE, "file: the name is too long");
    int failure = keyfile_curve_generate(&key);
    if (failure == 0)
        failure = keyfile_curve_save(&key, arguments->positional[0], false);
    if (failure == 0)
        failure = keyfile_curve_save(&key, public_file, true);
    if (failure == 0) {
        struct cli_output *output = cli_output_create(arguments->is_json);
        cli_text_field(output, "public_key", key.public_z85);
        cli_text_field(output, "file", arguments->positional[0]);
        cli_text_field(output, "public_file", public_file);
        cli_output_end(output);
    }
    secret_cleanse(&key, sizeof key);
    return code_of(failure);
}

int cli_keygen(int argc, char **argv) {
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    const char *name = cli_value(&arguments, CLI_OPTION_NOTE);
    const char *origin = cli_value(&arguments, CLI_OPTION_PARTY);
    if (name != NULL && origin != NULL)
        cli_die(CLI_USAGE, "party: a key signs checkpoints or deeds, not both");
    if (origin != NULL)
        return make_note_key(&arguments, "party", origin);
    return name != NULL ? make_note_key(&arguments, "note", name) : make_curve_key(&arguments);
}
