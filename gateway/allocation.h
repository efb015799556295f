/*
 * Where nothing may be allocated: from the engine, and for a message on the core's and the ledger's
 * path.
 *
 * A thread marks such a stretch; in the counting build (VARIANT=count: linked with --wrap of malloc
 * and its kin) a call of ours within it says so and aborts. Calls elsewhere are counted, and so are
 * those that libraries make, within the stretches and elsewhere; allocation_report() logs them. In
 * every other build all of this is nothing.
 *
 *     allocation_forbid();
 *     ...                    // a call of malloc from our own objects ends the process
 *     allocation_allow();
 *
 * Threads: any; a mark is its thread's own. Stretches may lie within each other.
 */
#ifndef GATEWAY_ALLOCATION_H
#define GATEWAY_ALLOCATION_H

#ifdef TPX_COUNT_ALLOCATIONS
void allocation_forbid(void);
void allocation_allow(void);
void allocation_report(void);
#else
static inline void allocation_forbid(void) {}
static inline void allocation_allow(void) {}
static inline void allocation_report(void) {}
#endif

#endif
