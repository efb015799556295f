/*
 * Acts: what is administered, by one key or as a proposal and an approval; and how people join.
 *
 * An act is said in the same words by whoever says it: "operator halts HX", "olga proposes halt
 * HX", "operators halt HX" (olga proposes, otto approves).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bench/algorithms.h"
#include "tests/scenario/say.h"

#define MS_NS INT64_C(1000000)

static const char *const role_words[] = {
    "broker",     "bank",      "registrar", "settlement-bank", "listing-agent", "appraiser",
    "transferee", "guarantor", "liaison",   "witness",         "operator-role", "regulator"};
#define ROLE_WORDS (sizeof role_words / sizeof *role_words)

static bool say_roles(struct stage *stage, uint32_t *roles) {
    uint32_t which;
    *roles = 0;
    if (words_take(&stage->words, "nothing"))
        return true;
    do {
        if (!words_one_of(&stage->words, role_words, ROLE_WORDS, &which))
            return false;
        *roles |= 1u << which;
    } while (words_take(&stage->words, "and"));
    return true;
}

static bool say_grace(struct stage *stage, uint32_t *grace_ms) {
    int64_t span_ns;
    if (!words_span(&stage->words, &span_ns))
        return false;
    *grace_ms = (uint32_t)(span_ns / MS_NS);
    return true;
}

static void keep_name(struct making *making, enum cast_kind kind, const char *name) {
    making->kind = kind;
    snprintf(making->name, sizeof making->name, "%s", name);
}

/* add participant NAME as broker [code CODE] */
static bool say_participant(struct stage *stage, struct act *act, struct making *making) {
    struct add_participant *add = &act->add_participant;
    char code[32];
    act->kind = ACT_ADD_PARTICIPANT;
    keep_name(making, CAST_PARTICIPANT, words_next(&stage->words));
    if (!words_expect(&stage->words, "as") || !say_roles(stage, &add->roles))
        return false;
    snprintf(code, sizeof code, "9144%014u", ++stage->persons);
    if (words_take(&stage->words, "code"))
        snprintf(code, sizeof code, "%s", words_next(&stage->words));
    add->code_bytes = (uint8_t)strnlen(code, CODE_BYTES_MAX);
    memcpy(add->code, code, add->code_bytes);
    add->name_bytes = 4;
    return true;
}

/* add key NAME for ann [person 7] [bytes 9] */
static bool say_key(struct stage *stage, struct act *act, struct making *making) {
    struct add_key *add = &act->add_key;
    act->kind = ACT_ADD_KEY;
    keep_name(making, CAST_KEY, words_next(&stage->words));
    if (!words_expect(&stage->words, "for"))
        return false;
    add->participant = say_any(stage, CAST_PARTICIPANT);
    add->person = ++stage->persons;
    memcpy(add->key, &add->person, sizeof add->person);
    add->key[KEY_BYTES - 1] = 0xbb;
    if (words_take(&stage->words, "person") && !words_number(&stage->words, &add->person))
        return false;
    uint32_t byte;
    if (words_take(&stage->words, "bytes")) {
        if (!words_number(&stage->words, &byte))
            return false;
        memset(add->key, (int)byte, sizeof add->key);
    }
    return true;
}

/* add session NAME for ann [cancel-on-disconnect] [grace 5s] */
static bool say_session(struct stage *stage, struct act *act, struct making *making) {
    struct add_session *add = &act->add_session;
    act->kind = ACT_ADD_SESSION;
    keep_name(making, CAST_SESSION, words_next(&stage->words));
    if (!words_expect(&stage->words, "for"))
        return false;
    add->participant = say_any(stage, CAST_PARTICIPANT);
    add->cancels_on_disconnect = words_take(&stage->words, "cancel-on-disconnect");
    return !words_take(&stage->words, "grace") || say_grace(stage, &add->grace_ms);
}

/* add account NAME for ann [owner 7 | owned by PARTY] */
static bool say_account(struct stage *stage, struct act *act, struct making *making) {
    struct add_account *add = &act->add_account;
    act->kind = ACT_ADD_ACCOUNT;
    keep_name(making, CAST_ACCOUNT, words_next(&stage->words));
    if (!words_expect(&stage->words, "for"))
        return false;
    add->participant = say_any(stage, CAST_PARTICIPANT);
    add->owner = 1;
    if (words_take(&stage->words, "owned by")) {
        add->owner = say_any(stage, CAST_PARTY);
        return true;
    }
    return !words_take(&stage->words, "owner") || words_units(&stage->words, &add->owner);
}

