/*
 * Values by their number of bits, so that every length of a varint comes up.
 */
#include "tests/property/random_request.h"

#include <assert.h>
#include <string.h>

uint64_t random_number(struct random *random, uint64_t most) {
    uint32_t bits = random_below(random, 65);
    uint64_t value = bits == 0 ? 0 : random_next(random) >> (64 - bits);
    return random_once_in(random, 20) ? most : most == UINT64_MAX ? value : value % (most + 1);
}

static uint32_t u32(struct random *random) {
    return (uint32_t)random_number(random, UINT32_MAX);
}

static int64_t i64(struct random *random) {
    return (int64_t)random_number(random, INT64_MAX);
}

size_t random_text(struct random *random, char *text, size_t size) {
    static const char *const letters[] = {"a",  "Z",  "7",  " ",  "~",  "é",  "ß",  "Ж",
                                          "技", "术", "（", "）", "한", "ア", "𠮷", "€"};
    size_t used = 0;
    uint32_t wanted = random_below(random, (uint32_t)size + 1);
    while (used < wanted) {
        const char *letter = letters[random_below(random, sizeof letters / sizeof letters[0])];
        if (used + strlen(letter) > size) {
            break;
        }
        for (; *letter != '\0'; letter++) {
            text[used++] = *letter;
        }
    }
    return used;
}

/* 1 .. `most` letters of an alphabet. */
static uint8_t word(struct random *random, const char *alphabet, char *text, uint32_t most) {
    uint32_t size = random_between(random, 1, most);
    for (uint32_t i = 0; i < size; i++) {
        text[i] = alphabet[random_below(random, (uint32_t)strlen(alphabet))];
    }
    return (uint8_t)size;
}

static void hash(struct random *random, uint8_t *bytes) {
    for (size_t i = 0; i < HASH_BYTES; i++) {
        bytes[i] = (uint8_t)(random_once_in(random, 4) ? 0 : random_next(random));
    }
}

/* Of either size: the ledger's profile is not the codec's business. */
static void signing_key(struct random *random, struct signing_key *key) {
    *key = (struct signing_key){
        .size = (uint8_t)random_between(random, HASH_BYTES, SIGNING_KEY_BYTES_MAX)};
    hash(random, key->bytes);
    if (key->size > HASH_BYTES)
        key->bytes[HASH_BYTES] = 0xaa;
}

static void make_new_order(struct random *random, struct new_order *order) {
    *order = (struct new_order){
        .account = u32(random),
        .instrument = u32(random),
        .price_fen = i64(random),
        .order_qty = (uint64_t)i64(random),
        .min_qty = (uint64_t)i64(random),
        .good_till = u32(random),
        .trading_day = u32(random),
        .side = (uint8_t)random_between(random, SIDE_BUY, SIDE_SELL),
        .ord_type = (uint8_t)random_between(random, ORD_TYPE_LIMIT, ORD_TYPE_MARKET),
        .time_in_force = (uint8_t)random_between(random, TIME_IN_FORCE_DAY, TIME_IN_FORCE_FOK),
        .is_post_only = random_once_in(random, 2)};
    order->text_bytes = (uint8_t)random_text(random, order->text, TEXT_BYTES_MAX);
}

#define CODE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static void make_instrument(struct random *random, struct add_instrument *made) {
    made->symbol_bytes = word(random, CODE_LETTERS ".-", made->symbol, SYMBOL_BYTES_MAX);
    made->tick_fen = i64(random);
    made->lot_min = (uint64_t)i64(random);
    made->lot_step = (uint64_t)i64(random);
    made->qty_max = (uint64_t)i64(random);
    made->band_low_fen = i64(random);
    made->band_high_fen = i64(random);
    made->reference_fen = i64(random);
}

static void make_participant(struct random *random, struct random_request *made,
                             struct add_participant *to) {
    to->roles = random_below(random, ROLES_ALL + 1);
    to->code_bytes = word(random, CODE_LETTERS, to->code, CODE_BYTES_MAX);
    to->name_bytes = (uint16_t)random_text(random, made->name, NAME_BYTES_MAX);
    if (to->name_bytes == 0) {
        to->name_bytes = 1;
        made->name[0] = 'x';
    }
}

