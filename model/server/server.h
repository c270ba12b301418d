/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modelled server: its files, the link to each client, its slots and service times, its faults.
 * The protocol is abstract: what matters of 9P, AFS and SMB messages is their kind, size and order.
 *
 * Mirrors: no kernel file; the far end of fs/9p, fs/afs.
 */
#ifndef MODEL_SERVER_SERVER_H
#define MODEL_SERVER_SERVER_H

#include "model/model.h"
#include "sim/rand/rand.h"
#include "sim/rand/rate.h"

struct fault;
struct server_link;
struct server_private;

enum rpc_op {
	RPC_LOOKUP,
	RPC_CREATE,
	RPC_OPEN,
	RPC_CLOSE, /* Tclunk: no data */
	RPC_GETATTR,
	RPC_SETATTR, /* set the size */
	RPC_READ,
	RPC_WRITE,
	RPC_FSYNC,
	RPC_UNLINK,
	RPC_LEASE,     /* give back what the server has asked for of a lease */
	RPC_MKSNAP,    /* take a snapshot of everything */
	RPC_FLUSHSNAP, /* all data older than a snapshot are on the server */
	RPC_LOCK,      /* a byte range; with RPC_UNLOCK: give it back */
	RPC_FALLOCATE, /* mode says what becomes of a range */
	RPC_FLUSH,     /* Tflush: forget a message if it is not being served yet */
	NR_RPC_OPS
};

enum rpc_flags {
	RPC_APPEND = 1 << 0, /* the server's descriptor is in append mode: the offset is ignored */
	RPC_TRUNC = 1 << 1,  /* RPC_OPEN: truncate to 0 */
	RPC_EXCL = 1 << 2,   /* RPC_CREATE: fail if it exists */
	RPC_WRITER = 1 << 3, /* RPC_OPEN, RPC_CLOSE with a lease: the file is open for writing */
	RPC_SHARED = 1 << 4, /* RPC_LOCK: others may lock it shared too */
	RPC_UNLOCK = 1 << 5, /* RPC_LOCK: give back the lock of exactly this range */
};

/* What a client may do with a file without asking: SMB leases, Ceph's Fc and Fb caps. */
enum lease_bits {
	LEASE_READ = 1 << 0,  /* keep what it has read */
	LEASE_WRITE = 1 << 1, /* keep what it has written */
};

/*
 * A file that a client has open by a handle, as SMB does: it owns byte-range locks, and the handles
 * of a client share its lease of the file. Part of the client's open file; the server links it.
 */
struct server_open {
	struct client *client;
	/* Called when a break of the lease arrives; left: enum lease_bits. Must not block. */
	void (*lease_break)(void *holder, uint32_t left);
	void *holder;

	/* Private to model/server. */
	struct server_file *file;
	struct sim_list entry; /* server_file.opens, in order of opening */
	struct sim_list locks;
	bool live; /* the server knows it: from OPEN to CLOSE, or to a lost connection */
};

/*
 * A file of the server. It lives as long as a name or a client's reference: an unlinked file that
 * is open stays readable and writable.
 */
struct server_file {
	struct server *server;
	const char *name;
	uint64_t ino;
	uint64_t size;
	uint64_t born_ns;
	uint64_t version; /* data version: +1 for each change of contents or size */
	struct content_map data;
	uint32_t refs; /* clients' inodes */
	bool linked;
	struct sim_list entry;          /* in struct server.files, in order of creation */
	struct sim_list watches;        /* struct watch.entry, private to model/server */
	struct sim_list opens, oplocks; /* of handles; private to model/server */
	struct sim_list leases;         /* struct server_lease.entry, private to model/server */
	struct sim_list held;    /* struct rpc.entry: opens that wait for leases to be given back */
	struct sim_list objects; /* struct server_object.entry, private to model/server */
	struct sim_list clones;  /* struct server_clone.entry: older contents, oldest first */
	uint32_t truncate_seq;   /* counts how often it was cut short; begins at 1 */
	uint64_t truncate_size;  /* to what the last time */
	uint32_t birth_seq;      /* snapshots up to this one do not have it */
	uint32_t snap_seq;       /* snapshots up to this one have clones, if they need any */
	void *check;             /* private to model/check */
};

