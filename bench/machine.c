/*
 * From /proc and from what the compiler says about itself.
 */
#include "bench/machine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* The build may hand its flags over; else they are told by their effects. */
#if defined(BENCH_FLAGS)
#define FLAGS BENCH_FLAGS
#else
#if defined(__OPTIMIZE__)
#define FLAGS_SPEED "optimised"
#else
#define FLAGS_SPEED "not optimised"
#endif
#if defined(__AVX__)
#define FLAGS_TARGET ", for this CPU only"
#else
#define FLAGS_TARGET ", for any x86-64"
#endif
#if defined(NDEBUG)
#define FLAGS_ASSERT ", assertions off"
#else
#define FLAGS_ASSERT ", assertions on"
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FLAGS_SANITIZER ", under a sanitizer"
#else
#define FLAGS_SANITIZER ""
#endif
#define FLAGS FLAGS_SPEED FLAGS_TARGET FLAGS_ASSERT FLAGS_SANITIZER
#endif

/* Columns of the first line of /proc/stat: user nice system idle iowait irq softirq steal. */
#define STAT_COLUMNS 8
#define STAT_STEAL   7

static void read_cpu(char *text, size_t size) {
    (void)snprintf(text, size, "unknown");
    FILE *in = fopen("/proc/cpuinfo", "r");
    if (in == NULL)
        return;
    char line[256];
    while (fgets(line, sizeof line, in) != NULL) {
        char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || value == NULL)
            continue;
        value[strcspn(value, "\n")] = '\0';
        (void)snprintf(text, size, "%.*s", (int)size - 1, value + strspn(value, ": "));
        break;
    }
    (void)fclose(in);
}

static void read_ticks(uint64_t *steal, uint64_t *all) {
    *steal = *all = 0;
    FILE *in = fopen("/proc/stat", "r");
    if (in == NULL)
        return;
    char line[256];
    if (fgets(line, sizeof line, in) != NULL) {
        char *rest = line + strcspn(line, " ");
        for (int i = 0; i < STAT_COLUMNS; i++) {
            uint64_t ticks = strtoull(rest, &rest, 10);
            *all += ticks;
            if (i == STAT_STEAL)
                *steal = ticks;
        }
    }
    (void)fclose(in);
}

void machine_begin(struct machine *machine) {
    *machine = (struct machine){.compiler = COMPILER, .flags = FLAGS};
    machine->cores = sysconf(_SC_NPROCESSORS_ONLN);
    read_cpu(machine->cpu, sizeof machine->cpu);
    if (getloadavg(&machine->load, 1) != 1)
        machine->load = 0;
    read_ticks(&machine->steal_ticks, &machine->all_ticks);
}

void machine_end(struct machine *machine) {
    uint64_t steal;
    uint64_t all;
    read_ticks(&steal, &all);
    if (all > machine->all_ticks)
        machine->steal_share =
            (double)(steal - machine->steal_ticks) / (double)(all - machine->all_ticks);
}

void machine_print(const struct machine *machine, FILE *out) {
    (void)fprintf(out, "machine: %s, %ld cores; load %.2f, steal %.1f%%; %s; %s\n", machine->cpu,
                  machine->cores, machine->load, 100 * machine->steal_share, machine->compiler,
                  machine->flags);
}

json_t *machine_json(const struct machine *machine) {
    return json_pack("{s:s, s:I, s:s, s:s, s:f, s:f}", "cpu", machine->cpu, "cores",
                     (json_int_t)machine->cores, "compiler", machine->compiler, "flags",
                     machine->flags, "load", machine->load, "steal_share", machine->steal_share);
}
