/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the server does for each kind of message, in one instant.
 *
 * Mirrors: no kernel file; the far end of net/9p/client.c and fs/afs/fsclient.c.
 */
#include <assert.h>
#include <errno.h>

#include "model/server/private.h"
#include "sim/base/math.h"

/* Bytes of a READ that the file has. */
static uint64_t readable(const struct rpc *rpc)
{
	if (rpc->start >= rpc->file->size)
		return 0;
	return sim_min(rpc->len, rpc->file->size - rpc->start);
}

/* At most so many bytes, if a fault cuts the transfer short. */
static uint64_t cut_short(const struct rpc *rpc, uint64_t len)
{
	return rpc_fault_is(rpc, FAULT_SHORT) ? sim_min(len, rpc->fault->bytes) : len;
}

uint64_t rpc_disk_bytes(const struct rpc *rpc)
{
	if (rpc_fault_is(rpc, FAULT_ERROR))
		return 0;
	if (rpc->op == RPC_READ)
		return cut_short(rpc, readable(rpc));
	return rpc->op == RPC_WRITE ? cut_short(rpc, rpc->len) : 0;
}

static int execute_lookup(struct server *s, struct rpc *rpc)
{
	rpc->result = server_find(s, rpc->name);
	return rpc->result ? 0 : -ENOENT;
}

/* What snapshots show of the file is kept first. */
static int resize(struct server *s, const struct rpc *rpc, struct server_file *f, uint64_t size)
{
	if (size <= CONTENT_END && size != f->size)
		server_file_keep(f, rpc_snap_seq(s, rpc));
	if (size < f->size) {
		f->truncate_seq++;
		f->truncate_size = size;
	}
	return server_file_resize(f, rpc->client, size);
}

static int execute_create(struct server *s, struct rpc *rpc)
{
	struct server_name *name = server_name_find(s, rpc->name, true);

	if (!name->file)
		server_file_new(s, name);
	else if (rpc->flags & RPC_EXCL)
		return -EEXIST;
	else if (rpc->flags & RPC_TRUNC)
		resize(s, rpc, name->file, 0);
	rpc->result = name->file;
	return 0;
}

static int execute_open(struct server *s, struct rpc *rpc)
{
	int err = rpc->flags & RPC_TRUNC ? resize(s, rpc, rpc->file, 0) : 0;

	if (rpc->lease)
		server_lease_opened(rpc, 1);
	if (!err && rpc->open)
		server_open(rpc);
	return err;
}

static int execute_close(struct server *s, struct rpc *rpc)
{
	if (rpc->lease)
		server_lease_opened(rpc, -1);
	if (rpc->open)
		server_close(s, rpc->open);
	return 0;
}

static int execute_lease(struct server *s, struct rpc *rpc)
{
	if (rpc->lease)
		server_lease_returned(rpc);
	else
		server_oplock_ack(rpc);
	return 0;
}

static int execute_mksnap(struct server *s, struct rpc *rpc)
{
	return server_snapshot(s, rpc->name);
}

static int execute_lock(struct server *s, struct rpc *rpc)
{
	return server_lock(s, rpc);
}

/* GETATTR, FSYNC, FLUSHSNAP: what the server has is stable and the reply has the attributes. */
static int execute_nothing(struct server *s, struct rpc *rpc)
{
	return 0;
}

static int execute_setattr(struct server *s, struct rpc *rpc)
{
	return resize(s, rpc, rpc->file, rpc->start);
}

/* The bytes are those of this instant; they reach the client's memory with the reply. */
static int execute_read(struct server *s, struct rpc *rpc)
{
	uint64_t n = cut_short(rpc, readable(rpc)), block = rpc->crypto_block;
	int err = server_check_handle(s, rpc, rpc->start);

	if (err)
		return err;
	if (block)
		n = rpc_fault_is(rpc, FAULT_SHORT) ? sim_round_down(n, block)
						   : sim_round_up(n, block);
	if (s->config.rsize_max && rpc->len > s->config.rsize_max)
		return -EINVAL;
	content_map_init(&rpc->data, s->model->content);
	content_copy(&rpc->data, 0, &rpc->file->data, rpc->start, n);
	if (block)
		content_encrypt(&rpc->data, 0, n, rpc->start, block, rpc->file->ino);
	if (rpc->object_size)
		rpc->object_version =
			server_object_version(rpc->file, rpc->start, rpc->object_size);
	rpc->transferred = n;
	s->bytes_read += n;
	return 0;
}

/*
 * The server's bytes are named by what they decrypt to: a block that is not whole, or not at its
 * own place, is junk. Room is a multiple of the block, but for what is beyond the file's end.
 */
static void take_encrypted(const struct rpc *rpc, struct iov_iter *from, uint64_t room)
{
	struct server_file *f = rpc->file;
	uint64_t len = sim_round_up(room, rpc->crypto_block);
	struct content_map data;

	content_map_init(&data, f->server->model->content);
	copy_from_iter(from, &data, 0, sim_min(len, from->count));
	content_decrypt(&data, 0, len, rpc->start, rpc->crypto_block, f->ino);
	content_copy(&f->data, rpc->start, &data, 0, room);
	content_map_fini(&data);
}

