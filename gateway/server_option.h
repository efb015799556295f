/*
 * What tpxd is called with: one table for its --help and its manual page.
 */
#ifndef GATEWAY_SERVER_OPTION_H
#define GATEWAY_SERVER_OPTION_H

#include <argp.h>

#define SERVER_ARGUMENTS "DIR"

/* Two parts, parted by \v, as argp has them: before the options, and after. */
extern const char SERVER_ABOUT[];

/* Ends with zeros. */
extern const struct argp_option SERVER_OPTIONS[];

#endif
