/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system calls share: kiocbs and iterators of user memory. */
#ifndef MODEL_VFS_INTERNAL_H
#define MODEL_VFS_INTERNAL_H

#include "model/vfs/syscalls.h"

#define ERESTARTSYS 512

/* A task comes into the kernel. */
static inline void syscall_enter(const struct client *c)
{
	sim_cpu(c->w, c->model->costs.syscall_ns);
	sim_point(c->w, SITE_SYSCALL);
}
/*
 * A synchronous kiocb with the flags that the open file and the call ask for. 0, or -EOPNOTSUPP for
 * a flag that the filesystem cannot do (kiocb_set_rw_flags, 6.8).
 */
int init_kiocb(struct kiocb *iocb, struct file *file, uint64_t pos, uint32_t rwf);
/* The caller's memory: misalign is the buffer's offset in its first page. */
void init_user_iter(struct iov_iter *iter, struct content_map *buf, uint64_t off, uint64_t len,
		    uint32_t misalign);
/*
 * Read or write, and tell observers: bytes, a negative errno, or -EIOCBQUEUED; then ki_complete has
 * been or will be called.
 */
int64_t iocb_read(struct kiocb *iocb, struct iov_iter *iter, struct content_map *buf,
		  uint64_t buf_off);
int64_t iocb_write(struct kiocb *iocb, struct iov_iter *iter);
/* What user space sees of the kernel's own codes. */
static inline int64_t user_result(int64_t ret)
{
	return ret == -ERESTARTSYS ? -EINTR : ret;
}

#endif
