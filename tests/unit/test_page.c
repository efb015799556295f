/* Pages: what a line takes, and what becomes of it on a small terminal. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/page.h"

static struct page page;

static void a_width_leaves_styles_out_and_counts_chinese_twice(void **state) {
    (void)state;
    assert_int_equal(page_width("abc"), 3);
    assert_int_equal(page_width(PAGE_BOLD "abc" PAGE_PLAIN), 3);
    assert_int_equal(page_width("芯微"), 4);
    assert_int_equal(page_width("━▆"), 2);
}

static void a_column_is_where_the_next_text_stands(void **state) {
    (void)state;
    page_clear(&page);
    page_line(&page, "first");
    page_put(&page, PAGE_RED "芯" PAGE_PLAIN);
    page_column(&page, 6);
    page_put(&page, "x");
    page_column(&page, 3); /* passed already: a space keeps words apart */
    page_put(&page, "y");
    assert_string_equal(page.bytes, "first\n" PAGE_RED "芯" PAGE_PLAIN "    x y");
}

static void what_does_not_fit_is_left_out(void **state) {
    (void)state;
    page_clear(&page);
    for (int i = 0; i < PAGE_BYTES_MAX; i++)
        page_line(&page, "a line");
    assert_int_equal(strlen(page.bytes), page.size);
    assert_true(page.size < PAGE_BYTES_MAX);
}

static void print_to(int fd) {
    FILE *out = fdopen(fd, "w");
    page_print(&page, out);
    fclose(out);
}

static void without_a_terminal_there_are_no_styles(void **state) {
    (void)state;
    int ends[2];
    char text[64] = "";
    page_clear(&page);
    page_line(&page, PAGE_BOLD "bold" PAGE_PLAIN " and %s", PAGE_RED "red" PAGE_PLAIN);
    assert_int_equal(pipe(ends), 0);
    print_to(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    assert_string_equal(text, "bold and red\n");
}

/* Shows the page once on a terminal of this size, in a child; what it wrote, the caller's. */
static char *show_on(unsigned short columns, unsigned short rows) {
    const struct winsize size = {.ws_col = columns, .ws_row = rows};
    char *text = calloc(1, 1 << 16);
    size_t used = 0;
    int status;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
        dup2(slave, STDIN_FILENO);
        dup2(slave, STDOUT_FILENO);
        struct screen *screen = screen_open();
        if (screen == NULL)
            _exit(1);
        screen_show(screen, &page);
        bool goes_on = screen_wait(screen, 0);
        screen_close(screen);
        _exit(goes_on ? 0 : 2);
    }
    for (;;) {
        ssize_t got = read(terminal, text + used, (1 << 16) - 1 - used);
        if (got <= 0)
            break; /* EIO: the child has closed it */
        used += (size_t)got;
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(terminal);
    return text;
}

/* What stands between the beginning of the page and the wiping of what is below it. */
static char *page_of(char *text) {
    char *begin = strstr(text, "\033[H");
    assert_non_null(begin);
    char *end = strstr(begin, "\033[J");
    assert_non_null(end);
    *end = '\0';
    return begin + 3;
}

static uint32_t lines_of(const char *text) {
    uint32_t lines = 1;
    for (; *text != '\0'; text++)
        lines += *text == '\n' ? 1 : 0;
    return lines;
}

static void a_small_screen_cuts_lines_and_leaves_empty_ones_out(void **state) {
    (void)state;
    page_clear(&page);
    page_line(&page, "%s", "first line, which is longer than twenty columns");
    page_line(&page, "%s", "");
    page_line(&page, "芯微感知芯微感知芯微感知"); /* 24 columns */
    page_line(&page, "%s", "");
    page_line(&page, "third");
    page_line(&page, "fourth");
    char *text = show_on(21, 3);
    assert_non_null(strstr(text, "\033[?1049h"));
    assert_non_null(strstr(text, "\033[?1049l"));
    char *shown = page_of(text);
    assert_int_equal(lines_of(shown), 3);
    assert_non_null(strstr(shown, "first line, which is " PAGE_PLAIN));
    assert_non_null(strstr(shown, "芯微感知芯微感知芯微" PAGE_PLAIN)); /* 20: none is halved */
    assert_non_null(strstr(shown, "third"));
    assert_null(strstr(shown, "fourth"));
    free(text);
    text = show_on(80, 24);
    shown = page_of(text);
    assert_int_equal(lines_of(shown), 6);
    assert_non_null(strstr(shown, "fourth"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_width_leaves_styles_out_and_counts_chinese_twice),
        cmocka_unit_test(a_column_is_where_the_next_text_stands),
        cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(without_a_terminal_there_are_no_styles),
        cmocka_unit_test(a_small_screen_cuts_lines_and_leaves_empty_ones_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
