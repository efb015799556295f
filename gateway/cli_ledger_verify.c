/* tpx ledger verify, replay: everything again, and what came of it. */
#include <inttypes.h>
#include <stdio.h>

#include "engine/view.h"
#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_progress.h"
#include "gateway/cli_value.h"
#include "ledger/failure.h"
#include "ledger/verify.h"

/* --- verify ----------------------------------------------------------------------------------- */

static const struct argp_option VERIFY_OPTIONS[] = {
    {"checkpoint-key", CLI_OPTION_CHECKPOINT_KEY, "KEY", 0,
     "the verifier key that you trust, or a file with it; without one the ledger's first is taken "
     "on trust",
     0},
    {0},
};

static const struct cli_spec VERIFY = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "[DIR]",
    .about = "Verifies a ledger: hashes every record, tile and checkpoint again, executes every "
             "command again, and compares. Names the first fault by kind, record and volume."
             "\vExit code 0: all is as it was signed and recorded; 4: it is not; 6: no verdict.",
    .options = VERIFY_OPTIONS,
    .count_max = 1,
};

static void on_progress(void *owner, uint64_t done, uint64_t total) {
    struct cli_progress *progress = owner;
    progress->total = total;
    progress->calls = 0; /* it comes seldom: look at the clock each time */
    cli_progress_at(progress, done);
}

static void put_verdict(struct cli_output *output, const struct verify_report *report) {
    bool is_sound = report->fault.kind == FINDING_NONE;
    cli_text_field(output, "verdict",
                   !is_sound             ? "fault"
                   : report->is_replayed ? "verified"
                                         : "audited");
    if (is_sound)
        return;
    cli_text_field(output, "fault", finding_name(report->fault.kind));
    cli_number_field(output, "fault_sequence", report->fault.sequence);
    cli_number_field(output, "fault_volume", report->volume);
    cli_text_field(output, "fault_text", report->fault.text);
}

static void put_counts(struct cli_output *output, const struct verify_report *report) {
    char text[CLI_HASH_BYTES_MAX];
    cli_text_field(output, "origin", report->origin);
    if (report->profile != 0) /* a child that died has not said it */
        cli_text_field(output, "algorithms", crypto_profile(report->profile)->name);
    if (report->first != 0)
        cli_number_field(output, "first_record", report->first);
    cli_number_field(output, "volumes", report->audit.volumes);
    cli_number_field(output, "records", report->audit.records);
    cli_number_field(output, "record_bytes", report->audit.bytes);
    cli_number_field(output, "tiles", report->audit.tiles);
    cli_number_field(output, "checkpoints", report->audit.checkpoints);
    cli_number_field(output, "executed", report->replayed);
    cli_number_field(output, "commands", report->counts.commands);
    cli_number_field(output, "events", report->counts.events);
    cli_number_field(output, "seals", report->counts.seals);
    cli_number_field(output, "digests", report->counts.digests);
    if (report->settled != 0)
        cli_number_field(output, "resolved_differences", report->settled);
    cli_number_field(output, "size", report->audit.head.size);
    cli_text_field(output, "root", cli_hash_base64(text, &report->audit.head.root));
    if (report->is_replayed && report->fault.kind == FINDING_NONE)
        cli_text_field(output, "state_digest", cli_hash_text(text, report->state.bytes, HASH_SIZE));
    cli_number_field(output, "vouched_for", report->vouched);
}

static const struct cli_column KEY_COLUMNS[] = {
    {"verifier_key", "checkpoint key"},
    {"added", "added at"},
    {"revoked", "revoked at"},
    {"is_trusted", "trusted"},
};

static void put_keys(struct cli_output *output, const struct verify_report *report) {
    char text[NOTE_KEY_TEXT_SIZE];
    cli_table_begin(output, "keys", KEY_COLUMNS, sizeof KEY_COLUMNS / sizeof KEY_COLUMNS[0]);
    for (uint32_t i = 0; i < report->keys_count; i++) {
        const struct chain_key *key = &report->keys[i];
        struct note_verifier verifier;
        if (note_verifier_make(&verifier, report->profile, report->origin, &key->key) != 0)
            cli_die(CLI_FAILED, "no memory");
        note_verifier_format(&verifier, text);
        note_verifier_fini(&verifier);
        cli_table_text(output, text);
        cli_table_number(output, key->added);
        if (key->revoked != 0)
            cli_table_number(output, key->revoked - 1);
        else
            cli_table_text(output, "");
        cli_table_value(output, key->is_believed ? "yes" : "no", json_boolean(key->is_believed));
    }
}

/* What a reader should know beside the verdict. */
static void warn(const struct verify_report *report, bool has_key) {
    if (!has_key)
        cli_say("no --checkpoint-key: the ledger's own first key is taken on trust");
    if (report->first != 0)
        cli_say("the ledger begins with record %" PRIu64
                ": its hashes were checked, nothing could be executed",
                report->first);
    if (report->fault.kind == FINDING_NONE && report->vouched < report->audit.head.size)
        cli_say("the last %" PRIu64 " records are not signed for yet",
                report->audit.head.size - report->vouched);
    if (report->settled != 0)
        cli_say("differences from record %" PRIu64 " on were settled by two operators (Resolve)",
                report->settled_sequence);
}

