/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For conf_schema.py: print the schema of the sample language, or judge a document on standard
 * input. */
#include <stdio.h>

#include "tests/sim/conf_sample.h"

static int print_schema(void)
{
	struct sim_buf b = {0};

	sim_conf_schema(&sample_type, "Sample", &b);
	fputs(b.data, stdout);
	sim_buf_free(&b);
	return 0;
}

static int judge(void)
{
	struct sim_err err = {0};
	struct sim_conf_doc *doc = sim_conf_load("-", NULL, &err);

	if (doc)
		sim_conf_parse(doc, &sample_type, &err);
	sim_conf_free(doc);
	puts(err.set ? err.text : "ok");
	return err.set ? 2 : 0;
}

int main(int argc, char **argv)
{
	return argc > 1 && !strcmp(argv[1], "schema") ? print_schema() : judge();
}
