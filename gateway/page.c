/* Lines with styles; a screen is one write of all of it. */
#include "gateway/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/wording.h"

void page_clear(struct page *page) {
    page->size = 0;
    page->bytes[0] = '\0';
}

static void put(struct page *page, const char *format, va_list arguments) {
    size_t room = sizeof page->bytes - page->size;
    int size = vsnprintf(page->bytes + page->size, room, format, arguments);
    if (size > 0)
        page->size += (size_t)size < room ? (size_t)size : room - 1;
}

void page_put(struct page *page, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    put(page, format, arguments);
    va_end(arguments);
}

void page_line(struct page *page, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    put(page, format, arguments);
    va_end(arguments);
    page_put(page, "\n");
}

uint32_t page_width(const char *text) {
    size_t width = 0;
    while (*text != '\0') {
        if (*text != '\033') {
            width += wording_character(&text);
            continue;
        }
        while (text[1] != '\0' && *text != 'm') /* ESC [ ... m */
            text++;
        text++;
    }
    return (uint32_t)width;
}

void page_column(struct page *page, uint32_t column) {
    const char *line = strrchr(page->bytes, '\n');
    uint32_t width = page_width(line != NULL ? line + 1 : page->bytes);
    page_put(page, "%*s", width < column ? (int)(column - width) : 1, "");
}

static void fill(struct page *page, const char *text, uint32_t width) {
    uint32_t own = page_width(text);
    if (own < width)
        page_put(page, "%*s", (int)(width - own), "");
}

void page_left(struct page *page, const char *text, uint32_t width) {
    page_put(page, "%s", text);
    fill(page, text, width);
}

void page_right(struct page *page, const char *text, uint32_t width) {
    fill(page, text, width);
    page_put(page, "%s", text);
}

/* The bytes without styles. */
static void print_plain(const char *bytes, FILE *out) {
    for (; *bytes != '\0'; bytes++) {
        if (*bytes != '\033') {
            fputc(*bytes, out);
            continue;
        }
        while (bytes[1] != '\0' && *bytes != 'm')
            bytes++;
    }
}

void page_print(const struct page *page, FILE *out) {
    if (isatty(fileno(out)) && getenv("NO_COLOR") == NULL)
        fputs(page->bytes, out);
    else
        print_plain(page->bytes, out);
    fflush(out);
}
