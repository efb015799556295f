/*
 * Certificates, asked for, and the rank that one may reserve.
 *
 *     ann asks for certificate of right ZL1
 *     ann asks for certificate of holding of zhang in HX kept in A
 *     ann asks for certificate of party zhang
 *     ann reserves the rank on right ZL1 for bank until DATE
 */
#include "engine/extract.h"
#include "tests/scenario/say.h"

static bool say_certified_holding(struct stage *stage, struct certify *certify) {
    struct words *words = &stage->words;
    certify->asset_kind = ASSET_HOLDING;
    certify->holder = say_any(stage, CAST_PARTY);
    if (!words_expect(words, "in"))
        return false;
    certify->asset = say_any(stage, CAST_INSTRUMENT);
    if (words_take(words, "kept in"))
        certify->account = say_any(stage, CAST_ACCOUNT);
    return true;
}

bool say_certificate(struct stage *stage, struct deed *deed) {
    struct certify *certify = &deed->certify;
    struct words *words = &stage->words;
    deed->kind = DEED_CERTIFY;
    if (words_take(words, "holding of"))
        return say_certified_holding(stage, certify);
    if (words_take(words, "party")) {
        certify->holder = say_any(stage, CAST_PARTY);
        return true;
    }
    if (!words_take(words, "right"))
        return words_blame(words, "right, holding or party");
    certify->asset_kind = ASSET_RIGHT;
    certify->asset = say_any(stage, CAST_RIGHT);
    return true;
}

bool say_reserves(struct stage *stage, struct deed *deed) {
    struct reserve *reserve = &deed->reserve;
    struct words *words = &stage->words;
    deed->kind = DEED_RESERVE;
    if (words_take(words, "holding of")) {
        reserve->asset_kind = ASSET_HOLDING;
        reserve->holder = say_any(stage, CAST_PARTY);
        if (!words_expect(words, "in"))
            return false;
        reserve->asset = say_any(stage, CAST_INSTRUMENT);
    } else {
        reserve->asset_kind = ASSET_RIGHT;
        if (!words_expect(words, "right"))
            return false;
        reserve->asset = say_any(stage, CAST_RIGHT);
    }
    if (!words_expect(words, "for"))
        return false;
    reserve->party = say_any(stage, CAST_PARTY);
    return words_expect(words, "until") && words_date(words, &reserve->until);
}
