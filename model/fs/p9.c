/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 9P client: messages of at most msize, one after the other, in whatever task asks.
 *
 * Mirrors: net/9p/client.c, net/9p/trans_fd.c p9_conn_cancel (6.8). Reference 9.2, recorded C7.
 */
#include "model/fs/9p.h"

#include "sim/base/math.h"

#define P9_IOHDRSZ 24

static const enum p9_msg p9_types[NR_RPC_OPS] = {
	[RPC_LOOKUP] = P9_TWALK,     [RPC_CREATE] = P9_TLCREATE,  [RPC_OPEN] = P9_TLOPEN,
	[RPC_CLOSE] = P9_TCLUNK,     [RPC_GETATTR] = P9_TGETATTR, [RPC_SETATTR] = P9_TSETATTR,
	[RPC_READ] = P9_TREAD,       [RPC_WRITE] = P9_TWRITE,     [RPC_FSYNC] = P9_TFSYNC,
	[RPC_UNLINK] = P9_TUNLINKAT, [RPC_FLUSH] = P9_TFLUSH,
};

/*
 * A signal that is pending already does not end the wait (the kernel hides it meanwhile), so that
 * what a killed task has yet to send is answered. One that kills it ends the wait: the server is
 * asked to forget the message, and if that was served all the same, the call has succeeded.
 */
static int p9_wait_killable(struct rpc *rpc)
{
	struct client *c = rpc->client;
	struct sim_task *t = c->w->current;
	bool signal = t->signal, fatal = t->fatal;
	int err;

	t->signal = t->fatal = false;
	err = server_call_killable(rpc);
	if (err == -ERESTARTSYS) {
		trace_9p_client_req(c->w->trace, c->id, P9_TFLUSH, 0);
		err = server_flush(rpc);
		trace_9p_client_res(c->w->trace, c->id, P9_TFLUSH, 0, 0);
	}
	t->signal |= signal;
	t->fatal |= fatal;
	return err == -ECANCELED ? -ERESTARTSYS : err;
}

int p9_client_rpc(struct rpc *rpc)
{
	struct client *c = rpc->client;
	struct v9fs_session *v9ses = c->sb->s_fs_info;
	struct sim_trace *t = c->w->trace;
	int err;

	sim_cpu(c->w, c->model->costs.rpc_ns);
	/* The transport is never connected again: the first call learns why, the others do not. */
	if (server_nr_disconnects(c)) {
		err = v9ses->disconnected ? -EIO : -ECONNRESET;
		v9ses->disconnected = true;
		return err;
	}
	trace_9p_client_req(t, c->id, p9_types[rpc->op], 0);
	err = p9_wait_killable(rpc);
	if (err != -ERESTARTSYS)
		trace_9p_client_res(t, c->id, p9_types[rpc->op], 0, err < 0 ? -err : 0);
	return err;
}

uint64_t p9_payload(const struct v9fs_session *v9ses)
{
	uint64_t max = v9ses->config.msize - P9_IOHDRSZ;

	return v9ses->config.iounit && v9ses->config.iounit < max ? v9ses->config.iounit : max;
}

/*
 * One message of a transfer. The client sends what it finds in one segment of memory: of the page
 * cache as much as a message holds, of pinned pages one page.
 */
static int64_t p9_transfer_once(struct p9_fid *fid, enum rpc_op op, uint64_t offset,
				struct iov_iter *iter, uint32_t rreq, uint16_t index, int *err)
{
	struct inode *inode = fid->inode;
	struct v9fs_session *v9ses = inode->i_sb->s_fs_info;
	struct iov_iter part = *iter;
	struct rpc rpc = {
		.op = op,
		.client = inode_client(inode),
		.file = inode->remote,
		.start = offset,
		.rreq = rreq,
		.index = index,
	};

	rpc.len = sim_min(iter->count, p9_payload(v9ses));
	if (iter->kind == ITER_BVEC)
		rpc.len = sim_min(rpc.len, iov_iter_single_seg_count(iter));
	if (op == RPC_WRITE && fid->append)
		rpc.flags |= RPC_APPEND;
	iov_iter_truncate(&part, rpc.len);
	rpc.iter = &part;
	*err = p9_client_rpc(&rpc);
	if (*err < 0)
		return 0;
	iov_iter_advance(iter, rpc.transferred);
	return (int64_t)rpc.transferred;
}

uint64_t p9_client_read(struct p9_fid *fid, uint64_t offset, struct iov_iter *to, uint32_t rreq,
			uint16_t index, int *err)
{
	uint64_t total = 0;

	*err = 0;
	while (to->count) {
		int64_t n = p9_transfer_once(fid, RPC_READ, offset + total, to, rreq, index, err);

		if (n <= 0)
			break;
		total += (uint64_t)n;
	}
	return total;
}

uint64_t p9_client_write(struct p9_fid *fid, uint64_t offset, struct iov_iter *from, uint32_t rreq,
			 uint16_t index, int *err)
{
	uint64_t total = 0;

	*err = 0;
	while (from->count) {
		int64_t n =
			p9_transfer_once(fid, RPC_WRITE, offset + total, from, rreq, index, err);

		if (n <= 0)
			break;
		total += (uint64_t)n;
	}
	return total;
}
