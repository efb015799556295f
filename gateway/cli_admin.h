/*
 * tpx admin: the operator's acts, one subcommand each.
 *
 * A subcommand describes itself in a struct cli_act, whose fill() puts its arguments into a struct
 * act; what all have in common (asking, --propose) is cli_act()'s. An act that takes two keys is
 * sent with --propose under one, and approved under the other (cli_admin.c).
 *
 * Files: cli_admin_party (firms, keys, sessions, accounts), cli_admin_market (instruments, days,
 * halts and kills), cli_admin_exchange (limits, signing keys, behaviour, time).
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_ADMIN_H
#define GATEWAY_CLI_ADMIN_H

#include "engine/command.h"
#include "gateway/cli.h"
#include "gateway/cli_option.h"

/* Amounts of money and of shares stay below this. */
#define CLI_AMOUNT_MAX INT64_C(1000000000000000000)

struct cli_act {
    struct cli_spec spec;
    uint8_t kind; /* enum act_kind */
    /* Fills the act; returns an add_participant's name, else NULL. */
    const char *(*fill)(const struct cli_arguments *arguments, struct act *act);
};

/* Parses, asks, shows. Returns an exit code. */
int cli_act(const struct cli_act *spec, int argc, char **argv);

/* A number that something was given: above 0, 32 bits; of an option, 0 when it was not given. */
uint32_t cli_id(const char *field, const char *text);
uint32_t cli_id_option(const struct cli_arguments *arguments, enum cli_key key, const char *field);

/* What every act takes; alone, or among an act's own options. */
#define CLI_PROPOSE_OPTION                                                                         \
    {                                                                                              \
        "propose", CLI_OPTION_PROPOSE, NULL, 0,                                                    \
            "first of two keys: remembered until another person's key approves it", 0              \
    }
extern const struct argp_option CLI_PROPOSE_ONLY[];

int cli_admin_participant(int argc, char **argv);
int cli_admin_key(int argc, char **argv);
int cli_admin_session(int argc, char **argv);
int cli_admin_account(int argc, char **argv);
int cli_admin_deposit(int argc, char **argv);
int cli_admin_withdraw(int argc, char **argv);

int cli_admin_instrument(int argc, char **argv);
int cli_admin_band(int argc, char **argv);
int cli_admin_day(int argc, char **argv);
int cli_admin_halt(int argc, char **argv);
int cli_admin_kill(int argc, char **argv);
int cli_admin_unkill(int argc, char **argv);
int cli_admin_reopen(int argc, char **argv);

int cli_admin_limits(int argc, char **argv);
int cli_admin_checkpoint_key(int argc, char **argv);
int cli_admin_activate(int argc, char **argv);
int cli_admin_resolve(int argc, char **argv);
int cli_admin_time(int argc, char **argv);

#endif
