/*
 * One writing process a ledger's folder: the journal holds this lock as long as it is open, and so
 * does whoever changes the folder's files from outside.
 *
 * Threads: any.
 */
#ifndef LEDGER_FOLDER_LOCK_H
#define LEDGER_FOLDER_LOCK_H

/* Takes the lock, the descriptor of which is the caller's to close: that gives it back. Failures:
 * NOT_FOUND (no such folder), BUSY (another process, or another part of this one), SYSTEM. */
int folder_lock(int *lock, const char *dir);

#endif
