/* Checkpoints: three lines of text, written and read. */
#include "ledger/checkpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/decimal.h"
#include "ledger/failure.h"

int checkpoint_sign(const struct checkpoint *checkpoint, const struct note_signer *const *signers,
                    uint32_t signers_count, char note[CHECKPOINT_SIZE_MAX]) {
    char text[CHECKPOINT_TEXT_MAX + 1];
    char root[BASE64_SIZE(HASH_SIZE) + 1] = {0};
    if (checkpoint->origin[0] == '\0' || strchr(checkpoint->origin, '\n') != NULL ||
        signers_count > CHECKPOINT_SIGNERS_MAX)
        return FAILURE_MALFORMED;
    base64_encode(checkpoint->head.root.bytes, HASH_SIZE, root);
    int size = snprintf(text, sizeof text, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin,
                        checkpoint->head.size, root);
    assert(size > 0 && (size_t)size < sizeof text);
    struct note_buffer buffer = {note, CHECKPOINT_SIZE_MAX};
    return note_sign(text, (size_t)size, signers, signers_count, &buffer);
}

/* Takes the next line, which is not empty, from `*text`; false when there is none. */
static bool next_line(const char **text, const char *end, const char **line, size_t *size) {
    const char *newline = memchr(*text, '\n', (size_t)(end - *text));
    if (newline == NULL || newline == *text)
        return false;
    *line = *text;
    *size = (size_t)(newline - *text);
    *text = newline + 1;
    return true;
}

int checkpoint_parse(const char *text, size_t size, struct checkpoint *checkpoint) {
    const char *end = text + size;
    const char *line = NULL;
    size_t length = 0;
    memset(checkpoint, 0, sizeof *checkpoint);
    if (!next_line(&text, end, &line, &length) || length > CHECKPOINT_ORIGIN_MAX ||
        memchr(line, '\0', length) != NULL)
        return FAILURE_MALFORMED;
    memcpy(checkpoint->origin, line, length);
    if (!next_line(&text, end, &line, &length) ||
        !decimal_parse(line, length, &checkpoint->head.size))
        return FAILURE_MALFORMED;
    if (!next_line(&text, end, &line, &length) ||
        base64_decode(line, length, checkpoint->head.root.bytes, HASH_SIZE) != HASH_SIZE)
        return FAILURE_MALFORMED;
    while (text < end)
        if (!next_line(&text, end, &line, &length))
            return FAILURE_MALFORMED;
    return 0;
}

int checkpoint_open(const char *bytes, size_t size, const struct note_keyring *keys,
                    struct checkpoint *checkpoint, struct note *note) {
    int failure = note_open(bytes, size, keys, note);
    return failure != 0 ? failure : checkpoint_parse(note->text, note->text_size, checkpoint);
}
