/* Files are read whole into a buffer on the stack, which is cleansed before it is left. */
#include "gateway/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "ledger/failure.h"

#define PUBLIC_PREFIX  "tpx-curve-public "
#define SECRET_PREFIX  "tpx-curve-secret "
#define FILE_BYTES_MAX 4096

/* Characters of Z85 (ZeroMQ RFC 32). libzmq's own decoder accepts bytes outside of it. */
static const char Z85_ALPHABET[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   ".-:+=^!/*?&<>()[]{}@%$#";

bool keyfile_z85_decode(const char *z85, uint8_t key[KEY_BYTES]) {
    if (strlen(z85) != KEYFILE_Z85_CHARS || strspn(z85, Z85_ALPHABET) != KEYFILE_Z85_CHARS)
        return false;
    return zmq_z85_decode(key, z85) != NULL;
}

void keyfile_z85_encode(const uint8_t key[KEY_BYTES], char z85[KEYFILE_Z85_CHARS + 1]) {
    const char *done = zmq_z85_encode(z85, key, KEY_BYTES);
    assert(done != NULL);
}

/* Between double quotes a configuration takes this for the name of a variable. */
static bool is_quotable(const char *z85) {
    return strstr(z85, "${") == NULL;
}

int keyfile_curve_generate(struct curve_key *key) {
    do {
        if (zmq_curve_keypair(key->public_z85, key->secret_z85) != 0)
            return failure_log(FAILURE_SYSTEM, "this libzmq has no CURVE");
    } while (!is_quotable(key->public_z85));
    bool is_z85 = keyfile_z85_decode(key->public_z85, key->public_key);
    assert(is_z85);
    return 0;
}

static int write_whole(int fd, const char *text, size_t size, const char *path) {
    while (size > 0) {
        ssize_t put = write(fd, text, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failure_errno("%s", path);
        text += put;
        size -= (size_t)put;
    }
    return fsync(fd) != 0 ? failure_errno("%s", path) : 0;
}

static int save(const char *path, const char *text, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return failure_log(FAILURE_EXISTS, "%s is there already", path);
    if (fd < 0)
        return failure_errno("%s", path);
    int failure = write_whole(fd, text, strlen(text), path);
    if (close(fd) != 0 && failure == 0)
        failure = failure_errno("%s", path);
    if (failure != 0)
        unlink(path);
    return failure;
}

/* Reads a file of text; *mode are its permissions. Returns its size or a failure. */
static int load(const char *path, char text[FILE_BYTES_MAX], mode_t *mode) {
    struct stat status = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failure_errno("%s", path);
    ssize_t size = fstat(fd, &status) == 0 ? read(fd, text, FILE_BYTES_MAX - 1) : -1;
    if (size < 0)
        size = failure_errno("%s", path);
    else
        text[size] = '\0';
    *mode = status.st_mode;
    close(fd);
    return (int)size;
}

static int refuse_if_readable(mode_t mode, const char *path) {
    if ((mode & (S_IRWXG | S_IRWXO)) == 0)
        return 0;
    return failure_log(FAILURE_MALFORMED, "%s holds a secret and others may read it: chmod 600",
                       path);
}

int keyfile_curve_save(const struct curve_key *key, const char *path, bool public_only) {
    char text[FILE_BYTES_MAX];
    int used = snprintf(text, sizeof text, PUBLIC_PREFIX "%s\n", key->public_z85);
    if (!public_only)
        snprintf(text + used, sizeof text - (size_t)used, SECRET_PREFIX "%s\n", key->secret_z85);
    int failure = save(path, text, public_only ? 0644 : 0600);
    secret_cleanse(text, sizeof text);
    return failure;
}

/* Takes one line "<prefix><40 characters>\n" from *text. */
static bool take_line(const char **text, const char *prefix, char z85[KEYFILE_Z85_CHARS + 1]) {
    size_t skip = strlen(prefix);
    if (strncmp(*text, prefix, skip) != 0 || strlen(*text) < skip + KEYFILE_Z85_CHARS + 1 ||
        (*text)[skip + KEYFILE_Z85_CHARS] != '\n')
        return false;
    memcpy(z85, *text + skip, KEYFILE_Z85_CHARS);
    z85[KEYFILE_Z85_CHARS] = '\0';
    *text += skip + KEYFILE_Z85_CHARS + 1;
    return true;
}

static bool parse_curve(struct curve_key *key, const char *text) {
    uint8_t secret[KEY_BYTES];
    if (!take_line(&text, PUBLIC_PREFIX, key->public_z85) ||
        !keyfile_z85_decode(key->public_z85, key->public_key))
        return false;
    if (text[0] == '\0')
        return true;
    bool is_good = take_line(&text, SECRET_PREFIX, key->secret_z85) && text[0] == '\0' &&
                   keyfile_z85_decode(key->secret_z85, secret);
    secret_cleanse(secret, sizeof secret);
    return is_good;
}

/* True when the secret belongs to the public key: a mixed-up file fails here, not at the first
 * handshake. */
static bool is_pair(const struct curve_key *key) {
    char derived[KEYFILE_Z85_CHARS + 1];
    return zmq_curve_public(derived, key->secret_z85) == 0 && strcmp(derived, key->public_z85) == 0;
}

int keyfile_curve_load(struct curve_key *key, const char *path, bool needs_secret) {
    char text[FILE_BYTES_MAX];
    mode_t mode = 0;
    *key = (struct curve_key){0};
    int failure = load(path, text, &mode);
    if (failure >= 0 && !parse_curve(key, text))
        failure = failure_log(FAILURE_MALFORMED, "%s is no CURVE key file", path);
    if (failure >= 0 && needs_secret && key->secret_z85[0] == '\0')
        failure = failure_log(FAILURE_MALFORMED, "%s has no secret key", path);
    if (failure >= 0 && key->secret_z85[0] != '\0' && !is_pair(key))
        failure = failure_log(FAILURE_MALFORMED, "%s: public and secret key are no pair", path);
    if (failure >= 0 && key->secret_z85[0] != '\0')
        failure = refuse_if_readable(mode, path);
    secret_cleanse(text, sizeof text);
    if (failure < 0)
        secret_cleanse(key, sizeof *key);
    return failure < 0 ? failure : 0;
}

int keyfile_note_save(const struct note_signer *signer, const char *path) {
    char text[NOTE_KEY_TEXT_SIZE + 1];
    note_signer_format(signer, text);
    memcpy(text + strlen(text), "\n", 2);
    int failure = save(path, text, 0600);
    secret_cleanse(text, sizeof text);
    return failure;
}

int keyfile_note_load(struct note_signer *signer, const char *path) {
    char text[FILE_BYTES_MAX];
    mode_t mode = 0;
    int failure = load(path, text, &mode);
    if (failure >= 0)
        failure = refuse_if_readable(mode, path);
    if (failure == 0) {
        text[strcspn(text, "\n")] = '\0';
        failure = note_signer_parse(signer, text);
        if (failure != 0)
            failure_log(failure, "%s is no signer key", path);
    }
    secret_cleanse(text, sizeof text);
    return failure;
}
