/*
 * Random requests that are valid on the wire: every verb, every act, values of every length up to
 * the largest, text in every script that the alphabet knows.
 */
#ifndef TESTS_PROPERTY_RANDOM_REQUEST_H
#define TESTS_PROPERTY_RANDOM_REQUEST_H

#include "bench/random.h"
#include "proto/codec_request.h"

/* A request and what its pointers point to. */
struct random_request {
    struct request request;
    char name[NAME_BYTES_MAX + 1]; /* of an add_participant; ends in 0 */
    uint8_t bytes[300];            /* of a quarantined */
};

/* Any number from 0 to `most`, each count of bits as likely as another. */
uint64_t random_number(struct random *random, uint64_t most);

/* Fills `text` with up to `size` bytes of valid UTF-8 and returns how many. */
size_t random_text(struct random *random, char *text, size_t size);

/* With a verb of 0, any verb; of the connection's, too. */
void random_request_make(struct random *random, uint8_t verb, struct random_request *made);

#endif
