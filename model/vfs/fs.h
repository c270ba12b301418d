/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VFS objects that every folder of the model shares: inode, address_space, file, kiocb,
 * iov_iter, super_block and the tables of operations between the VFS, the page cache and a
 * filesystem.
 *
 * Mirrors: include/linux/fs.h, include/linux/uio.h (6.8), cut down to what I/O needs.
 */
#ifndef MODEL_VFS_FS_H
#define MODEL_VFS_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/content/content.h"
#include "model/events/events.h"
#include "sim/base/names.h"
#include "sim/core/wait.h"

#define PAGE_SHIFT    12
#define PAGE_SIZE     (1ull << PAGE_SHIFT)
#define LLONG_MAX_OFF 0x7fffffffffffffffull /* the largest file offset, LLONG_MAX */

typedef uint64_t pgoff_t;
typedef uint64_t loff_t_; /* file positions are never negative in the model */

struct address_space;
struct client;
struct folio;
struct inode;
struct file;
struct super_block;
struct writeback_control;
struct readahead_control;
struct server_file;

/* ---- iov_iter ---- */

enum iter_kind {
	ITER_UBUF,   /* memory of a task */
	ITER_XARRAY, /* the page cache of a mapping */
	ITER_BVEC,   /* pinned pages: a network client sends one segment (page) a message */
};

/* One stretch of memory: bytes of a content map, or (map NULL) a sink that swallows them. */
struct iov_seg {
	struct content_map *map;
	uint64_t off;
	uint64_t len;
};

#define ITER_MAX_SEGS 3

/*
 * Where data come from or go to, with a position: iov_offset bytes of the segments are done, count
 * are left. It owns nothing.
 */
struct iov_iter {
	enum iter_kind kind;
	uint32_t nr_segs;
	uint64_t iov_offset;
	uint64_t count;
	uint32_t page_misalign; /* first byte's offset in its page of memory, 0..4095 */
	struct iov_seg seg[ITER_MAX_SEGS];
};

void iov_iter_init(struct iov_iter *i, enum iter_kind kind, struct content_map *map, uint64_t off,
		   uint64_t len);
/* Append a segment; at most ITER_MAX_SEGS. Zero length is ignored. */
void iov_iter_add_seg(struct iov_iter *i, struct content_map *map, uint64_t off, uint64_t len);
void iov_iter_advance(struct iov_iter *i, uint64_t len);
void iov_iter_revert(struct iov_iter *i, uint64_t len);
static inline void iov_iter_truncate(struct iov_iter *i, uint64_t len)
{
	if (i->count > len)
		i->count = len;
}
/* Copy len bytes (<= count) between a content map and the iterator, and advance it. */
void copy_to_iter(struct iov_iter *i, const struct content_map *src, uint64_t off, uint64_t len);
void copy_from_iter(struct iov_iter *i, struct content_map *dst, uint64_t off, uint64_t len);
/* Zero len bytes and advance. */
void iov_iter_zero(struct iov_iter *i, uint64_t len);
/* Bytes of the segment of memory at the position that one message can carry: to the page's end for
 * ITER_BVEC. */
uint64_t iov_iter_single_seg_count(const struct iov_iter *i);

/* ---- address_space ---- */

enum mapping_flags {
	AS_EIO = 1 << 0,
	AS_ENOSPC = 1 << 1,
	AS_LARGE_FOLIO_SUPPORT = 1 << 2,
	AS_RELEASE_ALWAYS = 1 << 3, /* call release_folio also for folios without private data */
	AS_STABLE_WRITES = 1 << 4,
};

struct address_space_operations {
	int (*read_folio)(struct file *file, struct folio *folio);
	void (*readahead)(struct readahead_control *ractl);
	/*
	 * Before and after [pos, pos + len) of one page is copied in: *folio comes locked and
	 * referenced, ready for the copy; write_end makes it dirty and lets go of it. *fsdata goes
	 * from the one to the other.
	 */
	int (*write_begin)(struct file *file, uint64_t pos, uint64_t len, struct folio **folio,
			   void **fsdata);
	void (*write_end)(struct file *file, uint64_t pos, uint64_t len, struct folio *folio,
			  void *fsdata);
	int (*writepages)(struct address_space *mapping, struct writeback_control *wbc);
	bool (*dirty_folio)(struct address_space *mapping, struct folio *folio);
	void (*invalidate_folio)(struct folio *folio, uint64_t offset, uint64_t length);
	bool (*release_folio)(struct folio *folio, unsigned gfp);
	int (*launder_folio)(struct folio *folio);
};

/* An error that each open file reports once: errseq_t. */
struct errseq {
	int err;      /* last error recorded, negative errno, 0 none ever */
	uint32_t seq; /* counts errors that were recorded after somebody had seen the one before */
	bool seen;
};

struct page_tree_node;

