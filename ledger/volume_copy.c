/*
 * Plain reads and writes: a closed volume is a file like any other. The copy is a folder of its
 * own, so that it never stands beside a lock file of LMDB that belongs to other pages.
 */
#include "ledger/volume_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/env.h"
#include "ledger/failure.h"
#include "ledger/volume.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0640
#define PIECE_BYTES (1u << 20)

struct paths {
    char from[VOLUME_PATH_SIZE]; /* folders */
    char to[VOLUME_PATH_SIZE];
    char work[VOLUME_PATH_SIZE];
    char from_file[VOLUME_PATH_SIZE];
    char work_file[VOLUME_PATH_SIZE];
};

static int find_paths(struct paths *paths, const struct volume_copy *copy, uint32_t number) {
    int failure = volume_path(copy->from_dir, number, paths->from);
    if (failure == 0)
        failure = volume_path(copy->to_dir, number, paths->to);
    if (failure == 0)
        failure = volume_join(paths->work, paths->to, ".copy");
    if (failure == 0)
        failure = volume_join(paths->from_file, paths->from, "/data.mdb");
    if (failure == 0)
        failure = volume_join(paths->work_file, paths->work, "/data.mdb");
    return failure;
}

uint64_t volume_copy_bytes(const char *dir, uint32_t number) {
    char path[VOLUME_PATH_SIZE];
    char file[VOLUME_PATH_SIZE];
    struct stat status;
    if (volume_path(dir, number, path) != 0 || volume_join(file, path, "/data.mdb") != 0 ||
        stat(file, &status) != 0)
        return 0;
    return (uint64_t)status.st_size;
}

/* --- the bytes -------------------------------------------------------------------------------- */

/* Two open files, and what stands between them. */
struct files {
    int from;
    int to;
    uint64_t size;
    uint8_t *piece;
    uint8_t *other;
    const struct paths *paths;
    const struct volume_copy *copy;
};

/* Reads the whole of a piece. */
static int read_piece(int file, const char *path, void *bytes, size_t size, uint64_t at) {
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(file, (char *)bytes + done, size - done, (off_t)(at + done));
        if (got < 0 && errno != EINTR)
            return failure_errno("read %s", path);
        if (got == 0)
            return failure_log(FAILURE_DAMAGED, "%s ends while it is read", path);
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int write_piece(const struct files *files, size_t size, uint64_t at) {
    for (size_t done = 0; done < size;) {
        ssize_t put = pwrite(files->to, files->piece + done, size - done, (off_t)(at + done));
        if (put < 0 && errno != EINTR)
            return failure_errno("write %s", files->paths->work_file);
        done += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

/* One piece, written at first, compared when it is all on the disk. */
static int do_piece(const struct files *files, uint64_t at, size_t size, bool is_check) {
    int failure = read_piece(files->from, files->paths->from_file, files->piece, size, at);
    if (failure == 0 && !is_check)
        return write_piece(files, size, at);
    if (failure == 0)
        failure = read_piece(files->to, files->paths->work_file, files->other, size, at);
    if (failure == 0 && memcmp(files->piece, files->other, size) != 0)
        failure = failure_log(FAILURE_DAMAGED, "%s: what was read back is not what was written",
                              files->paths->work_file);
    return failure;
}

static int pass(const struct files *files, bool is_check) {
    int failure = 0;
    for (uint64_t at = 0; at < files->size && failure == 0;) {
        uint64_t rest = files->size - at;
        size_t size = rest < PIECE_BYTES ? (size_t)rest : PIECE_BYTES;
        failure = do_piece(files, at, size, is_check);
        at += size;
        if (failure == 0 && files->copy->progress != NULL)
            files->copy->progress(files->copy->owner, (is_check ? files->size + at : at) / 2,
                                  files->size);
    }
    return failure;
}

/* Room is asked for first: a disk that has too little is known before anything is written. */
static int write_all(const struct files *files) {
    if (fallocate(files->to, 0, 0, (off_t)files->size) != 0 && errno != EOPNOTSUPP)
        return failure_errno("%llu bytes for %s", (unsigned long long)files->size,
                             files->paths->work_file);
    int failure = pass(files, false);
    if (failure == 0 && fsync(files->to) != 0)
        failure = failure_errno("sync %s", files->paths->work_file);
    /* So that reading back asks the disk. */
    if (failure == 0)
        (void)posix_fadvise(files->to, 0, 0, POSIX_FADV_DONTNEED);
    return failure == 0 ? pass(files, true) : failure;
}

static int copy_file(const struct volume_copy *copy, const struct paths *paths) {
    struct stat status;
    struct files files = {.from = -1, .to = -1, .paths = paths, .copy = copy};
    int failure = 0;
    files.piece = malloc(2 * (size_t)PIECE_BYTES);
    files.from = open(paths->from_file, O_RDONLY | O_CLOEXEC);
    if (files.piece == NULL || files.from < 0 || fstat(files.from, &status) != 0)
        failure = failure_errno("open %s", paths->from_file);
    if (failure == 0)
        files.to = open(paths->work_file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (failure == 0 && files.to < 0)
        failure = failure_errno("make %s", paths->work_file);
    if (failure == 0) {
        files.other = files.piece + PIECE_BYTES;
        files.size = (uint64_t)status.st_size;
        failure = write_all(&files);
    }
    if (files.to >= 0)
        close(files.to);
    if (files.from >= 0)
        close(files.from);
    free(files.piece);
    return failure;
}

/* --- the name --------------------------------------------------------------------------------- */

/* Gives the copy its name. What bore it before has then the other one, and goes. */
static int put_in_place(const struct volume_copy *copy, const struct paths *paths) {
    int failure = volume_sync_folder(paths->work);
    if (failure != 0)
        return failure;
    bool is_first = access(paths->to, F_OK) != 0;
    int code = is_first ? rename(paths->work, paths->to)
                        : renameat2(AT_FDCWD, paths->work, AT_FDCWD, paths->to, RENAME_EXCHANGE);
    if (code != 0)
        return failure_errno("rename %s", paths->work);
    failure = volume_sync_folder(copy->to_dir);
    return failure == 0 && !is_first ? volume_remove(paths->work) : failure;
}

int volume_copy(const struct volume_copy *copy, uint32_t number) {
    struct paths paths;
    int failure = find_paths(&paths, copy, number);
    if (failure == 0)
        failure = env_check(paths.from);
    if (failure == 0)
        failure = volume_remove(paths.work);
    if (failure == 0 && mkdir(paths.work, FOLDER_MODE) != 0)
        failure = failure_errno("make %s", paths.work);
    if (failure != 0)
        return failure;
    failure = copy_file(copy, &paths);
    if (failure == 0)
        failure = put_in_place(copy, &paths);
    if (failure != 0)
        (void)volume_remove(paths.work);
    return failure;
}
