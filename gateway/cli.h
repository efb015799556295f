/*
 * The command line `tpx`: what its commands have in common.
 *
 * A command is a function of its own arguments, argv[0] being how it was called ("tpx order buy"),
 * which prints its result to standard output, anything else to standard error, and returns an exit
 * code. What is wrong with arguments is said in one line that names field and limit, and ends the
 * program (cli_die()).
 *
 * Files: cli.c (finding a command), cli_value (strict parsing, and printing of money, times, ids),
 * cli_option (options that all share, profiles), cli_output (tables and JSON), cli_progress,
 * cli_request (asking the exchange), cli_report (showing its answers), and one file a command; the
 * operator's many have four (cli_admin.h).
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_H
#define GATEWAY_CLI_H

/* Exit codes; gateway/README.md documents them. */
enum cli_exit {
    CLI_FINE = 0,
    CLI_REFUSED = 1,    /* the market or the gateway said no */
    CLI_USAGE = 2,      /* arguments, profile, key file */
    CLI_CONNECTION = 3, /* not reached, key or logon not accepted */
    CLI_UNVERIFIED = 4, /* ledger or proof: what is there is not what was signed or recorded */
    CLI_UNKNOWN = 5,    /* no answer in time: what became of the request is not known */
    CLI_FAILED = 6,     /* a file, a disk, memory */
};

struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *arguments; /* for the list, e.g. "QUANTITY INSTRUMENT PRICE" */
    const char *what;      /* a line */
};

/* Runs the command that argv[1] names, out of a list that ends with a NULL name; prints the list
 * for help. `about` is its heading. */
int cli_dispatch(const struct cli_command *commands, const char *about, int argc, char **argv);

/* Says what is wrong, as "tpx: ..." and in the user's language (gateway/phrase.h), and ends the
 * program with an exit code. */
void cli_die(int code, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Says something beside the result, likewise. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The commands: one file each. */
int cli_keygen(int argc, char **argv);
int cli_order(int argc, char **argv);
int cli_admin(int argc, char **argv);
int cli_ledger(int argc, char **argv);
int cli_instruments(int argc, char **argv);
int cli_session(int argc, char **argv);
int cli_party(int argc, char **argv);
int cli_right(int argc, char **argv);
int cli_mandate(int argc, char **argv);
int cli_freeze(int argc, char **argv);
int cli_restriction(int argc, char **argv);
int cli_objection(int argc, char **argv);
int cli_consent(int argc, char **argv);
int cli_transfer(int argc, char **argv);
int cli_pledge(int argc, char **argv);
int cli_listing(int argc, char **argv);
int cli_bid(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_book(int argc, char **argv);
int cli_trades(int argc, char **argv);
int cli_order_watch(int argc, char **argv);
int cli_why(int argc, char **argv);
int cli_completion(int argc, char **argv);
int cli_manual(int argc, char **argv);

#endif
