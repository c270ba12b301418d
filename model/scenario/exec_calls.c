/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations as system calls, and as actions on the server behind the clients' backs. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <errno.h>

#include "sim/base/math.h"
#include "sim/core/task.h"

/* Switching the tracing on takes the recordings' driver a while, too, in which work goes on. */
#define TRACE_ON_DELAY_NS  (20 * SIM_NS_PER_MS)
#define TRACE_OFF_DELAY_NS (60 * SIM_NS_PER_MS)

struct file *exec_file(const struct exec *x, const struct scn_op *op)
{
	struct run_open *open = x->rs->slots[op->fd_slot].open;

	return open ? open->file : NULL;
}

/* ---- open, close ---- */

static uint32_t prog_of(const struct exec *x)
{
	return (uint32_t)(x->t - x->rs->tasks);
}

static void do_open(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct run_client *rc = &x->rs->clients[x->t->prog->client];
	struct run_open *open = NULL;
	int err;
	struct file *file = sys_open(x->t->client, op->file, (uint32_t)op->flags, &err);

	if (file) {
		open = sim_pool_get(&x->rs->opens);
		open->file = file;
		open->slot = op->fd_slot;
		open->prog = exec_owner(x->rs, op->fd_slot, prog_of(x));
		sim_list_add_tail(&open->entry, &rc->open);
		err = 0;
	}
	if (op->fd_slot != SCN_NONE)
		x->rs->slots[op->fd_slot].open = open;
	res->ret = err;
}

static int close_open(struct run_state *rs, struct run_open *open)
{
	struct file *file = open->file;

	sim_list_del(&open->entry);
	if (open->slot != SCN_NONE && rs->slots[open->slot].open == open)
		rs->slots[open->slot].open = NULL;
	sim_pool_put(&rs->opens, open);
	return sys_close(file);
}

static void do_close(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct run_open *open = x->rs->slots[op->fd_slot].open;

	res->ret = open ? close_open(x->rs, open) : -EBADF;
}

/* The first that goes when the task, or (SCN_NONE) the process, exits; NULL: none is left. */
static struct run_open *open_of(struct run_client *rc, uint32_t prog)
{
	sim_list_for_each (open, &rc->open, struct run_open, entry)
		if (prog == SCN_NONE || open->prog == prog)
			return open;
	return NULL;
}

void exec_exit(struct run_state *rs, struct run_client *rc, uint32_t prog)
{
	struct sim_task *t = rs->w->current;
	struct run_open *open;

	exec_exit_aio(rs, (uint32_t)(rc - rs->clients), prog);
	exec_exit_mm(rs, rc, prog);
	while ((open = open_of(rc, prog))) {
		const char *name = open->file->f_inode->name;
		int ret;

		t->op++;
		trace_sim_syscall(rs->w->trace, SIM_SYSCALL_ENTER, t->id, t->op, sim_call_exit,
				  name, 0, 0, 0);
		ret = close_open(rs, open);
		trace_sim_syscall(rs->w->trace, SIM_SYSCALL_EXIT, t->id, t->op, sim_call_exit, name,
				  0, 0, ret);
	}
}

/* ---- read, write ---- */

/* A repeat may step beyond the largest file: a negative offset for the kernel, as rw_verify_area().
 */
static bool range_is_valid(const struct exec *x, const struct scn_op *op)
{
	uint64_t pos = sim_add_sat(op->at, x->add);

	return !op->has_at || (pos <= INT64_MAX && op->len <= INT64_MAX - pos);
}

static void do_read(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct file *file = exec_file(x, op);

	res->ret = -EBADF;
	if (!res->has_data)
		content_map_init(&res->data, x->rs->model->content);
	res->has_data = true;
	if (!file)
		return;
	res->ret = -EINVAL;
	if (!range_is_valid(x, op))
		return;
	if (op->has_at)
		res->ret = sys_pread(file, &res->data, 0, op->len, op->at + x->add, 0,
				     (uint32_t)op->misalign);
	else
		res->ret = sys_read(file, &res->data, 0, op->len);
	if (res->ret > 0)
		res->data_len = res->bytes_read = (uint64_t)res->ret;
}

/* The source of what this task writes to this file. */
static uint32_t source_of(struct exec *x, const struct inode *inode)
{
	struct run_task *t = x->t;
	struct sim_buf *name = &x->rs->text; /* not one of its own: memory may run out below */

	for (uint32_t i = 0; i < t->nr_sources; i++) {
		if (t->sources[i].inode == inode->ordinal)
			return t->sources[i].source;
	}
	if (t->nr_sources == t->cap_sources) {
		uint32_t cap = t->cap_sources ? 2 * t->cap_sources : 4;

		t->sources = sim_realloc_array(x->rs->arena, t->sources, t->cap_sources, cap,
					       sizeof(*t->sources));
		t->cap_sources = cap;
	}
	sim_buf_clear(name);
	sim_buf_printf(name, "task %s to %s", t->prog->name, inode->name);
	t->sources[t->nr_sources] = (struct run_source){
		.inode = inode->ordinal,
		.source = content_source_new(x->rs->model->content, name->data, CONTENT_LAW_OPS, 0),
	};
	return t->sources[t->nr_sources++].source;
}

