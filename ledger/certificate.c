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

static const char HEADING[] = "tpx-certificate@v1\n";

static const char *const ENVIRONMENTS[] = {
    [ENVIRONMENT_PRODUCTION] = "production",
    [ENVIRONMENT_TEST] = "test",
};
#define ENVIRONMENTS_END (sizeof ENVIRONMENTS / sizeof ENVIRONMENTS[0])

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

static void put_bytes(FILE *out, const char *word, struct span bytes) {
    fprintf(out, "%s ", word);
    put_base64(out, bytes);
    fputc('\n', out);
}

static void put_leaf(FILE *out, const char *word, const struct certificate_leaf *leaf) {
    fprintf(out, "%s %" PRIu64 " ", word, leaf->index);
    put_base64(out, leaf->record);
    fputc(' ', out);
    put_base64(out, leaf->path);
    fputc('\n', out);
}

static void put_entries(FILE *out, const struct certificate *certificate) {
    for (uint32_t i = 0; i < certificate->entries_count; i++) {
        fprintf(out, "entry %" PRIu64 " ", certificate->entries[i].number);
        put_base64(out, certificate->entries[i].report);
        fputc('\n', out);
    }
}

static void put_asset(FILE *out, const struct certificate_asset *asset) {
    if (asset->kind == ASSET_RIGHT) {
        fprintf(out, "asset right %u %.*s\n", asset->right_kind, (int)asset->number.size,
                (const char *)asset->number.bytes);
        return;
    }
    fprintf(out, "asset holding %.*s ", (int)asset->symbol.size, (const char *)asset->symbol.bytes);
    if (!asset->is_natural)
        fprintf(out, "code %.*s", (int)asset->party.size, (const char *)asset->party.bytes);
    for (size_t i = 0; asset->is_natural && i < asset->party.size; i++)
        fprintf(out, "%s%02x", i == 0 ? "identity " : "", asset->party.bytes[i]);
    fputc('\n', out);
}

