/*
 * Answers to queries, from an engine as it stands: who asks, what, and a frame to write into.
 *
 * Authority is the engine's table (engine/authority.h), by the roles and the participant that the
 * asker's key has in the same engine. What the asker may not see is passed over in lists, and named
 * alone it is refused as what does not exist, to the byte.
 *
 * An answer costs little, whatever is asked: it has at most QUERY_ROWS_MAX rows and
 * ANSWER_BYTES_MAX bytes, and looks at so many rows at most (query_page.h); what is left is for the
 * next page. A page's cursor says where the walk stood, so nothing is kept between two pages and a
 * cursor is good for ever.
 *
 * Threads: that of the engine.
 */
#ifndef GATEWAY_QUERY_ANSWER_H
#define GATEWAY_QUERY_ANSWER_H

#include "engine/view.h"
#include "gateway/query_status.h"
#include "proto/codec_answer.h"

struct query_history;
struct register_reader;
struct issue;

/* What is answered from. */
struct query_scene {
    const struct engine *engine;
    uint64_t as_of;                          /* everything below is in the engine */
    const struct parameters_row *parameters; /* but for its market */
    struct query_status *status;
    struct query_history *history;      /* NULL: there is none */
    struct register_reader *registered; /* begun; NULL: there is none */
    struct issue *issue;                /* of certificates; NULL: there is none */
};

struct query_asker {
    uint32_t participant;
    uint32_t roles; /* set of enum role */
};

/* Writes the whole Answer to one query; `out` has room for ANSWER_BYTES_MAX. */
void query_answer(const struct query_scene *scene, const struct query_asker *asker,
                  const struct query *query, struct message_output *out);

/* Writes an Answer that is a refusal. */
void query_refuse(struct message_output *out, uint64_t id, uint64_t as_of,
                  const struct reply_refused *refused);

#endif
