/*
 * Failures of the world: a disk, a file, bytes that are not what they should be.
 *
 * A function of this folder that can fail returns 0, or one of these negative numbers. The line for
 * the log is written once, by the function that knows best what happened; whoever passes the number
 * on stays silent. A function that judges bytes handed to it by its caller (a note, a proof, a key)
 * writes no line: MALFORMED and SIGNATURE are its answers, not events of this machine.
 *
 * Threads: any.
 */
#ifndef LEDGER_FAILURE_H
#define LEDGER_FAILURE_H

enum failure {
    FAILURE_SYSTEM = -1,    /* the operating system or a library refused; the line says what */
    FAILURE_NOT_FOUND = -2, /* no such ledger, volume, sequence, tile or checkpoint */
    FAILURE_EXISTS = -3,    /* there is one already */
    FAILURE_BUSY = -4,      /* another process, or another part of this one, writes it */
    FAILURE_VERSION = -5,   /* written in a format that this release does not know */
    FAILURE_DAMAGED = -6,   /* what is stored contradicts itself */
    FAILURE_MALFORMED = -7, /* what was handed in is not of its format, or above its limit */
    FAILURE_SIGNATURE = -8, /* a known key's signature is wrong, or no known key signed */
    FAILURE_STOPPED = -9,   /* an earlier failure has stopped this object for good */
};

/* The failure's name in lower case, "none" for 0. */
const char *failure_name(int failure);

/* Where the lines go: "tpx: <line>" on standard error, unless a program that keeps a log of its own
 * says otherwise before it starts threads. A line has no newline; longer ones are cut, for what
 * matters stands at their beginning. */
#define FAILURE_LINE_SIZE 512
void failure_set_sink(void (*sink)(int failure, const char *line));

/* Writes one line and returns `failure`. */
int failure_log(int failure, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a call of the system that failed: adds what errno says, returns FAILURE_SYSTEM. */
int failure_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
