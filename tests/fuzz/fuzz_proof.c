/* Whatever somebody hands in as proof, note or key: refused, or written again as it was. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"
#include "ledger/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_proof(const char *text, size_t size) {
    static struct proof proof;
    static char again[PROOF_SIZE_MAX(70000)];
    if (proof_parse(text, size, &proof) != 0)
        return;
    assert(proof.checkpoint >= text && proof.checkpoint + proof.checkpoint_size <= text + size);
    int written = proof_format(&proof, again, sizeof again);
    assert(written == (int)size && memcmp(again, text, size) == 0);
}

static void try_note(const char *text, size_t size) {
    struct note note;
    struct checkpoint checkpoint;
    if (note_parse(text, size, &note) != 0)
        return;
    assert(note.text >= text && note.text + note.text_size <= text + size);
    (void)checkpoint_parse(note.text, note.text_size, &checkpoint);
}

static void try_key(const char *bytes, size_t size) {
    struct note_verifier verifier;
    char text[NOTE_KEY_TEXT_SIZE];
    char again[NOTE_KEY_TEXT_SIZE];
    if (size >= sizeof text)
        return;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (note_verifier_parse(&verifier, text) != 0)
        return;
    note_verifier_format(&verifier, again);
    assert(strcmp(text, again) == 0);
    note_verifier_fini(&verifier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_proof((const char *)data, size);
    try_note((const char *)data, size);
    try_key((const char *)data, size);
    return 0;
}
