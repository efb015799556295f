/* A ring of samples that both threads walk behind each other; nobody waits. */
#include "gateway/stages.h"

#include "gateway/clock.h"

static struct stage_sample *sample_at(struct stages *stages, uint64_t place) {
    return &stages->samples[place % STAGES_SAMPLES];
}

/* Between 1 and twice the stride less one, so the stride on average: a fixed step would meet the
 * same place of each frame again and again. */
static void plan_next(struct stages *stages) {
    stages->random ^= stages->random << 13;
    stages->random ^= stages->random >> 7;
    stages->random ^= stages->random << 17;
    stages->left = 1 + (uint32_t)(stages->random % (2 * stages->stride - 1));
    stages->weight = stages->stride;
}

void stages_init(struct stages *stages, struct counters *counters) {
    stages->counters = counters;
    stages->stride = 1;
    stages->left = 1;
    stages->weight = 1;
    stages->random = UINT64_C(0x9e3779b97f4a7c15); /* any but 0 */
    stages->chosen_ns = clock_mono_ns();
}

void stages_second(struct stages *stages, int64_t now_ns) {
    uint64_t requests = counter_get(stages->counters, COUNTER_REQUESTS);
    uint64_t past_us = (uint64_t)(now_ns - stages->chosen_ns) / CLOCK_MICROSECOND_NS;
    if (past_us == 0)
        return;
    uint64_t a_second = (requests - stages->seen) * 1000000 / past_us;
    stages->stride = 1 + (uint32_t)(a_second / STAGES_A_SECOND);
    stages->seen = requests;
    stages->chosen_ns = now_ns;
    if (stages->left >= 2 * stages->stride)
        plan_next(stages); /* there was more to do before */
}

void stages_begin_sample(struct stages *stages, int64_t received_ns) {
    uint64_t taken = atomic_load_explicit(&stages->taken, memory_order_relaxed);
    struct stage_sample *sample = sample_at(stages, taken);
    int64_t now_ns = clock_mono_ns();
    sample->weight = stages->weight;
    plan_next(stages);
    if (taken - stages->sent == STAGES_SAMPLES)
        return;
    sample->received_ns = received_ns;
    sample->stamped_ns = now_ns;
    stages->is_taking = true;
}

void stages_end_sample(struct stages *stages, uint64_t sequence) {
    uint64_t taken = atomic_load_explicit(&stages->taken, memory_order_relaxed);
    struct stage_sample *sample = sample_at(stages, taken);
    sample->sequence = sequence;
    sample->applied_ns = clock_mono_ns();
    stages->is_taking = false;
    /* Partner: the acquire in stages_durable(). */
    atomic_store_explicit(&stages->taken, taken + 1, memory_order_release);
}

void stages_durable(struct stages *stages, uint64_t durable, int64_t now_ns) {
    uint64_t taken = atomic_load_explicit(&stages->taken, memory_order_acquire);
    uint64_t place = atomic_load_explicit(&stages->durable, memory_order_relaxed);
    while (place < taken && sample_at(stages, place)->sequence < durable)
        sample_at(stages, place++)->durable_ns = now_ns;
    /* Partner: the acquire in stages_sent(). */
    atomic_store_explicit(&stages->durable, place, memory_order_release);
}

static void count(struct stages *stages, enum histogram histogram, int64_t ns, uint64_t weight) {
    counter_histogram_add(stages->counters, histogram, ns > 0 ? (uint64_t)ns : 0, weight);
}

void stages_sent(struct stages *stages, uint64_t released, int64_t now_ns) {
    uint64_t durable = atomic_load_explicit(&stages->durable, memory_order_acquire);
    while (stages->sent < durable && sample_at(stages, stages->sent)->sequence < released) {
        const struct stage_sample *sample = sample_at(stages, stages->sent++);
        uint64_t weight = sample->weight;
        count(stages, HISTOGRAM_WAIT_SAMPLED, sample->stamped_ns - sample->received_ns, weight);
        count(stages, HISTOGRAM_APPLY_SAMPLED, sample->applied_ns - sample->stamped_ns, weight);
        count(stages, HISTOGRAM_DURABLE_SAMPLED, sample->durable_ns - sample->applied_ns, weight);
        count(stages, HISTOGRAM_SEND_SAMPLED, now_ns - sample->durable_ns, weight);
    }
}
