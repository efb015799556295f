/* tpx ledger copy: a backup that follows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_progress.h"
#include "ledger/copy.h"
#include "ledger/failure.h"

static const struct argp_option OPTIONS[] = {
    {"verify", CLI_OPTION_VERIFY, NULL, 0,
     "hash and execute all of the copy again, as `tpx ledger verify` does", 0},
    {"checkpoint-key", CLI_OPTION_CHECKPOINT_KEY, "KEY", 0,
     "with --verify: the verifier key that you trust, or a file with it", 0},
    {0},
};

static const struct cli_spec COPY = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "[DIR] DEST",
    .about =
        "Copies a ledger to the folder DEST, or brings the copy there up to date; the exchange may "
        "run meanwhile. Closed volumes are copied once, records of the open one appended. What "
        "was interrupted goes on with the next call; DEST is a whole ledger at any moment."
        "\vExit code 0: DEST holds all that was durable when the copy began, and its tree is the "
        "ledger's; 4: one of the two is damaged, or DEST is not the beginning of this ledger; 6: a "
        "disk, also a full one, or another process that writes DEST.\n\n"
        "The copy stands for ledger/ of an exchange: gateway/README.md, \"Backup and restore\".",
    .options = OPTIONS,
    .count_min = 1,
    .count_max = 2,
};

/* One bar after the other, as what is done changes. */
struct bars {
    struct cli_progress progress;
    char what[32];
};

static void on_progress(void *owner, const char *what, uint64_t done, uint64_t total) {
    struct bars *bars = owner;
    if (strcmp(bars->what, what) != 0) {
        cli_progress_end(&bars->progress);
        snprintf(bars->what, sizeof bars->what, "%s", what);
        cli_progress_begin(&bars->progress, bars->what, total);
    }
    bars->progress.calls = 0; /* it comes seldom: look at the clock each time */
    cli_progress_at(&bars->progress, done);
}

static void die(int failure, const struct copy_options *options) {
    switch (failure) {
    case FAILURE_EXISTS:
    case FAILURE_DAMAGED:
    case FAILURE_VERSION:
        cli_die(CLI_UNVERIFIED,
                "copy: not made, for the reason above; `tpx ledger verify` of %s and of %s tells "
                "which is at fault",
                options->from, options->to);
    case FAILURE_MALFORMED:
        cli_die(CLI_USAGE, "copy: DEST must be a folder, and another than the ledger's");
    default:
        cli_die(CLI_FAILED,
                "copy: %s is not up to date, for the reason above; the same command "
                "goes on where this one ended",
                options->to);
    }
}

static void put_report(struct cli_output *output, const struct copy_report *report) {
    char text[CLI_HASH_BYTES_MAX];
    cli_number_field(output, "copied_volumes", report->copied);
    cli_number_field(output, "copied_bytes", report->bytes);
    cli_number_field(output, "appended_records", report->appended);
    cli_number_field(output, "copy_volumes", report->volumes);
    cli_number_field(output, "copy_size", report->head.size);
    cli_text_field(output, "copy_root", cli_hash_base64(text, &report->head.root));
    cli_number_field(output, "copy_checkpoint", report->checkpoint);
}

int cli_ledger_copy(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct bars bars = {0};
    struct copy_report report;
    cli_parse(&arguments, &COPY, argc, argv);
    bool is_named = arguments.count == 2;
    if (!is_named && arguments.setting[CLI_LEDGER] == NULL)
        cli_die(CLI_USAGE,
                "copy: DEST is missing, or DIR: tpx ledger copy DIR DEST; DIR may be left "
                "out where TPX_LEDGER or a profile names it");
    cli_ledger_find(&ledger, &arguments, is_named ? 0 : CLI_POSITIONALS_MAX);
    struct copy_options options = {.from = ledger.dir,
                                   .to = arguments.positional[is_named ? 1 : 0],
                                   .is_copy = ledger.is_copy,
                                   .progress = on_progress,
                                   .owner = &bars};
    int failure = copy_run(&options, &report);
    cli_progress_end(&bars.progress);
    if (failure != 0)
        die(failure, &options);
    struct cli_output *output = cli_output_create(arguments.is_json);
    put_report(output, &report);
    if (cli_value(&arguments, CLI_OPTION_VERIFY) != NULL) {
        struct cli_ledger copy = {.is_copy = false};
        cli_ledger_find(&copy, &arguments, is_named ? 1 : 0);
        return cli_ledger_verdict(&copy, &arguments, output);
    }
    cli_output_end(output);
    return CLI_FINE;
}
