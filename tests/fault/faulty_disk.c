/* Undo entries are walked forwards to find where they begin and applied backwards. */
#include "tests/fault/faulty_disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/trial.h"

static int make_file(const char *path, off_t size) {
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, size) != 0)
        trial_die("%s: %s", path, strerror(errno));
    return file;
}

void faulty_disk_open(struct faulty_disk *disk, const char *folder, const char *path_part,
                      bool keeps_undo) {
    snprintf(disk->path, sizeof disk->path, "%s/disk-fault", folder);
    int file = make_file(disk->path, sizeof *disk->fault);
    disk->fault = mmap(NULL, sizeof *disk->fault, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (disk->fault == MAP_FAILED || setenv(DISK_FAULT_VARIABLE, disk->path, 1) != 0)
        trial_die("%s: %s", disk->path, strerror(errno));
    close(file);
    snprintf(disk->fault->path_part, sizeof disk->fault->path_part, "%s", path_part);
    disk->undo_file = -1;
    if (!keeps_undo)
        return;
    snprintf(disk->fault->undo_path, sizeof disk->fault->undo_path, "%s/disk-undo", folder);
    disk->undo_file = make_file(disk->fault->undo_path, 0);
}

void faulty_disk_close(struct faulty_disk *disk) {
    unsetenv(DISK_FAULT_VARIABLE);
    munmap(disk->fault, sizeof *disk->fault);
    if (disk->undo_file >= 0)
        close(disk->undo_file);
}

void faulty_disk_plan(struct faulty_disk *disk, const struct faulty_disk_plan *plan) {
    struct disk_plan *place = &disk->fault->plans[plan->call];
    atomic_store(&place->at, 0);
    atomic_store(&place->effect, plan->effect);
    atomic_store(&place->error, plan->error);
    atomic_store(&place->is_once, plan->is_once);
    atomic_store(&place->at, atomic_load(&place->calls) + plan->nth);
}

void faulty_disk_heal(struct faulty_disk *disk) {
    for (int call = 0; call < DISK_CALLS; call++)
        atomic_store(&disk->fault->plans[call].at, 0);
    atomic_store(&disk->fault->room_bytes, 0);
    atomic_store(&disk->fault->sync_delay_us, 0);
}

/* --- the power cut -----------------------------------------------------------------------------
 */

/* Reads the head of the entry at `at`; returns the position after the whole entry. */
static uint64_t read_entry(const struct faulty_disk *disk, uint64_t at, struct disk_undo *undo) {
    if (pread(disk->undo_file, undo, sizeof *undo, (off_t)at) != (ssize_t)sizeof *undo)
        trial_die("undo: no entry at %lu", at);
    return at + sizeof *undo + undo->path_bytes + undo->size;
}

/* Puts back what stood there before the write. */
static void undo_write(const struct faulty_disk *disk, uint64_t at) {
    struct disk_undo undo;
    char path[DISK_FAULT_PATH_MAX];
    (void)read_entry(disk, at, &undo);
    uint8_t *old = malloc(undo.size);
    at += sizeof undo;
    if (old == NULL || undo.path_bytes >= sizeof path ||
        pread(disk->undo_file, path, undo.path_bytes, (off_t)at) != (ssize_t)undo.path_bytes ||
        pread(disk->undo_file, old, undo.size, (off_t)(at + undo.path_bytes)) != undo.size)
        trial_die("undo: the entry at %lu is damaged", at);
    path[undo.path_bytes] = '\0';
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) { /* a new volume has its own name by now, or was dropped */
        free(old);
        return;
    }
    if (file < 0 || pwrite(file, old, undo.size, (off_t)undo.offset) != undo.size)
        trial_die("undo: %s: %s", path, strerror(errno));
    close(file);
    free(old);
}

/* Whether the power cut takes this write. One through O_DSYNC that has returned is safe. */
static bool is_taken(const struct faulty_disk *disk, const struct disk_undo *undo, uint64_t end,
                     struct random *dice) {
    const struct disk_fault *fault = disk->fault;
    if (atomic_load(&fault->is_late))
        return true;
    if (undo->is_durable && end <= atomic_load(&fault->undo_returned))
        return false;
    return dice == NULL || random_once_in(dice, 2);
}

uint64_t faulty_disk_cut_power(struct faulty_disk *disk, struct random *random) {
    struct disk_undo undo;
    uint64_t count = 0;
    uint64_t taken = 0;
    uint64_t end = atomic_load(&disk->fault->undo_end);
    struct random *dice = random_once_in(random, 2) ? random : NULL; /* NULL: all */
    for (uint64_t at = atomic_load(&disk->fault->undo_begin); at < end;)
        at = read_entry(disk, at, &undo), count++;
    uint64_t *entries = malloc((count + 1) * sizeof *entries);
    if (entries == NULL)
        trial_die("undo: no memory for %lu entries", count);
    entries[0] = atomic_load(&disk->fault->undo_begin);
    for (uint64_t i = 0; i < count; i++)
        entries[i + 1] = read_entry(disk, entries[i], &undo);
    for (uint64_t i = count; i-- > 0;) {
        uint64_t entry_end = read_entry(disk, entries[i], &undo);
        if (!is_taken(disk, &undo, entry_end, dice))
            continue;
        undo_write(disk, entries[i]);
        taken++;
    }
    free(entries);
    if (ftruncate(disk->undo_file, 0) != 0)
        trial_die("undo: %s", strerror(errno));
    atomic_store(&disk->fault->undo_end, 0);
    atomic_store(&disk->fault->undo_synced, 0);
    atomic_store(&disk->fault->undo_begin, 0);
    atomic_store(&disk->fault->undo_returned, 0);
    return taken;
}
