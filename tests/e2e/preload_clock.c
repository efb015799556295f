/*
 * A wall clock that leaps: preloaded into a server, adds to CLOCK_REALTIME what the file named by
 * TPX_CLOCK_FILE holds, an int64 of nanoseconds. The file is mapped, so a test moves the clock by
 * writing to its own mapping of it.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS INT64_C(1000000000)

static const _Atomic int64_t *shift;

__attribute__((constructor)) static void open_file(void) {
    const char *path = getenv("TPX_CLOCK_FILE");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *memory = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED)
        shift = memory;
    close(fd);
}

int clock_gettime(clockid_t id, struct timespec *time) {
    long failed = syscall(SYS_clock_gettime, id, time);
    if (failed != 0 || id != CLOCK_REALTIME || shift == NULL)
        return (int)failed;
    int64_t now_ns = time->tv_sec * SECOND_NS + time->tv_nsec + atomic_load(shift);
    time->tv_sec = now_ns / SECOND_NS;
    time->tv_nsec = now_ns % SECOND_NS;
    return 0;
}
