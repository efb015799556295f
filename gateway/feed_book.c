/* Orders are rows of an array, found by a table of open addressing; a price's orders form a list in
 * order of age. The levels of a side are an array with the best price last, where most changes. */
#include "gateway/feed_book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_FIRST 64
/* Rows, and with them links, stay below this. */
#define ROWS_MAX (UINT32_C(1) << 30)

struct row {
    struct feed_order order;
    uint64_t from;         /* events below this sequence are in it already */
    uint32_t older, newer; /* in its level; 0: none. Free rows hang on `older` */
};

struct level {
    struct feed_level sum;
    uint32_t oldest, newest;
};

struct side_levels {
    struct level *levels; /* best last */
    uint32_t count;
    uint32_t room;
};

/* Where a page ends. */
struct page_end {
    struct feed_order last; /* position; not looked at in the last page */
    uint64_t as_of;
};

struct kept {
    struct book_change change;
    uint64_t sequence;
    uint8_t body;
};

struct feed_book {
    struct row *rows; /* [1 ..]; 0 is none */
    uint32_t rows_room;
    uint32_t rows_mark; /* the highest that was ever in use */
    uint32_t rows_free;
    uint32_t orders;
    uint32_t *table; /* of rows; its size is a power of two, at least twice the orders */
    uint32_t table_mask;
    struct side_levels sides[SIDE_SELL + 1];

    struct page_end *pages;
    uint32_t pages_count;
    uint32_t pages_room;
    uint64_t pages_as_of; /* the highest of theirs */
    struct kept *kept;
    uint32_t kept_count;
    uint32_t kept_room;
    bool is_live;
    uint64_t as_of;
};

/* --- memory ------------------------------------------------------------------------------------
 */

/* Room for one more element than `count`. */
static bool grow(void **elements, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room)
        return true;
    uint32_t more = *room == 0 ? 16 : *room * 2;
    void *moved = more <= ROWS_MAX ? realloc(*elements, more * size) : NULL;
    if (moved == NULL)
        return false;
    *elements = moved;
    *room = more;
    return true;
}

struct feed_book *feed_book_create(void) {
    return calloc(1, sizeof(struct feed_book));
}

void feed_book_destroy(struct feed_book *book) {
    if (book == NULL)
        return;
    free(book->rows);
    free(book->table);
    free(book->sides[SIDE_BUY].levels);
    free(book->sides[SIDE_SELL].levels);
    free(book->pages);
    free(book->kept);
    free(book);
}

/* --- the table ---------------------------------------------------------------------------------
 */

static uint32_t home_of(const struct feed_book *book, uint64_t entry) {
    uint64_t mixed = entry * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) & book->table_mask;
}

/* The slot of an entry, or the free one where it would stand. */
static uint32_t slot_of(const struct feed_book *book, uint64_t entry) {
    uint32_t slot = home_of(book, entry);
    while (book->table[slot] != 0 && book->rows[book->table[slot]].order.entry != entry)
        slot = (slot + 1) & book->table_mask;
    return slot;
}

static uint32_t row_find(const struct feed_book *book, uint64_t entry) {
    return book->table == NULL ? 0 : book->table[slot_of(book, entry)];
}

/* Takes an entry out; those behind it that would not be found any more move up. */
static void table_remove(struct feed_book *book, uint64_t entry) {
    uint32_t hole = slot_of(book, entry);
    assert(book->table[hole] != 0);
    for (uint32_t slot = (hole + 1) & book->table_mask; book->table[slot] != 0;
         slot = (slot + 1) & book->table_mask) {
        uint32_t home = home_of(book, book->rows[book->table[slot]].order.entry);
        if (((slot - home) & book->table_mask) < ((slot - hole) & book->table_mask))
            continue;
        book->table[hole] = book->table[slot];
        hole = slot;
    }
    book->table[hole] = 0;
}

static bool table_grow(struct feed_book *book) {
    uint32_t size = book->table == NULL ? 2 * ROWS_FIRST : 2 * (book->table_mask + 1);
    uint32_t *table = size <= ROWS_MAX ? calloc(size, sizeof *table) : NULL;
    if (table == NULL)
        return false;
    uint32_t old_size = book->table == NULL ? 0 : book->table_mask + 1;
    uint32_t *old = book->table;
    book->table = table;
    book->table_mask = size - 1;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i] != 0)
            table[slot_of(book, book->rows[old[i]].order.entry)] = old[i];
    free(old);
    return true;
}