char *certificate_format(const struct certificate *certificate, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (out == NULL)
        return NULL;
    fprintf(out, "%sorigin %.*s\nenvironment %s\n", HEADING, (int)certificate->origin.size,
            (const char *)certificate->origin.bytes, ENVIRONMENTS[certificate->environment]);
    if (certificate->number != 0)
        fprintf(out, "number %" PRIu64 "\n", certificate->number);
    put_asset(out, &certificate->asset);
    fprintf(out, "as-of %" PRIu64 "\n", certificate->as_of);
    put_entries(out, certificate);
    put_bytes(out, "map-proof", certificate->map_proof);
    put_bytes(out, "seal", certificate->seal);
    if (certificate->number != 0)
        put_leaf(out, "issued", &certificate->issued);
    put_leaf(out, "genesis", &certificate->genesis);
    for (uint32_t i = 0; i < certificate->key_changes_count; i++) {
        put_bytes(out, "key-note", certificate->key_changes[i].note);
        put_leaf(out, "key-proposed", &certificate->key_changes[i].proposed);
        put_leaf(out, "key-approved", &certificate->key_changes[i].approved);
    }
    fputc('\n', out);
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

/* What stands in a line up to its next blank, or its end. */
static struct lines take_word(struct lines *line) {
    const char *blank = memchr(line->at, ' ', (size_t)(line->end - line->at));
    struct lines word = {.at = line->at, .end = blank != NULL ? blank : line->end};
    line->at = blank != NULL ? blank + 1 : line->end;
    return word;
}

static struct span span_of(struct lines line) {
    return (struct span){(const uint8_t *)line.at, (size_t)(line.end - line.at)};
}

static bool take_exchange(struct lines *lines, struct certificate *certificate) {
    struct lines line;
    if (!take_line(lines, "origin", &line))
        return false;
    certificate->origin = (struct span){(const uint8_t *)line.at, (size_t)(line.end - line.at)};
    if (!take_line(lines, "environment", &line))
        return false;
    size_t size = (size_t)(line.end - line.at);
    for (uint32_t i = ENVIRONMENT_PRODUCTION; i < ENVIRONMENTS_END; i++)
        if (strlen(ENVIRONMENTS[i]) == size && memcmp(ENVIRONMENTS[i], line.at, size) == 0)
            certificate->environment = (uint8_t)i;
    if (certificate->environment == 0)
        return false;
    if (!take_line(lines, "number", &line))
        return true;
    return take_number(&line, &certificate->number) && line.at == line.end &&
           certificate->number != 0;
}

static bool take_right(struct lines *line, struct certificate_asset *asset) {
    uint64_t kind;
    if (!take_number(line, &kind) || kind < RIGHT_INVENTION || kind > RIGHT_LICENCE_ORDINARY)
        return false;
    *asset = (struct certificate_asset){
        .kind = ASSET_RIGHT, .right_kind = (uint8_t)kind, .number = span_of(*line)};
    return asset->number.size > 0 && asset->number.size <= RIGHT_NUMBER_BYTES_MAX;
}

/* 64 digits as the 32 bytes that they spell. */
static bool take_hex(struct holder *holder, struct lines digits, struct span *bytes) {
    static const char DIGITS[] = "0123456789abcdef";
    uint8_t *at = holder->bytes + holder->bytes_used;
    if (digits.end - digits.at != (ptrdiff_t)2 * HASH_SIZE)
        return false;
    for (uint32_t i = 0; i < 2 * HASH_SIZE; i++) {
        const char *digit = memchr(DIGITS, digits.at[i], sizeof DIGITS - 1);
        if (digit == NULL)
            return false;
        at[i / 2] = (uint8_t)(at[i / 2] << 4 | (digit - DIGITS));
    }
    *bytes = (struct span){at, HASH_SIZE};
    holder->bytes_used += HASH_SIZE;
    return true;
}

static bool take_holding(struct lines *line, struct holder *holder,
                         struct certificate_asset *asset) {
    *asset = (struct certificate_asset){.kind = ASSET_HOLDING, .symbol = span_of(take_word(line))};
    struct span form = span_of(take_word(line));
    asset->is_natural = form.size == 8 && memcmp(form.bytes, "identity", 8) == 0;
    bool is_form = asset->is_natural || (form.size == 4 && memcmp(form.bytes, "code", 4) == 0);
    if (!is_form || asset->symbol.size == 0 || asset->symbol.size > SYMBOL_BYTES_MAX)
        return false;
    if (asset->is_natural)
        return take_hex(holder, *line, &asset->party);
    asset->party = span_of(*line);
    return asset->party.size > 0 && asset->party.size <= CODE_BYTES_MAX;
}

static bool take_asset(struct lines *lines, struct holder *holder) {
    struct certificate *certificate = &holder->certificate;
    struct lines line;
    bool is_one = take_line(lines, "asset right", &line)
                      ? take_right(&line, &certificate->asset)
                      : take_line(lines, "asset holding", &line) &&
                            take_holding(&line, holder, &certificate->asset);
    return is_one && take_line(lines, "as-of", &line) && take_number(&line, &certificate->as_of) &&
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

static bool take_line_bytes(struct lines *lines, const char *word, struct holder *holder,
                            struct span *bytes) {
    struct lines line;
    return take_line(lines, word, &line) && take_bytes(holder, &line, bytes);
}

static bool take_leaf(struct lines *lines, const char *word, struct holder *holder,
                      struct certificate_leaf *leaf) {
    struct lines line;
    if (!take_line(lines, word, &line) || !take_number(&line, &leaf->index))
        return false;
    struct lines record = take_word(&line);
    return take_bytes(holder, &record, &leaf->record) && take_bytes(holder, &line, &leaf->path);
}

static bool take_key_changes(struct lines *lines, struct holder *holder) {
    struct certificate *certificate = &holder->certificate;
    struct lines line;
    while (take_line(lines, "key-note", &line)) {
        if (certificate->key_changes_count == KEY_CHANGES_MAX)
            return false;
        struct certificate_key_change *change =
            &certificate->key_changes[certificate->key_changes_count++];
        if (!take_bytes(holder, &line, &change->note) ||
            !take_leaf(lines, "key-proposed", holder, &change->proposed) ||
            !take_leaf(lines, "key-approved", holder, &change->approved))
            return false;
    }
    return true;
}

static bool take_all(struct lines *lines, struct holder *holder) {
    struct certificate *certificate = &holder->certificate;
    size_t heading = sizeof HEADING - 1;
    if ((size_t)(lines->end - lines->at) < heading || memcmp(lines->at, HEADING, heading) != 0)
        return false;
    lines->at += heading;
    if (!take_exchange(lines, certificate) || !take_asset(lines, holder) ||
        !take_entries(lines, holder) ||
        !take_line_bytes(lines, "map-proof", holder, &certificate->map_proof) ||
        !take_line_bytes(lines, "seal", holder, &certificate->seal) ||
        (certificate->number != 0 && !take_leaf(lines, "issued", holder, &certificate->issued)) ||
        !take_leaf(lines, "genesis", holder, &certificate->genesis) ||
        !take_key_changes(lines, holder))
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
