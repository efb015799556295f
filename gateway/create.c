/* The first records go the same way as all later ones: core, pipeline, ledger thread, signer. */
#include "gateway/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/version.h"
#include "gateway/exchange.h"
#include "gateway/signing.h"
#include "ledger/failure.h"
#include "ledger/region.h"

#define PATH_MAX_BYTES 4096
#define CONFIG_MAX     65536

struct creation {
    char folder[PATH_MAX_BYTES - 64]; /* the new one, under its first name */
    struct config config;
    struct genesis genesis;
    struct counters *counters;
    struct hasher *hasher;
    struct journal *journal;
    struct signing *signing;
    struct engine *engine;
    size_t engine_bytes;
    struct wake wake;
    struct pipeline pipeline;
    struct core core;
    bool has_failed;
};

static void path_in(const struct creation *creation, const char *name, char path[PATH_MAX_BYTES]) {
    snprintf(path, PATH_MAX_BYTES, "%s/%s", creation->folder, name);
}

/* --- files -------------------------------------------------------------------------------------
 */

static int write_file(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        return failure_errno("%s", path);
    bool is_written =
        fwrite(bytes, 1, size, file) == size && fflush(file) == 0 && fsync(fileno(file)) == 0;
    is_written = fclose(file) == 0 && is_written;
    return is_written ? 0 : failure_errno("%s", path);
}

static int copy_config(const struct creation *creation, const char *config_path) {
    char path[PATH_MAX_BYTES];
    char *bytes = malloc(CONFIG_MAX);
    FILE *file = fopen(config_path, "re");
    int failure = FAILURE_SYSTEM;
    path_in(creation, "tpxd.conf", path);
    if (bytes != NULL && file != NULL) {
        size_t size = fread(bytes, 1, CONFIG_MAX, file);
        failure = size == CONFIG_MAX ? failure_log(FAILURE_MALFORMED, "%s is too long", config_path)
                                     : write_file(path, bytes, size);
    }
    if (file != NULL)
        fclose(file);
    free(bytes);
    return failure;
}

static int make_keys(struct creation *creation) {
    char path[PATH_MAX_BYTES];
    struct curve_key server;
    struct note_signer checkpoint;
    path_in(creation, "server.key", path);
    int failure = keyfile_curve_generate(&server);
    if (failure == 0)
        failure = keyfile_curve_save(&server, path, false);
    path_in(creation, "server.pub", path);
    if (failure == 0)
        failure = keyfile_curve_save(&server, path, true);
    secret_cleanse(&server, sizeof server);
    if (failure != 0)
        return failure;
    failure = note_signer_generate(&checkpoint, creation->config.profile, creation->config.origin);
    if (failure != 0)
        return failure_log(failure, "no checkpoint key for origin %s", creation->config.origin);
    path_in(creation, "checkpoint.key", path);
    failure = keyfile_note_save(&checkpoint, path);
    signer_public(checkpoint.key, &creation->genesis.checkpoint_key);
    note_signer_fini(&checkpoint);
    return failure;
}

/* --- the first records -------------------------------------------------------------------------
 */

static void committed(void *owner, uint64_t next) {
    struct creation *creation = owner;
    byte_ring_free(&creation->pipeline.ring, creation->pipeline.ring.write);
    (void)next;
}

static void unknown(void *owner, uint64_t from) {
    struct creation *creation = owner;
    creation->has_failed = true;
    (void)from;
}

static void role(void *owner, enum agree_role role, uint64_t epoch) {
    struct creation *creation = owner;
    creation->core.epoch = epoch;
    (void)role;
}

static void ignore_event(void *owner, const struct event *event) {
    (void)owner;
    (void)event;
}

/* Three records never fill the ring. */
static void never_wait(void *owner) {
    (void)owner;
    abort();
}

static int open_ledger(struct creation *creation) {
    char path[PATH_MAX_BYTES];
    struct journal_options options = exchange_ledger_options(&creation->config);
    path_in(creation, "ledger", path);
    int failure = journal_create(path, creation->config.profile);
    if (failure == 0)
        failure = journal_open(&creation->journal, path, &options);
    if (failure != 0)
        return failure;
    creation->wake.fd = -1;
    creation->pipeline.wake.fd = -1;
    creation->counters = calloc(1, sizeof *creation->counters);
    creation->hasher = hasher_create(creation->config.profile);
    creation->engine = region_engine(&creation->config.limits, &creation->engine_bytes);
    creation->signing =
        signing_create(creation->folder, &creation->genesis, &creation->pipeline.wake);
    if (creation->counters == NULL || creation->hasher == NULL || creation->engine == NULL ||
        creation->signing == NULL)
        return FAILURE_SYSTEM;
    return wake_init(&creation->wake);
}

