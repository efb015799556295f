/* tpx freeze, tpx restriction, tpx objection: what authorities order; sent by their liaison or the
 * registrar. */
#include <stdio.h>
#include <string.h>

#include "engine/extract.h"
#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_request.h"
#include "gateway/cli_value.h"

#define ASSET_TEXT                                                                                 \
    "An ASSET is right:NUMBER, holding:PARTY:INSTRUMENT (numbers here), "                          \
    "or, of freezes, cash:ACCOUNT."
#define AUTHORITIES_TEXT "court, csrc, police, procuratorate"

struct cli_order_spec {
    struct cli_spec spec;
    uint8_t kind; /* enum deed_kind */
    void (*fill)(const struct cli_arguments *arguments, struct deed *deed);
};

static int send_order(const struct cli_order_spec *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED};
    cli_parse(&arguments, &spec->spec, argc, argv);
    command.deed.kind = spec->kind;
    spec->fill(&arguments, &command.deed);
    return cli_do(&arguments, &command, NULL);
}

/* --- values ------------------------------------------------------------------------------------
 */

/* An asset as deeds name it; kind 0: an account's cash. */
struct cli_asset {
    uint8_t kind;
    uint32_t asset;
    uint32_t holder;
    uint32_t account;
};

static struct cli_asset take_asset(const struct cli_arguments *arguments, const char *text) {
    struct cli_asset asset = {0};
    char party[16];
    const char *colon;
    if (strncmp(text, "cash:", 5) == 0) {
        asset.account = cli_id("account", text + 5);
        return asset;
    }
    if (strncmp(text, "right:", 6) == 0) {
        asset.kind = ASSET_RIGHT;
        asset.asset = cli_id("right", text + 6);
        return asset;
    }
    colon = strncmp(text, "holding:", 8) == 0 ? strchr(text + 8, ':') : NULL;
    if (colon == NULL)
        cli_die(CLI_USAGE,
                "asset: \"%s\" is none; there are right:NUMBER, "
                "holding:PARTY:INSTRUMENT, cash:ACCOUNT",
                text);
    snprintf(party, sizeof party, "%.*s", (int)(colon - text - 8), text + 8);
    asset.kind = ASSET_HOLDING;
    asset.holder = cli_id("party", party);
    asset.asset = cli_instrument(arguments, colon + 1);
    return asset;
}

static struct cli_asset take_register_asset(const struct cli_arguments *arguments,
                                            const char *text) {
    struct cli_asset asset = take_asset(arguments, text);
    if (asset.kind == 0)
        cli_die(CLI_USAGE, "asset: cash has no entries");
    return asset;
}

static uint8_t take_authority(const struct cli_arguments *arguments) {
    static const char *const AUTHORITIES[] = {"court", "csrc", "police", "procuratorate"};
    const char *text = cli_value(arguments, CLI_OPTION_AUTHORITY);
    if (text == NULL)
        return FREEZING_COURT;
    for (uint8_t i = 0; i < 4; i++)
        if (strcmp(AUTHORITIES[i], text) == 0)
            return (uint8_t)(i + 1);
    cli_die(CLI_USAGE, "%s: there is no \"%s\"; there are %s", "authority", text, AUTHORITIES_TEXT);
}

static uint8_t take_case(const char *text, char number[CASE_BYTES_MAX]) {
    size_t bytes = cli_text("case", text, CASE_BYTES_MAX);
    memcpy(number, text, bytes);
    return (uint8_t)bytes;
}

static trading_date until_option(const struct cli_arguments *arguments) {
    const char *text = cli_value(arguments, CLI_OPTION_UNTIL);
    return text != NULL ? cli_date("until", text) : DATE_NONE;
}

/* --- freezes -----------------------------------------------------------------------------------
 */

static void fill_freeze(const struct cli_arguments *arguments, struct deed *deed) {
    struct freeze_order *order = &deed->freeze_order;
    struct cli_asset asset = take_asset(arguments, arguments->positional[0]);
    const char *served = cli_value(arguments, CLI_OPTION_SERVED);
    const char *party = cli_value(arguments, CLI_OPTION_PARTY);
    order->asset_kind = asset.kind;
    order->asset = asset.asset;
    order->holder = party != NULL ? cli_id("party", party) : asset.holder;
    order->account = asset.account;
    order->quantity = asset.kind == 0
                          ? cli_money("quantity", arguments->positional[1], 1, CLI_AMOUNT_MAX)
                          : (int64_t)cli_number("quantity", arguments->positional[1], 1, INT64_MAX);
    order->authority = take_authority(arguments);
    order->case_number_bytes = take_case(arguments->positional[2], order->case_number);
    cli_digest_file(arguments->positional[3], order->document);
    order->served_ns = served != NULL ? cli_time("served", served) : 0;
    order->until = until_option(arguments);
    order->may_be_sold = cli_value(arguments, CLI_OPTION_MAY_BE_SOLD) != NULL;
    order->has_fruits = cli_value(arguments, CLI_OPTION_FRUITS) != NULL;
}

