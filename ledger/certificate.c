/*
 * The text is read line by line; what is bytes is decoded into one block that the certificate owns.
 */
#include "ledger/certificate.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/decimal.h"
#include "ledger/failure.h"
#include "ledger/record.h"
#include "ledger/register_map.h"
#include "proto/codec_request.h"

static const char HEADING[] = "tpx-certificate@v1\n";

/* --- writing -----------------------------------------------------------------------------------
 */

static void put_base64(FILE *out, struct span bytes) {
    char *text = malloc(BASE64_SIZE(bytes.size) + 1);
    if (text == NULL)
        return;
    size_t size = base64_encode(bytes.bytes, bytes.size, text);
    fwrite(text, 1, size, out);
    free(text);
}

char *certificate_format(const struct certificate *certificate, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (out == NULL)
        return NULL;
    fprintf(out, "%sasset right %u %.*s\nas-of %" PRIu64 "\n", HEADING, certificate->right_kind,
            certificate->number_bytes, certificate->number, certificate->as_of);
    for (uint32_t i = 0; i < certificate->entries_count; i++) {
        fprintf(out, "entry %" PRIu64 " ", certificate->entries[i].number);
        put_base64(out, certificate->entries[i].report);
        fputc('\n', out);
    }
    fputs("map-proof ", out);
    put_base64(out, certificate->map_proof);
    fputs("\nseal ", out);
    put_base64(out, certificate->seal);
    fputs("\n\n", out);
    fwrite(certificate->proof, 1, certificate->proof_size, out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* --- reading -----------------------------------------------------------------------------------
 */

/* A certificate and what it points to, in one piece of memory each. */
struct holder {
    struct certificate certificate; /* first */
    char *text;
    uint8_t *bytes;
    size_t bytes_used;
    size_t bytes_max;
};

struct lines {
    const char *at;
    const char *end;
};

/* The rest of the next line, when it begins with `word` and a blank; else nothing has happened. */
static bool take_line(struct lines *lines, const char *word, struct lines *rest) {
    size_t size = strlen(word);
    const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    if (newline == NULL || (size_t)(newline - lines->at) <= size ||
        memcmp(lines->at, word, size) != 0 || lines->at[size] != ' ')
        return false;
    *rest = (struct lines){.at = lines->at + size + 1, .end = newline};
    lines->at = newline + 1;
    return true;
}

/* A number that ends with a blank or the line. */
static bool take_number(struct lines *line, uint64_t *number) {
    const char *blank = memchr(line->at, ' ', (size_t)(line->end - line->at));
    const char *end = blank != NULL ? blank : line->end;
    if (!decimal_parse(line->at, (size_t)(end - line->at), number))
        return false;
    line->at = blank != NULL ? blank + 1 : end;
    return true;
}

static bool take_bytes(struct holder *holder, const struct lines *line, struct span *bytes) {
    uint8_t *at = holder->bytes + holder->bytes_used;
    int size = base64_decode(line->at, (size_t)(line->end - line->at), at,
                             holder->bytes_max - holder->bytes_used);
    if (size < 0)
        return false;
    *bytes = (struct span){at, (size_t)size};
    holder->bytes_used += (size_t)size;
    return true;
}

static bool take_asset(struct lines *lines, struct certificate *certificate) {
    struct lines line;
    uint64_t kind;
    if (!take_line(lines, "asset right", &line) || !take_number(&line, &kind) ||
        kind < RIGHT_INVENTION || kind > RIGHT_LICENCE_ORDINARY)
        return false;
    size_t size = (size_t)(line.end - line.at);
    if (size == 0 || size > RIGHT_NUMBER_BYTES_MAX)
        return false;
    certificate->right_kind = (uint8_t)kind;
    certificate->number_bytes = (uint8_t)size;
    memcpy(certificate->number, line.at, size);
    return take_line(lines, "as-of", &line) && take_number(&line, &certificate->as_of) &&
           line.at == line.end;
}

static bool take_entries(struct lines *lines, struct holder *holder) {
    struct certificate *certificate = &holder->certificate;
    struct lines line;
    while (take_line(lines, "entry", &line)) {
        if (certificate->entries_count == CERTIFICATE_ENTRIES_MAX)
            return false;
        struct certificate_entry *entry = &certificate->entries[certificate->entries_count++];
        if (!take_number(&line, &entry->number) || !take_bytes(holder, &line, &entry->report))
            return false;
    }
    return true;
}

static bool take_all(struct lines *lines, struct holder *holder) {
    struct certificate *certificate = &holder->certificate;
    struct lines line;
    size_t heading = sizeof HEADING - 1;
    if ((size_t)(lines->end - lines->at) < heading || memcmp(lines->at, HEADING, heading) != 0)
        return false;
    lines->at += heading;
    if (!take_asset(lines, certificate) || !take_entries(lines, holder) ||
        !take_line(lines, "map-proof", &line) ||
        !take_bytes(holder, &line, &certificate->map_proof) || !take_line(lines, "seal", &line) ||
        !take_bytes(holder, &line, &certificate->seal))
        return false;
    if (lines->at == lines->end || *lines->at != '\n')
        return false;
    certificate->proof = lines->at + 1;
    certificate->proof_size = (size_t)(lines->end - certificate->proof);
    return true;
}

struct certificate *certificate_parse(const char *text, size_t size) {
    if (size > CERTIFICATE_SIZE_MAX)
        return NULL;
    struct holder *holder = calloc(1, sizeof *holder);
    if (holder == NULL)
        return NULL;
    struct certificate *certificate = &holder->certificate;
    holder->text = malloc(size + 1);
    holder->bytes_max = size;
    holder->bytes = malloc(size + 1);
    certificate->entries = calloc(CERTIFICATE_ENTRIES_MAX, sizeof *certificate->entries);
    if (holder->text == NULL || holder->bytes == NULL || certificate->entries == NULL) {
        certificate_free(certificate);
        return NULL;
    }
    memcpy(holder->text, text, size);
    struct lines lines = {.at = holder->text, .end = holder->text + size};
    if (!take_all(&lines, holder)) {
        certificate_free(certificate);
        return NULL;
    }
    return certificate;
}

void certificate_free(struct certificate *certificate) {
    if (certificate == NULL)
        return;
    struct holder *holder = (struct holder *)certificate;
    free(certificate->entries);
    free(holder->bytes);
    free(holder->text);
    free(holder);
}

/* --- checking ----------------------------------------------------------------------------------
 */

/* The exchange signed a tree whose last leaf is this record. */
static enum certificate_fault check_tree(const struct certificate *certificate,
                                         struct hasher *hasher, const struct note_keyring *keys,
                                         struct checkpoint *checkpoint) {
    struct hash leaf;
    struct proof *proof = calloc(1, sizeof *proof);
    if (proof == NULL)
        return CERTIFICATE_SYSTEM;
    hasher_leaf(hasher, certificate->seal.bytes, certificate->seal.size, &leaf);
    int failure = proof_parse(certificate->proof, certificate->proof_size, proof);
    if (failure == 0)
        failure = proof_check(proof, hasher, &leaf, keys, checkpoint);
    bool is_last = failure == 0 && proof->index == checkpoint->head.size - 1;
    free(proof);
    if (failure == FAILURE_SIGNATURE)
        return CERTIFICATE_KEY;
    return is_last ? CERTIFICATE_HOLDS : CERTIFICATE_TREE;
}

static enum certificate_fault check_seal(const struct certificate *certificate, struct hash *root) {
    struct record record;
    struct codec_fault fault;
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return CERTIFICATE_SYSTEM;
    bool is_seal =
        record_read(certificate->seal.bytes, certificate->seal.size, &record) &&
        codec_request_decode(record.request.bytes, record.request.size, request, &fault) &&
        request->command.verb == VERB_SEAL && request->command.seal.as_of == certificate->as_of;
    memcpy(root->bytes, request->command.seal.root, HASH_SIZE);
    free(request);
    return is_seal ? CERTIFICATE_HOLDS : CERTIFICATE_SEAL;
}

/* Every report is of the entry that it stands for, on one asset, which entry 0 names. */
static enum certificate_fault check_asset(const struct certificate *certificate) {
    uint64_t asset = 0;
    for (uint32_t i = 0; i < certificate->entries_count; i++) {
        const struct certificate_entry *entry = &certificate->entries[i];
        struct register_named named;
        if (!register_read(entry->report, &named) || named.entry != entry->number)
            return CERTIFICATE_ASSET;
        asset = i == 0 ? named.asset : asset;
        if (named.asset_kind != ASSET_RIGHT || named.asset != asset)
            return CERTIFICATE_ASSET;
        bool is_it = named.right_kind == certificate->right_kind &&
                     named.number.size == certificate->number_bytes &&
                     memcmp(named.number.bytes, certificate->number, named.number.size) == 0;
        if (i == 0 && (entry->number != 0 || !is_it))
            return CERTIFICATE_ASSET;
    }
    return certificate->entries_count > 0 ? CERTIFICATE_HOLDS : CERTIFICATE_ASSET;
}

static enum certificate_fault check_entries(const struct certificate *certificate,
                                            struct hasher *hasher, const struct hash *root) {
    struct hash asset;
    uint32_t count = certificate->entries_count;
    uint8_t *keys = malloc((size_t)count * REGISTER_KEY_SIZE + 1);
    struct hash *values = malloc((size_t)count * sizeof *values + 1);
    bool holds = false;
    register_right_hash(hasher, certificate->right_kind, certificate->number,
                        certificate->number_bytes, &asset);
    if (keys != NULL && values != NULL) {
        for (uint32_t i = 0; i < count; i++) {
            const struct certificate_entry *entry = &certificate->entries[i];
            register_key(&asset, entry->number, keys + (size_t)i * REGISTER_KEY_SIZE);
            hasher_digest(hasher, entry->report.bytes, entry->report.size, &values[i]);
        }
        struct map_claim claim = {.key_size = REGISTER_KEY_SIZE,
                                  .prefix_size = HASH_SIZE,
                                  .prefix = asset.bytes,
                                  .count = count,
                                  .keys = keys,
                                  .values = values,
                                  .proof = certificate->map_proof.bytes,
                                  .proof_size = certificate->map_proof.size};
        holds = map_check(hasher, root, &claim);
    }
    bool has_memory = keys != NULL && values != NULL;
    free(values);
    free(keys);
    if (!has_memory)
        return CERTIFICATE_SYSTEM;
    return holds ? CERTIFICATE_HOLDS : CERTIFICATE_ENTRIES;
}

enum certificate_fault certificate_check(const struct certificate *certificate,
                                         struct hasher *hasher, const struct note_keyring *keys,
                                         struct checkpoint *checkpoint) {
    struct hash root;
    enum certificate_fault fault = check_tree(certificate, hasher, keys, checkpoint);
    if (fault == CERTIFICATE_HOLDS)
        fault = check_seal(certificate, &root);
    if (fault == CERTIFICATE_HOLDS)
        fault = check_asset(certificate);
    if (fault == CERTIFICATE_HOLDS)
        fault = check_entries(certificate, hasher, &root);
    return fault;
}
