/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few instructions per architecture that leave one stack and go on with another. */
#ifndef SIM_CORE_SWITCH_H
#define SIM_CORE_SWITCH_H

/*
 * What sim_switch() leaves at the stack pointer, and what has to be there when a stack is entered
 * for the first time: the frame pointer and where to go on.
 */
struct sim_switch_frame {
	void *frame_pointer;
	void *go_on;
#if defined(__s390x__)
	void *global_offsets; /* r12, which position-independent code may not declare destroyed */
#endif
};

/*
 * Push a frame on this stack and leave the stack pointer in *save; go on at the frame that `load`
 * points to. There sim_switch() returns arg, or, on a new stack, the function it was prepared with
 * is called with arg.
 *
 * All other registers count as destroyed, so that the compiler saves those that it needs. Those
 * that only -march=... brings are left out: nobody holds vectors in them across a switch.
 * Floating-point control words stay as they are.
 *
 * It is inline and jumps, where a function would return, because of the processor's stack of return
 * addresses: a call that is never returned from leaves that stack off by one, and then every return
 * that follows is mispredicted (docs/DECISIONS.md).
 */
static inline __attribute__((always_inline)) void *sim_switch(void **save, void *load, void *arg)
{
#if defined(__x86_64__)
	/* The 128 bytes below the stack pointer may be in use. */
	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\t"
			 "leaq -128(%%rsp), %%rsp\n\t"
			 "pushq %%rcx\n\t"
			 "pushq %%rbp\n\t"
			 "movq %%rsp, (%%rax)\n\t"
			 "movq %%rdx, %%rsp\n\t"
			 "popq %%rbp\n\t"
			 "popq %%rcx\n\t"
			 "jmp *%%rcx\n"
			 "1:\n\t"
			 "leaq 128(%%rsp), %%rsp"
			 : "+a"(save), "+d"(load), "+D"(arg)
			 :
			 : "rbx", "rcx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
			   "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
			   "cc", "memory");
	return arg;
#elif defined(__aarch64__)
	register void *x0 __asm__("x0") = arg;
	register void **x1 __asm__("x1") = save;
	register void *x2 __asm__("x2") = load;

	__asm__ volatile("adr x3, 1f\n\t"
			 "stp x29, x3, [sp, #-16]!\n\t"
			 "mov x3, sp\n\t"
			 "str x3, [x1]\n\t"
			 "mov sp, x2\n\t"
			 "ldp x29, x3, [sp], #16\n\t"
			 "br x3\n"
			 "1:"
			 : "+r"(x0), "+r"(x1), "+r"(x2)
			 :
			 : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			   "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
			   "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4",
			   "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
			   "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
			   "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
	return x0;
#elif defined(__s390x__)
	register void *r2 __asm__("2") = arg;
	register void **r3 __asm__("3") = save;
	register void *r4 __asm__("4") = load;

	__asm__ volatile("larl %%r1, 1f\n\t"
			 "aghi %%r15, -24\n\t"
			 "stg %%r11, 0(%%r15)\n\t"
			 "stg %%r1, 8(%%r15)\n\t"
			 "stg %%r12, 16(%%r15)\n\t"
			 "stg %%r15, 0(%%r3)\n\t"
			 "lgr %%r15, %%r4\n\t"
			 "lg %%r11, 0(%%r15)\n\t"
			 "lg %%r1, 8(%%r15)\n\t"
			 "lg %%r12, 16(%%r15)\n\t"
			 "aghi %%r15, 24\n\t"
			 "br %%r1\n"
			 "1:"
			 : "+r"(r2), "+r"(r3), "+r"(r4)
			 :
			 : "0", "1", "5", "6", "7", "8", "9", "10", "13", "14", "f0", "f1", "f2",
			   "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "f13",
			   "f14", "f15", "cc", "memory");
	return r2;
#else
#error "sim_switch() has no code for this architecture: add ten instructions here"
#endif
}

/*
 * Bytes that a function may expect above the stack pointer at which it is entered: the return
 * address (so that the stack is 8 bytes off 16, as after a call), or the caller's save area.
 */
#if defined(__x86_64__)
#define SIM_SWITCH_HEADROOM 8
#elif defined(__s390x__)
#define SIM_SWITCH_HEADROOM 160
#else
#define SIM_SWITCH_HEADROOM 0
#endif

#endif