struct address_space {
	struct inode *host;
	const struct address_space_operations *a_ops;
	struct page_tree_node *root; /* the index; private to model/mm */
	/* Private to model/mm: where the last look-up ended, and where a folio was last taken out. */
	struct page_tree_node *hint, *erased;
	uint64_t nrpages;        /* cached pages, not folios */
	uint64_t nr_dirty;       /* pages of folios tagged dirty */
	uint64_t nr_writeback;   /* pages of folios tagged writeback */
	pgoff_t writeback_index; /* where a cyclic writeback goes on */
	uint32_t flags;          /* enum mapping_flags */
	struct errseq wb_err;
	struct content_map data; /* bytes of all cached folios, by file offset */
	struct sim_rwsem invalidate_lock;
	uint32_t nr_mmap_writable; /* established shared writable mappings */
	struct sim_list i_mmap;    /* struct vm_area.shared, in order of creation */
};

/* ---- inode ---- */

enum inode_state {
	I_DIRTY_SYNC = 1 << I_DIRTY_SYNC_BIT,
	I_DIRTY_DATASYNC = 1 << I_DIRTY_DATASYNC_BIT,
	I_DIRTY_PAGES = 1 << I_DIRTY_PAGES_BIT,
	I_FREEING = 1 << I_FREEING_BIT,
	I_SYNC = 1 << I_SYNC_BIT,               /* a flusher is at it */
	I_SYNC_QUEUED = 1 << I_SYNC_QUEUED_BIT, /* on the flusher's list of inodes to write now */
	I_PINNING_NETFS_WB = 1 << I_PINNING_NETFS_WB_BIT,
};
#define I_DIRTY_ALL (I_DIRTY_SYNC | I_DIRTY_DATASYNC | I_DIRTY_PAGES)

struct inode {
	struct super_block *i_sb;
	uint64_t i_ino;
	uint32_t ordinal; /* 1, 2, ... in the model: names the inode in choices */
	uint64_t i_size;
	struct sim_rwsem i_rwsem;
	uint32_t i_dio_count;
	struct sim_waitq i_dio_wait;
	uint32_t i_state; /* enum inode_state */
	struct sim_waitq i_state_wait;
	uint64_t dirtied_when_ns;
	uint64_t i_atime, i_mtime; /* as the client has them: when it was created, read, changed */
	uint32_t i_count;          /* open files, the dentry, a flusher at work */
	uint32_t i_pins;           /* passes over all inodes that are at it; private to model/mm */
	uint32_t i_nlink;
	struct address_space i_data;
	struct sim_list i_io_list;  /* on the flusher's list of dirty inodes */
	struct sim_list i_sb_list;  /* all inodes of the mount, in order of creation */
	struct server_file *remote; /* the file on the server */
	const char *name;
	struct sim_name i_hash; /* in super_block.s_names while the name is linked */
	void *check;            /* private to model/check */
};

/* ---- file and kiocb ---- */

struct file_ra_state {
	pgoff_t start;
	uint32_t size;
	uint32_t async_size;
	uint32_t ra_pages;
	uint64_t prev_pos;  /* UINT64_MAX: none (-1) */
	uint32_t mmap_miss; /* faults that missed the page cache, less those that hit */
};

enum fmode {
	FMODE_READ = 1 << 0,
	FMODE_WRITE = 1 << 1,
	FMODE_RANDOM = 1 << 2,
	FMODE_NOWAIT = 1 << 3, /* the filesystem can do IOCB_NOWAIT: set by its open */
};

/* Open flags of the model; their values are the x86-64 ones. */
enum open_flags {
	O_RDONLY_ = 0,
	O_WRONLY_ = 1,
	O_RDWR_ = 2,
	O_ACCMODE_ = 3, /* the bits of the three above; all set: none of them */
	O_CREAT_ = 0100,
	O_EXCL_ = 0200,
	O_TRUNC_ = 01000,
	O_APPEND_ = 02000,
	O_NONBLOCK_ = 04000,
	O_DSYNC_ = 010000,
	O_DIRECT_ = 040000,
	O_SYNC_ = 04010000,
};

struct file {
	struct inode *f_inode;
	uint32_t f_flags;      /* enum open_flags */
	uint32_t f_iocb_flags; /* those of its kiocbs that follow from them */
	uint32_t f_mode;       /* enum fmode */
	uint64_t f_pos;
	struct file_ra_state f_ra;
	struct errseq f_wb_err; /* as far as this file has reported errors */
	struct errseq f_sb_err; /* the same for the whole mount: syncfs(2) */
	uint32_t f_count;
	uint32_t fid_flags; /* the filesystem's own */
	void *private_data;
	uint32_t source; /* content source of this task's writes, 0: none yet */
};

#define EIOCBQUEUED 529 /* an asynchronous kiocb will be completed later */