/* Acts that name people, keys and accounts. */
static void make_act_of_parties(struct random *random, struct random_request *made,
                                struct act *act) {
    switch (act->kind) {
    case ACT_ADD_PARTICIPANT:
        make_participant(random, made, &act->add_participant);
        break;
    case ACT_ADD_KEY:
        act->add_key = (struct add_key){.participant = u32(random), .person = u32(random)};
        hash(random, act->add_key.key);
        break;
    case ACT_REVOKE_KEY:
        act->revoke_key = (struct revoke_key){u32(random), random_once_in(random, 2), i64(random)};
        break;
    case ACT_ADD_SESSION:
        act->add_session =
            (struct add_session){u32(random), random_once_in(random, 2), u32(random)};
        break;
    case ACT_ADD_ACCOUNT:
        act->add_account = (struct add_account){u32(random), (uint64_t)i64(random)};
        break;
    case ACT_DEPOSIT:
        act->deposit = (struct deposit){u32(random), u32(random), i64(random)};
        act->deposit.amount *= random_once_in(random, 2) ? -1 : 1;
        break;
    case ACT_CHECKPOINT_KEY:
        act->checkpoint_key.is_revoked = random_once_in(random, 2);
        signing_key(random, &act->checkpoint_key.key);
        break;
    case ACT_SESSION_RESET:
        act->session_reset.session = u32(random);
        break;
    default:
        assert(act->kind == ACT_REOPEN);
    }
}

static void make_act(struct random *random, struct random_request *made, struct act *act) {
    act->kind = (uint8_t)random_between(random, ACT_ADD_PARTICIPANT, ACT_SESSION_RESET);
    switch (act->kind) {
    case ACT_ADD_INSTRUMENT:
        make_instrument(random, &act->add_instrument);
        break;
    case ACT_SET_BAND:
        act->set_band = (struct set_band){u32(random), i64(random), i64(random)};
        break;
    case ACT_DAY_OPEN:
    case ACT_DAY_CLOSE:
        act->day.date = u32(random);
        break;
    case ACT_HALT:
        act->halt = (struct halt){u32(random), random_once_in(random, 2)};
        break;
    case ACT_KILL:
    case ACT_UNKILL:
        act->kill = (struct kill){u32(random), u32(random), u32(random), u32(random)};
        break;
    case ACT_RAISE_LIMIT:
        act->raise_limit =
            (struct raise_limit){random_between(random, POOL_ORDERS, POOL_TIMERS), u32(random)};
        break;
    case ACT_ACTIVATE:
        act->activate.version = u32(random);
        break;
    case ACT_RESOLVE:
        act->resolve.sequence = (uint64_t)i64(random);
        hash(random, act->resolve.digest_recorded);
        hash(random, act->resolve.digest_replayed);
        break;
    case ACT_CONFIRM_TIME:
        act->confirm_time.time_ns = i64(random);
        break;
    default:
        make_act_of_parties(random, made, act);
    }
}

static void make_genesis(struct random *random, struct genesis *genesis) {
    genesis->environment = (uint8_t)random_between(random, 1, ENVIRONMENT_TEST);
    genesis->profile = (uint8_t)random_between(random, 1, PROFILES_END - 1);
    genesis->origin_bytes = word(random, "abc.xyz/-0123", genesis->origin, ORIGIN_BYTES_MAX);
    signing_key(random, &genesis->checkpoint_key);
    for (int i = 0; i < 2; i++) {
        genesis->operators[i].person = 1 + (uint32_t)random_number(random, UINT32_MAX - 1);
        hash(random, genesis->operators[i].key);
    }
    for (int pool = 1; pool < POOLS_END; pool++) {
        genesis->limits.limit[pool] = 1 + (uint32_t)random_number(random, UINT32_MAX - 1);
        genesis->limits.ceiling[pool] = 1 + (uint32_t)random_number(random, UINT32_MAX - 1);
    }
    genesis->limits.price_ticks_max = 1 + (uint32_t)random_number(random, UINT32_MAX - 1);
}

