/* Notes are read strictly: one way to write each, so what was signed is what was read. */
#include "ledger/note.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/failure.h"
#include "ledger/utf8.h"

#define SECRET_PREFIX   "PRIVATE+KEY+"
#define ID_SIZE         4u
#define NOTE_TYPE_MAX   15u /* bytes of the longest type */
#define KEY_BYTES_MAX   (NOTE_TYPE_MAX + SIGNING_KEY_BYTES_MAX)
#define ID_DIGITS       8u
#define SIGNATURE_BYTES (ID_SIZE + SIGNATURE_SIZE)

/* Signatures of other kinds may be larger (a post-quantum one has nearly 5 kB). */
#define FOREIGN_SIGNATURE_MAX (16u << 10)

static_assert(SECRET_KEY_SIZE <= SIGNING_KEY_BYTES_MAX, "one limit of key strings");
static_assert(sizeof SECRET_PREFIX + NOTE_NAME_MAX + 2 + ID_DIGITS + BASE64_SIZE(KEY_BYTES_MAX) <=
                  NOTE_KEY_TEXT_SIZE,
              "a key's string fits");
static_assert(BASE64_SIZE(SIGNATURE_BYTES) == 92, "NOTE_LINE_MAX counts on it");

static const char dash[] = "\xE2\x80\x94 "; /* U+2014 and a space */
#define DASH_SIZE (sizeof dash - 1)

/* --- key names and strings ------------------------------------------------------------------- */

/* White_Space of the Unicode character database. */
static bool is_space(uint32_t character) {
    return (character >= 0x09 && character <= 0x0D) || character == 0x20 || character == 0x85 ||
           character == 0xA0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200A) || character == 0x2028 ||
           character == 0x2029 || character == 0x202F || character == 0x205F || character == 0x3000;
}

static bool is_name(const char *name, size_t size) {
    size_t length = 0;
    if (size == 0 || size > NOTE_NAME_MAX)
        return false;
    for (size_t at = 0; at < size; at += length) {
        uint32_t character = 0;
        length = utf8_decode(name + at, size - at, &character);
        if (length == 0 || character < 0x20 || character == '+' || is_space(character))
            return false;
    }
    return true;
}

static uint32_t big_endian(const uint8_t bytes[4]) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The key id; keys are made rarely, so each asks for a hasher of its own. */
static int key_id(uint8_t profile, const char *name, const struct signing_key *key, uint32_t *id) {
    const struct crypto_profile *of = crypto_profile(profile);
    struct hasher *hasher = hasher_create(PROFILE_INTERNATIONAL);
    struct hash hash;
    if (hasher == NULL)
        return FAILURE_SYSTEM;
    hasher_begin(hasher);
    hasher_add(hasher, name, strlen(name));
    hasher_add(hasher, "\n", 1);
    hasher_add(hasher, of->note_type, of->note_type_size);
    hasher_add(hasher, key->bytes, key->size);
    hasher_end(hasher, &hash);
    hasher_destroy(hasher);
    *id = big_endian(hash.bytes);
    return 0;
}

/* A key's string taken apart. */
struct key_text {
    char name[NOTE_NAME_MAX + 1];
    uint32_t id;
    uint8_t profile;
    struct signing_key key; /* public, or a secret */
};

/* Which profile's type the bytes begin with; 0: none's. */
static uint8_t type_profile(const uint8_t *bytes, size_t size) {
    for (uint8_t profile = 1; profile < PROFILES_END; profile++) {
        const struct crypto_profile *of = crypto_profile(profile);
        if (size >= of->note_type_size && memcmp(bytes, of->note_type, of->note_type_size) == 0)
            return profile;
    }
    return 0;
}

static bool parse_id(const char *digits, uint32_t *id) {
    *id = 0;
    for (uint32_t i = 0; i < ID_DIGITS; i++) {
        char digit = digits[i];
        bool is_decimal = digit >= '0' && digit <= '9';
        if (!is_decimal && !(digit >= 'a' && digit <= 'f'))
            return false;
        *id = *id << 4 | (uint32_t)(is_decimal ? digit - '0' : digit - 'a' + 10);
    }
    return true;
}

