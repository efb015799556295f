/*
 * Pledges: what is applied for, entered and changed, and how a pledge looks.
 *
 *     bea applies as p1 zhang to bank for 1,000.00 of ZL1 500000 until 2027-11-30 signed by kz
 *     bea agrees to p1 signed by kb
 *     rita registers p1
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/extract.h"
#include "engine/view_pledge.h"
#include "tests/scenario/say.h"
#include "tests/scenario/tell.h"

static const char *const office_words[] = {NULL, "tpx", "cnipa", "cpcc", "csdc", "company"};
static const char *const standing_words[] = {NULL,        "local", "filed",
                                             "effective", "stale", "conflict"};
static const char *const class_words[] = {
    NULL, "patent", "copyright", "trademark", "company-equity", "licences", "shares"};
static const char *const state_words[] = {"NONE",      "APPLIED",  "DEFICIENT", "REGISTERED",
                                          "ENFORCING", "REALISED", "RELEASED",  "REVOKED",
                                          "REFUSED",   "WITHDRAWN"};
static const char *const standing_names[] = {"",          "LOCAL", "FILED",
                                             "EFFECTIVE", "STALE", "CONFLICT"};
#define COUNT_OF(words) (sizeof(words) / sizeof *(words))

/* Terms as they were last applied for under a name, so that the other side can agree to them. */
#define AGREED_MAX 64
static struct {
    char name[CAST_NAME_BYTES];
    struct pledge_terms terms;
} agreed[AGREED_MAX];

static struct pledge_terms *terms_of(const char *name) {
    size_t i = 0;
    while (i < AGREED_MAX - 1 && agreed[i].name[0] != '\0' && strcmp(agreed[i].name, name) != 0)
        i++;
    snprintf(agreed[i].name, sizeof agreed[i].name, "%s", name);
    return &agreed[i].terms;
}

/* --- clauses -----------------------------------------------------------------------------------
 */

/* RIGHT [PPM] [worth YUAN], or shares ACCOUNT SYMBOL UNITS [worth YUAN] */
static bool say_item(struct stage *stage, struct pledge_terms *terms) {
    struct words *words = &stage->words;
    struct pledge_item_terms *item = &terms->items[terms->items_count++];
    *item = (struct pledge_item_terms){.asset_kind = ASSET_RIGHT, .units = RIGHT_WHOLE_PPM};
    if (words_take(words, "shares")) {
        item->asset_kind = ASSET_HOLDING;
        item->account = say_any(stage, CAST_ACCOUNT);
        item->asset = say_any(stage, CAST_INSTRUMENT);
        if (!words_units(words, &item->units))
            return false;
    } else {
        item->asset = say_any(stage, CAST_RIGHT);
        char first = words_peek(words)[0];
        if (first >= '0' && first <= '9' && !words_units(words, &item->units))
            return false;
    }
    if (words_take(words, "in account"))
        item->account = say_any(stage, CAST_ACCOUNT);
    if (words_take(words, "valued by"))
        item->appraiser = say_any(stage, CAST_PARTY);
    if (words_take(words, "valued on") && !words_date(words, &item->valued))
        return false;
    return !words_take(words, "worth") || words_money(words, &item->value_fen);
}

static bool say_items(struct stage *stage, struct pledge_terms *terms) {
    terms->items_count = 0;
    do {
        if (!say_item(stage, terms))
            return false;
    } while (terms->items_count < PLEDGE_ITEMS_MAX && words_take(&stage->words, "and"));
    return true;
}

static bool say_date_clause(struct stage *stage, struct pledge_terms *terms, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = true;
    if (words_take(words, "until"))
        return words_date(words, &terms->debt_end);
    if (words_take(words, "since"))
        return words_date(words, &terms->debt_start);
    if (words_take(words, "maximum")) {
        terms->is_maximum = true;
        return words_date(words, &terms->determined);
    }
    if (words_take(words, "not-maximum")) {
        terms->is_maximum = false;
        terms->determined = DATE_NONE;
        return true;
    }
    *is_one = false;
    return true;
}

static bool say_set_clause(struct stage *stage, struct pledge_terms *terms, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = true;
    if (words_take(words, "knowing same-day"))
        terms->declarations |= PLEDGE_KNOWS_SAME_DAY_FILING;
    else if (words_take(words, "knowing disputed"))
        terms->declarations |= PLEDGE_KNOWS_INVALIDATION_PENDING;
    else if (words_take(words, "power-of-sale"))
        terms->conditions |= PLEDGE_POWER_OF_SALE;
    else if (words_take(words, "scope"))
        return words_number(words, &terms->scope);
    else if (words_take(words, "coverage"))
        return words_number(words, &terms->coverage_ppm);
    else
        *is_one = false;
    return true;
}

