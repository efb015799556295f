/*
 * The release's number: of programs, of the library that is installed, of the Debian package. What
 * an exchange decides has a version of its own (engine/version.h).
 */
#ifndef GATEWAY_PROGRAM_VERSION_H
#define GATEWAY_PROGRAM_VERSION_H

#define PROGRAM_VERSION "1"

#endif
