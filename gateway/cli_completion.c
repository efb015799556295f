/*
 * tpx completion: what a shell offers when TAB is pressed.
 *
 * The shell's own part is a few lines that hand the words on; what may come next is found here, in
 * the tables that commands are parsed by. Nothing found means: a file's name, which the shell knows
 * better.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_walk.h"

#define PATH_BYTES_MAX 128
#define WORDS          "words"

static const struct cli_spec COMPLETION = {
    .reach = CLI_REACH_FILES,
    .arguments = "bash|zsh",
    .about = "Prints the lines that make a shell complete tpx: "
             "source <(tpx completion bash)\vAn installed tpx has them in place already.",
    .count_min = 1,
    .count_max = 1,
};

static const char BASH[] =
    "# bash completion for tpx and tpxd\n"
    "_tpx() {\n"
    "    local IFS=$'\\n'\n"
    "    mapfile -t COMPREPLY < <(\"${COMP_WORDS[0]}\" completion " WORDS
    " \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -o default -o bashdefault -F _tpx tpx\n"
    "complete -o default -W '--create --config --help --version' -o plusdirs tpxd\n";

static const char ZSH[] =
    "#compdef tpx\n"
    "_tpx() {\n"
    "    local -a found\n"
    "    found=(${(f)\"$(${words[1]} completion " WORDS
    " \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
    "    if (( ${#found} )); then compadd -- $found; else _files; fi\n"
    "}\n"
    "if [ \"${funcstack[1]}\" = _tpx ]; then _tpx \"$@\"; else compdef _tpx tpx; fi\n";

/* --- where the words lead ----------------------------------------------------------------------
 */

/* The command or list that a path such as "tpx order" names. */
struct target {
    const char *path;
    const struct cli_command *commands; /* of a list */
    const struct cli_spec *spec;        /* of a command */
};

static void see_list(void *owner, const char *called, const char *about,
                     const struct cli_command *commands) {
    struct target *target = owner;
    (void)about;
    if (strcmp(called, target->path) == 0)
        target->commands = commands;
}

static void see_command(void *owner, const char *called, const char *what,
                        const struct cli_spec *spec) {
    struct target *target = owner;
    (void)what;
    if (strcmp(called, target->path) == 0)
        target->spec = spec;
}

static void find(struct target *target) {
    const struct cli_visitor visitor = {see_list, see_command, target};
    cli_walk(&visitor);
}

static bool has_command(const struct cli_command *commands, const char *name) {
    for (; commands->name != NULL; commands++)
        if (strcmp(commands->name, name) == 0)
            return true;
    return false;
}

/* --- what is offered ---------------------------------------------------------------------------
 */

static void offer(const char *word, const char *begun) {
    if (strncmp(word, begun, strlen(begun)) == 0)
        puts(word);
}

static void offer_commands(const struct cli_command *commands, const char *begun) {
    for (; commands->name != NULL; commands++)
        offer(commands->name, begun);
    offer("help", begun);
}

static void offer_options(const struct argp_option *options, const char *begun) {
    char word[64];
    for (; options->name != NULL || options->doc != NULL; options++) {
        snprintf(word, sizeof word, "--%s", options->name != NULL ? options->name : "");
        if (options->name != NULL)
            offer(word, begun);
    }
    offer("--help", begun);
}

static void offer_symbols(const char *profile, const char *begun) {
    struct cli_arguments arguments = {0};
    cli_take_settings(&arguments, profile);
    for (uint32_t i = 0; i < arguments.symbols_count; i++)
        offer(arguments.symbols[i].symbol, begun);
}

/* Of "FILE", nothing; of "INSTRUMENT|all", the profile's symbols and "all". */
static void offer_place(const char *place, size_t size, const char *profile, const char *begun) {
    for (const char *end = place + size; place < end;) {
        char word[64];
        size_t length = strcspn(place, "| ");
        length = length > (size_t)(end - place) ? (size_t)(end - place) : length;
        snprintf(word, sizeof word, "%.*s", (int)length, place);
        if (strcmp(word, "INSTRUMENT") == 0)
            offer_symbols(profile, begun);
        else if (strspn(word, "abcdefghijklmnopqrstuvwxyz_-.") == length && length > 0 &&
                 word[0] != '.')
            offer(word, begun);
        place += length + 1;
    }
}

