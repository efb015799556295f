/*
 * Two lists in order of arrival, searched from the end: what is new is spoken of most. Entries that
 * are gone stay, marked, until half of the list is such.
 */
#include "tests/scenario/mirror.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above so many entries the search for the one that stands first is left out. */
#define PRIORITY_ENTRIES_MAX 2000
#define LEVELS_MAX           4096

__attribute__((format(printf, 2, 3))) static void blame(struct mirror *mirror, const char *format,
                                                        ...) {
    if (mirror->fault[0] == '\0') {
        va_list list;
        va_start(list, format);
        vsnprintf(mirror->fault, sizeof mirror->fault, format, list);
        va_end(list);
    }
}

void mirror_fini(struct mirror *mirror) {
    free(mirror->entries);
    free(mirror->orders);
    memset(mirror, 0, sizeof *mirror);
}

static void *grow(void *list, size_t *room, size_t size) {
    *room = *room == 0 ? 64 : *room * 2;
    list = realloc(list, *room * size);
    if (list == NULL)
        abort();
    return list;
}

/* Arrival is in order of entry, so the list is sorted by it. */
static struct mirror_entry *find_entry(struct mirror *mirror, uint64_t entry) {
    size_t low = 0;
    size_t high = mirror->entries_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mirror->entries[middle].entry < entry)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < mirror->entries_count && mirror->entries[low].entry == entry &&
                    mirror->entries[low].quantity > 0;
    return is_found ? &mirror->entries[low] : NULL;
}

static void sweep_entries(struct mirror *mirror) {
    size_t kept = 0;
    for (size_t i = 0; i < mirror->entries_count; i++)
        if (mirror->entries[i].quantity > 0)
            mirror->entries[kept++] = mirror->entries[i];
    mirror->entries_count = kept;
    mirror->entries_gone = 0;
}

static void add_entry(struct mirror *mirror, const struct event *event) {
    size_t count = mirror->entries_count;
    if (count > 0 && mirror->entries[count - 1].entry >= event->entry) {
        blame(mirror, "BOOK_ADDED %" PRIu64 " comes after a later entry", event->entry);
        return;
    }
    if (event->quantity == 0 || event->price_fen <= 0 || event->instrument == 0) {
        blame(mirror, "BOOK_ADDED %" PRIu64 " of nothing", event->entry);
        return;
    }
    if (count == mirror->entries_room)
        mirror->entries = grow(mirror->entries, &mirror->entries_room, sizeof *mirror->entries);
    mirror->entries[mirror->entries_count++] = (struct mirror_entry){
        event->entry, event->instrument, event->quantity, event->price_fen, event->side};
}

static bool is_better(const struct mirror_entry *a, const struct mirror_entry *b) {
    return a->side == SIDE_BUY ? a->price_fen > b->price_fen : a->price_fen < b->price_fen;
}

static void check_first(struct mirror *mirror, const struct mirror_entry *traded) {
    if (mirror->entries_count > PRIORITY_ENTRIES_MAX)
        return;
    for (size_t i = 0; i < mirror->entries_count; i++) {
        const struct mirror_entry *other = &mirror->entries[i];
        bool is_same_side = other->quantity > 0 && other->instrument == traded->instrument &&
                            other->side == traded->side;
        if (is_same_side && (is_better(other, traded) ||
                             (other->price_fen == traded->price_fen && other < traded))) {
            blame(mirror, "%" PRIu64 " traded before %" PRIu64 ", which stands before it",
                  traded->entry, other->entry);
        }
    }
}

static void drop_entry(struct mirror *mirror, struct mirror_entry *entry) {
    entry->quantity = 0;
    mirror->entries_gone++;
    if (mirror->entries_gone * 2 > mirror->entries_count)
        sweep_entries(mirror);
}

static void trade_entry(struct mirror *mirror, struct mirror_entry *entry,
                        const struct event *event) {
    check_first(mirror, entry);
    bool fits = event->quantity > 0 && event->quantity <= entry->quantity &&
                event->leaves == entry->quantity - event->quantity &&
                event->price_fen == entry->price_fen && event->side != entry->side;
    if (!fits)
        blame(mirror, "BOOK_TRADED %" PRIu64 " does not fit what rested", event->entry);
    entry->quantity = event->leaves;
    if (event->leaves == 0)
        drop_entry(mirror, entry);
}