static void make_quarantined(struct random *random, struct random_request *made) {
    struct quarantined *to = &made->request.command.quarantined;
    to->size = random_between(random, 1, sizeof made->bytes);
    to->bytes = made->bytes;
    for (uint32_t i = 0; i < to->size; i++) {
        made->bytes[i] = (uint8_t)random_next(random);
    }
}

/* The exchange's own commands but Genesis and Quarantined. */
static void make_own(struct random *random, struct command *to) {
    switch (to->verb) {
    case VERB_TICK:
        to->tick.due_ns = i64(random);
        break;
    case VERB_CONTINUE:
        to->continuation.sweep = (uint64_t)i64(random);
        break;
    case VERB_SEAL:
        to->seal.as_of = (uint64_t)i64(random);
        hash(random, to->seal.root);
        break;
    case VERB_DIGEST:
        to->digest.mark = (uint64_t)i64(random);
        hash(random, to->digest.digest);
        break;
    case VERB_OUTAGE:
        to->outage = (struct outage){i64(random), i64(random), (uint64_t)i64(random), u32(random)};
        break;
    case VERB_START:
        to->start = (struct start){(uint64_t)i64(random), u32(random)};
        break;
    case VERB_SESSION_UP:
        to->session_up = (struct session_up){u32(random), u32(random)};
        break;
    case VERB_SESSION_DOWN:
        to->session_down.session = u32(random);
        break;
    case VERB_REFUSALS:
        to->refusals = (struct refusals){u32(random), REASON_RATE_LIMIT, (uint64_t)i64(random),
                                         i64(random), i64(random)};
        break;
    case VERB_DISK:
        to->disk.step = (uint8_t)random_between(random, DISK_ENOUGH, DISK_CRITICAL);
        break;
    default: /* without a field: CONTINUE, MARK, STOP, REOPEN, HEARTBEAT, LOGOFF */
        break;
    }
}

static uint8_t any_verb(struct random *random) {
    static const uint8_t first[] = {VERB_NEW_ORDER, VERB_LOGON, VERB_GENESIS};
    static const uint8_t last[] = {VERB_APPROVE, VERB_LOGOFF, VERB_REOPEN};
    uint32_t range = random_below(random, 3);
    return (uint8_t)random_between(random, first[range], last[range]);
}

void random_request_make(struct random *random, uint8_t verb, struct random_request *made) {
    struct command *to = &made->request.command;
    memset(made, 0, sizeof *made);
    to->verb = verb != 0 ? verb : any_verb(random);
    if (to->verb <= VERB_APPROVE) {
        to->stamp.number = 1 + random_number(random, ORDER_NUMBER_MAX - 1);
    }
    switch (to->verb) {
    case VERB_NEW_ORDER:
        make_new_order(random, &to->new_order);
        break;
    case VERB_REPLACE:
        to->replace =
            (struct replace){random_number(random, UINT64_MAX), i64(random), (uint64_t)i64(random)};
        break;
    case VERB_CANCEL:
        to->cancel.order_id = random_number(random, UINT64_MAX);
        break;
    case VERB_MASS_CANCEL:
        to->mass_cancel = (struct mass_cancel){u32(random), u32(random), u32(random), u32(random),
                                               (uint8_t)random_below(random, SIDE_SELL + 1)};
        break;
    case VERB_ACT:
    case VERB_PROPOSE:
        make_act(random, made, &to->act);
        break;
    case VERB_APPROVE:
        to->approve.proposal = (uint64_t)i64(random);
        break;
    case VERB_LOGON:
        made->request.logon = (struct logon){u32(random), u32(random), (uint64_t)i64(random),
                                             random_below(random, 2) != 0};
        break;
    case VERB_RESUME:
        made->request.logon.next = (uint64_t)i64(random);
        break;
    case VERB_GENESIS:
        make_genesis(random, &to->genesis);
        break;
    case VERB_QUARANTINED:
        make_quarantined(random, made);
        break;
    default:
        make_own(random, to);
    }
}
