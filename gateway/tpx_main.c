/* tpx: everybody's command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_state.h"
#include "gateway/program_version.h"

static const char ABOUT[] =
    "tpx: the command line of a TPX exchange.\n\n"
    "Exit codes: 0 done; 1 refused by market or gateway; 2 arguments, profile or key file; 3 not\n"
    "connected; 4 a ledger or proof is not what was signed or recorded; 5 no answer: what became\n"
    "of the request is not known; 6 a file, a disk, memory.\n\n"
    "Who asks whom stands in a profile: `tpx --profile FILE COMMAND`, or TPX_PROFILE.";

/* `tpx --profile FILE order ...` is `tpx order ... --profile FILE`. */
static int take_profile(int argc, char **argv) {
    const char *profile = NULL;
    int used = 1;
    if (argc > 2 && (strcmp(argv[1], "--profile") == 0 || strcmp(argv[1], "-p") == 0)) {
        profile = argv[2];
        used = 2;
    } else if (argc > 1 && strncmp(argv[1], "--profile=", 10) == 0) {
        profile = argv[1] + 10;
    }
    if (profile == NULL)
        return 0;
    if (setenv("TPX_PROFILE", profile, 1) != 0)
        cli_die(CLI_FAILED, "no memory");
    return used;
}

int main(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"keygen", cli_keygen, "FILE", "make a key"},
        {"order", cli_order, "buy|sell|replace|cancel|list|watch", "trade"},
        {"book", cli_book, "INSTRUMENT", "what rests at which price, once or as it changes"},
        {"trades", cli_trades, "[INSTRUMENT]", "what was traded, or is"},
        {"account", cli_state_account, "[ACCOUNT]", "cash and holdings"},
        {"instrument", cli_instruments, "[SYMBOL|NUMBER]", "what is traded, and at what prices"},
        {"session", cli_session, "[SESSION]", "own sessions"},
        {"admin", cli_admin, "participant|key|day|kill|...", "run the exchange"},
        {"party", cli_party, "add|key|...", "who owns, pledges and lends"},
        {"mandate", cli_mandate, "grant|revoke|list", "who acts for a party"},
        {"right", cli_right, "admit|certify|check|...", "patents, licences and the like"},
        {"freeze", cli_freeze, "enter|renew|lift", "freezes of shares, rights and cash"},
        {"restriction", cli_restriction, "enter|lock|end", "what may not be traded"},
        {"objection", cli_objection, "enter|end", "what somebody disputes"},
        {"consent", cli_consent, "give|revoke", "what pledgees and co-owners consent to"},
        {"transfer", cli_transfer, "make|confirm|end|pay-out", "transfers by agreement"},
        {"pledge", cli_pledge, "apply|register|show|...", "what is pledged, to whom"},
        {"listing", cli_listing, "open|show|deposit|...", "rights on sale"},
        {"bid", cli_bid, "place|withdraw|list", "bid for them"},
        {"ledger", cli_ledger, "verify|show|prove|...", "read, verify and prove records"},
        {"replay", cli_replay, "FLOW.csv", "send an order-flow file"},
        {"why", cli_why, "ORDER [DIR]", "an order's life: each report, its rule, the queue"},
        {"status", cli_status, "DIR", "how an exchange's server is doing"},
        {"completion", cli_completion, "bash|zsh", "make a shell complete commands"},
        {"manual", cli_manual, "tpx|tpxd|tpxd.conf", "print a manual page"},
        {0},
    };
    char name[] = "tpx";
    int taken = take_profile(argc, argv);
    argc -= taken;
    argv += taken;
    argv[0] = name;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("tpx " PROGRAM_VERSION) < 0 ? CLI_FAILED : CLI_FINE;
    return cli_dispatch(COMMANDS, ABOUT, argc, argv);
}
