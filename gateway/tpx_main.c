/* tpx: everybody's command line. */
#include <stddef.h>

#include "gateway/cli.h"
#include "gateway/cli_state.h"

int main(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"keygen", cli_keygen, "FILE", "make a key"},
        {"order", cli_order, "buy|sell|replace|cancel|list ...", "trade"},
        {"account", cli_state_account, "[ACCOUNT]", "cash and holdings"},
        {"admin", cli_admin, "participant|key|day|kill|... ...", "run the exchange"},
        {"replay", cli_replay, "FLOW.csv", "send an order-flow file"},
        {0},
    };
    char name[] = "tpx";
    argv[0] = name;
    return cli_dispatch(COMMANDS, "tpx: the command line of a TPX exchange.", argc, argv);
}
