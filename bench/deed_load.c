/* One loop: send what is due, take what has come within a millisecond. */
#include "bench/deed_load.h"

#include <stdlib.h>
#include <string.h>

#include "bench/algorithms.h"
#include "bench/stopwatch.h"
#include "ledger/deed_signature.h"

/* Deeds signed beyond those that will be sent: a start may be slow. */
#define SPARE_SECONDS 5
#define SIGNED_A_POLL 1000

/* --- before ------------------------------------------------------------------------------------
 */

static void add_registrar(struct deed_load *load) {
    struct trial *trial = (struct trial *)(uintptr_t)load->trial;
    struct act act = {
        .kind = ACT_ADD_PARTICIPANT,
        .add_participant = {
            .roles = ROLE_REGISTRAR, .code_bytes = 9, .code = "REGISTRAR", .name_bytes = 9}};
    uint32_t participant = (uint32_t)trial_act(trial, &act, "Registrar");
    if (keyfile_curve_generate(&load->key) != 0)
        trial_die("no key for deeds");
    act = (struct act){.kind = ACT_ADD_KEY, .add_key = {.participant = participant, .person = 77}};
    memcpy(act.add_key.key, load->key.public_key, KEY_BYTES);
    trial_act(trial, &act, NULL);
    act = (struct act){.kind = ACT_ADD_SESSION, .add_session = {.participant = participant}};
    load->session = (uint32_t)trial_act(trial, &act, NULL);
}

static void connect(struct deed_load *load) {
    const struct trial *trial = load->trial;
    struct client_options options = {.context = trial->context,
                                     .endpoint = trial->endpoint,
                                     .server_z85 = trial->server.public_z85,
                                     .key = &load->key,
                                     .session = load->session,
                                     .skips_past = true};
    struct client_item item;
    load->client = client_open(&options);
    if (load->client == NULL || !client_wait_live(load->client, TRIAL_PATIENCE_MS, &item))
        trial_die("no session for deeds");
}

/* Party i and its key i, numbered from 1. */
static void add_parties(struct deed_load *load) {
    for (uint32_t i = 0; i < DEED_LOAD_PARTIES; i++) {
        struct command command = {.verb = VERB_DEED, .deed.kind = DEED_ADD_PARTY};
        command.deed.add_party =
            (struct add_party){.identity_bytes = HASH_BYTES, .identity = {(uint8_t)(i + 1)}};
        trial_ask(load->client, &command, NULL, NULL, NULL);
        if (signer_generate(algorithms_profile(), &load->signers[i]) != 0)
            trial_die("no key for a party");
        command.deed = (struct deed){.kind = DEED_ADD_PARTY_KEY,
                                     .add_party_key = {.party = i + 1, .person = i + 1}};
        signer_public(load->signers[i], &command.deed.add_party_key.key);
        trial_ask(load->client, &command, NULL, NULL, NULL);
    }
}

/* The even ones grant a mandate, the odd ones end the one before. */
static void make_deed(const struct deed_load *load, uint64_t which, struct command *command) {
    uint32_t party = (uint32_t)(which / 2 % DEED_LOAD_PARTIES);
    *command = (struct command){.verb = VERB_DEED};
    if (which % 2 == 0) {
        command->deed.kind = DEED_GRANT_MANDATE;
        command->deed.grant_mandate = (struct grant_mandate){.principal = party + 1,
                                                             .agent = trial_broker(load->trial, 1),
                                                             .scope = MANDATE_PLEDGE,
                                                             .limit_fen = 100,
                                                             .until = 20991231};
    } else {
        command->deed.kind = DEED_REVOKE_MANDATE;
        command->deed.revoke_mandate.mandate = (uint32_t)(which / 2 + 1);
    }
}

static void sign_one(struct deed_load *load, uint64_t which) {
    struct command command;
    uint32_t party = (uint32_t)(which / 2 % DEED_LOAD_PARTIES);
    make_deed(load, which, &command);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t signer = (party + i) % DEED_LOAD_PARTIES;
        struct deed_pen pen = {.signer = load->signers[signer],
                               .origin = client_logged_on(load->client)->origin,
                               .party_key = signer + 1,
                               .serial = which + 1};
        if (deed_add_signature(&command.deed, NULL, &pen) != 0)
            trial_die("a deed cannot be signed");
    }
    memcpy(load->signatures[which], command.deed.signatures, sizeof load->signatures[which]);
}

