/*
 * Any message of proto/tpx.proto in words, by its descriptor: for people on one line, for programs
 * as an object with the protocol's field names. What is zero is left out, as on the wire.
 *
 * People read prices in yuan, times as dates, orders as session-number, enums without their prefix;
 * programs fen, nanoseconds and 64-bit numbers as strings.
 *
 * Threads: one.
 */
#ifndef GATEWAY_CLI_MESSAGE_H
#define GATEWAY_CLI_MESSAGE_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

/* "new_order: account 1, side BUY, ..."; allocated. Fields whose bit in `skipped` is set (bit i:
 * field number i) are left out of the outermost message. */
char *cli_message_text(const ProtobufCMessage *message, uint64_t skipped);

/* Tells the fields one by one, those that are not zero, in order: each name with its value. */
typedef void cli_message_visitor(void *owner, const char *name, const char *value);
void cli_message_each(const ProtobufCMessage *message, cli_message_visitor *visit, void *owner);

json_t *cli_message_json(const ProtobufCMessage *message);

#endif
