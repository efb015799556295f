/*
 * Memory for an engine: address space for its ceilings, pages as they are touched.
 *
 * The space is anonymous, reads as zeros, asks for huge pages and costs nothing until used. What
 * the limits in force use is touched before trading, so that no order pays for a page fault.
 *
 * Threads: any; a region belongs to its caller.
 */
#ifndef LEDGER_REGION_H
#define LEDGER_REGION_H

#include <stddef.h>

#include "engine/engine.h"

/* `size` bytes of address space, aligned to ENGINE_ALIGNMENT; NULL with a line in the log when the
 * system refuses. */
void *region_map(size_t size);
void region_unmap(void *region, size_t size);

/* Touches every page of the given ranges without changing a byte. */
void region_touch(void *region, const struct extent *extents, size_t count);

/* An empty engine in a region of its own; NULL with a line in the log. *size is what
 * region_unmap() wants back. */
struct engine *region_engine(const struct engine_limits *limits, size_t *size);

#endif
