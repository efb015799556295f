#include "gateway/certificate_words.h"

#include <stddef.h>
#include <string.h>

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
    {"right_kind", {"种类", "kind"}},
    {"office", {"登记机关", "authority"}},
    {"number", {"号码", "number"}},
    {"status", {"状态", "status"}},
    {"licence_of", {"被许可权利", "licence of right"}},
    {"term_end", {"期限届满日", "end of term"}},
    {"owner", {"权利人", "owner"}},
    {"state", {"状态", "state"}},
    {"registration", {"登记号", "registration"}},
    {"pledge", {"质押编号", "pledge"}},
    {"pledgor", {"出质人（当事人号）", "pledgor (party)"}},
    {"pledgee", {"质权人（当事人号）", "pledgee (party)"}},
    {"debtor", {"债务人（当事人号）", "debtor (party)"}},
    {"rank", {"顺位", "rank"}},
    {"registered", {"登记时间", "registered"}},
    {"is_maximum", {"最高额质押", "maximum-amount pledge"}},
    {"terms", {"合同条款摘要", "digest of the terms"}},
    {"authority", {"机关", "authority"}},
    {"authority_state", {"法定登记状态", "state at the authority"}},
    {"authority_number", {"法定登记号", "number at the authority"}},
    {"effective", {"法定生效时间", "effective"}},
    {"compared", {"最近比对", "last compared"}},
    {"document", {"文书摘要", "digest of the document"}},
    {"served", {"送达时间", "served"}},
    {"until", {"期限", "until"}},
    {"queue", {"轮候顺位", "place in the queue"}},
    {"party", {"当事人号", "party"}},
    {"holder", {"持有人（当事人号）", "holder (party)"}},
    {"symbol", {"证券代码", "symbol"}},
    {"listing", {"挂牌编号", "listing"}},
    {"ppm", {"份额（百万分之）", "share (ppm)"}},
};

static const struct named_word VALUES[] = {
    {"APPLIED", {"已申请", "applied"}},
    {"DEFICIENT", {"待补正", "deficient"}},
    {"REGISTERED", {"已登记", "registered"}},
    {"ENFORCING", {"实现中", "being enforced"}},
    {"REALISED", {"已实现", "realised"}},
    {"RELEASED", {"已解除", "released"}},
    {"REVOKED", {"已撤销", "revoked"}},
    {"REFUSED", {"不予登记", "refused"}},
    {"WITHDRAWN", {"已撤回", "withdrawn"}},
    {"LOCAL", {"仅本所", "here alone"}},
    {"FILED", {"已报送", "filed"}},
    {"EFFECTIVE", {"已生效", "effective"}},
    {"STALE", {"比对逾期", "stale"}},
    {"CONFLICT", {"与机关不一致", "in conflict"}},
    {"QUEUED", {"轮候", "queued"}},
    {"IN_FORCE", {"有效", "in force"}},
    {"COURT", {"法院", "court"}},
    {"CSRC", {"证监会", "CSRC"}},
    {"POLICE", {"公安机关", "police"}},
    {"PROCURATORATE", {"检察院", "procuratorate"}},
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
