/* Nearly every record is passed over by its request's first bytes: only approvals are looked at,
 * which are few. */
#include "ledger/key_history.h"

#include "ledger/recorded.h"

bool key_change_read(struct span proposal, struct span approval, struct key_change *change,
                     struct checkpoint_key *key) {
    struct record record;
    struct request request;
    const struct command *command = &request.command;
    uint64_t number;
    if (!recorded_read(proposal, &record, &request) || command->verb != VERB_PROPOSE ||
        command->act.kind != ACT_CHECKPOINT_KEY)
        return false;
    change->proposed = record.header.sequence;
    *key = command->act.checkpoint_key;
    if (!recorded_read(approval, &record, &request) || command->verb != VERB_APPROVE)
        return false;
    change->approved = record.header.sequence;
    return command->approve.proposal == change->proposed && change->proposed < change->approved &&
           recorded_done(&record, ACT_CHECKPOINT_KEY, &number);
}

bool key_history_record(struct key_history *history, const struct record *record) {
    struct request request;
    struct codec_fault fault;
    uint64_t number;
    if (recorded_verb(record->request) != VERB_APPROVE ||
        !recorded_done(record, ACT_CHECKPOINT_KEY, &number) || history->count == KEY_CHANGES_MAX ||
        !codec_request_decode(record->request.bytes, record->request.size, &request, &fault))
        return false;
    history->changes[history->count++] = (struct key_change){
        .proposed = request.command.approve.proposal, .approved = record->header.sequence};
    return true;
}
