/* People's lines are written as they come, tables when their widths are known; JSON is gathered. */
#include "gateway/cli_output.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli.h"
#include "gateway/cli_value.h"
#include "gateway/wording.h"

#define LABEL_BYTES_MAX 64
#define LABEL_WIDTH     20

struct cli_output {
    bool is_json;
    json_t *object;
    /* The table at hand. */
    const char *table;
    const struct cli_column *columns;
    uint32_t columns_count;
    json_t *rows;
    json_t *row;
    char **cells; /* columns_count a row */
    uint8_t *is_number;
    size_t cells_count;
    size_t cells_room;
};

/* What people are shown for a key: spaces for its underlines. */
static void label_of(char label[LABEL_BYTES_MAX], const char *key) {
    snprintf(label, LABEL_BYTES_MAX, "%s", key);
    for (char *at = label; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
}

static void *must(void *memory) {
    if (memory == NULL)
        cli_die(CLI_FAILED, "no memory");
    return memory;
}

json_t *cli_json_number(uint64_t number) {
    char text[CLI_VALUE_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return json_string(text);
}

json_t *cli_json_signed(int64_t number) {
    char text[CLI_VALUE_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRId64, number);
    return json_string(text);
}

struct cli_output *cli_output_create(bool is_json) {
    struct cli_output *output = must(calloc(1, sizeof *output));
    output->is_json = is_json;
    output->object = must(json_object());
    return output;
}

static void print_cell(const char *text, size_t width, bool is_right, bool is_last) {
    size_t pad = width - wording_width(text);
    if (is_right)
        printf("%*s%s%s", (int)pad, "", text, is_last ? "" : "  ");
    else
        printf("%s%*s", text, is_last ? 0 : (int)pad + 2, "");
}

/* The column's width, or 0 when people are not shown it; *is_right when its cells are numbers. */
static size_t measure(const struct cli_output *output, uint32_t column, bool *is_right) {
    if (output->columns[column].title == NULL)
        return 0;
    size_t width = wording_width(wording(output->columns[column].title));
    *is_right = output->cells_count > 0;
    for (size_t i = column; i < output->cells_count; i += output->columns_count) {
        size_t cell = wording_width(output->cells[i]);
        width = cell > width ? cell : width;
        *is_right = *is_right && (output->is_number[i] || output->cells[i][0] == '\0');
    }
    return width;
}

static void print_table(const struct cli_output *output) {
    size_t widths[CLI_COLUMNS_MAX] = {0};
    bool is_right[CLI_COLUMNS_MAX] = {false};
    uint32_t last = 0;
    for (uint32_t i = 0; i < output->columns_count; i++) {
        widths[i] = measure(output, i, &is_right[i]);
        last = widths[i] != 0 ? i : last;
    }
    for (uint32_t i = 0; i <= last; i++)
        if (widths[i] != 0)
            print_cell(wording(output->columns[i].title), widths[i], is_right[i], i == last);
    putchar('\n');
    for (size_t first = 0; first < output->cells_count; first += output->columns_count) {
        for (uint32_t i = 0; i <= last; i++)
            if (widths[i] != 0)
                print_cell(output->cells[first + i], widths[i], is_right[i], i == last);
        putchar('\n');
    }
}

/* "no orders" */
static void print_none(const char *table) {
    char name[LABEL_BYTES_MAX];
    label_of(name, table);
    printf(wording_is_chinese() ? "没有%s\n" : "no %s\n", wording(name));
}

static void end_table(struct cli_output *output) {
    if (output->columns == NULL)
        return;
    assert(output->cells_count % output->columns_count == 0);
    if (!output->is_json && output->cells_count > 0)
        print_table(output);
    else if (!output->is_json)
        print_none(output->table);
    for (size_t i = 0; i < output->cells_count; i++)
        free(output->cells[i]);
    output->cells_count = 0;
    output->columns = NULL;
}

void cli_output_end(struct cli_output *output) {
    end_table(output);
    if (output->is_json) {
        json_dumpf(output->object, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(output->object);
    free(output->cells);
    free(output->is_number);
    free(output);
}

void cli_json_field(struct cli_output *output, const char *key, json_t *value) {
    int failed = json_object_set_new(output->object, key, must(value));
    assert(failed == 0);
}

/* A line "key with spaces  value". */
static void print_field(const char *key, const char *text) {
    char name[LABEL_BYTES_MAX];
    label_of(name, key);
    const char *label = wording(name);
    size_t width = wording_width(label);
    printf("%s%*s %s\n", label, width < LABEL_WIDTH ? (int)(LABEL_WIDTH - width) : 0, "", text);
}

void cli_text_field(struct cli_output *output, const char *key, const char *text) {
    if (output->is_json)
        cli_json_field(output, key, json_string(text));
    else
        print_field(key, wording(text));
}

void cli_number_field(struct cli_output *output, const char *key, uint64_t number) {
    char text[CLI_VALUE_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRIu64, number);
    if (output->is_json)
        cli_json_field(output, key, cli_json_number(number));
    else
        print_field(key, text);
}

void cli_money_field(struct cli_output *output, const char *key, int64_t fen) {
    char text[CLI_VALUE_BYTES_MAX];
    if (output->is_json)
        cli_json_field(output, key, cli_json_signed(fen));
    else
        print_field(key, cli_money_text(text, fen));
}

void cli_table_begin(struct cli_output *output, const char *key, const struct cli_column *columns,
                     uint32_t count) {
    assert(count > 0 && count <= CLI_COLUMNS_MAX);
    end_table(output);
    output->table = key;
    output->columns = columns;
    output->columns_count = count;
    output->rows = must(json_array());
    cli_json_field(output, key, output->rows);
}

static void put_cell(struct cli_output *output, const char *shown, json_t *value, bool is_number) {
    uint32_t column = (uint32_t)(output->cells_count % output->columns_count);
    if (output->cells_count == output->cells_room) {
        output->cells_room = output->cells_room == 0 ? 256 : 2 * output->cells_room;
        output->cells = must(realloc(output->cells, output->cells_room * sizeof(char *)));
        output->is_number = must(realloc(output->is_number, output->cells_room));
    }
    if (column == 0) {
        output->row = must(json_object());
        json_array_append_new(output->rows, output->row);
    }
    json_object_set_new(output->row, output->columns[column].key, must(value));
    output->is_number[output->cells_count] = is_number;
    output->cells[output->cells_count++] = must(strdup(shown));
}

void cli_table_text(struct cli_output *output, const char *text) {
    put_cell(output, wording(text), json_string(text), false);
}

void cli_table_name(struct cli_output *output, const char *text) {
    put_cell(output, text, json_string(text), false);
}

void cli_table_number(struct cli_output *output, uint64_t number) {
    char text[CLI_VALUE_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRIu64, number);
    put_cell(output, text, json_string(text), true);
}

void cli_table_small(struct cli_output *output, uint32_t number) {
    char text[CLI_VALUE_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRIu32, number);
    put_cell(output, text, json_integer(number), true);
}

void cli_table_money(struct cli_output *output, int64_t fen) {
    char text[CLI_VALUE_BYTES_MAX];
    put_cell(output, cli_money_text(text, fen), cli_json_signed(fen), true);
}

void cli_table_both(struct cli_output *output, const char *shown, const char *text) {
    put_cell(output, shown, json_string(text), false);
}

void cli_table_value(struct cli_output *output, const char *shown, json_t *value) {
    put_cell(output, wording(shown), value, false);
}

void cli_table_flag(struct cli_output *output, bool is_so, const char *word) {
    cli_table_value(output, is_so ? word : "", json_boolean(is_so));
}

void cli_table_order(struct cli_output *output, uint64_t order_id) {
    char text[CLI_VALUE_BYTES_MAX];
    put_cell(output, cli_order_text(text, order_id), cli_json_number(order_id), false);
}
