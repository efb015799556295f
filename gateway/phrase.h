/*
 * Sentences for people in their language: errors of `tpx`, what `tpx status` finds and shows, the
 * demo's page.
 *
 * A sentence names itself: where a program would print its English format it hands it over first,
 * and prints what it gets, with the same arguments. So the compiler still checks the arguments
 * against the English one, and a test holds the Chinese ones to the same conversions, and finds
 * sentences that have none. Words that stand alone are in wording.h; what programs read never comes
 * here.
 *
 * Threads: any, while the environment stays as it is.
 */
#ifndef GATEWAY_PHRASE_H
#define GATEWAY_PHRASE_H

#include <stddef.h>

/* The format in the user's language; the same pointer where there is no other. */
const char *phrase(const char *english) __attribute__((format_arg(1)));

/* All there are, for a test: the Chinese of number `place`, NULL behind the last. */
const char *phrase_at(size_t place, const char **english);

#endif
