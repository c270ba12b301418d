/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fingerprints as text. */
#include "sim/trace/trace.h"

static void put_digits(char *out, uint64_t v)
{
	for (unsigned i = 16; i--; v >>= 4)
		out[i] = "0123456789abcdef"[v & 15];
}

const char *sim_fingerprint_text(struct sim_fingerprint f, char buf[SIM_FINGERPRINT_TEXT])
{
	put_digits(buf, f.high);
	put_digits(buf + 16, f.low);
	buf[32] = '\0';
	return buf;
}

/* 16 hexadecimal digits; false at anything else. */
static bool get_digits(const char *s, uint64_t *v)
{
	*v = 0;
	for (unsigned i = 0; i < 16; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			*v = *v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*v = *v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

int sim_fingerprint_parse(const char *s, struct sim_fingerprint *f)
{
	struct sim_fingerprint got;

	if (!get_digits(s, &got.high) || !get_digits(s + 16, &got.low) || s[32])
		return -1;
	*f = got;
	return 0;
}