/* One message and its reply. Owned by the caller, zeroed, valid until it is done. */
struct rpc {
	/* Filled in by the caller. */
	enum rpc_op op;
	uint32_t flags;
	struct client *client;
	struct server_file *file; /* all but LOOKUP, CREATE */
	const char *name;         /* LOOKUP, CREATE, UNLINK */
	uint32_t mode;            /* FALLOCATE: set of enum fallocate_mode */
	uint64_t start, len;      /* FALLOCATE, READ, WRITE; SETATTR: start is the new size */
	uint64_t file_size;    /* WRITE: if not 0, the server's file is at least this long after */
	struct iov_iter *iter; /* READ: where data go; WRITE: where they come from. Advanced */
	uint32_t truncate_seq; /* WRITE: of which the sender knew; what is older is cut; 0: never */
	uint32_t crypto_block; /* READ, WRITE: data are whole encrypted blocks of this size; 0:
				  plain */
	uint64_t plain_end;    /* WRITE of such: the file ends here, if within the data */
	uint64_t object_size;  /* READ, WRITE: the file is in objects of this size; 0: it is one */
	/*
	 * The version of the object of start. READ, reply: what it is. WRITE, when it is sent: what
	 * it must be; 0: anything.
	 */
	uint64_t object_version;
	uint32_t snap_seq; /* the newest snapshot that the sender knows; 0: it knows of none */
	struct server_lease *lease; /* OPEN, CLOSE, LEASE; NULL: the client has none */
	uint32_t rreq;              /* for traces: 0 none */
	uint16_t index;
	struct server_open *open;      /* the handle; NULL: none is needed. OPEN: the new one */
	struct rpc *flushed;           /* FLUSH: the message that is to be forgotten */
	void (*done)(struct rpc *rpc); /* asynchronous: called in an event's function */
	void *private;

	/* The reply. */
	int error;                  /* 0 or negative errno */
	uint64_t transferred;       /* bytes read or written */
	struct server_file *result; /* LOOKUP, CREATE; holds a reference */
	uint64_t size, version;     /* of the file after the operation */
	uint32_t now_truncate_seq;
	/*
	 * enum lease_bits. OPEN with a lease or a handle, reply: what the client has now; LEASE:
	 * what it keeps. OPEN with a handle, when it is sent: what the client wants.
	 */
	uint32_t lease_bits;
	uint32_t lease_seq; /* OPEN with a lease, reply: numbers what is said of it */

	/* Private to model/server. */
	struct sim_event ev;
	struct sim_list entry;
	struct sim_list flight; /* server_link.flight, in order of sending */
	struct sim_completion replied;
	struct content_map data;
	uint32_t ordinal; /* of all messages of this client */
	uint8_t stage;    /* enum rpc_stage: message.c */
	bool lost;        /* its connection broke: the answer is -ECONNRESET */
	uint64_t sent_ns;
	struct sim_draw_key key;   /* names its draws, but for the site */
	const struct fault *fault; /* that struck it; NULL: none */
};

/* ---- Parameters ---- */

struct link_config {
	struct sim_law latency; /* one way, ns */
	uint64_t bandwidth_up;  /* bytes/s from client to server; 0: unlimited */
	uint64_t bandwidth_down;
};

struct server_config {
	uint32_t slots;                     /* requests served at once; 0: unlimited */
	struct sim_law service[NR_RPC_OPS]; /* ns per operation, without data */
	uint64_t disk_read, disk_write;     /* bytes/s of the server's storage; 0: unlimited */
	uint64_t rsize_max, wsize_max;      /* larger messages fail with -EINVAL; 0: no limit */
	uint64_t capacity;         /* bytes its storage holds, in 4 KiB blocks; 0: no limit */
	uint64_t message_overhead; /* bytes of a message besides its data [0] */
	bool silent; /* it breaks its promises: tells nobody of changes by others [false] */
	bool locked_writes_only;   /* refuse a write outside what its handle has locked [false] */
	uint64_t break_timeout_ns; /* a lease whose break is not answered ends; 0: never [0] */
};

/* What rules may strike: messages, and after them the work of the disk of a client's cache. */
enum fault_target {
	FAULT_CACHE_LOOKUP = NR_RPC_OPS,
	FAULT_CACHE_READ,
	FAULT_CACHE_WRITE,
	FAULT_CACHE_RESIZE,
	NR_FAULT_TARGETS
};

/* One of them. */
struct fault_subject {
	uint32_t target; /* enum rpc_op, enum fault_target */
	const struct client *client;
	const struct server_file *file; /* NULL: of the cache, or no file yet */
	const char *file_name;          /* never NULL */
	uint64_t start, len;
	uint32_t rreq; /* for traces: 0 none */
	uint16_t index;
	struct sim_draw_key key; /* names its draws, but for the site */
};

/* What a fault does to what it hits. */
enum fault_action {
	FAULT_ERROR, /* answer with an error and do nothing */
	FAULT_SHORT, /* READ, WRITE, CACHE_READ: transfer at most so many bytes; no error */
	FAULT_DELAY, /* serve it later */
	FAULT_DROP,  /* lost, not executed; after a time-out, if any, the client gets -ETIMEDOUT */
	FAULT_DISCONNECT, /* the connection of the client breaks, before the message is served */
};

