/*
 * Views of parties and rights: copies of rows.
 */
#include <string.h>

#include "engine/parties.h"
#include "engine/right.h"
#include "engine/view.h"

uint64_t engine_certificates(const struct engine *engine) {
    return engine->certificates;
}

bool engine_party(const struct engine *engine, uint32_t party, struct party_view *view) {
    if (!pool_has(engine, POOL_PARTIES, party))
        return false;
    const struct party *row = party_at(engine, party);
    *view = (struct party_view){.participant = row->participant, .code_bytes = row->code_bytes};
    memcpy(view->code, row->code, sizeof view->code);
    memcpy(view->identity, row->identity, sizeof view->identity);
    return true;
}

uint32_t engine_party_find(const struct engine *engine, const char *code, size_t bytes) {
    return bytes == 0 ? 0 : parties_find_code(engine, code, bytes);
}

bool engine_party_key(const struct engine *engine, uint32_t party_key,
                      struct party_key_view *view) {
    if (!pool_has(engine, POOL_PARTY_KEYS, party_key))
        return false;
    const struct party_key *row = party_key_at(engine, party_key);
    *view = (struct party_key_view){
        .party = row->party, .person = row->person, .is_revoked = row->is_revoked, .key = row->key};
    if (row->serials_count > 0)
        view->serial = row->serials[row->serials_count - 1];
    return true;
}

uint32_t engine_party_scopes(const struct engine *engine, uint32_t party, uint32_t participant) {
    uint32_t scopes = 0;
    if (!pool_has(engine, POOL_PARTIES, party) || participant == 0)
        return 0;
    const struct party *row = party_at(engine, party);
    if (row->participant == participant)
        return MANDATE_SCOPE_ALL;
    for (uint32_t at = row->mandates; at != 0; at = mandate_at(engine, at)->next)
        if (mandate_at(engine, at)->agent == participant)
            scopes |= mandate_at(engine, at)->scope;
    return scopes;
}

bool engine_mandate(const struct engine *engine, uint32_t mandate, struct mandate_view *view) {
    if (!pool_has(engine, POOL_MANDATES, mandate))
        return false;
    const struct mandate *row = mandate_at(engine, mandate);
    *view = (struct mandate_view){.principal = row->principal,
                                  .agent = row->agent,
                                  .scope = row->scope,
                                  .limit_fen = row->limit_fen,
                                  .until = row->until,
                                  .from_ns = row->from_ns,
                                  .to_ns = row->to_ns};
    memcpy(view->document, row->document, sizeof view->document);
    return true;
}

bool engine_right(const struct engine *engine, uint32_t right, struct right_view *view) {
    if (!pool_has(engine, POOL_RIGHTS, right))
        return false;
    const struct right *row = right_at(engine, right);
    *view = (struct right_view){.kind = row->kind,
                                .office = row->office,
                                .number_bytes = row->number_bytes,
                                .status = row->status,
                                .licence_of = row->licence_of,
                                .version = row->version,
                                .filed = row->filed,
                                .term_end = row->term_end,
                                .appraisals = row->appraisals,
                                .value_fen = row->value_fen,
                                .appraised = row->appraised,
                                .appraisal_expires = row->appraisal_expires};
    memcpy(view->number, row->number, sizeof view->number);
    for (uint32_t at = row->stakes; at != 0; at = stake_at(engine, at)->next) {
        const struct stake *stake = stake_at(engine, at);
        uint32_t ppm = right_stake_ppm(engine, at);
        if (ppm == 0)
            continue;
        view->owners[view->owners_count++] =
            (struct right_owner){.party = stake->party, .ppm = ppm};
    }
    return true;
}

uint32_t engine_right_find(const struct engine *engine, enum right_kind kind, const char *number,
                           size_t bytes) {
    return right_find(engine, kind, number, bytes);
}
