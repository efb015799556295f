/*
 * Whatever comes in a QueryFrame: cut, decoded, and what was accepted encodes to bytes that decode
 * to the same again. And whatever comes as an AnswerFrame is read to its end.
 */
#include <assert.h>
#include <string.h>

#include "proto/codec_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(struct span span) {
    struct query first;
    struct query again;
    struct codec_fault fault;
    uint8_t bytes[QUERY_BYTES_MAX];
    if (!codec_query_decode(span.bytes, span.size, &first, &fault)) {
        assert(fault.field != NULL && fault.text != NULL);
        return;
    }
    size_t written = codec_query_encode(&first, bytes);
    assert(codec_query_decode(bytes, written, &again, &fault));
    assert(memcmp(&first, &again, sizeof first) == 0);
}

static void read_answers(struct span frame) {
    struct answer answer;
    struct answer_row row;
    while (codec_answer_read(&frame, &answer))
        while (codec_answer_next(&answer, &row))
            assert(schema_row(row.kind) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct span spans[FRAME_QUERIES_MAX];
    struct codec_fault fault;
    int count = frame_queries(data, size, spans, &fault);
    for (int i = 0; i < count; i++)
        decode(spans[i]);
    if (count < 0)
        assert(fault.field != NULL);
    if (size <= QUERY_BYTES_MAX)
        decode((struct span){data, size});
    read_answers((struct span){data, size});
    return 0;
}