static bool say_clause(struct stage *stage, struct pledge_terms *terms) {
    struct words *words = &stage->words;
    uint32_t byte;
    bool is_one;
    bool is_understood = say_date_clause(stage, terms, &is_one);
    if (!is_one && is_understood)
        is_understood = say_set_clause(stage, terms, &is_one);
    if (is_one || !is_understood)
        return is_understood;
    if (words_take(words, "for"))
        return words_money(words, &terms->secured_fen);
    if (words_take(words, "of"))
        return say_items(stage, terms);
    if (words_take(words, "pledgor"))
        terms->pledgor = say_any(stage, CAST_PARTY);
    else if (words_take(words, "pledgee"))
        terms->pledgee = say_any(stage, CAST_PARTY);
    else if (words_take(words, "debtor"))
        terms->debtor = say_any(stage, CAST_PARTY);
    else if (words_take(words, "renewing"))
        terms->predecessor = say_any(stage, CAST_PLEDGE);
    else if (words_take(words, "naming"))
        terms->pledge = say_any(stage, CAST_PLEDGE);
    else if (words_take(words, "contract") && words_number(words, &byte))
        memset(terms->contract, (int)byte, HASH_BYTES);
    else if (words_take(words, "terms") && words_number(words, &byte))
        memset(terms->terms, (int)byte, HASH_BYTES);
    else
        return words_blame(words, "a clause that tests/scenario/README.md lists");
    return true;
}

/* Clauses up to what stands behind any deed, or "by court". */
static bool say_clauses(struct stage *stage, struct pledge_terms *terms) {
    while (say_more(stage) && strcmp(words_peek(&stage->words), "by") != 0)
        if (!say_clause(stage, terms))
            return false;
    return true;
}

/* --- phrases -----------------------------------------------------------------------------------
 */

/* applies as NAME PLEDGOR to PLEDGEE CLAUSES */
static bool say_applies(struct stage *stage, struct deed *deed, const char **made) {
    struct words *words = &stage->words;
    *made = words_next(words);
    struct pledge_terms *terms = terms_of(*made);
    *terms = (struct pledge_terms){.debt_start = 20261124,
                                   .debt_end = 20271124,
                                   .scope = PLEDGE_SCOPE_ALL,
                                   .secured_fen = 100000};
    deed->kind = DEED_PLEDGE_APPLY;
    terms->pledgor = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "to"))
        return false;
    terms->pledgee = say_any(stage, CAST_PARTY);
    terms->debtor = terms->pledgor;
    if (!say_clauses(stage, terms))
        return false;
    deed->pledge_terms = *terms;
    return true;
}

/* agrees to NAME [but CLAUSES] */
static bool say_agrees(struct stage *stage, struct deed *deed, const char **made) {
    struct words *words = &stage->words;
    (void)made;
    deed->kind = DEED_PLEDGE_JOIN;
    deed->pledge_terms = *terms_of(words_peek(words));
    deed->pledge_terms.pledge = say_any(stage, CAST_PLEDGE);
    return !words_take(words, "but") || say_clauses(stage, &deed->pledge_terms);
}

/* finds PLEDGE deficient|in-order */
static bool say_finds(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_REVIEW;
    deed->pledge_review.pledge = say_any(stage, CAST_PLEDGE);
    deed->pledge_review.is_deficient = words_take(&stage->words, "deficient");
    return deed->pledge_review.is_deficient || words_expect(&stage->words, "in-order");
}

static bool say_registers(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_REGISTER;
    deed->pledge_plain.pledge = say_any(stage, CAST_PLEDGE);
    return true;
}

static bool say_withdraws(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_WITHDRAW;
    deed->pledge_plain.pledge = say_any(stage, CAST_PLEDGE);
    return true;
}

/* rejects PLEDGE: always for the same reason */
static bool say_rejects(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_REFUSE;
    deed->pledge_refuse.pledge = say_any(stage, CAST_PLEDGE);
    deed->pledge_refuse.reason = REASON_NOT_OWNER;
    return true;
}

/* releases PLEDGE [item N UNITS] ... */
static bool say_releases(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_release *release = &deed->pledge_release;
    struct words *words = &stage->words;
    (void)made;
    deed->kind = DEED_PLEDGE_RELEASE;
    release->pledge = say_any(stage, CAST_PLEDGE);
    while (words_take(words, "item")) {
        struct pledge_part *part = &release->parts[release->parts_count++];
        if (!words_number(words, &part->item) || !words_units(words, &part->units))
            return false;
    }
    return true;
}

