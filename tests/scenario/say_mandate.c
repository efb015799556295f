/*
 * Mandates, and what stands behind a deed: who has signed it, and on whose behalf it is sent.
 *
 *     ann grants mandate m1 of zhang to ann for pledges up to 1,000.00 until 2026-12-31 signed by
 * k1
 */
#include <stdio.h>
#include <string.h>

#include "engine/view.h"
#include "tests/scenario/say.h"

/* Names of the bits of enum mandate_scope. */
static const char *const scope_words[] = {"holdings", "pledges",     "transfers",
                                          "listings", "enforcement", "inquiries"};
#define SCOPE_WORDS (sizeof scope_words / sizeof *scope_words)

static bool say_scope(struct words *words, uint32_t *scope) {
    uint32_t bit;
    do {
        if (!words_one_of(words, scope_words, SCOPE_WORDS, &bit))
            return false;
        *scope |= 1u << bit;
    } while (words_take(words, "and"));
    return true;
}

/* NAME of PARTY to WHO for SCOPE [and SCOPE] up to YUAN until DATE */
bool say_grants(struct stage *stage, struct deed *deed, const char **made) {
    struct grant_mandate *grant = &deed->grant_mandate;
    struct words *words = &stage->words;
    deed->kind = DEED_GRANT_MANDATE;
    *made = words_next(words);
    if (!words_expect(words, "of"))
        return false;
    grant->principal = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "to"))
        return false;
    grant->agent = say_any(stage, CAST_PARTICIPANT);
    return words_expect(words, "for") && say_scope(words, &grant->scope) &&
           words_expect(words, "up to") && words_money(words, &grant->limit_fen) &&
           words_expect(words, "until") && words_date(words, &grant->until);
}

bool say_revokes_mandate(struct stage *stage, struct deed *deed) {
    deed->kind = DEED_REVOKE_MANDATE;
    deed->revoke_mandate.mandate = say_any(stage, CAST_MANDATE);
    return true;
}

/* KEY [serial N] [expires TIME]: a serial of its own unless one is said */
static bool say_signature(struct stage *stage, struct deed *deed) {
    struct words *words = &stage->words;
    int64_t time_ns;
    if (deed->signatures_count == DEED_SIGNATURES_MAX)
        return words_blame(words, "two signatures at most");
    struct signature *signature = &deed->signatures[deed->signatures_count++];
    signature->party_key = say_any(stage, CAST_PARTY_KEY);
    signature->serial = ++stage->serials;
    if (words_take(words, "serial") && !words_units(words, &signature->serial))
        return false;
    if (!words_take(words, "expires"))
        return true;
    if (!words_time_of_day(words, &time_ns))
        return false;
    signature->expires_ns = words_market_time(STAGE_FIRST_DAY, time_ns);
    return true;
}

bool say_confirmed(struct stage *stage, struct deed *deed) {
    struct words *words = &stage->words;
    if (words_take(words, "on behalf of")) {
        deed->on_behalf_of = say_any(stage, CAST_PARTY);
        return true;
    }
    if (!words_take(words, "signed by"))
        return false;
    do {
        if (!say_signature(stage, deed))
            return false;
    } while (words_take(words, "and"));
    return true;
}

bool say_more(const struct stage *stage) {
    static const char *const ends[] = {"signed", "on", "with", "from"};
    const struct words *words = &stage->words;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp(words_peek(words), ends[i]) == 0)
            return false;
    return words->at < words->count;
}

/* mandate NAME: whose, to whom, and whether it is in force */
bool say_see_mandate(struct stage *stage) {
    uint32_t mandate;
    struct mandate_view view;
    if (!say_known(stage, CAST_MANDATE, &mandate) ||
        !engine_mandate(stage->venue.engine, mandate, &view))
        return words_blame(&stage->words, "a mandate's name");
    const char *principal = cast_name_of(&stage->cast, CAST_PARTY, view.principal);
    const char *agent = cast_name_of(&stage->cast, CAST_PARTICIPANT, view.agent);
    snprintf(stage->got, sizeof stage->got, "of %s to %s%s", principal != NULL ? principal : "?",
             agent != NULL ? agent : "?", view.to_ns != 0 ? "; ended" : "");
    return words_end(&stage->words);
}
