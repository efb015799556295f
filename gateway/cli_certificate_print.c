/* tpx right print: a certificate on paper. */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/certificate_page.h"
#include "gateway/cli.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_ledger.h"
#include "ledger/recorded.h"

static const struct argp_option OPTIONS[] = {
    CLI_CERTIFICATE_KEY_OPTION,
    {"out", CLI_OPTION_OUT, "PAGE", 0, "where it goes (FILE.html)", 0},
    {0},
};

static const struct cli_spec SPEC = {
    .reach = CLI_REACH_FILES,
    .arguments = "FILE",
    .about = "Writes a certificate as a page to be printed and filed: HTML for A4, Chinese first, "
             "with the file's digest as a QR code.\vOnly of one that holds: it is checked first, "
             "as by `tpx right check`. The page is no proof; the file is.",
    .options = OPTIONS,
    .count_min = 1,
    .count_max = 1,
};

int cli_right_print(int argc, char **argv) {
    struct cli_arguments arguments;
    struct cli_certificate opened;
    struct record seal;
    struct request request;
    char key[NOTE_KEY_TEXT_SIZE];
    char path[4096];
    size_t size = 0;
    cli_parse(&arguments, &SPEC, argc, argv);
    cli_certificate_open(&opened, &arguments, arguments.positional[0]);
    if (!recorded_read(opened.certificate->seal, &seal, &request))
        cli_die(CLI_UNVERIFIED, "%s: its Seal cannot be read", arguments.positional[0]);
    note_verifier_format(&opened.key, key);
    struct certificate_page page = {.certificate = opened.certificate,
                                    .checkpoint = &opened.checkpoint,
                                    .sealed_ns = seal.header.time_ns,
                                    .key = key,
                                    .digest_name = crypto_profile(opened.key.profile)->hash,
                                    .digest = opened.digest};
    char *text = certificate_page_format(&page, &size);
    if (text == NULL)
        cli_die(CLI_FAILED, "%s: it cannot be put on a page", arguments.positional[0]);
    const char *out = cli_value(&arguments, CLI_OPTION_OUT);
    snprintf(path, sizeof path, "%s%s", out != NULL ? out : arguments.positional[0],
             out != NULL ? "" : ".html");
    cli_write_file(path, text, size);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_text_field(output, "page", path);
    cli_output_end(output);
    free(text);
    cli_certificate_close(&opened);
    return CLI_FINE;
}
