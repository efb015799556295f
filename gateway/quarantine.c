/* The list is rewritten whole, to a second file that then takes the first one's name. */
#include "gateway/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "gateway/log.h"
#include "ledger/failure.h"

/* What the signal handlers see: only on the thread that watches. */
static _Thread_local struct request_note *watched;

static void mark_and_die(int number) {
    if (watched != NULL && atomic_load_explicit(&watched->size, memory_order_relaxed) != 0)
        watched->is_marked = 1;
    raise(number); /* SA_RESETHAND: this time the default, with its core file */
}

int quarantine_watch(struct request_note *note) {
    static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = mark_and_die, .sa_flags = (int)SA_RESETHAND};
    watched = note;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (sigaction(numbers[i], &action, NULL) != 0)
            return failure_errno("signal handlers");
    return 0;
}

static void hash_request(struct quarantine *quarantine, uint32_t session, struct span request,
                         struct hash *hash) {
    hasher_begin(quarantine->hasher);
    hasher_add(quarantine->hasher, &session, sizeof session);
    hasher_add(quarantine->hasher, request.bytes, request.size);
    hasher_end(quarantine->hasher, hash);
}

static bool is_blocked(const struct quarantined_request *request) {
    return request->is_marked || request->finds >= QUARANTINE_FINDS;
}

bool quarantine_holds(struct quarantine *quarantine, uint32_t session, struct span request) {
    if (quarantine->blocked == 0)
        return false;
    struct hash hash;
    hash_request(quarantine, session, request, &hash);
    for (uint32_t i = 0; i < quarantine->count; i++)
        if (hash_equal(&quarantine->list[i].hash, &hash))
            return is_blocked(&quarantine->list[i]);
    return false;
}

/* The entry of a hash, new at the end of the list when there is none. */
static struct quarantined_request *entry_of(struct quarantine *quarantine,
                                            const struct hash *hash) {
    for (uint32_t i = 0; i < quarantine->count; i++)
        if (hash_equal(&quarantine->list[i].hash, hash))
            return &quarantine->list[i];
    if (quarantine->count == QUARANTINE_MAX) {
        quarantine->count--;
        memmove(quarantine->list, quarantine->list + 1,
                quarantine->count * sizeof quarantine->list[0]);
    }
    struct quarantined_request *entry = &quarantine->list[quarantine->count++];
    *entry = (struct quarantined_request){.hash = *hash};
    return entry;
}

static bool parse_line(const char *line, struct quarantined_request *request) {
    unsigned marked;
    int used = 0;
    for (size_t i = 0; i < HASH_SIZE; i++)
        /* NOLINTNEXTLINE(cert-err34-c): two digits cannot overflow */
        if (sscanf(line + 2 * i, "%2hhx", &request->hash.bytes[i]) != 1)
            return false;
    /* NOLINTNEXTLINE(cert-err34-c): nine digits cannot overflow */
    if (sscanf(line + (size_t)2 * HASH_SIZE, " %9u %1u%n", &request->finds, &marked, &used) != 2)
        return false;
    request->is_marked = marked != 0;
    return true;
}

static int read_list(struct quarantine *quarantine, const char *path) {
    char line[128];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? 0 : failure_errno("%s", path);
    int failure = 0;
    while (failure == 0 && fgets(line, sizeof line, file) != NULL) {
        struct quarantined_request request;
        if (!parse_line(line, &request)) {
            failure = failure_log(FAILURE_MALFORMED, "%s: not a line of hash, times, mark", path);
            break;
        }
        *entry_of(quarantine, &request.hash) = request;
    }
    fclose(file);
    return failure;
}

static void print_list(const struct quarantine *quarantine, FILE *file) {
    for (uint32_t i = 0; i < quarantine->count; i++) {
        for (size_t j = 0; j < HASH_SIZE; j++)
            fprintf(file, "%02x", quarantine->list[i].hash.bytes[j]);
        fprintf(file, " %u %u\n", quarantine->list[i].finds, quarantine->list[i].is_marked);
    }
}

static int write_list(const struct quarantine *quarantine, const char *path) {
    char new_path[4200];
    snprintf(new_path, sizeof new_path, "%s.new", path);
    FILE *file = fopen(new_path, "we");
    if (file == NULL)
        return failure_errno("%s", new_path);
    print_list(quarantine, file);
    bool is_written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(new_path, path) != 0)
        return failure_errno("%s", path);
    return 0;
}

/* What stopped the process before this one, if anything. */
static void take_note(struct quarantine *quarantine) {
    struct request_note *note = quarantine->note;
    uint32_t size = atomic_load_explicit(&note->size, memory_order_acquire);
    if (size == 0 || size > REQUEST_BYTES_MAX)
        return;
    struct hash hash;
    hash_request(quarantine, note->session, (struct span){note->bytes, size}, &hash);
    struct quarantined_request *entry = entry_of(quarantine, &hash);
    entry->finds++;
    entry->is_marked = entry->is_marked || note->is_marked != 0;
    log_line(LOG_LEVEL_WARNING, "request_noted",
             "session=%u bytes=%u finds=%u marked=%u refused=%u", note->session, size, entry->finds,
             entry->is_marked, is_blocked(entry));
}

int quarantine_open(struct quarantine *quarantine, const char *folder, struct request_note *note,
                    struct hasher *hasher) {
    char path[4096];
    *quarantine = (struct quarantine){.note = note, .hasher = hasher};
    snprintf(path, sizeof path, "%s/" QUARANTINE_FILE, folder);
    int failure = read_list(quarantine, path);
    if (failure != 0)
        return failure;
    bool is_noted = atomic_load_explicit(&note->size, memory_order_acquire) != 0;
    take_note(quarantine);
    if (is_noted)
        failure = write_list(quarantine, path);
    for (uint32_t i = 0; i < quarantine->count; i++)
        quarantine->blocked += is_blocked(&quarantine->list[i]);
    note->is_marked = 0;
    quarantine_clear(note);
    return failure;
}
