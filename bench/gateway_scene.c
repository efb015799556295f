/* The load runs in slices on this thread until the actor's thread says that it is done. */
#include "bench/gateway_scene.h"

#include <pthread.h>
#include <stdatomic.h>

#include "bench/stopwatch.h"

/* The load alone, to compare with, and after an act, until its effects have passed. */
#define CALM_SECONDS  3.0
#define AFTER_SECONDS 0.5
#define SLICE_SECONDS 0.1
/* Requests that the session to resume sends a frame. */
#define PAST_BATCH  64
#define PAST_WINDOW 2048
/* Orders of a session that has little to resume, before all the others'. */
#define LITTLE_PAST 10
#define PRICE_FEN   10000
#define PRICES      100

struct actor {
    const struct scene *scene;
    void (*act)(struct actor *actor);
    uint32_t extra; /* RESUME: which of the sessions besides those of the load */
    double seconds;
    uint64_t reports;
    _Atomic bool is_done;
};

static void *run_actor(void *owner) {
    struct actor *actor = owner;
    uint64_t begun_ns = stopwatch_ns();
    actor->act(actor);
    actor->seconds = (double)(stopwatch_ns() - begun_ns) / 1e9;
    atomic_store(&actor->is_done, true);
    return NULL;
}

static void fill_result(const struct scene *scene, const char *name, struct scene_result *result) {
    const struct histogram *latency_ns = &scene->load->latency_ns;
    *result = (struct scene_result){
        .name = name,
        .p50_ms = (double)histogram_quantile(latency_ns, 500000) / 1e6,
        .p99_ms = (double)histogram_quantile(latency_ns, 990000) / 1e6,
        .max_ms = (double)latency_ns->max / 1e6,
    };
}

static void run_calm(const struct scene *scene, struct scene_result *result) {
    load_run(scene->load, scene->rate, 1);
    load_count(scene->load, true);
    load_run(scene->load, scene->rate, CALM_SECONDS);
    fill_result(scene, "the load alone", result);
}

static void run_actor_beside(struct actor actor, const char *name, struct scene_result *result) {
    const struct scene *scene = actor.scene;
    pthread_t thread;
    load_count(scene->load, true);
    if (pthread_create(&thread, NULL, run_actor, &actor) != 0)
        trial_die("no thread for %s", name);
    while (!atomic_load(&actor.is_done))
        load_run(scene->load, scene->rate, SLICE_SECONDS);
    pthread_join(thread, NULL);
    load_run(scene->load, scene->rate, AFTER_SECONDS);
    fill_result(scene, name, result);
    result->seconds = actor.seconds;
    result->reports = actor.reports;
}

static void run_act(const struct scene *scene, const char *name, void (*act)(struct actor *actor),
                    struct scene_result *result) {
    run_actor_beside((struct actor){.scene = scene, .act = act}, name, result);
}

/* Index of the n-th session besides those of the load, from 0. */
static uint32_t extra_session(const struct scene *scene, uint32_t n) {
    return scene->load->options.sessions + 1 + n;
}

static struct command scene_order(const struct scene *scene, uint32_t session, enum side side) {
    return (struct command){
        .verb = VERB_NEW_ORDER,
        .new_order = {.account = trial_account(scene->trial, trial_owner(scene->trial, session)),
                      .instrument = scene->load->options.instruments + 1,
                      .side = (uint8_t)side}};
}

/* --- resume ------------------------------------------------------------------------------------
 */

/* Gives a session a past, then leaves. */
static void make_past(const struct scene *scene) {
    static struct load past;
    struct load_options options = {.first = extra_session(scene, 0),
                                   .sessions = 1,
                                   .batch = PAST_BATCH,
                                   .window = PAST_WINDOW,
                                   .instruments = scene->load->options.instruments};
    load_open(&past, scene->trial, &options);
    while (past.answers < scene->size) {
        load_run(&past, 0, SLICE_SECONDS);
        load_beat(scene->load);
    }
    load_settle(&past);
    load_close(&past);
}