/* Every write takes the next letter when it is executed, whatever comes of it. */
static unsigned next_letter(struct run_state *rs)
{
	unsigned letter = rs->letter;

	rs->letter = (letter + 1) % 26;
	return letter;
}

void exec_fill(struct exec *x, const struct inode *inode, const struct scn_op *op,
	       struct content_map *buf, struct op_result *res)
{
	struct content_space *space = x->rs->model->content;
	unsigned letter = next_letter(x->rs);

	res->fill = (char)('A' + letter);
	if (inode && op->len)
		content_map_init_filled(buf, space, op->len,
					content_source_append(space, source_of(x, inode), op->len,
							      x->rs->w->current->op, letter));
	else
		content_map_init(buf, space);
}

static void do_write(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct file *file = exec_file(x, op);
	bool valid = file && range_is_valid(x, op);
	struct content_map *buf = &res->buf;

	if (!res->has_buf)
		exec_fill(x, valid ? file->f_inode : NULL, op, buf, res);
	res->has_buf = true;
	if (!valid)
		res->ret = file ? -EINVAL : -EBADF;
	else if (op->has_at)
		res->ret = sys_pwrite(file, buf, 0, op->len, op->at + x->add, (uint32_t)op->flags,
				      (uint32_t)op->misalign);
	else
		res->ret = sys_write(file, buf, 0, op->len);
	if (res->ret > 0)
		res->bytes_written = (uint64_t)res->ret;
}

/* ---- calls on an open file ---- */

static int64_t call_on_file(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	struct file *file = exec_file(x, op);

	if (!file)
		return -EBADF;
	switch (kind) {
	case OP_FSYNC:
		return sys_fsync(file, false);
	case OP_FDATASYNC:
		return sys_fsync(file, true);
	case OP_SYNCFS:
		return sys_syncfs(file);
	case OP_SYNC_FILE_RANGE:
		return sys_sync_file_range(file, op->at + x->add, op->len);
	case OP_TRUNCATE:
		return sys_ftruncate(file, op->len);
	case OP_FALLOCATE:
		return sys_fallocate(file, op->mode, sim_add_sat(op->at, x->add), op->len);
	case OP_LOCK:
		return sys_lock(file, op->at + x->add, op->len,
				op->shared ? LOCK_SHARED : LOCK_EXCLUSIVE);
	case OP_UNLOCK:
		return sys_lock(file, op->at + x->add, op->len, LOCK_NONE);
	case OP_LSEEK:
		return sys_lseek(file, (int64_t)op->at, op->whence);
	default:
		return sys_fadvise(file, op->at + x->add, op->len, op->advice);
	}
}

static void set_size(struct op_result *res, uint64_t size)
{
	res->has_size = true;
	res->size = size;
	res->blocks = sim_round_up(size, 4096) / 512;
}

static void do_stat(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct file *file = op->fd ? exec_file(x, op) : NULL;
	uint64_t size = 0;

	if (op->file)
		res->ret = sys_stat(x->t->client, op->file, &size);
	else
		res->ret = file ? sys_fstat(file, &size) : -EBADF;
	if (!res->ret)
		set_size(res, size);
}

/* ---- the machine ---- */

static void do_sysctl(struct exec *x, const struct scn_op *op)
{
	struct mm_config *c = &x->t->client->mm.config;

	switch (op->key) {
	case SYSCTL_DIRTY_RATIO:
		c->dirty_ratio = (uint32_t)op->value;
		c->dirty_bytes = 0;
		break;
	case SYSCTL_DIRTY_BACKGROUND_RATIO:
		c->dirty_background_ratio = (uint32_t)op->value;
		c->dirty_background_bytes = 0;
		break;
	case SYSCTL_DIRTY_BYTES:
		c->dirty_bytes = op->value;
		break;
	case SYSCTL_DIRTY_BACKGROUND_BYTES:
		c->dirty_background_bytes = op->value;
		break;
	case SYSCTL_DIRTY_WRITEBACK_CENTISECS:
		mm_set_writeback_interval(&x->t->client->mm, op->value * 10 * SIM_NS_PER_MS);
		break;
	case SYSCTL_DIRTY_EXPIRE_CENTISECS:
		c->dirty_expire_interval_ns = op->value * 10 * SIM_NS_PER_MS;
		break;
	case NR_SYSCTLS:
		break;
	}
}

/* ---- behind the clients' backs ---- */

static void do_srv_dump(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct server_file *f = server_find(x->rs->model->server, op->file);

	if (!f) {
		res->ret = -ENOENT;
		return;
	}
	res->no_ret = true;
	set_size(res, f->size);
	res->has_data = true;
	res->data_len = f->size;
	content_map_init(&res->data, x->rs->model->content);
	content_copy(&res->data, 0, &f->data, 0, f->size);
}