static void hear_public(struct mirror *mirror, const struct event *event) {
    if (event->kind == EVENT_BOOK_ADDED) {
        add_entry(mirror, event);
        return;
    }
    struct mirror_entry *entry = find_entry(mirror, event->entry);
    if (entry == NULL || entry->instrument != event->instrument) {
        blame(mirror, "public event %d names %" PRIu64 ", which does not rest", event->kind,
              event->entry);
    } else if (event->kind == EVENT_BOOK_TRADED) {
        trade_entry(mirror, entry, event);
    } else if (event->kind == EVENT_BOOK_DELETED) {
        drop_entry(mirror, entry);
    } else if (event->quantity == 0 || event->quantity > entry->quantity) {
        blame(mirror, "BOOK_REDUCED %" PRIu64 " to %u", event->entry, event->quantity);
    } else {
        entry->quantity = event->quantity;
    }
}

static struct mirror_order *find_order(struct mirror *mirror, uint64_t order_id) {
    for (size_t i = mirror->orders_count; i > 0; i--)
        if (mirror->orders[i - 1].order_id == order_id && mirror->orders[i - 1].leaves > 0)
            return &mirror->orders[i - 1];
    return NULL;
}

static void sweep_orders(struct mirror *mirror) {
    size_t kept = 0;
    for (size_t i = 0; i < mirror->orders_count; i++)
        if (mirror->orders[i].leaves > 0)
            mirror->orders[kept++] = mirror->orders[i];
    mirror->orders_count = kept;
    mirror->orders_gone = 0;
}

static void add_order(struct mirror *mirror, const struct event *event) {
    if (find_order(mirror, event->order_id) != NULL || event->quantity == 0)
        blame(mirror, "NEW %" PRIx64 " twice, or of nothing", event->order_id);
    if (mirror->orders_count == mirror->orders_room)
        mirror->orders = grow(mirror->orders, &mirror->orders_room, sizeof *mirror->orders);
    mirror->orders[mirror->orders_count++] =
        (struct mirror_order){event->order_id, event->price_fen, event->quantity, 0};
}

static void drop_order(struct mirror *mirror, struct mirror_order *order) {
    order->leaves = 0;
    mirror->orders_gone++;
    if (mirror->orders_gone * 2 > mirror->orders_count)
        sweep_orders(mirror);
}

static void fill_order(struct mirror *mirror, struct mirror_order *order,
                       const struct event *event) {
    bool fits = event->quantity > 0 && event->quantity <= order->leaves &&
                event->leaves == order->leaves - event->quantity &&
                event->cum == order->cum + event->quantity;
    if (!fits) {
        blame(mirror, "TRADE of %" PRIx64 " does not fit: %u, leaves %u, cum %u", event->order_id,
              event->quantity, event->leaves, event->cum);
    }
    order->leaves = event->leaves;
    order->cum = event->cum;
    if (event->leaves == 0)
        drop_order(mirror, order);
}

static void hear_owner(struct mirror *mirror, const struct event *event) {
    struct mirror_order *order = find_order(mirror, event->order_id);
    if (order == NULL) {
        blame(mirror, "report %d on %" PRIx64 ", which is not open", event->kind, event->order_id);
        return;
    }
    switch (event->kind) {
    case EVENT_TRADE:
        fill_order(mirror, order, event);
        break;
    case EVENT_REPLACED:
        order->price_fen = event->price_fen;
        order->leaves = event->quantity - order->cum;
        if (event->quantity <= order->cum) {
            blame(mirror, "REPLACED %" PRIx64 " to nothing", event->order_id);
            drop_order(mirror, order);
        }
        break;
    default: /* CANCELED, EXPIRED */
        if (event->quantity != order->leaves || event->leaves != 0) {
            blame(mirror, "%" PRIx64 " ends with %u left, not %u", event->order_id, event->quantity,
                  order->leaves);
        }
        drop_order(mirror, order);
        break;
    }
}

