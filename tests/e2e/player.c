/* A fork and an exec; what a player prints is read only where the test waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/desk.h"
#include "tests/e2e/player.h"
#include "tests/e2e/relay.h"

/* Where the exchange is found: by itself, or through relays. */
struct endpoints {
    const char *trade;
    const char *query;
    const char *feed;
};

/* Becomes the player of a scene: Ann's session and Bob's are this scene's own. */
static void become_player(const struct player *player, const char *scene,
                          const struct endpoints *endpoints, uint32_t number) {
    const struct trial *trial = player->trial;
    char text[2][2][16];
    char key[2][TRIAL_PATH_MAX + 32];
    for (uint32_t i = 0; i < 2; i++) {
        snprintf(text[i][0], sizeof text[i][0], "%u", trial_session(trial, 2 * number + 1 + i));
        snprintf(text[i][1], sizeof text[i][1], "%u", trial_account(trial, 1 + i));
        snprintf(key[i], sizeof key[i], "%s/broker%u.key", trial->folder, 1 + i);
    }
    setenv(player->variable, player->paths, 1);
    setenv("TPX_FEED", endpoints->feed, 1);
    setenv("TPX_QUERY", endpoints->query, 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    execlp(player->program, player->program, player->script, scene, endpoints->trade,
           trial->server.public_z85, text[0][0], text[0][1], key[0], text[1][0], text[1][1], key[1],
           (char *)NULL);
    _exit(127);
}

/* Starts a player. Its output can be read from *output when that is not NULL. */
static pid_t start_player(const struct player *player, const char *scene,
                          const struct endpoints *endpoints, uint32_t number, FILE **output) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (output != NULL)
            dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        become_player(player, scene, endpoints, number);
    }
    close(ends[1]);
    if (output != NULL)
        *output = fdopen(ends[0], "r");
    else
        close(ends[0]);
    return pid;
}

static void expect_success(pid_t pid) {
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void player_play(const struct player *player, const char *scene, uint32_t number) {
    struct endpoints endpoints = {player->trial->endpoint, player->trial->query_endpoint,
                                  player->trial->feed_endpoint};
    expect_success(start_player(player, scene, &endpoints, number, NULL));
}

/* One for each endpoint. */
struct relays {
    struct relay *trade;
    struct relay *query;
    struct relay *feed;
};

static void aim(const struct relays *relays, const struct trial *trial) {
    relay_target(relays->trade, trial->endpoint);
    relay_target(relays->query, trial->query_endpoint);
    relay_target(relays->feed, trial->feed_endpoint);
}

static void restart(const struct relays *relays, struct trial *trial) {
    trial_kill(trial);
    trial_start(trial);
    aim(relays, trial);
    relay_cut(relays->trade);
    relay_cut(relays->query);
    relay_cut(relays->feed);
}

void player_persist(const struct player *player, struct trial *trial, const char *scene,
                    uint32_t number) {
    struct relays relays = {relay_open(), relay_open(), relay_open()};
    struct endpoints endpoints = {relay_endpoint(relays.trade), relay_endpoint(relays.query),
                                  relay_endpoint(relays.feed)};
    FILE *output = NULL;
    char line[64];
    aim(&relays, trial);
    pid_t pid = start_player(player, scene, &endpoints, number, &output);
    for (int kills = 0; kills < PLAYER_KILLS; kills++) {
        assert_non_null(fgets(line, sizeof line, output)); /* it is live */
        uint64_t next = desk_ledger_next(trial);
        desk_until_record(trial, next, VERB_NEW_ORDER, NULL);
        restart(&relays, trial);
    }
    expect_success(pid);
    fclose(output);
    relay_close(relays.trade);
    relay_close(relays.query);
    relay_close(relays.feed);
}
