/* tpx party, tpx right: who owns, and what; sent by the registrar and those who help him. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_admin.h"
#include "gateway/cli_certificate.h"
#include "gateway/cli_ledger.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_register.h"
#include "gateway/cli_value.h"
#include "gateway/keyfile.h"
#include "ledger/note.h"

/* A document of which the digest is recorded. */
#define DOCUMENT_BYTES_MAX (64u << 20)

struct cli_deed {
    struct cli_spec spec;
    uint8_t kind; /* enum deed_kind */
    /* Fills the deed; returns the text that stays outside of it, else NULL. */
    const char *(*fill)(const struct cli_arguments *arguments, struct deed *deed);
};

static int send_deed(const struct cli_deed *spec, int argc, char **argv) {
    struct cli_arguments arguments;
    struct command command = {.verb = VERB_DEED};
    cli_parse(&arguments, &spec->spec, argc, argv);
    command.deed.kind = spec->kind;
    const char *text = spec->fill(&arguments, &command.deed);
    return cli_deed_send(&arguments, &command, text);
}

/* --- names -------------------------------------------------------------------------------------
 */

static const char *const KINDS[] = {"invention",         "utility_model", "design",
                                    "software",          "trademark",     "company_equity",
                                    "licence_exclusive", "licence_sole",  "licence_ordinary"};
#define KINDS_TEXT                                                                                 \
    "invention, utility_model, design, software, trademark, company_equity, licence_exclusive, "   \
    "licence_sole, licence_ordinary"
static const char *const OFFICES[] = {"tpx", "cnipa", "cpcc", "csdc", "company"};
#define OFFICES_TEXT "tpx, cnipa, cpcc, csdc, company"
static const char *const STATUSES[] = {"granted",        "fee_unpaid", "suspended",
                                       "invalidated",    "lapsed",     "invalidation_pending",
                                       "same_day_filing"};
#define STATUSES_TEXT                                                                              \
    "granted, fee_unpaid, suspended, invalidated, lapsed, invalidation_pending, same_day_filing"
static const char *const METHODS[] = {"income", "market", "cost"};

/* A closed list of names; the first stands for 1. */
struct names {
    const char *field;
    const char *const *list;
    uint32_t count;
    const char *all;
};

#define NAMES(field, list, all)                                                                    \
    { (field), (list), sizeof(list) / sizeof *(list), (all) }
static const struct names KIND_NAMES = NAMES("kind", KINDS, KINDS_TEXT);
static const struct names OFFICE_NAMES = NAMES("office", OFFICES, OFFICES_TEXT);
static const struct names STATUS_NAMES = NAMES("status", STATUSES, STATUSES_TEXT);
static const struct names METHOD_NAMES = NAMES("method", METHODS, "income, market, cost");

static uint8_t number_of(const struct names *names, const char *text) {
    for (uint32_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], text) == 0)
            return (uint8_t)(i + 1);
    cli_die(CLI_USAGE, "%s: there is no \"%s\"; there are %s", names->field, text, names->all);
}

uint8_t cli_right_kind(const char *text) {
    return number_of(&KIND_NAMES, text);
}

const char *cli_right_kind_name(uint8_t kind) {
    return kind >= 1 && kind <= KIND_NAMES.count ? KINDS[kind - 1] : "?";
}

