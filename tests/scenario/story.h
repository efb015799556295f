/*
 * A file of scenarios, played against the whole engine.
 *
 * A line is what somebody does and, after "->", all that it is answered with. After each line the
 * engine checks itself, what outsiders were told is held against it, and it moves to fresh memory;
 * at the end of each scenario the whole history is told to a second engine. README.md in this
 * folder says how lines are written.
 */
#ifndef TESTS_SCENARIO_STORY_H
#define TESTS_SCENARIO_STORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One past the highest number of a reason. */
#define STORY_REASONS_END 512

struct story_result {
    uint32_t scenarios;
    uint32_t lines;                  /* that did or checked something */
    uint32_t faults;                 /* scenarios that did not go as written */
    bool has_met[STORY_REASONS_END]; /* by reason: it was given to somebody */
    bool has_done[UINT8_MAX + 1];    /* by act: a DONE spoke of it */
};

/* Plays the scenarios in `text` and adds to `result`. Writes to `report` where each first fails:
 * "NAME:LINE: ...", what was expected and what was got. A failed assertion of the engine aborts,
 * after naming the line on stderr. */
void story_play(const char *name, const char *text, FILE *report, struct story_result *result);

#endif