/* The place'th of "QUANTITY INSTRUMENT [PRICE]". */
static void offer_argument(const char *arguments, uint32_t place, const char *profile,
                           const char *begun) {
    for (; arguments != NULL && *arguments != '\0'; place--) {
        arguments += strspn(arguments, " [");
        size_t size = strcspn(arguments, " ]");
        if (place == 0) {
            offer_place(arguments, size, profile, begun);
            return;
        }
        arguments += size;
        arguments += strspn(arguments, "]");
    }
}

/* --- words -------------------------------------------------------------------------------------
 */

/* The option that a word is, NULL when it is none or brings its value along. */
static const struct argp_option *option_of(const struct argp_option *options, const char *word) {
    for (; options->name != NULL || options->doc != NULL; options++) {
        bool is_long = strncmp(word, "--", 2) == 0 && options->name != NULL &&
                       strcmp(word + 2, options->name) == 0;
        bool is_short =
            word[0] == '-' && isprint(options->key) && word[1] == options->key && word[2] == '\0';
        if (is_long || is_short)
            return options;
    }
    return NULL;
}

/* The words of a command: its options' values, its options, or the argument that is due. */
static void complete_command(const struct cli_spec *spec, const char *profile, int count,
                             char **words) {
    struct argp_option options[CLI_SPEC_OPTIONS_MAX] = {0};
    const char *begun = words[count - 1];
    const struct argp_option *open = NULL; /* an option whose value is due */
    uint32_t place = 0;
    cli_spec_options(spec, options);
    for (int i = 0; i + 1 < count; i++) {
        const struct argp_option *option = open == NULL ? option_of(options, words[i]) : NULL;
        place += open == NULL && words[i][0] != '-';
        if (open != NULL && strcmp(open->name, "profile") == 0)
            profile = words[i];
        open = option != NULL && option->arg != NULL ? option : NULL;
    }
    if (open != NULL)
        offer_place(open->arg, strlen(open->arg), profile, begun);
    else if (begun[0] == '-')
        offer_options(options, begun);
    else
        offer_argument(spec->arguments, place, profile, begun);
}

/* The last of the words is being typed. */
static void complete(int count, char **words) {
    char path[PATH_BYTES_MAX] = "tpx";
    const char *profile = NULL;
    struct target target = {.path = path};
    int used = 0;
    if (count > 2 && (strcmp(words[0], "-p") == 0 || strcmp(words[0], "--profile") == 0)) {
        profile = words[1];
        used = 2;
    }
    find(&target);
    while (target.commands != NULL && used + 1 < count &&
           has_command(target.commands, words[used])) {
        size_t size = strlen(path);
        snprintf(path + size, sizeof path - size, " %s", words[used++]);
        target = (struct target){.path = path};
        find(&target);
    }
    if (target.spec != NULL)
        complete_command(target.spec, profile, count - used, words + used);
    else if (target.commands != NULL && used + 1 == count && words[used][0] != '-')
        offer_commands(target.commands, words[used]);
    else if (used + 1 == count)
        offer("--profile", words[used]);
}

int cli_completion(int argc, char **argv) {
    struct cli_arguments arguments;
    if (argc > 2 && strcmp(argv[1], WORDS) == 0) {
        complete(argc - 2, argv + 2);
        return CLI_FINE;
    }
    cli_parse(&arguments, &COMPLETION, argc, argv);
    const char *shell = arguments.positional[0];
    bool is_bash = strcmp(shell, "bash") == 0;
    if (!is_bash && strcmp(shell, "zsh") != 0)
        cli_die(CLI_USAGE, "shell: \"%s\" is none of bash, zsh", shell);
    fputs(is_bash ? BASH : ZSH, stdout);
    return CLI_FINE;
}
