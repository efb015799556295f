/*
 * All commands of `tpx`, seen without running one: manual pages and completion are made from the
 * very tables that --help prints and arguments are parsed by.
 *
 * A walk calls each command with no arguments; where a command would parse them (cli_parse()), the
 * walk takes its description and goes back. So a command must do nothing before it parses.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_WALK_H
#define GATEWAY_CLI_WALK_H

#include <stdbool.h>

#include "gateway/cli.h"
#include "gateway/cli_option.h"

struct cli_visitor {
    /* A list of commands, before what it holds; `called` such as "tpx order". */
    void (*list)(void *owner, const char *called, const char *about,
                 const struct cli_command *commands);
    /* A command; `what` is its line in its list. */
    void (*command)(void *owner, const char *called, const char *what, const struct cli_spec *spec);
    void *owner;
};

/* Visits everything below the first list that cli_dispatch() was given. Texts stay valid. */
void cli_walk(const struct cli_visitor *visitor);

/* For cli_dispatch(): keeps the first list; true when a walk is on, which has then visited it. */
bool cli_walk_list(const struct cli_command *commands, const char *about, const char *called);

/* For cli_parse(): goes back to the walk when one is on. */
void cli_walk_spec(const struct cli_spec *spec);

#endif
