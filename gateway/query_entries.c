/*
 * Questions about the register, answered from what its follower keeps (ledger/register_reader.h),
 * as of the answer's as-of or any time before. Rows are the reports themselves.
 *
 * Rights are public. Of holdings everybody sees totals by instrument; the entries, only those for
 * whom authority_assets says so: one's own is a holding whose holder one's participant acts for, by
 * itself or under a mandate to inquire, or on which an entry in force names such a party. What
 * stays hidden is answered as what does not exist.
 */
#include "gateway/log.h"
#include "gateway/query_page.h"
#include "ledger/failure.h"
#include "ledger/register_reader.h"

/* What is counted for a search in a table. */
#define LOOK_SEARCH 16u

/* What a walk over the register needs. */
struct walk {
    struct page *page;
    struct register_reader *reader;
    struct register_time at;
};

static void refuse_failed(struct page *page, int failure) {
    log_line(LOG_LEVEL_ERROR, "register_unreadable", "failure=\"%s\"", failure_name(failure));
    page_refuse(page, REASON_NOT_READY, NULL, "the register cannot be read");
}

/* Begins; false with the page refused where there is no register, or no such time yet. */
static bool begin(struct walk *walk, struct page *page, uint64_t as_of, int64_t time_ns) {
    uint64_t now = page->scene->as_of;
    *walk = (struct walk){
        .page = page,
        .reader = page->scene->registered,
        .at = {.as_of = as_of != 0 ? as_of : now, .time_ns = time_ns != 0 ? time_ns : INT64_MAX}};
    if (walk->reader == NULL) {
        page_refuse(page, REASON_NOT_READY, NULL, "there is no register here");
        return false;
    }
    if (as_of > now) {
        page_refuse(page, REASON_NOT_READY, "as_of", "as_of has not come so far");
        page->refused.limit = now;
        return false;
    }
    return true;
}

/* Ends a walk: with a failure in place of rows, or rows so far and no more. */
static void end(struct walk *walk, int step) {
    if (step < 0 && walk->page->rows == 0)
        refuse_failed(walk->page, step);
}

/* --- who may see what --------------------------------------------------------------------------
 */

/* Whether the asker acts for a party, or has its mandate to inquire. */
static bool is_own_party(const struct page *page, uint32_t party) {
    return (engine_party_scopes(page->scene->engine, party, page->asker->participant) &
            MANDATE_INQUIRY) != 0;
}

static bool names_own(const struct page *page, const struct entry_report *told) {
    for (uint32_t i = 0; i < told->parties_count; i++)
        if (is_own_party(page, told->parties[i].party))
            return true;
    return false;
}

/* Whether an entry in force on a holding names somebody for whom the asker acts. */
static bool is_named_on(const struct walk *walk, const struct hash *asset) {
    struct register_walk entries = {.asset = *asset, .at = {walk->page->scene->as_of, INT64_MAX}};
    struct register_row row;
    struct entry_report told;
    while (page_look(walk->page, LOOK_SEARCH) &&
           register_next_entry(walk->reader, &entries, &row) == 1)
        if (entry_report_read(row.report, &told) && told.to_ns == 0 && names_own(walk->page, &told))
            return true;
    return false;
}

static bool shows_asset(const struct walk *walk, const struct asset_name *name,
                        const struct hash *hash) {
    const struct page *page = walk->page;
    enum asset_kind kind = (enum asset_kind)name->kind;
    if (kind == 0 || kind >= ASSETS_END)
        return false;
    if (authority_shows_asset(kind, page->asker->roles, false))
        return true;
    return authority_shows_asset(kind, page->asker->roles, true) &&
           (is_own_party(page, name->holder) || is_named_on(walk, hash));
}

/* Whether the asker may see a version of an entry; what names him, whatever else. */
static bool shows_entry(const struct walk *walk, const struct entry_report *told) {
    const struct page *page = walk->page;
    struct hash hash;
    enum asset_kind kind = (enum asset_kind)told->asset.kind;
    if (authority_shows_asset(kind, page->asker->roles, false))
        return true;
    if (authority_shows_asset(kind, page->asker->roles, true) && names_own(page, told))
        return true;
    return register_find_asset(walk->reader, &told->asset, &hash) == 1 &&
           shows_asset(walk, &told->asset, &hash);
}

static void put_row(struct page *page, const struct register_row *row, uint8_t role) {
    struct registered_row registered = {
        .role = role, .report = row->report.bytes, .report_bytes = (uint32_t)row->report.size};
    page_row(page, ROW_REGISTERED, &registered);
}

/* --- by asset ----------------------------------------------------------------------------------
 */

/* Finds the asset asked for; false with the page refused when there is none to be seen. A right
 * that is named as it is called outside may yet have no entries. */
