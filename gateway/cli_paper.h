/*
 * Deeds as papers: signed where they are sent, or written to a file, signed there by one party
 * after the other, and sent by whoever has it last.
 *
 *     tpx mandate grant 7 2 pledge 1000.00 20271231 poa.pdf --sign zhang.key:5
 *     tpx mandate grant 7 2 pledge 1000.00 20271231 poa.pdf --out paper
 *     tpx party sign paper --sign zhang.key:5        and this may be on a machine of its own
 *     tpx party send paper
 *
 * The file is the Deed of proto/tpx.proto, encoded, with the signatures that it has so far. A
 * signature names a serial: the time at which it was made, in microseconds.
 *
 * Every command that sends a deed takes CLI_DEED_OPTIONS and ends with cli_deed_send().
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_PAPER_H
#define GATEWAY_CLI_PAPER_H

#include "engine/command.h"
#include "gateway/cli_option.h"

/* A file that signs, and the number of its key at the exchange; a second one for the other side. */
#define CLI_SIGN_OPTIONS                                                                           \
    {"sign",                                                                                       \
     CLI_OPTION_SIGN,                                                                              \
     "KEYFILE:NUMBER",                                                                             \
     0,                                                                                            \
     "sign as the party whose key this is, NUMBER being the key's at the exchange; twice for "     \
     "both "                                                                                       \
     "sides",                                                                                      \
     0},                                                                                           \
    {                                                                                              \
        "expires", CLI_OPTION_EXPIRES, "TIME", 0, "the signature is good until then", 0            \
    }
#define CLI_DEED_OPTIONS                                                                           \
    CLI_SIGN_OPTIONS, {"on-behalf-of",                                                             \
                       CLI_OPTION_BEHALF,                                                          \
                       "PARTY",                                                                    \
                       0,                                                                          \
                       "act for this party, under its mandate",                                    \
                       0},                                                                         \
    {                                                                                              \
        "out", CLI_OPTION_OUT, "FILE", 0, "write the deed to FILE instead of sending it", 0        \
    }

/* Signs the deed as the options say, and sends it, or writes it to a file; `text` is what stands
 * outside of its struct (a name or title), else NULL. Returns an exit code. */
int cli_deed_send(const struct cli_arguments *arguments, struct command *command, const char *text);

/* The digest of a document in a file; ends the program when it cannot be read. */
void cli_digest_file(const char *path, uint8_t digest[HASH_BYTES]);

/* The names of a set of enum mandate_scope, with commas between them. */
void cli_scopes_text(char *text, size_t size, uint32_t scope);

/* tpx party list, party keys, mandate list. */
int cli_party_list(int argc, char **argv);
int cli_party_keys(int argc, char **argv);
int cli_mandate_list(int argc, char **argv);

/* tpx party signed, tpx party dispute, tpx admin key used. */
int cli_party_signed(int argc, char **argv);
int cli_party_dispute(int argc, char **argv);
int cli_admin_key_used(int argc, char **argv);

/* tpx party sign, send, show. */
int cli_paper_sign(int argc, char **argv);
int cli_paper_send(int argc, char **argv);
int cli_paper_show(int argc, char **argv);

#endif