static uint32_t row_take(struct feed_book *book) {
    uint32_t row = book->rows_free;
    if (row != 0) {
        book->rows_free = book->rows[row].older;
        return row;
    }
    void *rows = book->rows;
    if (!grow(&rows, book->rows_mark + 1, &book->rows_room, sizeof *book->rows))
        return 0;
    book->rows = rows;
    return ++book->rows_mark;
}

/* --- levels ------------------------------------------------------------------------------------
 */

/* True when a price is better than another on this side. */
static bool is_better(uint8_t side, int64_t price_fen, int64_t than_fen) {
    return side == SIDE_BUY ? price_fen > than_fen : price_fen < than_fen;
}

/* The first place whose price is not worse: the level's, or where it would stand. */
static uint32_t level_place(const struct side_levels *levels, uint8_t side, int64_t price_fen) {
    uint32_t low = 0;
    uint32_t high = levels->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_better(side, price_fen, levels->levels[middle].sum.price_fen))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct level *level_find(const struct side_levels *levels, uint8_t side, int64_t price_fen) {
    uint32_t place = level_place(levels, side, price_fen);
    bool is_there = place < levels->count && levels->levels[place].sum.price_fen == price_fen;
    return is_there ? &levels->levels[place] : NULL;
}

static struct level *level_make(struct side_levels *levels, uint8_t side, int64_t price_fen) {
    struct level *found = level_find(levels, side, price_fen);
    void *moved = levels->levels;
    if (found != NULL)
        return found;
    if (!grow(&moved, levels->count, &levels->room, sizeof *levels->levels))
        return NULL;
    levels->levels = moved;
    uint32_t place = level_place(levels, side, price_fen);
    struct level *level = &levels->levels[place];
    memmove(level + 1, level, (levels->count - place) * sizeof *level);
    *level = (struct level){.sum.price_fen = price_fen};
    levels->count++;
    return level;
}

static void level_end(struct side_levels *levels, struct level *level) {
    size_t behind = (size_t)(levels->levels + levels->count - (level + 1));
    memmove(level, level + 1, behind * sizeof *level);
    levels->count--;
}

/* --- orders ------------------------------------------------------------------------------------
 */

/* Queues a row: by age, which is nearly always behind all others. */
static void enqueue(struct feed_book *book, struct level *level, uint32_t number) {
    struct row *row = &book->rows[number];
    uint32_t older = level->newest;
    while (older != 0 && book->rows[older].order.entry > row->order.entry)
        older = book->rows[older].older;
    row->older = older;
    row->newer = older != 0 ? book->rows[older].newer : level->oldest;
    *(row->older != 0 ? &book->rows[row->older].newer : &level->oldest) = number;
    *(row->newer != 0 ? &book->rows[row->newer].older : &level->newest) = number;
    level->sum.orders++;
    level->sum.quantity += row->order.quantity;
}

static bool add(struct feed_book *book, const struct feed_order *order, uint64_t from) {
    bool is_order = (order->side == SIDE_BUY || order->side == SIDE_SELL) && order->quantity > 0;
    bool has_room = book->table != NULL && 2 * (book->orders + 1) <= book->table_mask;
    if (!is_order || (!has_room && !table_grow(book)) || row_find(book, order->entry) != 0)
        return false;
    struct level *level = level_make(&book->sides[order->side], order->side, order->price_fen);
    uint32_t number = level != NULL ? row_take(book) : 0;
    if (number == 0)
        return false;
    book->rows[number] = (struct row){.order = *order, .from = from};
    enqueue(book, level, number);
    book->table[slot_of(book, order->entry)] = number;
    book->orders++;
    return true;
}

/* The order has this quantity from now on; with 0 it is gone. */
static void set_quantity(struct feed_book *book, uint32_t number, uint64_t quantity) {
    struct row *row = &book->rows[number];
    struct side_levels *levels = &book->sides[row->order.side];
    struct level *level = level_find(levels, row->order.side, row->order.price_fen);
    assert(level != NULL);
    level->sum.quantity += quantity - row->order.quantity;
    row->order.quantity = quantity;
    if (quantity != 0)
        return;
    *(row->older != 0 ? &book->rows[row->older].newer : &level->oldest) = row->newer;
    *(row->newer != 0 ? &book->rows[row->newer].older : &level->newest) = row->older;
    level->sum.orders--;
    if (level->sum.orders == 0)
        level_end(levels, level);
    table_remove(book, row->order.entry);
    row->older = book->rows_free;
    book->rows_free = number;
    book->orders--;
}

