/* Sessions in an array, their routing ids in an open-addressing table whose entries are moved back
 * when one before them goes. */
#include "gateway/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/failure.h"

int sessions_init(struct sessions *sessions, const struct owners *owners) {
    uint32_t numbers_max = owners_numbers_max(owners);
    uint32_t places = 16;
    while (places < numbers_max * UINT64_C(2))
        places *= 2;
    *sessions = (struct sessions){.owners = owners, .routes_mask = places - 1};
    sessions->all = calloc((size_t)numbers_max + 1, sizeof *sessions->all);
    sessions->routes = calloc(places, sizeof *sessions->routes);
    sessions->active = calloc(numbers_max, sizeof *sessions->active);
    if (sessions->all != NULL && sessions->routes != NULL && sessions->active != NULL)
        return 0;
    sessions_fini(sessions);
    return failure_log(FAILURE_SYSTEM, "no memory for %u sessions", numbers_max);
}

void sessions_fini(struct sessions *sessions) {
    free(sessions->all);
    free(sessions->routes);
    free(sessions->active);
    *sessions = (struct sessions){0};
}

struct session *sessions_get(struct sessions *sessions, uint32_t number) {
    assert(number >= 1 && number <= owners_numbers_max(sessions->owners));
    return &sessions->all[number];
}

/* FNV-1a; whoever chooses ids that collide slows the table down, not below a probe a session. */
static uint32_t home_of(const struct sessions *sessions, const struct route *route) {
    uint32_t hash = 2166136261u;
    for (uint8_t i = 0; i < route->size; i++)
        hash = (hash ^ route->bytes[i]) * 16777619u;
    return (hash ^ hash >> 15) & sessions->routes_mask;
}

static bool is_same(const struct route *a, const struct route *b) {
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static uint32_t place_of(const struct sessions *sessions, const struct route *route) {
    uint32_t place = home_of(sessions, route);
    while (sessions->routes[place] != 0 &&
           !is_same(&sessions->all[sessions->routes[place]].route, route))
        place = (place + 1) & sessions->routes_mask;
    return place;
}

uint32_t sessions_holder(const struct sessions *sessions, const struct route *route) {
    return sessions->routes[place_of(sessions, route)];
}

uint32_t sessions_find(const struct sessions *sessions, const struct route *route, uint32_t key) {
    uint32_t number = sessions_holder(sessions, route);
    return number != 0 && sessions->all[number].key == key ? number : 0;
}

static void remove_route(struct sessions *sessions, uint32_t hole) {
    uint32_t mask = sessions->routes_mask;
    sessions->routes[hole] = 0;
    for (uint32_t place = (hole + 1) & mask; sessions->routes[place] != 0;
         place = (place + 1) & mask) {
        uint32_t number = sessions->routes[place];
        uint32_t home = home_of(sessions, &sessions->all[number].route);
        if (((place - home) & mask) < ((place - hole) & mask))
            continue; /* it would come to lie before its home */
        sessions->routes[hole] = number;
        sessions->routes[place] = 0;
        hole = place;
    }
}

void sessions_connect(struct sessions *sessions, uint32_t number, const struct route *route,
                      uint32_t key) {
    sessions_disconnect(sessions, number);
    uint32_t place = place_of(sessions, route);
    assert(sessions->routes[place] == 0);
    struct session *session = sessions_get(sessions, number);
    session->route = *route;
    session->key = key;
    session->generation++;
    sessions->routes[place] = number;
    sessions->active[sessions->active_count++] = number;
    session->active_place = sessions->active_count;
    sessions->copies_up += sessions_is_copy(sessions, number);
}

void sessions_disconnect(struct sessions *sessions, uint32_t number) {
    struct session *session = sessions_get(sessions, number);
    if (session->active_place == 0)
        return;
    remove_route(sessions, place_of(sessions, &session->route));
    uint32_t moved = sessions->active[--sessions->active_count];
    sessions->active[session->active_place - 1] = moved;
    sessions->all[moved].active_place = session->active_place;
    session->active_place = 0;
    sessions->copies_up -= sessions_is_copy(sessions, number);
    session->state = SESSION_AWAY;
    session->generation++;
}
