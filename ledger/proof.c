/* Proof files, line by line. */
#include "ledger/proof.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/decimal.h"
#include "ledger/failure.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1\n";
static const char extra_word[] = "extra ";
static const char index_word[] = "index ";

static_assert(BASE64_SIZE(PROOF_EXTRA_MAX) <= 5500 - sizeof extra_word, "PROOF_SIZE_MAX counts it");
static_assert(BASE64_SIZE(HASH_SIZE) + 1 == 45, "PROOF_SIZE_MAX counts it");

static char *put_base64(char *out, const void *bytes, size_t size) {
    out += base64_encode(bytes, size, out);
    *out++ = '\n';
    return out;
}

static char *put_text(char *out, const char *text, size_t size) {
    memcpy(out, text, size);
    return out + size;
}

int proof_format(const struct proof *proof, char *text, size_t size_max) {
    char *out = text;
    assert(proof->extra_size <= PROOF_EXTRA_MAX && proof->path.count <= MERKLE_PROOF_MAX);
    if (size_max < PROOF_SIZE_MAX(proof->checkpoint_size))
        return FAILURE_MALFORMED;
    out = put_text(out, first_line, strlen(first_line));
    if (proof->extra_size > 0) {
        out = put_text(out, extra_word, strlen(extra_word));
        out = put_base64(out, proof->extra, proof->extra_size);
    }
    out += snprintf(out, 32, "%s%" PRIu64 "\n", index_word, proof->index);
    for (uint32_t i = 0; i < proof->path.count; i++)
        out = put_base64(out, proof->path.hashes[i].bytes, HASH_SIZE);
    *out++ = '\n';
    out = put_text(out, proof->checkpoint, proof->checkpoint_size);
    return (int)(out - text);
}

/* What is left to read. */
struct lines {
    const char *next;
    const char *end;
};

/* Takes the next line that begins with `word` and sets what stands behind the word; false, and
 * nothing taken, when the next line does not. */
static bool take_line(struct lines *lines, const char *word, const char **rest, size_t *size) {
    const char *newline = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));
    size_t word_size = strlen(word);
    if (newline == NULL || (size_t)(newline - lines->next) < word_size ||
        memcmp(lines->next, word, word_size) != 0)
        return false;
    *rest = lines->next + word_size;
    *size = (size_t)(newline - *rest);
    lines->next = newline + 1;
    return true;
}

static bool take_extra(struct lines *lines, struct proof *proof) {
    const char *rest = NULL;
    size_t size = 0;
    proof->extra_size = 0;
    if (!take_line(lines, extra_word, &rest, &size))
        return true;
    int decoded = base64_decode(rest, size, proof->extra, sizeof proof->extra);
    proof->extra_size = decoded > 0 ? (size_t)decoded : 0;
    return decoded > 0;
}

static bool take_path(struct lines *lines, struct merkle_proof *path) {
    const char *rest = NULL;
    size_t size = 0;
    for (path->count = 0; take_line(lines, "", &rest, &size) && size > 0; path->count++) {
        if (path->count == MERKLE_PROOF_MAX ||
            base64_decode(rest, size, path->hashes[path->count].bytes, HASH_SIZE) != HASH_SIZE)
            return false;
    }
    return rest != NULL && size == 0;
}

int proof_parse(const char *text, size_t size, struct proof *proof) {
    struct lines lines = {text, text + size};
    const char *rest = NULL;
    size_t length = 0;
    if (size < strlen(first_line) || memcmp(text, first_line, strlen(first_line)) != 0)
        return FAILURE_MALFORMED;
    lines.next += strlen(first_line);
    if (!take_extra(&lines, proof) || !take_line(&lines, index_word, &rest, &length) ||
        !decimal_parse(rest, length, &proof->index) || !take_path(&lines, &proof->path))
        return FAILURE_MALFORMED;
    proof->checkpoint = lines.next;
    proof->checkpoint_size = (size_t)(lines.end - lines.next);
    return 0;
}

int proof_check(const struct proof *proof, struct hasher *hasher, const struct hash *leaf,
                const struct note_keyring *keys, struct checkpoint *checkpoint) {
    struct note note;
    int failure =
        checkpoint_open(proof->checkpoint, proof->checkpoint_size, keys, checkpoint, &note);
    if (failure != 0)
        return failure;
    bool is_in =
        merkle_check_inclusion(hasher, &checkpoint->head, proof->index, leaf, &proof->path);
    return is_in ? 0 : FAILURE_DAMAGED;
}