/* --- pages and events --------------------------------------------------------------------------
 */

/* True when a position comes before another in the walk of the pages. */
static bool is_before(const struct feed_order *one, const struct feed_order *other) {
    if (one->side != other->side)
        return one->side == SIDE_BUY;
    if (one->price_fen != other->price_fen)
        return is_better(one->side, one->price_fen, other->price_fen);
    return one->entry < other->entry;
}

/* As of which sequence the page of a position is. */
static uint64_t page_as_of(const struct feed_book *book, const struct feed_order *order) {
    uint32_t low = 0;
    uint32_t high = book->pages_count - 1; /* the last one has no end */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_before(&book->pages[middle].last, order))
            low = middle + 1;
        else
            high = middle;
    }
    return book->pages[low].as_of;
}

static bool carry_out(struct feed_book *book, const struct kept *kept) {
    const struct book_change *change = &kept->change;
    if (kept->body == REPORT_BOOK_ADDED) {
        struct feed_order order = {.entry = change->entry,
                                   .price_fen = change->price_fen,
                                   .quantity = change->quantity,
                                   .side = change->side};
        bool is_in =
            kept->sequence < book->pages_as_of && kept->sequence < page_as_of(book, &order);
        return is_in || add(book, &order, 0);
    }
    uint32_t row = row_find(book, change->entry);
    if (row == 0 || kept->sequence < book->rows[row].from)
        return true;
    if (kept->body == REPORT_BOOK_DELETED)
        set_quantity(book, row, 0);
    else
        set_quantity(book, row,
                     kept->body == REPORT_BOOK_TRADED ? change->leaves : change->quantity);
    return true;
}

void feed_book_begin(struct feed_book *book) {
    if (book->table != NULL)
        memset(book->table, 0, ((size_t)book->table_mask + 1) * sizeof *book->table);
    book->rows_mark = 0;
    book->rows_free = 0;
    book->orders = 0;
    book->sides[SIDE_BUY].count = 0;
    book->sides[SIDE_SELL].count = 0;
    book->pages_count = 0;
    book->pages_as_of = 0;
    book->kept_count = 0;
    book->is_live = false;
    book->as_of = 0;
}

static bool begin_anew(struct feed_book *book) {
    feed_book_begin(book);
    return false;
}

static bool keep(struct feed_book *book, const struct kept *event) {
    void *moved = book->kept;
    if (book->kept_count == FEED_BOOK_KEPT_MAX ||
        !grow(&moved, book->kept_count, &book->kept_room, sizeof *book->kept))
        return false;
    book->kept = moved;
    book->kept[book->kept_count++] = *event;
    return true;
}

bool feed_book_event(struct feed_book *book, const struct report *report) {
    if (report->body < REPORT_BOOK_ADDED || report->body > REPORT_BOOK_TRADED)
        return true;
    struct kept event = {
        .change = report->book, .sequence = report->sequence, .body = report->body};
    if (!book->is_live)
        return keep(book, &event) || begin_anew(book);
    if (event.sequence >= book->as_of)
        book->as_of = event.sequence + 1;
    return carry_out(book, &event) || begin_anew(book);
}

/* Whether an order may follow what pages have brought so far. */
static bool follows(const struct feed_book *book, const struct feed_page *page, uint32_t i) {
    if (i > 0)
        return is_before(&page->orders[i - 1], &page->orders[i]);
    return book->pages_count == 0 ||
           is_before(&book->pages[book->pages_count - 1].last, &page->orders[0]);
}

static bool take_page(struct feed_book *book, const struct feed_page *page) {
    void *moved = book->pages;
    if (book->is_live)
        return false;
    if (page->count == 0 && !page->is_last)
        return true; /* no position belongs to it */
    for (uint32_t i = 0; i < page->count; i++)
        if (!follows(book, page, i) || !add(book, &page->orders[i], page->as_of))
            return false;
    if (!grow(&moved, book->pages_count, &book->pages_room, sizeof *book->pages))
        return false;
    book->pages = moved;
    struct page_end *end = &book->pages[book->pages_count++];
    *end = (struct page_end){.as_of = page->as_of};
    if (page->count > 0)
        end->last = page->orders[page->count - 1];
    if (page->as_of > book->pages_as_of)
        book->pages_as_of = page->as_of;
    return true;
}

