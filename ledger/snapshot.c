/*
 * Snapshots.
 *
 * The header is one struct of fixed-width fields, written as it lies in memory: the region itself
 * is of this machine's byte order, so a foreign machine finds another layout mark and skips it.
 */
#include "ledger/snapshot.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/view.h"
#include "ledger/crypto.h"
#include "ledger/failure.h"
#include "ledger/region.h"

#define HEADER_SIZE  8192
#define PATH_MAX_    4096
#define FILES_MAX    1000 /* snapshots looked at in a folder */
#define LOAD_THREADS 2

static const char magic[8] = "TPXSNAP1";

struct header {
    char magic[8];
    uint32_t byte_order; /* 0x01020304 as this machine writes it */
    uint32_t layout;     /* ENGINE_LAYOUT */
    uint64_t region_size;
    uint64_t profile; /* enum profile: of the hashes */
    struct snapshot_facts facts;
    uint64_t extents_count;
    struct extent extents[ENGINE_EXTENTS_MAX];
    uint64_t data_size;  /* bytes of all extents */
    struct hash chunks;  /* over the list of chunk hashes */
    struct hash header_; /* over this header with zeros here */
};
static_assert(sizeof(struct header) <= HEADER_SIZE, "the header has its place");

#define BYTE_ORDER_MARK UINT32_C(0x01020304)

/* --- pieces: the used ranges cut at chunk borders -------------------------------------------- */

/* A chunk of the data: SNAPSHOT_CHUNK bytes of one range, less at the range's end. */
struct piece {
    size_t region_offset;
    size_t file_offset;
    size_t size;
};

/* All pieces, malloced; NULL without memory. */
static struct piece *pieces_of(const struct header *header, size_t *count) {
    size_t most = header->data_size / SNAPSHOT_CHUNK + header->extents_count + 1;
    struct piece *pieces = malloc(most * sizeof *pieces);
    size_t file_offset = HEADER_SIZE;
    *count = 0;
    for (size_t i = 0; pieces != NULL && i < header->extents_count; i++) {
        const struct extent *extent = &header->extents[i];
        for (size_t done = 0; done < extent->size; done += SNAPSHOT_CHUNK) {
            size_t left = extent->size - done;
            struct piece piece = {extent->offset + done, file_offset,
                                  left < SNAPSHOT_CHUNK ? left : SNAPSHOT_CHUNK};
            file_offset += piece.size;
            pieces[(*count)++] = piece;
        }
    }
    return pieces;
}

static uint64_t extents_size(const struct header *header) {
    uint64_t size = 0;
    for (size_t i = 0; i < header->extents_count; i++)
        size += header->extents[i].size;
    return size;
}

/* --- files ----------------------------------------------------------------------------------- */

static int write_whole(int fd, const void *bytes, size_t size, off_t offset) {
    const uint8_t *from = bytes;
    while (size > 0) {
        ssize_t written = pwrite(fd, from, size, offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return FAILURE_SYSTEM;
        from += written;
        size -= (size_t)written;
        offset += written;
    }
    return 0;
}

static bool read_whole(int fd, void *bytes, size_t size, off_t offset) {
    uint8_t *into = bytes;
    while (size > 0) {
        ssize_t got = pread(fd, into, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        into += got;
        size -= (size_t)got;
        offset += got;
    }
    return true;
}

static void header_hash(struct hasher *hasher, const struct header *header, struct hash *hash) {
    struct header copy;
    memcpy(&copy, header, sizeof copy);
    memset(&copy.header_, 0, sizeof copy.header_);
    hasher_digest(hasher, &copy, sizeof copy, hash);
}

static int sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return failure_errno("snapshot: open %s", folder);
    int result = fsync(fd) == 0 ? 0 : failure_errno("snapshot: sync %s", folder);
    (void)close(fd);
    return result;
}

/* The snapshots in a folder by sequence, newest first; malloced. */
struct listing {
    size_t count;
    uint64_t next[FILES_MAX];
};

static int newest_first(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? 1 : left > right ? -1 : 0;
}

static struct listing *list(const char *folder) {
    struct listing *listing = calloc(1, sizeof *listing);
    DIR *dir = listing != NULL ? opendir(folder) : NULL;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char *end;
        uint64_t next = strtoull(entry->d_name, &end, 10);
        if (end == entry->d_name + 20 && strcmp(end, ".snap") == 0 && listing->count < FILES_MAX)
            listing->next[listing->count++] = next;
    }
    if (dir != NULL)
        (void)closedir(dir);
    if (listing != NULL)
        qsort(listing->next, listing->count, sizeof listing->next[0], newest_first);
    return listing;
}

static void path_of(char path[PATH_MAX_], const char *folder, uint64_t next, const char *ending) {
    (void)snprintf(path, PATH_MAX_, "%s/%020" PRIu64 ".snap%s", folder, next, ending);
}

/* --- taking and writing ---------------------------------------------------------------------- */

