/*
 * Rights on sale.
 *
 *     firms zhang bea carl
 *     rita admits invention ZL1 of zhang
 *     rita lists ZL1 of zhang as l1 floor 1,000.00 increment 100.00 until 2026-12-01 10:00
 *     bea enters l1
 *     bea bids 1,000.00 for l1
 */
#include <stdio.h>
#include <string.h>

#include "bench/algorithms.h"
#include "engine/date.h"
#include "engine/view.h"
#include "tests/scenario/say.h"

/* What a firm begins with. */
#define FIRM_FEN  INT64_C(100000000)
#define SECOND_NS INT64_C(1000000000)
#define MS_NS     INT64_C(1000000)

/* --- firms ------------------------------------------------------------------------------------
 */

static uint64_t aside(struct stage *stage, const struct actor *actor, const struct deed *deed) {
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    uint32_t sender = stage->sender;
    stage_send(stage, actor, &command);
    const struct event *done = stage_heard(stage, EVENT_DONE, actor->session);
    uint64_t id = done != NULL ? done->id : 0;
    venue_forget(&stage->venue);
    stage->sender = sender;
    return id;
}

static void join_as(struct stage *stage, const char *name, uint32_t roles) {
    uint64_t known;
    struct joining joining = {.name = name, .roles = roles};
    if (!cast_find(&stage->cast, CAST_SESSION, name, &known))
        stage_join(stage, &joining);
}

/* A firm is a transferee with a party, a party-key and a funded account, all of its name. */
static bool add_firm(struct stage *stage, const struct actor *rita, const char *name) {
    struct deed deed = {.kind = DEED_ADD_PARTY};
    struct add_party *add = &deed.add_party;
    uint64_t participant;
    join_as(stage, name, ROLE_TRANSFEREE);
    if (!cast_find(&stage->cast, CAST_PARTICIPANT, name, &participant))
        return false;
    add->participant = (uint32_t)participant;
    add->name_bytes = 4;
    add->code_bytes = (uint8_t)snprintf(add->code, sizeof add->code, "9144%u", stage->persons);
    uint64_t party = aside(stage, rita, &deed);
    deed = (struct deed){.kind = DEED_ADD_PARTY_KEY,
                         .add_party_key = {.party = (uint32_t)party, .person = stage->persons}};
    deed.add_party_key.key = algorithms_key((uint8_t)stage->persons);
    uint64_t key = aside(stage, rita, &deed);
    struct act act = {.kind = ACT_ADD_ACCOUNT, .add_account = {(uint32_t)participant, party}};
    uint32_t account = (uint32_t)stage_admin(stage, &act);
    stage_give(stage, account, 0, FIRM_FEN);
    return cast_bind(&stage->cast, CAST_PARTY, name, party) &&
           cast_bind(&stage->cast, CAST_PARTY_KEY, name, key) &&
           cast_bind(&stage->cast, CAST_ACCOUNT, name, account);
}

/* firms NAME ...: with rita the registrar and lea the liaison */
bool say_firms(struct stage *stage, bool *is_one) {
    struct actor rita;
    *is_one = words_take(&stage->words, "firms");
    if (!*is_one)
        return true;
    join_as(stage, "rita", ROLE_REGISTRAR);
    join_as(stage, "lea", ROLE_AUTHORITY_LIAISON);
    stage_actor(stage, "rita", &rita);
    while (stage->words.at < stage->words.count)
        if (!add_firm(stage, &rita, words_next(&stage->words)))
            return words_blame(&stage->words, "a name that is new");
    return true;
}

/* --- deeds ------------------------------------------------------------------------------------
 */

static void sign(struct stage *stage, struct deed *deed, uint32_t party_key) {
    if (deed->signatures_count < DEED_SIGNATURES_MAX)
        deed->signatures[deed->signatures_count++] =
            (struct signature){.party_key = party_key, .serial = ++stage->serials};
}

