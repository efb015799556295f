/*
 * Who is paid out of a price that has been taken from the buyer.
 */
#include "engine/consent.h"
#include "engine/freeze.h"
#include "engine/money.h"
#include "engine/pledge.h"
#include "engine/pledge_part.h"
#include "engine/timer.h"
#include "engine/transfer_part.h"

static void credit(struct engine *engine, uint32_t account, int64_t amount_fen) {
    account_at(engine, account)->cash_fen += amount_fen;
}

void transfer_rank(const struct engine *engine, const struct transfer *transfer,
                   struct transfer_payees *payees) {
    struct rank ranks[TRANSFER_CONSENTS_MAX];
    payees->consents_count = 0;
    for (uint32_t i = 0; i < transfer->consents_count; i++) {
        const struct consent *consent = consent_at(engine, transfer->consents[i]);
        if (consent->pledge == 0)
            continue;
        uint32_t item = pledge_item_on(engine, consent->pledge, transfer_asset(transfer));
        struct rank rank = item != 0 ? rank_of_item(pledge_item_at(engine, item))
                                     : (struct rank){INT64_MAX, UINT64_MAX};
        uint32_t place = payees->consents_count++;
        for (; place > 0 && rank_is_before(rank, ranks[place - 1]); place--) {
            ranks[place] = ranks[place - 1];
            payees->consents[place] = payees->consents[place - 1];
        }
        ranks[place] = rank;
        payees->consents[place] = transfer->consents[i];
    }
}

/* The first pledgee who has not said what is to be paid to him; 0: all have. */
static uint32_t silent_pledgee(const struct engine *engine, const struct transfer *transfer) {
    for (uint32_t i = 0; i < transfer->consents_count; i++) {
        const struct consent *consent = consent_at(engine, transfer->consents[i]);
        if (consent->pledge != 0 && !consent->states_payoff)
            return consent->party;
    }
    return 0;
}

struct refusal transfer_check_pay(const struct engine *engine, const struct transfer *transfer) {
    uint32_t tells = pledge_follow_tells(engine, transfer_asset(transfer));
    uint32_t freezes = 0;
    if (tells > TRANSFER_TELLS_MAX)
        return refusal_of(REASON_LIMIT_REACHED, FIELD_PLEDGE, TRANSFER_TELLS_MAX);
    struct asset asset = transfer_asset(transfer);
    for (uint32_t at = freeze_bound(engine, asset, 0); at != 0;
         at = freeze_bound(engine, asset, at))
        freezes++;
    if (freezes == 0)
        return refusal_none();
    if (silent_pledgee(engine, transfer) != 0) /* how much the freeze would reach is not known */
        return refusal_of(REASON_FROZEN, FIELD_CONSENT, silent_pledgee(engine, transfer));
    return freeze_check_proceeds(engine, transfer->seller_account, freezes);
}

/* What is left is the seller's; of it, what the frozen units brought is frozen for those who had
 * frozen them, the first before the others. */
static void pay_rest(const struct call *call, const struct transfer *transfer, int64_t left_fen,
                     const struct transfer_payees *payees) {
    int64_t frozen_fen =
        money_proportion(left_fen, payees->frozen_units, (int64_t)transfer->quantity);
    credit(call->engine, transfer->seller_account, left_fen);
    for (uint32_t i = 0; i < payees->freezes_count && frozen_fen > 0; i++)
        freeze_proceeds(call, payees->freezes[i], transfer->seller_account, frozen_fen);
}

void transfer_pay(const struct call *call, struct transfer *transfer,
                  const struct transfer_payees *payees) {
    struct engine *engine = call->engine;
    int64_t left_fen = transfer->price_fen - transfer->costs_fen;
    if (transfer->costs_fen != 0)
        credit(engine, transfer->costs_account, transfer->costs_fen);
    transfer->pledgee = silent_pledgee(engine, transfer);
    if (transfer->pledgee != 0) {
        transfer->escrow_fen = left_fen;
        engine->escrow_fen += left_fen;
        return;
    }
    for (uint32_t i = 0; i < payees->consents_count; i++) {
        const struct consent *consent = consent_at(engine, payees->consents[i]);
        int64_t asked_fen = consent_payoff_fen(consent, transfer->quantity);
        int64_t paid_fen = asked_fen < left_fen ? asked_fen : left_fen;
        credit(engine, consent->account, paid_fen);
        left_fen -= paid_fen;
    }
    pay_rest(call, transfer, left_fen, payees);
}
