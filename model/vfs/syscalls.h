/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that a task of a scenario can make. Each must be called from a task and returns
 * what the kernel's function would: a count or position, 0, or a negative errno. -ERESTARTSYS,
 * which user space never sees, is for exit_to_user_mode().
 *
 * Mirrors: fs/{open,read_write,sync,stat,namei}.c, mm/fadvise.c (6.8).
 */
#ifndef MODEL_VFS_SYSCALLS_H
#define MODEL_VFS_SYSCALLS_H

#include "model/model.h"

/* open(2): flags as enum open_flags. The open file, with one reference, or NULL and *err. */
struct file *sys_open(struct client *c, const char *name, uint32_t flags, int *err);
/* close(2) of one descriptor. The file is gone when its last reference is. */
int sys_close(struct file *file);

/* Flags of preadv2/pwritev2. */
enum rwf_flags { RWF_HIPRI_ = 1, RWF_DSYNC_ = 2, RWF_SYNC_ = 4, RWF_NOWAIT_ = 8, RWF_APPEND_ = 16 };

/*
 * pread(2), preadv2(2): into bytes [buf_off, buf_off + len) of buf. misalign: offset of the buffer
 * in its first page of memory, for direct I/O.
 */
int64_t sys_pread(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len,
		  uint64_t pos, uint32_t rwf, uint32_t misalign);
/* read(2) at the file position. */
int64_t sys_read(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len);
/* pwrite(2), pwritev2(2). O_APPEND ignores pos, as on Linux. */
int64_t sys_pwrite(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len,
		   uint64_t pos, uint32_t rwf, uint32_t misalign);
/* write(2) at the file position. */
int64_t sys_write(struct file *file, struct content_map *buf, uint64_t buf_off, uint64_t len);

enum lseek_whence { SEEK_SET_, SEEK_CUR_, SEEK_END_, SEEK_DATA_, SEEK_HOLE_ };
/* lseek(2): the new position. SEEK_DATA and SEEK_HOLE ask nobody: a hole begins at the end. */
int64_t sys_lseek(struct file *file, int64_t off, enum lseek_whence whence);

int sys_fsync(struct file *file, bool datasync);
/* sync(2): every mount of this client. */
int sys_sync(struct client *c);
int sys_syncfs(struct file *file);
int sys_sync_file_range(struct file *file, uint64_t off, uint64_t len);
int sys_ftruncate(struct file *file, uint64_t size);
/* fallocate(2): a set of modes. -EOPNOTSUPP where the filesystem has no such operation. */
int sys_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len);
/* stat(2), fstat(2): the size. */
int sys_stat(struct client *c, const char *name, uint64_t *size);
int sys_fstat(struct file *file, uint64_t *size);
int sys_unlink(struct client *c, const char *name);
/* mkdir(2) in .snap: a snapshot of the mount. -EOPNOTSUPP: the filesystem has none. */
int sys_mksnap(struct client *c, const char *name);
/* fcntl(2) F_SETLK of [off, off + len), len 0: to the end: at once or not at all. */
int sys_lock(struct file *file, uint64_t off, uint64_t len, enum lock_type type);
int sys_fadvise(struct file *file, uint64_t off, uint64_t len, enum fadvise_advice advice);
/* echo 3 > /proc/sys/vm/drop_caches: clean page cache and unused inodes of this client. */
int sys_drop_caches(struct client *c);

/* ---- signals: see model/vfs/signal.c ---- */

enum signal_kind {
	SIGNAL_INTERRUPT, /* caught, by a handler without SA_RESTART */
	SIGNAL_RESTART,   /* caught, by a handler with SA_RESTART */
	SIGNAL_KILL,      /* SIGKILL */
};
/* kill(2): 0, or -ESRCH: the task is dead or dies. It may be called from anywhere. */
int send_signal(struct sim_task *t, enum signal_kind kind);

enum signal_outcome {
	SIGNAL_RETURNS,  /* the call returns *ret */
	SIGNAL_RESTARTS, /* the call is made again */
	SIGNAL_DIES,     /* the call never returns: exit_signals(), and the task has to end */
};
/*
 * The current task leaves the kernel, from a call that came to *ret, and takes what signals it has.
 * What user space does not see of *ret is replaced.
 */
enum signal_outcome exit_to_user_mode(struct sim_world *w, int64_t *ret);
/* The current task dies: no signal ends its waits any more. */
void exit_signals(struct sim_world *w);

/* ---- asynchronous reads and writes: see model/vfs/aio.c ---- */

struct kioctx;
struct io_event {
	int64_t res; /* bytes or negative errno */
	bool write;
	struct content_map data; /* the buffer: the caller frees it */
};
/* io_setup(2): a context, which lives as long as the world. */
struct kioctx *sys_io_setup(struct client *c);
/*
 * io_submit(2) of one read or write of len bytes at pos; rwf and misalign as for sys_pwrite(). buf:
 * what is written, NULL for a read; it is copied. 1: it is on its way or has ended, an event says
 * so; or a negative errno, and there will be none.
 */
int sys_io_submit(struct kioctx *ctx, struct file *file, bool write, struct content_map *buf,
		  uint64_t len, uint64_t pos, uint32_t rwf, uint32_t misalign);
/* io_getevents(2) of one event: 1, or 0 after timeout_ns without one. */
int sys_io_getevents(struct kioctx *ctx, uint64_t timeout_ns, struct io_event *event);
/* The process exits: waits for what is on its way, and forgets events that nobody took. */
void exit_aio(struct kioctx *ctx);

/* ---- mmap: see model/vfs/mmap.c ---- */

/* mmap(MAP_SHARED) of [pos, pos + len). NULL and *err. The mapping holds the file open. */
struct vm_area *sys_mmap(struct file *file, uint64_t pos, uint64_t len, bool write, int *err);
int sys_munmap(struct vm_area *vma);
/* Load or store len bytes at off in the map, in ascending order. 0, or -EFAULT for SIGBUS. */
int sys_mread(struct vm_area *vma, struct content_map *buf, uint64_t buf_off, uint64_t off,
	      uint64_t len);
int sys_mwrite(struct vm_area *vma, struct content_map *buf, uint64_t buf_off, uint64_t off,
	       uint64_t len);
enum msync_flags { MS_SYNC_, MS_ASYNC_ };
/* msync(2): MS_ASYNC does nothing. -ENOMEM beyond the end of the map. */
int sys_msync(struct vm_area *vma, uint64_t off, uint64_t len, enum msync_flags flags);

/* Drop a reference of an open file; the last one releases it. */
void fput(struct file *file);

/* The sizes of things a run reports: inode count, open files. */
struct inode *client_find_inode(struct client *c, const char *name);

#endif
