/*
 * bench-flow PROFILE SEED OPS: writes an order flow to standard output.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/flow_make.h"

/* Preload and operations together keep below FLOW_ID_MAX. */
#define OPERATIONS_MAX 900000000u

struct options {
    const struct flow_profile *profile;
    uint64_t seed;
    uint32_t operations;
};

static uint64_t parse_number(const char *text, uint64_t least, uint64_t most, const char *name,
                             struct argp_state *state) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most)
        argp_error(state, "%s: '%s' is no number from %llu to %llu", name, text,
                   (unsigned long long)least, (unsigned long long)most);
    return value;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num == 0) {
            options->profile = flow_profile_find(argument);
            if (options->profile == NULL)
                argp_error(state,
                           "PROFILE: there is no '%s'; there are xcore, itch, cross, deep, sparse, "
                           "gap, market",
                           argument);
        } else if (state->arg_num == 1) {
            options->seed = parse_number(argument, 0, UINT64_MAX, "SEED", state);
        } else if (state->arg_num == 2) {
            options->operations = (uint32_t)parse_number(argument, 1, OPERATIONS_MAX, "OPS", state);
        } else {
            argp_usage(state);
        }
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 3)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The help ends with the profiles. */
static char *list_profiles(int key, const char *text, void *input) {
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)text;
    char *list = NULL;
    size_t length;
    FILE *out = open_memstream(&list, &length);
    if (out == NULL)
        return NULL;
    (void)fputs("Profiles:\n", out);
    for (size_t i = 0; i < FLOW_PROFILES; i++)
        (void)fprintf(out, "  %-8s %s\n", flow_profile_at(i)->name, flow_profile_at(i)->says);
    (void)fclose(out);
    return list;
}

int main(int argc, char **argv) {
    struct options options = {0};
    const struct argp argp = {.parser = parse,
                              .args_doc = "PROFILE SEED OPS",
                              .doc =
                                  "Writes an order flow of OPS operations after its preload. The "
                                  "same arguments always give the same bytes.",
                              .help_filter = list_profiles};
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return 2;
    struct flow flow;
    flow_make(&flow, options.profile, options.seed, options.operations, 1);
    char title[128];
    (void)snprintf(title, sizeof title, "profile %s seed %llu ops %u", options.profile->name,
                   (unsigned long long)options.seed, options.operations);
    int result = flow_write(&flow, title, stdout);
    if (result != 0)
        (void)fprintf(stderr, "bench-flow: standard output: %s\n", strerror(errno));
    flow_fini(&flow);
    return result == 0 ? 0 : 1;
}