/* signed by NAME [and NAME]; unsigned */
static bool say_signed(struct stage *stage, struct deed *deed) {
    struct words *words = &stage->words;
    if (words_take(words, "unsigned")) {
        deed->signatures_count = 0;
        return true;
    }
    if (!words_take(words, "signed by"))
        return false;
    deed->signatures_count = 0;
    do
        sign(stage, deed, say_any(stage, CAST_PARTY_KEY));
    while (words_take(words, "and"));
    return true;
}

static bool say_span_ms(struct stage *stage, uint32_t *ms) {
    int64_t span_ns;
    if (!words_span(&stage->words, &span_ns))
        return false;
    *ms = (uint32_t)(span_ns / MS_NS);
    return true;
}

/* DATE TIME */
static bool say_moment(struct stage *stage, int64_t *ns) {
    trading_date date;
    if (!words_date(&stage->words, &date) || !words_time_of_day(&stage->words, ns))
        return false;
    *ns = words_market_time(date, *ns);
    return true;
}

/* PARTY [PPM] and ...; the account has the party's name */
static bool say_sellers(struct stage *stage, struct open_listing *open) {
    struct words *words = &stage->words;
    do {
        struct listing_seller *seller = &open->sellers[open->sellers_count++];
        uint64_t account = STAGE_NOBODY;
        uint64_t ppm = RIGHT_WHOLE_PPM;
        cast_find(&stage->cast, CAST_ACCOUNT, words_peek(words), &account);
        seller->party = say_any(stage, CAST_PARTY);
        seller->account = (uint32_t)account;
        if (words_peek(words)[0] >= '0' && words_peek(words)[0] <= '9' && !words_units(words, &ppm))
            return false;
        seller->ppm = (uint32_t)ppm;
    } while (open->sellers_count < LISTING_SELLERS_MAX && words_take(words, "and"));
    return true;
}

static bool say_price_term(struct stage *stage, struct open_listing *open, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = true;
    if (words_take(words, "floor"))
        return words_money(words, &open->floor_fen);
    if (words_take(words, "increment"))
        return words_money(words, &open->increment_fen);
    if (words_take(words, "reserve")) {
        open->is_reserve_hidden = words_take(words, "hidden");
        return words_money(words, &open->reserve_fen);
    }
    if (words_take(words, "deposit"))
        return words_money(words, &open->deposit_fen);
    *is_one = false;
    return true;
}

static bool say_time_term(struct stage *stage, struct open_listing *open, bool *is_one) {
    struct words *words = &stage->words;
    *is_one = true;
    if (words_take(words, "until"))
        return say_moment(stage, &open->disclosed_until_ns);
    if (words_take(words, "free"))
        return say_span_ms(stage, &open->free_ms);
    if (words_take(words, "timed"))
        return say_span_ms(stage, &open->timed_ms);
    if (words_take(words, "stop"))
        return say_span_ms(stage, &open->hard_stop_ms);
    if (words_take(words, "notice"))
        return say_span_ms(stage, &open->notice_ms);
    if (words_take(words, "days to sign"))
        return words_number(words, &open->sign_days);
    if (words_take(words, "days to pay"))
        return words_number(words, &open->pay_days);
    *is_one = false;
    return true;
}

static bool say_term(struct stage *stage, struct deed *deed, struct open_listing *open) {
    struct words *words = &stage->words;
    bool is_one;
    bool is_understood = say_price_term(stage, open, &is_one);
    if (!is_one && is_understood)
        is_understood = say_time_term(stage, open, &is_one);
    if (is_one || !is_understood)
        return is_understood;
    if (words_take(words, "qualifying"))
        open->is_qualifying = true;
    else if (words_take(words, "approved"))
        open->approval_bytes = HASH_BYTES;
    else if (!say_signed(stage, deed))
        return words_blame(words, "a term of a listing");
    return true;
}

/* lists [exclusive|sole|ordinary licence of] RIGHT of SELLERS as NAME TERMS; signed by all sellers
 * unless something else is said */
