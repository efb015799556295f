/*
 * tpx ledger export, checkpoint, key: what anybody's tools for transparency logs want of a log.
 *
 * A tiled log (C2SP tlog-tiles) is a folder of files that a web server may hand out as they are.
 * The checkpoint is written last: whoever reads it finds its tiles.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/cli.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_progress.h"
#include "gateway/cli_value.h"
#include "ledger/block.h"
#include "ledger/failure.h"
#include "ledger/tree.h"

#define PATH_BYTES_MAX  4096
#define FOLDER_MODE     0755
#define BUNDLE_SIZE_MAX ((size_t)TILE_WIDTH * BUNDLE_ENTRY_SIZE(BLOCK_RECORD_MAX))

/* --- export ----------------------------------------------------------------------------------- */

static const struct argp_option EXPORT_OPTIONS[] = {
    {"tlog", CLI_OPTION_TLOG, "OUT", 0, "the folder to write, made when missing", 0},
    {"entries", CLI_OPTION_ENTRIES, NULL, 0,
     "the records too: they name names, and are for the operator and regulators", 0},
    {0},
};

static const struct cli_spec EXPORT = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "[DIR]",
    .about = "Writes the tree of the newest checkpoint as a tiled log (c2sp.org/tlog-tiles): "
             "OUT/checkpoint, OUT/tile/..., and with --entries OUT/tile/entries/...\vHashes give "
             "nothing of the records away: each is salted.",
    .options = EXPORT_OPTIONS,
    .count_max = 1,
};

struct export {
    struct tree *tree;
    const char *out;
    uint64_t size; /* of the checkpoint's tree */
    uint8_t *bundle;
    uint64_t tiles;
    uint64_t bundles;
    struct cli_progress progress;
};

static void make_folder(const char *path) {
    if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
        cli_die(CLI_FAILED, "%s: %s", path, strerror(errno));
}

/* Writes OUT/<name>, making the folders on the way. */
static void write_under(const struct export *export, const char *name, const void *bytes,
                        size_t size) {
    char path[PATH_BYTES_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", export->out, name);
    if (length < 0 || length >= (int)sizeof path)
        cli_die(CLI_USAGE, "tlog: the path is too long");
    for (char *slash = path + strlen(export->out); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        make_folder(path);
        *slash = '/';
    }
    cli_write_file(path, bytes, size);
}

static void write_tile(struct export *export, uint32_t level, uint64_t index) {
    char path[TILE_PATH_SIZE];
    const struct hash *hashes = NULL;
    struct tile tile = {level, tile_width(level, index, export->size), index};
    tile_path(level, index, tile.width, path);
    if (tree_tile(export->tree, &tile, &hashes) != 0)
        cli_die(CLI_UNVERIFIED, "%s cannot be read from the ledger; older volumes may be missing",
                path);
    write_under(export, path, hashes, tile.width * sizeof *hashes);
    export->tiles++;
}

static void write_bundle(struct export *export, uint64_t index) {
    char path[TILE_PATH_SIZE];
    uint32_t width = tile_width(0, index, export->size);
    size_t used = 0;
    for (uint32_t i = 0; i < width; i++) {
        struct reader_record record;
        uint64_t sequence = index * TILE_WIDTH + i;
        if (reader_get(tree_reader(export->tree), sequence, &record) != 0)
            cli_die(CLI_UNVERIFIED, "record %" PRIu64 " cannot be read", sequence);
        used += bundle_put(export->bundle + used, record.bytes, record.size);
    }
    tile_path(TILE_ENTRIES, index, width, path);
    write_under(export, path, export->bundle, used);
    export->bundles++;
}

static uint64_t tiles_of(uint32_t level, uint64_t size) {
    return (tile_hashes(level, size) + TILE_WIDTH - 1) / TILE_WIDTH;
}

static void write_tiles(struct export *export, bool has_entries) {
    cli_progress_begin(&export->progress, "exporting", tiles_of(0, export->size));
    for (uint32_t level = 0; level < TILE_LEVELS; level++)
        for (uint64_t index = 0; index < tiles_of(level, export->size); index++) {
            write_tile(export, level, index);
            if (level == 0 && has_entries)
                write_bundle(export, index);
            if (level == 0)
                cli_progress_at(&export->progress, index);
        }
    cli_progress_end(&export->progress);
}

int cli_ledger_export(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct reader_note note;
    struct export export = {.bundle = malloc(BUNDLE_SIZE_MAX)};
    cli_parse(&arguments, &EXPORT, argc, argv);
    export.out = cli_value(&arguments, CLI_OPTION_TLOG);
    if (export.out == NULL)
        cli_die(CLI_USAGE, "tlog is not said: --tlog OUT names the folder to write");
    cli_ledger_find(&ledger, &arguments, 0);
    if (export.bundle == NULL)
        cli_die(CLI_FAILED, "no memory");
    if (tree_open(&export.tree, ledger.dir, ledger.is_copy) != 0)
        cli_die(CLI_UNVERIFIED, "ledger: it cannot be read");
    if (!cli_ledger_checkpoint(tree_reader(export.tree), &note))
        cli_die(CLI_REFUSED, "the ledger has no checkpoint yet");
    export.size = note.size;
    make_folder(export.out);
    write_tiles(&export, cli_value(&arguments, CLI_OPTION_ENTRIES) != NULL);
    write_under(&export, "checkpoint", note.bytes, note.bytes_size);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_number_field(output, "size", export.size);
    cli_number_field(output, "tiles", export.tiles);
    cli_number_field(output, "entry_bundles", export.bundles);
    cli_text_field(output, "folder", export.out);
    cli_output_end(output);
    free(export.bundle);
    free(note.bytes);
    tree_close(export.tree);
    return CLI_FINE;
}

/* --- checkpoint ------------------------------------------------------------------------------- */

static const struct cli_spec CHECKPOINT = {
    .reach = CLI_REACH_LEDGER,
    .arguments = "[DIR]",
    .about = "Prints the newest checkpoint, a signed note (c2sp.org/tlog-checkpoint), as it is.",
    .count_max = 1,
};

int cli_ledger_note(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_ledger ledger = {0};
    struct reader_note note;
    cli_parse(&arguments, &CHECKPOINT, argc, argv);
    cli_ledger_find(&ledger, &arguments, 0);
    struct reader *reader = cli_ledger_reader(&ledger);
    if (!cli_ledger_checkpoint(reader, &note))
        cli_die(CLI_REFUSED, "the ledger has no checkpoint yet");
    if (arguments.is_json) {
        struct cli_output *output = cli_output_create(true);
        cli_number_field(output, "size", note.size);
        cli_text_field(output, "note", note.bytes);
        cli_output_end(output);
    } else {
        fwrite(note.bytes, 1, note.bytes_size, stdout);
    }
    free(note.bytes);
    reader_close(reader);
    return CLI_FINE;
}