int cli_ledger_verdict(const struct cli_ledger *ledger, const struct cli_arguments *arguments,
                       struct cli_output *output) {
    struct cli_progress progress;
    struct note_verifier verifier;
    static struct verify_report report;
    bool has_key = cli_ledger_key(arguments, &verifier);
    struct verify_options options = {.dir = ledger->dir,
                                     .is_copy = ledger->is_copy,
                                     .key = has_key ? &verifier : NULL,
                                     .progress = on_progress,
                                     .owner = &progress};
    cli_progress_begin(&progress, "verifying", 0);
    int failure = verify_run(&options, &report);
    cli_progress_end(&progress);
    if (failure != 0)
        cli_die(CLI_FAILED, "ledger: %s could not be verified: %s", ledger->dir,
                failure_name(failure));
    put_verdict(output, &report);
    put_counts(output, &report);
    put_keys(output, &report);
    cli_output_end(output);
    fflush(stdout);
    warn(&report, has_key);
    return report.fault.kind == FINDING_NONE ? CLI_FINE : CLI_UNVERIFIED;
}

int cli_ledger_verify(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    cli_parse(&arguments, &VERIFY, argc, argv);
    cli_ledger_find(&ledger, &arguments, 0);
    return cli_ledger_verdict(&ledger, &arguments, cli_output_create(arguments.is_json));
}

/* --- replay ----------------------------------------------------------------------------------- */

static const struct argp_option REPLAY_OPTIONS[] = {
    {"to", CLI_OPTION_TO, "SEQ", 0, "execute the records below SEQ only", 0},
    {0},
};

static const struct cli_spec REPLAY = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "[DIR]",
    .about = "Executes the ledger's commands again and prints the digest of the state they lead to."
             "\vThe state as of SEQ holds every record below SEQ; a command that began there is "
             "finished. The same ledger gives the same digest on any machine.",
    .options = REPLAY_OPTIONS,
    .count_max = 1,
};

static void put_state(struct cli_output *output, struct replay *replay) {
    struct replay_counts counts;
    struct market_view market;
    struct hash digest;
    char text[CLI_HASH_BYTES_MAX];
    const struct engine *engine = replay_engine(replay, NULL);
    engine_market(engine, &market);
    replay_counts(replay, &counts);
    replay_digest(replay, &digest);
    cli_number_field(output, "as_of", replay_next(replay));
    cli_text_field(output, "time", cli_time_text(text, market.time_ns));
    cli_text_field(output, "state_digest", cli_hash_text(text, digest.bytes, HASH_SIZE));
    cli_number_field(output, "version", market.version);
    cli_number_field(output, "commands", counts.commands);
    cli_number_field(output, "events", counts.events);
    cli_number_field(output, "seals", counts.seals);
    cli_number_field(output, "digests", counts.digests);
    cli_number_field(output, "resting_orders", engine_count(engine, POOL_ORDERS));
    cli_number_field(output, "instruments", engine_count(engine, POOL_INSTRUMENTS));
    cli_number_field(output, "accounts", engine_count(engine, POOL_ACCOUNTS));
    cli_number_field(output, "participants", engine_count(engine, POOL_PARTICIPANTS));
}

int cli_ledger_replayed(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct merkle_head head;
    struct divergence divergence;
    struct replay_options options = {.takes_digests = true, .keeps_map = true};
    cli_parse(&arguments, &REPLAY, argc, argv);
    cli_ledger_find(&ledger, &arguments, 0);
    struct reader *reader = cli_ledger_reader(&ledger);
    if (reader_head(reader, &head) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: its end cannot be read");
    const char *to = cli_value(&arguments, CLI_OPTION_TO);
    uint64_t end = to != NULL ? cli_number("--to", to, 1, head.size) : head.size;
    struct replay *replay = cli_ledger_replay(reader, &options, end);
    if (replay_engine(replay, NULL) == NULL)
        cli_die(CLI_UNVERIFIED, "ledger: it is empty");
    bool has_diverged = replay_divergence(replay, &divergence);
    struct cli_output *output = cli_output_create(arguments.is_json);
    put_state(output, replay);
    if (has_diverged) {
        char text[CLI_HASH_BYTES_MAX];
        cli_number_field(output, "differs_from", divergence.sequence);
        cli_text_field(output, "digest_recorded",
                       cli_hash_text(text, divergence.recorded.bytes, HASH_SIZE));
        cli_text_field(output, "digest_replayed",
                       cli_hash_text(text, divergence.replayed.bytes, HASH_SIZE));
    }
    cli_output_end(output);
    replay_destroy(replay);
    reader_close(reader);
    return has_diverged ? CLI_UNVERIFIED : CLI_FINE;
}
