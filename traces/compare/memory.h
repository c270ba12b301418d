/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of one comparison or reading. */
#ifndef TRACES_COMPARE_MEMORY_H
#define TRACES_COMPARE_MEMORY_H

#include "sim/base/arena.h"

/* An arena without limit that ends the program as sim_xmalloc() does when memory runs out. */
struct sim_arena *compare_arena_new(void);

#endif
