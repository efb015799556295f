/*
 * The rules of deeds about pledges: a part of schema_deed_body().
 */
#ifndef PROTO_SCHEMA_PLEDGE_H
#define PROTO_SCHEMA_PLEDGE_H

#include "proto/schema.h"

/* NULL when it is no deed about pledges. */
const struct body_rule *schema_pledge_body(uint64_t kind);

#endif
