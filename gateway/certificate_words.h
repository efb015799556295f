/*
 * The register's words on paper, in both languages at once: Chinese, and English beside it.
 *
 * What has no word yet is shown as the schema names it.
 *
 * Threads: any; the words are constants.
 */
#ifndef GATEWAY_CERTIFICATE_WORDS_H
#define GATEWAY_CERTIFICATE_WORDS_H

#include <stdint.h>

struct certificate_word {
    const char *chinese;
    const char *english;
};

/* Of enum right_kind, one bit of enum right_status, enum office, enum entry_kind. Never NULL. */
const struct certificate_word *certificate_word_right(uint32_t kind);
const struct certificate_word *certificate_word_status(uint32_t bit);
const struct certificate_word *certificate_word_office(uint32_t office);
const struct certificate_word *certificate_word_entry(uint32_t kind);

/* Of an entry's state, by its kind; NULL when there is none. */
const struct certificate_word *certificate_word_state(uint32_t kind, uint32_t state);

/* Of a field of an extract, and of a value of an enum in one, as cli_message.h names them; NULL
 * when there is none. */
const struct certificate_word *certificate_word_field(const char *name);
const struct certificate_word *certificate_word_value(const char *value);

#endif
