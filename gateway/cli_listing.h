/*
 * Rights on sale: what cli_listing.c, cli_listing_show.c and cli_bid.c share.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_LISTING_H
#define GATEWAY_CLI_LISTING_H

#include "engine/deed.h"
#include "gateway/cli_option.h"

/* tpx listing list, show. */
int cli_listing_list(int argc, char **argv);
int cli_listing_show(int argc, char **argv);

/* Options of whatever opens a listing. */
#define CLI_LISTING_OPTIONS                                                                        \
    {"reserve", CLI_OPTION_RESERVE, "YUAN", 0, "sell for no less", 0},                             \
        {"hidden", CLI_OPTION_HIDDEN, NULL, 0, "the reserve is not told", 0},                      \
        {"deposit", CLI_OPTION_DEPOSIT, "YUAN", 0, "instead of 10% of the floor; at most 30%", 0}, \
        {"free", CLI_OPTION_FREE, "SECONDS", 0, "the free period, instead of an hour", 0},         \
        {"timed",                                                                                  \
         CLI_OPTION_TIMED,                                                                         \
         "SECONDS",                                                                                \
         0,                                                                                        \
         "the timed period, that each bid begins anew, instead of 180",                            \
         0},                                                                                       \
        {"hard-stop",                                                                              \
         CLI_OPTION_HARD_STOP,                                                                     \
         "SECONDS",                                                                                \
         0,                                                                                        \
         "the timed period's end, whatever is bid, so long after its beginning",                   \
         0},                                                                                       \
        {"notice",                                                                                 \
         CLI_OPTION_NOTICE,                                                                        \
         "SECONDS",                                                                                \
         0,                                                                                        \
         "before a period begins anew after a suspension, instead of 600",                         \
         0},                                                                                       \
        {"sign-days",                                                                              \
         CLI_OPTION_SIGN_DAYS,                                                                     \
         "NUMBER",                                                                                 \
         0,                                                                                        \
         "working days to sign in, instead of 5",                                                  \
         0},                                                                                       \
        {"pay-days", CLI_OPTION_PAY_DAYS, "NUMBER", 0, "working days to pay in, instead of 5", 0}, \
        {"qualifying", CLI_OPTION_QUALIFYING, NULL, 0, "the registrar admits each bidder", 0}, {   \
        "approval", CLI_OPTION_APPROVAL, "FILE", 0,                                                \
            "of a floor below 90% of the appraisal: its digest is recorded", 0                     \
    }

/* Their values, and FLOOR INCREMENT UNTIL DOCUMENT from the argument with this place on. */
void cli_listing_terms(const struct cli_arguments *arguments, uint32_t place,
                       struct open_listing *open);

/* "TIMED"; "?" for none. */
const char *cli_listing_state(uint8_t state);

#endif
