/*
 * A disk that fails, put between the server and the system: LD_PRELOAD (disk_fault.h says how).
 *
 * A power cut is made of this: what a write replaces is kept aside in another file, and a sync
 * moves the mark up to which that is settled. After a kill the test puts back what was never
 * synced, as if the page cache had been lost with the power (faulty_disk.h). A `late` disk moves
 * the mark one sync behind: the planted fault of an exchange that answers before it is durable.
 *
 * The state of a descriptor is asked of the system each time: a few microseconds a call, and no
 * table that a close behind our back could make wrong.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault/disk_fault.h"

static struct disk_fault *fault;
static int undo_file = -1;
/* Orders undo entries as the writes they belong to. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct {
    ssize_t (*write)(int, const void *, size_t);
    ssize_t (*writev)(int, const struct iovec *, int);
    ssize_t (*pwrite)(int, const void *, size_t, off_t);
    int (*fsync)(int);
    int (*fdatasync)(int);
    int (*fallocate)(int, int, off_t, off_t);
} real;

static void find(const char *name, void *function) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    memcpy(function, &found, sizeof found); /* ISO C has no cast from object to function */
}

static void map_fault(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC);
    void *memory = MAP_FAILED;
    if (file >= 0)
        memory = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED)
        abort();
    close(file);
    fault = memory;
    if (fault->undo_path[0] == '\0')
        return;
    undo_file = open(fault->undo_path, O_RDWR | O_CLOEXEC);
    if (undo_file < 0)
        abort();
}

__attribute__((constructor)) static void begin(void) {
    find("write", &real.write);
    find("writev", &real.writev);
    find("pwrite", &real.pwrite);
    find("fsync", &real.fsync);
    find("fdatasync", &real.fdatasync);
    find("fallocate", &real.fallocate);
    const char *path = getenv(DISK_FAULT_VARIABLE);
    if (path != NULL)
        map_fault(path);
}

/* --- whose call, and what becomes of it --------------------------------------------------------
 */

/* Whether faults are for this file; its path is written to `path`. */
static bool is_touched(int file, char path[DISK_FAULT_PATH_MAX]) {
    char link[32];
    if (fault == NULL)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, DISK_FAULT_PATH_MAX - 1);
    if (size <= 0)
        return false;
    path[size] = '\0';
    return path[0] == '/' && strstr(path, fault->path_part) != NULL;
}

/* Counts a call and says what it meets. */
static enum disk_effect meet(enum disk_call call) {
    struct disk_plan *plan = &fault->plans[call];
    uint64_t number = atomic_fetch_add(&plan->calls, 1) + 1;
    uint64_t at = atomic_load(&plan->at);
    bool is_met = at != 0 && (atomic_load(&plan->is_once) ? number == at : number >= at);
    if (!is_met)
        return DISK_EFFECT_NONE;
    if (atomic_load(&plan->effect) == DISK_EFFECT_DIE)
        kill(getpid(), SIGKILL);
    errno = atomic_load(&plan->error);
    return atomic_load(&plan->effect);
}

static bool has_room(uint64_t end) {
    uint64_t room = atomic_load(&fault->room_bytes);
    if (room == 0 || end <= room)
        return true;
    errno = ENOSPC;
    return false;
}

/* --- what a power cut undoes -------------------------------------------------------------------
 */

static void put_undo(const void *bytes, size_t size) {
    uint64_t end = atomic_load(&fault->undo_end);
    if (real.pwrite(undo_file, bytes, size, (off_t)end) != (ssize_t)size)
        abort();
    atomic_store(&fault->undo_end, end + size);
}

/* LMDB writes its meta pages through a descriptor that cannot read. */
static void read_old(int file, const char *path, uint8_t *old, size_t size, off_t offset) {
    bool can_read = (fcntl(file, F_GETFL) & O_ACCMODE) == O_RDWR;
    int reading = can_read ? file : open(path, O_RDONLY | O_CLOEXEC);
    if (reading < 0 || pread(reading, old, size, offset) < 0)
        abort();
    if (!can_read)
        close(reading);
}

/* What is old behind the end of the file reads as zeros. */
static void keep_old(int file, const char *path, size_t size, off_t offset) {
    uint8_t *old = calloc(1, size);
    if (old == NULL)
        abort();
    read_old(file, path, old, size, offset);
    struct disk_undo undo = {.offset = (uint64_t)offset,
                             .size = (uint32_t)size,
                             .is_durable = (fcntl(file, F_GETFL) & O_DSYNC) != 0,
                             .path_bytes = (uint32_t)strlen(path)};
    /* The end moves once, so that an entry is there whole or not at all. */
    size_t whole = sizeof undo + undo.path_bytes + size;
    uint8_t *entry = malloc(whole);
    if (entry == NULL)
        abort();
    memcpy(entry, &undo, sizeof undo);
    memcpy(entry + sizeof undo, path, undo.path_bytes);
    memcpy(entry + sizeof undo + undo.path_bytes, old, size);
    put_undo(entry, whole);
    free(entry);
    free(old);
}

