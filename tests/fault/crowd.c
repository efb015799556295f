/* One loop over all members; what the ledger says is read by crowd_check.c. */
#include "tests/fault/crowd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/clock.h"
#include "proto/codec_request.h"
#include "tests/fault/crowd_member.h"

/* Requests of a member under way. */
#define UNDER_WAY 64
/* What is wrong with the world when nothing comes for so long. */
#define PATIENCE_MS 60000
/* A connection whose server is dead tells so within this. */
#define HANG_UP_MS 5000

static void *grow(void *array, uint64_t count, uint64_t *room, size_t each) {
    if (count < *room)
        return array;
    *room = *room == 0 ? 1024 : *room * 2;
    array = realloc(array, *room * each);
    if (array == NULL)
        trial_die("crowd: no memory");
    return array;
}

uint64_t crowd_hash(struct span bytes) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

struct crowd *crowd_create(const struct trial *trial, uint64_t seed) {
    struct crowd *crowd = calloc(1, sizeof *crowd);
    if (crowd == NULL)
        trial_die("crowd: no memory");
    crowd->trial = trial;
    crowd->random.state = seed;
    crowd->count = trial->options.sessions;
    if (crowd->count > CROWD_MEMBERS_MAX)
        trial_die("crowd: at most %d members", CROWD_MEMBERS_MAX);
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct member *member = &crowd->members[i];
        member->session = trial_session(trial, i + 1);
        member->account = trial_account(trial, trial_owner(trial, i + 1));
        member->key = &trial->brokers[trial_owner(trial, i + 1) - 1];
    }
    return crowd;
}

void crowd_destroy(struct crowd *crowd) {
    for (uint32_t i = 0; i < crowd->count; i++) {
        client_close(crowd->members[i].client);
        free(crowd->members[i].sent);
        free(crowd->members[i].told);
    }
    free(crowd);
}

/* --- what members say --------------------------------------------------------------------------
 */

static struct command new_order(struct crowd *crowd, const struct member *member) {
    struct random *random = &crowd->random;
    bool is_ioc = random_once_in(random, 10);
    return (struct command){
        .verb = VERB_NEW_ORDER,
        .new_order = {.account = member->account,
                      .instrument = random_between(random, 1, crowd->trial->options.instruments),
                      .price_fen = random_between(random, 990, 1010),
                      .order_qty = random_between(random, 1, 100),
                      .side = random_once_in(random, 2) ? SIDE_BUY : SIDE_SELL,
                      .ord_type = ORD_TYPE_LIMIT,
                      .time_in_force = is_ioc ? TIME_IN_FORCE_IOC : TIME_IN_FORCE_GTC}};
}

/* A request about an earlier one of the member's own, whatever has become of it. */
static struct command about_order(struct crowd *crowd, const struct member *member) {
    struct random *random = &crowd->random;
    uint64_t number = random_between(random, 1, (uint32_t)member->sent_count);
    uint64_t order = (uint64_t)member->session << ORDER_NUMBER_BITS | number;
    if (random_once_in(random, 4))
        return (struct command){.verb = VERB_REPLACE,
                                .replace = {.order_id = order,
                                            .price_fen = random_between(random, 990, 1010),
                                            .order_qty = random_between(random, 1, 200)}};
    return (struct command){.verb = VERB_CANCEL, .cancel = {.order_id = order}};
}

static struct command next_command(struct crowd *crowd, const struct member *member) {
    if (member->sent_count > 0 && random_once_in(&crowd->random, 500))
        return (struct command){.verb = VERB_MASS_CANCEL,
                                .mass_cancel = {.session = member->session}};
    if (member->sent_count > 0 && random_below(&crowd->random, 10) < 3)
        return about_order(crowd, member);
    return new_order(crowd, member);
}

static void send_again(struct member *member, uint64_t number) {
    struct command command = member->sent[number - 1].command;
    command.stamp.number = number;
    if (client_add(member->client, &command, NULL) != number)
        trial_die("crowd: session %u: request %lu is not taken", member->session, number);
}

static void send_new(struct crowd *crowd, struct member *member) {
    struct request request = {.command = next_command(crowd, member)};
    uint8_t bytes[REQUEST_BYTES_MAX];
    uint64_t number = member->sent_count + 1;
    request.command.stamp.number = number;
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    assert(size > 0);
    member->sent = grow(member->sent, member->sent_count, &member->sent_room, sizeof *member->sent);
    member->sent[member->sent_count++] = (struct sent_request){
        .command = request.command, .hash = crowd_hash((struct span){bytes, size})};
    member->open_count++;
    if (client_add(member->client, &request.command, NULL) != number)
        trial_die("crowd: session %u: request %lu is not taken", member->session, number);
}