/* The last page has come: what was kept is carried out. */
static bool go_live(struct feed_book *book) {
    book->is_live = true;
    book->as_of = book->pages_as_of;
    for (uint32_t i = 0; i < book->kept_count; i++) {
        if (book->kept[i].sequence >= book->as_of)
            book->as_of = book->kept[i].sequence + 1;
        if (!carry_out(book, &book->kept[i]))
            return false;
    }
    free(book->kept);
    book->kept = NULL;
    book->kept_count = book->kept_room = 0;
    return true;
}

bool feed_book_page(struct feed_book *book, const struct feed_page *page) {
    bool is_fine = take_page(book, page) && (!page->is_last || go_live(book));
    return is_fine || begin_anew(book);
}

/* --- looking -----------------------------------------------------------------------------------
 */

bool feed_book_is_live(const struct feed_book *book) {
    return book->is_live;
}

uint64_t feed_book_as_of(const struct feed_book *book) {
    return book->as_of;
}

uint32_t feed_book_levels(const struct feed_book *book, enum side side, struct feed_level *levels,
                          uint32_t most) {
    const struct side_levels *from = &book->sides[side];
    uint32_t count = from->count < most ? from->count : most;
    for (uint32_t i = 0; i < count; i++)
        levels[i] = from->levels[from->count - 1 - i].sum;
    return count;
}

uint32_t feed_book_levels_count(const struct feed_book *book, enum side side) {
    return book->sides[side].count;
}

uint32_t feed_book_orders_count(const struct feed_book *book) {
    return book->orders;
}

/* The cursor holds how many levels are done, and the row that was given last. */
bool feed_book_next(const struct feed_book *book, enum side side, uint64_t *cursor,
                    struct feed_order *order) {
    const struct side_levels *levels = &book->sides[side];
    uint32_t done = (uint32_t)(*cursor >> 32);
    uint32_t row = (uint32_t)*cursor;
    if (row != 0)
        row = book->rows[row].newer;
    if (row == 0) {
        if (done == levels->count)
            return false;
        row = levels->levels[levels->count - 1 - done].oldest;
        done++;
    }
    *cursor = (uint64_t)done << 32 | row;
    *order = book->rows[row].order;
    return true;
}

bool feed_book_find(const struct feed_book *book, uint64_t entry, struct feed_order *order) {
    uint32_t row = row_find(book, entry);
    if (row != 0)
        *order = book->rows[row].order;
    return row != 0;
}

static uint32_t check_level(const struct feed_book *book, const struct level *level, uint8_t side) {
    uint64_t quantity = 0;
    uint32_t orders = 0;
    uint32_t older = 0;
    for (uint32_t row = level->oldest; row != 0; row = book->rows[row].newer) {
        const struct feed_order *order = &book->rows[row].order;
        assert(order->side == side && order->price_fen == level->sum.price_fen);
        assert(order->quantity > 0 && book->rows[row].older == older);
        assert(older == 0 || book->rows[older].order.entry < order->entry);
        assert(row_find(book, order->entry) == row);
        quantity += order->quantity;
        orders++;
        older = row;
    }
    assert(level->newest == older && level->sum.orders == orders);
    assert(level->sum.quantity == quantity && orders > 0);
    return orders;
}

static uint32_t check_side(const struct feed_book *book, uint8_t side) {
    const struct side_levels *levels = &book->sides[side];
    uint32_t orders = 0;
    for (uint32_t i = 0; i < levels->count; i++) {
        const struct level *level = &levels->levels[i];
        orders += check_level(book, level, side);
        assert(i == 0 ||
               is_better(side, level->sum.price_fen, levels->levels[i - 1].sum.price_fen));
    }
    return orders;
}

void feed_book_check(const struct feed_book *book) {
    uint32_t used = 0;
    assert(check_side(book, SIDE_BUY) + check_side(book, SIDE_SELL) == book->orders);
    for (uint32_t i = 0; book->table != NULL && i <= book->table_mask; i++)
        used += book->table[i] != 0;
    assert(used == book->orders);
}
