/*
 * tpx ledger prove, check: that a record is in the tree that somebody signed, for whoever has
 * nothing but two files and a key.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_value.h"
#include "ledger/block.h"
#include "ledger/failure.h"
#include "ledger/journal.h"
#include "ledger/proof.h"
#include "ledger/tree.h"

#define PATH_BYTES_MAX 4096
#define PROOF_ENDING   ".tlog-proof"
#define PROOF_MAX      PROOF_SIZE_MAX(JOURNAL_CHECKPOINT_MAX)

/* --- prove ------------------------------------------------------------------------------------ */

static const struct argp_option PROVE_OPTIONS[] = {
    {"out", CLI_OPTION_OUT, "FILE", 0,
     "the record's bytes go to FILE, the proof to FILE" PROOF_ENDING " (record-SEQ)", 0},
    {0},
};

static const struct cli_spec PROVE = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "SEQ [DIR]",
    .about =
        "Writes a record's bytes, and a proof file (c2sp.org/tlog-proof@v1) that they stand at "
        "SEQ in the tree of the newest signed checkpoint. `tpx ledger check` checks it; so does "
        "any tool for transparency logs.",
    .options = PROVE_OPTIONS,
    .count_min = 1,
    .count_max = 2,
};

struct paths {
    char record[PATH_BYTES_MAX];
    char proof[PATH_BYTES_MAX + sizeof PROOF_ENDING];
};

static void name_files(struct paths *paths, const char *out, uint64_t sequence) {
    int size = out != NULL
                   ? snprintf(paths->record, sizeof paths->record, "%s", out)
                   : snprintf(paths->record, sizeof paths->record, "record-%" PRIu64, sequence);
    if (size < 0 || size >= (int)sizeof paths->record)
        cli_die(CLI_USAGE, "out: the path is too long");
    snprintf(paths->proof, sizeof paths->proof, "%s" PROOF_ENDING, paths->record);
}

static void write_proof(struct tree *tree, uint64_t sequence, const struct reader_note *note,
                        const char *path) {
    static char text[PROOF_MAX];
    struct proof *proof = calloc(1, sizeof *proof);
    if (proof == NULL)
        cli_die(CLI_FAILED, "no memory");
    proof->index = sequence;
    proof->checkpoint = note->bytes;
    proof->checkpoint_size = note->bytes_size;
    if (tree_prove_inclusion(tree, sequence, note->size, &proof->path) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: its tree cannot be read; `tpx ledger verify` tells more");
    int size = proof_format(proof, text, sizeof text);
    if (size < 0)
        cli_die(CLI_FAILED, "the proof is too long");
    cli_write_file(path, text, (size_t)size);
    free(proof);
}

static void write_record(struct tree *tree, uint64_t sequence, const char *path) {
    struct reader_record record;
    int failure = reader_get(tree_reader(tree), sequence, &record);
    if (failure != 0)
        cli_die(CLI_UNVERIFIED, "record %" PRIu64 " cannot be read", sequence);
    cli_write_file(path, record.bytes, record.size);
}

int cli_ledger_prove(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct reader_note note;
    struct paths paths = {0};
    struct tree *tree = NULL;
    cli_parse(&arguments, &PROVE, argc, argv);
    uint64_t sequence = cli_number("SEQ", arguments.positional[0], 0, UINT64_MAX);
    cli_ledger_find(&ledger, &arguments, 1);
    name_files(&paths, cli_value(&arguments, CLI_OPTION_OUT), sequence);
    if (tree_open(&tree, ledger.dir, ledger.is_copy) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: it cannot be read");
    if (!cli_ledger_checkpoint(tree_reader(tree), &note))
        cli_die(CLI_REFUSED, "the ledger has no checkpoint yet");
    if (sequence >= note.size)
        cli_die(CLI_REFUSED,
                "SEQ: the newest checkpoint covers the records below %" PRIu64
                "; the next one follows within a second of trading",
                note.size);
    write_record(tree, sequence, paths.record);
    write_proof(tree, sequence, &note, paths.proof);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_number_field(output, "record", sequence);
    cli_number_field(output, "size", note.size);
    cli_text_field(output, "record_file", paths.record);
    cli_text_field(output, "proof_file", paths.proof);
    cli_output_end(output);
    free(note.bytes);
    tree_close(tree);
    return CLI_FINE;
}

/* --- check ------------------------------------------------------------------------------------ */

static const struct argp_option CHECK_OPTIONS[] = {
    {"checkpoint-key", CLI_OPTION_CHECKPOINT_KEY, "KEY", 0,
     "the verifier key that must have signed, or a file with it", 0},
    {0},
};

static const struct cli_spec CHECK = {
    .reach = CLI_REACH_FILES,
    .arguments = "FILE [PROOF]",
    .about = "Checks that FILE is, byte for byte, the record that PROOF (FILE" PROOF_ENDING
             ") says: needs no ledger and no exchange, only the key.\vExit code 0: it is; 4: it is "
             "not.",
    .options = CHECK_OPTIONS,
    .count_min = 1,
    .count_max = 2,
};

static const char *what_failed(int failure) {
    switch (failure) {
    case FAILURE_SIGNATURE:
        return "the checkpoint is not signed by the key given";
    case FAILURE_DAMAGED:
        return "the file is not the record that was signed for";
    default:
        return "the proof or its checkpoint is not of its form";
    }
}

int cli_ledger_check(int argc, char **argv) {
    struct cli_arguments arguments;
    struct note_verifier verifier;
    struct checkpoint checkpoint;
    struct paths paths = {0};
    struct hash leaf;
    size_t record_size = 0;
    size_t proof_size = 0;
    char text[CLI_HASH_BYTES_MAX];
    cli_parse(&arguments, &CHECK, argc, argv);
    if (!cli_ledger_key(&arguments, &verifier))
        cli_die(CLI_USAGE,
                "checkpoint-key is not said: --checkpoint-key KEY; whoever made the proof "
                "cannot be asked for it");
    name_files(&paths, arguments.positional[0], 0);
    const char *proof_path = arguments.count > 1 ? arguments.positional[1] : paths.proof;
    char *record = cli_read_file(paths.record, BLOCK_RECORD_MAX, &record_size);
    char *proof_text = cli_read_file(proof_path, PROOF_MAX, &proof_size);
    struct hasher *hasher = hasher_create(verifier.profile);
    struct proof *proof = calloc(1, sizeof *proof);
    if (hasher == NULL || proof == NULL)
        cli_die(CLI_FAILED, "no memory");
    struct note_keyring keys = {&verifier, 1};
    hasher_leaf(hasher, record, record_size, &leaf);
    int failure = proof_parse(proof_text, proof_size, proof);
    if (failure == 0)
        failure = proof_check(proof, hasher, &leaf, &keys, &checkpoint);
    if (failure == FAILURE_SIGNATURE)
        cli_die(CLI_UNVERIFIED, "%s: %s, which is of the %s profile", paths.record,
                what_failed(failure), crypto_profile(verifier.profile)->name);
    if (failure != 0)
        cli_die(CLI_UNVERIFIED, "%s: %s", paths.record, what_failed(failure));
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_text_field(output, "verdict", "proven");
    cli_text_field(output, "origin", checkpoint.origin);
    cli_number_field(output, "record", proof->index);
    cli_number_field(output, "size", checkpoint.head.size);
    cli_text_field(output, "root", cli_hash_base64(text, &checkpoint.head.root));
    cli_output_end(output);
    return CLI_FINE;
}