static void speak(struct crowd *crowd) {
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct member *member = &crowd->members[i];
        uint64_t most = random_between(&crowd->random, 1, UNDER_WAY);
        while (member->open_count < most)
            send_new(crowd, member);
        client_flush(member->client);
    }
}

/* --- what members hear -------------------------------------------------------------------------
 */

static void complain(struct crowd *crowd, const struct member *member, const char *what,
                     uint64_t number) {
    if (crowd->fault[0] == '\0')
        snprintf(crowd->fault, sizeof crowd->fault, "session %u: %s %lu", member->session, what,
                 number);
}

static bool is_before(const struct told_report *a, const struct told_report *b) {
    return a->sequence != b->sequence ? a->sequence < b->sequence : a->place < b->place;
}

/* A report that was handed out before, in a frame that the kill cut in two. */
static void compare_told(struct crowd *crowd, const struct member *member,
                         const struct told_report *again) {
    uint64_t low = 0;
    uint64_t high = member->told_count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (is_before(&member->told[middle], again))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == member->told_count || member->told[low].sequence != again->sequence ||
        member->told[low].place != again->place || member->told[low].hash != again->hash)
        complain(crowd, member, "told again otherwise, or late: the report at", again->sequence);
}

static void take_answer(struct crowd *crowd, struct member *member, uint64_t number,
                        const struct told_report *told) {
    struct sent_request *sent = &member->sent[number - 1];
    if (number > member->sent_count) {
        complain(crowd, member, "an answer to a request that was never sent:", number);
        return;
    }
    if (sent->is_answered)
        return; /* a further report */
    sent->is_answered = true;
    sent->answer = *told;
    member->open_count--;
    crowd->answered++;
}

static void take_report(struct crowd *crowd, struct member *member,
                        const struct client_item *item) {
    uint64_t number = report_answers(&item->report);
    struct told_report told = {.sequence = item->report.sequence,
                               .place = item->report.place,
                               .hash = crowd_hash(item->bytes)};
    if (number != 0 && number <= member->sent_count && item->is_repeat &&
        member->sent[number - 1].is_answered) {
        const struct told_report *answer = &member->sent[number - 1].answer;
        if (answer->sequence == told.sequence && answer->place == told.place &&
            answer->hash != told.hash)
            complain(crowd, member, "another answer the second time to request", number);
        if (answer->sequence > told.sequence)
            complain(crowd, member, "sequenced before its answer: request", number);
        return;
    }
    if (item->is_repeat) {
        take_answer(crowd, member, number, &told);
        return;
    }
    const struct told_report *last =
        member->told_count > 0 ? &member->told[member->told_count - 1] : NULL;
    if (last != NULL && !is_before(last, &told)) {
        compare_told(crowd, member, &told);
        return;
    }
    member->told = grow(member->told, member->told_count, &member->told_room, sizeof *member->told);
    member->told[member->told_count++] = told;
    if (number != 0)
        take_answer(crowd, member, number, &told);
}

/* Takes in one item; false when the connection is gone. */
static bool take_item(struct crowd *crowd, struct member *member, const struct client_item *item) {
    switch (item->kind) {
    case CLIENT_REPORT:
        take_report(crowd, member, item);
        return true;
    case CLIENT_REFUSED:
        complain(crowd, member, client_reason_name(item->refused.reason), item->refused.number);
        return true;
    case CLIENT_LOGGED_OFF:
    case CLIENT_LOST:
        return false;
    case CLIENT_KEY_REFUSED:
    case CLIENT_BAD_SERVER:
        complain(crowd, member, "key refused, item", item->kind);
        return false;
    case CLIENT_LIVE:
        member->is_live = true;
        return true;
    case CLIENT_NOTHING:
        return true;
    }
    return true;
}

/* Everything that a member has been sent; false when the connection is gone. */
static bool hear_member(struct crowd *crowd, struct member *member) {
    struct client_item item;
    do {
        client_poll(member->client, 0, &item);
        if (!take_item(crowd, member, &item))
            return false;
        if (crowd->answered >= crowd->enough)
            return true; /* at once */
    } while (item.kind != CLIENT_NOTHING);
    return true;
}

/* Waits for something, and takes it in. */
static bool hear(struct crowd *crowd) {
    zmq_pollitem_t items[2 * CROWD_MEMBERS_MAX];
    for (uint32_t i = 0; i < crowd->count; i++)
        client_watch(crowd->members[i].client, items + (size_t)2 * i);
    (void)zmq_poll(items, (int)(2 * crowd->count), 100);
    for (uint32_t i = 0; i < crowd->count; i++) {
        if (!hear_member(crowd, &crowd->members[i]))
            return false;
        if (crowd->answered >= crowd->enough)
            return true;
    }
    return true;
}

