/*
 * Certificates on the command line, and the names of kinds of rights that they share with deeds.
 */
#ifndef GATEWAY_CLI_CERTIFICATE_H
#define GATEWAY_CLI_CERTIFICATE_H

#include <argp.h>
#include <stdint.h>

#include "gateway/cli_option.h"
#include "ledger/certificate.h"

/* enum right_kind of a name ("invention"); ends the program when there is none. */
uint8_t cli_right_kind(const char *text);
const char *cli_right_kind_name(uint8_t kind);

/* Bytes of an asset in words, with the closing zero. */
#define CLI_ASSET_BYTES_MAX 128

/* The asset that a kind ("invention", "holding") and a number name; its spans lead into `number`
 * and into `identity`. Ends the program when it is none. */
void cli_certificate_asset(const char *kind, const char *number, struct certificate_asset *asset,
                           uint8_t identity[HASH_SIZE]);

/* Asks the exchange for a certificate of an asset, and waits until it is made, for as long as
 * --timeout says; returns its number, and its text, which is the caller's to free. Ends the program
 * when there is none. */
uint64_t cli_certificate_ask(const struct cli_arguments *arguments,
                             const struct certificate_asset *asset, char **text, size_t *size);

/* Where a certificate goes: --out, or NAME.certificate. */
void cli_certificate_path(const struct cli_arguments *arguments, const char *name, char *path,
                          size_t size);

/* A file that was read and holds. */
struct cli_certificate {
    char *text;
    size_t size;
    struct hash digest; /* of the file */
    struct certificate *certificate;
    struct note_verifier key; /* that was given */
    struct checkpoint checkpoint;
};

/* Reads a certificate and checks it with the key that --checkpoint-key gives; ends the program when
 * it does not hold. */
void cli_certificate_open(struct cli_certificate *opened, const struct cli_arguments *arguments,
                          const char *path);
void cli_certificate_close(struct cli_certificate *opened);

/* What every such command takes; alone, or among its own options. */
#define CLI_CERTIFICATE_KEY_OPTION                                                                 \
    {                                                                                              \
        "checkpoint-key", CLI_OPTION_CHECKPOINT_KEY, "KEY", 0,                                     \
            "the exchange's first verifier key, or a later one, or a file with it", 0              \
    }
extern const struct argp_option CLI_CERTIFICATE_KEY[];

int cli_right_certify(int argc, char **argv);
int cli_right_fetch(int argc, char **argv);
int cli_right_check(int argc, char **argv);
int cli_right_still(int argc, char **argv);
int cli_right_print(int argc, char **argv);

#endif
