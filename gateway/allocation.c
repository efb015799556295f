/*
 * ld --wrap=malloc turns our objects' calls of malloc into calls of __wrap_malloc. Libraries call
 * malloc itself: that is defined here, too, and goes on to glibc's own by its second name.
 */
#include "gateway/allocation.h"

#ifdef TPX_COUNT_ALLOCATIONS

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/log.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **text, const char *format, ...);

static _Thread_local uint32_t forbidden; /* stretches that this thread is in */
static _Atomic uint64_t ours;
static _Atomic uint64_t libraries;           /* outside of marked stretches */
static _Atomic uint64_t libraries_in_marked; /* within */

void allocation_forbid(void) {
    forbidden++;
}

void allocation_allow(void) {
    assert(forbidden > 0);
    forbidden--;
}

void allocation_report(void) {
    log_line(LOG_LEVEL_INFO, "allocations", "ours=%lu libraries=%lu libraries_in_marked=%lu",
             atomic_load(&ours), atomic_load(&libraries), atomic_load(&libraries_in_marked));
}

/* --- our own calls -----------------------------------------------------------------------------
 */

static void count_ours(void) {
    static const char text[] = "allocation where none may be\n";
    atomic_fetch_add(&ours, 1);
    if (forbidden == 0)
        return;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    abort();
}

void *__wrap_malloc(size_t size) {
    count_ours();
    return __libc_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    count_ours();
    return __libc_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
    count_ours();
    return __libc_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    count_ours();
    return __libc_memalign(alignment, size);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
    count_ours();
    *memory = __libc_memalign(alignment, size);
    return *memory != NULL ? 0 : 12; /* ENOMEM: errno stays as it was */
}

char *__wrap_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

int __wrap_asprintf(char **text, const char *format, ...) {
    va_list arguments;
    count_ours();
    va_start(arguments, format);
    int size = vasprintf(text, format, arguments);
    va_end(arguments);
    return size;
}

/* --- the libraries' ----------------------------------------------------------------------------
 */

static void count_library(void) {
    atomic_fetch_add_explicit(forbidden > 0 ? &libraries_in_marked : &libraries, 1,
                              memory_order_relaxed);
}

void *malloc(size_t size) {
    count_library();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_library();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    count_library();
    return __libc_realloc(memory, size);
}

#endif
