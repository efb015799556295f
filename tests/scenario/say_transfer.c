/*
 * Consents, and transfers by agreement.
 *
 *     bank consents to pledge P1 for 500 at 4,000.00 paying 3,000.00 to b1 until 2027-01-01 as c1
 *     ann transfers 500 HX from zhang at a1 to wang at w1 for 5,000.00 under c1 as t1
 */
#include <stdio.h>
#include <string.h>

#include "engine/transfer.h"
#include "engine/view_freeze.h"
#include "tests/scenario/say.h"

static bool say_consent_detail(struct stage *stage, struct give_consent *give) {
    struct words *words = &stage->words;
    if (words_take(words, "to"))
        give->buyer = say_any(stage, CAST_PARTY);
    else if (words_take(words, "at"))
        return words_money(words, &give->floor_fen);
    else if (words_take(words, "paying")) {
        give->states_payoff = true;
        if (!words_money(words, &give->payoff_fen) || !words_expect(words, "to"))
            return false;
        give->account = say_any(stage, CAST_ACCOUNT);
    } else if (words_take(words, "licence"))
        give->purpose = CONSENT_LICENCE;
    else if (words_take(words, "until"))
        return words_date(words, &give->until);
    else
        return words_blame(words, "to, at, paying, licence or until");
    return true;
}

/* consents that N of PLEDGE | N of RIGHT by PARTY goes [to PARTY] [at YUAN] [paying YUAN to
 * ACCOUNT] [licence] until DATE [as NAME] */
bool say_consents(struct stage *stage, struct deed *deed, const char **made) {
    struct give_consent *give = &deed->give_consent;
    struct words *words = &stage->words;
    uint64_t units;
    uint64_t id;
    deed->kind = DEED_GIVE_CONSENT;
    give->purpose = CONSENT_TRANSFER;
    if (!words_units(words, &units) || !words_expect(words, "of"))
        return false;
    give->quantity = (int64_t)units;
    if (cast_find(&stage->cast, CAST_RIGHT, words_peek(words), &id)) {
        give->right = say_any(stage, CAST_RIGHT);
        if (!words_expect(words, "by"))
            return false;
        give->party = say_any(stage, CAST_PARTY);
    } else {
        give->pledge = say_any(stage, CAST_PLEDGE);
    }
    if (!words_expect(words, "goes"))
        return false;
    while (say_more(stage)) {
        if (words_take(words, "as")) {
            *made = words_next(words);
            return true;
        }
        if (!say_consent_detail(stage, give))
            return false;
    }
    return true;
}

/* revokes consent NAME */
bool say_revokes_consent(struct stage *stage, struct deed *deed) {
    deed->kind = DEED_REVOKE_CONSENT;
    deed->revoke_consent.consent = say_any(stage, CAST_CONSENT);
    return true;
}

static bool say_transfer_detail(struct stage *stage, struct transfer_deed *wanted) {
    struct words *words = &stage->words;
    if (words_take(words, "under")) {
        do
            wanted->consents[wanted->consents_count++].consent = say_any(stage, CAST_CONSENT);
        while (wanted->consents_count < TRANSFER_CONSENTS_MAX && words_take(words, "and"));
        return true;
    }
    if (words_take(words, "costs")) {
        if (!words_money(words, &wanted->costs_fen) || !words_expect(words, "to"))
            return false;
        wanted->costs_account = say_any(stage, CAST_ACCOUNT);
        return true;
    }
    return words_blame(words, "under, costs or as");
}

/* transfers N HX|RIGHT from PARTY at ACCOUNT to PARTY at ACCOUNT for YUAN [under CONSENT [and ...]]
 * [costs YUAN to ACCOUNT] [as NAME] */
bool say_transfers(struct stage *stage, struct deed *deed, const char **made) {
    struct transfer_deed *wanted = &deed->transfer_deed;
    struct words *words = &stage->words;
    uint64_t units;
    uint64_t id;
    deed->kind = DEED_TRANSFER;
    if (!words_units(words, &units))
        return false;
    wanted->quantity = (int64_t)units;
    bool is_right = cast_find(&stage->cast, CAST_RIGHT, words_peek(words), &id);
    wanted->asset_kind = is_right ? ASSET_RIGHT : ASSET_HOLDING;
    wanted->asset = say_any(stage, is_right ? CAST_RIGHT : CAST_INSTRUMENT);
    if (!words_expect(words, "from"))
        return false;
    wanted->seller = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "at"))
        return false;
    wanted->seller_account = say_any(stage, CAST_ACCOUNT);
    if (!words_expect(words, "to"))
        return false;
    wanted->buyer = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "at"))
        return false;
    wanted->buyer_account = say_any(stage, CAST_ACCOUNT);
    if (!words_expect(words, "for") || !words_money(words, &wanted->price_fen))
        return false;
    while (say_more(stage)) {
        if (words_take(words, "as")) {
            *made = words_next(words);
            return true;
        }
        if (!say_transfer_detail(stage, wanted))
            return false;
    }
    return true;
}

/* confirms transfer NAME; ends transfer NAME */
bool say_confirms_transfer(struct stage *stage, struct deed *deed) {
    deed->kind = DEED_CONFIRM_TRANSFER;
    deed->confirm_transfer.transfer = say_any(stage, CAST_TRANSFER);
    deed->confirm_transfer.number_bytes = 4;
    memset(deed->confirm_transfer.document, 0xd0, HASH_BYTES);
    return true;
}

bool say_ends_transfer(struct stage *stage, struct deed *deed) {
    deed->kind = DEED_END_TRANSFER;
    deed->end_transfer.transfer = say_any(stage, CAST_TRANSFER);
    return true;
}

/* pays out TRANSFER YUAN to ACCOUNT and YUAN */
bool say_pays_out(struct stage *stage, struct deed *deed) {
    struct pay_out *pay = &deed->pay_out;
    struct words *words = &stage->words;
    deed->kind = DEED_PAY_OUT;
    pay->transfer = say_any(stage, CAST_TRANSFER);
    if (!words_money(words, &pay->pledgee_fen) || !words_expect(words, "to"))
        return false;
    pay->pledgee_account = say_any(stage, CAST_ACCOUNT);
    return words_expect(words, "and") && words_money(words, &pay->seller_fen);
}

/* transfer NAME */
bool say_see_transfer(struct stage *stage) {
    static const char *const states[] = {"", "agreed", "settled", "held back", "ended"};
    uint32_t transfer;
    struct transfer_view view;
    char text[48];
    if (!say_known(stage, CAST_TRANSFER, &transfer) ||
        !engine_transfer(stage->venue.engine, transfer, &view))
        return words_blame(&stage->words, "a transfer's name");
    words_write_money(text, view.escrow_fen);
    snprintf(stage->got, sizeof stage->got, "%s%s%s", states[view.state],
             view.escrow_fen != 0 ? "; in escrow " : "", view.escrow_fen != 0 ? text : "");
    return words_end(&stage->words);
}
