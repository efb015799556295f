/*
 * The table.
 *
 * Regulators read (the ledger, and by queries); they send nothing that changes the market.
 */
#include "engine/authority.h"

#include <assert.h>

#include "engine/command.h"

#define EXCHANGE_OWN(its_verb, where)                                                              \
    { .verb = (its_verb), .environments = (where), .disk_worst = DISK_CRITICAL }

/* Sent by the operator alone. */
#define OPERATOR_ACT(kind, its_form, key_count, worst)                                             \
    {                                                                                              \
        .verb = VERB_ACT, .act = (kind), .form = (its_form), .keys = (key_count),                  \
        .environments = AUTHORITY_EVERYWHERE, .disk_worst = (worst), .roles = ROLE_OPERATOR        \
    }

/* Sent by the operator, and by others about themselves. */
#define SHARED_ACT(kind, own, worst)                                                               \
    {                                                                                              \
        .verb = VERB_ACT, .act = (kind), .keys = 1, .environments = AUTHORITY_EVERYWHERE,          \
        .disk_worst = (worst), .roles = ROLE_OPERATOR, .roles_own = (own)                          \
    }

#define REQUEST(its_verb, anybody, own, worst)                                                     \
    {                                                                                              \
        .verb = (its_verb), .keys = 1, .environments = AUTHORITY_EVERYWHERE,                       \
        .disk_worst = (worst), .roles = (anybody), .roles_own = (own)                              \
    }

/* Whose business it is to buy a right, for itself or for others. */
#define ROLES_THAT_BUY                                                                             \
    (ROLE_BROKER | ROLE_BANK | ROLE_LISTING_AGENT | ROLE_TRANSFEREE | ROLE_GUARANTOR)

/* A deed: sent by these, about anybody. */
#define DEED_BY(kind, who)                                                                         \
    {                                                                                              \
        .verb = VERB_DEED, .act = (kind), .keys = 1, .environments = AUTHORITY_EVERYWHERE,         \
        .disk_worst = DISK_LOW, .roles = (who)                                                     \
    }

/* A deed that others send as well, for the parties that they act for: the deed's check asks. */
#define DEED_SHARED(kind, anybody, own, worst)                                                     \
    {                                                                                              \
        .verb = VERB_DEED, .act = (kind), .keys = 1, .environments = AUTHORITY_EVERYWHERE,         \
        .disk_worst = (worst), .roles = (anybody), .roles_own = (own)                              \
    }

/* As DEED_BY, whatever room is left on the disk. */
#define FORCE_BY(kind, who)                                                                        \
    {                                                                                              \
        .verb = VERB_DEED, .act = (kind), .keys = 1, .environments = AUTHORITY_EVERYWHERE,         \
        .disk_worst = DISK_CRITICAL, .roles = (who)                                                \
    }
/* Who brings what parties have signed. */
#define PLEDGE_PARTIES                                                                             \
    (ROLE_BROKER | ROLE_BANK | ROLE_REGISTRAR | ROLE_LISTING_AGENT | ROLE_TRANSFEREE |             \
     ROLE_GUARANTOR)

