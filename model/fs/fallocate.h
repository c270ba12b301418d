/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fallocate, for the filesystems whose servers can do it. */
/* Mirrors: no kernel file. */
#ifndef MODEL_FS_FALLOCATE_H
#define MODEL_FS_FALLOCATE_H

#include "model/netfs/netfs.h"
#include "model/server/server.h"

/* Sends the message by the open file. 0 or negative errno. */
typedef int (*fallocate_call)(struct file *file, struct rpc *rpc);

/*
 * fallocate(2) of [off, off + len) with a set of enum fallocate_mode that the filesystem has
 * accepted: dirty data go out, pages that will differ leave the page cache, the server is asked,
 * and the size follows. 0, or negative errno with the file as it was.
 */
int fs_fallocate(struct file *file, uint32_t mode, uint64_t off, uint64_t len, fallocate_call call);

#endif
