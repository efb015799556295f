/*
 * tpx-demo: furnishes a new exchange and lets brokers play a session there, through its gateway.
 * gateway/demo.sh makes the exchange and runs this.
 *
 * Requests are due at an even rate, whatever becomes of those before: latency counts from when one
 * was due. One thread plays all brokers, woken a thousand times a second and by answers.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/demo_commands.h"
#include "bench/demo_player.h"
#include "bench/demo_view.h"
#include "bench/stopwatch.h"
#include "gateway/phrase.h"
#include "gateway/wording.h"

#define SECOND_NS    INT64_C(1000000000)
#define TURN_NS      (SECOND_NS / 1000)
#define MOVE_TURNS   40 /* turns from one move of the prices to the next */
#define SEED         6
#define PLAYERS      (DEMO_BROKERS - 1) /* all but the guest */
#define TIMER_ITEM   ((size_t)2 * PLAYERS)
#define LAST_WAIT_NS (5 * SECOND_NS)
#define SECONDS_MAX  86400
#define RATE_MAX     100000

struct options {
    const char *folder;
    const char *tpx;   /* how the commands to try begin */
    const char *story; /* a script that is played after the session; NULL: none */
    trading_date day;
    uint32_t seconds;
    uint32_t rate;
};

struct session {
    struct options options;
    struct demo_world world;
    struct demo_market market;
    struct demo_counts counts;
    struct demo_counts shown;    /* what the line before had counted */
    struct histogram latency_us; /* of the whole session */
    struct demo_second second;   /* the last that is over */
    struct demo_view *view;      /* NULL: lines */
    struct demo_player *players;
    zmq_pollitem_t items[TIMER_ITEM + 1]; /* the clients' and the timer */
    int timer;
    uint64_t due; /* requests so far */
};

static void disturb(int number) {
    (void)number;
    demo_is_disturbed = 1;
}

/* --- the session ---------------------------------------------------------------------------------
 */

static void open_players(struct session *session) {
    session->players = calloc(PLAYERS, sizeof *session->players);
    if (session->players == NULL)
        demo_die("no memory");
    for (uint32_t i = 0; i < PLAYERS; i++) {
        struct demo_player *player = &session->players[i];
        player->broker = &DEMO_BROKER[i];
        player->market = &session->market;
        player->counts = &session->counts;
        player->random.state = SEED + i + 1;
        player->session = demo_session(i);
        player->account = demo_account(i);
        player->client = demo_client(&session->world, i);
        client_watch(player->client, &session->items[(size_t)2 * i]);
    }
}

static void open_timer(struct session *session) {
    const struct itimerspec every = {{0, TURN_NS}, {0, TURN_NS}};
    session->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (session->timer < 0 || timerfd_settime(session->timer, 0, &every, NULL) != 0)
        demo_die("no timer: %s", strerror(errno));
    session->items[TIMER_ITEM] = (zmq_pollitem_t){.fd = session->timer, .events = ZMQ_POLLIN};
}

/* Sends what is due by now. Makers, a third of the players, send half of it. */
static void send_due(struct session *session, int64_t begun_ns, int64_t now_ns) {
    uint64_t until = (uint64_t)((now_ns - begun_ns) / 1000) * session->options.rate / 1000000;
    for (; session->due < until; session->due++) {
        int64_t due_ns =
            begun_ns + (int64_t)(session->due * (uint64_t)SECOND_NS / session->options.rate);
        uint32_t makers = 2;
        uint64_t turn = session->due / 2;
        uint64_t who = session->due % 2 == 0 ? turn % makers : makers + turn % (PLAYERS - makers);
        demo_player_act(&session->players[who], due_ns);
    }
    for (uint32_t i = 0; i < PLAYERS; i++)
        client_flush(session->players[i].client);
}

