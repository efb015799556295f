/*
 * What the commands of `tpx ledger` share: finding the ledger, its keys, and reading it without
 * disturbing whoever writes it.
 *
 * A folder that the caller may not write to is read as a copy that nobody writes. What reads a
 * ledger goes on in a child from cli_ledger_find() on: where the file's own structure is broken, a
 * read may crash, and then the program still ends with a sentence and an exit code.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_LEDGER_H
#define GATEWAY_CLI_LEDGER_H

#include "gateway/cli_option.h"
#include "gateway/cli_output.h"
#include "ledger/reader.h"
#include "ledger/replay.h"

struct cli_ledger {
    char dir[4096];
    bool is_copy;
};

/* The ledger that the positional argument `place` names, else the setting; an exchange's folder
 * means the ledger in it. Ends the program when there is none. */
void cli_ledger_find(struct cli_ledger *ledger, const struct cli_arguments *arguments,
                     uint32_t place);

/* The verdict of verify on a ledger, printed; the exit code. */
int cli_ledger_verdict(const struct cli_ledger *ledger, const struct cli_arguments *arguments,
                       struct cli_output *output);

struct reader *cli_ledger_reader(const struct cli_ledger *ledger);

/* The verifier key that --checkpoint-key gives as text or as a file; false when it is not said. */
bool cli_ledger_key(const struct cli_arguments *arguments, struct note_verifier *verifier);

/* Reads the newest checkpoint; false when there is none. note->bytes is allocated, and ends with a
 * zero. */
bool cli_ledger_checkpoint(struct reader *reader, struct reader_note *note);

/* Re-executes the records below `end`; ends the program on what is not as recorded. */
struct replay *cli_ledger_replay(struct reader *reader, const struct replay_options *options,
                                 uint64_t end);

/* A hash in hex and in base 64, into a buffer of CLI_HASH_BYTES_MAX that is returned. */
#define CLI_HASH_BYTES_MAX 72
char *cli_hash_text(char *text, const uint8_t *bytes, size_t size);
char *cli_hash_base64(char *text, const struct hash *hash);

/* A file of `size` bytes, made or replaced, whole or not at all; ends the program on failure. */
void cli_write_file(const char *path, const void *bytes, size_t size);

/* A whole file, allocated, at most `most` bytes; ends the program on failure. */
char *cli_read_file(const char *path, size_t most, size_t *size);

/* The commands. */
int cli_ledger_verify(int argc, char **argv);
int cli_ledger_replayed(int argc, char **argv);
int cli_ledger_show(int argc, char **argv);
int cli_ledger_prove(int argc, char **argv);
int cli_ledger_check(int argc, char **argv);
int cli_ledger_export(int argc, char **argv);
int cli_ledger_copy(int argc, char **argv);
int cli_ledger_note(int argc, char **argv);
int cli_ledger_keys(int argc, char **argv);

#endif
