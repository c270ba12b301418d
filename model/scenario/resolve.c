/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of a scenario: collects what is defined, then leads every name to the thing it means. */
/* Mirrors: no kernel file. */
#include "model/scenario/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"

/* An element more for an array of the document's memory; its old elements are moved. */
#define APPEND(r, array, nr, cap)                                                     \
	do {                                                                          \
		if ((nr) == (cap)) {                                                  \
			uint32_t cap_ = (cap) ? 2 * (cap) : 8;                        \
			(array) = sim_realloc_array((r)->arena, (array), (cap), cap_, \
						    sizeof(*(array)));                \
			(cap) = cap_;                                                 \
		}                                                                     \
		(nr)++;                                                               \
	} while (0)

int resolve_unknown(struct resolver *r, const void *at, size_t size, const char *what,
		    const char *name, const char *const *names, size_t n)
{
	struct sim_buf hint = {0};

	sim_conf_hint(&hint, name, names, n);
	sim_conf_error_sized(r->scn->doc, at, size, r->err, "%s%s", what, hint.data);
	sim_buf_free(&hint);
	return -1;
}

/* ---- looking up ---- */

/* A place in one of the arrays of struct scn_names, by name. */
struct indexed {
	struct sim_name name;
	uint32_t i;
};

static uint32_t find(const struct sim_names *names, const char *name)
{
	struct sim_name *found = sim_names_find(names, name);

	return found ? sim_container_of(found, struct indexed, name)->i : SCN_NONE;
}

/* Of several with the same name the first is found. The name is copied. */
static void add(struct resolver *r, struct sim_names *names, const char *name, uint32_t i)
{
	struct indexed *entry;

	if (sim_names_find(names, name))
		return;
	entry = sim_alloc(r->arena, sizeof(*entry));
	entry->name.name = sim_strdup(r->arena, name);
	entry->i = i;
	sim_names_add(names, &entry->name);
}

/* The name of a handle among all; until the next call. */
static const char *handle_key(struct resolver *r, enum scn_handle_kind kind, uint32_t client,
			      const char *name)
{
	sim_buf_clear(&r->key);
	sim_buf_printf(&r->key, "%d %u %s", (int)kind, client, name);
	return r->key.data;
}

/* TASK.LABEL, until the next call. */
static const char *label_key(struct resolver *r, const char *task, const char *label)
{
	sim_buf_clear(&r->key);
	sim_buf_printf(&r->key, "%s.%s", task, label);
	return r->key.data;
}

uint32_t scn_find_label(const struct scn_names *n, const char *text)
{
	return find(&n->label_names, text);
}

static int unknown_task(struct resolver *r, const void *at, size_t size, const char *name)
{
	const struct scn_names *n = r->scn->names;
	const char **names = sim_alloc_array(r->arena, n->nr_progs + 1, sizeof(*names));

	for (uint32_t i = 0; i < n->nr_progs; i++)
		names[i] = n->progs[i].name;
	return resolve_unknown(r, at, size, "no task has this name", name, names, n->nr_progs);
}

static int unknown_label(struct resolver *r, const void *at, size_t size, uint32_t prog,
			 const char *name)
{
	const struct scn_names *n = r->scn->names;
	const char **names = sim_alloc_array(r->arena, n->nr_labels + 1, sizeof(*names));
	size_t nr = 0;

	for (uint32_t i = 0; i < n->nr_labels; i++) {
		if (!strcmp(n->progs[n->labels[i].prog].name, n->progs[prog].name))
			names[nr++] = n->labels[i].name;
	}
	return resolve_unknown(r, at, size, "that task has no operation with this label", name,
			       names, nr);
}

int resolve_target(struct resolver *r, const char *text, size_t len, const void *at, size_t size,
		   uint32_t *prog, uint32_t *label)
{
	struct scn_names *n = r->scn->names;
	const char *dot = memchr(text, '.', len);
	size_t task_len = dot ? (size_t)(dot - text) : len;
	char *name = sim_strdup(r->arena, text);

	name[len] = '\0';
	name[task_len] = '\0';
	*prog = find(&n->prog_names, name);
	*label = SCN_NONE;
	if (*prog == SCN_NONE)
		return unknown_task(r, at, size, name);
	if (!dot)
		return 0;
	*label = find(&n->label_names, label_key(r, name, name + task_len + 1));
	if (*label == SCN_NONE)
		return unknown_label(r, at, size, *prog, name + task_len + 1);
	*prog = n->labels[*label].prog;
	n->labels[*label].used = true;
	return 0;
}

