/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of model/server share: links, names, storage, the stages of a message.
 *
 * Mirrors: no kernel file.
 */
#ifndef MODEL_SERVER_PRIVATE_H
#define MODEL_SERVER_PRIVATE_H

#include "model/server/server.h"
#include "sim/base/names.h"

#define SERVER_BLOCK 4096ull /* the unit in which storage is given out */

/* One direction of a link, or the storage: bytes go through it one after the other. */
struct server_pipe {
	struct sim_rate rate;
	uint64_t free_ns; /* it is busy until then */
	uint64_t last_ns; /* when the last message arrives: later ones do not overtake it */
};

/* The link to one client. */
struct server_link {
	struct sim_law latency;
	struct server_pipe up, down;
	uint32_t nr_rpcs;
	uint32_t nr_notes;      /* messages of the server's own */
	struct sim_list flight; /* struct rpc.flight: sent and not answered, in order */
	uint64_t up_ns;         /* it is down until then */
	uint32_t nr_disconnects;
	bool datagrams;
	void (*disconnected)(struct client *c);
};

/* When a message of the server's own, with nothing in it, reaches the client. */
uint64_t server_note_arrival(struct server *s, uint32_t client);

/* A name that was ever used. It is never freed, so that files may come and go at no cost. */
struct server_name {
	struct sim_name name;
	struct server_file *file; /* NULL: no file bears the name now */
	uint32_t write_src;       /* content source of srv_write + 1; 0: none yet */
	uint32_t fill_src;        /* the same of srv_fillfs */
};

/* Messages that a task has sent in its current operation: tells their draws apart. */
struct server_sender {
	uint32_t op, nr;
};

struct server_private {
	unsigned nr_clients;
	struct sim_pool left_calls, files, watches, locks, oplocks, leases, notes, clones, objects;
	struct sim_list snap_watches;
	struct sim_names names; /* struct server_name.name */
	struct server_pipe disk_read, disk_write;
	struct server_sender *sender; /* by task id */
	uint32_t nr_senders;
	uint32_t site_up, site_service, site_down, site_fault, site_note; /* names of draws */
};

/* How traces name the kind of a message. */
static inline enum sim_rpc_op rpc_tag(enum rpc_op op)
{
	if (op > RPC_UNLINK)
		return (enum sim_rpc_op)(SIM_RPC_LEASE + (int)op - RPC_LEASE);
	return (enum sim_rpc_op)op;
}

/* ---- link.c ---- */

void server_pipe_init(struct server_pipe *p, uint64_t bytes_per_s);
/* Put bytes through the pipe from now_ns on; returns when the last of them has passed. */
uint64_t server_pipe_transmit(struct server_pipe *p, uint64_t now_ns, uint64_t bytes);
/* Send a message of so many bytes; returns when it arrives. */
uint64_t server_pipe_send(struct server_pipe *p, uint64_t now_ns, uint64_t bytes,
			  uint64_t latency_ns);
/* Give the message its ordinal and the name of its draws. */
void rpc_name_draws(struct server *s, struct rpc *rpc);
/* The name of one of its draws. */
static inline struct sim_draw_key rpc_draw_key(const struct rpc *rpc, uint32_t site)
{
	struct sim_draw_key k = rpc->key;

	k.site = site;
	return k;
}

/* ---- fault.c ---- */

static inline bool rpc_fault_is(const struct rpc *rpc, enum fault_action action)
{
	return rpc->fault && rpc->fault->action == action;
}
/* The name of the file that the message is about; never NULL. */
const char *rpc_file_name(const struct rpc *rpc);

/* ---- execute.c ---- */

/* Bytes that the storage moves for this message, if it were served now. */
uint64_t rpc_disk_bytes(const struct rpc *rpc);
/* Do what the message asks for; sets the reply. */
void server_execute(struct server *s, struct rpc *rpc);

/* Where the message is, for reports. */
const char *server_rpc_where(const struct rpc *rpc);

/* ---- call.c ---- */

void server_calls_init(struct server *s);

/* ---- watch.c ---- */

void server_watches_init(struct server *s);
/* The file was changed by this client (NULL: behind the clients' backs): tell the others. */
void server_changed(struct server_file *f, const struct client *by);

/* ---- open.c ---- */