static void take_answers(struct session *session) {
    int64_t now_ns = (int64_t)stopwatch_ns();
    for (uint32_t i = 0; i < PLAYERS; i++)
        demo_player_take(&session->players[i], now_ns);
}

/* Waits for answers or the timer; returns the turns that have passed. */
static uint64_t wait_turn(struct session *session) {
    uint64_t turns = 0;
    if (zmq_poll(session->items, TIMER_ITEM + 1, 1000) < 0 && errno != EINTR)
        demo_die("poll: %s", zmq_strerror(errno));
    if (read(session->timer, &turns, sizeof turns) != sizeof turns)
        return 0;
    return turns;
}

/* --- lines ---------------------------------------------------------------------------------------
 */

static double ms_of(const struct histogram *histogram, uint32_t ppm) {
    return (double)histogram_quantile(histogram, ppm) / 1000.0;
}

/* "430901 芯微感知 10.43 (+1.7%)": one instrument a second, in turn. */
static void print_price(const struct session *session, uint32_t second) {
    uint32_t i = second % DEMO_INSTRUMENTS;
    int64_t reference = DEMO_INSTRUMENT[i].reference_fen;
    int64_t last = session->market.last_fen[i];
    if (last == 0)
        return;
    printf("  %s %s %" PRId64 ".%02d (%+.1f%%)", DEMO_INSTRUMENT[i].symbol, DEMO_INSTRUMENT[i].name,
           last / 100, (int)(last % 100), 100.0 * (double)(last - reference) / (double)reference);
}

/* To the right in so many columns. */
static void print_right(const char *text, size_t columns) {
    size_t width = wording_width(text);
    printf("%*s%s", width < columns ? (int)(columns - width) : 0, "", text);
}

static void print_titles(void) {
    print_right(wording("second"), 6);
    print_right(wording("orders/s"), 10);
    print_right(wording("trades/s"), 10);
    print_right(wording("refused/s"), 10);
    print_right("p50 ms", 9);
    print_right("p99 ms", 9);
    print_right("p99.9 ms", 10);
    printf("  %s\n", wording("a price"));
}

static void print_second(const struct session *session) {
    const struct demo_second *second = &session->second;
    if (second->second == 1)
        print_titles();
    printf("%6" PRIu32 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %8.2f %8.2f %9.2f", second->second,
           second->orders, second->trades, second->refused, (double)second->p50_us / 1000,
           (double)second->p99_us / 1000, (double)second->p999_us / 1000);
    print_price(session, second->second);
    putchar('\n');
    (void)fflush(stdout);
}

/* A second is over. */
static void end_second(struct session *session, uint32_t second) {
    struct demo_counts *counts = &session->counts;
    const struct demo_counts *shown = &session->shown;
    session->second =
        (struct demo_second){.second = second,
                             .seconds = session->options.seconds,
                             .orders = counts->answered - shown->answered,
                             .trades = counts->trades - shown->trades,
                             .refused = counts->refused - shown->refused,
                             .p50_us = histogram_quantile(&counts->latency_us, 500000),
                             .p99_us = histogram_quantile(&counts->latency_us, 990000),
                             .p999_us = histogram_quantile(&counts->latency_us, 999000)};
    if (session->view == NULL)
        print_second(session);
    histogram_merge(&session->latency_us, &counts->latency_us);
    histogram_init(&counts->latency_us);
    session->shown = *counts;
}

static void look_at_view(struct session *session) {
    if (session->view == NULL)
        return;
    demo_view_take(session->view);
    if (!demo_view_show(session->view, &session->second))
        demo_is_disturbed = 1;
}

static void print_reasons(const struct demo_counts *counts) {
    const char *before = "  ";
    for (uint32_t reason = 0; reason < DEMO_REASONS_MAX; reason++) {
        if (counts->reasons[reason] == 0)
            continue;
        printf("%s%s %" PRIu64, before, client_reason_name(reason), counts->reasons[reason]);
        before = ", ";
    }
    putchar('\n');
}