static int64_t server_action(struct server *s, enum scn_op_kind kind, const struct scn_op *op,
			     uint64_t add)
{
	int err = 0;

	switch (kind) {
	case OP_SRV_CREATE:
		srv_create(s, op->file, op->len, op->fill, &err);
		return err;
	case OP_SRV_WRITE:
		return srv_write(s, op->file, op->at + add, op->len);
	case OP_SRV_TRUNCATE:
		return srv_truncate(s, op->file, op->len);
	case OP_SRV_FILLFS:
		return srv_fillfs(s, op->file);
	case OP_SRV_SNAPSHOT:
		return server_snapshot(s, op->name);
	default:
		return srv_rm(s, op->file);
	}
}

/* ---- the trace window ---- */

static void do_trace_on(struct exec *x, const struct scn_op *op)
{
	struct run_state *rs = x->rs;
	uint64_t size;

	sys_stat(x->t->client, op->file, &size);
	sim_sleep(rs->w, TRACE_ON_DELAY_NS);
	sim_trace_window(rs->w->trace, true);
	sim_buf_clear(&rs->data);
	sim_buf_printf(&rs->data, "CASE %s", op->name ? op->name : op->file);
	trace_tracing_mark_write(rs->w->trace, rs->data.data);
}

static void do_trace_off(struct exec *x)
{
	sim_sleep(x->rs->w, TRACE_OFF_DELAY_NS);
	trace_tracing_mark_write(x->rs->w->trace, "CASE END");
	sim_trace_window(x->rs->w->trace, false);
}

/* Calls that change the machine or wait for other tasks. */
static int64_t call_on_machine(struct exec *x, enum scn_op_kind kind, const struct scn_op *op)
{
	switch (kind) {
	case OP_SYNC:
		return sys_sync(x->t->client);
	case OP_UNLINK:
		return sys_unlink(x->t->client, op->file);
	case OP_MKSNAP:
		return sys_mksnap(x->t->client, op->name);
	case OP_DROP_CACHES:
		return sys_drop_caches(x->t->client);
	case OP_SLEEP: /* with a handler, whatever that says: ERESTART_RESTARTBLOCK */
		return sim_sleep(x->rs->w, op->time_ns) ? -EINTR : 0;
	case OP_SIGNAL:
		return run_signal(x->rs, op->target_prog, op->signal);
	case OP_SYSCTL:
		do_sysctl(x, op);
		return 0;
	case OP_TAKE_MEMORY:
		return mm_take_anon(&x->t->client->mm, op->len);
	case OP_GIVE_MEMORY:
		return mm_give_anon(&x->t->client->mm, op->len);
	case OP_BARRIER:
		return run_barrier(x->rs, op->barrier);
	default:
		return run_wait_for(x->rs, op->target_prog, op->target_label);
	}
}

static void do_trace_window(struct exec *x, const struct scn_op *op, bool on)
{
	if (on)
		do_trace_on(x, op);
	else
		do_trace_off(x);
}

void exec_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
	       struct op_result *res)
{
	switch (kind) {
	case OP_OPEN:
		do_open(x, op, res);
		break;
	case OP_CLOSE:
		do_close(x, op, res);
		break;
	case OP_READ:
		do_read(x, op, res);
		break;
	case OP_WRITE:
		do_write(x, op, res);
		break;
	case OP_FSYNC:
	case OP_FDATASYNC:
	case OP_SYNCFS:
	case OP_SYNC_FILE_RANGE:
	case OP_TRUNCATE:
	case OP_FALLOCATE:
	case OP_LSEEK:
	case OP_LOCK:
	case OP_UNLOCK:
	case OP_FADVISE:
		res->ret = call_on_file(x, kind, op);
		break;
	case OP_AIO_READ:
	case OP_AIO_WRITE:
	case OP_AIO_WAIT:
		exec_aio_call(x, kind, op, res);
		break;
	case OP_MMAP:
	case OP_MUNMAP:
	case OP_MREAD:
	case OP_MWRITE:
	case OP_MSYNC:
		exec_map_call(x, kind, op, res);
		break;
	case OP_STAT:
		do_stat(x, op, res);
		break;
	case OP_SRV_CREATE:
	case OP_SRV_WRITE:
	case OP_SRV_TRUNCATE:
	case OP_SRV_FILLFS:
	case OP_SRV_RM:
	case OP_SRV_SNAPSHOT:
		res->ret = server_action(x->rs->model->server, kind, op, x->add);
		break;
	case OP_SRV_DUMP:
		do_srv_dump(x, op, res);
		break;
	case OP_TRACE_ON:
	case OP_TRACE_OFF:
		do_trace_window(x, op, kind == OP_TRACE_ON);
		break;
	default: /* groups and generators are no calls */
		res->ret = call_on_machine(x, kind, op);
		break;
	}
}