/* "<base 64>": the type, and a key of the wanted kind. */
static int parse_keydata(const char *text, bool is_secret, struct key_text *parts) {
    uint8_t bytes[KEY_BYTES_MAX];
    int decoded = base64_decode(text, strlen(text), bytes, sizeof bytes);
    size_t size = decoded > 0 ? (size_t)decoded : 0;
    parts->profile = type_profile(bytes, size);
    if (parts->profile == 0)
        return FAILURE_MALFORMED;
    size_t type_size = crypto_profile(parts->profile)->note_type_size;
    size_t wanted = is_secret ? SECRET_KEY_SIZE : signing_key_bytes(parts->profile);
    bool is_whole = size == type_size + wanted;
    parts->key = (struct signing_key){.size = (uint8_t)wanted};
    if (is_whole)
        memcpy(parts->key.bytes, bytes + type_size, wanted);
    secret_cleanse(bytes, sizeof bytes);
    return is_whole ? 0 : FAILURE_MALFORMED;
}

/* "<name>+<id>+<base 64>" */
static int parse_key(const char *text, bool is_secret, struct key_text *parts) {
    const char *plus = strchr(text, '+');
    size_t name_size = plus != NULL ? (size_t)(plus - text) : 0;
    if (plus == NULL || !is_name(text, name_size) || strlen(plus) < 2 + ID_DIGITS)
        return FAILURE_MALFORMED;
    const char *keydata = plus + 1 + ID_DIGITS + 1;
    if (!parse_id(plus + 1, &parts->id) || keydata[-1] != '+')
        return FAILURE_MALFORMED;
    memcpy(parts->name, text, name_size);
    parts->name[name_size] = '\0';
    return parse_keydata(keydata, is_secret, parts);
}

static void format_key(const char *prefix, const struct key_text *parts,
                       char text[NOTE_KEY_TEXT_SIZE]) {
    const struct crypto_profile *of = crypto_profile(parts->profile);
    uint8_t bytes[KEY_BYTES_MAX];
    size_t bytes_size = of->note_type_size + parts->key.size;
    assert(bytes_size <= sizeof bytes);
    memcpy(bytes, of->note_type, of->note_type_size);
    memcpy(bytes + of->note_type_size, parts->key.bytes, parts->key.size);
    int head =
        snprintf(text, NOTE_KEY_TEXT_SIZE, "%s%s+%08" PRIx32 "+", prefix, parts->name, parts->id);
    assert(head > 0 && (size_t)head + BASE64_SIZE(KEY_BYTES_MAX) < NOTE_KEY_TEXT_SIZE);
    size_t size = base64_encode(bytes, bytes_size, text + head);
    text[(size_t)head + size] = '\0';
    secret_cleanse(bytes, sizeof bytes);
}

/* --- signers and verifiers ------------------------------------------------------------------- */

/* Names a signer whose key is made; takes the key over, also when it fails. */
static int name_signer(struct note_signer *signer, const char *name, struct signer *key) {
    struct signing_key public_key;
    signer_public(key, &public_key);
    signer->key = key;
    signer->profile = signer_profile(key);
    memcpy(signer->name, name, strlen(name) + 1);
    int failure = key_id(signer->profile, name, &public_key, &signer->id);
    if (failure != 0)
        note_signer_fini(signer);
    return failure;
}

int note_signer_generate(struct note_signer *signer, uint8_t profile, const char *name) {
    struct signer *key = NULL;
    if (!is_name(name, strlen(name)))
        return FAILURE_MALFORMED;
    int failure = signer_generate(profile, &key);
    return failure != 0 ? failure : name_signer(signer, name, key);
}

int note_signer_make(struct note_signer *signer, uint8_t profile, const char *name,
                     const uint8_t secret[SECRET_KEY_SIZE]) {
    struct signer *key = NULL;
    if (!is_name(name, strlen(name)))
        return FAILURE_MALFORMED;
    int failure = signer_load(profile, secret, &key);
    return failure != 0 ? failure : name_signer(signer, name, key);
}

int note_signer_parse(struct note_signer *signer, const char *text) {
    struct key_text parts;
    if (strncmp(text, SECRET_PREFIX, strlen(SECRET_PREFIX)) != 0)
        return FAILURE_MALFORMED;
    int failure = parse_key(text + strlen(SECRET_PREFIX), true, &parts);
    if (failure == 0)
        failure = note_signer_make(signer, parts.profile, parts.name, parts.key.bytes);
    if (failure == 0 && signer->id != parts.id) {
        note_signer_fini(signer);
        failure = FAILURE_MALFORMED;
    }
    secret_cleanse(&parts, sizeof parts);
    return failure;
}

