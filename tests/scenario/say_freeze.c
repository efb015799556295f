/*
 * What authorities order: freezes, restrictions; and lock-ups, objections.
 *
 *     lea freezes 500 HX of zhang until 2027-01-01 as f1
 *     lea freezes 1,000.00 in ann as f2
 *     lea lifts f1 by 200
 */
#include <stdio.h>
#include <string.h>

#include "engine/freeze.h"
#include "engine/view_freeze.h"
#include "tests/scenario/say.h"

/* Notice: every document in scenarios is the same. */
static void take_document(uint8_t document[HASH_BYTES]) {
    memset(document, 0xd0, HASH_BYTES);
}

/* RIGHT | PARTY in INSTRUMENT; an asset as deeds name it. */
struct named {
    uint8_t kind;
    uint32_t asset;
    uint32_t holder;
};

static bool say_asset(struct stage *stage, struct named *named) {
    struct words *words = &stage->words;
    uint64_t id;
    if (!cast_find(&stage->cast, CAST_PARTY, words_peek(words), &id)) {
        named->kind = ASSET_RIGHT;
        named->asset = say_any(stage, CAST_RIGHT);
        return true;
    }
    named->kind = ASSET_HOLDING;
    named->holder = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "in"))
        return false;
    named->asset = say_any(stage, CAST_INSTRUMENT);
    return true;
}

static bool say_freeze_detail(struct stage *stage, struct freeze_order *order) {
    static const char *const authorities[] = {NULL, "court", "csrc", "police", "procuratorate"};
    struct words *words = &stage->words;
    uint32_t which;
    int64_t ns;
    if (words_take(words, "until"))
        return words_date(words, &order->until);
    if (words_take(words, "for the")) {
        if (!words_one_of(words, authorities, 5, &which))
            return false;
        order->authority = (uint8_t)which;
        return true;
    }
    if (words_take(words, "served")) {
        trading_date date;
        if (!words_date(words, &date) || !words_time_of_day(words, &ns))
            return false;
        order->served_ns = words_market_time(date, ns);
        return true;
    }
    if (words_take(words, "with fruits"))
        return order->has_fruits = true;
    if (words_take(words, "may be sold"))
        return order->may_be_sold = true;
    return words_blame(words, "until, for the, served, with fruits, may be sold or as");
}

/* What is frozen: N HX of PARTY | N of RIGHT [of PARTY] | YUAN in ACCOUNT */
static bool say_frozen(struct stage *stage, struct freeze_order *order) {
    struct words *words = &stage->words;
    if (words->at + 1 < words->count && strcmp(words->word[words->at + 1], "in") == 0) {
        if (!words_money(words, &order->quantity) || !words_expect(words, "in"))
            return false;
        order->account = say_any(stage, CAST_ACCOUNT);
        return true;
    }
    uint64_t units;
    if (!words_units(words, &units))
        return false;
    order->quantity = (int64_t)units;
    if (words_take(words, "of")) {
        order->asset_kind = ASSET_RIGHT;
        order->asset = say_any(stage, CAST_RIGHT);
        if (words_take(words, "of"))
            order->holder = say_any(stage, CAST_PARTY);
        return true;
    }
    order->asset_kind = ASSET_HOLDING;
    order->asset = say_any(stage, CAST_INSTRUMENT);
    if (!words_expect(words, "of"))
        return false;
    order->holder = say_any(stage, CAST_PARTY);
    return true;
}

bool say_freezes(struct stage *stage, struct deed *deed, const char **made) {
    struct freeze_order *order = &deed->freeze_order;
    struct words *words = &stage->words;
    deed->kind = DEED_FREEZE;
    order->authority = FREEZING_COURT;
    order->served_ns = stage->venue.time_ns;
    order->case_number_bytes = 4;
    memcpy(order->case_number, "C-17", 4);
    take_document(order->document);
    if (!say_frozen(stage, order))
        return false;
    while (!words_take(words, "as")) {
        if (words->at >= words->count)
            return true;
        if (!say_freeze_detail(stage, order))
            return false;
    }
    *made = words_next(words);
    return true;
}

bool say_renews(struct stage *stage, struct deed *deed) {
    deed->kind = DEED_RENEW_FREEZE;
    take_document(deed->renew_freeze.document);
    deed->renew_freeze.freeze = say_any(stage, CAST_FREEZE);
    return words_expect(&stage->words, "until") &&
           words_date(&stage->words, &deed->renew_freeze.until);
}

/* lifts FREEZE [by N | by YUAN] */
bool say_lifts(struct stage *stage, struct deed *deed) {
    struct lift_freeze *lift = &deed->lift_freeze;
    struct words *words = &stage->words;
    struct freeze_view view;
    uint64_t units;
    deed->kind = DEED_LIFT_FREEZE;
    take_document(lift->document);
    lift->freeze = say_any(stage, CAST_FREEZE);
    if (!words_take(words, "by"))
        return true;
    bool is_cash = engine_freeze(stage->venue.engine, lift->freeze, &view) && view.asset_kind == 0;
    if (is_cash)
        return words_money(words, &lift->quantity);
    if (!words_units(words, &units))
        return false;
    lift->quantity = (int64_t)units;
    return true;
}