static bool say_band(struct stage *stage, int64_t *low, int64_t *high) {
    *low = 0;
    *high = 0;
    return words_take(&stage->words, "none") ||
           (words_money(&stage->words, low) && words_expect(&stage->words, "to") &&
            words_money(&stage->words, high));
}

static bool say_instrument_detail(struct stage *stage, struct add_instrument *add) {
    struct words *words = &stage->words;
    if (words_take(words, "tick"))
        return words_money(words, &add->tick_fen);
    if (words_take(words, "min"))
        return words_units(words, &add->lot_min);
    if (words_take(words, "step"))
        return words_units(words, &add->lot_step);
    if (words_take(words, "max"))
        return words_units(words, &add->qty_max);
    if (words_take(words, "band"))
        return say_band(stage, &add->band_low_fen, &add->band_high_fen);
    if (words_take(words, "reference"))
        return words_money(words, &add->reference_fen);
    return words_blame(words, "tick, min, step, max, band or reference");
}

/* HX [tick 0.01] [min 1] [step 1] [max N] [band 9.00 to 11.00] [reference 10.00] */
static bool say_instrument_terms(struct stage *stage, struct act *act, struct making *making) {
    struct add_instrument *add = &act->add_instrument;
    act->kind = ACT_ADD_INSTRUMENT;
    const char *symbol = words_next(&stage->words);
    keep_name(making, CAST_INSTRUMENT, symbol);
    add->symbol_bytes = (uint8_t)strnlen(symbol, SYMBOL_BYTES_MAX);
    memcpy(add->symbol, symbol, add->symbol_bytes);
    add->tick_fen = 1;
    add->lot_min = 1;
    add->lot_step = 1;
    while (stage->words.at < stage->words.count)
        if (!say_instrument_detail(stage, add))
            return false;
    return true;
}

bool say_instrument(struct stage *stage) {
    struct act act = {.kind = 0};
    struct making making = {.name = ""};
    if (!say_instrument_terms(stage, &act, &making))
        return false;
    uint32_t instrument = (uint32_t)stage_admin(stage, &act);
    stage_fund_all(stage, instrument);
    return cast_bind(&stage->cast, CAST_INSTRUMENT, making.name, instrument) ||
           words_blame(&stage->words, "a symbol that is not taken");
}

static bool say_add(struct stage *stage, struct act *act, struct making *making) {
    struct words *words = &stage->words;
    if (words_take(words, "participant"))
        return say_participant(stage, act, making);
    if (words_take(words, "key"))
        return say_key(stage, act, making);
    if (words_take(words, "session"))
        return say_session(stage, act, making);
    if (words_take(words, "account"))
        return say_account(stage, act, making);
    if (words_take(words, "instrument"))
        return say_instrument_terms(stage, act, making);
    if (words_take(words, "checkpoint key")) {
        act->kind = ACT_CHECKPOINT_KEY;
        act->checkpoint_key.key = algorithms_key(0xdd);
        return true;
    }
    return words_blame(words, "participant, key, session, account, instrument or checkpoint key");
}

/* revoke key NAME [keeping orders], revoke checkpoint key */
static bool say_revoke(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    if (words_take(&stage->words, "checkpoint key")) {
        act->kind = ACT_CHECKPOINT_KEY;
        act->checkpoint_key.key = algorithms_key(0xdd);
        act->checkpoint_key.is_revoked = true;
        return true;
    }
    act->kind = ACT_REVOKE_KEY;
    if (!words_expect(&stage->words, "key"))
        return false;
    act->revoke_key.key = say_any(stage, CAST_KEY);
    act->revoke_key.keeps_orders = words_take(&stage->words, "keeping orders");
    return true;
}