static int freeze_enter_command(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"authority", CLI_OPTION_AUTHORITY, "NAME", 0, "instead of court: " AUTHORITIES_TEXT, 0},
        {"served", CLI_OPTION_SERVED, "TIME", 0,
         "when the notice was served; else as it is entered", 0},
        {"until", CLI_OPTION_UNTIL, "DATE", 0, "its last day", 0},
        {"of", CLI_OPTION_PARTY, "PARTY", 0, "of a right: this owner's share only", 0},
        {"may-be-sold", CLI_OPTION_MAY_BE_SOLD, NULL, 0, "by agreement; the proceeds are frozen",
         0},
        {"fruits", CLI_OPTION_FRUITS, NULL, 0, "reaches what it bears, too", 0},
        {0},
    };
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "ASSET QUANTITY CASE NOTICE",
                 .about = "Freezes what an authority has ordered.\v" ASSET_TEXT
                          " QUANTITY is units, parts per million of a right, or yuan. CASE is the "
                          "authority's number; of the file NOTICE the digest is recorded.",
                 .options = OPTIONS,
                 .count_min = 4,
                 .count_max = 4},
        .kind = DEED_FREEZE,
        .fill = fill_freeze};
    return send_order(&SPEC, argc, argv);
}

static void fill_renew(const struct cli_arguments *arguments, struct deed *deed) {
    deed->renew_freeze.freeze = cli_id("freeze", arguments->positional[0]);
    deed->renew_freeze.until = cli_date("until", arguments->positional[1]);
    cli_digest_file(arguments->positional[2], deed->renew_freeze.document);
}

static int freeze_renew_command(int argc, char **argv) {
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "FREEZE UNTIL NOTICE",
                 .about = "Gives a freeze another last day.\vOf a patent at most six months, of a "
                          "trademark a year after the old one.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_RENEW_FREEZE,
        .fill = fill_renew};
    return send_order(&SPEC, argc, argv);
}

static void fill_lift(const struct cli_arguments *arguments, struct deed *deed) {
    struct lift_freeze *lift = &deed->lift_freeze;
    const char *units = cli_value(arguments, CLI_OPTION_QUANTITY);
    const char *fen = cli_value(arguments, CLI_OPTION_AMOUNT);
    lift->freeze = cli_id("freeze", arguments->positional[0]);
    cli_digest_file(arguments->positional[1], lift->document);
    if (units != NULL)
        lift->quantity = (int64_t)cli_number("quantity", units, 1, INT64_MAX);
    if (fen != NULL)
        lift->quantity = cli_money("amount", fen, 1, CLI_AMOUNT_MAX);
}

static int freeze_lift_command(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"quantity", CLI_OPTION_QUANTITY, "UNITS", 0, "only so many; what is queued first", 0},
        {"amount", CLI_OPTION_AMOUNT, "YUAN", 0, "the same of frozen cash", 0},
        {0},
    };
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "FREEZE NOTICE",
                 .about = "Lifts a freeze, or a part of it: whoever is queued takes over at once.",
                 .options = OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_LIFT_FREEZE,
        .fill = fill_lift};
    return send_order(&SPEC, argc, argv);
}

int cli_freeze(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"enter", freeze_enter_command, "ASSET QUANTITY CASE NOTICE", "freeze what is ordered"},
        {"renew", freeze_renew_command, "FREEZE UNTIL NOTICE", "give it another last day"},
        {"lift", freeze_lift_command, "FREEZE NOTICE", "lift it, or a part"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx freeze: freezes of shares, rights and cash.", argc, argv);
}

/* --- restrictions and lock-ups -----------------------------------------------------------------
 */

/* "buy,sell,move" */
static uint8_t take_sides(const char *text) {
    static const char *const SIDES[] = {"buy", "sell", "move"};
    uint8_t sides = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        uint32_t i = 0;
        while (i < 3 && (strlen(SIDES[i]) != length || strncmp(SIDES[i], text, length) != 0))
            i++;
        if (i == 3)
            cli_die(CLI_USAGE, "sides: there are buy, sell, move, with commas between them");
        sides = (uint8_t)(sides | 1u << i);
        text += length + (text[length] == ',');
    }
    return sides;
}

static void fill_restriction(const struct cli_arguments *arguments, struct deed *deed) {
    struct restrict_trading *wanted = &deed->restrict_trading;
    struct cli_asset asset = take_register_asset(arguments, arguments->positional[0]);
    wanted->asset_kind = asset.kind;
    wanted->asset = asset.asset;
    wanted->holder = asset.holder;
    wanted->sides = take_sides(arguments->positional[1]);
    wanted->authority = take_authority(arguments);
    wanted->case_number_bytes = take_case(arguments->positional[2], wanted->case_number);
    cli_digest_file(arguments->positional[3], wanted->document);
    wanted->until = until_option(arguments);
}