void mirror_hear(struct mirror *mirror, const struct event *event) {
    if (event->kind == EVENT_NEW)
        add_order(mirror, event);
    else if (event->kind >= EVENT_TRADE && event->kind <= EVENT_EXPIRED)
        hear_owner(mirror, event);
    else if (event->kind >= EVENT_BOOK_ADDED && event->kind <= EVENT_BOOK_TRADED)
        hear_public(mirror, event);
}

/* Sums the entries into levels, best first, by looking for the next best again and again. */
static uint32_t sum_levels(const struct mirror *mirror, uint32_t instrument, enum side side,
                           struct depth_level *levels) {
    uint32_t count = 0;
    for (size_t i = 0; i < mirror->entries_count; i++) {
        const struct mirror_entry *entry = &mirror->entries[i];
        if (entry->quantity == 0 || entry->instrument != instrument || entry->side != side)
            continue;
        uint32_t at = 0;
        while (at < count && (side == SIDE_BUY ? levels[at].price_fen > entry->price_fen
                                               : levels[at].price_fen < entry->price_fen))
            at++;
        if (at == count || levels[at].price_fen != entry->price_fen) {
            memmove(&levels[at + 1], &levels[at], (count - at) * sizeof *levels);
            levels[at] = (struct depth_level){.price_fen = entry->price_fen};
            count++;
        }
        levels[at].quantity += entry->quantity;
        levels[at].orders++;
    }
    return count;
}

static void check_side(struct mirror *mirror, const struct engine *engine, uint32_t instrument,
                       enum side side) {
    static struct depth_level mine[LEVELS_MAX + 1];
    static struct depth_level theirs[LEVELS_MAX];
    uint32_t count = sum_levels(mirror, instrument, side, mine);
    uint32_t engine_count_of = engine_depth(engine, instrument, side, theirs, LEVELS_MAX);
    bool is_same = count == engine_count_of;
    for (uint32_t i = 0; is_same && i < count; i++) {
        is_same = mine[i].price_fen == theirs[i].price_fen &&
                  mine[i].quantity == theirs[i].quantity && mine[i].orders == theirs[i].orders;
    }
    if (!is_same) {
        blame(mirror, "the feed shows another book of instrument %u than the engine has (%s)",
              instrument, side == SIDE_BUY ? "buys" : "sells");
    }
}

static void check_orders(struct mirror *mirror, const struct engine *engine) {
    size_t open = 0;
    for (size_t i = 0; i < mirror->orders_count; i++) {
        const struct mirror_order *order = &mirror->orders[i];
        struct order_view view;
        if (order->leaves == 0)
            continue;
        open++;
        bool is_same = engine_order(engine, order->order_id, &view) &&
                       view.leaves_qty == order->leaves && view.cum_qty == order->cum &&
                       view.price_fen == order->price_fen &&
                       view.order_qty == order->leaves + order->cum;
        if (!is_same) {
            blame(mirror, "the reports leave %" PRIx64 " open otherwise than the engine has it",
                  order->order_id);
        }
    }
    if (open != engine_count(engine, POOL_ORDERS)) {
        blame(mirror, "%zu orders are open by the reports, %u in the engine", open,
              engine_count(engine, POOL_ORDERS));
    }
}

bool mirror_check(struct mirror *mirror, const struct engine *engine) {
    for (uint32_t i = 1; i <= engine_count(engine, POOL_INSTRUMENTS); i++) {
        check_side(mirror, engine, i, SIDE_BUY);
        check_side(mirror, engine, i, SIDE_SELL);
    }
    check_orders(mirror, engine);
    return mirror->fault[0] == '\0';
}

size_t mirror_queue(const struct mirror *mirror, const struct mirror_entry *where,
                    struct mirror_entry *queue, size_t most) {
    size_t count = 0;
    for (size_t i = 0; i < mirror->entries_count && count < most; i++) {
        const struct mirror_entry *entry = &mirror->entries[i];
        if (entry->quantity > 0 && entry->instrument == where->instrument &&
            entry->side == where->side && entry->price_fen == where->price_fen)
            queue[count++] = *entry;
    }
    return count;
}
