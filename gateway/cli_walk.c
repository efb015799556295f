/* A jump leads from a command's cli_parse() back to the list that called it. */
#include "gateway/cli_walk.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#define CALLED_BYTES_MAX 128

static struct {
    const struct cli_command *commands; /* the first list */
    const char *about;
    const char *called;
    const struct cli_visitor *visitor; /* NULL: no walk is on */
    jmp_buf *back;
    const struct cli_command *command; /* being visited */
    const char *command_called;
} walk;

/* Runs a command up to where it parses its arguments. A list of commands comes back by itself. */
static void visit(const struct cli_command *command, const char *prefix) {
    char called[CALLED_BYTES_MAX];
    char *arguments[] = {called, NULL};
    jmp_buf here;
    jmp_buf *outer = walk.back;
    snprintf(called, sizeof called, "%s %s", prefix, command->name);
    walk.back = &here;
    walk.command = command;
    walk.command_called = called;
    if (setjmp(here) == 0) /* NOLINT(cert-err52-cpp): nothing is held where it jumps from */
        command->run(1, arguments);
    walk.back = outer;
}

bool cli_walk_list(const struct cli_command *commands, const char *about, const char *called) {
    if (walk.commands == NULL) {
        walk.commands = commands;
        walk.about = about;
        walk.called = called;
    }
    if (walk.visitor == NULL)
        return false;
    walk.visitor->list(walk.visitor->owner, called, about, commands);
    for (; commands->name != NULL; commands++)
        visit(commands, called);
    return true;
}

void cli_walk_spec(const struct cli_spec *spec) {
    if (walk.visitor == NULL)
        return;
    walk.visitor->command(walk.visitor->owner, walk.command_called, walk.command->what, spec);
    longjmp(*walk.back, 1); /* NOLINT(cert-err52-cpp) */
}

void cli_walk(const struct cli_visitor *visitor) {
    walk.visitor = visitor;
    (void)cli_walk_list(walk.commands, walk.about, walk.called);
    walk.visitor = NULL;
}