static void fill_genesis(struct creation *creation) {
    struct genesis *genesis = &creation->genesis;
    genesis->environment = creation->config.environment;
    genesis->profile = creation->config.profile;
    genesis->version = VERSION_KNOWN;
    genesis->origin_bytes = (uint8_t)strlen(creation->config.origin);
    memcpy(genesis->origin, creation->config.origin, genesis->origin_bytes);
    memcpy(genesis->operators, creation->config.operators, sizeof genesis->operators);
    genesis->limits = creation->config.limits;
}

static int start_core(struct creation *creation) {
    struct agree_listener listener = {committed, unknown, role, creation};
    struct pipeline_parts parts = {.journal = creation->journal,
                                   .counters = creation->counters,
                                   .signing = creation->signing,
                                   .core = &creation->wake,
                                   .ring_bytes = PIPELINE_RING_BYTES_MIN};
    struct core_parts core_parts = {
        .engine = creation->engine,
        .agree = &creation->pipeline.agree,
        .note = &creation->counters->note,
        .counters = creation->counters,
        .hasher = creation->hasher,
        .listener = {ignore_event, never_wait, creation},
        .assert_text = "",
    };
    struct clock clock;
    clock_start(&clock, clock_read(), 0);
    core_init(&creation->core, &core_parts, 0, clock.now_ns);
    int failure = pipeline_init(&creation->pipeline, &parts);
    if (failure != 0)
        return failure;
    return pipeline_start(&creation->pipeline, &listener, journal_epoch(creation->journal));
}

static int write_records(struct creation *creation) {
    struct command command = {.verb = VERB_GENESIS, .genesis = creation->genesis};
    struct agree *agree = &creation->pipeline.agree;
    int failure = start_core(creation);
    if (failure != 0)
        return failure;
    core_own(&creation->core, &command);
    core_verb(&creation->core, VERB_STOP);
    core_seal(&creation->core); /* nothing is registered yet */
    agree->flush(agree);
    pipeline_stop(&creation->pipeline);
    agree->poll(agree);
    return creation->has_failed ? FAILURE_STOPPED : 0;
}

static void close_ledger(struct creation *creation) {
    pipeline_stop(&creation->pipeline);
    pipeline_fini(&creation->pipeline);
    signing_destroy(creation->signing);
    wake_fini(&creation->wake);
    if (creation->engine != NULL)
        region_unmap(creation->engine, creation->engine_bytes);
    if (creation->journal != NULL)
        journal_close(creation->journal);
    hasher_destroy(creation->hasher);
    free(creation->counters);
}

/* --- the folder --------------------------------------------------------------------------------
 */

static int fill_folder(struct creation *creation, const char *config_path) {
    int failure = copy_config(creation, config_path);
    if (failure == 0)
        failure = make_keys(creation);
    if (failure != 0)
        return failure;
    fill_genesis(creation);
    failure = open_ledger(creation);
    if (failure == 0)
        failure = write_records(creation);
    close_ledger(creation);
    return failure;
}

static int sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        failure_errno("%s", folder);
        if (fd >= 0)
            close(fd);
        return FAILURE_SYSTEM;
    }
    return close(fd) == 0 ? 0 : failure_errno("%s", folder);
}

int create_exchange(const char *folder, const char *config_path) {
    static struct creation creation;
    struct stat status;
    creation = (struct creation){0};
    if (config_load(&creation.config, config_path) != 0)
        return EXIT_CODE_CONFIG;
    if (lstat(folder, &status) == 0) {
        failure_log(FAILURE_EXISTS, "%s is there already", folder);
        return EXIT_CODE_CONFIG;
    }
    size_t size = strlen(folder);
    while (size > 1 && folder[size - 1] == '/')
        size--;
    snprintf(creation.folder, sizeof creation.folder, "%.*s.new", (int)size, folder);
    if (mkdir(creation.folder, 0700) != 0) {
        if (errno == EEXIST)
            failure_log(FAILURE_EXISTS, "%s is left of a creation that failed: remove it",
                        creation.folder);
        else
            failure_errno("%s", creation.folder);
        return EXIT_CODE_FAILED;
    }
    if (fill_folder(&creation, config_path) != 0 || sync_folder(creation.folder) != 0) {
        log_line(LOG_LEVEL_ERROR, "not_created", "left=\"%s\"", creation.folder);
        return EXIT_CODE_FAILED;
    }
    if (rename(creation.folder, folder) != 0) {
        failure_errno("%s", folder);
        return EXIT_CODE_FAILED;
    }
    log_line(LOG_LEVEL_INFO, "created", "folder=%s origin=%s", folder, creation.config.origin);
    return EXIT_CODE_CLEAN;
}
