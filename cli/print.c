/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to standard error; output that is whole or an error. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/utf8.h"

#define DEFAULT_WIDTH 100u
#define LEAST_WIDTH   60u

int cli_fail(int code, const char *fmt, ...)
{
	struct sim_buf b = {0};
	va_list ap;

	sim_buf_puts(&b, CLI_NAME ": ");
	va_start(ap, fmt);
	sim_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	sim_buf_putc(&b, '\n');
	utf8_clean(b.data);
	fputs(b.data, stderr);
	sim_buf_free(&b);
	return code;
}

int cli_write(const char *path, struct sim_buf *b, int code)
{
	struct sim_err err = {0};
	int ret = sim_write_file(path, b->data ? b->data : "", b->len, &err);

	sim_buf_free(b);
	return ret ? cli_fail(CLI_USAGE, "%s", err.text) : code;
}

int cli_print(struct sim_buf *b, int code)
{
	return cli_write("-", b, code);
}

unsigned cli_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	const char *why;
	uint64_t n;

	if (!columns || sim_parse_uint(columns, &n, &why))
		n = !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_col ? ws.ws_col : DEFAULT_WIDTH;
	return n < LEAST_WIDTH ? LEAST_WIDTH : n > 1000 ? 1000 : (unsigned)n;
}