static bool find_asset(struct walk *walk, const struct entries_query *asked, const char *field,
                       struct hash *hash) {
    struct asset_name name = {
        .kind = asked->asset_kind, .asset = asked->asset, .holder = asked->holder};
    int step = 1;
    page_look(walk->page, LOOK_SEARCH);
    if (asked->number_bytes != 0) {
        name = (struct asset_name){.kind = ASSET_RIGHT};
        register_right_of(walk->reader, asked->right_kind, asked->number, asked->number_bytes,
                          hash);
    } else {
        step = register_find_asset(walk->reader, &name, hash);
    }
    if (step == 1 && shows_asset(walk, &name, hash))
        return true;
    if (step < 0)
        refuse_failed(walk->page, step);
    else
        page_refuse(walk->page, REASON_UNKNOWN_RIGHT, field, "nobody admitted it");
    return false;
}

void query_entries(struct page *page) {
    const struct entries_query *asked = &page->query->entries;
    struct walk walk;
    struct register_row row;
    struct register_walk entries;
    uint32_t done;
    bool is_later = page_begin(page, &done, sizeof done);
    if (page->refused.reason != REASON_NONE || !begin(&walk, page, asked->as_of, asked->time_ns))
        return;
    entries = (struct register_walk){.entry = done, .at = walk.at};
    if (!find_asset(&walk, asked, "entries.asset", &entries.asset))
        return;
    int step;
    while ((step = register_next_entry(walk.reader, &entries, &row)) == 1) {
        if (!page_has_room(page) || !page_look(page, LOOK_SEARCH)) {
            done = (uint32_t)row.entry;
            page_stop(page, &done, sizeof done);
            return;
        }
        put_row(page, &row, ENTRY_ROLE_ANY);
    }
    end(&walk, step);
    if (step == 0 && page->rows == 0 && !is_later) /* it was admitted later */
        page_refuse(page, REASON_UNKNOWN_RIGHT, "entries.asset", "nobody admitted it");
}

/* Where a page of versions begins. */
struct __attribute__((packed)) versions_place {
    uint32_t entry;
    uint64_t sequence;
    uint32_t place;
};

void query_entry_versions(struct page *page) {
    const struct entries_query *asked = &page->query->entries;
    struct walk walk;
    struct register_row row;
    struct versions_place from;
    bool is_later = page_begin(page, &from, sizeof from);
    if (page->refused.reason != REASON_NONE || !begin(&walk, page, asked->as_of, asked->time_ns))
        return;
    if (!is_later && asked->is_one)
        from.entry = asked->entry;
    struct register_versions versions = {.entry = from.entry,
                                         .is_one = asked->is_one,
                                         .sequence = from.sequence,
                                         .place = from.place,
                                         .at = walk.at};
    if (!find_asset(&walk, asked, "entry_versions.asset", &versions.asset))
        return;
    int step;
    while ((step = register_next_version(walk.reader, &versions, &row)) == 1) {
        if (!page_has_room(page) || !page_look(page, LOOK_SEARCH)) {
            from = (struct versions_place){(uint32_t)row.entry, row.sequence, row.place};
            page_stop(page, &from, sizeof from);
            return;
        }
        put_row(page, &row, ENTRY_ROLE_ANY);
    }
    end(&walk, step);
    struct register_walk entries = {.asset = versions.asset, .at = walk.at};
    if (step == 0 && page->rows == 0 && !is_later &&
        register_next_entry(walk.reader, &entries, &row) == 0)
        page_refuse(page, REASON_UNKNOWN_RIGHT, "entry_versions.asset", "nobody admitted it");
}

/* --- by what an entry names --------------------------------------------------------------------
 */

/* Where a page of entries of assets of many kinds begins. */
struct __attribute__((packed)) entries_place {
    uint8_t role;
    uint8_t kind;
    uint32_t asset;
    uint32_t holder;
    uint32_t entry;
};

static struct register_place place_from(const struct entries_place *from) {
    return (struct register_place){
        .asset = {.kind = from->kind, .asset = from->asset, .holder = from->holder},
        .entry = from->entry};
}

static struct entries_place place_to(const struct register_place *place, uint8_t role) {
    return (struct entries_place){.role = role,
                                  .kind = place->asset.kind,
                                  .asset = place->asset.asset,
                                  .holder = place->asset.holder,
                                  .entry = place->entry};
}

static bool names(const struct entry_report *told, uint32_t party, uint8_t role) {
    for (uint32_t i = 0; i < told->parties_count; i++)
        if (told->parties[i].party == party &&
            (role == ENTRY_ROLE_ANY || told->parties[i].role == role))
            return true;
    return false;
}

/* The version of an entry at the time that is asked for, when there was one that may be seen. */
static int look_at(const struct walk *walk, const struct register_place *place,
                   struct register_row *row, struct entry_report *told) {
    int step = register_find_entry(walk->reader, place, &walk->at, row);
    if (step != 1)
        return step;
    if (!entry_report_read(row->report, told))
        return FAILURE_DAMAGED;
    return shows_entry(walk, told) ? 1 : 0;
}

