/* tpx party list, tpx party keys, tpx mandate list: what there is, with the numbers that other
 * commands want. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_paper.h"
#include "gateway/cli_query.h"
#include "gateway/cli_value.h"

/* One kind of things: its table, and what puts a row into it. */
struct listing {
    struct cli_spec spec;
    uint8_t kind;    /* enum query_kind */
    const char *key; /* of the table in JSON */
    const struct cli_column *columns;
    uint32_t columns_count;
    void (*put)(struct cli_output *output, const struct answer_row *row);
};

#define ASKED                                                                                      \
    "\vThe exchange is asked at its query endpoint. With --ledger a ledger is replayed instead."

static int list(const struct listing *listing, int argc, char **argv) {
    struct cli_arguments arguments;
    struct query query = {.kind = listing->kind};
    struct answer_row row;
    cli_parse(&arguments, &listing->spec, argc, argv);
    struct cli_source *source = cli_source_open(&arguments);
    cli_source_ask(source, &query);
    struct cli_output *output = cli_output_create(arguments.is_json);
    cli_source_as_of(source, output);
    cli_table_begin(output, listing->key, listing->columns, listing->columns_count);
    while (cli_source_row(source, &row))
        listing->put(output, &row);
    cli_output_end(output);
    cli_source_close(source);
    return CLI_FINE;
}

#define TABLE_OF(table) .columns = (table), .columns_count = sizeof(table) / sizeof(table)[0]

/* "" for bytes that are all zero. */
static void put_hex(struct cli_output *output, const uint8_t *bytes, size_t size) {
    static const uint8_t none[SIGNING_KEY_BYTES_MAX];
    char hex[2 * SIGNING_KEY_BYTES_MAX + 1] = "";
    if (memcmp(bytes, none, size) != 0)
        for (size_t i = 0; i < size; i++)
            snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    cli_table_name(output, hex);
}

static void put_party(struct cli_output *output, const struct answer_row *row) {
    const struct party_view *view = &row->party.view;
    char code[CODE_BYTES_MAX + 1] = "";
    memcpy(code, view->code, view->code_bytes);
    cli_table_small(output, row->party.party);
    cli_table_name(output, code);
    put_hex(output, view->identity, HASH_BYTES);
    cli_table_small(output, view->participant);
}

int cli_party_list(int argc, char **argv) {
    static const struct cli_column TABLE[] = {{"party", "party"},
                                              {"code", "code"},
                                              {"identity", "identity"},
                                              {"participant", "participant"}};
    static const struct listing LISTING = {
        .spec = {.reach = CLI_REACH_STATE,
                 .about = "Lists the parties that the key may see, by number: those for which its "
                          "participant acts; the registrar, all." ASKED},
        .kind = QUERY_PARTIES,
        .key = "parties",
        TABLE_OF(TABLE),
        .put = put_party};
    return list(&LISTING, argc, argv);
}

static void put_party_key(struct cli_output *output, const struct answer_row *row) {
    const struct party_key_view *view = &row->party_key.view;
    cli_table_small(output, row->party_key.party_key);
    cli_table_small(output, view->party);
    cli_table_small(output, view->person);
    put_hex(output, view->key.bytes, view->key.size);
    cli_table_number(output, view->serial);
    cli_table_text(output, view->is_revoked ? "revoked" : "");
}

int cli_party_keys(int argc, char **argv) {
    static const struct cli_column TABLE[] = {{"party_key", "key"}, {"party", "party"},
                                              {"person", "person"}, {"public_key", "public key"},
                                              {"serial", "serial"}, {"state", "state"}};
    static const struct listing LISTING = {
        .spec = {.reach = CLI_REACH_STATE,
                 .about = "Lists the keys that sign for parties which the key may see, and the "
                          "highest serial that each has used." ASKED},
        .kind = QUERY_PARTY_KEYS,
        .key = "party_keys",
        TABLE_OF(TABLE),
        .put = put_party_key};
    return list(&LISTING, argc, argv);
}

static void put_mandate(struct cli_output *output, const struct answer_row *row) {
    const struct mandate_view *view = &row->mandate.view;
    char scopes[128];
    char until[CLI_VALUE_BYTES_MAX];
    cli_scopes_text(scopes, sizeof scopes, view->scope);
    cli_table_small(output, row->mandate.mandate);
    cli_table_small(output, view->principal);
    cli_table_small(output, view->agent);
    cli_table_text(output, scopes);
    cli_table_money(output, view->limit_fen);
    cli_table_text(output, cli_date_text(until, view->until));
    cli_table_text(output, view->to_ns != 0 ? "ended" : "");
}

int cli_mandate_list(int argc, char **argv) {
    static const struct cli_column TABLE[] = {{"mandate", "mandate"},    {"principal", "party"},
                                              {"agent", "participant"},  {"scope", "scope"},
                                              {"limit_amount", "limit"}, {"until", "until"},
                                              {"state", "state"}};
    static const struct listing LISTING = {
        .spec = {.reach = CLI_REACH_STATE,
                 .about = "Lists the mandates that the key may see: an agent's own, and those of "
                          "parties for which its participant acts; the registrar, all." ASKED},
        .kind = QUERY_MANDATES,
        .key = "mandates",
        TABLE_OF(TABLE),
        .put = put_mandate};
    return list(&LISTING, argc, argv);
}
