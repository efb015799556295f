/*
 * A register of many pledged rights, written straight into the environment where the exchange keeps
 * its register: as if each had been admitted and pledged in record 0.
 *
 * Right i, 1 .. pledges, is the invention "ZL" and i in ten digits, owned by party 1 + (i - 1) %
 * REGISTER_BULK_OWNERS, and pledged (entry 1, registered under number i) to party 1 + (i - 1) %
 * REGISTER_BULK_BANKS. Everything that register_reader.h finds is there but changes.
 *
 * Threads: one.
 */
#ifndef BENCH_REGISTER_BULK_H
#define BENCH_REGISTER_BULK_H

#include <stdint.h>

#include "bench/register_maker.h"

#define REGISTER_BULK_OWNERS     100000u
#define REGISTER_BULK_BANKS      1000u
#define REGISTER_BULK_MAX        100000000u
#define REGISTER_BULK_NUMBER_MAX 16u

/* Adds the pledges to the register in `dir`, which nobody has open and which holds nothing but its
 * as-of. 0 or a failure, after a line. */
int register_bulk_write(const char *dir, uint32_t pledges);

/* What a right is called. */
void register_bulk_number(uint32_t right, char number[REGISTER_BULK_NUMBER_MAX]);

/* A right, and the pledge on it in a version, with the number's text in `number`. */
struct made_entry register_bulk_right(uint32_t right, const char *number);
struct made_entry register_bulk_pledge(uint32_t right, uint32_t version, const char *number);

#endif