static int64_t deadline_ns(int patience_ms) {
    return clock_mono_ns() + patience_ms * CLOCK_MILLISECOND_NS;
}

static void must_be_before(int64_t deadline, const char *what) {
    if (clock_mono_ns() > deadline)
        trial_die("crowd: %s: nothing came for too long", what);
}

bool crowd_trade(struct crowd *crowd, uint64_t answers) {
    int64_t deadline = deadline_ns(PATIENCE_MS);
    crowd->enough = crowd->answered + answers;
    while (crowd->answered < crowd->enough) {
        speak(crowd);
        if (!hear(crowd))
            return false;
        must_be_before(deadline, "trade");
    }
    return true;
}

static uint64_t open_requests(const struct crowd *crowd) {
    uint64_t open = 0;
    for (uint32_t i = 0; i < crowd->count; i++)
        open += crowd->members[i].open_count;
    return open;
}

bool crowd_settle(struct crowd *crowd) {
    int64_t deadline = deadline_ns(PATIENCE_MS);
    crowd->enough = UINT64_MAX;
    while (open_requests(crowd) > 0) {
        if (!hear(crowd))
            return false;
        must_be_before(deadline, "settle");
    }
    return true;
}

/* --- coming and going --------------------------------------------------------------------------
 */

static void dial(struct crowd *crowd, struct member *member) {
    struct client_options options = {.context = crowd->trial->context,
                                     .endpoint = crowd->trial->endpoint,
                                     .server_z85 = crowd->trial->server.public_z85,
                                     .key = member->key,
                                     .session = member->session,
                                     .next = member->next};
    member->client = client_open(&options);
    member->is_live = false;
    if (member->client == NULL)
        trial_die("crowd: session %u: no client", member->session);
}

static bool is_everybody_live(const struct crowd *crowd) {
    for (uint32_t i = 0; i < crowd->count; i++)
        if (!crowd->members[i].is_live)
            return false;
    return true;
}

/* What is sequenced has been told by now; what is not is sent again. The last answered request
 * goes too, to hear the same again. */
static void ask_again(struct crowd *crowd, struct member *member) {
    uint64_t last_answered = 0;
    uint64_t first_open = member->sent_count + 1;
    for (uint64_t number = member->sent_count; number > 0; number--) {
        if (!member->sent[number - 1].is_answered)
            first_open = number;
        else if (last_answered == 0)
            last_answered = number;
        if (member->sent_count - number > 2 * UNDER_WAY)
            break;
    }
    if (client_logged_on(member->client)->last_number > member->sent_count)
        complain(crowd, member, "a number sequenced that was never sent:",
                 client_logged_on(member->client)->last_number);
    if (last_answered != 0 && last_answered < first_open)
        send_again(member, last_answered);
    for (uint64_t number = first_open; number <= member->sent_count; number++)
        if (!member->sent[number - 1].is_answered)
            send_again(member, number);
    client_flush(member->client);
}

bool crowd_connect(struct crowd *crowd) {
    int64_t deadline = deadline_ns(PATIENCE_MS);
    crowd->enough = UINT64_MAX;
    for (uint32_t i = 0; i < crowd->count; i++)
        dial(crowd, &crowd->members[i]);
    while (!is_everybody_live(crowd)) {
        if (!hear(crowd))
            return false;
        must_be_before(deadline, "connect");
    }
    for (uint32_t i = 0; i < crowd->count; i++)
        ask_again(crowd, &crowd->members[i]);
    return crowd_settle(crowd);
}

/* The kernel still hands out what the server had sent before it died. */
static void hear_the_rest(struct crowd *crowd, struct member *member) {
    int64_t deadline = deadline_ns(HANG_UP_MS);
    struct client_item item;
    do
        client_poll(member->client, 100, &item);
    while (take_item(crowd, member, &item) && clock_mono_ns() < deadline);
}

void crowd_hang_up(struct crowd *crowd) {
    crowd->enough = UINT64_MAX;
    for (uint32_t i = 0; i < crowd->count; i++) {
        struct member *member = &crowd->members[i];
        if (member->client == NULL)
            continue;
        hear_the_rest(crowd, member);
        member->next = client_next(member->client);
        client_close(member->client);
        member->client = NULL;
    }
}

uint64_t crowd_answered(const struct crowd *crowd) {
    return crowd->answered;
}

uint64_t crowd_reports(const struct crowd *crowd) {
    uint64_t reports = 0;
    for (uint32_t i = 0; i < crowd->count; i++)
        reports += crowd->members[i].told_count;
    return reports;
}