int snapshot_image_take(struct snapshot_image *image, const struct engine *engine,
                        const struct snapshot_facts *facts) {
    struct extent extents[ENGINE_EXTENTS_MAX];
    size_t count = engine_extents(engine, extents);
    assert(count <= ENGINE_EXTENTS_MAX && facts->notes_size <= SNAPSHOT_NOTES_MAX);
    size_t size = engine_size(&facts->limits);
    if (image->engine == NULL) {
        image->engine = region_map(size);
        if (image->engine == NULL)
            return FAILURE_SYSTEM;
        image->size = size;
    }
    assert(image->size == size);
    for (size_t i = 0; i < count; i++)
        memcpy((uint8_t *)image->engine + extents[i].offset,
               (const uint8_t *)engine + extents[i].offset, extents[i].size);
    image->facts = *facts;
    return 0;
}

void snapshot_image_free(struct snapshot_image *image) {
    region_unmap(image->engine, image->size);
    memset(image, 0, sizeof *image);
}

/* Writes a piece of the data and hashes it. */
static int write_piece(int fd, const struct snapshot_image *image, struct hasher *hasher,
                       const struct piece *piece, struct hash *hash) {
    const uint8_t *from = (const uint8_t *)image->engine + piece->region_offset;
    hasher_digest(hasher, from, piece->size, hash);
    return write_whole(fd, from, piece->size, (off_t)piece->file_offset);
}

static int write_file(int fd, const struct snapshot_image *image, struct hasher *hasher) {
    union {
        struct header header;
        uint8_t bytes[HEADER_SIZE];
    } head = {0};
    struct header *header = &head.header;
    memcpy(header->magic, magic, sizeof magic);
    header->byte_order = BYTE_ORDER_MARK;
    header->layout = ENGINE_LAYOUT;
    header->region_size = image->size;
    header->profile = hasher_profile(hasher);
    memcpy(&header->facts, &image->facts, sizeof header->facts);
    header->extents_count = engine_extents(image->engine, header->extents);
    header->data_size = extents_size(header);

    size_t count;
    struct piece *pieces = pieces_of(header, &count);
    struct hash *hashes = calloc(count + 1, sizeof *hashes);
    int result = pieces != NULL && hashes != NULL ? 0 : FAILURE_SYSTEM;
    for (size_t i = 0; i < count && result == 0; i++)
        result = write_piece(fd, image, hasher, &pieces[i], &hashes[i]);
    if (result == 0)
        result = write_whole(fd, hashes, count * sizeof *hashes,
                             (off_t)(HEADER_SIZE + header->data_size));
    if (result == 0) {
        hasher_digest(hasher, hashes, count * sizeof *hashes, &header->chunks);
        header_hash(hasher, header, &header->header_);
        result = write_whole(fd, head.bytes, HEADER_SIZE, 0);
    }
    free(pieces);
    free(hashes);
    return result;
}

static void remove_old(const char *folder) {
    struct listing *listing = list(folder);
    char path[PATH_MAX_];
    for (size_t i = SNAPSHOT_KEPT; listing != NULL && i < listing->count; i++) {
        path_of(path, folder, listing->next[i], "");
        (void)unlink(path);
    }
    free(listing);
}

int snapshot_write(const char *folder, const struct snapshot_image *image) {
    char path[PATH_MAX_], temporary[PATH_MAX_];
    path_of(path, folder, image->facts.next, "");
    path_of(temporary, folder, image->facts.next, ".new");
    if (mkdir(folder, 0750) != 0 && errno != EEXIST)
        return failure_errno("snapshot: make %s", folder);
    struct hasher *hasher = hasher_create(engine_profile(image->engine));
    if (hasher == NULL)
        return failure_log(FAILURE_SYSTEM, "snapshot: no hash");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    int result = fd >= 0 ? write_file(fd, image, hasher) : FAILURE_SYSTEM;
    if (result == 0 && fsync(fd) != 0)
        result = FAILURE_SYSTEM;
    if (result != 0)
        failure_errno("snapshot: write %s", temporary);
    if (fd >= 0 && close(fd) != 0 && result == 0)
        result = failure_errno("snapshot: close %s", temporary);
    if (result == 0 && rename(temporary, path) != 0)
        result = failure_errno("snapshot: rename %s", temporary);
    if (result == 0)
        result = sync_folder(folder);
    else
        (void)unlink(temporary);
    if (result == 0)
        remove_old(folder);
    hasher_destroy(hasher);
    return result;
}

/* --- loading --------------------------------------------------------------------------------- */

/* Whether the header is ours, whole, and describes ranges that lie in the region without overlap.
 */
static const char *header_fault(const struct header *header, struct hasher *hasher) {
    struct hash hash;
    header_hash(hasher, header, &hash);
    if (memcmp(header->magic, magic, sizeof magic) != 0 || !hash_equal(&hash, &header->header_))
        return "damaged header";
    if (header->byte_order != BYTE_ORDER_MARK || header->layout != ENGINE_LAYOUT)
        return "of another layout";
    if (header->region_size == 0 || header->region_size != engine_size(&header->facts.limits))
        return "limits do not fit the region";
    if (header->extents_count > ENGINE_EXTENTS_MAX || header->facts.notes_size > SNAPSHOT_NOTES_MAX)
        return "damaged counts";
    for (size_t i = 0; i < header->extents_count; i++) {
        const struct extent *extent = &header->extents[i];
        if (extent->offset > header->region_size ||
            extent->size > header->region_size - extent->offset)
            return "damaged ranges";
    }
    return extents_size(header) == header->data_size ? NULL : "damaged sizes";
}

