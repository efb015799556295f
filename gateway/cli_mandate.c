/* tpx mandate: who acts for a party. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_value.h"

static const char *const SCOPES[] = {"holding", "pledge",      "transfer",
                                     "listing", "enforcement", "inquiry"};
#define SCOPES_COUNT (sizeof SCOPES / sizeof SCOPES[0])
#define SCOPES_TEXT  "holding, pledge, transfer, listing, enforcement, inquiry"

void cli_scopes_text(char *text, size_t size, uint32_t scope) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t bit = 0; bit < SCOPES_COUNT && used < size; bit++)
        if ((scope >> bit & 1) != 0)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? "," : "",
                                     SCOPES[bit]);
}

/* "pledge,transfer" */
static uint32_t scopes_of(const char *text) {
    char names[256];
    char *rest = NULL;
    uint32_t set = 0;
    snprintf(names, sizeof names, "%s", text);
    for (char *name = strtok_r(names, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        uint32_t bit = 0;
        while (bit < SCOPES_COUNT && strcmp(SCOPES[bit], name) != 0)
            bit++;
        if (bit == SCOPES_COUNT)
            cli_die(CLI_USAGE, "%s: there is no \"%s\"; there are %s", "scope", name, SCOPES_TEXT);
        set |= 1u << bit;
    }
    return set;
}

static int grant(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {CLI_DEED_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .arguments = "PARTY PARTICIPANT SCOPE[,...] YUAN UNTIL DOCUMENT",
        .about =
            "Lets a participant act for a party.\vSCOPEs: " SCOPES_TEXT
            ". YUAN is the most that one deed may be about, UNTIL the last day of the term; of "
            "the file DOCUMENT, the power of attorney, the digest is recorded. The party "
            "signs (--sign); for one that has no key the registrar enters it.",
        .options = OPTIONS,
        .count_min = 6,
        .count_max = 6};
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_GRANT_MANDATE};
    struct grant_mandate *grant = &command.deed.grant_mandate;
    cli_parse(&arguments, &SPEC, argc, argv);
    grant->principal = cli_id("party", arguments.positional[0]);
    grant->agent = cli_id("participant", arguments.positional[1]);
    grant->scope = scopes_of(arguments.positional[2]);
    grant->limit_fen = cli_money("limit", arguments.positional[3], 1, CLI_AMOUNT_MAX);
    grant->until = cli_date("until", arguments.positional[4]);
    cli_digest_file(arguments.positional[5], grant->document);
    return cli_deed_send(&arguments, &command, NULL);
}

static int revoke(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {CLI_DEED_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .arguments = "MANDATE",
        .about = "Ends a mandate, at once: by whoever acts for the party, by the agent, or by the "
                 "registrar; and by anybody with the party's signature.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED, .deed.kind = DEED_REVOKE_MANDATE};
    cli_parse(&arguments, &SPEC, argc, argv);
    command.deed.revoke_mandate.mandate = cli_id("mandate", arguments.positional[0]);
    return cli_deed_send(&arguments, &command, NULL);
}

int cli_mandate(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"grant", grant, "PARTY PARTICIPANT SCOPE YUAN UNTIL DOCUMENT",
         "a participant acts for a party"},
        {"revoke", revoke, "MANDATE", "end a mandate"},
        {"list", cli_mandate_list, "", "what there is"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx mandate: who acts for a party.", argc, argv);
}