const struct authority authority_table[] = {
    [AUTHORITY_ROW_NEW_ORDER] = REQUEST(VERB_NEW_ORDER, 0, ROLE_BROKER, DISK_ENOUGH),
    [AUTHORITY_ROW_REPLACE] = REQUEST(VERB_REPLACE, 0, ROLE_BROKER, DISK_ENOUGH),
    [AUTHORITY_ROW_CANCEL] = REQUEST(VERB_CANCEL, 0, ROLE_BROKER, DISK_CRITICAL),
    /* Only the operator reaches into another participant's orders. */
    [AUTHORITY_ROW_MASS_CANCEL] =
        REQUEST(VERB_MASS_CANCEL, ROLE_OPERATOR, ROLE_BROKER, DISK_CRITICAL),

    /* Whoever has a key may propose and approve; what, the act's own row says. */
    [AUTHORITY_ROW_REST] = REQUEST(VERB_PROPOSE, 0, ROLES_ALL, DISK_CRITICAL),
    REQUEST(VERB_APPROVE, 0, ROLES_ALL, DISK_CRITICAL),

    OPERATOR_ACT(ACT_ADD_PARTICIPANT, AUTHORITY_PLAIN, 1, DISK_LOW),
    OPERATOR_ACT(ACT_ADD_KEY, AUTHORITY_PLAIN, 1, DISK_LOW),
    OPERATOR_ACT(ACT_ADD_KEY, AUTHORITY_GUARDED, 2, DISK_LOW),
    /* A key that is lost or stolen ends at once: its owner needs nobody for it. */
    SHARED_ACT(ACT_REVOKE_KEY, ROLES_ALL, DISK_CRITICAL),
    SHARED_ACT(ACT_ADD_SESSION, ROLE_BROKER, DISK_LOW),
    SHARED_ACT(ACT_ADD_ACCOUNT, ROLE_BROKER, DISK_LOW),
    {.verb = VERB_ACT,
     .act = ACT_DEPOSIT,
     .keys = 1,
     .environments = AUTHORITY_EVERYWHERE,
     .disk_worst = DISK_LOW,
     .roles = ROLE_OPERATOR | ROLE_SETTLEMENT_BANK},
    OPERATOR_ACT(ACT_ADD_INSTRUMENT, AUTHORITY_PLAIN, 1, DISK_LOW),
    OPERATOR_ACT(ACT_SET_BAND, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_DAY_OPEN, AUTHORITY_PLAIN, 1, DISK_LOW),
    OPERATOR_ACT(ACT_DAY_CLOSE, AUTHORITY_PLAIN, 1, DISK_CRITICAL),
    /* To stop takes one key, to go on two. */
    OPERATOR_ACT(ACT_HALT, AUTHORITY_PLAIN, 1, DISK_LOW),
    OPERATOR_ACT(ACT_HALT, AUTHORITY_RESUMES, 2, DISK_LOW),
    OPERATOR_ACT(ACT_KILL, AUTHORITY_PLAIN, 1, DISK_CRITICAL),
    OPERATOR_ACT(ACT_UNKILL, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_RAISE_LIMIT, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_ACTIVATE, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_RESOLVE, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_REOPEN, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_CHECKPOINT_KEY, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_CONFIRM_TIME, AUTHORITY_PLAIN, 2, DISK_LOW),
    OPERATOR_ACT(ACT_SESSION_RESET, AUTHORITY_PLAIN, 1, DISK_LOW),

    DEED_BY(DEED_ADD_PARTY, ROLE_REGISTRAR | ROLE_OPERATOR),
    DEED_BY(DEED_ADD_PARTY_KEY, ROLE_REGISTRAR),
    /* As with the keys of transport: whoever acts for a party needs nobody to end its key. */
    DEED_SHARED(DEED_REVOKE_PARTY_KEY, ROLE_REGISTRAR | ROLE_OPERATOR, ROLES_ALL, DISK_CRITICAL),
    DEED_SHARED(DEED_GRANT_MANDATE, ROLE_REGISTRAR, ROLES_ALL, DISK_LOW),
    DEED_SHARED(DEED_REVOKE_MANDATE, ROLE_REGISTRAR, ROLES_ALL, DISK_CRITICAL),
    DEED_BY(DEED_ADMIT_RIGHT, ROLE_REGISTRAR),
    DEED_BY(DEED_SET_RIGHT_STATUS, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON),
    DEED_BY(DEED_APPRAISE, ROLE_APPRAISER | ROLE_REGISTRAR),
    DEED_BY(DEED_ADMIT_HOLDING, ROLE_REGISTRAR | ROLE_BROKER | ROLE_BANK),
    DEED_BY(DEED_SET_CALENDAR, ROLE_REGISTRAR | ROLE_OPERATOR),
    /* Whoever hands it in: the signatures say whose it is. */
    DEED_BY(DEED_PLEDGE_APPLY, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_JOIN, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_REVIEW, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_REGISTER, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_REFUSE, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_WITHDRAW, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_RELEASE, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_AMEND, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_ASSIGN, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_CONFIRM, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON),
    DEED_BY(DEED_PLEDGE_COMPARE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON),
    DEED_BY(DEED_PLEDGE_ASSENT, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_SWAP, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_CORRECT, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_SUCCEED, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_RULE, ROLE_REGISTRAR | ROLE_OPERATOR),
    DEED_BY(DEED_PLEDGE_REVOKE, ROLE_REGISTRAR),
    DEED_BY(DEED_PLEDGE_DETERMINE, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_DEFAULT, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_CURE, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_APPROPRIATE, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_SELL, PLEDGE_PARTIES),
    DEED_BY(DEED_PLEDGE_AUCTION, PLEDGE_PARTIES),
    DEED_BY(DEED_CERTIFY, ROLES_ALL),
    DEED_BY(DEED_RESERVE, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR),

    /* What an authority has ordered is entered as long as anything is. */
    FORCE_BY(DEED_FREEZE, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR),
    FORCE_BY(DEED_RENEW_FREEZE, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR),
    FORCE_BY(DEED_LIFT_FREEZE, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR),
    FORCE_BY(DEED_RESTRICT_TRADING, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR | ROLE_OPERATOR),
    DEED_BY(DEED_LOCK_UP, ROLE_REGISTRAR | ROLE_OPERATOR),
    DEED_BY(DEED_OBJECT, ROLE_REGISTRAR),
    DEED_BY(DEED_END_ENTRY, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR),
    DEED_BY(DEED_OPEN_LISTING, ROLE_REGISTRAR),
    DEED_BY(DEED_JOIN_LISTING, ROLES_THAT_BUY),
    DEED_BY(DEED_QUALIFY_BIDDER, ROLE_REGISTRAR),
    DEED_BY(DEED_BID, ROLES_THAT_BUY),
    DEED_BY(DEED_LEAVE_LISTING, ROLES_THAT_BUY),
    /* Signed by whom it binds, whoever hands it in. */
    DEED_BY(DEED_SIGN_SALE, ROLES_THAT_BUY | ROLE_REGISTRAR),
    DEED_BY(DEED_PAY_SALE, ROLES_THAT_BUY),
    DEED_BY(DEED_CERTIFY_SALE, ROLE_REGISTRAR),
    DEED_BY(DEED_REGISTER_SALE, ROLE_REGISTRAR | ROLE_AUTHORITY_LIAISON),
    DEED_BY(DEED_SUSPEND_LISTING, ROLE_REGISTRAR),
    DEED_BY(DEED_RESUME_LISTING, ROLE_REGISTRAR),
    DEED_BY(DEED_END_LISTING, ROLE_REGISTRAR),
    /* Those whom it binds sign: whoever hands it in. */
    DEED_BY(DEED_GIVE_CONSENT, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR),
    DEED_BY(DEED_REVOKE_CONSENT, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR),
    DEED_BY(DEED_TRANSFER, ROLE_BANK | ROLE_BROKER | ROLE_TRANSFEREE | ROLE_REGISTRAR),
    DEED_BY(DEED_CONFIRM_TRANSFER, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR),
    DEED_BY(DEED_END_TRANSFER, ROLE_AUTHORITY_LIAISON | ROLE_REGISTRAR),
    DEED_BY(DEED_PAY_OUT, ROLE_BANK | ROLE_BROKER | ROLE_REGISTRAR),

    EXCHANGE_OWN(VERB_GENESIS, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_TICK, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_CONTINUE, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_SEAL, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_MARK, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_DIGEST, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_OUTAGE, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_START, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_STOP, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_SESSION_UP, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_SESSION_DOWN, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_QUARANTINED, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_REFUSALS, AUTHORITY_EVERYWHERE),
    EXCHANGE_OWN(VERB_DISK, AUTHORITY_EVERYWHERE),
    /* In production two keys reopen, by the act. */
    EXCHANGE_OWN(VERB_REOPEN, AUTHORITY_IN_TEST),
};

