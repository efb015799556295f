#include "ledger/genesis.h"

#include "ledger/failure.h"
#include "ledger/recorded.h"

int genesis_read(struct reader *reader, struct genesis *genesis) {
    struct reader_record stored;
    struct record record;
    struct request request;
    int failure = reader_get(reader, 0, &stored);
    if (failure != 0)
        return failure;
    if (!recorded_read((struct span){stored.bytes, stored.size}, &record, &request) ||
        request.command.verb != VERB_GENESIS)
        return FAILURE_DAMAGED;
    *genesis = request.command.genesis;
    return 0;
}
