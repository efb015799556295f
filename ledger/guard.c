/* Messages travel over a pipe, each with its length before it as two bytes of the machine's order.
 */
#include "ledger/guard.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/failure.h"

#define CHILD_BROKEN 101 /* exit status of a child that cannot talk */

struct guard_pipe {
    int file;
};

static bool write_all(int file, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t count = write(file, at, size);
        if (count < 0 && errno != EINTR)
            return false;
        at += count > 0 ? count : 0;
        size -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

static bool read_all(int file, void *bytes, size_t size) {
    char *at = bytes;
    while (size > 0) {
        ssize_t count = read(file, at, size);
        if (count == 0 || (count < 0 && errno != EINTR))
            return false;
        at += count > 0 ? count : 0;
        size -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

void guard_send(struct guard_pipe *pipe, const void *message, size_t size) {
    uint16_t length = (uint16_t)size;
    assert(size >= 1 && size <= GUARD_MESSAGE_MAX);
    if (!write_all(pipe->file, &length, sizeof length) || !write_all(pipe->file, message, size))
        _exit(CHILD_BROKEN);
}

/* What the parent does on a signal is not what the child should do. */
static void reset_signals(void) {
    static const int signals[] = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGABRT,
                                  SIGINT,  SIGTERM, SIGPIPE, SIGCHLD};
    sigset_t none;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become_child(void) {
    struct rlimit no_core = {0, 0};
    reset_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
}

static void __attribute__((noreturn)) be_child(const struct guard_work *work, int file) {
    struct guard_pipe guard_pipe = {file};
    become_child();
    int result = work->run(work->owner, &guard_pipe);
    assert(result >= 0 && result <= 100);
    _exit(result);
}

static void take_messages(const struct guard_work *work, int file) {
    char message[GUARD_MESSAGE_MAX];
    uint16_t length = 0;
    while (read_all(file, &length, sizeof length) && length >= 1 && length <= sizeof message &&
           read_all(file, message, length))
        work->take(work->owner, message, length);
}

static int wait_for(pid_t child, struct guard_end *end) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return failure_errno("wait for a child");
    end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end->result = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return 0;
}

bool guard_split(struct guard_end *end) {
    pid_t child = fork();
    if (child > 0 && wait_for(child, end) == 0)
        return false;
    if (child == 0)
        become_child();
    return true;
}

int guard_run(const struct guard_work *work, struct guard_end *end) {
    int files[2];
    if (pipe(files) != 0)
        return failure_errno("pipe to a child");
    pid_t child = fork();
    if (child == 0) {
        close(files[0]);
        be_child(work, files[1]);
    }
    close(files[1]);
    if (child > 0)
        take_messages(work, files[0]);
    close(files[0]);
    if (child < 0)
        return failure_errno("fork");
    int failure = wait_for(child, end);
    if (failure == 0 && end->result == CHILD_BROKEN)
        return failure_log(FAILURE_SYSTEM, "a child could not report");
    return failure;
}
