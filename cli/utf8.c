/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of unknown origin for terminals and JSON. */
#include "cli/utf8.h"

#include <stdbool.h>

/* Overlong forms, surrogates, beyond U+10FFFF: by the first two bytes. */
static bool out_of_range(unsigned first, unsigned second)
{
	return (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
	       (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
}

size_t utf8_len(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : (s[0] & 0xf0) == 0xe0       ? 3
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n > 1 && out_of_range(s[0], s[1]) ? 0 : n;
}

void utf8_clean(char *s)
{
	while (*s) {
		unsigned char c = (unsigned char)*s;
		size_t n = utf8_len(s);

		if (!n || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			*s = '?';
		s += n ? n : 1;
	}
}