const size_t authority_rows = sizeof authority_table / sizeof authority_table[0];

const struct authority *authority_find(uint8_t verb, uint8_t act, enum authority_form form) {
    for (size_t row = 0; row < authority_rows; row++) {
        const struct authority *each = &authority_table[row];
        if (each->verb == verb && each->act == act && each->form == form)
            return each;
    }
    assert(false);
    return NULL;
}

/* What one's own is one may always see; the market's own, everybody who has a key. */
#define OWN(others)                                                                                \
    { .roles = ROLE_OPERATOR | ROLE_REGULATOR | (others), .roles_own = ROLES_ALL }
#define PUBLIC                                                                                     \
    { .roles = ROLES_ALL }

const struct authority_sight authority_sights[QUERIES_END] = {
    [QUERY_ORDER] = OWN(0),
    [QUERY_OPEN_ORDERS] = OWN(0),
    /* Who brings cash and shares in and out sees what there is; who keeps the register, shares. */
    [QUERY_ACCOUNTS] = OWN(ROLE_SETTLEMENT_BANK),
    [QUERY_POSITIONS] = OWN(ROLE_SETTLEMENT_BANK | ROLE_REGISTRAR),
    [QUERY_BOOK_LEVELS] = PUBLIC,
    [QUERY_BOOK_ORDERS] = PUBLIC,
    [QUERY_INSTRUMENTS] = PUBLIC,
    [QUERY_PARAMETERS] = PUBLIC,
    [QUERY_PARTICIPANTS] = OWN(0),
    [QUERY_SESSIONS] = OWN(0),
    [QUERY_KEYS] = OWN(0),
    /* How many accounts and orders there are is nobody's business. */
    [QUERY_LIMITS] = {.roles = ROLE_OPERATOR | ROLE_REGULATOR},
    [QUERY_LEDGER] = PUBLIC,
    [QUERY_ORDER_HISTORY] = OWN(0),
    [QUERY_ACCOUNT_HISTORY] = OWN(0),
    [QUERY_SESSION_HISTORY] = OWN(0),
    [QUERY_TRADES] = PUBLIC,
    [QUERY_QUEUE] = OWN(0),
    /* The register is public; what of it is not, the asset says. */
    [QUERY_ENTRIES] = PUBLIC,
    [QUERY_ENTRY_VERSIONS] = PUBLIC,
    [QUERY_PARTY_ENTRIES] = PUBLIC,
    [QUERY_NUMBER_ENTRIES] = PUBLIC,
    [QUERY_REGISTER_CHANGES] = PUBLIC,
    [QUERY_BOUND_TOTALS] = PUBLIC,
    /* A party is its participant's own, a mandate the agent's as well. */
    [QUERY_PARTIES] = OWN(ROLE_REGISTRAR),
    [QUERY_PARTY_KEYS] = OWN(ROLE_REGISTRAR),
    [QUERY_MANDATES] = OWN(ROLE_REGISTRAR),
    [QUERY_CERTIFICATE] = OWN(ROLE_REGISTRAR),
    [QUERY_LISTINGS] = PUBLIC,
    [QUERY_BIDDERS] = OWN(ROLE_REGISTRAR),
};

const struct authority_sight authority_assets[ASSETS_END] = {
    [ASSET_RIGHT] = PUBLIC,
    /* Who has and who pledges shares is nobody else's business [L Securities 41]. */
    [ASSET_HOLDING] = OWN(ROLE_REGISTRAR),
};
