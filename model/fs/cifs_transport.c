/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection of an SMB mount: credits, sending, the receiving thread, reconnecting.
 *
 * Mirrors: fs/smb/client/transport.c, fs/smb/client/smb2ops.c smb2_wait_mtu_credits,
 * fs/smb/client/connect.c cifs_demultiplex_thread, cifs_reconnect (6.8). Reference 9.2.
 */
#include "model/fs/cifs.h"
#include "sim/base/math.h"

/* So many are left for messages other than reads and writes. */
#define RESERVED_CREDITS 8u

/* ---- credits ---- */

static void describe_credits(const void *obj, struct sim_buf *out)
{
	const struct TCP_Server_Info *server = obj;

	sim_buf_printf(out, "credits of client %u: none, %u messages in flight", server->client->id,
		       server->in_flight);
}

static const struct sim_wait_class credits_wait_class = {.name = "SMB credits",
							 .describe = describe_credits};

/* 0, or -ERESTARTSYS when a signal that the mode admits ended the wait. */
static int wait_for_credits(struct TCP_Server_Info *server, enum sim_wait_mode mode)
{
	int err = 0;

	while (!err && !server->credits)
		err = sim_wait(server->client->w, &server->request_q, mode, SITE_CIFS_CREDITS,
			       &credits_wait_class, server);
	return err;
}

void add_credits(struct TCP_Server_Info *server, uint32_t credits)
{
	server->credits += credits;
	if (credits)
		sim_wake(server->client->w, &server->request_q, SIM_WAKE_ALL);
}

static uint32_t credits_for(uint64_t bytes)
{
	return (uint32_t)sim_max(1, (bytes + SMB2_MAX_BUFFER_SIZE - 1) / SMB2_MAX_BUFFER_SIZE);
}

uint64_t cifs_mtu_now(const struct TCP_Server_Info *server, uint64_t size)
{
	if (server->credits <= RESERVED_CREDITS)
		return sim_min(size, SMB2_MAX_BUFFER_SIZE);
	return sim_min(size, (server->credits - RESERVED_CREDITS) * SMB2_MAX_BUFFER_SIZE);
}

uint64_t wait_mtu_credits(struct TCP_Server_Info *server, uint64_t size, enum sim_wait_mode mode,
			  uint32_t *credits)
{
	if (wait_for_credits(server, mode))
		return 0;
	size = cifs_mtu_now(server, size);
	*credits = server->credits <= RESERVED_CREDITS ? 0 : credits_for(size);
	server->credits -= *credits;
	return size;
}

/* ---- synchronous messages ---- */

static void cifs_message_over(void *arg)
{
	struct TCP_Server_Info *server = arg;

	server->in_flight--;
	add_credits(server, 1);
}

/*
 * A killed task leaves its message behind, whose answer returns the credit. One by handle is waited
 * for: the kernel closes a handle that came of it later.
 */
static int cifs_send_try(struct TCP_Server_Info *server, struct rpc *try)
{
	int err;

	server->credits--;
	server->in_flight++;
	sim_cpu(server->client->w, server->client->model->costs.rpc_ns);
	err = try->open ? server_call(try) : server_call_or_leave(try, cifs_message_over, server);
	if (err != -ERESTARTSYS)
		cifs_message_over(server);
	return err;
}

int cifs_send_recv(struct cifs_sb_info *cifs_sb, struct rpc *rpc)
{
	struct TCP_Server_Info *server = &cifs_sb->server;
	/* A handle is closed all the same: smb2_handle_cancelled_close. */
	enum sim_wait_mode mode = rpc->op == RPC_CLOSE ? SIM_WAIT_PLAIN : SIM_WAIT_KILLABLE;

	for (;;) {
		struct rpc try = *rpc;
		int err;

		cifs_reconnect(server);
		err = wait_for_credits(server, mode);
		if (!err)
			err = cifs_send_try(server, &try);
		if (err != -ECONNRESET) {
			*rpc = try;
			return err;
		}
		/* By handle: the caller has to open the file again first. */
		if (rpc->open && rpc->op != RPC_OPEN)
			return err;
	}
}

