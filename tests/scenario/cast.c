/* A list, searched from its end. */
#include "tests/scenario/cast.h"

#include <stdlib.h>
#include <string.h>

void cast_fini(struct cast *cast) {
    free(cast->names);
    memset(cast, 0, sizeof *cast);
}

bool cast_find(const struct cast *cast, enum cast_kind kind, const char *name, uint64_t *id) {
    for (size_t i = cast->count; i > 0; i--) {
        const struct cast_name *known = &cast->names[i - 1];
        if (known->kind == kind && strcmp(known->name, name) == 0) {
            *id = known->id;
            return true;
        }
    }
    return false;
}

bool cast_bind(struct cast *cast, enum cast_kind kind, const char *name, uint64_t id) {
    uint64_t other;
    if (strlen(name) >= CAST_NAME_BYTES)
        return false;
    if (cast_find(cast, kind, name, &other))
        return other == id;
    if (cast->count == cast->room) {
        cast->room = cast->room == 0 ? 64 : cast->room * 2;
        cast->names = realloc(cast->names, cast->room * sizeof *cast->names);
        if (cast->names == NULL)
            abort();
    }
    struct cast_name *added = &cast->names[cast->count++];
    added->kind = kind;
    added->id = id;
    memcpy(added->name, name, strlen(name) + 1);
    return true;
}

const char *cast_name_of(const struct cast *cast, enum cast_kind kind, uint64_t id) {
    for (size_t i = cast->count; i > 0; i--) {
        const struct cast_name *known = &cast->names[i - 1];
        if (known->kind == kind && known->id == id)
            return known->name;
    }
    return NULL;
}
