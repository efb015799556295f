/*
 * Playing a file line by line. When a line fails, the rest of its scenario is passed over: what
 * follows from a wrong state says nothing.
 */
#include "tests/scenario/story.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/view.h"
#include "tests/scenario/say.h"
#include "tests/scenario/tell.h"

#define LINE_BYTES WORDS_TEXT_MAX

struct story {
    const char *name; /* of the file */
    uint32_t line_number;
    char line[LINE_BYTES * 4]; /* statement and answers */
    FILE *report;
    struct stage stage;
    bool is_playing; /* a scenario has begun and not failed */
    struct story_result *result;
};

/* Where the story stands, for the handler of a failed assertion. */
static char whereabouts[256];

static void on_abort(int number) {
    (void)number;
    ssize_t written = write(STDERR_FILENO, whereabouts, strlen(whereabouts));
    (void)written; /* nothing more can be done */
}

static void fail(struct story *story, const char *what) {
    fprintf(story->report, "%s:%u: %s\n", story->name, story->line_number, what);
    story->result->faults++;
    story->is_playing = false;
}

static void fail_answers(struct story *story, const char *expected, const char *got) {
    fprintf(story->report, "%s:%u: %s\n    expected  %s\n    got       %s\n", story->name,
            story->line_number, story->line, expected, got);
    story->result->faults++;
    story->is_playing = false;
}

/* One blank between words, none around ";" but one after it. */
static void normalise(const char *from, char *to, size_t room) {
    size_t length = 0;
    for (; *from != '\0' && length + 3 < room; from++) {
        if (isspace((unsigned char)*from)) {
            if (length > 0 && to[length - 1] != ' ')
                to[length++] = ' ';
        } else if (*from == ';') {
            length -= length > 0 && to[length - 1] == ' ';
            to[length++] = ';';
            to[length++] = ' ';
        } else {
            to[length++] = *from;
        }
    }
    while (length > 0 && to[length - 1] == ' ')
        length--;
    to[length] = '\0';
}

static char *answers(const struct stage *stage) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        abort();
    if (stage->is_check)
        fputs(stage->got, out);
    else
        tell(stage, out);
    fclose(out);
    return text;
}

static void compare(struct story *story, const char *expected) {
    char wanted[LINE_BYTES * 4];
    char *got = answers(&story->stage);
    if (expected == NULL) {
        if (!story->stage.is_check && tell_is_refused(&story->stage))
            fail_answers(story, "no refusal, since no answer is given", got);
    } else {
        normalise(expected, wanted, sizeof wanted);
        if (strcmp(wanted, got) != 0)
            fail_answers(story, wanted, got);
    }
    free(got);
}

/* Notes which reasons and acts a line has met. */
static void note_met(struct story *story) {
    const struct venue *venue = &story->stage.venue;
    for (size_t i = 0; i < venue->heard_count; i++) {
        const struct event *event = &venue->heard[i].event;
        if (event->reason < STORY_REASONS_END)
            story->result->has_met[event->reason] = true;
        if (event->kind == EVENT_DONE)
            story->result->has_done[event->act] = true;
    }
}

/* What must hold after every line, whatever it was. */
static void check_world(struct story *story) {
    struct stage *stage = &story->stage;
    bool is_small = stage->limits.limit[POOL_ORDERS] <= STAGE_SLOW_ORDERS_MAX;
    for (size_t i = 0; is_small && i < stage->venue.heard_count; i++)
        mirror_hear(&stage->mirror, &stage->venue.heard[i].event);
    engine_check(stage->venue.engine);
    if (is_small) {
        if (!mirror_check(&stage->mirror, stage->venue.engine))
            fail(story, stage->mirror.fault);
        venue_move(&stage->venue);
    }
}

static void end_scenario(struct story *story) {
    if (story->is_playing && story->stage.is_set)
        venue_replay(&story->stage.venue);
    story->is_playing = false;
    stage_fini(&story->stage);
    stage_init(&story->stage);
}

static void begin_scenario(struct story *story) {
    end_scenario(story);
    story->is_playing = true;
    story->result->scenarios++;
}

static void play_line(struct story *story) {
    char statement[LINE_BYTES * 4];
    memcpy(statement, story->line, strlen(story->line) + 1);
    char *expected = strstr(statement, "->");
    if (expected != NULL) {
        *expected = '\0';
        expected += 2;
    }
    snprintf(whereabouts, sizeof whereabouts, "%s:%u: an assertion failed while playing: %.150s\n",
             story->name, story->line_number, story->line);
    story->result->lines++;
    bool was_set = story->stage.is_set;
    if (!say_line(&story->stage, statement)) {
        fail(story, story->stage.words.fault);
        return;
    }
    if (!was_set && !story->stage.is_set)
        return; /* a setting */
    compare(story, expected);
    note_met(story);
    if (story->is_playing)
        check_world(story);
}

static void read_line(struct story *story) {
    char *line = story->line;
    line += strspn(line, " \t");
    memmove(story->line, line, strlen(line) + 1);
    for (size_t length = strlen(story->line);
         length > 0 && isspace((unsigned char)story->line[length - 1]); length--)
        story->line[length - 1] = '\0';
    if (story->line[0] == '\0' || story->line[0] == '#')
        return;
    if (strncmp(story->line, "scenario ", 9) == 0) {
        begin_scenario(story);
    } else if (story->result->scenarios == 0 || story->is_playing) {
        if (story->result->scenarios == 0)
            begin_scenario(story);
        play_line(story);
    }
}

void story_play(const char *name, const char *text, FILE *report, struct story_result *result) {
    struct story *story = calloc(1, sizeof *story);
    struct story_result mine = {.scenarios = 0};
    void (*before)(int) = signal(SIGABRT, on_abort);
    if (story == NULL)
        abort();
    story->name = name;
    story->report = report;
    story->result = &mine;
    stage_init(&story->stage);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        story->line_number++;
        snprintf(story->line, sizeof story->line, "%.*s", (int)length, text);
        read_line(story);
        text += length + (text[length] == '\n');
    }
    snprintf(whereabouts, sizeof whereabouts, "%s: the end: a replay differs\n", name);
    end_scenario(story);
    stage_fini(&story->stage);
    free(story);
    signal(SIGABRT, before);
    result->scenarios += mine.scenarios;
    result->lines += mine.lines;
    result->faults += mine.faults;
    for (size_t i = 0; i < STORY_REASONS_END; i++)
        result->has_met[i] |= mine.has_met[i];
    for (size_t i = 0; i <= UINT8_MAX; i++)
        result->has_done[i] |= mine.has_done[i];
}
