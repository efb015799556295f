/*
 * One check after another, in the order of what can be known: the record alone, then the engine.
 */
#include "ledger/contract.h"

#include <inttypes.h>
#include <string.h>

#include "engine/version.h"
#include "engine/view.h"

static bool is_request(const struct command *command) {
    return command->verb <= VERB_REQUESTS_LAST || command->verb == VERB_QUARANTINED;
}

static bool check_genesis(const struct record_header *header, const struct command *command,
                          struct finding *finding) {
    const struct genesis *genesis = &command->genesis;
    if (command->verb != VERB_GENESIS || header->sequence != 0) {
        return finding_set(finding, FINDING_CONTRACT, header->sequence,
                           "a ledger begins with a Genesis at sequence 0");
    }
    if (engine_size(&genesis->limits) == 0) {
        return finding_set(finding, FINDING_CONTRACT, 0, "the Genesis names impossible limits");
    }
    if (genesis->operators[0].person == genesis->operators[1].person ||
        memcmp(genesis->operators[0].key, genesis->operators[1].key, KEY_BYTES) == 0) {
        return finding_set(finding, FINDING_CONTRACT, 0, "the Genesis names one operator twice");
    }
    if (genesis->checkpoint_key.size != signing_key_bytes(genesis->profile)) {
        return finding_set(finding, FINDING_CONTRACT, 0,
                           "the Genesis names a checkpoint key of another profile than its own");
    }
    uint32_t version = genesis->version != 0 ? genesis->version : VERSION_FIRST;
    if (version > VERSION_KNOWN) {
        return finding_set(finding, FINDING_CONTRACT, 0,
                           "begins with version %" PRIu32 "; this release knows versions up to %u",
                           version, VERSION_KNOWN);
    }
    return header->version == version ||
           finding_set(finding, FINDING_CONTRACT, 0, "the Genesis is stamped with another version");
}

/* Nobody stands behind the exchange's own commands. */
static bool check_own(const struct record_header *header, struct finding *finding) {
    if ((header->session | header->participant | header->key) != 0 || header->number != 0 ||
        header->previous != 0) {
        return finding_set(finding, FINDING_REQUEST, header->sequence,
                           "a command of the exchange's own in somebody's name");
    }
    return true;
}

static bool check_session(const struct engine *engine, const struct record_header *header,
                          struct finding *finding) {
    struct session_view session;
    if (!engine_session(engine, header->session, &session)) {
        return finding_set(finding, FINDING_REQUEST, header->sequence, "no session %" PRIu32,
                           header->session);
    }
    if (session.participant != header->participant) {
        return finding_set(finding, FINDING_REQUEST, header->sequence,
                           "session %" PRIu32 " is of participant %" PRIu32 ", not %" PRIu32,
                           header->session, session.participant, header->participant);
    }
    if (header->number <= session.last_number || header->number > ORDER_NUMBER_MAX) {
        return finding_set(finding, FINDING_REQUEST, header->sequence,
                           "number %" PRIu64 " after %" PRIu64, header->number,
                           session.last_number);
    }
    if (header->previous != session.last_sequence + 1) { /* UINT64_MAX for none: then 0 */
        return finding_set(finding, FINDING_REQUEST, header->sequence,
                           "the session's request before is at %" PRIu64 " less 1, not %" PRIu64,
                           session.last_sequence + 1, header->previous);
    }
    return true;
}

/* The first command after a stop comes before whatever is due. */
static bool is_first_of_a_start(const struct command *command) {
    return command->verb == VERB_OUTAGE || command->verb == VERB_START;
}

static bool check_tick(const struct record_header *header, const struct command *command,
                       int64_t due_ns, struct finding *finding) {
    if (command->tick.due_ns != due_ns || due_ns > header->time_ns) {
        return finding_set(finding, FINDING_CONTRACT, header->sequence,
                           "a Tick of a timer that is not due");
    }
    return true;
}