static bool say_lists(struct stage *stage, struct deed *deed, const char **made) {
    static const char *const objects[] = {"exclusive", "sole", "ordinary"};
    struct words *words = &stage->words;
    struct open_listing *open = &deed->open_listing;
    deed->kind = DEED_OPEN_LISTING;
    open->mode = BID_MODE_MULTI;
    open->object = SALE_TRANSFER;
    for (uint8_t i = 0; i < 3; i++)
        if (words_take(words, objects[i])) {
            open->object = (uint8_t)(SALE_LICENCE_EXCLUSIVE + i);
            words_expect(words, "licence of");
        }
    open->right = say_any(stage, CAST_RIGHT);
    int at = words->at + 1;
    if (!words_expect(words, "of") || !say_sellers(stage, open) || !words_expect(words, "as"))
        return false;
    *made = words_next(words);
    int after = words->at;
    words->at = at;
    for (uint32_t i = 0; i < open->sellers_count; i++) {
        uint64_t key;
        if (cast_find(&stage->cast, CAST_PARTY_KEY, words_peek(words), &key))
            sign(stage, deed, (uint32_t)key);
        while (strcmp(words_peek(words), "and") != 0 && words->at < after)
            words_next(words);
        words_next(words);
    }
    words->at = after;
    while (words->at < words->count)
        if (!say_term(stage, deed, open))
            return false;
    return true;
}

/* auctions PLEDGE item N UNITS as NAME costs YUAN paid ACCOUNT left ACCOUNT [by court] TERMS */
static bool say_auctions(struct stage *stage, struct deed *deed, const char **made) {
    struct words *words = &stage->words;
    struct pledge_auction *auction = &deed->pledge_auction;
    deed->kind = DEED_PLEDGE_AUCTION;
    auction->pledge = say_any(stage, CAST_PLEDGE);
    if (!words_expect(words, "item") || !words_number(words, &auction->item) ||
        !words_units(words, &auction->units) || !words_expect(words, "as"))
        return false;
    *made = words_next(words);
    if (!words_expect(words, "costs") || !words_money(words, &auction->costs_fen) ||
        !words_expect(words, "paid"))
        return false;
    auction->pledgee_account = say_any(stage, CAST_ACCOUNT);
    if (!words_expect(words, "left"))
        return false;
    auction->pledgor_account = say_any(stage, CAST_ACCOUNT);
    auction->is_by_court = words_take(words, "by court");
    while (words->at < words->count)
        if (!say_term(stage, deed, &auction->terms))
            return false;
    return true;
}

/* The party of the name that says the line. */
static uint32_t party_of(const struct stage *stage, const struct actor *actor,
                         enum cast_kind kind) {
    uint64_t id = STAGE_NOBODY;
    cast_find(&stage->cast, kind, actor->name, &id);
    return (uint32_t)id;
}

/* as PARTY, from ACCOUNT */
static bool say_whose(struct stage *stage, uint32_t *party, uint32_t *account) {
    struct words *words = &stage->words;
    if (party != NULL && words_take(words, "as"))
        *party = say_any(stage, CAST_PARTY);
    if (account != NULL && words_take(words, "from"))
        *account = say_any(stage, CAST_ACCOUNT);
    return true;
}

static bool say_enters(struct stage *stage, const struct actor *actor, struct deed *deed) {
    struct join_listing *join = &deed->join_listing;
    deed->kind = DEED_JOIN_LISTING;
    join->listing = say_any(stage, CAST_LISTING);
    join->party = party_of(stage, actor, CAST_PARTY);
    join->account = party_of(stage, actor, CAST_ACCOUNT);
    return say_whose(stage, &join->party, &join->account);
}

static bool say_bids(struct stage *stage, const struct actor *actor, struct deed *deed) {
    deed->kind = DEED_BID;
    if (!words_money(&stage->words, &deed->bid.price_fen) || !words_expect(&stage->words, "for"))
        return false;
    deed->bid.listing = say_any(stage, CAST_LISTING);
    deed->bid.party = party_of(stage, actor, CAST_PARTY);
    return say_whose(stage, &deed->bid.party, NULL);
}

static bool say_leaves(struct stage *stage, const struct actor *actor, struct deed *deed) {
    deed->kind = DEED_LEAVE_LISTING;
    deed->leave_listing.listing = say_any(stage, CAST_LISTING);
    deed->leave_listing.party = party_of(stage, actor, CAST_PARTY);
    return say_whose(stage, &deed->leave_listing.party, NULL);
}

