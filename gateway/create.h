/*
 * A new exchange: its folder, keys, and the first records of its ledger.
 *
 * The folder gets the configuration, the server's CURVE key, the checkpoint key, and a ledger of
 * three records: Genesis, a Stop (so that the first start is a clean one), and a Seal with its
 * checkpoint. It is made under another name and renamed when it is whole.
 *
 * Threads: the one that starts the process.
 */
#ifndef GATEWAY_CREATE_H
#define GATEWAY_CREATE_H

/* Makes the exchange `folder`, which must not exist, from the configuration in `config_path`.
 * Returns an enum exit_code (exchange.h). */
int create_exchange(const char *folder, const char *config_path);

#endif
