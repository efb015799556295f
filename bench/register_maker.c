/* Fields by their numbers in tpx.proto. */
#include "bench/register_maker.h"

#include <assert.h>
#include <string.h>

#include "proto/message.h"

static void put_text(struct message_output *out, uint64_t number, const char *text) {
    if (text != NULL)
        message_put_bytes(out, number, (struct span){(const uint8_t *)text, strlen(text)});
}

/* A field of eight bytes; message_output has varints and bytes only. */
static void put_time(struct message_output *out, uint64_t number, int64_t value) {
    assert(number < 16 && out->end - out->next > 16);
    out->next = wire_put_time(out->next, (unsigned)number, value);
}

static void put_extract(struct message_output *out, const struct made_entry *entry) {
    message_put_number(out, 1, entry->asset.kind);
    message_put_number(out, 2, entry->asset.asset);
    message_put_number(out, 3, entry->asset.holder);
    message_put_number(out, 4, entry->entry);
    message_put_number(out, 5, entry->version);
    message_put_number(out, 6, entry->kind);
    put_time(out, 7, entry->from_ns);
    put_time(out, 8, entry->to_ns);
    message_put_number(out, 9, entry->quantity);
    message_put_number(out, 16, entry->right_kind);
    put_text(out, 18, entry->number);
    if (entry->owner != 0) {
        uint8_t *length = message_open(out, 22);
        message_put_number(out, 1, entry->owner);
        message_put_number(out, 2, RIGHT_WHOLE_PPM);
        message_close(out, length);
    }
    put_text(out, 30, entry->symbol);
    put_text(out, 31, entry->code);
    message_put_number(out, ENTRY_FIELD_PLEDGE, entry->registered);
    message_put_number(out, ENTRY_FIELD_PLEDGOR, entry->pledgor);
    message_put_number(out, ENTRY_FIELD_PLEDGEE, entry->pledgee);
}

size_t register_maker_report(const struct made_entry *entry, const struct made_moment *moment,
                             uint8_t *bytes) {
    struct message_output out = {.next = bytes, .end = bytes + REGISTER_MAKER_REPORT_MAX};
    message_put_number(&out, 1, moment->sequence);
    message_put_number(&out, 2, moment->place);
    put_time(&out, 3, moment->time_ns);
    uint8_t *length = message_open(&out, 26);
    put_extract(&out, entry);
    message_close(&out, length);
    assert(!out.is_full);
    return (size_t)(out.next - bytes);
}

static void put_header(struct message_output *out, const struct made_moment *moment) {
    static const uint8_t salt[SALT_BYTES] = {1};
    uint8_t *length = message_open(out, 1);
    message_put_number(out, 1, moment->sequence);
    put_time(out, 2, moment->time_ns);
    message_put_bytes(out, 4, (struct span){salt, sizeof salt});
    message_close(out, length);
}

size_t register_maker_record(const struct made_entry *entries, uint32_t count,
                             const struct made_moment *first, uint8_t *bytes) {
    struct message_output out = {.next = bytes, .end = bytes + RECORD_BYTES_MAX};
    static const uint8_t request[] = {0x82, 0x02, 0}; /* an empty Tick */
    struct made_moment moment = *first;
    put_header(&out, &moment);
    message_put_bytes(&out, 2, (struct span){request, sizeof request});
    for (uint32_t i = 0; i < count; i++, moment.place++) {
        uint8_t report[REGISTER_MAKER_REPORT_MAX];
        size_t size = register_maker_report(&entries[i], &moment, report);
        uint8_t *length = message_open(&out, 3);
        message_put_number(&out, 1, AUDIENCE_EVERYBODY);
        message_put_bytes(&out, 3, (struct span){report, size});
        message_close(&out, length);
    }
    assert(!out.is_full);
    return (size_t)(out.next - bytes);
}
