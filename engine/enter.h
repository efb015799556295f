/*
 * NEW_ORDER: every check of RULES.md, section 7, in its order, and then the book.
 *
 * Pool room is asked last, and of it LIMIT_REACHED for a buyer's new holding before BOOK_FULL,
 * which the book itself says.
 */
#ifndef ENGINE_ENTER_H
#define ENGINE_ENTER_H

#include "engine/state.h"

void enter_order(const struct call *call);

#endif
