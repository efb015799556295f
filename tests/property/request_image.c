/*
 * One message after another, in the order of tpx.proto.
 */
#include "tests/property/request_image.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/tpx.pb-c.h"

/* The messages a request can consist of, and its text with the 0 that protobuf-c wants. */
struct image {
    Tpx__Request request;
    Tpx__Act act;
    union {
        Tpx__NewOrder new_order;
        Tpx__Replace replace;
        Tpx__Cancel cancel;
        Tpx__MassCancel mass_cancel;
        Tpx__Approve approve;
        Tpx__AddParticipant add_participant;
        Tpx__AddKey add_key;
        Tpx__RevokeKey revoke_key;
        Tpx__AddSession add_session;
        Tpx__AddAccount add_account;
        Tpx__Deposit deposit;
        Tpx__AddInstrument add_instrument;
        Tpx__SetBand set_band;
        Tpx__Day day;
        Tpx__Halt halt;
        Tpx__Kill kill;
        Tpx__RaiseLimit raise_limit;
        Tpx__Activate activate;
        Tpx__Resolve resolve;
        Tpx__Reopen reopen;
        Tpx__CheckpointKey checkpoint_key;
        Tpx__ConfirmTime confirm_time;
        Tpx__SessionReset session_reset;
        Tpx__Genesis genesis;
        Tpx__Tick tick;
        Tpx__Continue continue_;
        Tpx__Seal seal;
        Tpx__Mark mark;
        Tpx__Digest digest;
        Tpx__Outage outage;
        Tpx__Start start;
        Tpx__Stop stop;
        Tpx__SessionUp session_up;
        Tpx__SessionDown session_down;
        Tpx__Quarantined quarantined;
        Tpx__Refusals refusals;
        Tpx__Disk disk;
        Tpx__Logon logon;
        Tpx__Resume resume;
        Tpx__Heartbeat heartbeat;
        Tpx__Logoff logoff;
    } body;
    Tpx__Operator operators[2];
    Tpx__Operator *operator_list[2];
    Tpx__PoolLimit pools[POOLS_END];
    Tpx__PoolLimit *pool_list[POOLS_END];
    char text[256];
};

static char *text_of(struct image *image, const char *text, size_t size) {
    memcpy(image->text, text, size);
    image->text[size] = '\0';
    return image->text;
}

static ProtobufCBinaryData hash_of(const uint8_t *hash) {
    return (ProtobufCBinaryData){HASH_BYTES, (uint8_t *)(uintptr_t)hash};
}

static ProtobufCBinaryData signing_key_of(const struct signing_key *key) {
    return (ProtobufCBinaryData){key->size, (uint8_t *)(uintptr_t)key->bytes};
}