/* "granted,fee_unpaid" */
static uint32_t statuses_of(const char *text) {
    char names[256];
    char *rest = NULL;
    uint32_t set = 0;
    snprintf(names, sizeof names, "%s", text);
    for (char *name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
        set |= 1u << (number_of(&STATUS_NAMES, name) - 1);
    return set;
}

/* Documents lie outside the ledger: whatever its profile, they are named by SHA-256, as every tool
 * computes it. */
void cli_digest_file(const char *path, uint8_t digest[HASH_BYTES]) {
    size_t size = 0;
    char *bytes = cli_read_file(path, DOCUMENT_BYTES_MAX, &size);
    struct hasher *hasher = hasher_create(PROFILE_INTERNATIONAL);
    struct hash hash;
    if (hasher == NULL)
        cli_die(CLI_FAILED, "no memory");
    hasher_digest(hasher, bytes, size, &hash);
    memcpy(digest, hash.bytes, HASH_BYTES);
    hasher_destroy(hasher);
    free(bytes);
}

/* --- parties -----------------------------------------------------------------------------------
 */

static const char *fill_party(const struct cli_arguments *arguments, struct deed *deed) {
    struct add_party *add = &deed->add_party;
    add->code_bytes = (uint8_t)cli_text("code", arguments->positional[0], CODE_BYTES_MAX);
    memcpy(add->code, arguments->positional[0], add->code_bytes);
    add->name_bytes = (uint16_t)cli_text("name", arguments->positional[1], NAME_BYTES_MAX);
    add->participant = cli_id_option(arguments, CLI_OPTION_PARTICIPANT, "participant");
    return arguments->positional[1];
}

static const struct argp_option PARTY_OPTIONS[] = {
    {"participant", CLI_OPTION_PARTICIPANT, "NUMBER", 0, "that acts for it with its own keys", 0},
    {0},
};

static int party_add(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "CODE NAME",
                 .about = "Admits a firm that owns, pledges or lends: its unified social credit "
                          "code, and its name.",
                 .options = PARTY_OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_ADD_PARTY,
        .fill = fill_party};
    return send_deed(&SPEC, argc, argv);
}

static const char *fill_person(const struct cli_arguments *arguments, struct deed *deed) {
    struct add_party *add = &deed->add_party;
    add->identity_bytes = HASH_BYTES;
    cli_hex("identity", arguments->positional[0], add->identity, HASH_BYTES);
    add->participant = cli_id_option(arguments, CLI_OPTION_PARTICIPANT, "participant");
    return NULL;
}

static int party_person(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "IDENTITY",
                 .about = "Admits a natural person, by a salted SHA-256 of the identity record in "
                          "hex: the record and its salt stay outside of the ledger.",
                 .options = PARTY_OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_ADD_PARTY,
        .fill = fill_person};
    return send_deed(&SPEC, argc, argv);
}

/* A verifier key as text, or that of a signing key's file. */
static void take_signing_key(const char *text, struct note_verifier *verifier) {
    struct note_signer signer;
    int failure = strchr(text, '+') != NULL ? note_verifier_parse(verifier, text) : 1;
    if (failure > 0) {
        failure = keyfile_note_load(&signer, text);
        if (failure != 0)
            cli_die(CLI_USAGE, "key: %s is not a signing key's file", text);
        failure = note_signer_verifier(&signer, verifier);
        note_signer_fini(&signer);
    }
    if (failure != 0)
        cli_die(CLI_USAGE,
                "key: not a verifier key, as `tpx keygen --party ORIGIN FILE` prints one");
}

static const char *fill_party_key(const struct cli_arguments *arguments, struct deed *deed) {
    struct add_party_key *add = &deed->add_party_key;
    struct note_verifier verifier;
    add->party = cli_id("party", arguments->positional[0]);
    add->person = cli_id("person", arguments->positional[1]);
    take_signing_key(arguments->positional[2], &verifier);
    verifier_public(verifier.key, &add->key);
    note_verifier_fini(&verifier);
    return NULL;
}

static int party_key(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "PARTY PERSON KEY",
                 .about = "Lets a key sign for a party.\vPERSON numbers who holds it. KEY is the "
                          "verifier key that `tpx keygen --party ORIGIN FILE` printed, or that "
                          "FILE.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_ADD_PARTY_KEY,
        .fill = fill_party_key};
    return send_deed(&SPEC, argc, argv);
}

static const char *fill_revoke(const struct cli_arguments *arguments, struct deed *deed) {
    const char *since = cli_value(arguments, CLI_OPTION_SINCE);
    deed->revoke_party_key.party_key = cli_id("key", arguments->positional[0]);
    if (since != NULL)
        deed->revoke_party_key.compromised_since_ns = cli_time("compromised-since", since);
    return NULL;
}

