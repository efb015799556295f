/*
 * The rules of deeds about rights on sale: a part of schema_deed_body().
 */
#ifndef PROTO_SCHEMA_LISTING_H
#define PROTO_SCHEMA_LISTING_H

#include "proto/schema.h"

/* NULL when it is no deed about listings. */
const struct body_rule *schema_listing_body(uint64_t kind);

#endif