/* 1,000.00 to ann; 500 HX to ann; and "withdraw ... from ann" */
static bool say_amount(struct stage *stage, struct act *act, int sign) {
    struct deposit *deposit = &act->deposit;
    struct words *words = &stage->words;
    act->kind = ACT_DEPOSIT;
    uint64_t units = 0;
    if (strchr(words_peek(words), '.') != NULL) {
        if (!words_money(words, &deposit->amount))
            return false;
    } else {
        if (!words_units(words, &units) || units > INT64_MAX)
            return words_blame(words, "an amount");
        deposit->amount = (int64_t)units;
        deposit->instrument = say_any(stage, CAST_INSTRUMENT);
    }
    deposit->amount *= sign;
    if (!words_expect(words, sign > 0 ? "to" : "from"))
        return false;
    deposit->account = say_any(stage, CAST_ACCOUNT);
    return true;
}

static bool say_deposit(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    return say_amount(stage, act, 1);
}

static bool say_withdraw(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    return say_amount(stage, act, -1);
}

/* set band HX 9.00 to 11.00 */
static bool say_set(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_SET_BAND;
    if (!words_expect(&stage->words, "band"))
        return false;
    act->set_band.instrument = say_any(stage, CAST_INSTRUMENT);
    return say_band(stage, &act->set_band.band_low_fen, &act->set_band.band_high_fen);
}

static bool say_open(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_DAY_OPEN;
    return words_expect(&stage->words, "day") && words_date(&stage->words, &act->day.date);
}

static bool say_close(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_DAY_CLOSE;
    return words_expect(&stage->words, "day") && words_date(&stage->words, &act->day.date);
}

static bool say_halt(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_HALT;
    act->halt.is_halted = true;
    act->halt.instrument = words_take(&stage->words, "all") ? 0 : say_any(stage, CAST_INSTRUMENT);
    return true;
}

/* resume HX|all ends a halt; reopen ends an outage's. */
static bool say_resume(struct stage *stage, struct act *act, struct making *making) {
    say_halt(stage, act, making);
    act->halt.is_halted = false;
    return true;
}

static bool say_reopen(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_REOPEN;
    return words_expect(&stage->words, "market");
}

/* kill exchange | participant ann | session s2 | account a2 | instrument HX */
static bool say_kill(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    struct words *words = &stage->words;
    act->kind = ACT_KILL;
    if (words_take(words, "exchange"))
        return true;
    if (words_take(words, "participant"))
        act->kill.participant = say_any(stage, CAST_PARTICIPANT);
    else if (words_take(words, "session"))
        act->kill.session = say_any(stage, CAST_SESSION);
    else if (words_take(words, "account"))
        act->kill.account = say_any(stage, CAST_ACCOUNT);
    else if (words_take(words, "instrument"))
        act->kill.instrument = say_any(stage, CAST_INSTRUMENT);
    else
        return words_blame(words, "exchange, participant, session, account or instrument");
    if (words_take(words, "and instrument"))
        act->kill.instrument = say_any(stage, CAST_INSTRUMENT);
    return true;
}

static bool say_unkill(struct stage *stage, struct act *act, struct making *making) {
    bool is_understood = say_kill(stage, act, making);
    act->kind = ACT_UNKILL;
    return is_understood;
}

/* raise limit orders to 10 */
static bool say_raise(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_RAISE_LIMIT;
    struct words *words = &stage->words;
    if (!words_expect(words, "limit"))
        return false;
    if (words_take(words, "nonsense"))
        act->raise_limit.pool = POOLS_END;
    else if (!words_one_of(words, stage_pools, POOLS_END, &act->raise_limit.pool))
        return false;
    return words_expect(words, "to") && words_number(words, &act->raise_limit.limit);
}

static bool say_activate(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_ACTIVATE;
    return words_expect(&stage->words, "version") &&
           words_number(&stage->words, &act->activate.version);
}

static bool say_resolve(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_RESOLVE;
    memset(act->resolve.digest_recorded, 1, HASH_BYTES);
    memset(act->resolve.digest_replayed, 2, HASH_BYTES);
    return words_expect(&stage->words, "sequence") &&
           words_units(&stage->words, &act->resolve.sequence);
}

static bool say_confirm(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_CONFIRM_TIME;
    act->confirm_time.time_ns = stage->venue.time_ns;
    return words_expect(&stage->words, "time");
}

static bool say_reset(struct stage *stage, struct act *act, struct making *making) {
    (void)making;
    act->kind = ACT_SESSION_RESET;
    if (!words_expect(&stage->words, "session"))
        return false;
    act->session_reset.session = say_any(stage, CAST_SESSION);
    return true;
}