static bool say_revokes(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_REVOKE;
    deed->pledge_revoke.pledge = say_any(stage, CAST_PLEDGE);
    return true;
}

/* amends PLEDGE CLAUSES: the others stay as they were last said */
static bool say_amends(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_terms *terms = terms_of(words_peek(&stage->words));
    struct pledge_amend *amend = &deed->pledge_amend;
    (void)made;
    deed->kind = DEED_PLEDGE_AMEND;
    amend->pledge = say_any(stage, CAST_PLEDGE);
    if (!say_clauses(stage, terms))
        return false;
    amend->secured_fen = terms->secured_fen;
    amend->determined = terms->determined;
    amend->debt_end = terms->debt_end;
    amend->scope = terms->scope;
    amend->conditions = terms->conditions;
    amend->coverage_ppm = terms->coverage_ppm;
    return true;
}

/* assigns PLEDGE to PARTY */
static bool say_assigns(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_ASSIGN;
    deed->pledge_assign.pledge = say_any(stage, CAST_PLEDGE);
    if (!words_expect(&stage->words, "to"))
        return false;
    deed->pledge_assign.pledgee = say_any(stage, CAST_PARTY);
    return true;
}

/* records PLEDGE at OFFICE as STANDING [number N] [effective DATE TIME] */
static bool say_confirms(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_confirm *confirm = &deed->pledge_confirm;
    struct words *words = &stage->words;
    uint32_t office;
    uint32_t standing;
    trading_date date;
    int64_t time_ns;
    (void)made;
    deed->kind = DEED_PLEDGE_CONFIRM;
    confirm->pledge = say_any(stage, CAST_PLEDGE);
    if (!words_expect(words, "at") ||
        !words_one_of(words, office_words, COUNT_OF(office_words), &office) ||
        !words_expect(words, "as") ||
        !words_one_of(words, standing_words, COUNT_OF(standing_words), &standing))
        return false;
    confirm->office = (uint8_t)office;
    confirm->standing = (uint8_t)standing;
    const char *number = words_take(words, "number") ? words_next(words) : "A1";
    confirm->number_bytes = (uint8_t)strnlen(number, sizeof confirm->number);
    memcpy(confirm->number, number, confirm->number_bytes);
    if (!words_take(words, "effective"))
        return true;
    if (!words_date(words, &date) || !words_time_of_day(words, &time_ns))
        return false;
    confirm->effective_ns = words_market_time(date, time_ns);
    return true;
}

/* compares PLEDGE at OFFICE as STANDING */
static bool say_compares(struct stage *stage, struct deed *deed, const char **made) {
    struct words *words = &stage->words;
    uint32_t office;
    uint32_t standing;
    (void)made;
    deed->kind = DEED_PLEDGE_COMPARE;
    deed->pledge_compare.pledge = say_any(stage, CAST_PLEDGE);
    if (!words_expect(words, "at") ||
        !words_one_of(words, office_words, COUNT_OF(office_words), &office) ||
        !words_expect(words, "as") ||
        !words_one_of(words, standing_words, COUNT_OF(standing_words), &standing))
        return false;
    deed->pledge_compare.office = (uint8_t)office;
    deed->pledge_compare.standing = (uint8_t)standing;
    return true;
}

/* assents for PARTY to PLEDGE [as coowner | against PLEDGE | up to YUAN | corrected to YUAN] */
static bool say_assents(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_assent *assent = &deed->pledge_assent;
    struct words *words = &stage->words;
    (void)made;
    deed->kind = DEED_PLEDGE_ASSENT;
    if (!words_expect(words, "for"))
        return false;
    assent->party = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "to"))
        return false;
    assent->pledge = say_any(stage, CAST_PLEDGE);
    if (words_take(words, "against")) {
        assent->matter = PLEDGE_MATTER_SWAP;
        assent->other = say_any(stage, CAST_PLEDGE);
        return true;
    }
    if (words_take(words, "up to")) {
        assent->matter = PLEDGE_MATTER_INCREASE;
        return words_money(words, &assent->amount_fen);
    }
    if (words_take(words, "corrected to")) {
        assent->matter = PLEDGE_MATTER_CORRECTION;
        return words_money(words, &assent->amount_fen);
    }
    assent->matter = words_take(words, "as swap") ? PLEDGE_MATTER_SWAP : PLEDGE_MATTER_COOWNER;
    return true;
}

