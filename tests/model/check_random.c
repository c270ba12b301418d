/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random work on one or two files, checked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/model/check_random.h"

#include "sim/base/math.h"
#include "sim/choice/choice.h"

#define NR_FILES 2
#define MAX_SIZE 0x14000u

/* One task with its descriptors and its own stream of numbers. */
struct random_task {
	struct model_fixture *f;
	const struct random_work *work;
	uint64_t state;
	struct content_map buf;
	struct file *fd[NR_FILES];
	unsigned source, ops;
};

static uint64_t next(struct random_task *t)
{
	uint64_t z = t->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint64_t below(struct random_task *t, uint64_t n)
{
	return next(t) % n;
}

static const char *const names[NR_FILES] = {"f", "g"};

/* Some round, some odd numbers. */
static uint64_t some_offset(struct random_task *t)
{
	uint64_t off = below(t, MAX_SIZE);

	switch (below(t, 4)) {
	case 0:
		return off & ~(PAGE_SIZE - 1);
	case 1:
		return off & ~0xffull;
	default:
		return off;
	}
}

static uint64_t some_length(struct random_task *t)
{
	switch (below(t, 4)) {
	case 0:
		return PAGE_SIZE << below(t, 3);
	case 1:
		return 1 + below(t, 0x200);
	default:
		return 1 + below(t, 0x3000);
	}
}

/* For people: which call made the records before this one. */
static void told(struct random_task *t, const char *call, int64_t ret)
{
	char text[64];

	snprintf(text, sizeof(text), "%s = %lld", call, (long long)ret);
	trace_tracing_mark_write(t->f->trace, text);
}

static void some_open(struct random_task *t, unsigned i)
{
	static const uint32_t modes[] = {O_RDWR_, O_WRONLY_, O_RDONLY_, O_WRONLY_};
	uint32_t flags = modes[below(t, SIM_ARRAY_SIZE(modes))];
	int err;

	if (below(t, 12) == 0)
		flags |= O_TRUNC_;
	if (below(t, 8) == 0)
		flags |= O_APPEND_;
	if (t->work->direct && below(t, 3) == 0)
		flags |= below(t, 2) ? O_DIRECT_ : O_SYNC_;
	t->fd[i] = sys_open(t->f->c, names[i], flags | O_CREAT_, &err);
	told(t, names[i], (int64_t)flags);
}

static void some_write(struct random_task *t, struct file *fd, uint64_t pos, uint64_t len)
{
	content_set(&t->buf, 0, len,
		    content_source_append(t->f->m->content, t->source, len, t->ops, t->ops % 26));
	told(t, "write", sys_pwrite(fd, &t->buf, 0, len, pos, 0, 0));
}

/* Writes that go on where the last one ended: they continue streams. */
static void some_stream(struct random_task *t, struct file *fd, uint64_t pos)
{
	for (unsigned n = 2 + (unsigned)below(t, 3); n; n--) {
		uint64_t len = 1 + below(t, 0x700);

		content_set(&t->buf, 0, len,
			    content_source_append(t->f->m->content, t->source, len, t->ops,
						  t->ops % 26));
		told(t, "write", sys_pwrite(fd, &t->buf, 0, len, pos, 0, 0));
		pos += len;
	}
}

static void some_foreign(struct random_task *t, unsigned i, uint64_t pos, uint64_t len)
{
	struct server *s = t->f->m->server;

	if (below(t, 3))
		told(t, "srv_write", srv_write(s, names[i], pos, len));
	else
		told(t, "srv_truncate", srv_truncate(s, names[i], pos) + (int64_t)pos);
}

static void some_op(struct random_task *t)
{
	unsigned i = (unsigned)below(t, NR_FILES);
	uint64_t pos = some_offset(t), len = some_length(t), size;
	struct file *fd;

	if (!t->fd[i])
		some_open(t, i);
	fd = t->fd[i];
	if (!fd)
		return;
	switch (below(t, 16)) {
	case 0:
		told(t, "close", sys_close(fd));
		t->fd[i] = NULL;
		break;
	case 1:
		if (fd->f_mode & FMODE_WRITE)
			told(t, "ftruncate", sys_ftruncate(fd, pos));
		break;
	case 2:
		told(t, "fsync", sys_fsync(fd, below(t, 2)));
		break;
	case 3:
		told(t, "drop_caches", sys_drop_caches(t->f->c));
		break;
	case 4:
		sim_sleep(t->f->w, below(t, 3000000));
		break;
	case 5:
		if (t->work->foreign)
			some_foreign(t, i, pos, len);
		else
			told(t, "fstat", sys_fstat(fd, &size));
		break;
	case 6:
		sys_fadvise(fd, pos, len, below(t, 2) ? FADV_DONTNEED : FADV_WILLNEED);
		break;
	case 7:
	case 8:
		some_stream(t, fd, pos);
		break;
	case 9:
	case 10:
	case 11:
		told(t, "read", sys_pread(fd, &t->buf, 0, len, pos, 0, 0));
		break;
	default:
		some_write(t, fd, pos, len);
		break;
	}
}

static void task_main(void *arg)
{
	struct random_task *t = arg;

	for (t->ops = 0; t->ops < t->work->ops; t->ops++)
		some_op(t);
	for (unsigned i = 0; i < NR_FILES; i++)
		if (t->fd[i])
			sys_close(t->fd[i]);
}

/* Errors that are redirtied, that kill, and answers that are short. */
static struct fault random_faults[] = {
	{.on = 1u << RPC_WRITE,
	 .client = UINT32_MAX,
	 .num = 1,
	 .den = 12,
	 .action = FAULT_ERROR,
	 .error = -ENOSPC},
	{.on = 1u << RPC_WRITE,
	 .client = UINT32_MAX,
	 .num = 1,
	 .den = 20,
	 .action = FAULT_ERROR,
	 .error = -EIO},
	{.on = 1u << RPC_READ,
	 .client = UINT32_MAX,
	 .num = 1,
	 .den = 20,
	 .action = FAULT_ERROR,
	 .error = -EIO},
	{.on = 1u << RPC_WRITE,
	 .client = UINT32_MAX,
	 .num = 1,
	 .den = 10,
	 .action = FAULT_SHORT,
	 .bytes = 0x123},
};

static void setup(struct model_fixture *f, const struct random_work *work, struct fault *faults)
{
	struct sim_choices_config choices = {
		.policy = &sim_policy_random, .seed = work->seed, .preempt_once = 4};

	model_fixture_init(f);
	f->seed = work->seed;
	f->mount = (struct mount_config){.fs = work->fs};
	mount_config_defaults(&f->mount);
	if (work->fs == FS_9P || work->cache == CACHE_FSCACHE)
		f->mount.cache = work->cache;
	f->design.cache_copy = work->cache_copy;
	if (work->bug)
		bug_set_add(&f->design.bugs, bug_find(work->bug));
	if (work->preempt)
		f->choices = sim_choices_new(&choices);
	if (work->faults) {
		memcpy(faults, random_faults, sizeof(random_faults));
		f->faults = faults;
		f->nr_faults = SIM_ARRAY_SIZE(random_faults);
	}
	model_fixture_start(f);
	if (work->verbose)
		sim_trace_filter(f->trace, &f->lines.sink, "*:*", true);
	f->m->costs.copy_page_ns = work->page_cost_ns;
}

static void finish(struct model_fixture *f, const struct random_work *work, struct check *check,
		   struct random_outcome *out)
{
	const struct violation *v = check_violation(check, 0);

	out->steps = f->w->steps;
	out->records = f->trace->nr_records;
	out->fingerprint = sim_trace_fingerprint(f->trace);
	out->violations = check_nr_violations(check);
	out->rule = NR_CHECK_RULES;
	if (v) {
		out->rule = v->rule;
		out->step = v->step;
		strncpy(out->text, v->text, sizeof(out->text) - 1);
	}
	if (work->verbose && f->lines.text.data)
		fputs(f->lines.text.data, work->verbose);
	for (size_t i = 0; work->verbose && (v = check_violation(check, i)); i++) {
		struct sim_buf text = {0};

		check_print(check, v, &text);
		fputs(text.data, work->verbose);
		sim_buf_free(&text);
	}
}

void random_work_run(const struct random_work *work, struct random_outcome *out)
{
	struct random_task task[4] = {0};
	struct fault faults[SIM_ARRAY_SIZE(random_faults)];
	struct model_fixture f;
	struct check *check;
	int err;

	*out = (struct random_outcome){.rule = NR_CHECK_RULES};
	setup(&f, work, faults);
	check = check_new(f.m, work->mode);
	srv_create(f.m->server, "f", 0x9800, SRV_FILL_DATA, &err);
	for (unsigned i = 0; i < work->tasks; i++) {
		struct random_task *t = &task[i];
		char comm[16];

		t->f = &f;
		t->work = work;
		t->state = work->seed * 16 + i;
		content_map_init(&t->buf, f.m->content);
		snprintf(comm, sizeof(comm), "task%u", i);
		t->source = content_source_new(f.m->content, comm, CONTENT_LAW_OPS, 0);
		client_spawn(f.c, comm, task_main, t);
	}
	/* What cannot be written is tried again for ever: 9P needs an open file for it. */
	out->end = sim_world_run_steps(f.w, work->faults ? 10000 : UINT64_MAX);
	check_finish(check, out->end);
	finish(&f, work, check, out);
	model_fixture_teardown(&f);
	if (f.choices)
		sim_choices_free(f.choices);
}