int note_verifier_make(struct note_verifier *verifier, uint8_t profile, const char *name,
                       const struct signing_key *key) {
    if (!is_name(name, strlen(name)))
        return FAILURE_MALFORMED;
    int failure = verifier_load(profile, key, &verifier->key);
    if (failure != 0)
        return failure;
    verifier->profile = profile;
    memcpy(verifier->name, name, strlen(name) + 1);
    failure = key_id(profile, name, key, &verifier->id);
    if (failure != 0)
        note_verifier_fini(verifier);
    return failure;
}

int note_verifier_parse(struct note_verifier *verifier, const char *text) {
    struct key_text parts;
    int failure = parse_key(text, false, &parts);
    if (failure == 0)
        failure = note_verifier_make(verifier, parts.profile, parts.name, &parts.key);
    if (failure == 0 && verifier->id != parts.id) {
        note_verifier_fini(verifier);
        failure = FAILURE_MALFORMED;
    }
    return failure;
}

int note_signer_verifier(const struct note_signer *signer, struct note_verifier *verifier) {
    struct signing_key key;
    signer_public(signer->key, &key);
    return note_verifier_make(verifier, signer->profile, signer->name, &key);
}

void note_signer_fini(struct note_signer *signer) {
    signer_destroy(signer->key);
    signer->key = NULL;
}

void note_verifier_fini(struct note_verifier *verifier) {
    verifier_destroy(verifier->key);
    verifier->key = NULL;
}

void note_signer_format(const struct note_signer *signer, char text[NOTE_KEY_TEXT_SIZE]) {
    struct key_text parts = {
        .id = signer->id, .profile = signer->profile, .key.size = SECRET_KEY_SIZE};
    memcpy(parts.name, signer->name, sizeof parts.name);
    signer_secret(signer->key, parts.key.bytes);
    format_key(SECRET_PREFIX, &parts, text);
    secret_cleanse(&parts, sizeof parts);
}

void note_verifier_format(const struct note_verifier *verifier, char text[NOTE_KEY_TEXT_SIZE]) {
    struct key_text parts = {.id = verifier->id, .profile = verifier->profile};
    memcpy(parts.name, verifier->name, sizeof parts.name);
    verifier_public(verifier->key, &parts.key);
    format_key("", &parts, text);
}

/* --- writing notes --------------------------------------------------------------------------- */

/* Valid UTF-8 whose only control character is the newline. */
static bool is_plain_text(const char *text, size_t size) {
    size_t length = 0;
    for (size_t at = 0; at < size; at += length) {
        uint32_t character = 0;
        length = utf8_decode(text + at, size - at, &character);
        if (length == 0 || (character < 0x20 && character != '\n'))
            return false;
    }
    return true;
}

/* Appends one signature line at `line`, which has room for NOTE_LINE_MAX bytes; returns its size.
 */
static int sign_line(const struct note_signer *signer, const char *text, size_t text_size,
                     char *line) {
    uint8_t bytes[SIGNATURE_BYTES];
    size_t name_size = strlen(signer->name);
    for (uint32_t i = 0; i < ID_SIZE; i++)
        bytes[i] = (uint8_t)(signer->id >> (24 - 8 * i));
    int failure = signer_sign(signer->key, text, text_size, bytes + ID_SIZE);
    if (failure != 0)
        return failure;
    memcpy(line, dash, DASH_SIZE);
    memcpy(line + DASH_SIZE, signer->name, name_size);
    size_t size = DASH_SIZE + name_size;
    line[size++] = ' ';
    size += base64_encode(bytes, sizeof bytes, line + size);
    line[size++] = '\n';
    return (int)size;
}

int note_sign(const char *text, size_t text_size, const struct note_signer *const *signers,
              uint32_t signers_count, struct note_buffer *note) {
    if (text_size == 0 || text[text_size - 1] != '\n' || !is_plain_text(text, text_size) ||
        signers_count == 0 || signers_count > NOTE_SIGNATURES_MAX || text_size >= NOTE_SIZE_MAX)
        return FAILURE_MALFORMED;
    if (text_size + 1 + (size_t)signers_count * NOTE_LINE_MAX > note->size_max)
        return FAILURE_MALFORMED;
    memcpy(note->bytes, text, text_size);
    note->bytes[text_size] = '\n';
    size_t size = text_size + 1;
    for (uint32_t i = 0; i < signers_count; i++) {
        int line = sign_line(signers[i], text, text_size, note->bytes + size);
        if (line < 0)
            return line;
        size += (size_t)line;
    }
    return (int)size;
}

/* --- reading notes --------------------------------------------------------------------------- */

/* One signature line taken apart. */
struct signature_line {
    const char *name;
    size_t name_size;
    uint32_t id;
    int signature_size; /* without the id */
    uint8_t signature[ID_SIZE + FOREIGN_SIGNATURE_MAX];
};