void query_party_entries(struct page *page) {
    const struct party_entries_query *asked = &page->query->party_entries;
    struct walk walk;
    struct entries_place from;
    (void)page_begin(page, &from, sizeof from);
    if (page->refused.reason != REASON_NONE || !begin(&walk, page, asked->as_of, asked->time_ns))
        return;
    struct register_of_party entries = {
        .party = asked->code_bytes == 0
                     ? asked->party
                     : engine_party_find(page->scene->engine, asked->code, asked->code_bytes),
        .role = asked->role,
        .next_role = from.role,
        .next = place_from(&from)};
    struct register_named_party named;
    struct register_row row;
    struct entry_report told;
    struct party_view view;
    if (!engine_party(page->scene->engine, entries.party, &view)) {
        page_refuse(page, REASON_UNKNOWN_PARTY, "party_entries.party", "there is none");
        return;
    }
    int step;
    while ((step = register_next_of_party(walk.reader, &entries, &named)) == 1) {
        if (!page_has_room(page) || !page_look(page, 2 * LOOK_SEARCH)) {
            from = place_to(&named.place, named.role);
            page_stop(page, &from, sizeof from);
            return;
        }
        step = look_at(&walk, &named.place, &row, &told);
        if (step < 0)
            break;
        if (step == 1 && names(&told, entries.party, named.role) &&
            (!asked->is_in_force || told.to_ns == 0))
            put_row(page, &row, named.role);
    }
    end(&walk, step);
}

void query_number_entries(struct page *page) {
    const struct number_entries_query *asked = &page->query->number_entries;
    struct walk walk;
    struct entries_place from;
    (void)page_begin(page, &from, sizeof from);
    if (page->refused.reason != REASON_NONE || !begin(&walk, page, asked->as_of, asked->time_ns))
        return;
    struct register_of_number entries = {
        .series = asked->series, .number = asked->number, .next = place_from(&from)};
    struct register_place place;
    struct register_row row;
    struct entry_report told;
    int step;
    while ((step = register_next_of_number(walk.reader, &entries, &place)) == 1) {
        if (!page_has_room(page) || !page_look(page, 2 * LOOK_SEARCH)) {
            from = place_to(&place, ENTRY_ROLE_ANY);
            page_stop(page, &from, sizeof from);
            return;
        }
        step = look_at(&walk, &place, &row, &told);
        if (step < 0)
            break;
        if (step == 1)
            put_row(page, &row, ENTRY_ROLE_ANY);
    }
    end(&walk, step);
}

/* --- by time -----------------------------------------------------------------------------------
 */

struct __attribute__((packed)) changes_place {
    uint64_t sequence;
    uint32_t place;
};

void query_register_changes(struct page *page) {
    const struct register_changes_query *asked = &page->query->register_changes;
    struct walk walk;
    struct changes_place from;
    bool is_later = page_begin(page, &from, sizeof from);
    if (page->refused.reason != REASON_NONE || !begin(&walk, page, 0, 0))
        return;
    if (!is_later)
        from.sequence = asked->from;
    struct register_changes changes = {
        .sequence = from.sequence, .place = from.place, .to = walk.at.as_of};
    struct register_row row;
    struct entry_report told;
    int step;
    while ((step = register_next_change(walk.reader, &changes, &row)) == 1) {
        if (!page_has_room(page) || !page_look(page, LOOK_SEARCH)) {
            from = (struct changes_place){row.sequence, row.place};
            page_stop(page, &from, sizeof from);
            return;
        }
        if (entry_report_read(row.report, &told) &&
            (asked->party == 0 || names(&told, asked->party, ENTRY_ROLE_ANY)) &&
            shows_entry(&walk, &told))
            put_row(page, &row, ENTRY_ROLE_ANY);
    }
    end(&walk, step);
}

/* --- totals ------------------------------------------------------------------------------------
 */

void query_bound_totals(struct page *page) {
    const struct bound_totals_query *asked = &page->query->bound_totals;
    struct walk walk;
    struct instrument_view instrument;
    if (!begin(&walk, page, asked->as_of, asked->time_ns))
        return;
    if (!engine_instrument(page->scene->engine, asked->instrument, &instrument)) {
        page_refuse(page, REASON_UNKNOWN_INSTRUMENT, "bound_totals.instrument", "there is none");
        return;
    }
    for (uint8_t kind = ENTRY_ASSET + 1; kind < ENTRIES_END; kind++) {
        struct bound_row bound = {.instrument = asked->instrument, .kind = kind};
        int failure =
            register_find_total(walk.reader, asked->instrument, kind, &walk.at, &bound.quantity);
        if (failure != 0) {
            end(&walk, failure);
            return;
        }
        if (bound.quantity != 0)
            page_row(page, ROW_BOUND, &bound);
    }
}
