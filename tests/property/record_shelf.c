#include "tests/property/record_shelf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *on_room(struct record_output *output) {
    struct record_shelf *shelf = output->owner;
    return shelf->room;
}

static void *copy_of(const void *bytes, size_t size) {
    void *copy = malloc(size + (size == 0));
    assert(copy != NULL);
    if (size != 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

static void on_done(struct record_output *output, size_t size, const struct record_slice *slices,
                    uint32_t slices_count) {
    struct record_shelf *shelf = output->owner;
    shelf->records = realloc(shelf->records, (shelf->count + 1) * sizeof *shelf->records);
    assert(shelf->records != NULL && size <= RECORD_BYTES_MAX);
    shelf->records[shelf->count++] =
        (struct shelf_record){.bytes = copy_of(shelf->room, size),
                              .size = size,
                              .slices = copy_of(slices, slices_count * sizeof *slices),
                              .slices_count = slices_count};
}

static void on_salt(struct record_output *output, const uint8_t first[SALT_BYTES], uint32_t part,
                    uint8_t salt[SALT_BYTES]) {
    (void)output;
    memcpy(salt, first, SALT_BYTES);
    salt[0] ^= (uint8_t)part;
}

void record_shelf_init(struct record_shelf *shelf) {
    *shelf = (struct record_shelf){.output = {.room = on_room, .done = on_done, .salt = on_salt},
                                   .room = malloc(RECORD_BYTES_MAX)};
    assert(shelf->room != NULL);
    shelf->output.owner = shelf;
}

void record_shelf_empty(struct record_shelf *shelf) {
    for (uint32_t i = 0; i < shelf->count; i++) {
        free(shelf->records[i].bytes);
        free(shelf->records[i].slices);
    }
    free(shelf->records);
    shelf->records = NULL;
    shelf->count = 0;
}

void record_shelf_fini(struct record_shelf *shelf) {
    record_shelf_empty(shelf);
    free(shelf->room);
}
