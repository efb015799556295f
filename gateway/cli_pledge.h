/*
 * tpx pledge: what its files share.
 *
 * Files: cli_pledge.c (steps and changes), cli_pledge_terms.c (what carries terms: apply, join,
 * amend, correct), cli_pledge_show.c (show, list, reconcile).
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_PLEDGE_H
#define GATEWAY_CLI_PLEDGE_H

#include "engine/deed.h"
#include "gateway/cli_option.h"

struct cli_pledge_deed {
    struct cli_spec spec;
    uint8_t kind; /* enum deed_kind */
    void (*fill)(const struct cli_arguments *arguments, struct deed *deed);
};

/* Parses, fills, signs as the options say, sends. Returns an exit code. */
int cli_pledge_send(const struct cli_pledge_deed *spec, int argc, char **argv);

/* A closed list of names; the first stands for `base`, in a set for bit 0. */
struct cli_pledge_names {
    const char *field;
    const char *const *list;
    uint32_t count;
    const char *all; /* as help shows them */
};
uint32_t cli_pledge_name(const struct cli_pledge_names *names, const char *text); /* from 1 */
uint32_t cli_pledge_set(const struct cli_pledge_names *names, const char *text);  /* "a,b" */

extern const struct cli_pledge_names CLI_PLEDGE_OFFICES;

int cli_pledge_apply(int argc, char **argv);
int cli_pledge_join(int argc, char **argv);
int cli_pledge_amend(int argc, char **argv);
int cli_pledge_correct(int argc, char **argv);

int cli_pledge_show(int argc, char **argv);
int cli_pledge_list(int argc, char **argv);
int cli_pledge_reconcile(int argc, char **argv);

#endif
