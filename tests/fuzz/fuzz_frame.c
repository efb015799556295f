/*
 * Whatever comes in a ClientFrame: cut, decoded, and what was accepted encodes to the very bytes
 * that came, or to bytes that decode to the same again.
 */
#include <assert.h>
#include <string.h>

#include "proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(struct span span) {
    static struct request first, again;
    static uint8_t bytes[2 * REQUEST_BYTES_MAX];
    struct codec_fault fault;
    if (!codec_request_decode(span.bytes, span.size, &first, &fault)) {
        assert(fault.field != NULL && fault.text != NULL);
        return;
    }
    if (first.command.verb == VERB_ACT || first.command.verb == VERB_PROPOSE)
        return; /* a participant's name is not kept by the decoder */
    size_t written = codec_request_encode(&first, NULL, bytes, sizeof bytes);
    assert(written > 0 && written <= sizeof bytes);
    assert(codec_request_decode(bytes, written, &again, &fault));
    assert(first.command.verb == again.command.verb);
    assert(first.command.stamp.number == again.command.stamp.number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct span spans[FRAME_REQUESTS_MAX];
    struct codec_fault fault;
    int count = frame_requests(data, size, spans, &fault);
    for (int i = 0; i < count; i++)
        decode(spans[i]);
    if (count < 0)
        assert(fault.field != NULL);
    if (size <= REQUEST_BYTES_MAX)
        decode((struct span){data, size});
    return 0;
}
