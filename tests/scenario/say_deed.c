/*
 * Deeds: parties, rights, the register.
 *
 *     rita adds party zhang code 91440000000000001A
 *     rita admits invention ZL1 of zhang 600000 and wang 400000 until 2030-01-01
 */
#include <stdio.h>
#include <string.h>

#include "bench/algorithms.h"
#include "tests/scenario/say.h"

/* Names of enum right_kind, office and right_status. */
static const char *const kind_words[] = {
    NULL,        "invention",      "utility-model",     "design",       "software",
    "trademark", "company-equity", "exclusive-licence", "sole-licence", "ordinary-licence"};
#define KIND_WORDS (sizeof kind_words / sizeof *kind_words)
static const char *const status_words[] = {"granted", "fee-unpaid", "suspended", "invalidated",
                                           "lapsed",  "disputed",   "same-day"};
#define STATUS_WORDS (sizeof status_words / sizeof *status_words)

/* What a deed makes, if it makes something that is then named. */
struct naming {
    enum cast_kind kind;
    const char *name; /* NULL: nothing */
};

/* party NAME [code CODE] [identity N] [acted for by PARTICIPANT] */
static bool say_party(struct stage *stage, struct deed *deed, struct naming *naming) {
    struct add_party *add = &deed->add_party;
    struct words *words = &stage->words;
    uint32_t byte;
    deed->kind = DEED_ADD_PARTY;
    *naming = (struct naming){CAST_PARTY, words_next(words)};
    add->name_bytes = 4;
    if (words_take(words, "code")) {
        const char *code = words_next(words);
        add->code_bytes = (uint8_t)strnlen(code, CODE_BYTES_MAX);
        memcpy(add->code, code, add->code_bytes);
    }
    if (words_take(words, "identity")) {
        if (!words_number(words, &byte))
            return false;
        add->name_bytes = add->code_bytes != 0 ? 4 : 0;
        add->identity_bytes = byte == 0 ? 1 : HASH_BYTES;
        memset(add->identity, (int)byte, add->identity_bytes);
    }
    if (words_take(words, "unnamed"))
        add->name_bytes = 0;
    if (words_take(words, "acted for by"))
        add->participant = say_any(stage, CAST_PARTICIPANT);
    return true;
}

/* party-key NAME for PARTY person N bytes N */
static bool say_party_key(struct stage *stage, struct deed *deed, struct naming *naming) {
    struct add_party_key *add = &deed->add_party_key;
    struct words *words = &stage->words;
    uint32_t byte;
    deed->kind = DEED_ADD_PARTY_KEY;
    *naming = (struct naming){CAST_PARTY_KEY, words_next(words)};
    if (!words_expect(words, "for"))
        return false;
    add->party = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "person") || !words_number(words, &add->person) ||
        !words_expect(words, "bytes") || !words_number(words, &byte))
        return false;
    add->key = algorithms_key((uint8_t)byte);
    return true;
}

/* Any number of owners: PARTY [PPM] and ... */
static bool say_owners(struct stage *stage, struct admit_right *admit) {
    struct words *words = &stage->words;
    do {
        struct right_owner *owner = &admit->owners[admit->owners_count++];
        owner->party = say_any(stage, CAST_PARTY);
        owner->ppm = RIGHT_WHOLE_PPM;
        if (words_peek(words)[0] >= '0' && words_peek(words)[0] <= '9' &&
            !words_number(words, &owner->ppm))
            return false;
    } while (admit->owners_count < RIGHT_OWNERS_MAX && words_take(words, "and"));
    return true;
}

static bool say_right_detail(struct stage *stage, struct admit_right *admit) {
    struct words *words = &stage->words;
    uint32_t bit;
    if (words_take(words, "as")) {
        if (!words_one_of(words, status_words, STATUS_WORDS, &bit))
            return false;
        admit->status |= 1u << bit;
        return true;
    }
    if (words_take(words, "until"))
        return words_date(words, &admit->term_end);
    if (words_take(words, "filed"))
        return words_date(words, &admit->filed);
    if (words_take(words, "under")) {
        admit->licence_of = say_any(stage, CAST_RIGHT);
        return true;
    }
    if (words_take(words, "at tpx")) {
        admit->office = OFFICE_TPX;
        return true;
    }
    return words_blame(words, "as, until, filed, under or at tpx");
}

