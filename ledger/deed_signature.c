/* Written into one buffer: a signature takes its message whole. */
#include "ledger/deed_signature.h"

#include <assert.h>
#include <string.h>

#include "engine/view.h"
#include "ledger/failure.h"
#include "proto/codec_request.h"

static_assert(SIGNATURE_BYTES == SIGNATURE_SIZE, "a deed's signature is the profile's");

struct deed_signing deed_signing_of(const char *origin, const struct deed *deed, uint32_t i) {
    assert(i < deed->signatures_count);
    const struct signature *signature = &deed->signatures[i];
    return (struct deed_signing){.origin = origin,
                                 .party_key = signature->party_key,
                                 .serial = signature->serial,
                                 .expires_ns = signature->expires_ns,
                                 .kind = deed->kind,
                                 .body = deed->body,
                                 .body_bytes = deed->body_bytes};
}

uint32_t deed_signatures_wrong(const struct engine *engine, const char *origin,
                               const struct deed *deed) {
    for (uint32_t i = 0; i < deed->signatures_count; i++) {
        struct deed_signing signing = deed_signing_of(origin, deed, i);
        struct party_key_view key;
        if (engine_party_key(engine, signing.party_key, &key) &&
            !deed_signature_is_right(&signing, engine_profile(engine), &key.key,
                                     deed->signatures[i].bytes))
            return i + 1;
    }
    return 0;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size) {
    memcpy(at, bytes, size);
    return at + size;
}

static uint8_t *put_number(uint8_t *at, uint64_t value, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return at + bytes;
}

size_t deed_signing_write(const struct deed_signing *signing,
                          uint8_t bytes[DEED_SIGNED_BYTES_MAX]) {
    size_t origin_bytes = strlen(signing->origin) + 1; /* with its zero */
    assert(origin_bytes <= ORIGIN_BYTES_MAX + 1 && signing->body_bytes <= REQUEST_BYTES_MAX);
    uint8_t *at = put_bytes(bytes, DEED_SIGNED_WORDS, sizeof DEED_SIGNED_WORDS);
    at = put_bytes(at, signing->origin, origin_bytes);
    at = put_number(at, signing->party_key, 4);
    at = put_number(at, signing->serial, 8);
    at = put_number(at, (uint64_t)signing->expires_ns, 8);
    at = put_number(at, signing->kind, 4);
    if (signing->body_bytes > 0)
        at = put_bytes(at, signing->body, signing->body_bytes);
    return (size_t)(at - bytes);
}

int deed_sign(const struct deed_signing *signing, const struct signer *signer,
              uint8_t signature[SIGNATURE_BYTES]) {
    uint8_t bytes[DEED_SIGNED_BYTES_MAX];
    return signer_sign(signer, bytes, deed_signing_write(signing, bytes), signature);
}

int deed_add_signature(struct deed *deed, const char *name, const struct deed_pen *pen) {
    uint8_t body[REQUEST_BYTES_MAX];
    int size = codec_deed_body_encode(deed, name, body);
    if (size < 0 || deed->signatures_count == DEED_SIGNATURES_MAX)
        return FAILURE_MALFORMED;
    struct signature *signature = &deed->signatures[deed->signatures_count];
    struct deed_signing signing = {.origin = pen->origin,
                                   .party_key = pen->party_key,
                                   .serial = pen->serial,
                                   .expires_ns = pen->expires_ns,
                                   .kind = deed->kind,
                                   .body = body,
                                   .body_bytes = (uint32_t)size};
    *signature = (struct signature){
        .party_key = pen->party_key, .serial = pen->serial, .expires_ns = pen->expires_ns};
    int failure = deed_sign(&signing, pen->signer, signature->bytes);
    if (failure == 0)
        deed->signatures_count++;
    return failure;
}

bool deed_signature_is_right(const struct deed_signing *signing, uint8_t profile,
                             const struct signing_key *key,
                             const uint8_t signature[SIGNATURE_BYTES]) {
    uint8_t bytes[DEED_SIGNED_BYTES_MAX];
    struct verifier *verifier;
    if (verifier_load(profile, key, &verifier) != 0)
        return false;
    bool is_right = verifier_check(verifier, bytes, deed_signing_write(signing, bytes), signature);
    verifier_destroy(verifier);
    return is_right;
}
