/*
 * Parcels against a sum for each set of bindings: random bindings are tied to random units of a
 * holding and let go again, and whatever is split and merged, the units under each set stay the
 * same number.
 *
 * TPX_SEED and TPX_STEPS repeat or lengthen a run; a failure prints the seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/binding.h"
#include "engine/holding.h"
#include "engine/parcel.h"
#include "tests/property/seed.h"
#include "tests/unit/rig.h"

#define STEPS    20000
#define BINDINGS 6u
#define SETS     (1u << BINDINGS)

struct world {
    struct random random;
    struct rig rig;
    struct place place;
    uint64_t total;
    uint32_t first; /* binding; the others follow */
    uint64_t units[SETS];
};

/* Which of the bindings reach a parcel. */
static uint32_t set_of(const struct world *world, uint32_t parcel) {
    uint32_t set = 0;
    for (uint32_t i = 0; i < BINDINGS; i++)
        if (parcel_is_tied(world->rig.engine, parcel, world->first + i))
            set |= 1u << i;
    return set;
}

static void compare(const struct world *world) {
    const struct engine *engine = world->rig.engine;
    uint64_t units[SETS] = {[0] = holding_at(engine, world->place.row)->unbound};
    uint64_t bound[BINDINGS] = {0};
    for (uint32_t at = parcel_first(engine, world->place); at != 0; at = parcel_next(engine, at)) {
        uint32_t set = set_of(world, at);
        assert_int_not_equal(set, 0);
        units[set] += parcel_at(engine, at)->quantity;
        assert_int_equal(parcel_tied_by(engine, at, ENTRY_FREEZE) != 0, 1);
    }
    for (uint32_t set = 0; set < SETS; set++) {
        assert_int_equal(units[set], world->units[set]);
        for (uint32_t i = 0; i < BINDINGS; i++)
            bound[i] += (set >> i & 1) != 0 ? units[set] : 0;
    }
    for (uint32_t i = 0; i < BINDINGS; i++)
        assert_int_equal(parcel_units(engine, world->first + i), bound[i]);
    assert_int_equal(place_total(engine, world->place), world->total);
    assert_int_equal(place_free(engine, world->place), world->units[0]);
    parcel_check(engine);
}

static uint32_t any_parcel(struct world *world) {
    const struct engine *engine = world->rig.engine;
    uint32_t count = 0;
    for (uint32_t at = parcel_first(engine, world->place); at != 0; at = parcel_next(engine, at))
        count++;
    if (count == 0)
        return 0;
    uint32_t at = parcel_first(engine, world->place);
    for (uint32_t skip = random_below(&world->random, count); skip > 0; skip--)
        at = parcel_next(engine, at);
    return at;
}

static void move(struct world *world, uint32_t from, uint32_t to, uint64_t units) {
    world->units[from] -= units;
    world->units[to] += units;
}

static void tie_free(struct world *world, uint32_t i) {
    if (world->units[0] == 0)
        return;
    uint64_t units = random_between(&world->random, 1, (uint32_t)world->units[0]);
    parcel_tie_free(world->rig.engine, world->place, world->first + i, units);
    move(world, 0, 1u << i, units);
}

/* Ties a parcel that the binding does not reach, lets one go that it reaches. */
static void tie_or_untie(struct world *world, uint32_t i) {
    struct engine *engine = world->rig.engine;
    uint32_t parcel = any_parcel(world);
    if (parcel == 0)
        return;
    uint32_t set = set_of(world, parcel);
    uint32_t all = (uint32_t)parcel_at(engine, parcel)->quantity;
    uint64_t units =
        random_once_in(&world->random, 2) ? all : random_between(&world->random, 1, all);
    if ((set >> i & 1) != 0)
        parcel_untie(engine, parcel, world->first + i, units);
    else
        parcel_tie(engine, parcel, world->first + i, units);
    move(world, set, set ^ 1u << i, units);
}

/* Hands units of a parcel from a binding that reaches it to one that does not. */
static void retie(struct world *world, uint32_t from, uint32_t to) {
    struct engine *engine = world->rig.engine;
    uint32_t parcel = any_parcel(world);
    uint32_t set = parcel != 0 ? set_of(world, parcel) : 0;
    if ((set >> from & 1) == 0 || (set >> to & 1) != 0)
        return;
    uint64_t units =
        random_between(&world->random, 1, (uint32_t)parcel_at(engine, parcel)->quantity);
    parcel_retie(engine, parcel, world->first + from, world->first + to, units);
    move(world, set, set ^ (1u << from | 1u << to), units);
}

static void untie_all(struct world *world, uint32_t i) {
    parcel_untie_all(world->rig.engine, world->first + i);
    for (uint32_t set = 0; set < SETS; set++)
        if ((set >> i & 1) != 0)
            move(world, set, set ^ 1u << i, world->units[set]);
}

static int begin(void **state) {
    static struct world world;
    world.random = seed_begin();
    *state = &world;
    return 0;
}

/* An account with shares, a party, and bindings of nothing yet. */
static void furnish(struct world *world) {
    struct engine *engine = world->rig.engine;
    struct command command = {.stamp.time_ns = RIG_START_NS};
    struct call call = {.engine = engine, .command = &command, .sink = &world->rig.sink};
    pool_add(engine, POOL_PARTIES);
    world->place = place_holding(holding_find(engine, RIG_ANN_ACCOUNT, RIG_HX));
    world->total = place_total(engine, world->place);
    memset(world->units, 0, sizeof world->units);
    world->units[0] = world->total;
    asset_admit(&call, asset_holding(1, RIG_HX));
    for (uint32_t i = 0; i < BINDINGS; i++) {
        struct binding wanted = {.kind = ENTRY_FREEZE, .quantity = world->total};
        uint32_t number = binding_make(&call, asset_holding(1, RIG_HX), &wanted);
        binding_tell(&call, number);
        world->first = i == 0 ? number : world->first;
    }
}

static void units_under_each_set_of_bindings_stay_what_they_are(void **state) {
    struct world *world = *state;
    uint64_t steps = seed_steps(STEPS);
    struct engine_limits limits = rig_limits();
    rig_open(&world->rig, &limits, ENVIRONMENT_TEST);
    rig_populate(&world->rig);
    furnish(world);
    for (; steps > 0; steps--) {
        uint32_t i = random_below(&world->random, BINDINGS);
        uint32_t what = random_below(&world->random, 20);
        if (what == 0)
            untie_all(world, i);
        else if (what < 6)
            tie_free(world, i);
        else if (what < 10)
            retie(world, i, random_below(&world->random, BINDINGS));
        else
            tie_or_untie(world, i);
        compare(world);
    }
    binding_check(world->rig.engine);
    rig_close(&world->rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_under_each_set_of_bindings_stay_what_they_are),
    };
    int failures = cmocka_run_group_tests(tests, begin, NULL);
    seed_tell(failures);
    return failures;
}
