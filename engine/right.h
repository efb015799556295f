/*
 * Rights: patents, copyrights, trademarks, blocks of company equity, and licences of them.
 *
 * A right is admitted by the registrar with its canonical number, its owners and their shares in
 * parts per million, its term and its office; it is found by its kind and number and never taken
 * out. What is final (lapsed, invalidated) stays. A right whose term ends lapses the day after, by
 * a timer. Appraisals are only added; the last one counts.
 *
 * What a party has of a right is a *stake*; a right's stakes add up to the whole.
 *
 * Whatever changes of a right is told as its entry 0: the truth about it that certificates rest on.
 *
 * Source: RULES.md, section 2.
 */
#ifndef ENGINE_RIGHT_H
#define ENGINE_RIGHT_H

#include "engine/state.h"

/* UNKNOWN_RIGHT unless the right exists. */
struct refusal right_check_exists(const struct engine *engine, uint32_t right);

/* Each deed has a check, which changes nothing, and what does it, which may rely on the check and
 * returns the right's number. */
struct refusal right_check_admit(const struct call *call, const struct deed *deed);
uint64_t right_admit(const struct call *call, const struct deed *deed);

struct refusal right_check_status(const struct call *call, const struct deed *deed);
uint64_t right_set_status(const struct call *call, const struct deed *deed);

struct refusal right_check_appraise(const struct call *call, const struct deed *deed);
uint64_t right_appraise(const struct call *call, const struct deed *deed);

/* A right's term has ended: it lapses. */
void right_timer_fires(const struct call *call, uint32_t right);

/* The number of a right; 0 when unknown. */
uint32_t right_find(const struct engine *engine, enum right_kind kind, const char *number,
                    size_t bytes);

/* What a party has of a right: its row, 0 when it never had any; and how much that is, bound or
 * not.
 */
uint32_t right_stake(const struct engine *engine, uint32_t right, uint32_t party);
uint32_t right_stake_ppm(const struct engine *engine, uint32_t stake);

/* Whether a party may come to own some of a right, `leaving` of its owners having nothing any more
 * then: OUT_OF_LIMITS owner, LIMIT_REACHED. And its row, which is made when it never had any. */
struct refusal right_check_receive(const struct engine *engine, uint32_t right, uint32_t party,
                                   uint32_t leaving);
uint32_t right_receive(struct engine *engine, uint32_t right, uint32_t party);

/* Whether it is a licence of another right. */
static inline bool right_is_licence(uint8_t kind) {
    return kind >= RIGHT_LICENCE_EXCLUSIVE;
}

/* Puts what a right is called outside into an extract. */
void right_name(const struct engine *engine, uint32_t right, struct extract *extract);

/* Tells entry 0 of a right as it stands now. */
void right_tell(const struct call *call, uint32_t right);

/* Moves the table to another size, at least as large. */
void right_table_resize(struct engine *engine, uint32_t bits);

/* Asserts the module's invariants. */
void right_check(const struct engine *engine);

#endif
