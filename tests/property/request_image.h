/*
 * A request as protobuf-c writes it: filled in field by field by name, so that it holds the codec's
 * tables to the schema's meaning and not only to themselves.
 */
#ifndef TESTS_PROPERTY_REQUEST_IMAGE_H
#define TESTS_PROPERTY_REQUEST_IMAGE_H

#include "tests/property/random_request.h"

/* Packs it; returns the bytes written to `out`, of which at most REQUEST_BYTES_MAX. */
size_t request_image_pack(const struct random_request *made, uint8_t *out);

#endif
