/*
 * LMDB environments: the only file that opens them.
 *
 * LMDB allows one open of an environment in a process, ever: its locks break when a second one is
 * closed. So the process keeps a list of what is open, by device and inode: whoever opens an
 * environment again gets the same handle, counted. Transactions and cursors are used directly, with
 * the handles in `struct env`.
 *
 * Before a file is mapped, its length and its two meta pages are checked (env_check): a file cut
 * short would otherwise end the process with SIGBUS. A B-tree that is broken inside can still
 * mislead the library; whoever reads a file that may be damaged does so in a child
 * (ledger/guard.h).
 *
 * What keeps two writers apart is not LMDB's lock, under which they would take turns, but one that
 * the owner of a folder takes.
 *
 * Threads: env_open(), env_close() and what is asked about readers any; read transactions any
 * thread (MDB_NOTLS), one at a time; write transactions one thread. A child after fork() starts
 * with an empty list and opens anew.
 */
#ifndef LEDGER_ENV_H
#define LEDGER_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include <lmdb.h>

#define ENV_TABLES_MAX  8
#define ENV_MAP_MAX     (UINT64_C(1) << 45)
#define ENV_READERS_MAX 126 /* read transactions at a time, of all processes */

enum env_mode {
    ENV_WRITE, /* makes the environment where there is none, in a folder that exists */
    ENV_READ,  /* beside a writer in this or another process; needs to write the lock file */
    ENV_COPY,  /* nobody writes it: no lock file, no rights but to read */
};

struct env_options {
    enum env_mode mode;
    uint64_t map_bytes;        /* address space, for a writer, at most ENV_MAP_MAX; a reader takes
                                  what the file says */
    const char *const *tables; /* names; a writer makes those that are missing */
    uint32_t tables_count;     /* at most ENV_TABLES_MAX */
    bool is_cache;             /* commits of a writer are not synced: a machine that goes down may
                                  leave it broken (env_sync) */
};

struct env {
    MDB_env *mdb;
    MDB_dbi main; /* the unnamed table, which also names the others */
    MDB_dbi tables[ENV_TABLES_MAX];
};

/* Opens the environment in `dir`. Failures: NOT_FOUND (no file, or a table is missing), DAMAGED
 * (by env_check), BUSY (open for reading only in this process, and now asked to write), SYSTEM.
 * Removes the marks of readers that died. */
int env_open(struct env **env, const char *dir, const struct env_options *options);

/* Gives the handle back; the last one closes. All transactions of the giver are over. */
void env_close(struct env *env);

/* Brings a cache to the disk, all that was committed. Returns 0 or SYSTEM. */
int env_sync(const struct env *env);

/* Looks at the file's length and meta pages without mapping it: 0, NOT_FOUND, DAMAGED or SYSTEM. A
 * file that this process has open is taken as good. */
int env_check(const char *dir);

/* Every page that a transaction sees, counted: in use by a table, listed as free, or one of the two
 * meta pages; against the pages there are. They are equal in a sound file. Returns 0 or a failure.
 */
struct env_pages {
    uint64_t total;
    uint64_t used; /* by tables, and the two meta pages */
    uint64_t free; /* listed for use again */
};

/* Counts the pages that a transaction sees. Returns 0 or a failure. */
int env_count_pages(const struct env *env, MDB_txn *txn, struct env_pages *pages);

/* Bytes of the file that hold pages; what lies behind is reserve. */
uint64_t env_used_bytes(const struct env *env);

/* Who reads at this moment. A page that a transaction sees is not used again before it ends, so an
 * old one makes the file grow. */
struct env_readers {
    uint32_t count;   /* read transactions, of all processes */
    uint64_t commits; /* since the oldest of them began; 0: none reads, or all see the newest */
    int32_t pid;      /* of the oldest, 0: none */
};
int env_look_at_readers(const struct env *env, struct env_readers *readers);

/* Removes the marks of readers whose processes died; *removed says how many. */
int env_forget_dead_readers(const struct env *env, uint32_t *removed);

/* Turns a code of LMDB or errno into a failure and writes the line, `what` first. */
int env_failure(int code, const char *what);

#endif