/* --- writes ------------------------------------------------------------------------------------
 */

static ssize_t write_at(int file, const void *bytes, size_t size, off_t offset) {
    char path[DISK_FAULT_PATH_MAX];
    if (!is_touched(file, path))
        return real.pwrite(file, bytes, size, offset);
    enum disk_effect effect = meet(DISK_CALL_WRITE);
    if (effect == DISK_EFFECT_FAIL || !has_room((uint64_t)offset + size))
        return -1;
    if (effect == DISK_EFFECT_SHORT && size > 1)
        size /= 2;
    if (undo_file < 0)
        return real.pwrite(file, bytes, size, offset);
    pthread_mutex_lock(&mutex);
    keep_old(file, path, size, offset);
    ssize_t written = real.pwrite(file, bytes, size, offset);
    atomic_store(&fault->undo_returned, atomic_load(&fault->undo_end));
    pthread_mutex_unlock(&mutex);
    return written;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
    return write_at(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off_t offset) {
    return write_at(file, bytes, size, offset);
}

/* Where the file stands; -1 for what has no place, such as a pipe. */
static off_t place_of(int file) {
    int error = errno;
    off_t place = lseek(file, 0, SEEK_CUR);
    errno = error;
    return place;
}

ssize_t write(int file, const void *bytes, size_t size) {
    char path[DISK_FAULT_PATH_MAX];
    if (real.write == NULL)
        find("write", &real.write); /* before our constructor */
    off_t place = fault == NULL ? -1 : place_of(file);
    if (place < 0 || !is_touched(file, path))
        return real.write(file, bytes, size);
    ssize_t written = write_at(file, bytes, size, place);
    if (written > 0)
        lseek(file, place + written, SEEK_SET);
    return written;
}

/* LMDB's runs of pages. Piece by piece: short ends it. */
ssize_t writev(int file, const struct iovec *pieces, int count) {
    char path[DISK_FAULT_PATH_MAX];
    if (real.writev == NULL)
        find("writev", &real.writev);
    off_t place = fault == NULL ? -1 : place_of(file);
    if (place < 0 || !is_touched(file, path))
        return real.writev(file, pieces, count);
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t written = write_at(file, pieces[i].iov_base, pieces[i].iov_len, place + all);
        if (written < 0)
            return all > 0 ? all : -1;
        all += written;
        lseek(file, place + all, SEEK_SET);
        if ((size_t)written < pieces[i].iov_len)
            break;
    }
    return all;
}

/* --- syncs -------------------------------------------------------------------------------------
 */

/* In pieces, so that a disk that is healed goes on at once. */
static void wait_longer(void) {
    uint32_t waited_us = 0;
    uint32_t delay_us;
    while ((delay_us = atomic_load(&fault->sync_delay_us)) > waited_us) {
        uint32_t piece_us = delay_us - waited_us < 10000 ? delay_us - waited_us : 10000;
        struct timespec piece = {.tv_nsec = (long)piece_us * 1000};
        nanosleep(&piece, NULL);
        waited_us += piece_us;
    }
}

/* The marks of undo belong to all files together: a disk that syncs one file syncs what was
 * written to the others before it too, which a test must not rely on; the ledger writes one. */
static int sync_file(int file, int (*sync)(int)) {
    char path[DISK_FAULT_PATH_MAX];
    if (!is_touched(file, path))
        return sync(file);
    if (meet(DISK_CALL_SYNC) == DISK_EFFECT_FAIL)
        return -1;
    uint64_t covered = atomic_load(&fault->undo_end);
    wait_longer();
    if (sync(file) != 0)
        return -1;
    uint64_t synced = atomic_exchange(&fault->undo_synced, covered);
    atomic_store(&fault->undo_begin, atomic_load(&fault->is_late) ? synced : covered);
    return 0;
}

int fdatasync(int file) {
    return sync_file(file, real.fdatasync);
}

int fsync(int file) {
    return sync_file(file, real.fsync);
}

/* --- room --------------------------------------------------------------------------------------
 */

static int reserve(int file, int mode, off_t offset, off_t size) {
    char path[DISK_FAULT_PATH_MAX];
    if (is_touched(file, path) && !has_room((uint64_t)offset + (uint64_t)size))
        return -1;
    return real.fallocate(file, mode, offset, size);
}

int fallocate(int file, int mode, off_t offset, off_t size) {
    return reserve(file, mode, offset, size);
}

int fallocate64(int file, int mode, off_t offset, off_t size) {
    return reserve(file, mode, offset, size);
}
