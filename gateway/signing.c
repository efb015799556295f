/* Two rings and a thread. Signing takes some tens of microseconds, ten times a second. */
#include "gateway/signing.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/view.h"
#include "gateway/byte_ring.h"
#include "gateway/keyfile.h"
#include "gateway/log.h"
#include "ledger/failure.h"

#define RING_BYTES  ((size_t)64 << 10)
#define KEY_PREFIX  "checkpoint"
#define KEY_SUFFIX  ".key"
#define DRAIN_POLLS 1000 /* of a millisecond each */

struct signed_note {
    uint64_t tree_size;
    size_t note_size;
    char note[CHECKPOINT_SIZE_MAX];
};

struct signing {
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    uint8_t profile; /* enum profile */
    struct note_signer keys[CHECKPOINT_SIGNERS_MAX];
    _Atomic bool is_revoked[CHECKPOINT_SIGNERS_MAX]; /* core to signer */
    uint32_t keys_count;
    struct wake *ledger;
    struct wake wake;
    pthread_t thread;
    bool is_running;
    _Atomic bool stops;
    _Atomic uint64_t pushed; /* the ledger thread's count; read by signing_drain() there */
    _Atomic uint64_t done;   /* the signer's: how many of them are dealt with */
    struct byte_ring heads;
    struct byte_ring notes;
    uint64_t heads_position; /* the signer's */
    uint64_t notes_position; /* the ledger thread's */
};

/* --- the signer's thread -----------------------------------------------------------------------
 */

static int sign_head(struct signing *signing, const struct merkle_head *head) {
    const struct note_signer *signers[CHECKPOINT_SIGNERS_MAX];
    struct checkpoint checkpoint = {.head = *head};
    uint32_t count = 0;
    memcpy(checkpoint.origin, signing->origin, sizeof checkpoint.origin);
    for (uint32_t i = 0; i < signing->keys_count; i++)
        if (!atomic_load(&signing->is_revoked[i]))
            signers[count++] = &signing->keys[i];
    if (count == 0)
        return FAILURE_NOT_FOUND;
    uint8_t *room = byte_ring_reserve(&signing->notes, sizeof(struct signed_note));
    if (room == NULL)
        return 0; /* the ledger thread has stopped taking them; a later one will do */
    struct signed_note *out = (struct signed_note *)(void *)room;
    int size = checkpoint_sign(&checkpoint, signers, count, out->note);
    if (size < 0)
        return size;
    out->tree_size = head->size;
    out->note_size = (size_t)size;
    byte_ring_append(&signing->notes, sizeof(struct signed_note));
    byte_ring_publish(&signing->notes);
    wake_signal(signing->ledger);
    return 0;
}

/* Takes all heads that wait; the newest is signed. Returns how many. */
static uint64_t take_heads(struct signing *signing, struct merkle_head *newest) {
    uint64_t count = 0;
    const uint8_t *bytes;
    size_t size;
    while ((bytes = byte_ring_next(&signing->heads, &signing->heads_position, &size)) != NULL) {
        memcpy(newest, bytes, sizeof *newest);
        count++;
    }
    byte_ring_free(&signing->heads, signing->heads_position);
    return count;
}

static void *run(void *owner) {
    struct signing *signing = owner;
    pthread_setname_np(pthread_self(), "signing");
    while (!atomic_load(&signing->stops)) {
        struct merkle_head head;
        uint64_t count = take_heads(signing, &head);
        if (count > 0) {
            int failure = sign_head(signing, &head);
            if (failure != 0)
                log_line(LOG_LEVEL_ERROR, "not_signed", "size=%lu failure=\"%s\"", head.size,
                         failure_name(failure));
            atomic_fetch_add(&signing->done, count);
            continue;
        }
        wake_announce(&signing->wake);
        if (byte_ring_is_empty(&signing->heads, signing->heads_position) &&
            !atomic_load(&signing->stops))
            wake_wait(&signing->wake, -1);
        else
            wake_retract(&signing->wake);
    }
    return NULL;
}

/* --- starting ----------------------------------------------------------------------------------
 */

static bool is_key_file(const char *name) {
    size_t size = strlen(name);
    return strncmp(name, KEY_PREFIX, strlen(KEY_PREFIX)) == 0 && size > strlen(KEY_SUFFIX) &&
           strcmp(name + size - strlen(KEY_SUFFIX), KEY_SUFFIX) == 0;
}