/* admits holding of PARTY in INSTRUMENT */
static bool say_holding(struct stage *stage, struct deed *deed, struct naming *naming) {
    (void)naming;
    deed->kind = DEED_ADMIT_HOLDING;
    if (!words_take(&stage->words, "holding of"))
        return words_blame(&stage->words, "holding of");
    deed->admit_holding.party = say_any(stage, CAST_PARTY);
    if (!words_expect(&stage->words, "in"))
        return false;
    deed->admit_holding.instrument = say_any(stage, CAST_INSTRUMENT);
    return true;
}

/* calls DATE a [working] [trading] day */
static bool say_calendar(struct stage *stage, struct deed *deed, struct naming *naming) {
    struct words *words = &stage->words;
    (void)naming;
    deed->kind = DEED_SET_CALENDAR;
    if (!words_date(words, &deed->set_calendar.date) || !words_expect(words, "a"))
        return false;
    deed->set_calendar.is_working = words_take(words, "working");
    deed->set_calendar.is_trading = words_take(words, "trading");
    return words_expect(words, "day");
}

/* admits KIND NUMBER of OWNERS [as STATUS] [until DATE] [filed DATE] [under RIGHT] */
static bool say_admits(struct stage *stage, struct deed *deed, struct naming *naming) {
    struct admit_right *admit = &deed->admit_right;
    struct words *words = &stage->words;
    uint32_t kind;
    deed->kind = DEED_ADMIT_RIGHT;
    if (!words_one_of(words, kind_words, KIND_WORDS, &kind))
        return false;
    const char *number = words_next(words);
    *naming = (struct naming){CAST_RIGHT, number};
    admit->kind = (uint8_t)kind;
    admit->office = OFFICE_CNIPA;
    admit->number_bytes = (uint8_t)strnlen(number, RIGHT_NUMBER_BYTES_MAX);
    memcpy(admit->number, number, admit->number_bytes);
    admit->title_bytes = 4;
    if (words_take(words, "of") && !say_owners(stage, admit))
        return false;
    while (say_more(stage))
        if (!say_right_detail(stage, admit))
            return false;
    return true;
}

/* adds party ...; adds party-key ... */
static bool say_adds(struct stage *stage, struct deed *deed, struct naming *naming) {
    if (words_take(&stage->words, "party"))
        return say_party(stage, deed, naming);
    return words_expect(&stage->words, "party-key") && say_party_key(stage, deed, naming);
}

/* revokes party-key NAME */
static bool say_revokes(struct stage *stage, struct deed *deed, struct naming *naming) {
    (void)naming;
    deed->kind = DEED_REVOKE_PARTY_KEY;
    deed->revoke_party_key.party_key = say_any(stage, CAST_PARTY_KEY);
    return true;
}

/* marks RIGHT [as STATUS] [not STATUS] */
static bool say_marks(struct stage *stage, struct deed *deed, struct naming *naming) {
    struct set_right_status *set = &deed->set_right_status;
    struct words *words = &stage->words;
    uint32_t bit;
    (void)naming;
    deed->kind = DEED_SET_RIGHT_STATUS;
    set->right = say_any(stage, CAST_RIGHT);
    if (words_take(words, "as")) {
        if (!words_one_of(words, status_words, STATUS_WORDS, &bit))
            return false;
        set->set = 1u << bit;
    }
    if (words_take(words, "not")) {
        if (!words_one_of(words, status_words, STATUS_WORDS, &bit))
            return false;
        set->clear = 1u << bit;
    }
    return true;
}

/* appraises RIGHT at YUAN dated DATE until DATE */
static bool say_appraises(struct stage *stage, struct deed *deed, struct naming *naming) {
    struct appraise *appraise = &deed->appraise;
    struct words *words = &stage->words;
    (void)naming;
    deed->kind = DEED_APPRAISE;
    appraise->method = APPRAISAL_INCOME;
    appraise->right = say_any(stage, CAST_RIGHT);
    return words_expect(words, "at") && words_money(words, &appraise->value_fen) &&
           words_expect(words, "dated") && words_date(words, &appraise->dated) &&
           words_expect(words, "until") && words_date(words, &appraise->expires);
}

static bool say_mandate(struct stage *stage, struct deed *deed, struct naming *naming) {
    naming->kind = CAST_MANDATE;
    return say_grants(stage, deed, &naming->name);
}