int resolve_file(struct resolver *r, const char *name, const void *at, size_t size)
{
	const struct sim_conf_map *files = &r->scn->files;
	struct sim_name *found = sim_names_find(&r->files, name);

	if (found) {
		sim_container_of(found, struct file_name, name)->used = true;
		return 0;
	}
	return resolve_unknown(r, at, size,
			       "no file has this name; list it under files, or create it", name,
			       files->keys, files->n);
}

/* ---- first pass: what is defined ---- */

static int define_prog(struct resolver *r, struct scn_prog prog, const void *at, size_t size);

static void define_files(struct resolver *r)
{
	const struct sim_conf_map *files = &r->scn->files;

	sim_names_init(&r->files, r->arena);
	r->listed = sim_alloc_array(r->arena, files->n + 1, sizeof(*r->listed));
	for (size_t i = 0; i < files->n; i++) {
		r->listed[i].name.name = files->keys[i];
		sim_names_add(&r->files, &r->listed[i].name);
	}
}

static void define_created(struct resolver *r, const char *name)
{
	struct file_name *file;

	if (sim_names_find(&r->files, name))
		return;
	file = sim_alloc(r->arena, sizeof(*file));
	file->name.name = name;
	sim_names_add(&r->files, &file->name);
}

static uint32_t name_handle(struct scn_names *n, uint32_t slot, uint32_t prog)
{
	if (n->handles[slot].prog != prog)
		n->handles[slot].prog = SCN_NONE;
	return slot;
}

/* Where a name that an operation of a task gives leads; without a name nowhere. */
static uint32_t define_handle(struct resolver *r, const struct scn_op *op,
			      enum scn_handle_kind kind, const char *name, uint32_t prog)
{
	struct scn_names *n = r->scn->names;
	uint32_t client = n->progs[prog].client, slot;

	if (!name)
		return SCN_NONE;
	slot = find(&n->handle_names, handle_key(r, kind, client, name));
	if (slot != SCN_NONE)
		return name_handle(n, slot, prog);
	add(r, &n->handle_names, r->key.data, n->nr_handles);
	APPEND(r, n->handles, n->nr_handles, r->cap_handles);
	n->handles[n->nr_handles - 1] = (struct scn_handle){
		.kind = kind, .name = name, .client = client, .made = op, .prog = prog};
	return n->nr_handles - 1;
}

static int define_label(struct resolver *r, struct scn_op *op, uint32_t prog)
{
	struct scn_names *n = r->scn->names;
	const char *task = n->progs[prog].name;

	op->label_id = SCN_NONE;
	if (!op->label)
		return 0;
	if (find(&n->label_names, label_key(r, task, op->label)) != SCN_NONE)
		return sim_conf_error_at(
			r->scn->doc, &op->label, r->err,
			"another operation of this task has this label; labels are "
			"unique within a task");
	add(r, &n->label_names, r->key.data, n->nr_labels);
	APPEND(r, n->labels, n->nr_labels, r->cap_labels);
	op->label_id = n->nr_labels - 1;
	n->labels[op->label_id] =
		(struct scn_label){.name = op->label, .prog = prog, .order = r->order, .op = op};
	return 0;
}

static void define_barrier(struct resolver *r, struct scn_op *op, uint32_t prog)
{
	struct scn_names *n = r->scn->names;
	uint32_t i = 0;

	while (i < n->nr_barriers && strcmp(n->barriers[i].name, op->target) != 0)
		i++;
	if (i == n->nr_barriers) {
		APPEND(r, n->barriers, n->nr_barriers, r->cap_barriers);
		n->barriers[i] =
			(struct scn_barrier){.name = op->target, .last_prog = SCN_NONE, .op = op};
	}
	op->barrier = i;
	if (n->barriers[i].last_prog != prog)
		n->barriers[i].parties++;
	n->barriers[i].last_prog = prog;
}

