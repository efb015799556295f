/* The terminal's second screen, entered and left by the sequences that every terminal of the last
 * decades knows. Signals only set flags, but for the last resort of exit(). */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "gateway/page.h"

#include "gateway/wording.h"

#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

/* A page with styles, cut to the screen, and an end of line each. */
#define FRAME_BYTES ((size_t)2 * PAGE_BYTES_MAX)

struct screen {
    bool has_keys; /* standard input is a terminal too */
    bool is_plain; /* NO_COLOR */
    struct termios before;
    struct sigaction actions[5]; /* as they were */
    size_t size;
    char frame[FRAME_BYTES];
};

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH};
#define SIGNALS_COUNT (sizeof SIGNALS / sizeof SIGNALS[0])

static struct screen *shown; /* the one there is, for exit() */
static volatile sig_atomic_t is_ended;
static volatile sig_atomic_t is_paused;
static volatile sig_atomic_t is_resized;

static void note_signal(int number) {
    if (number == SIGTSTP)
        is_paused = 1;
    else if (number == SIGWINCH)
        is_resized = 1;
    else
        is_ended = 1;
}

static void write_all(const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, size);
        if (written < 0 && errno != EINTR)
            return;
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
}

static void enter(struct screen *screen) {
    write_all(ENTER, sizeof ENTER - 1);
    if (!screen->has_keys)
        return;
    struct termios keys = screen->before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

static void leave(const struct screen *screen) {
    write_all(LEAVE, sizeof LEAVE - 1);
    if (screen->has_keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &screen->before);
}

static void leave_at_exit(void) {
    if (shown != NULL)
        leave(shown);
}

struct screen *screen_open(void) {
    static bool is_registered;
    struct screen *screen;
    if (!isatty(STDOUT_FILENO) || (screen = calloc(1, sizeof *screen)) == NULL)
        return NULL;
    struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART: poll() returns */
    screen->has_keys = tcgetattr(STDIN_FILENO, &screen->before) == 0;
    screen->is_plain = getenv("NO_COLOR") != NULL;
    is_ended = 0;
    for (size_t i = 0; i < SIGNALS_COUNT; i++)
        sigaction(SIGNALS[i], &action, &screen->actions[i]);
    if (!is_registered)
        atexit(leave_at_exit);
    is_registered = true;
    shown = screen;
    enter(screen);
    return screen;
}

void screen_close(struct screen *screen) {
    if (screen == NULL)
        return;
    leave(screen);
    shown = NULL;
    for (size_t i = 0; i < SIGNALS_COUNT; i++)
        sigaction(SIGNALS[i], &screen->actions[i], NULL);
    free(screen);
}

void screen_size(const struct screen *screen, uint32_t *columns, uint32_t *rows) {
    struct winsize size = {0};
    (void)screen;
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    *columns = is_known ? size.ws_col : 80;
    *rows = is_known && size.ws_row > 0 ? size.ws_row : 24;
}

static void add(struct screen *screen, const char *bytes, size_t size) {
    if (screen->size + size > FRAME_BYTES)
        return;
    memcpy(screen->frame + screen->size, bytes, size);
    screen->size += size;
}

/* Bytes of the character, or style, at `text`; *width is the columns it takes. */
static size_t character(const char *text, uint32_t *width) {
    const char *end = text;
    if (*text == '\033') {
        *width = 0;
        return strcspn(text, "m") + 1;
    }
    *width = (uint32_t)wording_character(&end);
    return (size_t)(end - text);
}

/* One line, cut at the width; what is behind it on the screen is wiped. */
static void add_line(struct screen *screen, const char *line, size_t size, uint32_t columns) {
    uint32_t used = 0;
    for (size_t i = 0; i < size;) {
        uint32_t width;
        size_t bytes = character(line + i, &width);
        if (used + width > columns)
            break;
        used += width;
        if (width > 0 || !screen->is_plain)
            add(screen, line + i, bytes);
        i += bytes;
    }
    add(screen, PAGE_PLAIN "\033[K", sizeof PAGE_PLAIN "\033[K" - 1);
}

static uint32_t count_lines(const char *text, bool counts_empty) {
    uint32_t lines = 0;
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1)
        lines += counts_empty || *at != '\n' ? 1 : 0;
    return lines;
}

void screen_show(struct screen *screen, const struct page *page) {
    uint32_t columns;
    uint32_t rows;
    uint32_t shown_lines = 0;
    screen_size(screen, &columns, &rows);
    bool keeps_empty = count_lines(page->bytes, true) <= rows;
    screen->size = 0;
    add(screen, "\033[H", 3);
    for (const char *at = page->bytes; *at != '\0' && shown_lines < rows;) {
        size_t size = strcspn(at, "\n");
        if (size > 0 || keeps_empty) {
            if (shown_lines++ > 0)
                add(screen, "\r\n", 2);
            add_line(screen, at, size, columns);
        }
        at += size + (at[size] == '\n' ? 1 : 0);
    }
    add(screen, "\033[J", 3);
    write_all(screen->frame, screen->size);
}

static void pause_here(struct screen *screen) {
    is_paused = 0;
    leave(screen);
    raise(SIGSTOP);
    enter(screen);
}

static bool is_quit_pressed(void) {
    char keys[64];
    ssize_t size = read(STDIN_FILENO, keys, sizeof keys);
    for (ssize_t i = 0; i < size; i++)
        if (keys[i] == 'q' || keys[i] == 'Q')
            return true;
    return false;
}

bool screen_goes_on(struct screen *screen) {
    struct pollfd keys = {.fd = screen->has_keys ? STDIN_FILENO : -1, .events = POLLIN};
    if (is_paused)
        pause_here(screen);
    is_resized = 0; /* the next page is drawn anyway */
    if (poll(&keys, 1, 0) > 0 && (keys.revents & POLLIN) != 0 && is_quit_pressed())
        is_ended = 1;
    return !is_ended;
}

void screen_abandon(void) {
    if (shown != NULL)
        leave(shown);
    shown = NULL;
}

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

bool screen_wait(struct screen *screen, int timeout_ms) {
    int64_t until_ms = now_ms() + timeout_ms;
    for (int64_t left_ms = timeout_ms; left_ms >= 0 && !is_ended; left_ms = until_ms - now_ms()) {
        struct pollfd keys = {.fd = screen->has_keys ? STDIN_FILENO : -1, .events = POLLIN};
        int ready = poll(&keys, 1, (int)left_ms);
        if (is_paused) {
            pause_here(screen);
            return true;
        }
        if (is_resized) {
            is_resized = 0;
            return !is_ended;
        }
        if (ready > 0 && (keys.revents & (POLLHUP | POLLERR)) != 0)
            screen->has_keys = false;
        else if (ready > 0 && is_quit_pressed())
            return false;
        if (ready == 0)
            break;
    }
    return !is_ended;
}
