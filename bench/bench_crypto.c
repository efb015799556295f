/*
 * bench-crypto: hashes and signatures of both profiles (ledger/crypto.h), on one core.
 *
 * A record of the usual size is hashed as a leaf, two hashes as a node, a checkpoint's text is
 * signed and its signature checked. Printed are medians over the runs, with the lowest and the
 * highest beside them.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine.h"
#include "bench/stopwatch.h"
#include "ledger/crypto.h"

#define RUNS       9
#define LEAF_BYTES 201
#define TEXT_BYTES 120
#define HASHES     20000
#define SIGNATURES 200

/* What is measured: one profile's tools. */
struct tools {
    struct hasher *hasher;
    struct signer *signer;
    struct verifier *verifier;
    struct hash hash;
    uint8_t signature[SIGNATURE_SIZE];
    uint8_t bytes[LEAF_BYTES];
};

static void must(bool is_good, const char *what) {
    if (is_good)
        return;
    (void)fprintf(stderr, "bench-crypto: %s failed\n", what);
    exit(1);
}

static void leaf(struct tools *tools) {
    hasher_leaf(tools->hasher, tools->bytes, LEAF_BYTES, &tools->hash);
}

static void node(struct tools *tools) {
    hasher_node(tools->hasher, &tools->hash, &tools->hash, &tools->hash);
}

static void sign(struct tools *tools) {
    must(signer_sign(tools->signer, tools->bytes, TEXT_BYTES, tools->signature) == 0, "sign");
}

static void check(struct tools *tools) {
    must(verifier_check(tools->verifier, tools->bytes, TEXT_BYTES, tools->signature), "check");
}

static const struct piece {
    const char *name;
    void (*work)(struct tools *tools);
    uint32_t times;
} pieces[] = {{"leaf", leaf, HASHES},
              {"node", node, HASHES},
              {"sign", sign, SIGNATURES},
              {"check", check, SIGNATURES}};
#define PIECES (sizeof pieces / sizeof pieces[0])

static void make_tools(struct tools *tools, uint8_t profile) {
    struct signing_key key;
    memset(tools, 0, sizeof *tools);
    tools->hasher = hasher_create(profile);
    must(tools->hasher != NULL, "hash");
    must(signer_generate(profile, &tools->signer) == 0, "key");
    signer_public(tools->signer, &key);
    must(verifier_load(profile, &key, &tools->verifier) == 0, "public key");
}

static void drop_tools(struct tools *tools) {
    hasher_destroy(tools->hasher);
    signer_destroy(tools->signer);
    verifier_destroy(tools->verifier);
}

static int by_size(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Nanoseconds a call, sorted. */
static void measure(const struct piece *piece, struct tools *tools, double ns[RUNS]) {
    for (uint32_t run = 0; run < RUNS; run++) {
        uint64_t begun = stopwatch_ns();
        for (uint32_t i = 0; i < piece->times; i++)
            piece->work(tools);
        ns[run] = (double)(stopwatch_ns() - begun) / piece->times;
    }
    qsort(ns, RUNS, sizeof *ns, by_size);
}

static void print_table(double ns[PROFILES_END][PIECES][RUNS], const struct machine *machine) {
    (void)printf("%-16s %-8s %10s %10s %10s\n", "ns a call", "", "median", "lowest", "highest");
    for (uint8_t profile = 1; profile < PROFILES_END; profile++)
        for (size_t i = 0; i < PIECES; i++)
            (void)printf("%-16s %-8s %10.0f %10.0f %10.0f\n", crypto_profile(profile)->name,
                         pieces[i].name, ns[profile][i][RUNS / 2], ns[profile][i][0],
                         ns[profile][i][RUNS - 1]);
    machine_print(machine, stdout);
}

static int print_json(double ns[PROFILES_END][PIECES][RUNS], const struct machine *machine) {
    json_t *root = json_object();
    for (uint8_t profile = 1; profile < PROFILES_END; profile++) {
        json_t *of = json_object();
        for (size_t i = 0; i < PIECES; i++)
            json_object_set_new(of, pieces[i].name,
                                json_pack("{s:f,s:f,s:f}", "ns_median", ns[profile][i][RUNS / 2],
                                          "ns_lowest", ns[profile][i][0], "ns_highest",
                                          ns[profile][i][RUNS - 1]));
        json_object_set_new(root, crypto_profile(profile)->name, of);
    }
    json_object_set_new(root, "machine", machine_json(machine));
    int status = json_dumpf(root, stdout, JSON_INDENT(2));
    (void)printf("\n");
    json_decref(root);
    return status;
}

int main(int argc, char **argv) {
    static double ns[PROFILES_END][PIECES][RUNS];
    struct machine machine;
    bool is_json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc != 1 && !is_json) {
        (void)fprintf(stderr, "usage: bench-crypto [--json]\n");
        return 2;
    }
    machine_begin(&machine);
    for (uint8_t profile = 1; profile < PROFILES_END; profile++) {
        struct tools tools;
        make_tools(&tools, profile);
        for (size_t i = 0; i < PIECES; i++)
            measure(&pieces[i], &tools, ns[profile][i]);
        drop_tools(&tools);
    }
    machine_end(&machine);
    if (is_json)
        return print_json(ns, &machine) == 0 ? 0 : 1;
    print_table(ns, &machine);
    return 0;
}
