/* tpxd, the exchange server: makes an exchange, or runs one. */
#include <argp.h>
#include <stdlib.h>

#include "gateway/create.h"
#include "gateway/exchange.h"
#include "gateway/log.h"
#include "gateway/program_version.h"
#include "gateway/server_option.h"
#include "ledger/failure.h"

const char *argp_program_version = "tpxd " PROGRAM_VERSION;

struct arguments {
    const char *folder;
    const char *config;
    bool is_creation;
};

static error_t take_option(int key, char *value, struct argp_state *state) {
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c':
        arguments->is_creation = true;
        return 0;
    case 'f':
        arguments->config = value;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->folder != NULL)
            argp_error(state, "one folder, not two");
        arguments->folder = value;
        return 0;
    case ARGP_KEY_END:
        if (arguments->folder == NULL)
            argp_error(state, "which folder?");
        if (arguments->is_creation != (arguments->config != NULL))
            argp_error(state, "--create and --config belong together");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void log_failure(int failure, const char *line) {
    log_line(LOG_LEVEL_ERROR, "failure", "kind=\"%s\" text=\"%s\"", failure_name(failure), line);
}

int main(int count, char **values) {
    struct argp parser = {SERVER_OPTIONS, take_option, SERVER_ARGUMENTS, SERVER_ABOUT, NULL,
                          NULL,           NULL};
    struct arguments arguments = {0};
    argp_err_exit_status = EXIT_CODE_CONFIG;
    argp_parse(&parser, count, values, 0, NULL, &arguments);
    failure_set_sink(log_failure);
    if (arguments.is_creation)
        return create_exchange(arguments.folder, arguments.config);
    return exchange_run(arguments.folder);
}