/*
 * A rule: the nth matching message (or every one with a probability) suffers the action. Messages
 * are counted as they arrive at the server, work of a cache when it is handed to the disk. Every
 * rule counts what matches it; of several that would strike one message the first does.
 */
struct fault {
	const char *label;               /* for messages; may be NULL */
	uint32_t on;                     /* 1 << enum rpc_op, 1 << enum fault_target */
	struct server_file *file;        /* NULL: any; resolved by name when it exists */
	const char *file_name;           /* NULL: any */
	uint32_t client;                 /* UINT32_MAX: any */
	uint64_t nth;                    /* 1, 2, ...: that one only; 0: by probability */
	uint64_t count;                  /* with nth: how many in a row [1]; 0: all from there on */
	uint64_t num, den;               /* probability, exact */
	uint64_t range_start, range_end; /* hits only messages that touch [start, end); 0,0: any */
	enum fault_action action;
	int error;           /* FAULT_ERROR: negative errno */
	uint64_t bytes;      /* FAULT_SHORT */
	uint64_t delay_ns;   /* added to the service, in its slot; DROP: to the time-out;
			      * DISCONNECT: the link is down for so long */
	uint64_t timeout_ns; /* FAULT_DROP: from the sending on; 0 never */
	/* State. */
	uint64_t seen, fired;
	uint32_t ordinal;
};

/* ---- The server ---- */

struct server {
	struct model *model;
	struct server_config config;
	struct sim_list files; /* struct server_file.entry */
	uint64_t used_blocks;  /* of 4 KiB */
	uint64_t next_ino;
	uint32_t snap_seq;     /* of the last snapshot; begins at 1 */
	struct sim_list snaps; /* struct server_snap.entry, oldest first */
	uint32_t busy;
	struct sim_list waiting;   /* struct rpc.entry: arrived, no slot free; FIFO */
	struct sim_list breaking;  /* struct rpc.entry: served once others gave up their leases */
	struct sim_list flushing;  /* struct rpc.entry: answered after what they are to flush */
	struct server_link *links; /* one per client */
	struct fault *faults;
	uint32_t nr_faults;
	uint64_t nr_rpcs[NR_RPC_OPS];
	uint64_t bytes_read, bytes_written;
	struct server_private *priv;
};

/* Set up model->server for nr_clients. The configs are copied, the faults are used in place. */
void server_init(struct model *m, const struct server_config *config,
		 const struct link_config *links, unsigned nr_clients, struct fault *faults,
		 uint32_t nr_faults);

/*
 * Send a message and wait for the answer (uninterruptible). Must be called from a task. Returns
 * rpc->error: what a fault rule says, or
 *	-ENOENT		LOOKUP, UNLINK: no file of this name
 *	-EEXIST		CREATE with RPC_EXCL: there is one
 *	-EINVAL		READ, WRITE: longer than rsize_max, wsize_max
 *	-EFBIG		WRITE, SETATTR: beyond CONTENT_END
 *	-ENOSPC		WRITE: not all of it had room. What had room was written all the same, but
 *			transferred is 0, as recorded of 9P servers
 *	-ETIMEDOUT	dropped by a fault
 *	-EACCES		READ, WRITE, LOCK: another handle has locked bytes of the range
 *	-EIO		LOCK with RPC_UNLOCK: no such lock
 *	-ERANGE		WRITE: the object's version is another one; nothing was written
 *	-EBADF		the handle was lost with the connection
 *	-ECONNRESET	the connection broke: nobody can say whether it was served
 * After an error transferred is 0, the iterator has not moved, and size and version are 0 if a
 * fault made it. The message holds a reference to its file while it is on its way.
 */
int server_call(struct rpc *rpc);
/*
 * The same, but a fatal signal ends the wait: -ERESTARTSYS. The message is still on its way then,
 * and must live until it is answered: server_flush().
 */
int server_call_killable(struct rpc *rpc);
/*
 * Ask the server, and wait (uninterruptible) until it has either forgotten a message of this client,
 * which was not being served yet, or answered it: then 0 and rpc has the answer. -ECANCELED: it was
 * not done, and never will be. For connections that keep the order of messages: 9P.
 */
int server_flush(struct rpc *rpc);
/*
 * As server_call_killable(), but who is killed leaves the message behind: the server does what it
 * says, and nobody learns what came of it, but over(arg), which is called in an event's function
 * when it is answered; NULL: none. Only for messages without data, handle or lease.
 */
int server_call_or_leave(struct rpc *rpc, void (*over)(void *arg), void *arg);
/* Send a message; rpc->done(rpc) is called in an event's function when the answer has come. */
void server_send(struct rpc *rpc);

/*
 * Count the subject in all rules. Returns the first rule that strikes it, which is recorded in the
 * trace, or NULL.
 */
