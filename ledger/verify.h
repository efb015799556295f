/*
 * Verify: everything that can be said about a ledger by whoever has its folder and one key.
 *
 * Two passes run beside each other, each on a core, in a child that may die of what it reads:
 *   - the audit (ledger/audit.h): hashes, tiles, tree, checkpoints, rows and pages of all volumes;
 *   - the re-execution (ledger/replay.h): every command again, every event, Seal and Digest
 *     compared.
 * The audit asks the re-execution which keys were in force at a checkpoint, so the keys are those
 * that the ledger itself names (ledger/key_chain.h).
 *
 * The verdict is the first fault: its kind, its sequence and the volume it lies in. Where both
 * passes stumble over one record, the hashes speak: it is not the record that was written.
 *
 * A ledger whose older volumes were put away cannot be executed from its beginning: it is audited,
 * and the report says so (is_replayed false).
 *
 * Threads: the caller should be the only one of its process (ledger/guard.h).
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include "ledger/audit.h"
#include "ledger/finding.h"
#include "ledger/key_chain.h"
#include "ledger/replay.h"

struct verify_options {
    const char *dir;
    bool is_copy;                    /* as reader_open() */
    const struct note_verifier *key; /* one that is believed; NULL: the one in Genesis */

    /* Called some times a second, where not NULL: records that both passes have done, of those that
     * the ledger held at the start. */
    void (*progress)(void *owner, uint64_t done, uint64_t total);
    void *owner;
};

struct verify_report {
    struct finding fault; /* kind NONE: all is as it should be */
    uint32_t volume;      /* in which the fault lies */

    struct audit_report audit; /* what was read; its kind and text are part of the fault */
    bool is_replayed;          /* re-executed, from Genesis to where a fault ended it */
    uint64_t first;            /* sequence that the folder begins with; above 0: not replayed */
    uint64_t replayed;         /* records re-executed */
    struct replay_counts counts;
    struct hash state;         /* digest of the engine's state at the end, when without a fault */
    uint64_t settled;          /* differences that a Resolve has settled */
    uint64_t settled_sequence; /* the first of them */

    char origin[NOTE_NAME_MAX + 1];
    uint8_t profile;  /* enum profile: of the keys */
    uint64_t vouched; /* records below it are vouched for by the key believed in */
    uint32_t keys_count;
    struct chain_key keys[KEY_CHAIN_MAX]; /* in the order in which the ledger named them */
};

/* Verifies. Returns 0 when there is a verdict, whatever it is; NOT_FOUND (no ledger), SYSTEM when
 * there is none. */
int verify_run(const struct verify_options *options, struct verify_report *report);

#endif
