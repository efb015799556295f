/*
 * A paper is read as the exchange would read it: wrapped as a request and decoded. What is signed
 * is the body as it will be sent, so a body that would be encoded otherwise is refused here.
 */
#include "gateway/cli_paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_message.h"
#include "gateway/cli_output.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"
#include "gateway/keyfile.h"
#include "ledger/deed_signature.h"
#include "ledger/failure.h"
#include "proto/schema.h"
#include "proto/tpx.pb-c.h"

/* A request is a number and the deed: so much beside the deed's own bytes. */
#define WRAPPING_BYTES_MAX 16

/* --- signing -----------------------------------------------------------------------------------
 */

/* "zhang.key:5" */
struct pen_option {
    char file[4096];
    uint32_t party_key;
};

static struct pen_option pen_of(const char *text) {
    struct pen_option pen;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof pen.file)
        cli_die(CLI_USAGE, "sign: \"%s\" is not KEYFILE:NUMBER, the key's number at the exchange",
                text);
    snprintf(pen.file, sizeof pen.file, "%.*s", (int)(colon - text), text);
    pen.party_key = cli_id("sign", colon + 1);
    return pen;
}

/* Signs with one file; its key's name is the exchange for which it signs. */
static void sign_with(const struct cli_arguments *arguments, const char *text, struct deed *deed,
                      const char *outside) {
    struct pen_option option = pen_of(text);
    const char *expires = cli_value(arguments, CLI_OPTION_EXPIRES);
    struct note_signer signer;
    if (keyfile_note_load(&signer, option.file) != 0)
        cli_die(CLI_USAGE, "sign: %s cannot be used (tpx keygen --party makes such a file)",
                option.file);
    struct deed_pen pen = {.signer = signer.key,
                           .origin = signer.name,
                           .party_key = option.party_key,
                           .serial = (uint64_t)clock_wall_ns() / 1000,
                           .expires_ns = expires != NULL ? cli_time("expires", expires) : 0};
    if (deed->signatures_count == DEED_SIGNATURES_MAX)
        cli_die(CLI_USAGE, "sign: the deed has %d signatures, and needs no more",
                DEED_SIGNATURES_MAX);
    int failure = deed_add_signature(deed, outside, &pen);
    note_signer_fini(&signer);
    if (failure != 0)
        cli_die(CLI_FAILED, "sign: %s", failure_name(failure));
}

static void sign_as_asked(const struct cli_arguments *arguments, struct deed *deed,
                          const char *outside) {
    static const enum cli_key OPTIONS[] = {CLI_OPTION_SIGN, CLI_OPTION_SIGN_TOO};
    for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++)
        if (cli_value(arguments, OPTIONS[i]) != NULL)
            sign_with(arguments, cli_value(arguments, OPTIONS[i]), deed, outside);
}

/* The exchange for which the options' keys sign must be the one that is asked. */
static void check_origin(const char *option, const char *origin) {
    struct note_signer signer;
    struct pen_option pen = pen_of(option);
    if (keyfile_note_load(&signer, pen.file) != 0)
        return;
    bool is_same = strcmp(signer.name, origin) == 0;
    char name[NOTE_NAME_MAX + 1];
    snprintf(name, sizeof name, "%s", signer.name);
    note_signer_fini(&signer);
    if (!is_same)
        cli_die(CLI_USAGE, "sign: %s signs for the exchange %s, and this one is %s", pen.file, name,
                origin);
}

/* --- files -------------------------------------------------------------------------------------
 */

/* The Deed within an encoded request. */
static struct span deed_within(struct span bytes) {
    struct wire_input in = wire_input_of(bytes);
    struct wire_field field;
    while (wire_get_field(&in, &field))
        if (field.number == VERB_DEED)
            return field.bytes;
    return (struct span){0};
}

static void write_paper(const char *path, const struct deed *deed, const char *outside) {
    static struct request request;
    static uint8_t bytes[REQUEST_BYTES_MAX + CODEC_REQUEST_SLACK];
    request = (struct request){.command = {.verb = VERB_DEED, .stamp = {.number = 1}}};
    request.command.deed = *deed;
    size_t size = codec_request_encode(&request, outside, bytes, sizeof bytes);
    if (size == 0)
        cli_die(CLI_USAGE, "%s: the deed is too large", path);
    struct span within = deed_within((struct span){bytes, size});
    cli_write_file(path, within.bytes, within.size);
}

/* A paper as it lies in a file. */
struct paper {
    struct request request;
    uint8_t wrapped[REQUEST_BYTES_MAX + WRAPPING_BYTES_MAX + WIRE_SLACK];
    char text[REQUEST_BYTES_MAX + 1]; /* what its struct leaves outside */
    bool has_text;
};

/* The text of the body that its struct only counts. */
static void find_text(struct paper *paper) {
    const struct deed *deed = &paper->request.command.deed;
    const struct message_rule *rule = schema_deed_body(deed->kind)->message;
    struct wire_input in = wire_input_of((struct span){deed->body, deed->body_bytes});
    struct wire_field field;
    while (wire_get_field(&in, &field)) {
        if (field.number >= rule->fields_end || rule->fields[field.number].kind != RULE_OUTSIDE)
            continue;
        memcpy(paper->text, field.bytes.bytes, field.bytes.size);
        paper->text[field.bytes.size] = '\0';
        paper->has_text = true;
    }
}

