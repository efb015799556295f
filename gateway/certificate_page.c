/*
 * What is known of every entry stands in columns; what else its extract says stands beside it field
 * by field, from the schema's own descriptor, so that a new kind of entry needs nothing here.
 */
#include "gateway/certificate_page.h"

#include <inttypes.h>
#include <qrencode.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/certificate_words.h"
#include "gateway/cli_message.h"
#include "gateway/cli_value.h"
#include "gateway/clock.h"
#include "proto/tpx.pb-c.h"

/* Market time is UTC+8 (RULES.md, Time). */
#define MARKET_OFFSET_NS (INT64_C(28800) * CLOCK_SECOND_NS)
#define MOMENT_BYTES     32
#define HEX_GROUP        8
#define QR_BORDER        3

struct writing {
    FILE *out;
    const struct certificate_page *page;
    Tpx__Report **entries; /* as many as the certificate has */
    uint32_t in_force;     /* of them, but for the asset itself */
};

static const char STYLE[] =
    "@page{size:A4;margin:16mm 15mm 18mm}"
    "*{box-sizing:border-box}"
    "body{font:10.5pt/1.45 'Noto Serif CJK SC','Source Han Serif SC','Songti SC',SimSun,'Times New "
    "Roman',serif;color:#111;max-width:180mm;margin:0 auto;padding:6mm 0;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "header{border-top:2.2pt solid #111;border-bottom:.6pt solid #111;padding:4mm 0 3mm;"
    "text-align:center}"
    "h1{font-size:20pt;letter-spacing:.35em;margin:0 0 0 .35em;font-weight:700}"
    "h1+p{font-size:11pt;letter-spacing:.06em;margin:1mm 0 0}"
    "h2{font-size:11.5pt;margin:5mm 0 1.5mm;border-bottom:.4pt solid #777;padding-bottom:.7mm;"
    "break-after:avoid}"
    ".en{color:#444;font-size:8.8pt;font-family:'Times New Roman','Noto Serif',serif}"
    "h2 .en{font-weight:400;margin-left:2mm}"
    "table{width:100%;border-collapse:collapse}"
    ".facts th{width:47mm;text-align:left;font-weight:400;vertical-align:top;padding:.8mm 0;"
    "color:#333}.facts td{padding:.8mm 0;vertical-align:top}"
    ".entries{font-size:9pt}.entries th,.entries td{border:.4pt solid #777;padding:1mm 1.4mm;"
    "vertical-align:top;text-align:left}.entries th{background:#eee;font-weight:600}"
    ".entries tr{break-inside:avoid}"
    ".finding{border:1pt solid #111;padding:2.5mm 4mm;margin:2mm 0;break-inside:avoid}"
    ".finding p{margin:.6mm 0}.finding .zh{font-size:12pt;font-weight:600}"
    "ol{margin:0;padding-left:5.5mm}li{margin:.8mm 0;break-inside:avoid}"
    ".check{display:flex;gap:6mm;break-inside:avoid}.check svg{width:37mm;height:37mm;flex:none}"
    ".mono{font:8.6pt/1.5 'DejaVu Sans Mono',Menlo,Consolas,monospace;word-break:break-all}"
    ".file{margin-top:6mm;break-inside:avoid}.file td{border-bottom:.4pt solid #111;height:9mm;"
    "vertical-align:bottom;padding:0 2mm .6mm 0}.file td+td{padding-left:4mm}"
    ".test{border:1.4pt solid #a00;color:#a00;text-align:center;padding:1.5mm;margin:3mm 0 0;"
    "font-weight:700}"
    "@media print{body{padding:0;max-width:none}}";

/* When an entry ended; 0: it is in force. */
static int64_t ended_ns(const Tpx__Extract *extract) {
    return extract->to;
}

/* --- pieces ------------------------------------------------------------------------------------
 */

/* Text that stands in the page as it is. */
static void put_text(struct writing *writing, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        switch (text[i]) {
        case '<':
            fputs("&lt;", writing->out);
            break;
        case '>':
            fputs("&gt;", writing->out);
            break;
        case '&':
            fputs("&amp;", writing->out);
            break;
        case '"':
            fputs("&quot;", writing->out);
            break;
        default:
            fputc(text[i], writing->out);
        }
    }
}

