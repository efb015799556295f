#include "bench/algorithms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/crypto.h"

uint8_t algorithms_profile(void) {
    const char *name = getenv(ALGORITHMS_VARIABLE);
    uint8_t profile = name != NULL ? crypto_profile_find(name) : PROFILE_INTERNATIONAL;
    if (profile == 0) {
        fprintf(stderr, "%s is \"%s\": neither international nor national\n", ALGORITHMS_VARIABLE,
                name);
        exit(2);
    }
    return profile;
}

struct signing_key algorithms_key(uint8_t byte) {
    uint8_t profile = algorithms_profile();
    struct signing_key key = {.size = (uint8_t)signing_key_bytes(profile)};
    memset(key.bytes, byte, key.size);
    if (profile == PROFILE_NATIONAL)
        key.bytes[0] = 0x02;
    return key;
}