static const char *text_of(const struct paper *paper) {
    return paper->has_text ? paper->text : NULL;
}

/* Other encoders may write fields in another order: what they have signed could not be sent. */
static void check_spelling(const struct paper *paper, const char *path) {
    static uint8_t body[REQUEST_BYTES_MAX];
    const struct deed *deed = &paper->request.command.deed;
    int size = codec_deed_body_encode(deed, text_of(paper), body);
    if (size != (int)deed->body_bytes || memcmp(body, deed->body, (size_t)size) != 0)
        cli_die(CLI_USAGE,
                "%s: its fields are not in the order of their numbers, or say what is usual", path);
}

static void read_paper(const char *path, struct paper *paper) {
    size_t size = 0;
    struct codec_fault fault;
    char *deed = cli_read_file(path, REQUEST_BYTES_MAX, &size);
    uint8_t *at = wire_put_number(paper->wrapped, 1, 1);
    *at = WIRE_TAG(VERB_DEED, WIRE_BYTES);
    at = wire_put_bytes(at + 1, deed, size);
    free(deed);
    if (!codec_request_decode(paper->wrapped, (size_t)(at - paper->wrapped), &paper->request,
                              &fault))
        cli_die(CLI_USAGE, "%s is no deed: %s %s", path, fault.field, fault.text);
    paper->has_text = false;
    find_text(paper);
    check_spelling(paper, path);
}

/* What it says, for whoever is about to sign. */
static void show_paper(const struct cli_arguments *arguments, const char *path) {
    size_t size = 0;
    char *bytes = cli_read_file(path, REQUEST_BYTES_MAX, &size);
    Tpx__Deed *deed = tpx__deed__unpack(NULL, size, (const uint8_t *)bytes);
    if (deed == NULL)
        cli_die(CLI_USAGE, "%s is no deed", path);
    if (arguments->is_json) {
        json_t *json = cli_message_json(&deed->base);
        json_dumpf(json, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(json);
    } else {
        char *text = cli_message_text(&deed->base, 0);
        puts(text);
        free(text);
    }
    tpx__deed__free_unpacked(deed, NULL);
    free(bytes);
}

/* --- commands ----------------------------------------------------------------------------------
 */

static int send_signed(const struct cli_arguments *arguments, const struct command *command,
                       const char *text) {
    static struct cli_answer answer;
    struct client *client = cli_connect(arguments, true);
    const char *origin = client_logged_on(client)->origin;
    if (cli_value(arguments, CLI_OPTION_SIGN) != NULL)
        check_origin(cli_value(arguments, CLI_OPTION_SIGN), origin);
    int code = cli_ask(client, arguments, command, text, &answer);
    if (code != CLI_UNKNOWN)
        cli_show_answer(arguments, &answer);
    cli_disconnect(client);
    return code;
}

int cli_deed_send(const struct cli_arguments *arguments, struct command *command,
                  const char *text) {
    const char *out = cli_value(arguments, CLI_OPTION_OUT);
    if (cli_value(arguments, CLI_OPTION_BEHALF) != NULL)
        command->deed.on_behalf_of = cli_id_option(arguments, CLI_OPTION_BEHALF, "on-behalf-of");
    sign_as_asked(arguments, &command->deed, text);
    if (out == NULL)
        return send_signed(arguments, command, text);
    write_paper(out, &command->deed, text);
    return CLI_FINE;
}

int cli_paper_sign(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {CLI_SIGN_OPTIONS, {0}};
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_FILES,
        .arguments = "FILE",
        .about = "Signs a deed that `--out FILE` has written: adds the signature to FILE, and "
                 "shows what is signed.\vNothing is sent, so this may be done on a machine without "
                 "a network. The key file says for which exchange it signs.",
        .options = OPTIONS,
        .count_min = 1,
        .count_max = 1};
    static struct paper paper;
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    if (cli_value(&arguments, CLI_OPTION_SIGN) == NULL)
        cli_die(CLI_USAGE, "sign: say with which key, --sign KEYFILE:NUMBER");
    read_paper(arguments.positional[0], &paper);
    sign_as_asked(&arguments, &paper.request.command.deed, text_of(&paper));
    write_paper(arguments.positional[0], &paper.request.command.deed, text_of(&paper));
    show_paper(&arguments, arguments.positional[0]);
    return CLI_FINE;
}

int cli_paper_send(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .arguments = "FILE",
        .about = "Sends a deed that `--out FILE` has written, with the signatures that it has.",
        .count_min = 1,
        .count_max = 1};
    static struct paper paper;
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    read_paper(arguments.positional[0], &paper);
    paper.request.command.stamp.number = 0;
    return send_signed(&arguments, &paper.request.command, text_of(&paper));
}

int cli_paper_show(int argc, char **argv) {
    static const struct cli_spec SPEC = {
        .reach = CLI_REACH_FILES,
        .arguments = "FILE",
        .about = "Shows what a deed that `--out FILE` has written says, and who has signed it.",
        .count_min = 1,
        .count_max = 1};
    struct cli_arguments arguments;
    cli_parse(&arguments, &SPEC, argc, argv);
    show_paper(&arguments, arguments.positional[0]);
    return CLI_FINE;
}