/* The name of a line, in eleven columns. */
static void print_left(const char *text) {
    size_t width = wording_width(text);
    printf("%s%*s", text, width < 11 ? (int)(11 - width) : 0, "");
}

static void print_summary(const struct session *session) {
    const struct demo_counts *counts = &session->counts;
    const struct histogram *latency = &session->latency_us;
    printf("\n");
    print_left(wording("orders"));
    printf(phrase("%10" PRIu64 "  new %" PRIu64 ", replaced %" PRIu64 ", canceled %" PRIu64 "\n"),
           counts->answered, counts->entered, counts->replaced, counts->canceled);
    print_left(wording("trades"));
    printf(phrase("%10" PRIu64 "  %" PRIu64 " shares, %" PRId64 ".%02d yuan\n"), counts->trades,
           counts->volume, counts->turnover_fen / 100, (int)(counts->turnover_fen % 100));
    print_left(wording("refused"));
    printf("%10" PRIu64, counts->refused);
    print_reasons(counts);
    print_left(wording("latency"));
    printf(phrase("p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, max %.2f ms, from due to durable\n"),
           ms_of(latency, 500000), ms_of(latency, 990000), ms_of(latency, 999000),
           (double)latency->max / 1000.0);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static bool has_unanswered(const struct session *session) {
    uint32_t unanswered = 0;
    for (uint32_t i = 0; i < PLAYERS; i++)
        unanswered += client_unanswered(session->players[i].client);
    return unanswered > 0;
}

static void play(struct session *session) {
    int64_t begun_ns = (int64_t)stopwatch_ns();
    int64_t end_ns = begun_ns + session->options.seconds * SECOND_NS;
    int64_t next_ns = begun_ns + SECOND_NS;
    uint64_t turns = 0;
    for (int64_t now_ns = begun_ns; now_ns < end_ns && !demo_is_disturbed;) {
        uint64_t before = turns / MOVE_TURNS;
        turns += wait_turn(session);
        take_answers(session);
        if (turns / MOVE_TURNS != before)
            demo_market_move(&session->market);
        now_ns = (int64_t)stopwatch_ns();
        send_due(session, begun_ns, now_ns < end_ns ? now_ns : end_ns);
        for (; now_ns >= next_ns; next_ns += SECOND_NS)
            end_second(session, (uint32_t)((next_ns - begun_ns) / SECOND_NS));
        look_at_view(session);
    }
    int64_t patience_ns = (int64_t)stopwatch_ns() + LAST_WAIT_NS;
    while (has_unanswered(session) && (int64_t)stopwatch_ns() < patience_ns) {
        wait_turn(session);
        take_answers(session);
    }
    histogram_merge(&session->latency_us, &session->counts.latency_us);
}

/* Whether everything went as it must: what went wrong is said. */
static bool is_well(const struct session *session) {
    bool is_good = !has_unanswered(session);
    if (!is_good)
        (void)fprintf(stderr, "demo: requests without an answer\n");
    for (uint32_t i = 0; i < PLAYERS; i++) {
        struct client_counts counts = client_counts(session->players[i].client);
        if (counts.lost == 0 && counts.gaps == 0)
            continue;
        (void)fprintf(stderr, "demo: %s: connection lost %" PRIu64 " times, %" PRIu64 " gaps\n",
                      DEMO_BROKER[i].name, counts.lost, counts.gaps);
        is_good = false;
    }
    if (session->counts.trades == 0 || session->counts.refused == 0) {
        (void)fprintf(stderr, "demo: no trades, or nothing refused: this was no session\n");
        is_good = false;
    }
    return is_good;
}

static void close_players(struct session *session) {
    for (uint32_t i = 0; i < PLAYERS; i++)
        demo_player_leave(&session->players[i]);
    free(session->players);
    (void)close(session->timer);
}

/* Plays the script; whether it went as it tells. */
static bool play_story(const struct options *options) {
    char *arguments[] = {(char[]){"bash"}, (char *)(uintptr_t)options->story,
                         (char *)(uintptr_t)options->folder, NULL};
    int status = 1;
    pid_t child;
    (void)fflush(NULL);
    if (posix_spawnp(&child, "bash", NULL, NULL, arguments, environ) != 0)
        demo_die("bash: %s", strerror(errno));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- arguments -----------------------------------------------------------------------------------
 */

static uint32_t number_in(struct argp_state *state, const char *name, const char *text,
                          unsigned long high) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || value < 1 || value > high)
        argp_error(state, "%s: \"%s\" is not in 1 .. %lu", name, text, high);
    return (uint32_t)value;
}

