/* One table, in the order of engine/reason.h. */
#include "gateway/reason_text.h"

#include <stddef.h>

#include "engine/reason.h"

static const struct reason_text TEXTS[] = {
    {REASON_MALFORMED, "请求格式错误", "the bytes are no request of this release"},
    {REASON_NO_CREDIT, "在途请求过多", "too many requests of the session have no answer yet"},
    {REASON_RATE_LIMIT, "请求频率超限", "too many requests of the session in a second"},
    {REASON_DUPLICATE_CLIENT_ORDER_ID, "请求编号重复", "this number was used for another request"},
    {REASON_NOT_SEQUENCED, "该编号未被受理",
     "this number was never sequenced, and never will be; take a higher one"},
    {REASON_NOT_READY, "系统未就绪",
     "the exchange takes no such request now: it starts, stops, or waits for its operators"},

    {REASON_UNKNOWN_INSTRUMENT, "证券代码不存在", "there is no such instrument"},
    {REASON_NOT_IN_SESSION, "非交易时段", "no trading day is open for it"},
    {REASON_HALTED, "已停牌", "trading is halted; cancels are taken"},
    {REASON_LOT_SIZE, "数量不符合最小申报或递增单位",
     "less than the smallest lot, or off its step"},
    {REASON_MAX_QUANTITY, "超过单笔最大数量", "more than one order may have"},
    {REASON_TICK_SIZE, "价格不符合最小变动单位", "the price is no multiple of the tick"},
    {REASON_OUT_OF_BAND, "价格超出涨跌幅限制", "the price lies outside of what is allowed"},
    {REASON_INSUFFICIENT_CASH, "可用资金不足", "less cash is free than this would need"},
    {REASON_INSUFFICIENT_POSITION, "可用持仓不足", "less of it is free than this would need"},
    {REASON_LOCKED, "股份限售", "what he has is locked up"},
    {REASON_FROZEN, "已被冻结", "what he has is frozen"},
    {REASON_KILLED, "已被紧急停止", "stopped by the kill switch"},
    {REASON_KEY_REVOKED, "密钥已吊销", "the key has been revoked"},
    {REASON_NOT_AUTHORISED, "无权限",
     "the sender's role, or whom it belongs to, does not allow it"},
    {REASON_BOOK_FULL, "委托簿已满", "no room for another order or price"},
    {REASON_DISK_RESERVE, "磁盘预留不足",
     "the disk is nearly full: only what ends things is taken"},
    {REASON_QUARANTINED, "请求已隔离", "this request has stopped the exchange before"},
    {REASON_UNKNOWN_ORDER, "委托不存在",
     "it does not rest: filled, gone, another's, or never seen"},
    {REASON_UNKNOWN_ACCOUNT, "账户不存在", "there is no such account, or it is another's"},
    {REASON_BAD_COMBINATION, "委托要素组合无效", "these do not go together in one order"},
    {REASON_WOULD_TRADE, "只挂单委托将立即成交", "a post-only order would trade at once"},
    {REASON_BAD_DATE, "日期无效", "not the open trading day, or a last day that has passed"},
    {REASON_LIMIT_REACHED, "容量已满", "a pool is full: `tpx admin limits raise` makes room"},

    {REASON_IOC_REST, "即时成交剩余撤销", "the rest of an immediate-or-cancel order"},
    {REASON_MARKET_REST, "市价剩余撤销", "the rest of a market order"},
    {REASON_FOK_SHORT, "无法全部成交", "a fill-or-kill order that could not fill whole"},
    {REASON_MIN_QUANTITY, "不足最低成交数量", "less than its minimum could trade"},
    {REASON_REPLACED_TO_ZERO, "改单后无剩余", "its new total had traded already"},
    {REASON_SWEEP_LIMIT, "单笔成交事件数超限", "it traded with as many orders as one command may"},
    {REASON_MASS_CANCEL, "批量撤单", "a mass cancel"},
    {REASON_DISCONNECTED, "断线撤单", "its session fell silent"},

    {REASON_ALREADY_EXISTS, "已存在", "there is one already"},
    {REASON_UNKNOWN_PARTICIPANT, "参与人不存在", "there is no such participant"},
    {REASON_UNKNOWN_SESSION, "会话不存在", "there is no such session"},
    {REASON_UNKNOWN_KEY, "密钥不存在", "there is no such key"},
    {REASON_UNKNOWN_PROPOSAL, "提案不存在",
     "there is no such proposal, it was approved, or its proposer's key is gone"},
    {REASON_SAME_PERSON, "须由另一人复核", "a proposal is approved with a key of another person"},
    {REASON_OUT_OF_LIMITS, "超出范围", "outside of its range"},
    {REASON_NEEDS_TWO_KEYS, "须双人复核",
     "it takes the keys of two persons: send it with --propose, then another operator sends "
     "`tpx admin --approve SEQUENCE`"},

    {REASON_RIGHT_LAPSED, "权利已终止", "the right has lapsed, or its term is over"},
    {REASON_UNKNOWN_RIGHT, "权利不存在", "no such right has been admitted here"},
    {REASON_UNKNOWN_PARTY, "当事人不存在", "no such party"},
    {REASON_SERIAL_USED, "签名序号已使用",
     "the key has used this serial, or many above it: sign again, with a higher one"},
    {REASON_UNKNOWN_MANDATE, "委托不存在", "no such mandate"},
    {REASON_NOT_OWNER, "非权利人", "not an owner of it"},
    {REASON_RIGHT_INVALIDATED, "权利已被宣告无效", "the right has been invalidated"},
    {REASON_WRONG_STATE, "当前状态不允许",
     "not possible now: a band changes only while the instrument is halted or closed, a day "
     "opens only once"},
    {REASON_BAD_SIGNATURE, "签名无效",
     "a signature is false, missing, expired, or by a key of another party; the answer names it"},
    {REASON_MANDATE_SCOPE, "超出委托权限",
     "the mandate is not for this, or not for so much; and nobody acts or signs for both sides"},
    {REASON_DUPLICATE_FREEZE, "不得重复保全", "it is frozen already: the answer names the entry"},
    {REASON_RESERVED_BY_ORDER, "已被委托占用", "orders have reserved it: cancel them first"},
    {REASON_RESTRICTED, "限制交易", "an authority has forbidden it: the answer names the entry"},
    {REASON_UNKNOWN_FREEZE, "冻结记录不存在", "there is no such freeze"},
    {REASON_UNKNOWN_ENTRY, "登记事项不存在", "the asset has no such entry"},
};

const struct reason_text *reason_text_find(uint32_t reason) {
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        if (TEXTS[i].reason == reason)
            return &TEXTS[i];
    return NULL;
}
