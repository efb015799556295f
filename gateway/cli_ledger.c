/* tpx ledger: the list of its commands, and what they share. */
#include "gateway/cli_ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli.h"
#include "gateway/cli_progress.h"
#include "ledger/base64.h"
#include "ledger/failure.h"
#include "ledger/guard.h"
#include "ledger/journal.h"
#include "ledger/volume.h"

#define KEY_FILE_MAX  4096
#define FILE_PATH_MAX 4200

int cli_ledger(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"verify", cli_ledger_verify, "[DIR]", "hash and execute everything again, and compare"},
        {"replay", cli_ledger_replayed, "[DIR] [--to SEQ]",
         "execute again, tell the state's digest"},
        {"show", cli_ledger_show, "SEQ [DIR]", "one record in words"},
        {"prove", cli_ledger_prove, "SEQ [DIR]", "write a record and the proof that it is in"},
        {"check", cli_ledger_check, "FILE [PROOF]", "check such a proof, without a ledger"},
        {"export", cli_ledger_export, "[DIR] --tlog OUT", "the tree as files, for anybody's tools"},
        {"copy", cli_ledger_copy, "[DIR] DEST", "back a ledger up, also while the exchange runs"},
        {"checkpoint", cli_ledger_note, "[DIR]", "the newest signed checkpoint"},
        {"key", cli_ledger_keys, "[DIR]", "the keys that sign checkpoints"},
        {0},
    };
    return cli_dispatch(COMMANDS,
                        "tpx ledger: read, verify and prove what an exchange has recorded.\n\n"
                        "DIR is the ledger's folder or the exchange's; TPX_LEDGER or a profile "
                        "may name it. The\nexchange may run meanwhile.",
                        argc, argv);
}

/* --- the folder ------------------------------------------------------------------------------- */

static bool is_ledger(const char *dir) {
    uint32_t lowest = 0;
    uint32_t highest = 0;
    return volume_range(dir, &lowest, &highest) != FAILURE_NOT_FOUND;
}

/* True when the newest volume's lock file cannot be written or made. */
static bool is_read_only(const char *dir) {
    char path[VOLUME_PATH_SIZE];
    char lock[VOLUME_PATH_SIZE + 16];
    uint32_t lowest = 0;
    uint32_t highest = 0;
    if (volume_range(dir, &lowest, &highest) != 0 || volume_path(dir, highest, path) != 0)
        return true;
    snprintf(lock, sizeof lock, "%s/lock.mdb", path);
    return access(lock, F_OK) == 0 ? access(lock, R_OK | W_OK) != 0 : access(path, W_OK) != 0;
}

/* The rest of the program runs in a child; here it ends as the child did. */
static void go_on_guarded(const char *dir) {
    struct guard_end end;
    fflush(NULL);
    if (guard_split(&end))
        return;
    if (end.signal == 0)
        exit(end.result);
    if (end.signal == SIGBUS || end.signal == SIGSEGV || end.signal == SIGABRT ||
        end.signal == SIGFPE)
        cli_die(CLI_UNVERIFIED,
                "ledger: %s is damaged: reading it ended in a crash (%s); `tpx ledger verify` "
                "tells more",
                dir, strsignal(end.signal));
    signal(end.signal, SIG_DFL); /* from outside: as if there were no child */
    raise(end.signal);
    exit(CLI_FAILED);
}

static bool is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void cli_ledger_find(struct cli_ledger *ledger, const struct cli_arguments *arguments,
                     uint32_t place) {
    const char *named = arguments->count > place ? arguments->positional[place]
                                                 : cli_setting(arguments, CLI_LEDGER);
    int size = snprintf(ledger->dir, sizeof ledger->dir, "%s", named);
    if (!is_folder(named))
        cli_die(CLI_USAGE, "ledger: %s is no folder", named);
    if (size >= 0 && size < (int)sizeof ledger->dir && !is_ledger(ledger->dir))
        size = snprintf(ledger->dir, sizeof ledger->dir, "%s/ledger", named);
    if (size < 0 || size >= (int)sizeof ledger->dir)
        cli_die(CLI_USAGE, "ledger: the path is too long");
    if (!is_ledger(ledger->dir))
        cli_die(CLI_USAGE, "ledger: there is none in %s", named);
    ledger->is_copy = is_read_only(ledger->dir);
    go_on_guarded(ledger->dir);
}

struct reader *cli_ledger_reader(const struct cli_ledger *ledger) {
    struct reader *reader = NULL;
    int failure = reader_open(&reader, ledger->dir, ledger->is_copy);
    if (failure == FAILURE_DAMAGED || failure == FAILURE_VERSION)
        cli_die(CLI_UNVERIFIED, "ledger: %s is damaged; `tpx ledger verify` tells more",
                ledger->dir);
    if (failure != 0)
        cli_die(CLI_FAILED, "ledger: %s cannot be read", ledger->dir);
    return reader;
}

