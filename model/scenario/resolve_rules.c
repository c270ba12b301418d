/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in the rules of a scenario: holds, faults, expectations. */
/* Mirrors: no kernel file. */
#include "model/scenario/resolve.h"

#include <string.h>

#include "model/check/check.h"
#include "model/events/sites.h"
#include "model/scenario/conditions.h"
#include "sim/base/arena.h"
#include "sim/base/math.h"

/* ---- holds ---- */

/* A point that tasks pass: where they only wait nobody can be stopped. */
static int find_site(struct resolver *r, const char *name, const void *at, size_t size,
		     uint16_t *site)
{
	const char *names[MODEL_SITE_END - SIM_SITE_MODEL + 1];
	int found = model_site_find(name);
	size_t n = 0;

	if (found >= SIM_SITE_MODEL && model_site_is_point((uint16_t)found)) {
		*site = (uint16_t)found;
		return 0;
	}
	for (uint16_t s = SIM_SITE_MODEL; s < MODEL_SITE_END; s++) {
		if (model_site_is_point(s))
			names[n++] = model_site_name(s);
	}
	if (found >= 0)
		return resolve_unknown(
			r, at, size,
			"no task passes this site: one waits there, or it is of a server, "
			"disk or timer, see netfs-sim-events(7)",
			"", names, n);
	return resolve_unknown(r, at, size, "there is no such site, see netfs-sim-events(7)", name,
			       names, n);
}

/* TASK@SITE: another task comes to a site. */
static int until_site(struct resolver *r, struct scn_hold *h, const char *at_sign)
{
	if (find_site(r, at_sign + 1, &h->until, sizeof(h->until), &h->until_site))
		return -1;
	return resolve_target(r, h->until, (size_t)(at_sign - h->until), &h->until,
			      sizeof(h->until), &h->until_prog, &h->until_label);
}

static int resolve_until(struct resolver *r, struct scn_hold *h)
{
	const char *at_sign = strchr(h->until, '@');
	const char *dot = strrchr(h->until, '.');
	bool end, done;

	if (at_sign)
		return until_site(r, h, at_sign);
	end = dot && !strcmp(dot, ".end");
	done = dot && !strcmp(dot, ".done");
	h->until_start = dot && !strcmp(dot, ".start");
	if (!end && !done && !h->until_start)
		return sim_conf_error_at(r->scn->doc, &h->until, r->err,
					 "it does not say when; write TASK.LABEL.done, "
					 "TASK.LABEL.start, TASK.end or TASK@SITE");
	if (resolve_target(r, h->until, (size_t)(dot - h->until), &h->until, sizeof(h->until),
			   &h->until_prog, &h->until_label))
		return -1;
	if (end != (h->until_label == SCN_NONE))
		return sim_conf_error_at(r->scn->doc, &h->until, r->err,
					 "tasks end, operations start and are done; write "
					 "TASK.end, TASK.LABEL.done or TASK.LABEL.start");
	return 0;
}

int resolve_holds(struct resolver *r)
{
	struct scenario *scn = r->scn;

	for (size_t i = 0; i < scn->hold.n; i++) {
		struct scn_hold *h = sim_conf_item(&scn->hold, struct scn_hold, i);
		uint32_t label;

		h->prog = h->until_prog = h->until_label = SCN_NONE;
		if (find_site(r, h->at, &h->at, sizeof(h->at), &h->site))
			return -1;
		if (h->task && resolve_target(r, h->task, strcspn(h->task, "."), &h->task,
					      sizeof(h->task), &h->prog, &label))
			return -1;
		if (h->until && resolve_until(r, h))
			return -1;
		if (h->until && h->task && h->until_prog == h->prog)
			return sim_conf_error_at(scn->doc, &h->until, r->err,
						 "the task would wait for itself; name another "
						 "task");
	}
	return 0;
}

/* ---- faults ---- */

int resolve_faults(struct resolver *r)
{
	struct scenario *scn = r->scn;

	for (size_t i = 0; i < scn->faults.n; i++) {
		struct scn_fault *f = sim_conf_item(&scn->faults, struct scn_fault, i);

		if (f->file && resolve_file(r, f->file, &f->file, sizeof(f->file)))
			return -1;
		if (f->has_client && f->client >= scn->clients)
			return sim_conf_error_at(scn->doc, &f->client, r->err,
						 "there is no such client; they are numbered "
						 "from 0, see clients");
		if (f->action.drop && scn_mount(scn, 0)->fs == FS_9P)
			return sim_conf_error_at(scn->doc, &f->action.drop, r->err,
						 "9P has no RPC time-out: nothing would end a drop "
						 "there; use afs, delay or disconnect");
	}
	return 0;
}

