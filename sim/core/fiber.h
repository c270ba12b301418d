/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A place to go on: a stack of its own, left and entered again by a switch. */
#ifndef SIM_CORE_FIBER_H
#define SIM_CORE_FIBER_H

#include <stdbool.h>
#include <string.h>

#include "sim/base/asan.h"
#include "sim/core/stack.h"
#include "sim/core/switch.h"

#if SIM_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

struct sim_fiber {
	void *sp; /* as saved when it was left */
#if SIM_ASAN
	void *fake;
	const void *bottom;
	size_t size;
#endif
};

/* Prepare f to call entry on a stack of `size` bytes; entry gets the arg of the first switch. */
static inline void sim_fiber_init(struct sim_fiber *f, struct sim_stack *stack, size_t size,
				  void (*entry)(void *arg))
{
	char *top = stack->base + size - SIM_SWITCH_HEADROOM;
	struct sim_switch_frame *frame = (struct sim_switch_frame *)top - 1;

	/* Zeros where a return address and a frame pointer would be end a debugger's walk. */
	memset(frame, 0, sizeof(*frame) + SIM_SWITCH_HEADROOM);
	frame->go_on = (void *)(uintptr_t)entry;
	f->sp = frame;
#if SIM_ASAN
	f->fake = NULL;
	f->bottom = stack->base;
	f->size = size;
#endif
}

/*
 * Leave `from` for `to`, which gets arg, and return when `to` comes back: the scheduler is always
 * one of the two. for_good: nobody will come back.
 */
static inline void sim_fiber_switch(struct sim_fiber *from, struct sim_fiber *to, void *arg,
				    bool for_good)
{
#if SIM_ASAN
	__sanitizer_start_switch_fiber(for_good ? NULL : &from->fake, to->bottom, to->size);
	sim_switch(&from->sp, to->sp, arg);
	__sanitizer_finish_switch_fiber(from->fake, &to->bottom, &to->size);
#else
	sim_switch(&from->sp, to->sp, arg);
#endif
}

/* The first thing to do on a new stack; `from` is where the switch came from. */
static inline void sim_fiber_entered(struct sim_fiber *from)
{
#if SIM_ASAN
	__sanitizer_finish_switch_fiber(NULL, &from->bottom, &from->size);
#endif
}

#endif
