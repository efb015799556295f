/*
 * Clients in other languages at play: a script of theirs plays a scene against a real exchange, as
 * a process of its own, and ends with 0 when all was as it should be.
 *
 * Each scene has two sessions of its own: number 2 * scene + 1 of the trial, Ann's, and the one
 * after it, Bob's. They are the trial's brokers 1 and 2, with accounts 1 and 2.
 *
 * Threads: the test's.
 */
#ifndef TESTS_E2E_PLAYER_H
#define TESTS_E2E_PLAYER_H

#include <stdio.h>

#include "bench/trial.h"

struct player {
    const struct trial *trial;
    const char *program;  /* runs scripts, e.g. "python3"; looked for in PATH */
    const char *script;   /* takes SCENE ENDPOINT SERVER_KEY, then SESSION ACCOUNT KEYFILE twice;
                             finds the other endpoints in TPX_FEED and TPX_QUERY */
    const char *variable; /* of the environment: where the language finds its modules, */
    char paths[2 * TRIAL_PATH_MAX];
};

/* Plays a scene to its end, which must be a good one. */
void player_play(const struct player *player, const char *scene, uint32_t number);

/* Plays a scene that prints a line each time it is live, and kills the server so often meanwhile;
 * the endpoints stay what they are. */
void player_persist(const struct player *player, struct trial *trial, const char *scene,
                    uint32_t number);
#define PLAYER_KILLS 3

#endif
