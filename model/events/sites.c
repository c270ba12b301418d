/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of sites, made from sites.def; the first few are the core's. */
/* Mirrors: no kernel file. */
#include "model/events/sites.h"

#include <string.h>

#include "model/events/sites_table.h"

#define NAMED(name)                      \
	{                                \
		name,                    \
		{                        \
			name, name, name \
		}                        \
	}

/* Positions are the sites' numbers. */
static const struct sim_trace_tag site_tag[MODEL_SITE_END] = {
	/* clang-format off */
	[SIM_SITE_NONE]  = NAMED("none"),
	[SIM_SITE_READY] = NAMED("ready"),
	[SIM_SITE_CPU]   = NAMED("cpu"),
	[SIM_SITE_SLEEP] = NAMED("sleep"),
	[SIM_SITE_JOIN]  = NAMED("join"),
	[SIM_SITE_WAKEUP] = NAMED("wakeup"),
#define SITE(id, name, doc) [id] = NAMED(name),
#include "model/events/sites.def"
#undef SITE
	/* clang-format on */
};

const struct sim_trace_tags model_site_tags = {"site", site_tag, MODEL_SITE_END};

static const char *const site_doc[MODEL_SITE_END] = {
#define SITE(id, name, doc) [id] = doc,
#include "model/events/sites.def"
#undef SITE
};

static const bool site_is_point[MODEL_SITE_END] = {
#define SITE(id, name, doc)
#define POINT(id, name, doc) [id] = true,
#include "model/events/sites.def"
#undef SITE
};

bool model_site_is_point(uint16_t site)
{
	return site < MODEL_SITE_END && site_is_point[site];
}

const char *model_site_name(uint16_t site)
{
	return site < MODEL_SITE_END ? site_tag[site].name : NULL;
}

const char *model_site_doc(uint16_t site)
{
	return site < MODEL_SITE_END ? site_doc[site] : NULL;
}

int model_site_find(const char *name)
{
	for (int i = 0; i < MODEL_SITE_END; i++)
		if (site_tag[i].name && !strcmp(site_tag[i].name, name))
			return i;
	return -1;
}
