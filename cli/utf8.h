/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of unknown origin for terminals and JSON. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stddef.h>

/* Bytes of the character at s (NUL-terminated), 1 to 4; 0 if it is not UTF-8. */
size_t utf8_len(const char *s);

/* Put '?' in place of what is not UTF-8 and of control characters but tab and newline. */
void utf8_clean(char *s);

#endif
