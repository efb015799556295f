/*
 * Behaviour by number: what a ledger has activated decides, not which release reads it.
 *
 * A release that would decide anything differently, or write one other byte of an event or digest,
 * gives the new behaviour the next number here and does the old one until that number is in force
 * (the act ACTIVATE, by two keys). So a ledger that was begun under an older release replays to the
 * same events and digests for ever: tests/golden keeps small ones.
 *
 * To change behaviour: add a number, raise VERSION_KNOWN to it, and keep both sides of the place
 * that differs:
 *
 *     if (engine->version >= VERSION_SOMETHING_NEW)
 *         return the_new_way(engine);
 *     return the_old_way(engine);
 *
 * Every command is stamped with the number in force (engine_market()), and engine_apply() asserts
 * it; every record has it too, so a reader of bytes knows by which rules they were made. A release
 * refuses to activate what it does not know.
 */
#ifndef ENGINE_VERSION_H
#define ENGINE_VERSION_H

/* Where a genesis names no other, in force from it on. */
#define VERSION_FIRST 1u

/* Parties, rights and the register: deeds are taken, their state is in the digest, their entries in
 * the register's map. */
#define VERSION_REGISTER 2u

/* The newest behaviour that this release knows. A test defines it higher. */
#ifndef VERSION_KNOWN
#define VERSION_KNOWN VERSION_REGISTER
#endif

#endif