static int party_revoke(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"compromised-since", CLI_OPTION_SINCE, "TIME", 0, "others may have had it from then on",
         0},
        {0},
    };
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "KEY",
                 .about = "Ends a party's key, at once and for good: by whoever acts for the "
                          "party, the registrar or the operator.\vKEY is its number. `tpx party "
                          "signed KEY --since TIME` lists what may have been signed by others.",
                 .options = OPTIONS,
                 .count_min = 1,
                 .count_max = 1},
        .kind = DEED_REVOKE_PARTY_KEY,
        .fill = fill_revoke};
    return send_deed(&SPEC, argc, argv);
}

int cli_party(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"add", party_add, "CODE NAME", "admit a firm that owns, pledges or lends"},
        {"person", party_person, "IDENTITY", "admit a natural person"},
        {"key", party_key, "PARTY PERSON KEY", "a key signs for a party"},
        {"revoke", party_revoke, "KEY", "end a party's key"},
        {"list", cli_party_list, "", "who there is"},
        {"keys", cli_party_keys, "", "which keys sign for them"},
        {"signed", cli_party_signed, "KEY [DIR]", "what a key has signed"},
        {"dispute", cli_party_dispute, "KEY PARTY UNTIL DOCUMENT [DIR]", "object to all of that"},
        {"sign", cli_paper_sign, "FILE", "sign a deed in a file"},
        {"show", cli_paper_show, "FILE", "what such a deed says, and who has signed it"},
        {"send", cli_paper_send, "FILE", "send it"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx party: who owns, pledges and lends (the registrar's).", argc,
                        argv);
}

/* --- rights ------------------------------------------------------------------------------------
 */

/* "7" or "7:600000" */
static void take_owner(struct admit_right *admit, const char *text) {
    char party[16];
    const char *colon = strchr(text, ':');
    if (admit->owners_count == RIGHT_OWNERS_MAX)
        cli_die(CLI_USAGE, "owner: there are at most %d", RIGHT_OWNERS_MAX);
    struct right_owner *owner = &admit->owners[admit->owners_count++];
    snprintf(party, sizeof party, "%.*s", colon != NULL ? (int)(colon - text) : 15, text);
    owner->party = cli_id("owner", party);
    owner->ppm = colon != NULL ? (uint32_t)cli_number("ppm", colon + 1, 1, RIGHT_WHOLE_PPM)
                               : RIGHT_WHOLE_PPM;
}

static trading_date date_option(const struct cli_arguments *arguments, enum cli_key key,
                                const char *field) {
    const char *text = cli_value(arguments, key);
    return text != NULL ? cli_date(field, text) : DATE_NONE;
}

static const char *fill_admit(const struct cli_arguments *arguments, struct deed *deed) {
    struct admit_right *admit = &deed->admit_right;
    const char *office = cli_value(arguments, CLI_OPTION_OFFICE);
    const char *status = cli_value(arguments, CLI_OPTION_STATUS);
    admit->kind = cli_right_kind(arguments->positional[0]);
    admit->number_bytes =
        (uint8_t)cli_text("number", arguments->positional[1], RIGHT_NUMBER_BYTES_MAX);
    memcpy(admit->number, arguments->positional[1], admit->number_bytes);
    admit->title_bytes = (uint16_t)cli_text("title", arguments->positional[2], NAME_BYTES_MAX);
    for (uint32_t i = 3; i < arguments->count; i++)
        take_owner(admit, arguments->positional[i]);
    admit->office = office != NULL ? number_of(&OFFICE_NAMES, office) : OFFICE_CNIPA;
    admit->status = status != NULL ? statuses_of(status) : RIGHT_GRANTED;
    admit->filed = date_option(arguments, CLI_OPTION_FILED, "filed");
    admit->term_end = date_option(arguments, CLI_OPTION_UNTIL, "until");
    admit->licence_of = cli_id_option(arguments, CLI_OPTION_LICENCE_OF, "licence-of");
    return arguments->positional[2];
}