static const char *join(struct resolver *r, const char *task, const char *key)
{
	char *name = sim_alloc(r->arena, strlen(task) + strlen(key) + 2);

	return strcat(strcat(strcpy(name, task), "-"), key);
}

static int define_groups(struct resolver *r, struct scn_op *op, uint32_t parent)
{
	const struct scn_prog *p = &r->scn->names->progs[parent];
	uint32_t client = p->client;
	const char *task = p->name, *task_comm = p->comm;
	uint32_t first = SCN_NONE;

	for (size_t i = 0; i < op->groups.n; i++) {
		const char *key = op->groups.keys[i];
		const char *comm = join(r, task_comm, key);
		unsigned long tid = i + 1;
		char *end;

		if (key[0] == 't' && key[1] >= '1' && key[1] <= '9' && strlen(key) < 10) {
			unsigned long nr = strtoul(key + 1, &end, 10);

			tid = *end ? tid : nr;
		}
		if (strlen(comm) > 15)
			return sim_conf_error_at(r->scn->doc, &op->groups.keys[i], r->err,
						 "its name in traces, '%s', is longer than 15 "
						 "characters; shorten it, or give the task a comm",
						 comm);
		if (define_prog(r,
				(struct scn_prog){
					.name = join(r, task, key),
					.comm = comm,
					.client = client,
					.tid = (uint32_t)tid,
					.parent = parent,
					.ops = sim_conf_item(&op->groups, struct sim_conf_list, i),
				},
				&op->groups.keys[i], sizeof(op->groups.keys[i])))
			return -1;
		if (!i)
			first = r->scn->names->nr_progs - 1;
	}
	op->first_prog = first;
	return 0;
}

static int define_ops(struct resolver *r, const struct sim_conf_list *ops, uint32_t prog)
{
	struct scn_names *n = r->scn->names;

	for (size_t i = 0; i < ops->n; i++) {
		enum scn_op_kind kind = scn_op_kind(ops, i);
		struct scn_op *op = scn_op(ops, i);

		r->order++;
		if (define_label(r, op, prog))
			return -1;
		if (kind == OP_OPEN)
			op->fd_slot = define_handle(r, op, SCN_FD, op->as, prog);
		if (kind == OP_MMAP)
			op->slot = define_handle(r, op, SCN_MAP, op->map, prog);
		if (kind == OP_AIO_READ || kind == OP_AIO_WRITE)
			op->slot = define_handle(r, op, SCN_AIO, op->aio, prog);
		if ((kind == OP_OPEN && op->flags & O_CREAT_) || kind == OP_SRV_CREATE ||
		    kind == OP_SRV_FILLFS)
			define_created(r, op->file);
		if (kind == OP_BARRIER)
			define_barrier(r, op, prog);
		if (kind == OP_TRACE_ON)
			n->has_trace_window = true;
		if (kind == OP_PARALLEL && n->progs[prog].parent != SCN_NONE)
			return sim_conf_error_at(r->scn->doc, &op->groups, r->err,
						 "groups within groups are not supported; use "
						 "tasks with start_after");
		if (op->body.n && define_ops(r, &op->body, prog))
			return -1;
	}
	return 0;
}

/* The groups of a task become tasks after it is complete, so that first_prog counts up from one. */
static int define_all_groups(struct resolver *r, const struct sim_conf_list *ops, uint32_t prog)
{
	for (size_t i = 0; i < ops->n; i++) {
		struct scn_op *op = scn_op(ops, i);

		if (scn_op_kind(ops, i) == OP_PARALLEL && define_groups(r, op, prog))
			return -1;
		if (op->body.n && define_all_groups(r, &op->body, prog))
			return -1;
	}
	return 0;
}

static int define_prog(struct resolver *r, struct scn_prog prog, const void *at, size_t size)
{
	struct scn_names *n = r->scn->names;
	uint32_t id = n->nr_progs;

	if (id >= 65536)
		return sim_conf_error_sized(r->scn->doc, at, size, r->err,
					    "too many tasks; at most 65536");
	add(r, &n->prog_names, prog.name, id);
	APPEND(r, n->progs, n->nr_progs, r->cap_progs);
	n->progs[id] = prog;
	return define_ops(r, prog.ops, id);
}