/* qualifies|bars PARTY for LISTING [forfeit] */
static bool say_qualifies(struct stage *stage, const struct actor *actor, struct deed *deed) {
    struct qualify_bidder *qualify = &deed->qualify_bidder;
    (void)actor;
    deed->kind = DEED_QUALIFY_BIDDER;
    qualify->is_qualified = strcmp(stage->words.word[stage->words.at - 1], "qualifies") == 0;
    qualify->party = say_any(stage, CAST_PARTY);
    if (!words_expect(&stage->words, "for"))
        return false;
    qualify->listing = say_any(stage, CAST_LISTING);
    qualify->is_forfeit = words_take(&stage->words, "forfeit");
    return true;
}

/* signs LISTING [document N] [as PARTY] [signed by KEY | unsigned] */
static bool say_signs(struct stage *stage, const struct actor *actor, struct deed *deed) {
    struct words *words = &stage->words;
    uint32_t byte = 1;
    deed->kind = DEED_SIGN_SALE;
    deed->sign_sale.listing = say_any(stage, CAST_LISTING);
    deed->sign_sale.party = party_of(stage, actor, CAST_PARTY);
    sign(stage, deed, party_of(stage, actor, CAST_PARTY_KEY));
    if (words_take(words, "document") && !words_number(words, &byte))
        return false;
    memset(deed->sign_sale.document, (int)byte, HASH_BYTES);
    say_whose(stage, &deed->sign_sale.party, NULL);
    say_signed(stage, deed);
    return true;
}

static bool say_pays(struct stage *stage, const struct actor *actor, struct deed *deed) {
    deed->kind = DEED_PAY_SALE;
    deed->pay_sale.listing = say_any(stage, CAST_LISTING);
    deed->pay_sale.account = party_of(stage, actor, CAST_ACCOUNT);
    return say_whose(stage, NULL, &deed->pay_sale.account);
}

static bool say_certifies(struct stage *stage, const struct actor *actor, struct deed *deed) {
    (void)actor;
    deed->kind = DEED_CERTIFY_SALE;
    deed->certify_sale.listing = say_any(stage, CAST_LISTING);
    return true;
}

/* registers LISTING [number N] [effective DATE TIME] */
static bool say_registers(struct stage *stage, const struct actor *actor, struct deed *deed) {
    struct words *words = &stage->words;
    struct register_sale *entry = &deed->register_sale;
    (void)actor;
    deed->kind = DEED_REGISTER_SALE;
    entry->listing = say_any(stage, CAST_LISTING);
    entry->effective_ns = stage->venue.time_ns;
    if (words_take(words, "number")) {
        const char *number = words_next(words);
        entry->number_bytes = (uint8_t)strnlen(number, SALE_NUMBER_BYTES_MAX);
        memcpy(entry->number, number, entry->number_bytes);
    }
    return !words_take(words, "effective") || say_moment(stage, &entry->effective_ns);
}

/* suspends|resumes|ends LISTING */
static bool say_marks_listing(struct stage *stage, const struct actor *actor, struct deed *deed) {
    const char *verb = stage->words.word[stage->words.at - 1];
    (void)actor;
    deed->kind = strcmp(verb, "suspends") == 0  ? DEED_SUSPEND_LISTING
                 : strcmp(verb, "resumes") == 0 ? DEED_RESUME_LISTING
                                                : DEED_END_LISTING;
    deed->mark_listing.listing = say_any(stage, CAST_LISTING);
    return true;
}

/* Verbs that others use too are about a listing when one is named behind them. */
static const struct {
    const char *verb;
    bool is_alone;
    bool (*say)(struct stage *, const struct actor *, struct deed *);
} phrases[] = {
    {"enters", true, say_enters},
    {"bids", true, say_bids},
    {"leaves", true, say_leaves},
    {"qualifies", true, say_qualifies},
    {"bars", true, say_qualifies},
    {"signs", false, say_signs},
    {"pays", false, say_pays},
    {"certifies", false, say_certifies},
    {"registers", false, say_registers},
    {"suspends", false, say_marks_listing},
    {"resumes", false, say_marks_listing},
    {"ends", false, say_marks_listing},
};

