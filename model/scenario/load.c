/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario files: read, parse, resolve, and refuse what would need too much memory. */
/* Mirrors: no kernel file. */
#include "model/scenario/scenario.h"

#include "model/scenario/estimate.h"
#include "sim/base/math.h"

static const char title[] = "netfs-sim scenario";

static struct scenario *from_doc(struct sim_conf_doc *doc, const struct sim_conf_opts *opts,
				 struct sim_err *err)
{
	struct scenario *scn = doc ? sim_conf_parse(doc, &scenario_type, err) : NULL;

	if (!scn) {
		sim_conf_free(doc);
		return NULL;
	}
	scn->doc = doc;
	if (scenario_resolve(scn, opts && opts->n_overrides, err) ||
	    scenario_check_memory(scn, err)) {
		sim_conf_free(doc);
		return NULL;
	}
	return scn;
}

struct scenario *scenario_load(const char *path, const struct sim_conf_opts *opts,
			       struct sim_err *err)
{
	return from_doc(sim_conf_load(path, opts, err), opts, err);
}

struct scenario *scenario_load_text(const char *name, const char *text, size_t len,
				    const struct sim_conf_opts *opts, struct sim_err *err)
{
	return from_doc(sim_conf_load_text(name, text, len, opts, err), opts, err);
}

void scenario_free(struct scenario *scn)
{
	if (scn)
		sim_conf_free(scn->doc);
}

void scenario_dump(const struct scenario *scn, struct sim_buf *out)
{
	sim_conf_dump(scn->doc, out);
}

void scenario_schema(struct sim_buf *out)
{
	sim_conf_schema(&scenario_type, title, out);
}

void scenario_man(struct sim_buf *out)
{
	sim_conf_man(&scenario_type, out);
}

void scenario_template(struct sim_buf *out)
{
	sim_conf_template(&scenario_type, out);
}
