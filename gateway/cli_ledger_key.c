/*
 * tpx ledger key: whose signatures to expect. Keys change by commands, so the ledger is executed to
 * find them; unless the newest checkpoint is signed by its first key alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "ledger/checkpoint.h"
#include "ledger/genesis.h"
#include "ledger/key_chain.h"

static const struct cli_spec KEY = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "[DIR]",
    .about = "Prints the verifier keys (c2sp.org/signed-note) of the ledger's checkpoints: the one "
             "in record 0, and those that two operators added or revoked later.\vThe ledger says "
             "so itself: whoever does not trust whom he got it from compares the key with one that "
             "he got elsewhere.",
    .count_max = 1,
};

static const struct cli_column COLUMNS[] = {
    {"verifier_key", "checkpoint key"},
    {"added", "added at"},
    {"revoked", "revoked at"},
};

struct names {
    struct key_chain chain;
    char origin[ORIGIN_BYTES_MAX + 1];
};

static void take_key(void *owner, uint64_t sequence, const struct checkpoint_key *key) {
    struct names *names = owner;
    if (key->is_revoked)
        key_chain_revoke(&names->chain, sequence, &key->key);
    else if (key_chain_add(&names->chain, sequence, names->origin, &key->key) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: it names a checkpoint key that is none");
}

static void take_genesis(struct names *names, struct reader *reader) {
    struct genesis genesis;
    struct checkpoint_key key = {0};
    if (genesis_read(reader, &genesis) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: its record 0, which names the first key, cannot be read");
    memcpy(names->origin, genesis.origin, genesis.origin_bytes);
    key.key = genesis.checkpoint_key;
    take_key(names, 0, &key);
}

/* The newest checkpoint carries the first key's signature and no other. */
static bool is_first_alone(struct names *names, struct reader *reader) {
    struct reader_note stored;
    struct checkpoint checkpoint;
    struct note note;
    bool is_alone =
        cli_ledger_checkpoint(reader, &stored) &&
        checkpoint_open(stored.bytes, stored.bytes_size, key_chain_ring(&names->chain, UINT64_MAX),
                        &checkpoint, &note) == 0 &&
        note.signatures_count == 1;
    free(stored.bytes);
    return is_alone;
}

static void put_keys(struct cli_output *output, const struct names *names) {
    char text[NOTE_KEY_TEXT_SIZE];
    cli_table_begin(output, "keys", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0]);
    for (uint32_t i = 0; i < names->chain.count; i++) {
        const struct chain_key *key = &names->chain.keys[i];
        note_verifier_format(&names->chain.verifiers[i], text);
        cli_table_text(output, text);
        cli_table_number(output, key->added);
        if (key->revoked != 0)
            cli_table_number(output, key->revoked - 1);
        else
            cli_table_text(output, "");
    }
}

/* One key is what most want to copy: it stands alone on its line. */
static void print_key(const struct names *names) {
    char text[NOTE_KEY_TEXT_SIZE];
    note_verifier_format(&names->chain.verifiers[0], text);
    puts(text);
}

int cli_ledger_keys(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct merkle_head head;
    struct names names = {0};
    struct replay_options options = {.checkpoint_key = take_key, .owner = &names};
    cli_parse(&arguments, &KEY, argc, argv);
    cli_ledger_find(&ledger, &arguments, 0);
    struct reader *reader = cli_ledger_reader(&ledger);
    key_chain_init(&names.chain, reader_profile(reader), NULL);
    take_genesis(&names, reader);
    if (reader_head(reader, &head) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: its end cannot be read");
    if (!is_first_alone(&names, reader))
        replay_destroy(cli_ledger_replay(reader, &options, head.size));
    if (names.chain.count == 1 && !arguments.is_json) {
        print_key(&names);
    } else {
        struct cli_output *output = cli_output_create(arguments.is_json);
        put_keys(output, &names);
        cli_output_end(output);
    }
    key_chain_fini(&names.chain);
    reader_close(reader);
    return CLI_FINE;
}