static bool say_mandate_ends(struct stage *stage, struct deed *deed, struct naming *naming) {
    (void)naming;
    return say_revokes_mandate(stage, deed);
}
static bool say_freeze(struct stage *stage, struct deed *deed, struct naming *naming) {
    naming->kind = CAST_FREEZE;
    return say_freezes(stage, deed, &naming->name);
}

static bool say_consent(struct stage *stage, struct deed *deed, struct naming *naming) {
    naming->kind = CAST_CONSENT;
    return say_consents(stage, deed, &naming->name);
}

static bool say_transfer(struct stage *stage, struct deed *deed, struct naming *naming) {
    naming->kind = CAST_TRANSFER;
    return say_transfers(stage, deed, &naming->name);
}

#define UNNAMED(function, says)                                                                    \
    static bool function(struct stage *stage, struct deed *deed, struct naming *naming) {          \
        (void)naming;                                                                              \
        return says(stage, deed);                                                                  \
    }
UNNAMED(say_renewal, say_renews)
UNNAMED(say_lift, say_lifts)
UNNAMED(say_restriction, say_forbids)
UNNAMED(say_lock_up, say_locks)
UNNAMED(say_objection, say_objects)
UNNAMED(say_end_entry, say_ends_entry)
UNNAMED(say_revocation, say_revokes_consent)
UNNAMED(say_confirmation, say_confirms_transfer)
UNNAMED(say_end_transfer, say_ends_transfer)
UNNAMED(say_pay_out, say_pays_out)
#undef UNNAMED

static bool say_keeps_rank(struct stage *stage, struct deed *deed, struct naming *naming) {
    (void)naming;
    return say_reserves(stage, deed);
}

static bool say_asks(struct stage *stage, struct deed *deed, struct naming *naming) {
    (void)naming;
    return say_certificate(stage, deed);
}

static const struct {
    const char *begins; /* the words that tell a deed from an act */
    const char *verb;
    bool (*say)(struct stage *, struct deed *, struct naming *);
} phrases[] = {
    {"adds party", "adds", say_adds},
    {"adds party-key", "adds", say_adds},
    {"revokes party-key", "revokes party-key", say_revokes},
    {"admits holding", "admits", say_holding},
    {"calls", "calls", say_calendar},
    {"grants mandate", "grants mandate", say_mandate},
    {"revokes mandate", "revokes mandate", say_mandate_ends},
    {"admits", "admits", say_admits},
    {"marks", "marks", say_marks},
    {"appraises", "appraises", say_appraises},
    {"freezes", "freezes", say_freeze},
    {"renews", "renews", say_renewal},
    {"lifts", "lifts", say_lift},
    {"forbids", "forbids", say_restriction},
    {"locks", "locks", say_lock_up},
    {"objects to", "objects to", say_objection},
    {"ends entry", "ends entry", say_end_entry},
    {"consents that", "consents that", say_consent},
    {"revokes consent", "revokes consent", say_revocation},
    {"transfers", "transfers", say_transfer},
    {"confirms transfer", "confirms transfer", say_confirmation},
    {"ends transfer", "ends transfer", say_end_transfer},
    {"pays out", "pays out", say_pay_out},
    {"asks for certificate of", "asks for certificate of", say_asks},
    {"reserves the rank on", "reserves the rank on", say_keeps_rank},
};

/* Whether a phrase begins here: it is not gone past. */
static bool begins(struct words *words, const char *these) {
    int at = words->at;
    bool is_so = words_take(words, these);
    words->at = at;
    return is_so;
}

static bool send(struct stage *stage, struct actor *actor, struct deed *deed,
                 const struct naming *naming) {
    while (stage->words.at < stage->words.count)
        if (!say_confirmed(stage, deed) && !say_as(stage, actor))
            return words_end(&stage->words);
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    stage_send(stage, actor, &command);
    struct making making = {.kind = naming->kind};
    if (naming->name == NULL)
        return true;
    snprintf(making.name, sizeof making.name, "%s", naming->name);
    stage_name_made(stage, &making, false);
    return true;
}

bool say_deed(struct stage *stage, struct actor *actor, bool *is_one) {
    struct deed deed = {0};
    struct naming naming = {CAST_KINDS, NULL};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        *is_one = begins(&stage->words, phrases[i].begins);
        if (!*is_one)
            continue;
        words_take(&stage->words, phrases[i].verb);
        return phrases[i].say(stage, &deed, &naming) && send(stage, actor, &deed, &naming);
    }
    return true;
}
