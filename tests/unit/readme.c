#include "tests/unit/readme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define README_BYTES_MAX 262144
#define CELLS            4

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = malloc(README_BYTES_MAX);
    if (file == NULL || text == NULL)
        fail_msg("%s cannot be read", path);
    size_t size = fread(text, 1, README_BYTES_MAX - 1, file);
    fclose(file);
    text[size] = '\0';
    return text;
}

char *readme_block(const char *path, const char *language) {
    char fence[32];
    char *text = read_file(path);
    snprintf(fence, sizeof fence, "\n```%s\n", language);
    char *begin = strstr(text, fence);
    char *end = begin != NULL ? strstr(begin + strlen(fence), "\n```\n") : NULL;
    if (begin == NULL || end == NULL) {
        fail_msg("%s has no block of %s", path, language);
        return NULL;
    }
    end[1] = '\0';
    char *block = strdup(begin + strlen(fence));
    free(text);
    return block;
}

/* Cuts "| a | `b` |..." into cells; returns how many. */
static int cut(char *line, char *cells[CELLS]) {
    int count = 0;
    if (*line != '|')
        return 0;
    line++;
    for (char *bar = strchr(line, '|'); bar != NULL; bar = strchr(line, '|')) {
        if (count == CELLS)
            return 0;
        *bar = '\0';
        line += strspn(line, " ");
        for (char *last = bar - 1; last >= line && *last == ' '; last--)
            *last = '\0';
        cells[count++] = line;
        line = bar + 1;
    }
    return count;
}

void readme_rows(const char *path, void (*take)(void *owner, char *cells[4]), void *owner) {
    char *text = read_file(path);
    char *rest = NULL;
    char *cells[CELLS];
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        if (cut(line, cells) == CELLS)
            take(owner, cells);
    free(text);
}

void readme_links(const char *path, void (*take)(const char *path, const char *target)) {
    char *text = read_file(path);
    for (char *at = strstr(text, "]("); at != NULL; at = strstr(at, "](")) {
        at += 2;
        size_t size = strcspn(at, ")\n");
        bool is_closed = at[size] == ')';
        at[size] = '\0';
        if (is_closed && strstr(at, "://") == NULL)
            take(path, at);
        at += size + 1;
    }
    free(text);
}