/* ---- asynchronous messages, and cifsd ---- */

static void cifs_answered(struct rpc *rpc)
{
	struct cifs_io_subrequest *io = sim_container_of(rpc, struct cifs_io_subrequest, rpc);
	struct cifs_sb_info *cifs_sb = rpc->private;

	sim_list_add_tail(&io->entry, &cifs_sb->server.received);
	sim_wake(rpc->client->w, &cifs_sb->server.cifsd_q, SIM_WAKE_ALL);
}

void cifs_call_async(struct cifs_sb_info *cifs_sb, struct cifs_io_subrequest *io)
{
	struct TCP_Server_Info *server = &cifs_sb->server;
	uint32_t need = credits_for(io->rpc.len);

	if (!io->credits) {
		wait_for_credits(server, SIM_WAIT_PLAIN);
		need = io->credits = 1;
		server->credits--;
	}
	/* Fewer bytes than it was given credits for: adjust_credits. */
	if (io->credits > need) {
		uint32_t back = io->credits - need;

		io->credits = need;
		add_credits(server, back);
	}
	io->rpc.done = cifs_answered;
	io->rpc.private = cifs_sb;
	server->in_flight++;
	sim_cpu(cifs_sb->client->w, cifs_sb->client->model->costs.rpc_ns);
	server_send(&io->rpc);
}

/* Nothing that can wait for an answer is done here: credits come back through this thread. */
static void cifs_demultiplex_thread(void *arg)
{
	struct cifs_sb_info *cifs_sb = arg;
	struct TCP_Server_Info *server = &cifs_sb->server;
	struct sim_world *w = server->client->w;

	for (;;) {
		while (!sim_list_empty(&server->received)) {
			struct cifs_io_subrequest *io =
				sim_list_first(&server->received, struct cifs_io_subrequest, entry);
			uint32_t credits = io->credits;

			w->current->op++;
			sim_list_del(&io->entry);
			io->credits = 0;
			server->in_flight--;
			cifs_received(io);
			add_credits(server, credits);
		}
		sim_wait(w, &server->cifsd_q, SIM_WAIT_IDLE, SITE_CIFSD_IDLE, NULL, NULL);
	}
}

/* ---- reconnecting ---- */

/* Handles and leases went with the connection. */
static void cifs_disconnected(struct client *c)
{
	sim_list_for_each (inode, &c->sb->s_inodes, struct inode, i_sb_list) {
		sim_list_for_each (cfile, &CIFS_I(inode)->openFileList, struct cifsFileInfo, flist)
			cfile->invalidHandle = true;
		cifs_set_oplock_level(inode, 0);
	}
}

void cifs_reconnect(struct TCP_Server_Info *server)
{
	struct client *c = server->client;

	if (server->nr_disconnects == server_nr_disconnects(c))
		return;
	sim_mutex_lock(c->w, &server->reconnect_mutex, SIM_WAIT_PLAIN, SITE_CIFS_RECONNECT);
	while (server->nr_disconnects != server_nr_disconnects(c)) {
		uint32_t nr = server_nr_disconnects(c);

		server_wait_connected(c);
		server->nr_disconnects = nr;
	}
	sim_mutex_unlock(c->w, &server->reconnect_mutex);
}

void cifs_server_init(struct cifs_sb_info *cifs_sb)
{
	struct TCP_Server_Info *server = &cifs_sb->server;

	server->client = cifs_sb->client;
	server->credits = cifs_sb->config.credits;
	sim_list_init(&server->received);
	sim_mutex_init(&server->reconnect_mutex, "reconnect_mutex");
	server_set_disconnected(cifs_sb->client, cifs_disconnected);
	client_spawn(cifs_sb->client, "cifsd", cifs_demultiplex_thread, cifs_sb);
}