const struct fault *server_match_fault(struct server *s, const struct fault_subject *what);

/* References of clients' inodes. */
void server_file_get(struct server_file *f);
void server_file_put(struct server_file *f);

/*
 * Be told when somebody else (another client, or srv_*) changes the bytes or the size of the file:
 * fn(watcher) is called at the instant of the change and must not block. At most one watch a
 * watcher; it must be taken back before the reference to the file is. AFS's callbacks.
 */
void server_watch(struct server_file *f, struct client *c, void (*fn)(void *watcher),
		  void *watcher);
void server_unwatch(struct server_file *f, const void *watcher);
/* Whether the client is being told, at this moment, that somebody else changes the file. */
bool server_is_telling(const struct server_file *f, const struct client *c);

/* ---- Leases: model/server/lease.c ---- */

/*
 * A client that opens the file can have a lease of it: told(holder, bits, asked) is called in an
 * event's function when the server's message arrives that says which bits it has from now on.
 * asked: the server waits for RPC_LEASE, which is sent when the others are no longer used; it may
 * ask for what the client has not heard yet that it had. Free it before the reference to the file.
 */
struct server_lease *server_lease_new(struct server_file *f, struct client *c,
				      void (*told)(void *holder, uint32_t bits, bool asked),
				      void *holder);
void server_lease_free(struct server_lease *lease);

/* ---- Snapshots: model/server/snap.c ---- */

/* A snapshot of all files: what each of them held is known by the sequence number. */
struct server_snap {
	struct sim_list entry; /* server.snaps */
	const char *name;
	uint32_t seq;
};

/*
 * Take one. A message that knows of it changes files only after their contents were kept for it;
 * one that does not, because its data are older, changes what the snapshot shows. 0 or -EEXIST.
 */
int server_snapshot(struct server *s, const char *name);
/* Be told of snapshots: fn(watcher, seq) when the server's message arrives. For good. */
void server_watch_snaps(struct server *s, struct client *c, void (*fn)(void *watcher, uint32_t seq),
			void *watcher);

/* What stands before NAME/f in the path of a file of a snapshot. */
#define SERVER_SNAP_DIR ".snap/"

/* Contents as they are seen by somebody: of a file, or of one in a snapshot. */
struct server_view {
	const struct content_map *data;
	uint64_t size;
};

/* The file as the snapshot shows it; false: it did not exist then. */
bool server_snap_view(const struct server_file *f, uint32_t seq, struct server_view *view);
/* "f", or ".snap/NAME/f" for the file in a snapshot; false: there is none. */
bool server_view(struct server *s, const char *path, struct server_view *view);

/* ---- Oplocks: model/server/oplock.c ---- */

/*
 * A client that opens a file by a handle gets what other clients leave of the lease it wants; it
 * loses it with its last handle. Before another client opens, reads, writes, locks or resizes the
 * file it is broken: the client is told by a message what may stay. LEASE_WRITE must be given up by
 * RPC_LEASE before the other's message is served, since the client has data.
 */
/* What the server thinks that the client may keep: later than any reply (the lease's epoch). */
uint32_t server_oplock_left(const struct server_file *f, const struct client *c);
/* The holder has acted on a break: it no longer relies on what it gave up. */
void server_oplock_told(struct server_file *f, const struct client *c);

/* ---- Connections ---- */

/* Who sends messages again that got lost: false the client (TCP breaks), true the transport. */
void server_set_datagrams(struct client *c, bool datagrams);
/* fn(c) is called in an event's function when the client's connection has broken. */
void server_set_disconnected(struct client *c, void (*fn)(struct client *c));
/* Counts the times that the client's connection broke. */
uint32_t server_nr_disconnects(const struct client *c);
/* Sleep until a connection can be made (again). */
void server_wait_connected(struct client *c);

/* ---- Behind the clients' backs: at once, no link, no slot (srv_* of a scenario) ---- */

enum srv_fill { SRV_FILL_DATA, SRV_FILL_ZERO, SRV_FILL_HOLE };

struct server_file *server_find(struct server *s, const char *name);
/* Create or truncate, then fill. Returns the file, or NULL with *err (-ENOSPC). */
struct server_file *srv_create(struct server *s, const char *name, uint64_t size,
			       enum srv_fill fill, int *err);
/* Overwrite with '#'. Bytes written or negative errno. */
int64_t srv_write(struct server *s, const char *name, uint64_t off, uint64_t len);
int srv_truncate(struct server *s, const char *name, uint64_t size);
/* Write 'z' to the file until the storage is full. Bytes written. */
int64_t srv_fillfs(struct server *s, const char *name);
int srv_rm(struct server *s, const char *name);

/* "lookup", "read" ...: as scenarios write it. */
const char *rpc_op_name(enum rpc_op op);

#endif
