/*
 * The right edge of a stored tree, computed anew from what a volume holds.
 *
 * Nothing of the edge is written while the exchange runs: full tiles are, once. So after a start
 * the hashes of each partial tile come from the level below: at level 0 from the records
 * themselves, above from full tiles, and where those lie in an earlier volume, from the edge that
 * this one began with. The root of what comes out is compared with the one that the last commit
 * left.
 *
 * Threads: any, with its own transaction and hasher.
 */
#ifndef LEDGER_TAIL_H
#define LEDGER_TAIL_H

#include "ledger/edge.h"
#include "ledger/volume.h"

/* Computes the edge of the newest tree that the transaction sees, at most 255 records and 255 tiles
 * a level. Returns 0; DAMAGED, with a line, when records or tiles are missing, are not of their
 * form, or lead to another root than the stored one. */
int tail_read(const struct env *env, MDB_txn *txn, struct hasher *hasher, struct edge *edge);

#endif