static void resume(struct actor *actor) {
    const struct trial *trial = actor->scene->trial;
    uint32_t index = extra_session(actor->scene, actor->extra);
    struct client_item item = {.kind = CLIENT_NOTHING};
    struct client_options options = {.endpoint = trial->endpoint,
                                     .server_z85 = trial->server.public_z85,
                                     .key = &trial->brokers[trial_owner(trial, index) - 1],
                                     .session = trial_session(trial, index)};
    struct client *client = client_open(&options);
    if (client == NULL)
        trial_die("no client to resume");
    while (item.kind != CLIENT_LIVE) {
        client_poll(client, TRIAL_PATIENCE_MS, &item);
        actor->reports += item.kind == CLIENT_REPORT;
        if (item.kind != CLIENT_REPORT && item.kind != CLIENT_LIVE)
            trial_die("a session does not resume: item %d", (int)item.kind);
    }
    client_close(client);
}

/* A session that enters a few orders, and is away while the others go on. */
static void make_little_past(const struct scene *scene) {
    uint32_t session = extra_session(scene, 1);
    struct client *client = trial_client(scene->trial, session);
    struct command command = scene_order(scene, session, SIDE_SELL);
    command.new_order.ord_type = ORD_TYPE_LIMIT;
    command.new_order.time_in_force = TIME_IN_FORCE_DAY;
    command.new_order.order_qty = 1;
    command.new_order.price_fen = PRICE_FEN;
    for (uint32_t i = 0; i < LITTLE_PAST; i++)
        trial_pour(client, &command, NULL);
    trial_drain(client);
    client_close(client);
}

uint32_t scene_resume(const struct scene *scene, struct scene_result results[SCENE_RESULTS_MAX]) {
    make_little_past(scene);
    make_past(scene);
    run_calm(scene, &results[0]);
    for (uint32_t i = 0; i < 2; i++) {
        const char *name = i == 0 ? "a session resumes" : "one with little to resume";
        uint64_t least = i == 0 ? scene->size : LITTLE_PAST;
        struct scene_result *result = &results[1 + i];
        run_actor_beside((struct actor){.scene = scene, .act = resume, .extra = i}, name, result);
        if (result->reports < least)
            trial_die("a session resumed with %lu reports, not %lu", result->reports, least);
    }
    return 3;
}

/* --- sweep -------------------------------------------------------------------------------------
 */

/* The orders that will be swept: one unit each. */
static void rest(struct actor *actor) {
    const struct scene *scene = actor->scene;
    uint32_t session = extra_session(scene, 0);
    struct client *client = trial_client(scene->trial, session);
    struct command command = scene_order(scene, session, SIDE_SELL);
    command.new_order.ord_type = ORD_TYPE_LIMIT;
    command.new_order.time_in_force = TIME_IN_FORCE_DAY;
    command.new_order.order_qty = 1;
    for (uint64_t i = 0; i < scene->size; i++) {
        command.new_order.price_fen = PRICE_FEN + (int64_t)(i % PRICES);
        trial_pour(client, &command, NULL);
    }
    trial_drain(client);
    client_close(client);
}

static void trade_all(struct actor *actor) {
    const struct scene *scene = actor->scene;
    uint32_t session = extra_session(scene, 1);
    struct client *client = trial_client(scene->trial, session);
    struct command command = scene_order(scene, session, SIDE_BUY);
    struct report report;
    command.new_order.ord_type = ORD_TYPE_MARKET;
    command.new_order.time_in_force = TIME_IN_FORCE_IOC;
    command.new_order.order_qty = scene->size;
    (void)trial_ask(client, &command, NULL, &report, NULL);
    actor->reports = report.execution.cum_qty; /* one unit each */
    client_close(client);
}

static void cancel_all(struct actor *actor) {
    struct client *client = trial_client(actor->scene->trial, extra_session(actor->scene, 0));
    struct command command = {.verb = VERB_MASS_CANCEL};
    struct report report;
    (void)trial_ask(client, &command, NULL, &report, NULL);
    actor->reports = report.mass_canceled.count;
    client_close(client);
}

uint32_t scene_sweep(const struct scene *scene, struct scene_result results[SCENE_RESULTS_MAX]) {
    struct scene_result filling;
    uint32_t count = 0;
    run_calm(scene, &results[count++]);
    if (scene->size <= COMMAND_TRADES_MAX) { /* one command trades with no more */
        run_act(scene, "orders to be swept", rest, &filling);
        run_act(scene, "one order trades with all", trade_all, &results[count++]);
    }
    run_act(scene, "orders to be swept", rest, &filling);
    run_act(scene, "one mass cancel", cancel_all, &results[count++]);
    for (uint32_t i = 1; i < count; i++)
        if (results[i].reports != scene->size)
            trial_die("%s: %lu orders, not %lu", results[i].name, results[i].reports, scene->size);
    return count;
}
