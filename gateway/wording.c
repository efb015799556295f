/* One table, by where the words stand; of widths, the ranges that matter here. */
#include "gateway/wording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *english;
    const char *chinese;
} WORDS[] = {
    /* Orders and reports. */
    {"sequence", "序号"},
    {"report", "回报"},
    {"reports", "回报"},
    {"order", "委托"},
    {"orders", "委托"},
    {"account", "账户"},
    {"instrument", "证券"},
    {"side", "方向"},
    {"price", "价格"},
    {"quantity", "数量"},
    {"leaves", "剩余"},
    {"ahead", "前方数量"},
    {"ahead qty", "前方数量"},
    {"ahead orders", "前方委托"},
    {"rests", "挂单中"},
    {"gone", "已结束"},
    {"why", "依据"},
    {"done", "完成"},
    {"reason", "原因"},
    {"good till", "有效至"},
    {"buy", "买"},
    {"sell", "卖"},
    {"market", "市价"},
    {"NEW", "已报"},
    {"TRADE", "成交"},
    {"REPLACED", "已改"},
    {"CANCELED", "已撤"},
    {"EXPIRED", "已过期"},
    {"REJECTED", "被拒"},
    {"PROPOSED", "待复核"},
    {"mass canceled", "批量撤单"},
    {"proposal", "提案"},
    {"act", "操作"},
    {"id", "编号"},
    {"number", "请求编号"},
    {"refused", "拒绝"},
    {"field", "字段"},
    {"limit", "上限"},
    {"limits", "上限"},
    {"text", "说明"},
    {"free", "可用"},

    /* Rights and certificates. */
    {"certificate", "证明"},
    {"entries", "登记项"},
    {"entry", "登记项"},
    {"kind", "种类"},
    {"bound", "负担总量"},
    {"right", "权利"},
    {"asset", "标的"},
    {"environment", "环境"},
    {"kind", "类别"},
    {"entry", "登记项"},
    {"certified", "证明截至"},
    {"since", "自"},
    {"changes", "变动"},
    {"has changed", "已有变动"},
    {"still holds", "仍然有效"},
    {"no", "编号"},
    {"page", "印刷页"},
    {"bound by", "负担"},
    {"nothing", "无"},
    {"see entries", "见登记项"},
    {"holds", "有效"},
    {"ADD_PARTY", "登记当事人"},
    {"ADD_PARTY_KEY", "登记签名密钥"},
    {"REVOKE_PARTY_KEY", "撤销签名密钥"},
    {"ADMIT_RIGHT", "登记权利"},
    {"SET_RIGHT_STATUS", "变更权利状态"},
    {"APPRAISE", "登记评估"},
    {"CERTIFY", "申请证明"},
    {"RESERVE", "预留顺位"},

    /* Pledges. */
    {"pledge", "质押"},
    {"pledges", "质押登记"},
    {"items", "质物"},
    {"item", "质物序号"},
    {"units", "数量或份额"},
    {"value", "价值"},
    {"rank", "顺位"},
    {"office", "登记机关"},
    {"standing", "登记状态"},
    {"their number", "机关登记号"},
    {"effective", "生效时间"},
    {"compared", "最近核对"},
    {"pledgor", "出质人"},
    {"pledgee", "质权人"},
    {"debtor", "债务人"},
    {"secured", "担保金额"},
    {"first", "原顺位金额"},
    {"maximum", "最高额"},
    {"determined", "已确定"},
    {"deadline", "期限"},
    {"overdue", "逾期"},
    {"differences", "差异"},
    {"difference", "差异"},
    {"here", "本登记"},
    {"there", "机关登记"},
    {"only here", "仅本登记有"},
    {"only there", "仅机关有"},
    {"over here", "本登记已终止"},
    {"owed_costs", "所欠费用"},
    {"owed_interest", "所欠利息"},
    {"owed_principal", "所欠本金"},
    {"APPLIED", "已申请"},
    {"DEFICIENT", "待补正"},
    {"REGISTERED", "已登记"},
    {"ENFORCING", "实现中"},
    {"REALISED", "已实现"},
    {"RELEASED", "已解除"},
    {"REVOKED", "已撤销"},
    {"REFUSED", "已驳回"},
    {"WITHDRAWN", "已撤回"},
    {"LOCAL", "仅本所"},
    {"FILED", "已申报"},
    {"EFFECTIVE", "已生效"},
    {"STALE", "待更新"},
    {"CONFLICT", "冲突"},
    {"PLEDGE_APPLY", "申请质押登记"},
    {"PLEDGE_JOIN", "质权人申请"},
    {"PLEDGE_REVIEW", "审查"},
    {"PLEDGE_REGISTER", "质押登记"},
    {"PLEDGE_REFUSE", "驳回质押申请"},
    {"PLEDGE_WITHDRAW", "撤回质押申请"},
    {"PLEDGE_RELEASE", "解除质押"},
    {"PLEDGE_AMEND", "变更质押"},
    {"PLEDGE_ASSIGN", "转让质权"},
    {"PLEDGE_CONFIRM", "机关登记确认"},
    {"PLEDGE_COMPARE", "核对"},
    {"PLEDGE_ASSENT", "同意"},
    {"PLEDGE_SWAP", "顺位互换"},
    {"PLEDGE_CORRECT", "更正登记"},
    {"PLEDGE_SUCCEED", "合并承继"},
    {"PLEDGE_RULE", "质押规则"},
    {"PLEDGE_REVOKE", "撤销质押登记"},
    {"PLEDGE_DETERMINE", "确定最高额债权"},
    {"PLEDGE_DEFAULT", "债务违约"},
    {"PLEDGE_CURE", "违约消除"},

    /* Accounts and holdings. */
    {"holdings", "持仓"},
    {"what", "项目"},
    {"cash", "资金"},
    {"settled", "已交收"},
    {"reserved", "冻结"},
    {"available", "可用"},
    {"as of", "截至"},
    {"time", "时间"},

    /* What there is. */
    {"participant", "参与者"},
    {"participants", "参与者"},
    {"code", "代码"},
    {"roles", "角色"},
    {"state", "状态"},
    {"killed", "紧急停止"},
    {"key", "密钥"},
    {"keys", "密钥"},
    {"person", "持有人"},
    {"public key", "公钥"},
    {"revoked", "已吊销"},
    {"session", "会话"},
    {"sessions", "会话"},
    {"up", "在线"},
    {"down", "离线"},
    {"last number", "最后编号"},
    {"cancels after ms", "断线撤单毫秒"},
    {"instruments", "证券"},
    {"symbol", "代码"},
    {"phase", "阶段"},
    {"bid", "买价"},
    {"ask", "卖价"},
    {"closed", "休市"},
    {"continuous", "连续交易"},
    {"halted", "停牌"},
    {"tick", "最小变动"},
    {"lot", "最小数量"},
    {"step", "递增"},
    {"most", "单笔上限"},
    {"from", "下限"},
    {"to", "上限"},
    {"reference", "参考价"},
    {"last", "最新价"},
    {"pool", "容量池"},
    {"used", "已用"},
    {"ceiling", "最高"},
    {"accounts", "账户"},
    {"resting orders", "挂单"},

    /* Parties and mandates. */
    {"party", "当事人"},
    {"parties", "当事人"},
    {"code", "统一社会信用代码"},
    {"identity", "身份摘要"},
    {"serial", "签名序号"},
    {"objection", "异议"},
    {"objections", "异议"},
    {"mandate", "委托"},
    {"mandates", "委托"},
    {"scope", "权限"},
    {"result", "结果"},
    {"until", "截止日"},
    {"ended", "已终止"},
    {"GRANT_MANDATE", "授予委托"},
    {"REVOKE_MANDATE", "撤销委托"},

    /* Operators' acts. */
    {"ADD_PARTICIPANT", "接纳参与者"},
    {"ADD_KEY", "添加密钥"},
    {"REVOKE_KEY", "吊销密钥"},
    {"ADD_SESSION", "开立会话"},
    {"ADD_ACCOUNT", "开立账户"},
    {"DEPOSIT", "存入"},
    {"ADD_INSTRUMENT", "挂牌证券"},
    {"SET_BAND", "设置价格范围"},
    {"DAY_OPEN", "开市"},
    {"DAY_CLOSE", "闭市"},
    {"HALT", "停复牌"},
    {"KILL", "紧急停止"},
    {"UNKILL", "解除紧急停止"},
    {"RAISE_LIMIT", "提高上限"},
    {"ACTIVATE", "启用版本"},
    {"RESOLVE", "裁定分歧"},
    {"REOPEN", "恢复交易"},
    {"CHECKPOINT_KEY", "检查点密钥"},
    {"CONFIRM_TIME", "确认时间"},
    {"SESSION_RESET", "重置会话"},

    /* The ledger. */
    {"verdict", "结论"},
    {"verified", "验证通过"},
    {"audited", "审计通过"},
    {"proven", "证明成立"},
    {"fault", "有误"},
    {"fault sequence", "出错序号"},
    {"fault volume", "出错卷"},
    {"fault text", "错误说明"},
    {"origin", "账本名称"},
    {"algorithms", "密码算法"},
    {"first record", "首条记录"},
    {"volume", "卷"},
    {"volumes", "卷数"},
    {"record", "记录"},
    {"records", "记录数"},
    {"record bytes", "记录字节"},
    {"bytes", "字节"},
    {"tiles", "瓦片"},
    {"entry bundles", "条目包"},
    {"checkpoint", "检查点"},
    {"checkpoints", "检查点"},
    {"executed", "已重放"},
    {"commands", "命令"},
    {"events", "事件"},
    {"seals", "封条"},
    {"digests", "摘要"},
    {"resolved differences", "已裁定差异"},
    {"size", "大小"},
    {"root", "根"},
    {"leaf", "叶"},
    {"state digest", "状态摘要"},
    {"vouched for", "已签名至"},
    {"checkpoint key", "检查点密钥"},
    {"verifier key", "验证公钥"},
    {"added at", "加入于"},
    {"revoked at", "吊销于"},
    {"trusted", "可信"},
    {"yes", "是"},
    {"no", "否"},
    {"version", "版本"},
    {"differs from", "分歧始于"},
    {"digest recorded", "记录的摘要"},
    {"digest replayed", "重放的摘要"},
    {"header", "记录头"},
    {"request", "请求"},
    {"for", "对象"},
    {"place", "位置"},
    {"note", "签名文"},
    {"folder", "目录"},
    {"file", "文件"},
    {"record file", "记录文件"},
    {"proof file", "证明文件"},
    {"public file", "公钥文件"},
    {"copied volumes", "已复制卷"},
    {"copied bytes", "已复制字节"},
    {"appended records", "追加记录"},
    {"copy volumes", "副本卷数"},
    {"copy size", "副本大小"},
    {"copy root", "副本的根"},
    {"copy checkpoint", "副本检查点"},

    /* A replay of an order flow. */
    {"milliseconds", "毫秒"},
    {"requests per second", "每秒请求"},
    {"trades", "成交笔数"},
    {"trade", "成交编号"},
    {"count", "次数"},
    {"refusals", "拒绝"},

    /* The server's counters. */
    {"pid", "进程"},
    {"started", "启动于"},
    {"starting", "启动中"},
    {"ready", "就绪"},
    {"time held", "时间待确认"},
    {"diverged", "分歧"},
    {"stopping", "停止中"},
    {"stopped", "已停止"},
    {"dead", "已死"},
    {"unknown", "未知"},
    {"epoch", "任期"},
    {"next", "下一序号"},
    {"durable", "已落盘"},
    {"released", "已答复"},
    {"shadow", "影子引擎"},
    {"index", "索引"},
    {"index state", "索引状态"},
    {"reader", "读取至"},
    {"sealed", "已封"},
    {"mark", "标记"},
    {"snapshot", "快照"},
    {"frames", "收到帧"},
    {"requests", "请求数"},
    {"repeated", "重复请求"},
    {"replies", "发出帧"},
    {"pages", "补发页"},
    {"sessions up", "在线会话"},
    {"drop copies", "抄送会话"},
    {"sessions lagged", "落后会话"},
    {"commits", "提交次数"},
    {"committed bytes", "提交字节"},
    {"ring bytes", "队列字节"},
    {"ring waits", "队列等待"},
    {"disk free", "磁盘预留"},
    {"disk step", "磁盘级别"},
    {"time leap ns", "时钟跳变纳秒"},
    {"upper bounds", "上界"},
    {"histograms", "分布"},
    {"answer ns", "答复纳秒"},
    {"commit ns", "提交纳秒"},
    {"batch records", "批记录数"},
    {"build", "构建"},
    {"doing", "正在"},
    {"findings", "发现"},
    {"runbook", "应急手册"},
    {"rates", "速率"},
    {"a second", "每秒"},
    {"1 s", "1 秒"},
    {"10 s", "10 秒"},
    {"followers", "跟随者"},
    {"follower", "跟随者"},
    {"behind", "落后"},
    {"lag", "延迟"},
    {"running", "运行中"},
    {"needs attention", "需要处理"},
    {"hangs", "无响应"},
    {"starts", "启动中"},
    {"failed", "失败"},
    {"in all", "合计"},
    {"in use", "使用中"},
    {"max", "最大"},
    {"time, since the start", "耗时，自启动起"},
    {"time, since last drawn", "耗时，自上次刷新"},
    {"answer: in, durable, out", "答复：收到、落盘、发出"},
    {"  waits for its turn", "  等待处理"},
    {"  is applied", "  执行"},
    {"  becomes durable", "  落盘"},
    {"  is sent", "  发出"},
    {"commit: write and sync", "提交：写入并同步"},
    {"signed", "已签名"},
    {"feed", "行情"},
    {"register", "登记簿"},
    {"ring", "队列"},
    {"lookup", "查找"},
    {"readers", "读者"},
    {"memory", "内存"},
    {"rounds", "轮次"},
    {"disk", "磁盘"},
    {"price levels", "价位"},
    {"proposals", "提案"},
    {"timers", "定时器"},
    {"parties", "当事人"},
    {"party keys", "签名密钥"},
    {"rights", "权利"},
    {"stakes", "份额"},
    {"estates", "持有登记"},
    {"bindings", "负担登记"},
    {"parcels", "持仓分段"},
    {"ties", "分段负担"},
    {"days of the calendar", "日历日"},
    {"freezes", "冻结"},
    {"restraints", "限制"},
    {"pledged things", "质物"},
    {"increases of pledges", "担保增额"},
    {"assents", "同意"},
    {"corrections", "更正"},
    {", and two operators have settled it", "，两名操作员已裁定"},
    {"more than ", "超过 "},
    {"waits for work", "等待任务"},
    {"starts: snapshot and replay", "启动：快照与重放"},
    {"takes requests", "接收请求"},
    {"looks after timers, Seals and the disk", "处理定时器、封条与磁盘"},
    {"hands records on and answers", "移交记录并答复"},
    {"waits until the ledger is durable", "等待账本落盘"},
    {"looks at other threads", "查看其他线程"},
    {"stops", "停止"},
    {"writes records", "写入记录"},
    {"waits for the disk", "等待磁盘"},
    {"begins a new volume", "开始新卷"},
    {"does something unknown", "未知"},
    {"a clean stop", "正常停止"},
    {"its start failed for a reason that may pass", "启动失败，原因可能是暂时的"},
    {"the shadow disagreed with the records", "影子引擎与记录不一致"},
    {"configuration or key files are not in order", "配置或密钥文件有问题"},
    {"the ledger is damaged, or of another version", "账本损坏或版本不同"},
    {"a write or sync failed", "写入或同步失败"},
    {"the disk's last reserve was reached", "磁盘预留已用尽"},
    {"its log says more", "详见其日志"},

    /* The demo. */
    {"orders ", "委托 "},
    {"  trades ", "  成交 "},
    {"/s", "/秒"},
    {"  refused ", "  拒绝 "},
    {"  durable", "  落盘"},
    {" records", " 条记录"},
    {", behind:", "，落后："},
    {"today", "涨跌"},
    {"last 6 s", "近 6 秒"},
    {"last trades", "最新成交"},
    {"bid ask", "买 卖"},
    {"second", "秒"},
    {"orders/s", "委托/秒"},
    {"trades/s", "成交/秒"},
    {"refused/s", "拒绝/秒"},
    {"a price", "一只证券"},
    {"latency", "延迟"},
    {"p50", "p50"},
    {"p99", "p99"},
    {"p99.9", "p99.9"},
};
#define WORDS_COUNT (sizeof WORDS / sizeof WORDS[0])