static bool say_act_phrase(struct stage *stage, struct act *act, struct making *making) {
    static const struct {
        const char *verb;
        bool (*say)(struct stage *, struct act *, struct making *);
    } phrases[] = {
        {"add", say_add},           {"revoke", say_revoke},     {"deposit", say_deposit},
        {"withdraw", say_withdraw}, {"set", say_set},           {"open", say_open},
        {"close", say_close},       {"halt", say_halt},         {"resume", say_resume},
        {"reopen", say_reopen},     {"kill", say_kill},         {"unkill", say_unkill},
        {"raise", say_raise},       {"activate", say_activate}, {"resolve", say_resolve},
        {"confirm", say_confirm},   {"reset", say_reset},
    };
    memset(act, 0, sizeof *act);
    memset(making, 0, sizeof *making);
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        char third_person[16];
        snprintf(third_person, sizeof third_person, "%ss", phrases[i].verb);
        if (words_take(&stage->words, phrases[i].verb) || words_take(&stage->words, third_person))
            return phrases[i].say(stage, act, making);
    }
    return words_blame(&stage->words, "what somebody does, as tests/scenario/README.md lists it");
}

static bool say_who(struct stage *stage, struct actor *actor) {
    while (stage->words.at < stage->words.count)
        if (!say_as(stage, actor))
            return words_end(&stage->words);
    return true;
}

/* Both keys: what the proposal answers is left out when it is only that it was proposed. */
static void do_with_two_keys(struct stage *stage, const struct actor *actor, const struct act *act,
                             const struct making *making) {
    struct command command = {.verb = VERB_PROPOSE, .act = *act};
    struct actor otto;
    stage_send(stage, actor, &command);
    if (stage_heard(stage, EVENT_DONE, actor->session) == NULL)
        return;
    bool is_known = stage_actor(stage, "otto", &otto);
    assert(is_known);
    (void)is_known;
    venue_forget(&stage->venue);
    memset(&command, 0, sizeof command);
    command.verb = VERB_APPROVE;
    command.approve.proposal = stage->venue.sequence;
    stage_send(stage, &otto, &command);
    stage_name_made(stage, making, false);
}

/* proposes ACT [as NAME] */
static bool say_propose(struct stage *stage, struct actor *actor) {
    struct command command = {.verb = VERB_PROPOSE};
    struct making making;
    char name[CAST_NAME_BYTES] = "";
    struct words *words = &stage->words;
    if (words->count >= 2 && strcmp(words->word[words->count - 2], "as") == 0) {
        snprintf(name, sizeof name, "%s", words->word[words->count - 1]);
        words->count -= 2;
    }
    if (!say_act_phrase(stage, &command.act, &making) || !say_who(stage, actor))
        return false;
    stage_send(stage, actor, &command);
    stage_name_made(stage, &making, true);
    return name[0] == '\0' || cast_bind(&stage->cast, CAST_PROPOSAL, name, stage->venue.sequence) ||
           words_blame(words, "a name that is not taken");
}

/* approves NAME */
static bool say_approve(struct stage *stage, struct actor *actor) {
    struct command command = {.verb = VERB_APPROVE};
    command.approve.proposal = say_any(stage, CAST_PROPOSAL);
    if (!say_who(stage, actor))
        return false;
    stage_send(stage, actor, &command);
    stage_name_approved(stage, command.approve.proposal);
    return true;
}

bool say_act(struct stage *stage, struct actor *actor, bool is_two_keys) {
    struct command command = {.verb = VERB_ACT};
    struct making making;
    if (words_take(&stage->words, "proposes"))
        return say_propose(stage, actor);
    if (words_take(&stage->words, "approves"))
        return say_approve(stage, actor);
    if (words_take(&stage->words, "is quarantined")) {
        static const uint8_t bytes[] = {1, 2, 3};
        struct command unread = {.verb = VERB_QUARANTINED,
                                 .quarantined = {.bytes = bytes, .size = sizeof bytes}};
        if (!say_who(stage, actor))
            return false;
        stage_send(stage, actor, &unread);
        return true;
    }
    if (!say_act_phrase(stage, &command.act, &making) || !say_who(stage, actor))
        return false;
    if (is_two_keys) {
        do_with_two_keys(stage, actor, &command.act, &making);
        return true;
    }
    stage_send(stage, actor, &command);
    stage_name_made(stage, &making, false);
    return true;
}
