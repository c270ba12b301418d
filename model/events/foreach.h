/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A macro applied to each of up to 10 arguments, for the rows of events.def. */
#ifndef MODEL_EVENTS_FOREACH_H
#define MODEL_EVENTS_FOREACH_H

/* EVENTS_EACH(M, a, b, c) is M(a) M(b) M(c); EVENTS_COUNT(a, b, c) is 3. */
/* clang-format off */
#define EVENTS_EACH(m, ...)  EVENTS_CAT(EVENTS_EACH_, EVENTS_COUNT(__VA_ARGS__))(m, __VA_ARGS__)
#define EVENTS_COUNT(...)    EVENTS_ELEVENTH(__VA_ARGS__, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define EVENTS_CAT(a, b)     EVENTS_CAT_(a, b)
#define EVENTS_CAT_(a, b)    a##b
#define EVENTS_ELEVENTH(a, b, c, d, e, f, g, h, i, j, k, ...) k

#define EVENTS_EACH_1(m, a)       m(a)
#define EVENTS_EACH_2(m, a, ...)  m(a) EVENTS_EACH_1(m, __VA_ARGS__)
#define EVENTS_EACH_3(m, a, ...)  m(a) EVENTS_EACH_2(m, __VA_ARGS__)
#define EVENTS_EACH_4(m, a, ...)  m(a) EVENTS_EACH_3(m, __VA_ARGS__)
#define EVENTS_EACH_5(m, a, ...)  m(a) EVENTS_EACH_4(m, __VA_ARGS__)
#define EVENTS_EACH_6(m, a, ...)  m(a) EVENTS_EACH_5(m, __VA_ARGS__)
#define EVENTS_EACH_7(m, a, ...)  m(a) EVENTS_EACH_6(m, __VA_ARGS__)
#define EVENTS_EACH_8(m, a, ...)  m(a) EVENTS_EACH_7(m, __VA_ARGS__)
#define EVENTS_EACH_9(m, a, ...)  m(a) EVENTS_EACH_8(m, __VA_ARGS__)
#define EVENTS_EACH_10(m, a, ...) m(a) EVENTS_EACH_9(m, __VA_ARGS__)
/* clang-format on */

#endif
