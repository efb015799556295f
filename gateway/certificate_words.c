#include "gateway/certificate_words.h"

#include <stddef.h>
#include <string.h>

#include "engine/extract.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct certificate_word UNNAMED = {"其他", "other"};

static const struct certificate_word RIGHTS[] = {
    {0},
    {"发明专利", "patent for an invention"},
    {"实用新型专利", "patent for a utility model"},
    {"外观设计专利", "patent for a design"},
    {"软件著作权", "software copyright"},
    {"注册商标", "registered trademark"},
    {"公司股权", "company equity"},
    {"独占实施许可", "exclusive licence"},
    {"排他实施许可", "sole licence"},
    {"普通实施许可", "ordinary licence"},
};

static const struct certificate_word STATUSES[] = {
    {"已授权", "granted"},
    {"年费未缴", "annual fee unpaid"},
    {"保全或程序中止", "under preservation or suspended"},
    {"已宣告无效", "invalidated"},
    {"已终止", "lapsed"},
    {"无效宣告审理中", "invalidation pending"},
    {"同日申请", "filed on the same day as a utility model"},
};

static const struct certificate_word OFFICES[] = {
    {0},
    {"本交易所", "this exchange"},
    {"国家知识产权局", "CNIPA"},
    {"中国版权保护中心", "CPCC"},
    {"中国证券登记结算有限责任公司", "CSDC"},
    {"公司登记机关", "the company registrar"},
};

static const struct certificate_word ENTRIES[] = {
    {0},
    {"标的", "asset"},
    {"保全", "hold"},
    {"质押", "pledge"},
    {"冻结", "freeze"},
    {"标记", "mark"},
    {"限制", "restriction"},
    {"限售", "lock-up"},
    {"许可", "licence"},
    {"挂牌", "listing"},
    {"异议", "objection"},
    {"优先顺位预留", "reservation of rank"},
};

struct named_word {
    const char *name;
    struct certificate_word word;
};

static const struct named_word FIELDS[] = {
    {"office", {"登记机关", "authority"}},
    {"number", {"号码", "number"}},
    {"status", {"状态", "status"}},
    {"licence_of", {"被许可权利", "licence of right"}},
    {"term_end", {"期限届满日", "end of term"}},
    {"owner", {"权利人", "owner"}},
    {"quantity", {"数量", "quantity"}},
    {"state", {"状态", "state"}},
    {"pledge", {"登记号", "registration no."}},
    {"pledge_version", {"版次", "version of the pledge"}},
    {"pledgor", {"出质人（当事人号）", "pledgor, party"}},
    {"pledgee", {"质权人（当事人号）", "pledgee, party"}},
    {"debtor", {"债务人（当事人号）", "debtor, party"}},
    {"predecessor", {"前手登记号", "predecessor"}},
    {"is_maximum", {"最高额", "maximum amount"}},
    {"is_determined", {"债权已确定", "claim determined"}},
    {"is_overdue", {"审查逾期", "review overdue"}},
    {"determined", {"债权确定日", "day of determination"}},
    {"debt_start", {"债务起始日", "debt from"}},
    {"debt_end", {"债务届满日", "debt until"}},
    {"scope", {"担保范围", "scope"}},
    {"conditions", {"转让许可条件", "terms on transfer and licence"}},
    {"declarations", {"声明", "declarations"}},
    {"refused", {"不予登记原因", "refused for"}},
    {"registered_at", {"登记时间", "registered at"}},
    {"registered", {"登记序号", "registered, sequence"}},
    {"terms", {"合同条款加盐摘要", "salted digest of the terms"}},
    {"standing", {"法定登记状态", "standing at the authority"}},
    {"pledge_office", {"登记机关", "authority"}},
    {"authority_number", {"法定登记号", "number at the authority"}},
    {"effective", {"法定生效时间", "effective from"}},
    {"compared", {"最近比对", "last compared"}},
    {"rank_time", {"顺位时间", "rank by time"}},
    {"rank_sequence", {"顺位序号", "rank by sequence"}},
    {"freeze", {"冻结编号", "freeze no."}},
    {"account", {"账户", "account"}},
    {"authority", {"机关", "authority"}},
    {"case_number", {"案号", "case number"}},
    {"document", {"文书摘要", "digest of the document"}},
    {"served", {"送达时间", "served"}},
    {"until", {"期限", "until"}},
    {"may_be_sold", {"可变卖", "may be sold"}},
    {"has_fruits", {"及于孳息", "fruits included"}},
    {"frozen", {"已冻结", "frozen"}},
    {"queued", {"轮候", "queued"}},
    {"sides", {"受限方向", "sides"}},
    {"party", {"当事人号", "party"}},
    {"listing", {"挂牌编号", "listing no."}},
    {"ppm", {"份额（百万分之）", "share, ppm"}},
    {"reserved_for", {"预留予（当事人号）", "reserved for, party"}},
    {"reserved_until", {"预留至", "reserved until"}},
};