static void put(struct writing *writing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put(struct writing *writing, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(writing->out, format, arguments);
    va_end(arguments);
}

static void put_heading(struct writing *writing, const char *chinese, const char *english) {
    put(writing, "<h2>%s<span class=en>%s</span></h2>", chinese, english);
}

/* A row of facts begins; its value follows, then put_end(). */
static void put_fact(struct writing *writing, const char *chinese, const char *english) {
    put(writing, "<tr><th>%s <span class=en>%s</span></th><td>", chinese, english);
}

static void put_end(struct writing *writing) {
    fputs("</td></tr>\n", writing->out);
}

static void put_word(struct writing *writing, const struct certificate_word *word) {
    put(writing, "%s <span class=en>%s</span>", word->chinese, word->english);
}

static void put_both(struct writing *writing, const char *tag, const char *chinese,
                     const char *english) {
    put(writing, "<%s>%s<br><span class=en>%s</span></%s>\n", tag, chinese, english, tag);
}

static char *moment_text(char text[MOMENT_BYTES], int64_t time_ns) {
    char utc[CLI_VALUE_BYTES_MAX];
    cli_time_text(utc, time_ns + MARKET_OFFSET_NS);
    snprintf(text, MOMENT_BYTES, "%.10s %.8s (UTC+8)", utc, utc + 11);
    return text;
}

static void put_moment(struct writing *writing, int64_t time_ns) {
    char text[MOMENT_BYTES];
    fputs(moment_text(text, time_ns), writing->out);
}

static void put_hex(struct writing *writing, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        put(writing, "%s%02x", i > 0 && i % (HEX_GROUP / 2) == 0 ? " " : "", bytes[i]);
}

/* --- the asset ---------------------------------------------------------------------------------
 */

static void put_statuses(struct writing *writing, uint32_t status) {
    bool is_first = true;
    for (uint32_t bit = 1; bit < RIGHT_STATUS_ALL; bit <<= 1) {
        if ((status & bit) == 0)
            continue;
        fputs(is_first ? "" : "；", writing->out);
        put_word(writing, certificate_word_status(bit));
        is_first = false;
    }
    if (is_first)
        fputs("—", writing->out);
}

static void put_owners(struct writing *writing, const Tpx__Extract *extract) {
    for (size_t i = 0; i < extract->n_owner; i++)
        put(writing, "%s当事人 %u 号：%u.%04u%% <span class=en>party %u: %u.%04u%%</span>",
            i > 0 ? "<br>" : "", extract->owner[i]->party, extract->owner[i]->ppm / 10000,
            extract->owner[i]->ppm % 10000, extract->owner[i]->party,
            extract->owner[i]->ppm / 10000, extract->owner[i]->ppm % 10000);
}

static void put_right(struct writing *writing, const Tpx__Extract *extract) {
    char date[CLI_VALUE_BYTES_MAX];
    put_fact(writing, "种类", "kind");
    put_word(writing, certificate_word_right((uint32_t)extract->right_kind));
    put_end(writing);
    put_fact(writing, "号码", "number");
    put(writing, "<b>");
    put_text(writing, extract->number, strlen(extract->number));
    put(writing, "</b>");
    put_end(writing);
    put_fact(writing, "法定登记机关", "authority");
    put_word(writing, certificate_word_office((uint32_t)extract->office));
    put_end(writing);
    put_fact(writing, "状态", "status");
    put_statuses(writing, extract->status);
    put_end(writing);
    put_fact(writing, "期限届满日", "last day of its term");
    fputs(extract->term_end != 0 ? cli_date_text(date, extract->term_end) : "—", writing->out);
    put_end(writing);
    put_fact(writing, "权利人", "owners");
    put_owners(writing, extract);
    put_end(writing);
}

static void put_holding(struct writing *writing, const Tpx__Extract *extract) {
    put_fact(writing, "种类", "kind");
    put(writing, "证券持仓 <span class=en>holding of an instrument</span>");
    put_end(writing);
    put_fact(writing, "证券代码", "symbol");
    put(writing, "<b>");
    put_text(writing, extract->symbol, strlen(extract->symbol));
    put(writing, "</b>");
    put_end(writing);
    put_fact(writing, "持有人", "holder");
    if (extract->code[0] != '\0') {
        put(writing, "统一社会信用代码 <span class=en>unified social credit code</span> ");
        put_text(writing, extract->code, strlen(extract->code));
    } else {
        put(writing, "自然人，身份摘要 <span class=en>natural person, digest of identity</span> "
                     "<span class=mono>");
        put_hex(writing, extract->identity.data, extract->identity.len);
        put(writing, "</span>");
    }
    put_end(writing);
}

static void put_asset(struct writing *writing) {
    put_heading(writing, "一、标的", "1. The asset");
    put(writing, "<table class=facts>");
    if (writing->page->certificate->asset.kind == ASSET_RIGHT)
        put_right(writing, writing->entries[0]->entry);
    else
        put_holding(writing, writing->entries[0]->entry);
    put(writing, "</table>\n");
}

/* --- what is certified -------------------------------------------------------------------------
 */

static void put_finding(struct writing *writing) {
    const struct certificate *certificate = writing->page->certificate;
    uint64_t as_of = certificate->as_of;
    put_heading(writing, "二、证明事项", "2. What is certified");
    put(writing, "<div class=finding><p class=zh>");
    if (writing->in_force == 0)
        put(writing,
            "截至账本序号 %" PRIu64 "，本交易所登记簿上，该标的没有有效的质押、冻结、保全或挂牌。",
            as_of);
    else
        put(writing,
            "截至账本序号 %" PRIu64 "，本交易所登记簿上，该标的有 %u 项有效登记，列于下表。", as_of,
            writing->in_force);
    put(writing, "</p><p class=en>");
    if (writing->in_force == 0)
        put(writing,
            "On this exchange the asset has no pledge, freeze, hold or listing in force as of "
            "ledger sequence %" PRIu64 ".",
            as_of);
    else
        put(writing,
            "On this exchange the asset has %u %s in force as of ledger sequence %" PRIu64
            ", listed below.",
            writing->in_force, writing->in_force == 1 ? "entry" : "entries", as_of);
    put(writing, "</p></div>\n");
    char chinese[256];
    char english[256];
    snprintf(chinese, sizeof chinese,
             "登记簿上以该标的为对象的登记项（含标的本身与已终止者）共 %u "
             "项，全部列于下表，此外别无其他；“别无其他”亦经密码学证明。",
             certificate->entries_count);
    snprintf(
        english, sizeof english,
        "The register holds %u %s on it (the asset itself and ended ones among them): those in "
        "the table and no others, which is proven, too.",
        certificate->entries_count, certificate->entries_count == 1 ? "entry" : "entries");
    put_both(writing, "p", chinese, english);
}

/* --- the entries -------------------------------------------------------------------------------
 */

/* Fields that have a column, that name the asset, or that the asset's own part says. */
static bool is_shown_elsewhere(const char *name, bool is_asset) {
    static const char *const COLUMNS[] = {"asset_kind", "asset", "holder",  "entry",      "version",
                                          "kind",       "from",  "to",      "right_kind", "number",
                                          "symbol",     "code",  "identity"};
    static const char *const ASSET[] = {"office", "status", "licence_of", "term_end", "owner"};
    for (size_t i = 0; i < sizeof COLUMNS / sizeof COLUMNS[0]; i++)
        if (strcmp(name, COLUMNS[i]) == 0)
            return true;
    for (size_t i = 0; is_asset && i < sizeof ASSET / sizeof ASSET[0]; i++)
        if (strcmp(name, ASSET[i]) == 0)
            return true;
    return false;
}

struct particulars {
    struct writing *writing;
    const Tpx__Extract *extract;
    bool has_any;
};

/* A value's meaning; NULL where it means what it says. */
static const struct certificate_word *meaning_of(const Tpx__Extract *extract, const char *name,
                                                 const char *value) {
    if (strcmp(name, "state") == 0)
        return certificate_word_state((uint32_t)extract->kind, extract->state);
    return certificate_word_value(value);
}

static void put_particular(void *owner, const char *name, const char *value) {
    struct particulars *particulars = owner;
    struct writing *writing = particulars->writing;
    const struct certificate_word *word = certificate_word_field(name);
    const struct certificate_word *meaning = meaning_of(particulars->extract, name, value);
    if (is_shown_elsewhere(name, particulars->extract->entry == 0))
        return;
    put(writing, "%s%s", particulars->has_any ? "；" : "", word != NULL ? word->chinese : "");
    put(writing, " <span class=en>");
    put_text(writing, word != NULL ? word->english : name,
             strlen(word != NULL ? word->english : name));
    put(writing, "</span>：");
    if (meaning != NULL)
        put_word(writing, meaning);
    else
        put_text(writing, value, strlen(value));
    particulars->has_any = true;
}

static void put_entry(struct writing *writing, const Tpx__Extract *extract) {
    struct particulars particulars = {.writing = writing, .extract = extract};
    put(writing, "<tr><td>%u</td><td>", extract->entry);
    put_word(writing, certificate_word_entry((uint32_t)extract->kind));
    put(writing, "</td><td>%u</td><td>", extract->version);
    put_moment(writing, extract->from);
    put(writing, "</td><td>");
    if (ended_ns(extract) != 0)
        put_moment(writing, ended_ns(extract));
    else
        put(writing, "有效 <span class=en>in force</span>");
    put(writing, "</td><td>");
    cli_message_each(&extract->base, put_particular, &particulars);
    if (!particulars.has_any)
        put(writing, extract->entry == 0 ? "标的本身 <span class=en>the asset itself</span>" : "—");
    put(writing, "</td></tr>\n");
}

static void put_entries(struct writing *writing) {
    static const char *const HEADINGS[][2] = {{"序", "no."},       {"类别", "kind"},
                                              {"版本", "version"}, {"自", "from"},
                                              {"至", "to"},        {"内容", "particulars"}};
    put_heading(writing, "三、登记项", "3. The entries");
    put(writing, "<table class=entries><tr>");
    for (size_t i = 0; i < sizeof HEADINGS / sizeof HEADINGS[0]; i++)
        put(writing, "<th>%s <span class=en>%s</span></th>", HEADINGS[i][0], HEADINGS[i][1]);
    put(writing, "</tr>\n");
    for (uint32_t i = 0; i < writing->page->certificate->entries_count; i++)
        put_entry(writing, writing->entries[i]->entry);
    put(writing, "</table>\n");
}

/* --- what it is not ----------------------------------------------------------------------------
 */

/* What the entries say of the authority's register: the newest comparison, and its result. */
struct comparison {
    char at[CLI_VALUE_BYTES_MAX]; /* empty: there was none */
    char standing[CLI_VALUE_BYTES_MAX];
    char entry_standing[CLI_VALUE_BYTES_MAX]; /* of the entry that is looked at */
};

static void look_for_comparison(void *owner, const char *name, const char *value) {
    struct comparison *comparison = owner;
    if (strcmp(name, "standing") == 0)
        snprintf(comparison->entry_standing, sizeof comparison->entry_standing, "%s", value);
    if (strcmp(name, "compared") != 0 || strcmp(value, comparison->at) <= 0)
        return;
    snprintf(comparison->at, sizeof comparison->at, "%s", value);
    memcpy(comparison->standing, comparison->entry_standing, sizeof comparison->standing);
}

static struct certificate_word authority_of(const struct writing *writing) {
    static const struct certificate_word HOLDING = {
        "依该证券种类而定的登记结算机构", "the depository that the instrument's class names"};
    const Tpx__Extract *asset = writing->entries[0]->entry;
    return asset->asset_kind == TPX__ASSET_KIND__ASSET_RIGHT
               ? *certificate_word_office((uint32_t)asset->office)
               : HOLDING;
}

static void put_comparison(struct writing *writing) {
    struct certificate_word office = authority_of(writing);
    struct comparison comparison = {.at = ""};
    char chinese[640];
    char english[640];
    for (uint32_t i = 0; i < writing->page->certificate->entries_count; i++) {
        comparison.entry_standing[0] = '\0';
        cli_message_each(&writing->entries[i]->entry->base, look_for_comparison, &comparison);
    }
    const struct certificate_word *result = certificate_word_value(comparison.standing);
    snprintf(chinese, sizeof chinese,
             "该标的的法定登记机关为%s。本登记簿与该机关登记簿的最近一次比对：%s；结果：%s。"
             "在法律上，权利自该机关办理登记时设立；二者不一致的，以该机关为准。",
             office.chinese, comparison.at[0] != '\0' ? comparison.at : "未曾比对",
             result != NULL ? result->chinese : "无");
    snprintf(english, sizeof english,
             "The authority for this asset is %s. Last compared with its register: %s; result: %s. "
             "In law a right exists from registration there, and where the two differ that "
             "authority prevails.",
             office.english, comparison.at[0] != '\0' ? comparison.at : "never",
             result != NULL ? result->english : "none");
    put_both(writing, "li", chinese, english);
}

static bool has_reservation(const struct writing *writing) {
    for (uint32_t i = 1; i < writing->page->certificate->entries_count; i++)
        if (writing->entries[i]->entry->kind == TPX__ENTRY_KIND__ENTRY_RESERVATION &&
            ended_ns(writing->entries[i]->entry) == 0)
            return true;
    return false;
}

static void put_limits(struct writing *writing) {
    put_heading(writing, "四、本证明不证明的事项", "4. What this does not certify");
    put(writing, "<ol>");
    put_both(
        writing, "li", "不证明无须登记即可成立、或者登记于他处的权益不存在。",
        "It is no evidence of interests that need no registration, or that are kept elsewhere.");
    put_comparison(writing);
    put_both(writing, "li",
             "不及于上述账本序号之后发生的变动。是否仍然有效，可随时查询（第五项）。",
             "It does not reach beyond the ledger sequence named above; whether it still holds can "
             "be asked at any time (part 5).");
    put_both(writing, "li", "主债权转让的，受让人取得质权不因未在本登记簿登记而受影响。",
             "Where the secured claim was assigned, the assignee holds the pledge even before that "
             "is noted here.");
    if (has_reservation(writing))
        put_both(writing, "li", "优先顺位预留仅约束在本交易所进行的交易与登记。",
                 "A reservation of rank binds dealings on this exchange alone.");
    put(writing, "</ol>\n");
}

/* --- how to check it ---------------------------------------------------------------------------
 */

static void put_code(struct writing *writing, const QRcode *code) {
    int size = code->width + 2 * QR_BORDER;
    put(writing,
        "<svg viewBox=\"0 0 %d %d\" shape-rendering=crispEdges><path fill=#fff d=\"M0 "
        "0h%dv%dH0z\"/>"
        "<path d=\"",
        size, size, size, size);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if ((code->data[y * code->width + x] & 1) != 0)
                put(writing, "M%d %dh1v1h-1z", x + QR_BORDER, y + QR_BORDER);
    put(writing, "\"/></svg>");
}

static bool put_qr(struct writing *writing) {
    const struct certificate *certificate = writing->page->certificate;
    char text[CHECKPOINT_ORIGIN_MAX + 2 * HASH_SIZE + 64];
    int used = snprintf(text, sizeof text, "tpx-certificate@v1 %.*s ",
                        (int)certificate->origin.size, (const char *)certificate->origin.bytes);
    for (size_t i = 0; i < HASH_SIZE; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%02x",
                         writing->page->digest.bytes[i]);
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (code == NULL)
        return false;
    put_code(writing, code);
    QRcode_free(code);
    return true;
}

static bool put_check(struct writing *writing) {
    const struct certificate_page *page = writing->page;
    put_heading(writing, "五、核验", "5. How to check it");
    put(writing, "<div class=check>");
    bool is_put = put_qr(writing);
    put(writing, "<div>");
    put_both(writing, "div",
             "本页是证明文件的印刷形式；证明力在于文件，文件以下列摘要识别（左侧二维码同）：",
             "This page is the printed form of a file. The file is the proof; this is its digest, "
             "also in the code on the left:");
    put(writing, "<div class=mono>%s ", page->digest_name);
    put_hex(writing, page->digest.bytes, HASH_SIZE);
    put(writing, "</div>");
    put_both(writing, "div", "任何人持本交易所首个公钥即可离线核验文件，无须本交易所参与：",
             "Anybody who has the exchange's first key can check the file without the exchange:");
    put(writing, "<div class=mono>tpx pledge verify FILE --checkpoint-key ");
    put_text(writing, page->key, strlen(page->key));
    put(writing, "</div>");
    put_both(writing, "div", "查询其是否仍然有效：", "Whether it still holds:");
    put(writing, "<div class=mono>tpx pledge still FILE</div></div></div>\n<table class=facts>");
    put_fact(writing, "签署的账本", "the ledger that was signed");
    put(writing, "<span class=mono>%" PRIu64 " 条记录 records, ", page->checkpoint->head.size);
    put_hex(writing, page->checkpoint->head.root.bytes, HASH_SIZE);
    put(writing, "</span>");
    put_end(writing);
    put(writing, "</table>\n");
    return is_put;
}

/* --- the page ----------------------------------------------------------------------------------
 */

static void put_head(struct writing *writing) {
    const struct certificate *certificate = writing->page->certificate;
    struct span name = certificate->asset.kind == ASSET_RIGHT ? certificate->asset.number
                                                              : certificate->asset.symbol;
    bool is_test = certificate->environment != ENVIRONMENT_PRODUCTION;
    put(writing, "<!DOCTYPE html>\n<html lang=zh-CN><head><meta charset=utf-8><title>登记证明 ");
    put_text(writing, (const char *)name.bytes, name.size);
    put(writing,
        "</title><style>%s</style></head><body>\n<header><h1>登记证明</h1>"
        "<p>CERTIFICATE OF REGISTER ENTRIES</p></header>\n",
        STYLE);
    if (is_test)
        put(writing, "<div class=test>测试环境出具，无法律效力　TEST ENVIRONMENT: OF NO LEGAL "
                     "EFFECT</div>\n");
    put(writing, "<table class=facts>");
    put_fact(writing, "出具机构", "issued by");
    put_text(writing, (const char *)certificate->origin.bytes, certificate->origin.size);
    put_end(writing);
    put_fact(writing, "环境", "environment");
    put(writing,
        is_test ? "测试 <span class=en>test</span>" : "生产 <span class=en>production</span>");
    put_end(writing);
    put_fact(writing, "证明编号", "certificate no.");
    if (certificate->number != 0)
        put(writing, "<b>%" PRIu64 "</b>", certificate->number);
    else
        put(writing, "未编号，由账本直接出具 <span class=en>none: written from a ledger</span>");
    put_end(writing);
    put_fact(writing, "截至", "as of");
    put(writing, "账本序号 %" PRIu64 "，封存于 ", certificate->as_of);
    put_moment(writing, writing->page->sealed_ns);
    put(writing, " <span class=en>ledger sequence, sealed at</span>");
    put_end(writing);
    put(writing, "</table>\n");
}

/* For whoever files it. */
static void put_foot(struct writing *writing) {
    put(writing, "<table class=file><tr>");
    put(writing, "<td>核验人 <span class=en>checked by</span></td>");
    put(writing, "<td>日期 <span class=en>date</span></td>");
    put(writing, "<td>归档号 <span class=en>file no.</span></td>");
    put(writing, "</tr></table>\n</body></html>\n");
}

static bool read_entries(struct writing *writing) {
    const struct certificate *certificate = writing->page->certificate;
    for (uint32_t i = 0; i < certificate->entries_count; i++) {
        struct span report = certificate->entries[i].report;
        writing->entries[i] = tpx__report__unpack(NULL, report.size, report.bytes);
        if (writing->entries[i] == NULL || writing->entries[i]->entry == NULL)
            return false;
        writing->in_force += i > 0 && ended_ns(writing->entries[i]->entry) == 0;
    }
    return certificate->entries_count > 0;
}

static bool put_page(struct writing *writing) {
    put_head(writing);
    put_asset(writing);
    put_finding(writing);
    put_entries(writing);
    put_limits(writing);
    bool is_put = put_check(writing);
    put_foot(writing);
    return is_put;
}

char *certificate_page_format(const struct certificate_page *page, size_t *size) {
    char *text = NULL;
    uint32_t count = page->certificate->entries_count;
    struct writing writing = {.page = page, .entries = calloc(count + 1, sizeof(Tpx__Report *))};
    if (writing.entries == NULL)
        return NULL;
    bool is_put = read_entries(&writing);
    writing.out = is_put ? open_memstream(&text, size) : NULL;
    is_put = writing.out != NULL && put_page(&writing);
    if (writing.out != NULL && (fclose(writing.out) != 0 || !is_put)) {
        free(text);
        text = NULL;
    }
    for (uint32_t i = 0; i < count && writing.entries[i] != NULL; i++)
        tpx__report__free_unpacked(writing.entries[i], NULL);
    free(writing.entries);
    return text;
}