static int right_admit(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"office", CLI_OPTION_OFFICE, "NAME", 0, "whose register counts in law: " OFFICES_TEXT, 0},
        {"status", CLI_OPTION_STATUS, "NAME[,...]", 0, "instead of granted: " STATUSES_TEXT, 0},
        {"filed", CLI_OPTION_FILED, "DATE", 0, "when it was filed", 0},
        {"until", CLI_OPTION_UNTIL, "DATE", 0, "the last day of its term", 0},
        {"licence-of", CLI_OPTION_LICENCE_OF, "RIGHT", 0, "of a licence: the right's number", 0},
        CLI_DEED_OPTIONS,
        {0},
    };
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "KIND NUMBER TITLE OWNER[:PPM]...",
                 .about = "Admits a right.\vKINDs: " KINDS_TEXT
                          ". NUMBER is its canonical number, an OWNER a party's number; all their "
                          "shares add up to 1000000.",
                 .options = OPTIONS,
                 .count_min = 4,
                 .count_max = 3 + RIGHT_OWNERS_MAX},
        .kind = DEED_ADMIT_RIGHT,
        .fill = fill_admit};
    return send_deed(&SPEC, argc, argv);
}

static const char *fill_status(const struct cli_arguments *arguments, struct deed *deed) {
    struct set_right_status *set = &deed->set_right_status;
    const char *add = cli_value(arguments, CLI_OPTION_STATUS);
    const char *clear = cli_value(arguments, CLI_OPTION_CLEAR);
    set->right = cli_id("right", arguments->positional[0]);
    set->set = add != NULL ? statuses_of(add) : 0;
    set->clear = clear != NULL ? statuses_of(clear) : 0;
    cli_digest_file(arguments->positional[1], set->document);
    return NULL;
}

static int right_set(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"status", CLI_OPTION_STATUS, "NAME[,...]", 0, "what is true from now on: " STATUSES_TEXT,
         0},
        {"clear", CLI_OPTION_CLEAR, "NAME[,...]", 0, "what is true no more", 0},
        {0},
    };
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "RIGHT DOCUMENT",
                 .about = "Says what has become of a right.\vRIGHT is its number here. Of the file "
                          "DOCUMENT, on which it rests, the digest is recorded.",
                 .options = OPTIONS,
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_SET_RIGHT_STATUS,
        .fill = fill_status};
    return send_deed(&SPEC, argc, argv);
}

static const char *fill_appraise(const struct cli_arguments *arguments, struct deed *deed) {
    struct appraise *appraise = &deed->appraise;
    appraise->right = cli_id("right", arguments->positional[0]);
    appraise->value_fen = cli_money("value", arguments->positional[1], 1, CLI_AMOUNT_MAX);
    appraise->method = number_of(&METHOD_NAMES, arguments->positional[2]);
    appraise->dated = cli_date("dated", arguments->positional[3]);
    appraise->expires = cli_date("expires", arguments->positional[4]);
    cli_digest_file(arguments->positional[5], appraise->document);
    return NULL;
}

static int right_appraise(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "RIGHT YUAN METHOD DATED EXPIRES REPORT",
                 .about = "Adds an appraisal.\vMETHODs: income, market, cost. EXPIRES is the last "
                          "day on which it may be used; of the file REPORT the digest is recorded.",
                 .count_min = 6,
                 .count_max = 6},
        .kind = DEED_APPRAISE,
        .fill = fill_appraise};
    return send_deed(&SPEC, argc, argv);
}

static const char *fill_holding(const struct cli_arguments *arguments, struct deed *deed) {
    deed->admit_holding.party = cli_id("party", arguments->positional[0]);
    deed->admit_holding.instrument = cli_id("instrument", arguments->positional[1]);
    return NULL;
}

