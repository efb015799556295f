/* Memory for an engine, from the system. */
#include "ledger/region.h"

#include <sys/mman.h>

#include "ledger/failure.h"

#define PAGE_SIZE ((size_t)4096)

void *region_map(size_t size) {
    void *region = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
        failure_errno("region: %zu bytes of address space", size);
        return NULL;
    }
    /* Only a hint: without huge pages everything works, somewhat slower. */
    (void)madvise(region, size, MADV_HUGEPAGE);
    return region;
}

void region_unmap(void *region, size_t size) {
    if (region != NULL)
        (void)munmap(region, size);
}

void region_touch(void *region, const struct extent *extents, size_t count) {
    for (size_t i = 0; i < count; i++) {
        volatile unsigned char *from = (volatile unsigned char *)region + extents[i].offset;
        for (size_t at = 0; at < extents[i].size; at += PAGE_SIZE)
            from[at] = from[at]; // cppcheck-suppress selfAssignment
    }
}

struct engine *region_engine(const struct engine_limits *limits, size_t *size) {
    *size = engine_size(limits);
    if (*size == 0) {
        failure_log(FAILURE_MALFORMED, "region: limits out of range");
        return NULL;
    }
    void *region = region_map(*size);
    if (region == NULL)
        return NULL;
    struct engine *engine = engine_init(region, *size, limits);
    if (engine == NULL) {
        failure_log(FAILURE_MALFORMED, "region: limits out of range");
        region_unmap(region, *size);
    }
    return engine;
}