static int load_key(struct signing *signing, const char *folder, const char *name) {
    char path[4096];
    if (signing->keys_count == CHECKPOINT_SIGNERS_MAX)
        return failure_log(FAILURE_MALFORMED, "%s has more than %u checkpoint keys", folder,
                           CHECKPOINT_SIGNERS_MAX);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct note_signer *key = &signing->keys[signing->keys_count];
    int failure = keyfile_note_load(key, path);
    if (failure != 0)
        return failure;
    signing->keys_count++;
    if (key->profile == signing->profile)
        return 0;
    return failure_log(FAILURE_MALFORMED,
                       "%s is a key of the %s profile, this exchange is of the %s", path,
                       crypto_profile(key->profile)->name, crypto_profile(signing->profile)->name);
}

static int load_keys(struct signing *signing, const char *folder) {
    int failure = 0;
    struct dirent *file;
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return failure_errno("%s", folder);
    while (failure == 0 && (file = readdir(dir)) != NULL)
        if (is_key_file(file->d_name))
            failure = load_key(signing, folder, file->d_name);
    closedir(dir);
    if (failure == 0 && signing->keys_count == 0)
        failure = failure_log(FAILURE_NOT_FOUND, "%s has no " KEY_PREFIX KEY_SUFFIX, folder);
    return failure;
}

static int start(struct signing *signing, const char *folder) {
    int failure = load_keys(signing, folder);
    if (failure == 0)
        failure = byte_ring_init(&signing->heads, RING_BYTES, 0);
    if (failure == 0)
        failure = byte_ring_init(&signing->notes, RING_BYTES, 0);
    if (failure == 0)
        failure = wake_init(&signing->wake);
    if (failure != 0)
        return failure;
    int error = pthread_create(&signing->thread, NULL, run, signing);
    if (error != 0)
        return failure_log(FAILURE_SYSTEM, "signing thread: %s", strerror(error));
    signing->is_running = true;
    return 0;
}

struct signing *signing_create(const char *folder, const struct genesis *genesis,
                               struct wake *ledger) {
    struct signing *signing = calloc(1, sizeof *signing);
    if (signing == NULL)
        return NULL;
    signing->wake.fd = -1;
    signing->ledger = ledger;
    memcpy(signing->origin, genesis->origin, genesis->origin_bytes);
    signing->profile = genesis->profile;
    if (start(signing, folder) == 0)
        return signing;
    signing_destroy(signing);
    return NULL;
}

bool signing_is_in_force(const struct signing *signing, const struct engine *engine) {
    for (uint32_t i = 0; i < signing->keys_count; i++) {
        struct signing_key key;
        signer_public(signing->keys[i].key, &key);
        if (engine_checkpoint_key_is_in_force(engine, &key))
            return true;
    }
    return false;
}

void signing_destroy(struct signing *signing) {
    if (signing == NULL)
        return;
    if (signing->is_running) {
        atomic_store(&signing->stops, true);
        wake_signal(&signing->wake);
        pthread_join(signing->thread, NULL);
    }
    for (uint32_t i = 0; i < signing->keys_count; i++)
        note_signer_fini(&signing->keys[i]);
    wake_fini(&signing->wake);
    byte_ring_fini(&signing->notes);
    byte_ring_fini(&signing->heads);
    free(signing);
}

void signing_look(struct signing *signing, const struct engine *engine) {
    struct signing_key key;
    for (uint32_t i = 0; i < signing->keys_count; i++) {
        signer_public(signing->keys[i].key, &key);
        atomic_store(&signing->is_revoked[i], engine_checkpoint_key_is_revoked(engine, &key));
    }
}

/* --- the ledger thread's side ------------------------------------------------------------------
 */

bool signing_push(struct signing *signing, const struct merkle_head *head) {
    uint8_t *room = byte_ring_reserve(&signing->heads, sizeof *head);
    if (room == NULL)
        return false;
    memcpy(room, head, sizeof *head);
    byte_ring_append(&signing->heads, sizeof *head);
    byte_ring_publish(&signing->heads);
    atomic_fetch_add(&signing->pushed, 1);
    wake_signal(&signing->wake);
    return true;
}

const char *signing_take(struct signing *signing, uint64_t *tree_size, size_t *note_size) {
    size_t size;
    /* The note handed out last is done with. */
    byte_ring_free(&signing->notes, signing->notes_position);
    const uint8_t *bytes = byte_ring_next(&signing->notes, &signing->notes_position, &size);
    if (bytes == NULL)
        return NULL;
    const struct signed_note *note = (const struct signed_note *)(const void *)bytes;
    *tree_size = note->tree_size;
    *note_size = note->note_size;
    return note->note;
}

bool signing_is_ready(const struct signing *signing) {
    return !byte_ring_is_empty(&signing->notes, signing->notes_position);
}

void signing_drain(struct signing *signing) {
    struct timespec millisecond = {.tv_nsec = 1000000};
    for (int i = 0; i < DRAIN_POLLS; i++) {
        if (atomic_load(&signing->done) == atomic_load(&signing->pushed))
            return;
        nanosleep(&millisecond, NULL);
    }
}
