/*
 * A page for people: lines gathered and then printed, or shown on a terminal and drawn anew, as
 * long as somebody watches.
 *
 *     static struct page page;
 *     page_clear(&page);
 *     page_line(&page, PAGE_BOLD "%s" PAGE_PLAIN "  running", name);
 *     page_print(&page, stdout);                        once
 *
 *     struct screen *screen = screen_open();            NULL: not a terminal
 *     do {
 *         ...
 *         screen_show(screen, &page);
 *     } while (screen_wait(screen, 1000));              Ctrl-C and q end it
 *     screen_close(screen);
 *
 * Styles are written into the lines; where the output is no terminal, or NO_COLOR is set, they are
 * left out. On a screen lines are cut at its width, East Asian characters counting two; a page that
 * is too high loses its empty lines first, then its end. The screen is the terminal's second one,
 * so what was there before is there afterwards, also after a signal, a stop by Ctrl-Z, or exit().
 *
 * Threads: one; there is one screen at a time.
 */
#ifndef GATEWAY_PAGE_H
#define GATEWAY_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PAGE_BYTES_MAX 32768

#define PAGE_PLAIN  "\033[0m"
#define PAGE_BOLD   "\033[1m"
#define PAGE_DIM    "\033[2m"
#define PAGE_RED    "\033[31m"
#define PAGE_GREEN  "\033[32m"
#define PAGE_YELLOW "\033[33m"
#define PAGE_CYAN   "\033[36m"

struct page {
    size_t size;
    char bytes[PAGE_BYTES_MAX];
};

void page_clear(struct page *page);

/* Adds to the line at hand; ends it. What does not fit any more is left out. */
void page_put(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_line(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fills the line at hand with spaces up to a column, counted from 0; at least one. */
void page_column(struct page *page, uint32_t column);

/* Adds a text, filled up to a width, at the left or at the right of it. */
void page_left(struct page *page, const char *text, uint32_t width);
void page_right(struct page *page, const char *text, uint32_t width);

/* Columns that a text takes, styles left out. */
uint32_t page_width(const char *text);

void page_print(const struct page *page, FILE *out);

struct screen;

/* Takes over the terminal of standard output; NULL when it is none. */
struct screen *screen_open(void);
void screen_close(struct screen *screen);

/* How large it is now. */
void screen_size(const struct screen *screen, uint32_t *columns, uint32_t *rows);

void screen_show(struct screen *screen, const struct page *page);

/* For who has a loop of his own and looks often: takes keys and signals, without waiting. False
 * when the user, or a signal, ends it. */
bool screen_goes_on(struct screen *screen);

/* Gives the terminal back, if a screen has it: for who has a last word to say and exits. */
void screen_abandon(void);

/* Waits; at once when the size has changed. False when the user, or a signal, ends it. */
bool screen_wait(struct screen *screen, int timeout_ms);

#endif
