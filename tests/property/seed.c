#include "tests/property/seed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t seed(void) {
    return number_from("TPX_SEED", 1);
}

/* Made beforehand: a handler may not print. */
static char line[64];

static void write_line(void) {
    ssize_t written = write(STDERR_FILENO, line, strlen(line));
    (void)written; /* nothing more can be done */
}

void seed_tell(int failures) {
    if (failures != 0) {
        write_line();
    }
}

/* An assertion of the code under test ends the program without a teardown. */
static void on_abort(int number) {
    (void)number;
    write_line();
}

struct random seed_begin(void) {
    (void)snprintf(line, sizeof line, "repeat with TPX_SEED=%llu\n", (unsigned long long)seed());
    (void)signal(SIGABRT, on_abort);
    return (struct random){seed()};
}

uint64_t seed_steps(uint64_t otherwise) {
    return number_from("TPX_STEPS", otherwise);
}