static int define_tasks(struct resolver *r)
{
	const struct scenario *scn = r->scn;

	for (size_t i = 0; i < scn->tasks.n; i++) {
		struct scn_task *t = sim_conf_item(&scn->tasks, struct scn_task, i);
		const char *const *key = &scn->tasks.keys[i];

		if (t->client >= scn->clients)
			return sim_conf_error_at(
				scn->doc, &t->client, r->err,
				"there is no such client; they are numbered from 0 "
				"to %llu, see clients",
				(unsigned long long)scn->clients - 1);
		if (!t->comm && strlen(*key) > 15)
			return sim_conf_error_sized(scn->doc, key, sizeof(*key), r->err,
						    "a name longer than 15 characters is cut in "
						    "traces; shorten it, or give the task a comm");
		if (define_prog(r,
				(struct scn_prog){
					.name = *key,
					.comm = t->comm ? t->comm : *key,
					.client = (uint32_t)t->client,
					.tid = (uint32_t)i,
					.parent = SCN_NONE,
					.ops = &t->ops,
					.task = t,
				},
				key, sizeof(*key)))
			return -1;
	}
	for (uint32_t i = 0, n = scn->names->nr_progs; i < n; i++) {
		if (define_all_groups(r, scn->names->progs[i].ops, i))
			return -1;
	}
	return 0;
}

/* ---- second pass: what refers to it ---- */

static int use_handle(struct resolver *r, const char *const *name, enum scn_handle_kind kind,
		      uint32_t prog, uint32_t *slot)
{
	static const char *const unknown[] = {
		[SCN_FD] = "no open gives this name",
		[SCN_MAP] = "no mmap gives this name",
		[SCN_AIO] = "no aio_read or aio_write names this context",
	};
	struct scn_names *n = r->scn->names;
	uint32_t client = n->progs[prog].client;
	const char **names;
	size_t nr = 0;

	if (!*name)
		return 0;
	*slot = find(&n->handle_names, handle_key(r, kind, client, *name));
	if (*slot != SCN_NONE) {
		n->handles[name_handle(n, *slot, prog)].used = true;
		return 0;
	}
	names = sim_alloc_array(r->arena, n->nr_handles + 1, sizeof(*names));
	for (uint32_t i = 0; i < n->nr_handles; i++) {
		if (n->handles[i].client == client && n->handles[i].kind == kind)
			names[nr++] = n->handles[i].name;
	}
	return resolve_unknown(r, name, sizeof(*name), unknown[kind], *name, names, nr);
}

static int use_wait(struct resolver *r, struct scn_op *op, uint32_t prog)
{
	struct scn_names *n = r->scn->names;

	if (resolve_target(r, op->target, strlen(op->target), &op->target, sizeof(op->target),
			   &op->target_prog, &op->target_label))
		return -1;
	if (op->target_prog != prog)
		return 0;
	if (op->target_label == SCN_NONE)
		return sim_conf_error_at(r->scn->doc, &op->target, r->err,
					 "a task cannot wait for its own end; name another task");
	if (n->labels[op->target_label].order >= r->order)
		return sim_conf_error_at(r->scn->doc, &op->target, r->err,
					 "it comes later in the same task and is never reached; "
					 "name an operation of another task");
	return 0;
}

static int use_ops(struct resolver *r, const struct sim_conf_list *ops, uint32_t prog)
{
	for (size_t i = 0; i < ops->n; i++) {
		enum scn_op_kind kind = scn_op_kind(ops, i);
		struct scn_op *op = scn_op(ops, i);

		r->order++;
		if (use_handle(r, &op->fd, SCN_FD, prog, &op->fd_slot) ||
		    use_handle(r, &op->map, SCN_MAP, prog, &op->slot) ||
		    use_handle(r, &op->aio, SCN_AIO, prog, &op->slot))
			return -1;
		if (op->file && resolve_file(r, op->file, &op->file, sizeof(op->file)))
			return -1;
		if (kind == OP_MKSNAP && r->scn->mount.fs != FS_CEPH)
			return sim_conf_error_at(r->scn->doc, &op->name, r->err,
						 "only ceph has snapshots; use srv_snapshot");
		if (kind == OP_WAIT && use_wait(r, op, prog))
			return -1;
		if (kind == OP_SIGNAL &&
		    resolve_target(r, op->target, strlen(op->target), &op->target,
				   sizeof(op->target), &op->target_prog, &op->target_label))
			return -1;
		if (kind >= OP_REPEAT && op->ret.given)
			return sim_conf_error_at(r->scn->doc, &op->ret, r->err,
						 "a group returns nothing; put it on an operation");
		if (op->body.n && use_ops(r, &op->body, prog))
			return -1;
	}
	return 0;
}