/* --- keys and checkpoints --------------------------------------------------------------------- */

bool cli_ledger_key(const struct cli_arguments *arguments, struct note_verifier *verifier) {
    const char *text = cli_value(arguments, CLI_OPTION_CHECKPOINT_KEY);
    size_t size = 0;
    if (text == NULL)
        return false;
    if (strchr(text, '+') == NULL) {
        char *line = cli_read_file(text, KEY_FILE_MAX, &size);
        line[strcspn(line, "\r\n")] = '\0';
        text = line;
    }
    if (note_verifier_parse(verifier, text) != 0)
        cli_die(CLI_USAGE, "checkpoint-key: \"%s\" is no verifier key, nor a file with one", text);
    return true;
}

bool cli_ledger_checkpoint(struct reader *reader, struct reader_note *note) {
    *note = (struct reader_note){.bytes = malloc(JOURNAL_CHECKPOINT_MAX + 1),
                                 .bytes_max = JOURNAL_CHECKPOINT_MAX};
    if (note->bytes == NULL)
        cli_die(CLI_FAILED, "no memory");
    int failure = reader_last_checkpoint(reader, note);
    if (failure != 0 && failure != FAILURE_NOT_FOUND)
        cli_die(CLI_UNVERIFIED, "ledger: its checkpoints cannot be read");
    note->bytes[failure == 0 ? note->bytes_size : 0] = '\0';
    return failure == 0;
}

/* --- re-execution ----------------------------------------------------------------------------- */

struct replay *cli_ledger_replay(struct reader *reader, const struct replay_options *options,
                                 uint64_t end) {
    struct cli_progress progress;
    struct reader_record record;
    struct finding finding;
    struct replay *replay = replay_create(options);
    int step = READER_PAUSE;
    if (replay == NULL)
        cli_die(CLI_FAILED, "no memory");
    cli_progress_begin(&progress, "replaying", end);
    reader_seek(reader, 0);
    while (step > 0 && (replay_next(replay) < end || replay_is_within(replay))) {
        step = reader_next(reader, &record);
        if (step != READER_RECORD)
            continue;
        cli_progress_at(&progress, record.sequence);
        if (!replay_record(replay, record.bytes, record.size, &finding) &&
            finding.kind != FINDING_EVENTS) {
            cli_progress_end(&progress);
            cli_die(CLI_UNVERIFIED, "record %" PRIu64 ": %s: %s; `tpx ledger verify` tells more",
                    finding.sequence, finding_name(finding.kind), finding.text);
        }
    }
    cli_progress_end(&progress);
    if (step < 0)
        cli_die(CLI_UNVERIFIED, "ledger: record %" PRIu64 " cannot be read", replay_next(replay));
    reader_rest(reader);
    return replay;
}

/* --- text and files --------------------------------------------------------------------------- */

char *cli_hash_text(char *text, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size && 2 * i + 2 < CLI_HASH_BYTES_MAX; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

char *cli_hash_base64(char *text, const struct hash *hash) {
    text[base64_encode(hash->bytes, HASH_SIZE, text)] = '\0';
    return text;
}

void cli_write_file(const char *path, const void *bytes, size_t size) {
    char path_new[FILE_PATH_MAX];
    int length = snprintf(path_new, sizeof path_new, "%s.new", path);
    if (length < 0 || length >= (int)sizeof path_new)
        cli_die(CLI_USAGE, "%s: the path is too long", path);
    FILE *file = fopen(path_new, "we");
    if (file == NULL)
        cli_die(CLI_FAILED, "%s: %s", path_new, strerror(errno));
    bool is_written = fwrite(bytes, 1, size, file) == size;
    is_written = fclose(file) == 0 && is_written && rename(path_new, path) == 0;
    if (is_written)
        return;
    int error = errno;
    unlink(path_new);
    cli_die(CLI_FAILED, "%s: %s", path, strerror(error));
}

char *cli_read_file(const char *path, size_t most, size_t *size) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        cli_die(CLI_USAGE, "%s: %s", path, strerror(errno));
    char *bytes = malloc(most + 2);
    if (bytes == NULL)
        cli_die(CLI_FAILED, "no memory");
    *size = fread(bytes, 1, most + 1, file);
    if (ferror(file))
        cli_die(CLI_FAILED, "%s: %s", path, strerror(errno));
    fclose(file);
    if (*size > most)
        cli_die(CLI_USAGE, "%s: longer than %zu bytes", path, most);
    bytes[*size] = '\0';
    return bytes;
}