/* ---- expectations ---- */

static int resolve_conditions(struct resolver *r, const struct sim_conf_list *list, bool whole)
{
	for (size_t i = 0; i < list->n; i++) {
		const enum scn_condition *c = sim_conf_item(list, enum scn_condition, i);

		if ((*c < NR_WHOLE_CONDITIONS) == whole)
			continue;
		return sim_conf_error_at(
			r->scn->doc, c, r->err, "%s",
			whole ? "it happens or does not; it is for sometimes and never"
			      : "it holds for a whole run or does not; it is for always");
	}
	return 0;
}

/* TASK.LABEL, which stands at name. */
static int resolve_operation(struct resolver *r, const char **name)
{
	uint32_t prog, label;

	if (!strchr(*name, '.'))
		return sim_conf_error_at(r->scn->doc, name, r->err,
					 "it names no operation; write TASK.LABEL");
	return resolve_target(r, *name, strlen(*name), name, sizeof(*name), &prog, &label);
}

/* Keys TASK.LABEL of a map. */
static int resolve_labelled(struct resolver *r, const struct sim_conf_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		if (resolve_operation(r, &map->keys[i]))
			return -1;
	}
	return 0;
}

int resolve_proc(struct resolver *r)
{
	for (size_t i = 0; i < r->scn->proc.n; i++) {
		if (resolve_operation(r, sim_conf_item(&r->scn->proc, const char *, i)))
			return -1;
	}
	return 0;
}

static int resolve_throughput(struct resolver *r, const struct sim_conf_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		const char *key = map->keys[i];
		uint32_t prog, label;

		if (strcmp(key, "total") != 0 &&
		    resolve_target(r, key, strlen(key), &map->keys[i], sizeof(map->keys[i]), &prog,
				   &label))
			return -1;
	}
	return 0;
}

static int resolve_latency(struct resolver *r, const struct sim_conf_map *map)
{
	const char *names[NR_OPS];

	for (unsigned k = 0; k < NR_OPS; k++)
		names[k] = scn_op_name((enum scn_op_kind)k);
	for (size_t i = 0; i < map->n; i++) {
		unsigned k = 0;

		while (k < NR_OPS && strcmp(names[k], map->keys[i]) != 0)
			k++;
		if (k == NR_OPS)
			return resolve_unknown(r, &map->keys[i], sizeof(map->keys[i]),
					       "there is no such operation", map->keys[i], names,
					       NR_OPS);
	}
	return 0;
}

/* ".snap/NAME/f": f must exist, and something must take the snapshot. */
static const char *snap_file(const char *path)
{
	size_t dir = strlen(SERVER_SNAP_DIR);
	const char *slash = strncmp(path, SERVER_SNAP_DIR, dir) ? NULL : strchr(path + dir, '/');

	return slash ? slash + 1 : path;
}

static int resolve_server_files(struct resolver *r, const struct sim_conf_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		if (resolve_file(r, snap_file(map->keys[i]), &map->keys[i], sizeof(map->keys[i])))
			return -1;
	}
	return 0;
}

static int resolve_violations(struct resolver *r, const struct sim_conf_list *list)
{
	const char *names[NR_CHECK_RULES];

	for (unsigned i = 0; i < NR_CHECK_RULES; i++)
		names[i] = check_rules[i].id;
	for (size_t i = 0; i < list->n; i++) {
		const char **id = sim_conf_item(list, const char *, i);

		if (check_rule_find(*id) == NR_CHECK_RULES)
			return resolve_unknown(r, id, sizeof(*id), "no rule has this name", *id,
					       names, NR_CHECK_RULES);
	}
	return 0;
}

int resolve_expect(struct resolver *r)
{
	const struct scn_expect *e = &r->scn->expect;

	if (resolve_conditions(r, &e->always, true) ||
	    resolve_conditions(r, &e->sometimes, false) || resolve_conditions(r, &e->never, false))
		return -1;
	if (resolve_labelled(r, &e->results) || resolve_labelled(r, &e->data))
		return -1;
	if (resolve_throughput(r, &e->throughput) || resolve_latency(r, &e->latency) ||
	    resolve_violations(r, &e->violations))
		return -1;
	return resolve_server_files(r, &e->server);
}