/* swaps PLEDGE and PLEDGE in RIGHT */
static bool say_swaps(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_SWAP;
    deed->pledge_swap.asset_kind = ASSET_RIGHT;
    deed->pledge_swap.pledge = say_any(stage, CAST_PLEDGE);
    if (!words_expect(&stage->words, "and"))
        return false;
    deed->pledge_swap.other = say_any(stage, CAST_PLEDGE);
    if (!words_expect(&stage->words, "in"))
        return false;
    deed->pledge_swap.asset = say_any(stage, CAST_RIGHT);
    return true;
}

/* corrects PLEDGE CLAUSES [by court] */
static bool say_corrects(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_terms terms = *terms_of(words_peek(&stage->words));
    struct pledge_correct *correct = &deed->pledge_correct;
    (void)made;
    deed->kind = DEED_PLEDGE_CORRECT;
    correct->pledge = say_any(stage, CAST_PLEDGE);
    if (!say_clauses(stage, &terms))
        return false;
    correct->debtor = terms.debtor;
    correct->secured_fen = terms.secured_fen;
    correct->debt_start = terms.debt_start;
    correct->debt_end = terms.debt_end;
    correct->is_by_court = words_take(&stage->words, "by court");
    return true;
}

/* merges PARTY into PARTY */
static bool say_merges(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_SUCCEED;
    deed->pledge_succeed.party = say_any(stage, CAST_PARTY);
    if (!words_expect(&stage->words, "into"))
        return false;
    deed->pledge_succeed.successor = say_any(stage, CAST_PARTY);
    return true;
}

/* lets CLASS be pledged once|often, reviewed in N, held for N, from DATE */
static bool say_lets(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_rule_set *set = &deed->pledge_rule_set;
    struct words *words = &stage->words;
    uint32_t class;
    (void)made;
    deed->kind = DEED_PLEDGE_RULE;
    if (!words_one_of(words, class_words, COUNT_OF(class_words), &class) ||
        !words_expect(words, "be pledged"))
        return false;
    set->kind = (uint8_t) class;
    set->allows_multi = words_take(words, "often");
    return (set->allows_multi || words_expect(words, "once")) &&
           words_expect(words, "reviewed in") && words_number(words, &set->review_days) &&
           words_expect(words, "held for") && words_number(words, &set->hold_days) &&
           words_expect(words, "from") && words_date(words, &set->from);
}

/* determines PLEDGE at YUAN */
static bool say_determines(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_DETERMINE;
    deed->pledge_determine.pledge = say_any(stage, CAST_PLEDGE);
    return words_expect(&stage->words, "at") &&
           words_money(&stage->words, &deed->pledge_determine.amount_fen);
}

/* defaults PLEDGE costs YUAN interest YUAN principal YUAN */
static bool say_defaults(struct stage *stage, struct deed *deed, const char **made) {
    struct pledge_default *owed = &deed->pledge_default;
    struct words *words = &stage->words;
    (void)made;
    deed->kind = DEED_PLEDGE_DEFAULT;
    owed->pledge = say_any(stage, CAST_PLEDGE);
    return words_expect(words, "costs") && words_money(words, &owed->costs_fen) &&
           words_expect(words, "interest") && words_money(words, &owed->interest_fen) &&
           words_expect(words, "principal") && words_money(words, &owed->principal_fen);
}

static bool say_cures(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    deed->kind = DEED_PLEDGE_CURE;
    deed->pledge_cure.pledge = say_any(stage, CAST_PLEDGE);
    return true;
}

/* PLEDGE item N UNITS at YUAN costs YUAN to PARTY from ACCOUNT paid ACCOUNT left ACCOUNT [by court]
 */
static bool say_realise(struct stage *stage, struct deed *deed, uint8_t kind) {
    struct pledge_realise *realise = &deed->pledge_realise;
    struct words *words = &stage->words;
    deed->kind = kind;
    realise->pledge = say_any(stage, CAST_PLEDGE);
    if (!words_expect(words, "item") || !words_number(words, &realise->item) ||
        !words_units(words, &realise->units) || !words_expect(words, "at") ||
        !words_money(words, &realise->price_fen) || !words_expect(words, "costs") ||
        !words_money(words, &realise->costs_fen) || !words_expect(words, "to"))
        return false;
    realise->buyer = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "from"))
        return false;
    realise->payer = say_any(stage, CAST_ACCOUNT);
    if (!words_expect(words, "paid"))
        return false;
    realise->pledgee_account = say_any(stage, CAST_ACCOUNT);
    if (!words_expect(words, "left"))
        return false;
    realise->pledgor_account = say_any(stage, CAST_ACCOUNT);
    realise->is_by_court = words_take(words, "by court");
    return true;
}

static bool say_appropriates(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    return say_realise(stage, deed, DEED_PLEDGE_APPROPRIATE);
}