struct kiocb {
	struct file *ki_filp;
	uint64_t ki_pos;
	uint32_t ki_flags;
	/* NULL: synchronous. Called once when an asynchronous operation has ended. */
	void (*ki_complete)(struct kiocb *iocb, int64_t ret);
	void *private;
};

static inline bool is_sync_kiocb(const struct kiocb *iocb)
{
	return !iocb->ki_complete;
}

enum lock_type { LOCK_SHARED, LOCK_EXCLUSIVE, LOCK_NONE };

/* Modes of fallocate(2), with the kernel's values. */
enum fallocate_mode {
	FALLOC_ALLOCATE = 0,
	FALLOC_FL_KEEP_SIZE = 1,
	FALLOC_FL_PUNCH_HOLE = 2,
	FALLOC_FL_COLLAPSE_RANGE = 8,
	FALLOC_FL_ZERO_RANGE = 16,
	FALLOC_FL_INSERT_RANGE = 32,
};

struct file_operations {
	int64_t (*read_iter)(struct kiocb *iocb, struct iov_iter *to);
	int64_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file); /* close of a descriptor */
	int (*release)(struct inode *inode, struct file *file);
	int (*fsync)(struct file *file, uint64_t start, uint64_t end, bool datasync);
	/* A page fault on a shared mapping; pgoff is the page of the file. 0 or -errno (SIGBUS:
	 * -EFAULT). */
	/* Whether the file may be mapped: 0 or negative errno. NULL: yes. */
	int (*mmap)(struct file *file, bool write);
	/* A mapping of [pos, pos + len) is gone. */
	void (*munmap)(struct file *file, uint64_t pos, uint64_t len, bool write);
	int (*page_mkwrite)(struct file *file, struct folio *folio);
	/* mode: a set of enum fallocate_mode that makes sense. NULL: -EOPNOTSUPP. */
	int (*fallocate)(struct file *file, uint32_t mode, uint64_t off, uint64_t len);
	/* F_SETLK of [start, start + len). 0 or negative errno; NULL: not supported. */
	int (*lock)(struct file *file, uint64_t start, uint64_t len, enum lock_type type);
};

/* What truncate wants: only the size is modelled. */
struct iattr {
	uint64_t ia_size;
	struct file *ia_file;
	bool open_trunc; /* from O_TRUNC */
};

struct inode_operations {
	int (*setattr)(struct inode *inode, struct iattr *attr);
	/* Refresh attributes for stat(2): may ask the server. */
	int (*getattr)(struct inode *inode);
};

/* ---- super_block: one mount of one client ---- */

/*
 * What a client may still see of a file that somebody else has changed. Each mount has one rule, by
 * file system and cache mode (model/fs/mount.c); direct I/O has server order in every mount.
 */
enum coherence {
	COHERENCE_SERVER_ORDER, /* a call sees every change that was made before it began */
	COHERENCE_PROMISE,      /* the same, but for changes of which the server is telling it */
	COHERENCE_OWN_VIEW,     /* what it saw since it opened the file, or anything newer */
	NR_COHERENCE
};

struct super_operations {
	/*
	 * Look the name up on the server, create it if asked. *inode gets a counted inode (also
	 * with some errors). 0: found, 1: created, else negative errno.
	 */
	int (*lookup)(struct super_block *sb, const char *name, bool create, bool excl,
		      struct inode **inode);
	int (*unlink)(struct super_block *sb, struct inode *inode);
	/* True: an inode that nobody has open is not kept. NULL: it is, until caches are dropped. */
	bool (*drop_inode)(struct inode *inode);
	/* Page cache, dirty state and netfs context are gone when it returns. */
	void (*evict_inode)(struct inode *inode);
	int (*write_inode)(struct inode *inode, struct writeback_control *wbc);
	/* Take a snapshot of the whole mount, as mkdir in .snap does. NULL: it has none. */
	int (*mksnap)(struct super_block *sb, const char *name);
};

struct super_block {
	struct client *client;
	enum fs_name s_type;
	uint32_t s_dev; /* number of the device behind the mount: bdi "9p-1", dev 0:1 */
	const struct super_operations *s_op;
	const struct inode_operations *i_op;
	const struct file_operations *f_op;
	uint32_t ra_pages; /* of the bdi */
	uint32_t io_pages;
	bool sync_mount;
	bool noatime, nocmtime; /* a read, a write leaves the inode's times to the server */
	uint64_t s_time_gran;   /* granularity of its times, ns */
	enum coherence coherence;
	struct sim_list s_inodes; /* struct inode.i_sb_list */
	struct sim_names s_names; /* struct inode.i_hash */
	struct errseq s_wb_err;   /* every mapping_set_error(), for syncfs(2) */
	void *s_fs_info;          /* the filesystem's own: model/fs */
};

#endif