/* Reads the line at `text`; returns its size with the newline, or MALFORMED. */
static int parse_line(const char *text, size_t size, struct signature_line *line) {
    const char *end = memchr(text, '\n', size);
    if (end == NULL || (size_t)(end - text) < DASH_SIZE || memcmp(text, dash, DASH_SIZE) != 0)
        return FAILURE_MALFORMED;
    line->name = text + DASH_SIZE;
    const char *space = memchr(line->name, ' ', (size_t)(end - line->name));
    if (space == NULL || !is_name(line->name, (size_t)(space - line->name)))
        return FAILURE_MALFORMED;
    line->name_size = (size_t)(space - line->name);
    int decoded = base64_decode(space + 1, (size_t)(end - space - 1), line->signature,
                                sizeof line->signature);
    if (decoded <= (int)ID_SIZE)
        return FAILURE_MALFORMED;
    line->id = big_endian(line->signature);
    line->signature_size = decoded - (int)ID_SIZE;
    return (int)(end + 1 - text);
}

/* The start of the last empty line: the newline that ends the text before it. */
static const char *last_empty_line(const char *bytes, size_t size) {
    for (size_t at = size; at-- > 1;)
        if (bytes[at] == '\n' && bytes[at - 1] == '\n')
            return bytes + at;
    return NULL;
}

int note_parse(const char *bytes, size_t size, struct note *note) {
    struct signature_line line;
    if (size > NOTE_SIZE_MAX || !is_plain_text(bytes, size))
        return FAILURE_MALFORMED;
    const char *empty = last_empty_line(bytes, size);
    if (empty == NULL)
        return FAILURE_MALFORMED;
    memset(note, 0, sizeof *note);
    note->text = bytes;
    note->text_size = (size_t)(empty - bytes);
    note->signatures = empty + 1;
    note->signatures_size = size - note->text_size - 1;
    for (size_t at = 0; at < note->signatures_size; note->signatures_count++) {
        int length = parse_line(note->signatures + at, note->signatures_size - at, &line);
        if (length < 0 || note->signatures_count == NOTE_SIGNATURES_MAX)
            return FAILURE_MALFORMED;
        at += (size_t)length;
    }
    return note->signatures_count > 0 ? 0 : FAILURE_MALFORMED;
}

/* Checks a line against the verifier that it names, if there is one. */
static int check_line(struct note *note, const struct signature_line *line,
                      const struct note_keyring *keys) {
    for (uint32_t i = 0; i < keys->count; i++) {
        const struct note_verifier *known = &keys->verifiers[i];
        if (known->id != line->id || strlen(known->name) != line->name_size ||
            memcmp(known->name, line->name, line->name_size) != 0)
            continue;
        if (line->signature_size != SIGNATURE_SIZE ||
            !verifier_check(known->key, note->text, note->text_size, line->signature + ID_SIZE))
            return FAILURE_SIGNATURE;
        note->verified |= UINT64_C(1) << i;
    }
    return 0;
}

int note_open(const char *bytes, size_t size, const struct note_keyring *keys, struct note *note) {
    struct signature_line line;
    assert(keys->count <= NOTE_VERIFIERS_MAX);
    int failure = note_parse(bytes, size, note);
    for (size_t at = 0; failure == 0 && at < note->signatures_size;) {
        at += (size_t)parse_line(note->signatures + at, note->signatures_size - at, &line);
        failure = check_line(note, &line, keys);
    }
    if (failure == 0 && note->verified == 0)
        failure = FAILURE_SIGNATURE;
    return failure;
}

int note_strip(const char *bytes, size_t size, const struct note_keyring *keys,
               struct note_buffer *stripped) {
    struct signature_line line;
    struct note note;
    int failure = note_open(bytes, size, keys, &note);
    if (failure != 0)
        return failure;
    if (stripped->size_max < size)
        return FAILURE_MALFORMED;
    size_t written = note.text_size + 1;
    memcpy(stripped->bytes, bytes, written);
    for (size_t at = 0; at < note.signatures_size;) {
        struct note known = {.text = note.text, .text_size = note.text_size};
        size_t length = (size_t)parse_line(note.signatures + at, note.signatures_size - at, &line);
        if (check_line(&known, &line, keys) == 0 && known.verified != 0) {
            memcpy(stripped->bytes + written, note.signatures + at, length);
            written += length;
        }
        at += length;
    }
    return (int)written;
}
