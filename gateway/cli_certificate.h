/*
 * Certificates on the command line, and the names of kinds of rights that they share with deeds.
 */
#ifndef GATEWAY_CLI_CERTIFICATE_H
#define GATEWAY_CLI_CERTIFICATE_H

#include <stdint.h>

/* enum right_kind of a name ("invention"); ends the program when there is none. */
uint8_t cli_right_kind(const char *text);
const char *cli_right_kind_name(uint8_t kind);

int cli_right_certify(int argc, char **argv);
int cli_right_check(int argc, char **argv);

#endif
