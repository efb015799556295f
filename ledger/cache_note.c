/* A line of text; written whole or not at all. */
#include "ledger/cache_note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/failure.h"

#define PATH_SIZE 4096
#define LINE_SIZE 256
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_SIZE 64

/* The boot of this machine; "unknown" is equal to no other. */
static void read_boot(char boot[BOOT_SIZE]) {
    FILE *file = fopen(BOOT_FILE, "re");
    boot[0] = '\0';
    if (file != NULL && fgets(boot, BOOT_SIZE, file) == NULL)
        boot[0] = '\0';
    if (file != NULL)
        fclose(file);
    boot[strcspn(boot, "\n")] = '\0';
}

/* The line of an open cache as it should read now, up to the count. */
static int open_line(const char *dir, char line[LINE_SIZE]) {
    char path[PATH_SIZE];
    char boot[BOOT_SIZE];
    struct stat status;
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (stat(path, &status) != 0)
        return failure_errno("stat %s", path);
    read_boot(boot);
    snprintf(line, LINE_SIZE, "open %s %ju %ju ", boot, (uintmax_t)status.st_dev,
             (uintmax_t)status.st_ino);
    return 0;
}

const char *cache_note_read(const char *dir, uint32_t *opens) {
    char path[PATH_SIZE];
    char line[LINE_SIZE] = "";
    char expected[LINE_SIZE];
    char boot[BOOT_SIZE];
    *opens = 0;
    snprintf(path, sizeof path, "%s/note", dir);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return "there is no note with it";
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    fclose(file);
    if (strcmp(line, "closed\n") == 0)
        return NULL;
    read_boot(boot);
    if (boot[0] == '\0' || open_line(dir, expected) != 0)
        return "it was left open";
    size_t size = strlen(expected);
    char *end = line + size;
    if (strncmp(line, expected, size) == 0)
        *opens = (uint32_t)strtoul(line + size, &end, 10);
    if (end == line + size)
        return "it was left open in another boot, or copied while it was open";
    if (*opens >= CACHE_NOTE_OPENS_MAX)
        return "it was left open again and again";
    return NULL;
}

/* Whole, and on the disk: after a power cut no older note comes back. */
static int write_line(const char *dir, const char *line) {
    char path[PATH_SIZE];
    char new_path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/note", dir);
    snprintf(new_path, sizeof new_path, "%s/note.new", dir);
    int file = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (file < 0)
        return failure_errno("%s", new_path);
    size_t size = strlen(line);
    bool is_written = write(file, line, size) == (ssize_t)size;
    is_written = fsync(file) == 0 && is_written;
    close(file);
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    is_written = is_written && folder >= 0 && rename(new_path, path) == 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    return is_written ? 0 : failure_errno("%s", path);
}

int cache_note_open(const char *dir, uint32_t opens) {
    char line[LINE_SIZE];
    int failure = open_line(dir, line);
    if (failure != 0)
        return failure;
    size_t size = strlen(line);
    snprintf(line + size, sizeof line - size, "%" PRIu32 "\n", opens);
    return write_line(dir, line);
}

int cache_note_closed(const char *dir) {
    return write_line(dir, "closed\n");
}