static int use_start_after(struct resolver *r, uint32_t prog)
{
	const struct scn_task *t = r->scn->names->progs[prog].task;
	struct scn_task *task;

	if (!t || !t->start_after)
		return 0;
	task = sim_conf_item(&r->scn->tasks, struct scn_task, prog);
	return resolve_target(r, t->start_after, strlen(t->start_after), &t->start_after,
			      sizeof(t->start_after), &task->after_prog, &task->after_label);
}

/* Tasks that start after each other never start. */
static int check_start_cycles(struct resolver *r)
{
	const struct scn_names *n = r->scn->names;

	for (uint32_t i = 0; i < n->nr_progs; i++) {
		uint32_t at = i;

		for (uint32_t hops = 0; n->progs[i].task && hops <= n->nr_progs; hops++) {
			while (n->progs[at].parent != SCN_NONE)
				at = n->progs[at].parent;
			if (!n->progs[at].task->start_after)
				break;
			at = n->progs[at].task->after_prog;
			if (at == i || hops == n->nr_progs)
				return sim_conf_error_at(
					r->scn->doc, &n->progs[i].task->start_after, r->err,
					"the task would wait for itself and never start; break "
					"the circle");
		}
	}
	return 0;
}

static int check_unused(struct resolver *r)
{
	const struct scenario *scn = r->scn;
	const struct scn_names *n = scn->names;

	for (uint32_t i = 0; i < n->nr_handles; i++) {
		if (n->handles[i].kind == SCN_FD && !n->handles[i].used)
			return sim_conf_error_at(scn->doc, &n->handles[i].made->as, r->err,
						 "nothing uses this open file; use it, or leave "
						 "`as` out");
	}
	/* An override may have taken away what refers to a label. */
	for (uint32_t i = 0; i < n->nr_labels && !r->overridden; i++) {
		if (!n->labels[i].used)
			return sim_conf_error_at(scn->doc, &n->labels[i].op->label, r->err,
						 "nothing refers to this label; use it, or leave "
						 "it out");
	}
	for (uint32_t i = 0; i < n->nr_barriers; i++) {
		if (n->barriers[i].parties < 2)
			return sim_conf_error_at(
				scn->doc, &n->barriers[i].op->target, r->err,
				"only one task comes to this barrier; at least two "
				"must meet");
	}
	for (size_t i = 0; i < scn->files.n; i++) {
		if (!r->listed[i].used)
			return sim_conf_error_at(scn->doc, &scn->files.keys[i], r->err,
						 "nothing uses this file; use it, or leave it out");
	}
	return 0;
}

static int resolve_all(struct resolver *r)
{
	struct scn_names *n = r->scn->names;

	define_files(r);
	if (define_tasks(r))
		return -1;
	r->order = 0;
	for (uint32_t i = 0; i < n->nr_progs; i++) {
		if (use_start_after(r, i))
			return -1;
	}
	for (uint32_t i = 0; i < n->nr_progs; i++) {
		if (use_ops(r, n->progs[i].ops, i))
			return -1;
	}
	if (check_start_cycles(r) || resolve_holds(r) || resolve_faults(r) || resolve_expect(r) ||
	    resolve_proc(r))
		return -1;
	return check_unused(r);
}

int scenario_resolve(struct scenario *scn, bool overridden, struct sim_err *err)
{
	struct resolver r = {.scn = scn,
			     .overridden = overridden,
			     .err = err,
			     .arena = sim_conf_arena(scn->doc)};
	struct scn_names *n = sim_alloc(r.arena, sizeof(*n));
	int ret;

	scn->names = n;
	sim_names_init(&n->prog_names, r.arena);
	sim_names_init(&n->handle_names, r.arena);
	sim_names_init(&n->label_names, r.arena);
	ret = resolve_all(&r);
	sim_buf_free(&r.key);
	return ret;
}
