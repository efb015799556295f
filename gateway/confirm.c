/* Signed deeds wait for the notary, and what their sessions send behind them waits with them. */
#include <assert.h>
#include <string.h>

#include "engine/view.h"
#include "gateway/notary.h"
#include "gateway/trade.h"

static const struct codec_fault TOO_MUCH_WAITS = {
    "deed.signature", NOTARY_ITEMS_EACH_MAX,
    "too much waits until signatures are checked: send it again later"};
static const struct codec_fault NO_SUCH_KEY = {"deed.signature.party_key", 0, "there is none"};
static const struct codec_fault KEY_HAS_ENDED = {"deed.signature.party_key", 0, "has ended"};
static const struct codec_fault FALSE_SIGNATURES[DEED_SIGNATURES_MAX] = {
    {"deed.signature.bytes", 0, "of the first signature are not its key's over this deed"},
    {"deed.signature.bytes", 0, "of the second signature are not its key's over this deed"},
};

static void refuse(struct trade *trade, uint32_t number, const struct intake_item *item,
                   const struct trade_refusal *why) {
    struct trade_refusal refusal = *why;
    refusal.session = number;
    refusal.number = item->request.command.stamp.number;
    trade_refuse(trade, item->from, &refusal);
}

bool trade_is_signed(const struct command *command) {
    return command->verb == VERB_DEED && command->deed.signatures_count > 0;
}

/* Whether the deed's signatures are to be checked: it may be sequenced under its number, and read.
 */
static bool must_check(struct trade *trade, uint32_t number, const struct intake_item *item) {
    const struct command *command = &item->request.command;
    return trade_is_signed(command) &&
           command->stamp.number > sessions_get(trade->sessions, number)->last_number &&
           !quarantine_holds(trade->quarantine, number, item->bytes);
}

/* Notes the public keys of the signatures. NULL, or which is none that may sign. */
static const struct codec_fault *find_keys(const struct trade *trade, const struct deed *deed,
                                           struct notary_item *waiting) {
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        struct party_key_view view;
        if (!engine_party_key(trade->core->engine, deed->signatures[i].party_key, &view))
            return &NO_SUCH_KEY;
        if (view.is_revoked)
            return &KEY_HAS_ENDED;
        waiting->keys[i] = view.key;
    }
    waiting->signatures = deed->signatures_count;
    return NULL;
}

/* What is wrong with a signed deed already, or nothing: then `waiting` has its keys. */
static struct trade_refusal look(struct trade *trade, uint32_t number,
                                 const struct intake_item *item, struct notary_item *waiting) {
    struct trade_refusal refusal = trade_judge(trade, number, item);
    if (refusal.reason != REASON_NONE)
        return refusal;
    refusal.fault = find_keys(trade, &item->request.command.deed, waiting);
    if (refusal.fault != NULL)
        refusal.reason =
            refusal.fault == &KEY_HAS_ENDED ? REASON_KEY_REVOKED : REASON_BAD_SIGNATURE;
    return refusal;
}

bool trade_waits(struct trade *trade, uint32_t number, const struct intake_item *item) {
    struct session *session = sessions_get(trade->sessions, number);
    bool is_checked = must_check(trade, number, item);
    if (!is_checked && session->waiting == 0)
        return false;
    struct notary_item waiting = {.session = number,
                                  .generation = session->generation,
                                  .key = item->from->message.key,
                                  .route = item->from->message.route,
                                  .received_ns = item->from->received_ns,
                                  .received_mono_ns = item->from->received_mono_ns};
    struct trade_refusal refusal = {0};
    if (is_checked)
        refusal = look(trade, number, item, &waiting);
    if (refusal.reason == REASON_NONE && (session->waiting >= NOTARY_ITEMS_EACH_MAX ||
                                          !notary_put(trade->notary, &waiting, item->bytes)))
        refusal = (struct trade_refusal){.reason = REASON_NO_CREDIT, .fault = &TOO_MUCH_WAITS};
    if (refusal.reason != REASON_NONE)
        refuse(trade, number, item, &refusal);
    else
        session->waiting++;
    return true;
}

/* The request as it came, as if it came now. */
static void restore(struct intake_message *from, struct intake_item *item,
                    const struct notary_item *waiting, struct span bytes) {
    from->message.route = waiting->route;
    from->message.key = waiting->key;
    from->received_ns = waiting->received_ns;
    from->received_mono_ns = waiting->received_mono_ns;
    item->from = from;
    item->bytes = bytes;
    bool is_decoded = codec_request_decode(bytes.bytes, bytes.size, &item->request, &item->fault);
    assert(is_decoded); /* it was before */
    (void)is_decoded;
    item->fault.text = NULL;
}

static void decide(struct trade *trade, const struct notary_item *waiting, struct span bytes,
                   uint32_t wrong) {
    struct session *session = sessions_get(trade->sessions, waiting->session);
    struct intake_message from;
    struct intake_item item;
    session->waiting--;
    if (session->generation != waiting->generation)
        return; /* its connection is gone: the client sends again what has no answer */
    restore(&from, &item, waiting, bytes);
    if (wrong != 0) {
        struct trade_refusal refusal = {.reason = REASON_BAD_SIGNATURE,
                                        .fault = &FALSE_SIGNATURES[wrong - 1]};
        refuse(trade, waiting->session, &item, &refusal);
        return;
    }
    item.request.command.stamp.session = waiting->session;
    trade_decide(trade, waiting->session, &item, waiting->signatures > 0);
}

void trade_take_checked(struct trade *trade) {
    const struct notary_item *waiting;
    struct span bytes;
    uint32_t wrong;
    notary_flush(trade->notary);
    while ((waiting = notary_take(trade->notary, &bytes, &wrong)) != NULL)
        decide(trade, waiting, bytes, wrong);
    counter_set(trade->counters, COUNTER_SIGNED_WAITING, notary_waiting(trade->notary));
    counter_set(trade->counters, COUNTER_SIGNATURES, notary_checked(trade->notary));
    counter_set(trade->counters, COUNTER_SIGNATURES_FALSE, notary_wrong(trade->notary));
}