/* The oldest unfinished sweep goes on, and a Continue says which that is. */
static bool check_continue(const struct engine *engine, const struct record_header *header,
                           const struct command *command, struct finding *finding) {
    if (command->verb != VERB_CONTINUE) {
        return true;
    }
    if (!engine_continue_due(engine)) {
        return finding_set(finding, FINDING_CONTRACT, header->sequence,
                           "a Continue with nothing to go on with");
    }
    uint64_t oldest = engine_continue(engine).continuation.sweep;
    return command->continuation.sweep == oldest ||
           finding_set(finding, FINDING_CONTRACT, header->sequence,
                       "a Continue of the sweep of %" PRIu64 " before that of %" PRIu64,
                       command->continuation.sweep, oldest);
}

static bool check_due(const struct engine *engine, const struct record_header *header,
                      const struct command *command, struct finding *finding) {
    if (is_first_of_a_start(command)) {
        return true;
    }
    int64_t due_ns = engine_timer_due(engine);
    if (command->verb == VERB_TICK) {
        return check_tick(header, command, due_ns, finding);
    }
    if (due_ns <= header->time_ns) {
        return finding_set(finding, FINDING_CONTRACT, header->sequence,
                           "a timer due at %" PRId64 " got no Tick", due_ns);
    }
    return true;
}

static bool check_stamp(const struct market_view *market, const struct record_header *header,
                        struct finding *finding) {
    if (header->time_ns < market->time_ns) {
        return finding_set(finding, FINDING_ORDER, header->sequence,
                           "time goes back from %" PRId64 " to %" PRId64, market->time_ns,
                           header->time_ns);
    }
    if (header->version != market->version) {
        return finding_set(finding, FINDING_REQUEST, header->sequence,
                           "version %" PRIu32 " while %" PRIu32 " is in force", header->version,
                           market->version);
    }
    return true;
}

/* No release sequences what only a later one can judge. */
static bool check_version(const struct record_header *header, const struct command *command,
                          struct finding *finding) {
    bool has_act = command->verb == VERB_ACT || command->verb == VERB_PROPOSE;
    uint32_t version = command->act.activate.version;
    if (!has_act || command->act.kind != ACT_ACTIVATE || version <= VERSION_KNOWN) {
        return true;
    }
    return finding_set(finding, FINDING_CONTRACT, header->sequence,
                       "activates version %" PRIu32 "; this release knows versions up to %u",
                       version, VERSION_KNOWN);
}

/* Whether the exchange itself may do that now. */
static bool is_possible(const struct engine *engine, const struct market_view *market,
                        const struct command *command) {
    switch (command->verb) {
    case VERB_GENESIS:
        return false;
    case VERB_SESSION_UP:
        return command->session_up.session - 1 < engine_count(engine, POOL_SESSIONS);
    case VERB_SESSION_DOWN:
        return command->session_down.session - 1 < engine_count(engine, POOL_SESSIONS);
    case VERB_OUTAGE:
        return command->outage.to_ns >= command->outage.from_ns;
    case VERB_START:
        return market->was_stopped;
    case VERB_REOPEN:
        return market->environment == ENVIRONMENT_TEST && market->is_halted;
    default:
        return true;
    }
}

static bool check_sender(const struct engine *engine, const struct record_header *header,
                         const struct command *command, struct finding *finding) {
    if (command->verb != VERB_QUARANTINED && header->number != command->stamp.number) {
        return finding_set(finding, FINDING_REQUEST, header->sequence,
                           "the header's number %" PRIu64 " is not the request's %" PRIu64,
                           header->number, command->stamp.number);
    }
    return is_request(command) ? check_session(engine, header, finding)
                               : check_own(header, finding);
}

bool contract_check(const struct engine *engine, const struct record_header *header,
                    const struct command *command, struct finding *finding) {
    struct market_view market;
    if (header->time_ns < 0) {
        return finding_set(finding, FINDING_ORDER, header->sequence, "a time before 1970");
    }
    if (engine == NULL) {
        return check_genesis(header, command, finding) && check_own(header, finding);
    }
    engine_market(engine, &market);
    if (!is_possible(engine, &market, command)) {
        return finding_set(finding, FINDING_CONTRACT, header->sequence,
                           "a command (verb %d) that is not possible here", command->verb);
    }
    return check_stamp(&market, header, finding) && check_due(engine, header, command, finding) &&
           check_continue(engine, header, command, finding) &&
           check_sender(engine, header, command, finding) &&
           check_version(header, command, finding);
}
