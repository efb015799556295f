/* The table. */
#include "gateway/server_option.h"

#include <stddef.h>

const char SERVER_ABOUT[] =
    "Runs the exchange in the folder DIR, until SIGINT or SIGTERM.\n"
    "With --create makes a new one there from a configuration file.\v"
    "Exit codes: 0 a clean stop; 1 a start that failed and may succeed later; 2 the shadow "
    "disagreed with the records; 3 configuration or keys; 4 the ledger is damaged, of another "
    "version, or in use; 5 a write or sync failed; 6 the disk's last reserve was reached.";

const struct argp_option SERVER_OPTIONS[] = {
    {"create", 'c', NULL, 0, "Make a new exchange in DIR, which must not exist", 0},
    {"config", 'f', "FILE", 0, "With --create: the configuration", 0},
    {0},
};
