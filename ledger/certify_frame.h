/*
 * What all certificates of one Seal have in common: the exchange's name, the Seal with its proof,
 * and the keys (certificate.h). Made once a checkpoint, shared by as many certificates as want it.
 *
 * Threads: a frame may be read by several once made.
 */
#ifndef LEDGER_CERTIFY_FRAME_H
#define LEDGER_CERTIFY_FRAME_H

#include "ledger/certificate.h"
#include "ledger/tree.h"

struct certify_frame {
    struct seal seal;
    uint64_t sealed;             /* its sequence */
    uint64_t tree_size;          /* of the checkpoint */
    struct certificate shared;   /* without asset and entries */
    struct certify_bytes *bytes; /* inside */
};

/* The size of the newest checkpoint's tree, and what the Seal says that it ends with. Returns 0;
 * NOT_FOUND without a line when there is none yet; DAMAGED or SYSTEM with a line in the log. */
int certify_newest(struct tree *tree, uint64_t *tree_size, struct seal *seal);

/* Makes a frame of the Seal at a sequence, under the first checkpoint that covers it. `history` has
 * been fed all records below that. Returns 0; NOT_FOUND without a line when no checkpoint covers it
 * yet; DAMAGED or SYSTEM with a line in the log. After a failure there is no frame. */
int certify_frame_make(struct certify_frame *frame, struct tree *tree, uint64_t sealed,
                       const struct key_history *history);
void certify_frame_fini(struct certify_frame *frame);

/* A record's leaf in the frame's tree; its bytes go with the frame. */
int certify_frame_leaf(struct certify_frame *frame, struct tree *tree, uint64_t index,
                       struct certificate_leaf *leaf);

#endif
