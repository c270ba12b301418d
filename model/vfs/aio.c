/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous reads and writes: submitted one by one, waited for one by one.
 *
 * Mirrors: fs/aio.c (6.8).
 *
 * A kiocb with ki_complete is asynchronous. A filesystem that goes on with it after its call has
 * returned says -EIOCBQUEUED and calls ki_complete once, in whatever task ends it; one that does
 * all of it in the call returns the result, and the submitter completes it.
 */
#include <errno.h>

#include "model/vfs/internal.h"

/* One of them, from its submission until somebody has taken its event. */
struct aio_kiocb {
	struct kiocb rw;
	struct kioctx *ki_ctx;
	struct sim_list entry; /* kioctx.ring, once it has ended */
	struct content_map buf;
	bool write;
	uint64_t pos;
	int64_t res;
};

struct kioctx {
	struct client *client;
	struct sim_pool pool;
	struct sim_list ring; /* struct aio_kiocb.entry: those that have ended, in this order */
	uint32_t nr_active;
	struct sim_waitq wait;
};

static void aio_describe(const void *obj, struct sim_buf *out)
{
	sim_buf_printf(out, "%u asynchronous I/Os", ((const struct kioctx *)obj)->nr_active);
}

static const struct sim_wait_class aio_wait_class = {.name = "aio", .describe = aio_describe};

struct kioctx *sys_io_setup(struct client *c)
{
	struct kioctx *ctx = sim_alloc(c->w->arena, sizeof(*ctx));

	syscall_enter(c);
	ctx->client = c;
	sim_pool_init(&ctx->pool, c->w->arena, sizeof(struct aio_kiocb));
	sim_list_init(&ctx->ring);
	return ctx;
}

/* The event goes to the ring, and the file loses a user. */
static void aio_complete(struct aio_kiocb *req, int64_t res)
{
	struct kioctx *ctx = req->ki_ctx;

	req->res = res;
	ctx->nr_active--;
	sim_list_add_tail(&req->entry, &ctx->ring);
	sim_wake(ctx->client->w, &ctx->wait, SIM_WAKE_ALL);
	fput(req->rw.ki_filp);
}

static void aio_complete_rw(struct kiocb *iocb, int64_t res)
{
	struct aio_kiocb *req = sim_container_of(iocb, struct aio_kiocb, rw);
	struct model *m = req->ki_ctx->client->model;

	if (req->write)
		MODEL_HOOK(m, write_end, iocb->ki_filp, iocb, req->pos, res);
	else
		MODEL_HOOK(m, read_end, iocb->ki_filp, iocb, req->pos, res, &req->buf, 0);
	aio_complete(req, res);
}

int sys_io_submit(struct kioctx *ctx, struct file *file, bool write, struct content_map *buf,
		  uint64_t len, uint64_t pos, uint32_t rwf, uint32_t misalign)
{
	struct aio_kiocb *req;
	struct iov_iter iter;
	int64_t ret;

	syscall_enter(ctx->client);
	if (!(file->f_mode & (write ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	req = sim_pool_get(&ctx->pool);
	ret = init_kiocb(&req->rw, file, pos, rwf);
	if (ret < 0) {
		sim_pool_put(&ctx->pool, req);
		return (int)ret;
	}
	req->rw.ki_flags |= IOCB_AIO_RW | (write ? IOCB_WRITE : 0);
	req->rw.ki_complete = aio_complete_rw;
	req->ki_ctx = ctx;
	req->write = write;
	req->pos = pos;
	content_map_init(&req->buf, ctx->client->model->content);
	if (write)
		content_copy(&req->buf, 0, buf, 0, len);
	init_user_iter(&iter, &req->buf, 0, len, misalign);
	file->f_count++;
	ctx->nr_active++;
	ret = write ? iocb_write(&req->rw, &iter) : iocb_read(&req->rw, &iter, &req->buf, 0);
	if (ret != -EIOCBQUEUED)
		aio_complete(req, user_result(ret)); /* never restarted: aio_rw_done */
	return 1;
}

int sys_io_getevents(struct kioctx *ctx, uint64_t timeout_ns, struct io_event *event)
{
	struct sim_world *w = ctx->client->w;
	uint64_t until = w->now_ns + timeout_ns;
	struct aio_kiocb *req;

	syscall_enter(ctx->client);
	while (sim_list_empty(&ctx->ring)) {
		int ret = w->now_ns < until
				  ? sim_wait_timeout(w, &ctx->wait, SIM_WAIT_INTERRUPTIBLE,
						     SITE_AIO_EVENTS, &aio_wait_class, ctx,
						     until - w->now_ns)
				  : -ETIMEDOUT;

		if (ret < 0)
			return ret == -ETIMEDOUT ? 0 : -EINTR;
	}
	req = sim_list_first(&ctx->ring, struct aio_kiocb, entry);
	sim_list_del(&req->entry);
	event->res = req->res;
	event->write = req->write;
	event->data = req->buf;
	sim_pool_put(&ctx->pool, req);
	return 1;
}

void exit_aio(struct kioctx *ctx)
{
	while (ctx->nr_active)
		sim_wait(ctx->client->w, &ctx->wait, SIM_WAIT_PLAIN, SITE_AIO_EVENTS,
			 &aio_wait_class, ctx);
	while (!sim_list_empty(&ctx->ring)) {
		struct aio_kiocb *req = sim_list_first(&ctx->ring, struct aio_kiocb, entry);

		sim_list_del(&req->entry);
		content_map_fini(&req->buf);
		sim_pool_put(&ctx->pool, req);
	}
}