/*
 * Bytes of a write that become bytes of the file: not what a truncation has cut off, of which the
 * sender did not know, and not the padding of the last block.
 */
static uint64_t kept(const struct rpc *rpc, uint64_t pos, uint64_t len)
{
	const struct server_file *f = rpc->file;

	if (rpc->truncate_seq && rpc->truncate_seq < f->truncate_seq)
		len = f->truncate_size > pos ? sim_min(len, f->truncate_size - pos) : 0;
	if (!rpc->crypto_block)
		return len;
	if (rpc_fault_is(rpc, FAULT_SHORT))
		len = sim_round_down(len, rpc->crypto_block);
	return rpc->plain_end > pos ? sim_min(len, rpc->plain_end - pos) : 0;
}

/* The sender has read the object, and relies on it to be what it was. */
static bool has_changed(const struct rpc *rpc)
{
	return rpc->object_version &&
	       server_object_version(rpc->file, rpc->start, rpc->object_size) !=
		       rpc->object_version;
}

/*
 * A message that has no room is written as far as it goes, and the answer is -ENOSPC: a server
 * writes on after a short write of its own file system, and the second one fails. Recorded: of
 * messages that together do not fit the first one that does not is answered with -28, yet the file
 * then fills the storage to the last block. AFS servers answer with VDISKFULL the same way.
 */
static int execute_write(struct server *s, struct rpc *rpc)
{
	struct server_file *f = rpc->file;
	uint64_t pos = rpc->flags & RPC_APPEND ? f->size : rpc->start;
	uint64_t moved = cut_short(rpc, rpc->len), len = kept(rpc, pos, moved);
	uint64_t room;
	int err = server_check_handle(s, rpc, pos);

	if (err)
		return err;
	if (s->config.wsize_max && rpc->len > s->config.wsize_max)
		return -EINVAL;
	if (has_changed(rpc))
		return -ERANGE;
	if (pos > CONTENT_END || len > CONTENT_END - pos || rpc->file_size > CONTENT_END)
		return -EFBIG;
	if (len)
		server_file_keep(f, rpc_snap_seq(s, rpc));
	room = server_file_room(f, pos, len);
	server_file_take(f, pos, room);
	if (room) {
		struct iov_iter from = *rpc->iter; /* it advances when the reply has come */

		if (rpc->crypto_block)
			take_encrypted(rpc, &from, room);
		else
			copy_from_iter(&from, &f->data, pos, room);
	}
	server_file_wrote(f, rpc->client, pos, room, room == rpc->len ? rpc->file_size : 0);
	s->bytes_written += rpc->crypto_block ? moved : room;
	if (room < len)
		return -ENOSPC;
	rpc->transferred = moved;
	if (rpc->crypto_block)
		rpc->transferred = sim_round_down(moved, rpc->crypto_block);
	return 0;
}

static int execute_fallocate(struct server *s, struct rpc *rpc)
{
	int err = server_check_handle(s, rpc, rpc->start);

	if (err)
		return err;
	server_file_keep(rpc->file, rpc_snap_seq(s, rpc));
	return server_file_fallocate(rpc->file, rpc->client, rpc->mode, rpc->start, rpc->len);
}

static int execute_unlink(struct server *s, struct rpc *rpc)
{
	struct server_name *name = server_name_find(s, rpc_file_name(rpc), false);

	if (!name || !name->file)
		return -ENOENT;
	server_file_unlink(name);
	return 0;
}

typedef int (*execute_fn)(struct server *s, struct rpc *rpc);

static const execute_fn execute[NR_RPC_OPS] = {
	[RPC_LOOKUP] = execute_lookup,       [RPC_CREATE] = execute_create,
	[RPC_OPEN] = execute_open,           [RPC_CLOSE] = execute_close,
	[RPC_GETATTR] = execute_nothing,     [RPC_SETATTR] = execute_setattr,
	[RPC_READ] = execute_read,           [RPC_WRITE] = execute_write,
	[RPC_FSYNC] = execute_nothing,       [RPC_UNLINK] = execute_unlink,
	[RPC_LEASE] = execute_lease,         [RPC_MKSNAP] = execute_mksnap,
	[RPC_FLUSHSNAP] = execute_nothing,   [RPC_LOCK] = execute_lock,
	[RPC_FALLOCATE] = execute_fallocate,
};

void server_execute(struct server *s, struct rpc *rpc)
{
	struct server_file *f;

	if (rpc_fault_is(rpc, FAULT_ERROR)) {
		assert(rpc->fault->error < 0);
		rpc->error = rpc->fault->error;
		return;
	}
	rpc->error = execute[rpc->op](s, rpc);
	if (rpc->result)
		server_file_get(rpc->result);
	f = rpc->result ? rpc->result : rpc->file;
	if (f) {
		rpc->size = f->size;
		rpc->version = f->version;
		rpc->now_truncate_seq = f->truncate_seq;
	}
}
