/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of the tools, outside any world: running out of it ends the program with exit code 4. */
#include "sim/base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_LIMIT 4

_Noreturn void sim_xoom(void *unused)
{
	static const char text[] = "netfs-sim: out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n; /* nothing can be done about it */
	_exit(EXIT_LIMIT);
}

void *sim_xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		sim_xoom(NULL);
	return p;
}

void *sim_xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		sim_xoom(NULL);
	return p;
}

void *sim_xrealloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		sim_xoom(NULL);
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		sim_xoom(NULL);
	return p;
}

char *sim_xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(sim_xmalloc(n), s, n);
}

void sim_xfree(void *p)
{
	free(p);
}
