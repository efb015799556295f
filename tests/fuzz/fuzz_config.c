/*
 * Whatever stands in a configuration file: refused, or read into values that all lie in their
 * ranges. What is said of it goes nowhere.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/engine.h"
#include "gateway/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(struct config *config, const uint8_t *data, size_t size) {
    char path[64];
    int file = memfd_create("config", MFD_CLOEXEC);
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int kept = dup(STDERR_FILENO);
    assert(file >= 0 && quiet >= 0 && kept >= 0);
    ssize_t written = write(file, data, size);
    assert(written == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    dup2(quiet, STDERR_FILENO);
    int failure = config_load(config, path);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(quiet);
    close(file);
    return failure;
}

static void check(const struct config *config) {
    assert(config->origin[0] != '\0' && strlen(config->origin) <= ORIGIN_BYTES_MAX);
    assert(config->environment == ENVIRONMENT_TEST ||
           config->environment == ENVIRONMENT_PRODUCTION);
    assert(config->operators[0].person != config->operators[1].person);
    assert(memcmp(config->operators[0].key, config->operators[1].key, KEY_BYTES) != 0);
    assert(engine_size(&config->limits) > 0);
    assert(config->credits > 0 && config->heartbeat_ms > 0 && config->seal_ms > 0);
    assert((config->ring_mib & (config->ring_mib - 1)) == 0);
    assert(config->disk_low_mib >= config->disk_critical_mib);
    assert(config->disk_critical_mib >= config->disk_halt_mib);
    assert(config->environment == ENVIRONMENT_TEST || config->test_assert_text[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct config config;
    if (load(&config, data, size) == 0)
        check(&config);
    return 0;
}