/* forbids PARTY in HX to buy|sell|move|trade|deal; forbids RIGHT to move */
bool say_forbids(struct stage *stage, struct deed *deed) {
    static const char *const sides[] = {NULL, "buy", "sell", "trade", "move", NULL, NULL, "deal"};
    struct restrict_trading *wanted = &deed->restrict_trading;
    struct named named = {0};
    uint32_t which;
    deed->kind = DEED_RESTRICT_TRADING;
    wanted->authority = FREEZING_CSRC;
    wanted->case_number_bytes = 3;
    memcpy(wanted->case_number, "R-5", 3);
    take_document(wanted->document);
    if (!say_asset(stage, &named) || !words_expect(&stage->words, "to") ||
        !words_one_of(&stage->words, sides, 8, &which))
        return false;
    wanted->asset_kind = named.kind;
    wanted->asset = named.asset;
    wanted->holder = named.holder;
    wanted->sides = (uint8_t)which;
    return !words_take(&stage->words, "until") || words_date(&stage->words, &wanted->until);
}

/* locks N HX of ACCOUNT until DATE */
bool say_locks(struct stage *stage, struct deed *deed) {
    struct lock_up *wanted = &deed->lock_up;
    uint64_t units;
    deed->kind = DEED_LOCK_UP;
    take_document(wanted->document);
    if (!words_units(&stage->words, &units))
        return false;
    wanted->quantity = (int64_t)units;
    wanted->instrument = say_any(stage, CAST_INSTRUMENT);
    if (!words_expect(&stage->words, "of"))
        return false;
    wanted->account = say_any(stage, CAST_ACCOUNT);
    return !words_take(&stage->words, "until") || words_date(&stage->words, &wanted->until);
}

/* objects to [entry N of] ASSET for PARTY until DATE */
bool say_objects(struct stage *stage, struct deed *deed) {
    struct object *wanted = &deed->object;
    struct words *words = &stage->words;
    struct named named = {0};
    deed->kind = DEED_OBJECT;
    take_document(wanted->document);
    if (words_take(words, "entry") &&
        (!words_number(words, &wanted->entry) || !words_expect(words, "of")))
        return false;
    if (!say_asset(stage, &named) || !words_expect(words, "for"))
        return false;
    wanted->asset_kind = named.kind;
    wanted->asset = named.asset;
    wanted->holder = named.holder;
    wanted->party = say_any(stage, CAST_PARTY);
    return !words_take(words, "until") || words_date(words, &wanted->until);
}

/* ends entry N of ASSET */
bool say_ends_entry(struct stage *stage, struct deed *deed) {
    struct end_entry *wanted = &deed->end_entry;
    struct named named = {0};
    deed->kind = DEED_END_ENTRY;
    take_document(wanted->document);
    if (!words_number(&stage->words, &wanted->entry) || !words_expect(&stage->words, "of") ||
        !say_asset(stage, &named))
        return false;
    wanted->asset_kind = named.kind;
    wanted->asset = named.asset;
    wanted->holder = named.holder;
    return true;
}

/* --- looking ------------------------------------------------------------------------------------
 */

static void see(struct stage *stage, const char *text) {
    size_t length = strlen(stage->got);
    snprintf(stage->got + length, sizeof stage->got - length, "%s%s", length != 0 ? " " : "", text);
}

static void see_number(struct stage *stage, const char *word, uint64_t value, bool is_cash) {
    char text[48];
    if (value == 0)
        return;
    see(stage, word);
    if (is_cash)
        words_write_money(text, (int64_t)value);
    else
        words_write_units(text, value);
    see(stage, text);
}

/* freeze NAME */
bool say_see_freeze(struct stage *stage) {
    static const char *const states[] = {"", "", "waits", "mark", "lifted", "lapsed", "spent"};
    uint32_t freeze;
    struct freeze_view view;
    if (!say_known(stage, CAST_FREEZE, &freeze) ||
        !engine_freeze(stage->venue.engine, freeze, &view))
        return words_blame(&stage->words, "a freeze's name");
    if (states[view.state][0] != '\0')
        see(stage, states[view.state]);
    see_number(stage, "frozen", view.frozen, view.asset_kind == 0);
    see_number(stage, "marked", view.marked, view.asset_kind == 0);
    see_number(stage, "queued", view.queued, view.asset_kind == 0);
    see_number(stage, "missed", view.missed, view.asset_kind == 0);
    return words_end(&stage->words);
}

static const char *entry_word(uint8_t kind) {
    static const char *const words[ENTRIES_END] = {
        NULL,      "asset",   "hold",    "pledge",    "freeze",      "mark",    "restriction",
        "lock-up", "licence", "listing", "objection", "reservation", "transfer"};
    return words[kind];
}

/* entries of ASSET: those in force, and how many are over */
bool say_see_entries(struct stage *stage) {
    struct named named = {0};
    struct entry_view view;
    char text[64];
    uint32_t over = 0;
    if (!words_expect(&stage->words, "of") || !say_asset(stage, &named))
        return false;
    for (uint32_t entry = 1;
         engine_entry(stage->venue.engine, named.kind, named.asset, named.holder, entry, &view);
         entry++) {
        over += view.to_ns != 0;
        if (view.to_ns != 0)
            continue;
        snprintf(text, sizeof text, "%u %s", entry, entry_word(view.kind));
        see(stage, text);
        see_number(stage, "binds", view.bound, false);
    }
    if (over != 0) {
        snprintf(text, sizeof text, "%u over", over);
        see(stage, text);
    }
    if (stage->got[0] == '\0')
        see(stage, "none");
    return words_end(&stage->words);
}
