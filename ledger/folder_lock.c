/* A lock on an empty file of the folder: it goes with the process that holds it. */
#include "ledger/folder_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "ledger/failure.h"
#include "ledger/volume.h"

#define FILE_MODE 0640

int folder_lock(int *lock, const char *dir) {
    char path[VOLUME_PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/writer.lock", dir);
    *lock = -1;
    if (size < 0 || (size_t)size >= sizeof path)
        return failure_log(FAILURE_SYSTEM, "path too long: %.80s...", dir);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (file < 0 && errno == ENOENT)
        return failure_log(FAILURE_NOT_FOUND, "%s holds no ledger", dir);
    if (file < 0)
        return failure_errno("open %s", path);
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        *lock = file;
        return 0;
    }
    int failure = errno == EWOULDBLOCK
                      ? failure_log(FAILURE_BUSY, "%s: another process writes this ledger", dir)
                      : failure_errno("lock %s", path);
    close(file);
    return failure;
}
