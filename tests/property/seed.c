#include "tests/property/seed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t seed(void) {
    return number_from("TPX_SEED", 1);
}

void seed_tell(int failures) {
    if (failures != 0) {
        (void)dprintf(STDERR_FILENO, "repeat with TPX_SEED=%llu\n", (unsigned long long)seed());
    }
}

/* An assertion of the code under test ends the program without a teardown. */
static void on_abort(int number) {
    seed_tell(number);
}

struct random seed_begin(void) {
    (void)signal(SIGABRT, on_abort);
    return (struct random){seed()};
}

uint64_t seed_steps(uint64_t otherwise) {
    return number_from("TPX_STEPS", otherwise);
}