static error_t take_option(int key, char *text, struct argp_state *state) {
    struct options *options = state->input;
    switch (key) {
    case 's':
        options->seconds = number_in(state, "seconds", text, SECONDS_MAX);
        return 0;
    case 'r':
        options->rate = number_in(state, "rate", text, RATE_MAX);
        return 0;
    case 'd':
        options->day = number_in(state, "day", text, DATE_MAX);
        return 0;
    case 'p':
        options->story = text;
        return 0;
    case 't':
        options->tpx = text;
        return 0;
    case ARGP_KEY_ARG:
        options->folder = text;
        return 0;
    case ARGP_KEY_END:
        if (options->folder == NULL || options->day == 0)
            argp_error(state, "which folder, and --day?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv) {
    static const struct argp_option OPTIONS[] = {
        {"seconds", 's', "N", 0, "length of the session (16)", 0},
        {"rate", 'r', "N", 0, "requests a second, of all brokers (4000)", 0},
        {"day", 'd', "DAY", 0, "the trading day, e.g. 20261124", 0},
        {"play", 'p', "SCRIPT", 0, "after the session, run SCRIPT with the folder", 0},
        {"try", 't', "TPX", 0, "afterwards, print commands to try, beginning with TPX", 0},
        {0}};
    static const struct argp PARSER = {
        OPTIONS,  take_option,
        "FOLDER", "Furnishes the new exchange in FOLDER/exchange and plays a session there.",
        NULL,     NULL,
        NULL};
    static struct session session = {.options = {.seconds = 16, .rate = 4000}};
    const struct sigaction action = {.sa_handler = disturb};
    argp_err_exit_status = 2;
    if (argp_parse(&PARSER, argc, argv, 0, NULL, &session.options) != 0 ||
        sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0)
        return 2;
    session.world.context = zmq_ctx_new();
    demo_furnish(&session.world, session.options.folder, session.options.day);
    printf(
        phrase("%d brokers, %d instruments, %" PRIu32 " requests a second for %" PRIu32 " seconds"),
        PLAYERS, DEMO_INSTRUMENTS, session.options.rate, session.options.seconds);
    printf("\n\n");
    (void)fflush(stdout);
    demo_market_init(&session.market, SEED);
    open_players(&session);
    open_timer(&session);
    session.second.seconds = session.options.seconds;
    session.view = demo_view_open(&session.world);
    play(&session);
    demo_view_close(session.view);
    bool is_good = demo_is_disturbed || is_well(&session);
    if (!demo_is_disturbed)
        print_summary(&session);
    if (!demo_is_disturbed && session.options.story != NULL)
        is_good &= play_story(&session.options) || demo_is_disturbed;
    if (!demo_is_disturbed && session.options.tpx != NULL)
        demo_commands_print(&(struct demo_setting){.tpx = session.options.tpx,
                                                   .folder = session.options.folder,
                                                   .market = &session.market,
                                                   .day = session.options.day,
                                                   .next = client_next(session.players[0].client)});
    close_players(&session);
    (void)zmq_ctx_term(session.world.context);
    return demo_is_disturbed ? DEMO_EXIT_DISTURBED : is_good ? 0 : 1;
}