static int right_holding(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "PARTY INSTRUMENT",
                 .about = "Makes what a party has of an instrument known to the register, so that "
                          "certificates speak of it. Both are numbers here.",
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_ADMIT_HOLDING,
        .fill = fill_holding};
    return send_deed(&SPEC, argc, argv);
}

/* What a day is. */
static const char *const DAYS[] = {"both", "working", "trading", "neither"};
static const struct names DAY_NAMES = NAMES("day", DAYS, "both, working, trading, neither");

static const char *fill_calendar(const struct cli_arguments *arguments, struct deed *deed) {
    uint8_t day = number_of(&DAY_NAMES, arguments->positional[1]);
    deed->set_calendar.date = cli_date("date", arguments->positional[0]);
    deed->set_calendar.is_working = day <= 2;
    deed->set_calendar.is_trading = day % 2 == 1;
    return NULL;
}

static int right_calendar(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "DATE DAY",
                 .about = "Says that a day is not what its weekday says.\vDAY is both, working, "
                          "trading or neither: deadlines are reckoned in working days.",
                 .count_min = 2,
                 .count_max = 2},
        .kind = DEED_SET_CALENDAR,
        .fill = fill_calendar};
    return send_deed(&SPEC, argc, argv);
}

static const char *fill_reserve(const struct cli_arguments *arguments, struct deed *deed) {
    deed->reserve.asset_kind = ASSET_RIGHT;
    deed->reserve.asset = cli_id("right", arguments->positional[0]);
    deed->reserve.party = cli_id("party", arguments->positional[1]);
    deed->reserve.until = cli_date("until", arguments->positional[2]);
    return NULL;
}

static int right_reserve(int argc, char **argv) {
    static const struct cli_deed SPEC = {
        .spec = {.arguments = "RIGHT PARTY UNTIL",
                 .about = "Keeps the next rank on a right for a party that means to take a pledge "
                          "on it, until a day has ended.\vRIGHT and PARTY are numbers here. The "
                          "owners and the party stand by it: who does not send it, signs. It binds "
                          "dealings on this exchange alone.",
                 .count_min = 3,
                 .count_max = 3},
        .kind = DEED_RESERVE,
        .fill = fill_reserve};
    return send_deed(&SPEC, argc, argv);
}

int cli_right(int argc, char **argv) {
    static const struct cli_command COMMANDS[] = {
        {"admit", right_admit, "KIND NUMBER TITLE OWNER...", "admit a right"},
        {"set", right_set, "RIGHT DOCUMENT", "what has become of it"},
        {"appraise", right_appraise, "RIGHT YUAN ...", "add an appraisal"},
        {"holding", right_holding, "PARTY INSTRUMENT", "make a holding known to the register"},
        {"calendar", right_calendar, "DATE DAY", "a day that is not what its weekday says"},
        {"status", cli_right_status, "KIND NUMBER", "what is bound on it"},
        {"history", cli_right_history, "KIND NUMBER", "every version of that"},
        {"list", cli_right_list, "PARTY", "what names a party"},
        {"portfolio", cli_right_portfolio, "PARTY", "what is pledged to it"},
        {"number", cli_right_number, "NUMBER", "a pledge's entries"},
        {"changes", cli_right_changes, "", "what has changed in the register"},
        {"totals", cli_right_totals, "INSTRUMENT", "units pledged, frozen and so on"},
        {"reserve", right_reserve, "RIGHT PARTY UNTIL", "keep the next rank for a pledge"},
        {"certify", cli_right_certify, "KIND NUMBER [DIR]", "write a certificate"},
        {"fetch", cli_right_fetch, "NUMBER", "a certificate asked for before"},
        {"check", cli_right_check, "FILE", "check a certificate, offline"},
        {"still", cli_right_still, "FILE", "does a certificate still hold?"},
        {"print", cli_right_print, "FILE", "a certificate as a page for paper"},
        {0},
    };
    return cli_dispatch(COMMANDS, "tpx right: patents, copyrights, trademarks, equity, licences.",
                        argc, argv);
}