static int restriction_enter(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"authority", CLI_OPTION_AUTHORITY, "NAME", 0, "instead of court: " AUTHORITIES_TEXT, 0},
        {"until", CLI_OPTION_UNTIL, "DATE", 0, "its last day", 0},
        {0},
    };
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "ASSET SIDES CASE NOTICE",
                 .about = "Forbids to buy, sell or move an asset, and cancels the orders that it "
                          "forbids.\v" ASSET_TEXT " SIDES: buy, sell, move, with commas.",
                 .options = OPTIONS,
                 .count_min = 4,
                 .count_max = 4},
        .kind = DEED_RESTRICT_TRADING,
        .fill = fill_restriction};
    return send_order(&SPEC, argc, argv);
}

static void fill_end(const struct cli_arguments *arguments, struct deed *deed) {
    struct end_entry *end = &deed->end_entry;
    struct cli_asset asset = take_register_asset(arguments, arguments->positional[0]);
    end->asset_kind = asset.kind;
    end->asset = asset.asset;
    end->holder = asset.holder;
    end->entry = cli_id("entry", arguments->positional[1]);
    cli_digest_file(arguments->positional[2], end->document);
}

static int entry_end(int argc, char **argv) {
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "ASSET ENTRY DOCUMENT",
                 .about = "Ends a restriction, a lock-up or an objection.\v" ASSET_TEXT
                          " ENTRY is its number on the asset.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_END_ENTRY,
        .fill = fill_end};
    return send_order(&SPEC, argc, argv);
}

static void fill_lock_up(const struct cli_arguments *arguments, struct deed *deed) {
    struct lock_up *wanted = &deed->lock_up;
    wanted->account = cli_id("account", arguments->positional[0]);
    wanted->instrument = cli_instrument(arguments, arguments->positional[1]);
    wanted->quantity = (int64_t)cli_number("quantity", arguments->positional[2], 1, INT64_MAX);
    wanted->until = cli_date("until", arguments->positional[3]);
    cli_digest_file(arguments->positional[4], wanted->document);
}

static int restriction_lock(int argc, char **argv) {
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "ACCOUNT INSTRUMENT QUANTITY UNTIL DOCUMENT",
                 .about = "Locks shares of an account up until a day is over.",
                 .count_min = 5,
                 .count_max = 5},
        .kind = DEED_LOCK_UP,
        .fill = fill_lock_up};
    return send_order(&SPEC, argc, argv);
}

int cli_restriction(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"enter", restriction_enter, "ASSET SIDES CASE NOTICE", "forbid to buy, sell, move"},
        {"lock", restriction_lock, "ACCOUNT INSTRUMENT QUANTITY UNTIL DOCUMENT", "lock shares up"},
        {"end", entry_end, "ASSET ENTRY DOCUMENT", "end one of them"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx restriction: what may not be traded, and lock-ups.", argc,
                        argv);
}

/* --- objections --------------------------------------------------------------------------------
 */

static void fill_objection(const struct cli_arguments *arguments, struct deed *deed) {
    struct object *wanted = &deed->object;
    struct cli_asset asset = take_register_asset(arguments, arguments->positional[0]);
    wanted->asset_kind = asset.kind;
    wanted->asset = asset.asset;
    wanted->holder = asset.holder;
    wanted->entry = cli_id_option(arguments, CLI_OPTION_ENTRY, "entry");
    wanted->party = cli_id("party", arguments->positional[1]);
    wanted->until = cli_date("until", arguments->positional[2]);
    cli_digest_file(arguments->positional[3], wanted->document);
}

static int objection_enter(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"entry", CLI_OPTION_ENTRY, "NUMBER", 0, "to this entry; else to the asset itself", 0},
        {0},
    };
    static const struct cli_order_spec SPEC = {
        .spec = {.arguments = "ASSET PARTY UNTIL DOCUMENT",
                 .about = "Notes that a party disputes what the register says: it stands in every "
                          "answer, and stops transfers.\v" ASSET_TEXT,
                 .options = OPTIONS,
                 .count_min = 4,
                 .count_max = 4},
        .kind = DEED_OBJECT,
        .fill = fill_objection};
    return send_order(&SPEC, argc, argv);
}

int cli_objection(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"enter", objection_enter, "ASSET PARTY UNTIL DOCUMENT", "note an objection"},
        {"end", entry_end, "ASSET ENTRY DOCUMENT", "end it"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx objection: what somebody disputes.", argc, argv);
}
