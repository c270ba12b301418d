/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The named sites of the model, as numbers for the core and as names for scenarios and traces. */
#ifndef MODEL_EVENTS_SITES_H
#define MODEL_EVENTS_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/world.h"

/* Numbers below SIM_SITE_MODEL are the core's own. */
enum model_site {
	MODEL_SITE_BEFORE_FIRST = SIM_SITE_MODEL - 1,
#define SITE(id, name, doc) id,
#include "model/events/sites.def"
#undef SITE
	MODEL_SITE_END
};

/* The name of a site, the core's included; NULL if there is no such site. */
const char *model_site_name(uint16_t site);

/* What a site of the model is, one phrase; NULL if there is no such site. */
const char *model_site_doc(uint16_t site);

/* Whether tasks pass it by sim_point(): a hold of a scenario can stop them there. */
bool model_site_is_point(uint16_t site);

/* The site of this name, or -1. Core sites are found too. */
int model_site_find(const char *name);

#endif