/* One thread's share of the loading: every LOAD_THREADS-th piece. */
struct share {
    int fd;
    uint8_t *region;
    const struct piece *pieces;
    const struct hash *hashes;
    size_t count;
    size_t first;
    uint8_t profile;
    bool is_good;
};

static void *load_share(void *argument) {
    struct share *share = argument;
    struct hasher *hasher = hasher_create(share->profile);
    share->is_good = hasher != NULL;
    for (size_t i = share->first; share->is_good && i < share->count; i += LOAD_THREADS) {
        const struct piece *piece = &share->pieces[i];
        uint8_t *into = share->region + piece->region_offset;
        struct hash hash;
        share->is_good = read_whole(share->fd, into, piece->size, (off_t)piece->file_offset);
        if (!share->is_good)
            break;
        hasher_digest(hasher, into, piece->size, &hash);
        share->is_good = hash_equal(&hash, &share->hashes[i]);
    }
    hasher_destroy(hasher);
    return NULL;
}

static bool load_pieces(struct share *share) {
    struct share shares[LOAD_THREADS];
    pthread_t threads[LOAD_THREADS];
    bool is_good = true;
    for (size_t i = 0; i < LOAD_THREADS; i++) {
        shares[i] = *share;
        shares[i].first = i;
    }
    bool is_started = pthread_create(&threads[1], NULL, load_share, &shares[1]) == 0;
    load_share(&shares[0]);
    if (is_started)
        (void)pthread_join(threads[1], NULL);
    else
        load_share(&shares[1]);
    for (size_t i = 0; i < LOAD_THREADS; i++)
        is_good = is_good && shares[i].is_good;
    return is_good;
}
static_assert(LOAD_THREADS == 2, "load_pieces() starts one thread beside its own");

/* Reads the data of a file with a good header into `region`. */
static const char *data_fault(int fd, const struct header *header, struct hasher *hasher,
                              void *region) {
    size_t count;
    const char *fault = "no memory";
    struct piece *pieces = pieces_of(header, &count);
    struct hash *hashes = calloc(count + 1, sizeof *hashes);
    if (pieces != NULL && hashes != NULL) {
        struct share share = {.fd = fd,
                              .region = region,
                              .pieces = pieces,
                              .hashes = hashes,
                              .count = count,
                              .profile = hasher_profile(hasher)};
        struct hash list_hash;
        fault = "damaged list of hashes";
        if (read_whole(fd, hashes, count * sizeof *hashes,
                       (off_t)(HEADER_SIZE + header->data_size))) {
            hasher_digest(hasher, hashes, count * sizeof *hashes, &list_hash);
            if (hash_equal(&list_hash, &header->chunks))
                fault = load_pieces(&share) ? NULL : "damaged data";
        }
    }
    free(pieces);
    free(hashes);
    return fault;
}

/* NULL and `loaded` filled, or what is wrong with the file. */
static const char *load_file(const char *path, struct snapshot_loaded *loaded) {
    struct header header;
    struct hasher *hasher = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return "cannot be opened";
    const char *fault = "too short";
    if (read_whole(fd, &header, sizeof header, 0)) {
        hasher = header.profile < PROFILES_END ? hasher_create((uint8_t)header.profile) : NULL;
        fault = hasher != NULL ? header_fault(&header, hasher) : "of no profile that there is";
    }
    void *region = NULL;
    if (fault == NULL) {
        region = region_map(header.region_size);
        fault = region != NULL ? data_fault(fd, &header, hasher, region) : "no address space";
    }
    (void)close(fd);
    hasher_destroy(hasher);
    if (fault != NULL) {
        region_unmap(region, header.region_size);
        return fault;
    }
    loaded->facts = header.facts;
    loaded->engine = region;
    loaded->size = header.region_size;
    return NULL;
}

int snapshot_load(const char *folder, uint64_t next_most, struct snapshot_loaded *loaded) {
    memset(loaded, 0, sizeof *loaded);
    struct listing *listing = list(folder);
    int result = listing != NULL ? FAILURE_NOT_FOUND : FAILURE_SYSTEM;
    for (size_t i = 0; result == FAILURE_NOT_FOUND && i < listing->count; i++) {
        if (listing->next[i] > next_most)
            continue;
        char path[PATH_MAX_];
        path_of(path, folder, listing->next[i], "");
        const char *fault = load_file(path, loaded);
        if (fault == NULL && loaded->facts.next == listing->next[i]) {
            result = 0;
        } else {
            if (fault == NULL)
                region_unmap(loaded->engine, loaded->size);
            loaded->engine = NULL;
            loaded->skipped++;
            failure_log(FAILURE_DAMAGED, "snapshot: %s skipped: %s", path,
                        fault != NULL ? fault : "another sequence than its name says");
        }
    }
    free(listing);
    return result;
}
