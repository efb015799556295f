/*
 * The server of a trial: its folder, its process, and what it says about itself.
 *
 * Readiness is the datagram for a service manager (gateway/notify.h), awaited together with the end
 * of the process (a pidfd): nothing sleeps or polls.
 */
#include "bench/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/algorithms.h"
#include "ledger/crypto.h"

#define ARGUMENTS_MAX   64
#define ENVIRONMENT_MAX 512
#define OUTPUT_MAX      (1u << 20)
/* The exit code of a child that could not become its program. */
#define NO_PROGRAM 127
#define OPEN_FILES 64

extern char **environ;

void trial_die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fputs("trial: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

static void join(char path[TRIAL_PATH_MAX], const char *folder, const char *name) {
    int size = snprintf(path, TRIAL_PATH_MAX, "%s/%s", folder, name);
    if (size < 0 || size >= TRIAL_PATH_MAX)
        trial_die("%s/%s: the path is too long", folder, name);
}

/* Programs lie in the folder of the build, its tests in folders below that. */
bool trial_has_program(const char *name, char path[TRIAL_PATH_MAX]) {
    char folder[TRIAL_PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[size > 0 ? size : 0] = '\0';
    for (char *slash = strrchr(folder, '/'); slash != NULL; slash = strrchr(folder, '/')) {
        *slash = '\0';
        join(path, folder, name);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

void trial_program(const char *name, char path[TRIAL_PATH_MAX]) {
    if (!trial_has_program(name, path))
        trial_die("%s: not built", name);
}

/* --- processes ---------------------------------------------------------------------------------
 */

struct launch {
    const char *program;
    const char *const *arguments; /* without the program, NULL at the end */
    const char *extra[3];         /* "NAME=value" besides our own environment, NULL at the end */
    int output;                   /* for standard error, and standard output when takes_both */
    bool takes_both;
};

/* In the child, between fork and exec: calls that are safe there and nothing else. */
__attribute__((noreturn)) static void become(const struct launch *launch, char *const *arguments,
                                             char *const *environment, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && dup2(launch->output, STDERR_FILENO) >= 0 &&
        (!launch->takes_both || dup2(launch->output, STDOUT_FILENO) >= 0))
        execve(launch->program, arguments, environment);
    _exit(NO_PROGRAM);
}

static pid_t start_child(const struct launch *launch) {
    const char *arguments[ARGUMENTS_MAX + 2] = {launch->program};
    const char *environment[ENVIRONMENT_MAX + 4];
    size_t count = 0;
    size_t used = 0;
    while (count < ARGUMENTS_MAX && launch->arguments[count] != NULL) {
        arguments[count + 1] = launch->arguments[count];
        count++;
    }
    arguments[count + 1] = NULL;
    for (; used < ENVIRONMENT_MAX && environ[used] != NULL; used++)
        environment[used] = environ[used];
    for (size_t i = 0; launch->extra[i] != NULL; i++)
        environment[used++] = launch->extra[i];
    environment[used] = NULL;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        trial_die("fork: %s", strerror(errno));
    if (pid == 0)
        become(launch, (char *const *)arguments, (char *const *)environment, parent);
    return pid;
}

static int end_of(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            trial_die("waitpid: %s", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits until the process has ended or, where there is a socket, a datagram has come on it; true:
 * the latter. */
static bool await(pid_t pid, int notify) {
    int pidfd = pidfd_open(pid, 0);
    struct pollfd items[2] = {{.fd = pidfd, .events = POLLIN}, {.fd = notify, .events = POLLIN}};
    if (pidfd < 0)
        trial_die("pidfd_open: %s", strerror(errno));
    int ready;
    do
        ready = poll(items, 2, TRIAL_PATIENCE_MS);
    while (ready < 0 && errno == EINTR);
    close(pidfd);
    if (ready <= 0) {
        kill(pid, SIGKILL);
        trial_die("process %d: neither ready nor ended within %d s", pid, TRIAL_PATIENCE_MS / 1000);
    }
    return items[1].revents != 0;
}

/* --- the folder --------------------------------------------------------------------------------
 */

static void save_key(const struct trial *trial, struct curve_key *key, const char *name) {
    char path[TRIAL_PATH_MAX];
    join(path, trial->folder, name);
    if (keyfile_curve_generate(key) != 0 || keyfile_curve_save(key, path, false) != 0)
        trial_die("%s: no key made", path);
}

static void make_keys(struct trial *trial) {
    char name[32];
    for (uint32_t i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "operator%u.key", i + 1);
        save_key(trial, &trial->operators[i], name);
    }
    for (uint32_t i = 0; i < trial->options.brokers; i++) {
        snprintf(name, sizeof name, "broker%u.key", i + 1);
        save_key(trial, &trial->brokers[i], name);
    }
}

/* Sizes of pools, where the options want more than the defaults. */
static void write_limits(const struct trial_options *options, FILE *file) {
    uint64_t holdings = (uint64_t)options->accounts * options->instruments;
    fprintf(file, "limits {\n");
    if (options->instruments > 10000)
        fprintf(file, "    instruments = %u\n", options->instruments);
    if (options->accounts > 100000)
        fprintf(file, "    accounts = %u\n", options->accounts);
    if (holdings > 1000000)
        fprintf(file, "    holdings = %lu\n", holdings);
    if (options->sessions + 2 > 4096)
        fprintf(file, "    sessions = %u\n", options->sessions + 2);
    if (options->sessions + 1 > 8192)
        fprintf(file, "    timers = %u\n", options->sessions + 1);
    fprintf(file, "}\n");
}

static void write_config(const struct trial *trial, const char *path) {
    const struct trial_options *options = &trial->options;
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        trial_die("%s: %s", path, strerror(errno));
    fprintf(file, "origin = \"trial.example/tpx\"\nenvironment = \"%s\"\n",
            options->is_production ? "production" : "test");
    fprintf(file, "algorithms = \"%s\"\n", crypto_profile(algorithms_profile())->name);
    fprintf(file, "trade = \"tcp://127.0.0.1:*\"\nquery = \"tcp://127.0.0.1:*\"\n");
    fprintf(file, "feed = \"tcp://127.0.0.1:*\"\n");
    for (uint32_t i = 0; i < 2; i++)
        fprintf(file, "operator {\n    person = %u\n    key = '%s'\n}\n", i + 1,
                trial->operators[i].public_z85);
    write_limits(options, file);
    if (options->config != NULL)
        fprintf(file, "%s\n", options->config);
    if (fclose(file) != 0)
        trial_die("%s: %s", path, strerror(errno));
}

static void load_server_key(struct trial *trial) {
    char path[TRIAL_PATH_MAX];
    join(path, trial->exchange, "server.pub");
    if (keyfile_curve_load(&trial->server, path, false) != 0)
        trial_die("%s: no server key", path);
}

static int open_log(const struct trial *trial) {
    char path[TRIAL_PATH_MAX];
    join(path, trial->folder, "tpxd.log");
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        trial_die("%s: %s", path, strerror(errno));
    return fd;
}

/* Writes the server's own words to standard error. */
static void show_log(const struct trial *trial) {
    char path[TRIAL_PATH_MAX];
    char line[1024];
    join(path, trial->folder, "tpxd.log");
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        fputs(line, stderr);
    if (file != NULL)
        fclose(file);
}

/* The server's program, with room for its path. */
static const char *server_program(const struct trial *trial, char path[TRIAL_PATH_MAX]) {
    if (trial->options.tpxd != NULL)
        return trial->options.tpxd;
    trial_program("tpxd", path);
    return path;
}

void trial_create(struct trial *trial, const struct trial_options *options) {
    char path[TRIAL_PATH_MAX];
    char config[TRIAL_PATH_MAX];
    const char *base = getenv("TMPDIR");
    if (options->brokers == 0 || options->brokers > TRIAL_BROKERS_MAX)
        trial_die("brokers: 1 to %d", TRIAL_BROKERS_MAX);
    *trial = (struct trial){.options = *options};
    join(trial->folder, base != NULL ? base : "/tmp", "tpx-trial-XXXXXX");
    if (mkdtemp(trial->folder) == NULL)
        trial_die("%s: %s", trial->folder, strerror(errno));
    join(trial->exchange, trial->folder, "exchange");
    join(config, trial->folder, "tpxd.conf");
    make_keys(trial);
    write_config(trial, config);
    trial->context = zmq_ctx_new();
    if (trial->context == NULL || zmq_ctx_set(trial->context, ZMQ_MAX_SOCKETS, 8192) != 0)
        trial_die("no context of libzmq");
    const char *const arguments[] = {"--create", trial->exchange, "--config", config, NULL};
    struct launch launch = {
        .program = server_program(trial, path), .arguments = arguments, .output = open_log(trial)};
    int code = end_of(start_child(&launch));
    close(launch.output);
    if (code != 0) {
        show_log(trial);
        trial_die("tpxd --create: exit code %d", code);
    }
    load_server_key(trial);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void trial_remove(struct trial *trial) {
    trial_kill(trial);
    if (trial->context != NULL)
        zmq_ctx_term(trial->context);
    trial->context = NULL;
    if (getenv("TPX_KEEP") != NULL)
        fprintf(stderr, "kept: %s\n", trial->folder);
    else if (nftw(trial->folder, remove_entry, OPEN_FILES, FTW_DEPTH | FTW_PHYS) != 0)
        trial_die("%s: not removed: %s", trial->folder, strerror(errno));
}

/* --- the server --------------------------------------------------------------------------------
 */

/* A socket for the server's word, of a name that the system makes up. */
static int open_notify(char variable[64]) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address.sun_family;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0)
        trial_die("notify socket: %s", strerror(errno));
    size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        trial_die("notify socket: %s", strerror(errno));
    int name = (int)(size - offsetof(struct sockaddr_un, sun_path)) - 1;
    snprintf(variable, 64, "NOTIFY_SOCKET=@%.*s", name, address.sun_path + 1);
    return fd;
}

static void read_endpoint(struct trial *trial) {
    char path[TRIAL_PATH_MAX];
    char line[CLIENT_ENDPOINT_BYTES_MAX + 16];
    join(path, trial->exchange, "endpoints");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        trial_die("%s: %s", path, strerror(errno));
    trial->endpoint[0] = '\0';
    trial->query_endpoint[0] = '\0';
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "trade ", 6) == 0 && strlen(line + 6) < sizeof trial->endpoint)
            strcpy(trial->endpoint, line + 6);
        if (strncmp(line, "query ", 6) == 0 && strlen(line + 6) < sizeof trial->query_endpoint)
            strcpy(trial->query_endpoint, line + 6);
        if (strncmp(line, "feed ", 5) == 0 && strlen(line + 5) < sizeof trial->feed_endpoint)
            strcpy(trial->feed_endpoint, line + 5);
    }
    fclose(file);
    if (trial->endpoint[0] == '\0' || trial->query_endpoint[0] == '\0')
        trial_die("%s: endpoints are missing", path);
}

