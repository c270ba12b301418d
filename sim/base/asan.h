/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Poisoning of memory that nobody may touch, in builds with AddressSanitizer; nothing elsewhere. */
#ifndef SIM_BASE_ASAN_H
#define SIM_BASE_ASAN_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#endif
#ifndef SIM_ASAN
#define SIM_ASAN 0
#endif

#if SIM_ASAN
#include <sanitizer/asan_interface.h>

#define SIM_ASAN_REDZONE 16u /* unused bytes after each object */

static inline void sim_asan_poison(const void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}

static inline void sim_asan_unpoison(const void *p, size_t n)
{
	__asan_unpoison_memory_region(p, n);
}
#else
#define SIM_ASAN_REDZONE 0u

static inline void sim_asan_poison(const void *p, size_t n)
{
}

static inline void sim_asan_unpoison(const void *p, size_t n)
{
}
#endif

#endif
