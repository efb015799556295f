#include "ledger/genesis.h"

#include "ledger/failure.h"
#include "ledger/record.h"
#include "proto/codec_request.h"

int genesis_read(struct reader *reader, struct genesis *genesis) {
    struct reader_record stored;
    struct record record;
    struct request request;
    struct codec_fault fault;
    int failure = reader_get(reader, 0, &stored);
    if (failure != 0)
        return failure;
    if (!record_read(stored.bytes, stored.size, &record) ||
        !codec_request_decode(record.request.bytes, record.request.size, &request, &fault) ||
        request.command.verb != VERB_GENESIS)
        return FAILURE_DAMAGED;
    *genesis = request.command.genesis;
    return 0;
}