static const char *chinese_of(const char *english) {
    for (size_t i = 0; i < WORDS_COUNT; i++)
        if (strcmp(WORDS[i].english, english) == 0)
            return WORDS[i].chinese;
    return NULL;
}

static bool begins_zh(const char *value) {
    return strncmp(value, "zh", 2) == 0;
}

bool wording_is_chinese(void) {
    static const char *const LOCALE[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *ours = getenv("TPX_LANG");
    if (ours != NULL && ours[0] != '\0')
        return begins_zh(ours);
    for (size_t i = 0; i < sizeof LOCALE / sizeof LOCALE[0]; i++) {
        const char *value = getenv(LOCALE[i]);
        if (value != NULL && value[0] != '\0')
            return begins_zh(value);
    }
    return false;
}

const char *wording(const char *english) {
    const char *chinese = wording_is_chinese() ? chinese_of(english) : NULL;
    return chinese != NULL ? chinese : english;
}

bool wording_has(const char *english) {
    return chinese_of(english) != NULL;
}

/* --- width ------------------------------------------------------------------------------------ */

/* After Unicode's EastAsianWidth (W and F) and its combining marks, as far as people write them. */
static const struct range {
    uint32_t first;
    uint32_t last;
    uint8_t width;
} RANGES[] = {
    {0x0300, 0x036f, 0},   {0x1100, 0x115f, 2},   {0x200b, 0x200f, 0}, {0x20d0, 0x20ff, 0},
    {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},   {0xa960, 0xa97f, 2}, {0xac00, 0xd7a3, 2},
    {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe10, 0xfe19, 2}, {0xfe20, 0xfe2f, 0},
    {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2},
    {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

/* The character at *text, which is moved past it. What is no UTF-8 counts byte by byte. */
static uint32_t next_character(const char **text) {
    const uint8_t *at = (const uint8_t *)*text;
    uint32_t more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : at[0] >= 0xc0 ? 1 : 0;
    uint32_t character = more == 0 ? at[0] : at[0] & (0x3fu >> more);
    (*text)++;
    for (uint32_t i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return at[0];
        character = character << 6 | (at[i] & 0x3fu);
    }
    *text += more;
    return character;
}

size_t wording_character(const char **text) {
    uint32_t character = next_character(text);
    uint8_t width = 1;
    for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++)
        if (character >= RANGES[i].first && character <= RANGES[i].last)
            width = RANGES[i].width;
    return width;
}

size_t wording_width(const char *text) {
    size_t width = 0;
    while (*text != '\0')
        width += wording_character(&text);
    return width;
}