static const struct named_word VALUES[] = {
    {"yes", {"是", "yes"}},
    {"LOCAL", {"仅本所", "here alone"}},
    {"FILED", {"已报送", "filed"}},
    {"EFFECTIVE", {"已生效", "effective"}},
    {"STALE", {"比对逾期", "stale"}},
    {"CONFLICT", {"与机关不一致", "in conflict"}},
    {"TPX", {"本交易所", "this exchange"}},
    {"CNIPA", {"国家知识产权局", "CNIPA"}},
    {"CPCC", {"中国版权保护中心", "CPCC"}},
    {"CSDC", {"中国结算", "CSDC"}},
    {"COMPANY", {"公司登记机关", "the company registrar"}},
    {"COURT", {"法院", "court"}},
    {"CSRC", {"证监会", "CSRC"}},
    {"POLICE", {"公安机关", "police"}},
    {"PROCURATORATE", {"检察院", "procuratorate"}},
};

/* By enum pledge_state. */
static const struct certificate_word PLEDGE_STATES[] = {
    {0},
    {"已申请", "applied"},
    {"待补正", "deficient"},
    {"已登记", "registered"},
    {"实现中", "being enforced"},
    {"已实现", "realised"},
    {"已解除", "released"},
    {"已撤销", "revoked"},
    {"不予登记", "refused"},
    {"已撤回", "withdrawn"},
};

/* By enum freeze_state. */
static const struct certificate_word FREEZE_STATES[] = {
    {0},
    {"有效", "in force"},
    {"轮候", "queued"},
    {"标记", "marked"},
    {"已解除", "lifted"},
    {"已失效", "lapsed"},
    {"已无标的", "spent"},
};

/* By enum listing_state. */
static const struct certificate_word LISTING_STATES[] = {
    {0},
    {"草稿", "draft"},
    {"审核", "review"},
    {"披露", "disclosed"},
    {"延长披露", "disclosure extended"},
    {"无人报名", "no bidder"},
    {"一人报名", "one bidder"},
    {"协议", "agreement"},
    {"自由竞价", "free bidding"},
    {"限时竞价", "timed bidding"},
    {"已成交", "awarded"},
    {"流拍", "failed"},
    {"已签约", "contracted"},
    {"已付款", "paid"},
    {"已出具凭证", "certified"},
    {"已过户", "transfer registered"},
    {"中止", "suspended"},
    {"终止", "terminated"},
};

static const struct certificate_word *in_table(const struct certificate_word *table, size_t count,
                                               uint32_t number) {
    return number < count && table[number].chinese != NULL ? &table[number] : &UNNAMED;
}

const struct certificate_word *certificate_word_right(uint32_t kind) {
    return in_table(RIGHTS, COUNT(RIGHTS), kind);
}

const struct certificate_word *certificate_word_status(uint32_t bit) {
    return in_table(STATUSES, COUNT(STATUSES), (uint32_t)__builtin_ctz(bit));
}

const struct certificate_word *certificate_word_office(uint32_t office) {
    return in_table(OFFICES, COUNT(OFFICES), office);
}

const struct certificate_word *certificate_word_entry(uint32_t kind) {
    return in_table(ENTRIES, COUNT(ENTRIES), kind);
}

static const struct certificate_word *named(const struct named_word *table, size_t count,
                                            const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i].word;
    return NULL;
}

const struct certificate_word *certificate_word_field(const char *name) {
    return named(FIELDS, COUNT(FIELDS), name);
}

const struct certificate_word *certificate_word_value(const char *value) {
    return named(VALUES, COUNT(VALUES), value);
}

const struct certificate_word *certificate_word_state(uint32_t kind, uint32_t state) {
    const struct certificate_word *word = &UNNAMED;
    if (kind == ENTRY_HOLD || kind == ENTRY_PLEDGE)
        word = in_table(PLEDGE_STATES, COUNT(PLEDGE_STATES), state);
    else if (kind == ENTRY_FREEZE || kind == ENTRY_MARK)
        word = in_table(FREEZE_STATES, COUNT(FREEZE_STATES), state);
    else if (kind == ENTRY_LISTING)
        word = in_table(LISTING_STATES, COUNT(LISTING_STATES), state);
    return word != &UNNAMED ? word : NULL;
}