bool trial_start_or(struct trial *trial, int *code) {
    char path[TRIAL_PATH_MAX];
    char notify_variable[64];
    char preload_variable[TRIAL_PATH_MAX + 16];
    const char *const arguments[] = {trial->exchange, NULL};
    if (trial->pid != 0)
        trial_die("the server runs already");
    int notify = open_notify(notify_variable);
    struct launch launch = {.program = server_program(trial, path),
                            .arguments = arguments,
                            .extra = {notify_variable},
                            .output = open_log(trial)};
    if (trial->options.preload != NULL) {
        snprintf(preload_variable, sizeof preload_variable, "LD_PRELOAD=%s",
                 trial->options.preload);
        launch.extra[1] = preload_variable;
    }
    trial->pid = start_child(&launch);
    close(launch.output);
    bool is_ready = await(trial->pid, notify);
    if (trial->options.keeps_notify && is_ready)
        trial->notify = notify;
    else
        close(notify);
    if (is_ready)
        read_endpoint(trial);
    else
        *code = trial_wait(trial);
    return is_ready;
}

void trial_start(struct trial *trial) {
    int code = 0;
    if (trial_start_or(trial, &code))
        return;
    show_log(trial);
    trial_die("tpxd does not start: exit code %d", code);
}

int trial_wait(struct trial *trial) {
    if (trial->pid == 0)
        trial_die("no server runs");
    await(trial->pid, -1);
    int code = end_of(trial->pid);
    trial->pid = 0;
    if (trial->notify > 0)
        close(trial->notify);
    trial->notify = 0;
    return code;
}

int trial_stop(struct trial *trial) {
    if (trial->pid != 0)
        kill(trial->pid, SIGTERM);
    return trial_wait(trial);
}

void trial_kill(struct trial *trial) {
    if (trial->pid == 0)
        return;
    kill(trial->pid, SIGKILL);
    (void)trial_wait(trial);
}

char *trial_tpx(const struct trial *trial, int *code, const char *const arguments[]) {
    char path[TRIAL_PATH_MAX];
    int ends[2];
    size_t used = 0;
    char *output = malloc(OUTPUT_MAX + 1);
    (void)trial;
    trial_program("tpx", path);
    if (output == NULL || pipe2(ends, O_CLOEXEC) != 0)
        trial_die("tpx: %s", strerror(errno));
    struct launch launch = {
        .program = path, .arguments = arguments, .output = ends[1], .takes_both = true};
    pid_t pid = start_child(&launch);
    close(ends[1]);
    for (;;) {
        ssize_t got = read(ends[0], output + used, OUTPUT_MAX - used);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    close(ends[0]);
    output[used] = '\0';
    *code = end_of(pid);
    return output;
}