/* Begins the body `kind` of `in`, a Request or an Act: BEGIN(request, new_order, NEW_ORDER). */
#define BODY(in, member, TYPE, CASE)                                                               \
    (image->body.member = (typeof(image->body.member))TPX__##TYPE##__INIT,                         \
     image->in.body_case = TPX__##CASE, image->in.member = &image->body.member)
#define OF_REQUEST(member, TYPE) BODY(request, member, TYPE, REQUEST__BODY_##TYPE)
#define OF_ACT(member, TYPE)     BODY(act, member, TYPE, ACT__BODY_##TYPE)

static void fill_new_order(struct image *image, const struct new_order *from) {
    Tpx__NewOrder *to = OF_REQUEST(new_order, NEW_ORDER);
    to->account = from->account;
    to->instrument = from->instrument;
    to->side = (Tpx__Side)from->side;
    to->ord_type = (Tpx__OrdType)from->ord_type;
    to->time_in_force = (Tpx__TimeInForce)from->time_in_force;
    to->price = (uint64_t)from->price_fen;
    to->order_qty = from->order_qty;
    to->min_qty = from->min_qty;
    to->post_only = from->is_post_only;
    to->good_till_date = from->good_till;
    to->trading_date = from->trading_day;
    to->text = text_of(image, from->text, from->text_bytes);
}

static void fill_mass_cancel(struct image *image, const struct mass_cancel *from) {
    Tpx__MassCancel *to = OF_REQUEST(mass_cancel, MASS_CANCEL);
    to->session = from->session;
    to->participant = from->participant;
    to->account = from->account;
    to->instrument = from->instrument;
    to->side = (Tpx__Side)from->side;
}

static void fill_add_instrument(struct image *image, const struct add_instrument *from) {
    Tpx__AddInstrument *to = OF_ACT(add_instrument, ADD_INSTRUMENT);
    to->symbol = text_of(image, from->symbol, from->symbol_bytes);
    to->tick = (uint64_t)from->tick_fen;
    to->lot_min = from->lot_min;
    to->lot_step = from->lot_step;
    to->qty_max = from->qty_max;
    to->band_low = (uint64_t)from->band_low_fen;
    to->band_high = (uint64_t)from->band_high_fen;
    to->reference = (uint64_t)from->reference_fen;
}

static void fill_kill(struct image *image, const struct kill *from) {
    image->body.kill = (Tpx__Kill)TPX__KILL__INIT;
    image->body.kill.participant = from->participant;
    image->body.kill.session = from->session;
    image->body.kill.account = from->account;
    image->body.kill.instrument = from->instrument;
    image->act.kill = &image->body.kill;
}

static void fill_act_of_parties(struct image *image, const struct act *from, const char *name) {
    switch (from->kind) {
    case ACT_ADD_PARTICIPANT: {
        Tpx__AddParticipant *to = OF_ACT(add_participant, ADD_PARTICIPANT);
        to->roles = from->add_participant.roles;
        to->code = text_of(image, from->add_participant.code, from->add_participant.code_bytes);
        to->name = (char *)(uintptr_t)name;
        break;
    }
    case ACT_ADD_KEY: {
        Tpx__AddKey *to = OF_ACT(add_key, ADD_KEY);
        to->participant = from->add_key.participant;
        to->person = from->add_key.person;
        to->key = hash_of(from->add_key.key);
        break;
    }
    case ACT_REVOKE_KEY: {
        Tpx__RevokeKey *to = OF_ACT(revoke_key, REVOKE_KEY);
        to->key = from->revoke_key.key;
        to->keep_orders = from->revoke_key.keeps_orders;
        to->compromised_since = from->revoke_key.compromised_since_ns;
        break;
    }
    case ACT_ADD_SESSION: {
        Tpx__AddSession *to = OF_ACT(add_session, ADD_SESSION);
        to->participant = from->add_session.participant;
        to->cancel_on_disconnect = from->add_session.cancels_on_disconnect;
        to->grace_ms = from->add_session.grace_ms;
        break;
    }
    case ACT_ADD_ACCOUNT: {
        Tpx__AddAccount *to = OF_ACT(add_account, ADD_ACCOUNT);
        to->participant = from->add_account.participant;
        to->owner = from->add_account.owner;
        break;
    }
    case ACT_CHECKPOINT_KEY: {
        Tpx__CheckpointKey *to = OF_ACT(checkpoint_key, CHECKPOINT_KEY);
        to->key = signing_key_of(&from->checkpoint_key.key);
        to->is_revoked = from->checkpoint_key.is_revoked;
        break;
    }
    default:
        assert(from->kind == ACT_SESSION_RESET);
        OF_ACT(session_reset, SESSION_RESET)->session = from->session_reset.session;
    }
}

static void fill_act_of_market(struct image *image, const struct act *from) {
    switch (from->kind) {
    case ACT_DEPOSIT: {
        Tpx__Deposit *to = OF_ACT(deposit, DEPOSIT);
        to->account = from->deposit.account;
        to->instrument = from->deposit.instrument;
        to->amount = from->deposit.amount;
        break;
    }
    case ACT_ADD_INSTRUMENT:
        fill_add_instrument(image, &from->add_instrument);
        break;
    case ACT_SET_BAND: {
        Tpx__SetBand *to = OF_ACT(set_band, SET_BAND);
        to->instrument = from->set_band.instrument;
        to->band_low = (uint64_t)from->set_band.band_low_fen;
        to->band_high = (uint64_t)from->set_band.band_high_fen;
        break;
    }
    case ACT_DAY_OPEN:
    case ACT_DAY_CLOSE:
        image->body.day = (Tpx__Day)TPX__DAY__INIT;
        image->body.day.date = from->day.date;
        image->act.day_open = &image->body.day; /* a union: either case's pointer */
        image->act.body_case = (Tpx__Act__BodyCase)from->kind;
        break;
    case ACT_HALT: {
        Tpx__Halt *to = OF_ACT(halt, HALT);
        to->instrument = from->halt.instrument;
        to->is_halted = from->halt.is_halted;
        break;
    }
    default:
        assert(from->kind == ACT_KILL || from->kind == ACT_UNKILL);
        fill_kill(image, &from->kill);
        image->act.body_case = (Tpx__Act__BodyCase)from->kind;
    }
}

static void fill_act(struct image *image, const struct act *from, const char *name) {
    switch (from->kind) {
    case ACT_RAISE_LIMIT: {
        Tpx__RaiseLimit *to = OF_ACT(raise_limit, RAISE_LIMIT);
        to->pool = (Tpx__Pool)from->raise_limit.pool;
        to->limit = from->raise_limit.limit;
        break;
    }
    case ACT_ACTIVATE:
        OF_ACT(activate, ACTIVATE)->version = from->activate.version;
        break;
    case ACT_RESOLVE: {
        Tpx__Resolve *to = OF_ACT(resolve, RESOLVE);
        to->sequence = from->resolve.sequence;
        to->digest_recorded = hash_of(from->resolve.digest_recorded);
        to->digest_replayed = hash_of(from->resolve.digest_replayed);
        break;
    }
    case ACT_REOPEN:
        OF_ACT(reopen, REOPEN);
        break;
    case ACT_CONFIRM_TIME:
        OF_ACT(confirm_time, CONFIRM_TIME)->time = from->confirm_time.time_ns;
        break;
    case ACT_DEPOSIT:
    case ACT_ADD_INSTRUMENT:
    case ACT_SET_BAND:
    case ACT_DAY_OPEN:
    case ACT_DAY_CLOSE:
    case ACT_HALT:
    case ACT_KILL:
    case ACT_UNKILL:
        fill_act_of_market(image, from);
        break;
    default:
        fill_act_of_parties(image, from, name);
    }
}

static void fill_genesis(struct image *image, const struct genesis *from) {
    Tpx__Genesis *to = OF_REQUEST(genesis, GENESIS);
    to->environment = (Tpx__Environment)from->environment;
    to->profile = from->profile;
    to->origin = text_of(image, from->origin, from->origin_bytes);
    to->checkpoint_key = signing_key_of(&from->checkpoint_key);
    for (int i = 0; i < 2; i++) {
        image->operators[i] = (Tpx__Operator)TPX__OPERATOR__INIT;
        image->operators[i].person = from->operators[i].person;
        image->operators[i].key = hash_of(from->operators[i].key);
        image->operator_list[i] = &image->operators[i];
    }
    to->n_operator_ = 2;
    to->operator_ = image->operator_list;
    for (int pool = 1; pool < POOLS_END; pool++) {
        Tpx__PoolLimit *limit = &image->pools[pool];
        *limit = (Tpx__PoolLimit)TPX__POOL_LIMIT__INIT;
        limit->pool = (Tpx__Pool)pool;
        limit->limit = from->limits.limit[pool];
        limit->ceiling = from->limits.ceiling[pool];
        image->pool_list[pool] = limit;
    }
    to->n_pool = POOLS_END - 1;
    to->pool = image->pool_list + 1;
    to->price_ticks_max = from->limits.price_ticks_max;
}

static void fill_empty(struct image *image, uint8_t verb) {
    switch (verb) {
    case VERB_MARK:
        OF_REQUEST(mark, MARK);
        break;
    case VERB_STOP:
        OF_REQUEST(stop, STOP);
        break;
    case VERB_REOPEN:
        OF_REQUEST(reopen, REOPEN);
        break;
    case VERB_HEARTBEAT:
        OF_REQUEST(heartbeat, HEARTBEAT);
        break;
    default:
        assert(verb == VERB_LOGOFF);
        OF_REQUEST(logoff, LOGOFF);
    }
}

static void fill_outage(struct image *image, const struct outage *from) {
    Tpx__Outage *to = OF_REQUEST(outage, OUTAGE);
    to->from = from->from_ns;
    to->to = from->to_ns;
    to->epoch = from->epoch;
    to->grace_ms = from->grace_ms;
}

static void fill_refusals(struct image *image, const struct refusals *from) {
    Tpx__Refusals *to = OF_REQUEST(refusals, REFUSALS);
    to->key = from->key;
    to->reason = (Tpx__Reason)from->reason;
    to->count = from->count;
    to->first = from->first_ns;
    to->last = from->last_ns;
}

static void fill_own(struct image *image, const struct command *from) {
    switch (from->verb) {
    case VERB_GENESIS:
        fill_genesis(image, &from->genesis);
        break;
    case VERB_TICK:
        OF_REQUEST(tick, TICK)->due = from->tick.due_ns;
        break;
    case VERB_CONTINUE:
        OF_REQUEST(continue_, CONTINUE)->sweep = from->continuation.sweep;
        break;
    case VERB_SEAL:
        OF_REQUEST(seal, SEAL)->as_of = from->seal.as_of;
        image->body.seal.root = hash_of(from->seal.root);
        break;
    case VERB_DIGEST:
        OF_REQUEST(digest, DIGEST)->mark = from->digest.mark;
        image->body.digest.digest = hash_of(from->digest.digest);
        break;
    case VERB_OUTAGE:
        fill_outage(image, &from->outage);
        break;
    case VERB_START:
        OF_REQUEST(start, START)->epoch = from->start.epoch;
        image->body.start.grace_ms = from->start.grace_ms;
        break;
    case VERB_SESSION_UP:
        OF_REQUEST(session_up, SESSION_UP)->session = from->session_up.session;
        image->body.session_up.key = from->session_up.key;
        break;
    case VERB_SESSION_DOWN:
        OF_REQUEST(session_down, SESSION_DOWN)->session = from->session_down.session;
        break;
    case VERB_QUARANTINED:
        OF_REQUEST(quarantined, QUARANTINED)->request = (ProtobufCBinaryData){
            from->quarantined.size, (uint8_t *)(uintptr_t)from->quarantined.bytes};
        break;
    case VERB_REFUSALS:
        fill_refusals(image, &from->refusals);
        break;
    case VERB_DISK:
        OF_REQUEST(disk, DISK)->step = (Tpx__DiskStep)from->disk.step;
        break;
    default:
        fill_empty(image, from->verb);
    }
}

static void fill_act_verb(struct image *image, const struct random_request *made) {
    const struct command *from = &made->request.command;
    image->act = (Tpx__Act)TPX__ACT__INIT;
    fill_act(image, &from->act, made->name);
    image->request.act = &image->act; /* a union: propose, too */
    image->request.body_case = (Tpx__Request__BodyCase)from->verb;
}

static void fill(struct image *image, const struct random_request *made) {
    const struct command *from = &made->request.command;
    switch (from->verb) {
    case VERB_NEW_ORDER:
        fill_new_order(image, &from->new_order);
        break;
    case VERB_REPLACE: {
        Tpx__Replace *to = OF_REQUEST(replace, REPLACE);
        to->order_id = from->replace.order_id;
        to->price = (uint64_t)from->replace.price_fen;
        to->order_qty = from->replace.order_qty;
        break;
    }
    case VERB_CANCEL:
        OF_REQUEST(cancel, CANCEL)->order_id = from->cancel.order_id;
        break;
    case VERB_MASS_CANCEL:
        fill_mass_cancel(image, &from->mass_cancel);
        break;
    case VERB_ACT:
    case VERB_PROPOSE:
        fill_act_verb(image, made);
        break;
    case VERB_APPROVE:
        OF_REQUEST(approve, APPROVE)->proposal = from->approve.proposal;
        break;
    case VERB_LOGON: {
        Tpx__Logon *to = OF_REQUEST(logon, LOGON);
        to->session = made->request.logon.session;
        to->next = made->request.logon.next;
        to->protocol = made->request.logon.protocol;
        to->drop_copy = made->request.logon.is_drop_copy;
        break;
    }
    case VERB_RESUME:
        OF_REQUEST(resume, RESUME)->next = made->request.logon.next;
        break;
    default:
        fill_own(image, from);
    }
}

size_t request_image_pack(const struct random_request *made, uint8_t *out) {
    static struct image image;
    memset(&image, 0, sizeof image);
    image.request = (Tpx__Request)TPX__REQUEST__INIT;
    image.request.number = made->request.command.stamp.number;
    fill(&image, made);
    assert(tpx__request__get_packed_size(&image.request) <= REQUEST_BYTES_MAX);
    return tpx__request__pack(&image.request, out);
}