static bool say_disposes(struct stage *stage, struct deed *deed, const char **made) {
    (void)made;
    return say_realise(stage, deed, DEED_PLEDGE_SELL);
}

static const struct {
    const char *begins;
    bool (*say)(struct stage *, struct deed *, const char **made);
} phrases[] = {
    {"applies as", say_applies},
    {"agrees to", say_agrees},
    {"finds", say_finds},
    {"registers", say_registers},
    {"takes back", say_withdraws},
    {"rejects", say_rejects},
    {"releases", say_releases},
    {"revokes pledge", say_revokes},
    {"amends", say_amends},
    {"assigns", say_assigns},
    {"records", say_confirms},
    {"compares", say_compares},
    {"assents", say_assents},
    {"swaps", say_swaps},
    {"corrects", say_corrects},
    {"merges", say_merges},
    {"lets", say_lets},
    {"determines", say_determines},
    {"defaults", say_defaults},
    {"cures", say_cures},
    {"appropriates", say_appropriates},
    {"disposes of", say_disposes},
};

static bool send(struct stage *stage, struct actor *actor, struct deed *deed, const char *made) {
    struct words *words = &stage->words;
    while (words->at < words->count)
        if (!say_confirmed(stage, deed) && !say_as(stage, actor))
            return words_end(words);
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    stage_send(stage, actor, &command);
    if (made == NULL)
        return true;
    struct making making = {.kind = CAST_PLEDGE};
    snprintf(making.name, sizeof making.name, "%s", made);
    stage_name_made(stage, &making, false);
    return true;
}

bool say_pledge(struct stage *stage, struct actor *actor, bool *is_one) {
    struct deed deed = {0};
    const char *made = NULL;
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        *is_one = words_take(&stage->words, phrases[i].begins);
        if (*is_one)
            return phrases[i].say(stage, &deed, &made) && send(stage, actor, &deed, made);
    }
    return true;
}

/* --- looking -----------------------------------------------------------------------------------
 */

static const char *name_or_number(const struct stage *stage, enum cast_kind kind, uint32_t id) {
    const char *name = cast_name_of(&stage->cast, kind, id);
    return name != NULL ? name : "somebody";
}

static void see_item(struct stage *stage, uint32_t pledge, uint32_t place, FILE *out) {
    struct pledge_item_view item;
    char units[48];
    engine_pledge_item(stage->venue.engine, pledge, place, &item);
    words_write_units(units, item.units);
    bool is_right = item.asset_kind == ASSET_RIGHT;
    fprintf(out, "; %s %s",
            name_or_number(stage, is_right ? CAST_RIGHT : CAST_INSTRUMENT, item.asset), units);
    if (item.standing != 0)
        fprintf(out, " %s", standing_names[item.standing]);
    if (item.rank != 0)
        fprintf(out, " rank %u", item.rank);
}

static void see_more(const struct pledge_view *view, FILE *out) {
    static const char *const parts[] = {"costs", "interest", "principal"};
    char money[48];
    if (view->is_overdue)
        fprintf(out, "; overdue");
    if (view->is_maximum)
        fprintf(out, "; maximum%s", view->is_determined ? " determined" : "");
    if (view->base_fen != view->secured_fen) {
        words_write_money(money, view->base_fen);
        fprintf(out, "; first %s", money);
    }
    for (uint32_t part = 0; part < WATERFALL_PARTS; part++) {
        if (view->owed_fen[part] == 0)
            continue;
        words_write_money(money, view->owed_fen[part]);
        fprintf(out, "; %s %s", parts[part], money);
    }
}

/* pledge NAME: state, persons, amount, version; each item with standing and rank */
bool say_see_pledge(struct stage *stage) {
    uint64_t pledge;
    struct pledge_view view;
    char money[48];
    if (!cast_find(&stage->cast, CAST_PLEDGE, words_peek(&stage->words), &pledge) ||
        !engine_pledge(stage->venue.engine, (uint32_t)pledge, &view))
        return words_blame(&stage->words, "a pledge's name");
    words_next(&stage->words);
    FILE *out = fmemopen(stage->got, sizeof stage->got, "w");
    words_write_money(money, view.secured_fen);
    fprintf(out, "%s %s to %s %s version %u", state_words[view.state],
            name_or_number(stage, CAST_PARTY, view.pledgor),
            name_or_number(stage, CAST_PARTY, view.pledgee), money, view.version);
    for (uint32_t place = 1; place <= view.items_count; place++)
        see_item(stage, (uint32_t)pledge, place, out);
    see_more(&view, out);
    fclose(out);
    return words_end(&stage->words);
}