static bool send_one(struct deed_load *load, uint64_t which) {
    struct command command;
    make_deed(load, which, &command);
    command.deed.signatures_count = 2;
    memcpy(command.deed.signatures, load->signatures[which], sizeof load->signatures[which]);
    return client_add(load->client, &command, NULL) != 0;
}

/* --- while the exchange trades -----------------------------------------------------------------
 */

static void send_due(struct deed_load *load, uint64_t begun_ns, uint64_t *sent) {
    double period_ns = 1e9 / (double)load->rate;
    uint64_t now_ns = stopwatch_ns();
    for (; *sent < load->count; ++*sent) {
        uint64_t due_ns = begun_ns + (uint64_t)((double)*sent * period_ns);
        if (due_ns > now_ns || !send_one(load, *sent))
            break;
        load->due_ns[*sent] = due_ns;
    }
    client_flush(load->client);
}

/* The answer to the deed of this number, the first of which was `first`. */
static void take_answer(struct deed_load *load, uint64_t which, bool is_done) {
    if (which >= load->count || !atomic_load(&load->counts))
        return;
    load->answers++;
    load->refused += !is_done;
    histogram_add(&load->latency_ns, stopwatch_ns() - load->due_ns[which]);
}

static void take_answers(struct deed_load *load, uint64_t first) {
    struct client_item item;
    for (int timeout_ms = 1;; timeout_ms = 0) {
        client_poll(load->client, timeout_ms, &item);
        if (item.kind == CLIENT_NOTHING)
            return;
        if (item.kind == CLIENT_REPORT)
            take_answer(load, report_answers(&item.report) - first,
                        item.report.body == REPORT_DONE);
        else if (item.kind == CLIENT_REFUSED)
            take_answer(load, item.refused.number - first, false);
        else
            trial_die("the session of deeds is gone");
    }
}

static void *run(void *owner) {
    struct deed_load *load = owner;
    uint64_t first = 2 * DEED_LOAD_PARTIES + 1; /* numbers before are those of the parties */
    uint64_t sent = 0;
    uint64_t counted_ns = 0;
    uint64_t begun_ns = stopwatch_ns();
    while (!atomic_load(&load->stops)) {
        if (counted_ns == 0 && atomic_load(&load->counts))
            counted_ns = stopwatch_ns();
        send_due(load, begun_ns, &sent);
        take_answers(load, first);
    }
    load->seconds = (double)(stopwatch_ns() - counted_ns) / 1e9;
    return NULL;
}

/* Signs, and lets the session be heard meanwhile. */
static void sign_all(struct deed_load *load) {
    struct client_item item;
    for (uint64_t i = 0; i < load->count; i++) {
        sign_one(load, i);
        if (i % SIGNED_A_POLL == 0)
            client_poll(load->client, 0, &item);
    }
}

void deed_load_open(struct deed_load *load, const struct trial *trial, uint64_t rate,
                    uint32_t seconds) {
    memset(load, 0, sizeof *load);
    load->trial = trial;
    load->rate = rate;
    load->count = rate * (seconds + SPARE_SECONDS);
    load->signatures = calloc(load->count, sizeof *load->signatures);
    load->due_ns = calloc(load->count, sizeof *load->due_ns);
    if (load->signatures == NULL || load->due_ns == NULL)
        trial_die("no memory for deeds");
    histogram_init(&load->latency_ns);
    add_registrar(load);
    connect(load);
    add_parties(load);
    sign_all(load);
}

void deed_load_begin(struct deed_load *load) {
    if (pthread_create(&load->thread, NULL, run, load) != 0)
        trial_die("no thread for deeds");
}

void deed_load_count(struct deed_load *load) {
    atomic_store(&load->counts, true);
}

void deed_load_end(struct deed_load *load) {
    atomic_store(&load->stops, true);
    pthread_join(load->thread, NULL);
    client_close(load->client);
    for (uint32_t i = 0; i < DEED_LOAD_PARTIES; i++)
        signer_destroy(load->signers[i]);
    free(load->signatures);
    free(load->due_ns);
}
