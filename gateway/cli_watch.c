/* tpx order watch: reports as they come, by the participant's drop copy: so the session's own
 * connection, which a trader has, is not taken over. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_feed.h"
#include "gateway/cli_message.h"
#include "gateway/cli_report.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"
#include "proto/tpx.pb-c.h"

/* Fields of a Report that stand in front of the line. */
#define TOLD (UINT64_C(1) << 1 | UINT64_C(1) << 2 | UINT64_C(1) << 3)

/* Everything that the report says, in words or as an object; with whom it was for. */
static bool print_report(const struct cli_arguments *arguments, const struct client_item *item) {
    char time[CLI_VALUE_BYTES_MAX];
    Tpx__Report *report = tpx__report__unpack(NULL, item->bytes.size, item->bytes.bytes);
    bool is_printed = true;
    if (report == NULL)
        return true; /* of a later release */
    if (arguments->is_json) {
        json_t *object = json_pack("{s:i, s:o}", "session", (int)item->session, "report",
                                   cli_message_json(&report->base));
        is_printed = cli_follow_json(object);
    } else {
        char *text = cli_message_text(&report->base, TOLD);
        printf("%s  %10" PRIu64 "  %4" PRIu32 "  %s\n", cli_time_text(time, item->report.time_ns),
               item->report.sequence, item->session, text != NULL ? text : "");
        free(text);
        is_printed = fflush(stdout) == 0;
    }
    tpx__report__free_unpacked(report, NULL);
    return is_printed;
}

static void watch(const struct cli_arguments *arguments, struct client *client, uint32_t session) {
    struct client_item item;
    bool goes_on = true;
    while (goes_on && !cli_follow_is_over()) {
        client_poll(client, 200, &item);
        if (item.kind == CLIENT_REPORT && (session == 0 || item.session == session))
            goes_on = print_report(arguments, &item);
        if (item.kind == CLIENT_LOST)
            cli_say("the connection is lost; dialling again");
        if (item.kind == CLIENT_LOGGED_OFF || item.kind == CLIENT_KEY_REFUSED)
            cli_die_of(arguments, &item);
    }
}

int cli_order_watch(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"all", CLI_OPTION_ALL, NULL, 0, "Of all sessions of the participant", 0}, {0}};
    static const struct cli_spec SPEC = {
        .arguments = "",
        .about =
            "Shows the reports of the own session as they come, a line each; Ctrl-C ends "
            "it.\vIt listens to the participant's drop copy: whoever trades under the session "
            "goes on undisturbed. A participant has one drop copy; the newest listener has it.",
        .options = OPTIONS,
        .count_min = 0,
        .count_max = 0};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    bool is_all = cli_value(&arguments, CLI_OPTION_ALL) != NULL;
    uint32_t session = is_all
                           ? 0
                           : (uint32_t)cli_number("session", cli_setting(&arguments, CLI_SESSION),
                                                  1, SESSION_ID_MAX);
    cli_follow_begin();
    struct client *client = cli_connect_copy(&arguments);
    watch(&arguments, client, session);
    cli_disconnect(client);
    return CLI_FINE;
}