static bool names_listing(const struct stage *stage) {
    const struct words *words = &stage->words;
    uint64_t listing;
    return words->at + 1 < words->count &&
           cast_find(&stage->cast, CAST_LISTING, words->word[words->at + 1], &listing);
}

static bool send(struct stage *stage, struct actor *actor, const struct deed *deed,
                 const char *made) {
    struct command command = {.verb = VERB_DEED, .deed = *deed};
    struct making making = {.kind = CAST_LISTING};
    while (stage->words.at < stage->words.count)
        if (!say_as(stage, actor))
            return words_end(&stage->words);
    stage_send(stage, actor, &command);
    if (made == NULL)
        return true;
    snprintf(making.name, sizeof making.name, "%s", made);
    stage_name_made(stage, &making, false);
    return true;
}

bool say_listing(struct stage *stage, struct actor *actor, bool *is_one) {
    struct deed deed = {0};
    const char *made = NULL;
    *is_one = words_take(&stage->words, "lists");
    if (*is_one)
        return say_lists(stage, &deed, &made) && send(stage, actor, &deed, made);
    *is_one = words_take(&stage->words, "auctions");
    if (*is_one)
        return say_auctions(stage, &deed, &made) && send(stage, actor, &deed, made);
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        *is_one = (phrases[i].is_alone || names_listing(stage)) &&
                  words_take(&stage->words, phrases[i].verb);
        if (*is_one)
            return phrases[i].say(stage, actor, &deed) && send(stage, actor, &deed, NULL);
    }
    return true;
}

/* --- looking ----------------------------------------------------------------------------------
 */

/* listing NAME: state, high, until when */
bool say_see_listing(struct stage *stage) {
    uint32_t listing;
    struct listing_view view;
    char text[48];
    char *got = stage->got;
    size_t room = sizeof stage->got;
    if (!say_known(stage, CAST_LISTING, &listing) ||
        !engine_listing(stage->venue.engine, listing, &view))
        return words_blame(&stage->words, "a listing's name");
    int length = snprintf(got, room, "%s", say_listing_state(view.state));
    if (view.high_fen != 0) {
        const char *name = cast_name_of(&stage->cast, CAST_PARTY, view.high);
        words_write_money(text, view.high_fen);
        length += snprintf(got + length, room - (size_t)length, " %s by %s", text,
                           name != NULL ? name : "somebody");
    }
    if (view.deadline_ns != 0) {
        say_write_moment(text, view.deadline_ns);
        snprintf(got + length, room - (size_t)length, " until %s", text);
    }
    return words_end(&stage->words);
}

/* escrow: all that lies there */
bool say_see_escrow(struct stage *stage) {
    words_write_money(stage->got, engine_escrow_fen(stage->venue.engine));
    return words_end(&stage->words);
}

const char *say_listing_state(uint8_t state) {
    static const char *const words[LISTING_STATES_END] = {
        "NO STATE",   "DRAFT",     "REVIEW",     "DISCLOSED",
        "EXTENDED",   "NO_BIDDER", "ONE_BIDDER", "AGREEMENT",
        "FREE",       "TIMED",     "AWARDED",    "FAILED",
        "CONTRACTED", "PAID",      "CERTIFIED",  "TRANSFER_REGISTERED",
        "SUSPENDED",  "TERMINATED"};
    return state < LISTING_STATES_END ? words[state] : words[0];
}

void say_write_moment(char *out, int64_t ns) {
    int64_t market_ns = ns + MARKET_AHEAD_NS;
    int64_t in_day_ns = market_ns % WORDS_DAY_NS;
    char date[48];
    words_write_date(date, date_of_ns(ns));
    unsigned second = (unsigned)(in_day_ns / SECOND_NS) % 86400;
    snprintf(out, 48, "%.12s %02u:%02u:%02u", date, second / 3600, second / 60 % 60, second % 60);
}
