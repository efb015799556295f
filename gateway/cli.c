/* Finding a command by name. */
#include "gateway/cli.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli_walk.h"
#include "gateway/phrase.h"

#define CALL_BYTES_MAX 96

static void say(const char *format, va_list arguments) {
    fputs("tpx: ", stderr);
    vfprintf(stderr, phrase(format), arguments);
    fputc('\n', stderr);
}

void cli_say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void cli_die(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    exit(code);
}

/* "tpx order buy QUANTITY ...", into a buffer of CALL_BYTES_MAX. Returns how wide it is. */
static int call_of(char *call, const char *prefix, const struct cli_command *command) {
    bool has_arguments = command->arguments[0] != '\0';
    return snprintf(call, CALL_BYTES_MAX, "%s %s%s%s", prefix, command->name,
                    has_arguments ? " " : "", command->arguments);
}

static void list(const struct cli_command *commands, const char *about, const char *prefix,
                 FILE *out) {
    char call[CALL_BYTES_MAX];
    int width = 0;
    for (const struct cli_command *each = commands; each->name != NULL; each++) {
        int wide = call_of(call, prefix, each);
        width = wide > width ? wide : width;
    }
    fprintf(out, "%s\n\n", about);
    for (; commands->name != NULL; commands++) {
        call_of(call, prefix, commands);
        fprintf(out, "  %-*s  %s\n", width, call, commands->what);
    }
    fprintf(out, "\n`%s COMMAND --help` tells all of one.\n", prefix);
}

static const struct cli_command *find(const struct cli_command *commands, const char *name) {
    for (; commands->name != NULL; commands++)
        if (strcmp(commands->name, name) == 0)
            return commands;
    return NULL;
}

static int run(const struct cli_command *command, int argc, char **argv) {
    static char called[128]; /* argp keeps pointing to it */
    char name[128];
    snprintf(name, sizeof name, "%s %s", argv[0], command->name);
    memcpy(called, name, sizeof called);
    argv[1] = called;
    return command->run(argc - 1, argv + 1);
}

int cli_dispatch(const struct cli_command *commands, const char *about, int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    bool asks = strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    static char help[] = "--help";
    if (cli_walk_list(commands, about, argv[0]))
        return CLI_FINE;
    if (asks && argc > 2) { /* tpx help order buy is tpx order buy --help */
        for (int i = 1; i + 1 < argc; i++)
            argv[i] = argv[i + 1];
        argv[argc - 1] = help;
        return cli_dispatch(commands, about, argc, argv);
    }
    if (asks || argc < 2) {
        list(commands, about, argv[0], asks ? stdout : stderr);
        return asks ? CLI_FINE : CLI_USAGE;
    }
    const struct cli_command *command = find(commands, name);
    if (command == NULL && name[0] == '-')
        cli_die(CLI_USAGE,
                "%s: options stand behind the command; only `tpx --profile FILE` may "
                "stand before it",
                name);
    if (command == NULL)
        cli_die(CLI_USAGE, "there is no command `%s %s`; `%s help` lists them", argv[0], name,
                argv[0]);
    return run(command, argc, argv);
}