void server_opens_init(struct server *s);
/* Open the file by rpc->open. */
void server_open(struct rpc *rpc);
/* The handle is gone, with its locks; with the client's last one its lease of the file. */
void server_close(struct server *s, struct server_open *open);
/* Lock or unlock. 0 or negative errno. */
int server_lock(struct server *s, const struct rpc *rpc);
/* Whether locks let the READ or WRITE pass: 0, -EACCES, or -EBADF for a lost handle. */
int server_check_handle(const struct server *s, const struct rpc *rpc, uint64_t pos);
/* The client is gone: its handles, locks and leases with it. */
void server_forget_client(struct server *s, const struct client *c);

/* ---- oplock.c ---- */

void server_oplocks_init(struct server *s);
/* The most of what is wanted that other clients' handles allow. */
uint32_t server_oplock_grant(struct rpc *rpc);
/* The last handle of the client is gone. */
void server_oplock_drop(struct server_file *f, const struct client *c);
/* Break what others hold and the message forbids. True: it must wait for an answer. */
bool server_break_oplocks(struct server *s, const struct rpc *rpc);
/* Somebody behind the clients' backs changed the file. */
void server_break_all(struct server_file *f);
/* The client has given up what a break took. */
void server_oplock_ack(struct rpc *rpc);

/* ---- lease.c ---- */

void server_leases_init(struct server *s);
/* The lease's client has opened (n = 1) or closed (-1) the file; the message says how. */
void server_lease_opened(struct rpc *rpc, int n);
/* The client has stopped to use what it was asked to give back. */
void server_lease_returned(const struct rpc *rpc);
/* The answer to an open has come: its client is told what it has. */
void server_lease_answered(const struct rpc *rpc);
/* Whether the answer has to wait until others have given back what they may no longer have. */
bool server_lease_waits(const struct rpc *rpc);

/* ---- snap.c ---- */

void server_snaps_init(struct server *s);
/* The file is about to be changed by a message that knows snapshots up to seq: keep what it held.
 */
/* Do to a range what fallocate(2) does. 0, -EINVAL, -EFBIG or -ENOSPC with nothing done. */
int server_file_fallocate(struct server_file *f, struct client *client, uint32_t mode, uint64_t off,
			  uint64_t len);
void server_file_keep(struct server_file *f, uint32_t seq);
/* The sequence number that counts for a message. */
static inline uint32_t rpc_snap_seq(const struct server *s, const struct rpc *rpc)
{
	return rpc->snap_seq ? rpc->snap_seq : s->snap_seq;
}
void server_clones_free(struct server_file *f);

/* ---- object.c ---- */

void server_objects_init(struct server *s);
void server_objects_free(struct server_file *f);
/* The version of the object of this size that byte pos is in. */
uint64_t server_object_version(struct server_file *f, uint64_t pos, uint64_t size);
/* Bytes of [start, end), or whether they exist, have changed; the file's version has grown. */
void server_objects_changed(struct server_file *f, uint64_t start, uint64_t end);

/* ---- message.c ---- */

/* An open that waited for leases is answered. */
void server_answer_held(struct rpc *rpc);
/* Serve what waited for oplocks and need not any more. */
void server_oplocks_changed(struct server *s);
/* The connection of the client is lost; it can be made again after so long. */
void server_disconnect(struct server *s, struct client *c, uint64_t down_ns);

/* ---- file.c ---- */

/* The entry of a name; a new one if there is none and create is set, else NULL. */
struct server_name *server_name_find(struct server *s, const char *name, bool create);
/* A new empty file of this name, which no file bears. It has no reference. */
struct server_file *server_file_new(struct server *s, struct server_name *name);
/* Take the name from its file; the file goes if nobody refers to it. */
void server_file_unlink(struct server_name *name);
/* Set the size. Gives blocks back. 0 or -EFBIG. client NULL: behind the clients' backs. */
int server_file_resize(struct server_file *f, struct client *client, uint64_t size);
/* How many of len bytes from pos on the storage has room for. */
uint64_t server_file_room(const struct server_file *f, uint64_t pos, uint64_t len);
/* Take the blocks for [pos, pos + len), for which there is room. Then change f->data. */
void server_file_take(struct server_file *f, uint64_t pos, uint64_t len);
/*
 * The bytes [pos, pos + len) of f->data were changed: the file is at least pos + len and min_size
 * long now. Nothing happens when len is 0 and the size stays.
 */
void server_file_wrote(struct server_file *f, struct client *client, uint64_t pos, uint64_t len,
		       uint64_t min_size);

#endif
