/*
 * tpx manual: pages for man(1), made of the tables that --help and the parsers go by, so that what
 * they say is what the programs do.
 *
 * A page is roff with the macros of man(7). Texts of the tables are plain; what roff would take for
 * its own is escaped on the way out.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_option.h"
#include "gateway/cli_walk.h"
#include "gateway/config.h"
#include "gateway/program_version.h"
#include "gateway/server_option.h"

static const struct cli_spec MANUAL = {
    .reach = CLI_REACH_FILES,
    .arguments = "tpx|tpxd|tpxd.conf",
    .about = "Prints a manual page, as man reads it: tpx manual tpx | man -l -",
    .count_min = 1,
    .count_max = 1,
};

/* --- roff ------------------------------------------------------------------------------------- */

/* A text within a line. A newline in it is a space. */
static void put(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else if (text[i] == '`' || text[i] == '\'')
            fputs(text[i] == '`' ? "\\(ga" : "\\(aq", stdout);
        else
            putchar(text[i] == '\n' ? ' ' : text[i]);
    }
}

static void put_all(const char *text) {
    put(text, strlen(text));
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* The size of the first paragraph: an empty line or a \v ends one. */
static size_t paragraph(const char *text) {
    const char *empty = strstr(text, "\n\n");
    size_t size = strcspn(text, "\v");
    return empty != NULL && (size_t)(empty - text) < size ? (size_t)(empty - text) : size;
}

/* Paragraphs; those that tell exit codes, or all others. A macro stands before the second and later
 * ones, and where `is_first` is false before the first. */
static void put_text(const char *text, bool of_exits, bool is_first) {
    while (*text != '\0') {
        size_t size = paragraph(text);
        if (begins(text, "Exit codes:") == of_exits) {
            fputs(is_first ? "" : ".PP\n", stdout);
            fputs(*text == '.' ? "\\&" : "", stdout);
            put(text, size);
            putchar('\n');
            is_first = false;
        }
        text += size;
        text += strspn(text, "\n\v");
    }
}

static void put_exits(const char *text) {
    puts(".SH EXIT STATUS");
    put_text(text, true, true);
}

/* "QUANTITY|all [PRICE]": names in italics, words to type in bold, the rest as it is. */
static void put_arguments(const char *arguments) {
    while (*arguments != '\0') {
        size_t size = strcspn(arguments, " []|.");
        if (size == 0) {
            put(arguments++, 1);
            continue;
        }
        fputs(isupper((unsigned char)arguments[0]) ? "\\fI" : "\\fB", stdout);
        put(arguments, size);
        fputs("\\fR", stdout);
        arguments += size;
    }
}

static void put_head(const char *name, const char *section, const char *what) {
    printf(".TH \"%s\" \"%s\" \"\" \"TPX %s\" \"TPX\"\n", name, section, PROGRAM_VERSION);
    fputs(".nh\n.ad l\n.SH NAME\n", stdout);
    put_all(name);
    fputs(" \\- ", stdout);
    put_all(what);
    putchar('\n');
}

static void put_option(const struct argp_option *option) {
    if (option->name == NULL) { /* a heading within the list */
        puts(".PP");
        put_all(option->doc);
        putchar('\n');
        return;
    }
    fputs(".TP\n", stdout);
    if (isprint(option->key))
        printf("\\fB\\-%c\\fR, ", option->key);
    fputs("\\fB\\-\\-", stdout);
    put_all(option->name);
    fputs("\\fR", stdout);
    if (option->arg != NULL) {
        putchar('=');
        put_arguments(option->arg);
    }
    putchar('\n');
    put_all(option->doc);
    putchar('\n');
}

/* --- tpx(1) ----------------------------------------------------------------------------------- */

static bool is_root(const char *called) {
    return strchr(called, ' ') == NULL;
}

static void show_list(void *owner, const char *called, const char *about,
                      const struct cli_command *commands) {
    const char **root = owner;
    (void)commands;
    if (is_root(called)) {
        *root = about;
        put_text(about, false, true);
        puts(".SH COMMANDS");
        return;
    }
    fputs(".SS ", stdout);
    put_all(called);
    putchar('\n');
    put_text(about, false, true);
}

static void show_command(void *owner, const char *called, const char *what,
                         const struct cli_spec *spec) {
    (void)owner;
    (void)what;
    fputs(".TP\n\\fB", stdout);
    put_all(called);
    fputs("\\fR ", stdout);
    put_arguments(spec->arguments != NULL ? spec->arguments : "");
    putchar('\n');
    size_t size = strcspn(spec->about, "\v\n");
    put(spec->about, size);
    putchar('\n');
    puts(".RS");
    const struct argp_option *own = spec->options;
    for (; own != NULL && (own->name != NULL || own->doc != NULL); own++)
        put_option(own);
    if (spec->about[size] != '\0')
        put_text(spec->about + size + strspn(spec->about + size, "\v\n"), false, false);
    puts(".RE");
}

static void show_shared(void) {
    static const struct cli_spec ANY = {.reach = CLI_REACH_ALL, .arguments = "", .about = ""};
    struct argp_option options[CLI_SPEC_OPTIONS_MAX] = {0};
    cli_spec_options(&ANY, options);
    puts(".SH OPTIONS THAT COMMANDS SHARE\nEach command takes those that matter to it; its --help "
         "shows which.");
    for (const struct argp_option *each = options; each->name != NULL || each->doc != NULL; each++)
        put_option(each);
}

static void show_environment(void) {
    puts(".SH ENVIRONMENT\n.TP\n.B TPX_PROFILE\nThe file of \\fB\\-\\-profile\\fR.");
    for (int i = 0; i < CLI_SETTINGS; i++) {
        const char *variable = NULL;
        const char *name = cli_setting_names((enum cli_setting)i, &variable);
        printf(".TP\n.B %s\nThe setting \\fB%s\\fR.\n", variable, name);
    }
    puts(".TP\n.B TPX_LANG\n\\fBzh\\fR or \\fBen\\fR: the language of headings, words and reasons. "
         "Without it LANG decides; without that it is English. Output of \\fB\\-\\-json\\fR is the "
         "same in both.");
    puts(".SH FILES\nA profile has a setting and its value on a line, or \\fBinstrument\\fR "
         "\\fINUMBER SYMBOL\\fR, any number of these; a line that begins with # is a comment. "
         "Paths in it are relative to its folder.");
}

static void show_tpx(void) {
    const char *about = "";
    const struct cli_visitor visitor = {show_list, show_command, &about};
    put_head("tpx", "1", "the command line of a TPX exchange");
    puts(".SH SYNOPSIS\n\\fBtpx\\fR [\\fB\\-p\\fR \\fIPROFILE\\fR] \\fICOMMAND\\fR "
         "[\\fIARGUMENT\\fR ...]\n.br\n\\fBtpx help\\fR [\\fICOMMAND\\fR]\n.SH DESCRIPTION");
    cli_walk(&visitor);
    show_shared();
    put_exits(about);
    show_environment();
    puts(".SH SEE ALSO\n\\fBtpxd\\fR(8), \\fBtpxd.conf\\fR(5)");
}

/* --- tpxd(8) ---------------------------------------------------------------------------------- */

static void show_tpxd(void) {
    const char *rest = strchr(SERVER_ABOUT, '\v');
    put_head("tpxd", "8", "the server of a TPX exchange");
    fputs(".SH SYNOPSIS\n\\fBtpxd\\fR ", stdout);
    put_arguments(SERVER_ARGUMENTS);
    fputs("\n.br\n\\fBtpxd \\-\\-create\\fR ", stdout);
    put_arguments(SERVER_ARGUMENTS);
    puts(" \\fB\\-\\-config\\fR \\fIFILE\\fR\n.SH DESCRIPTION");
    put(SERVER_ABOUT, (size_t)(rest - SERVER_ABOUT));
    puts("\n.SH OPTIONS");
    for (const struct argp_option *each = SERVER_OPTIONS; each->name != NULL; each++)
        put_option(each);
    put_exits(rest + 1);
    puts(".SH ENVIRONMENT\n\\fBNOTIFY_SOCKET\\fR, \\fBWATCHDOG_USEC\\fR: as sd_notify(3) has them. "
         "The server says READY=1, STATUS=, WATCHDOG=1 and STOPPING=1.");
    puts(".SH FILES\nA folder is an exchange: tpxd.conf, server.key, server.pub, checkpoint.key, "
         "ledger/, snapshots/, counters, quarantine, endpoints.");
    puts(".SH SEE ALSO\n\\fBtpx\\fR(1), \\fBtpxd.conf\\fR(5), \\fBsystemd.service\\fR(5)");
}

/* --- tpxd.conf(5) ----------------------------------------------------------------------------- */

struct page {
    const char *section; /* that is open; NULL: none yet */
    bool is_genesis;
};

static void show_name(void *owner, const struct config_name *name) {
    struct page *page = owner;
    if (name->is_genesis != page->is_genesis)
        return;
    if (page->section == NULL || strcmp(page->section, name->section) != 0) {
        page->section = name->section;
        if (name->section[0] != '\0')
            printf(".SS Section \\(dq%s\\(dq\n", name->section);
    }
    fputs(".TP\n\\fB", stdout);
    put_all(name->name);
    fputs("\\fR (", stdout);
    put_all(name->range);
    if (name->usual != NULL) {
        fputs("; ", stdout);
        put_all(name->usual);
    }
    fputs(name->usual != NULL ? ")\n" : "; must be given)\n", stdout);
    put_all(name->what);
    putchar('\n');
}

static void show_config(void) {
    struct page page = {.is_genesis = true};
    const struct config_teller teller = {show_name, &page};
    put_head("tpxd.conf", "5", "the configuration of a TPX exchange");
    puts(".SH DESCRIPTION\nLines \\fIname\\fR = \\fIvalue\\fR, comments from a # on, sections in "
         "braces. Keys stand in single quotes. A name that does not exist or a value out of its "
         "range is an error with file and line. In brackets below: the range, and the value where "
         "nothing is said.");
    puts(
        ".SH IN GENESIS\nRead once, by \\fBtpxd \\-\\-create\\fR, and kept in the ledger: changing "
        "them in the file later changes nothing. Two sections \\fBoperator\\fR must be there; a "
        "section \\fBceilings\\fR has the names of \\fBlimits\\fR, and ten times the limit where "
        "nothing is said.");
    config_describe(&teller);
    page = (struct page){.is_genesis = false};
    puts(".SH OF THE SERVER\nRead at each start.");
    config_describe(&teller);
    puts(".SH SEE ALSO\n\\fBtpxd\\fR(8)");
}

int cli_manual(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*show)(void);
    } PAGES[] = {{"tpx", show_tpx}, {"tpxd", show_tpxd}, {"tpxd.conf", show_config}};
    struct cli_arguments arguments;
    cli_parse(&arguments, &MANUAL, argc, argv);
    for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++) {
        if (strcmp(arguments.positional[0], PAGES[i].name) != 0)
            continue;
        PAGES[i].show();
        return CLI_FINE;
    }
    cli_die(CLI_USAGE, "page: \"%s\" is none of tpx, tpxd, tpxd.conf", arguments.positional[0]);
}
