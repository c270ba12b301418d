/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking a name up and creating a file: what the network filesystems have in common.
 *
 * Mirrors: fs/namei.c lookup_open(), fs/{9p,afs,smb/client,ceph} ->lookup and ->create (6.8).
 */
#include "model/fs/lookup.h"

#include <errno.h>

#include "model/server/server.h"
#include "model/vfs/inode.h"

static int call(const struct fs_names *names, struct super_block *sb, struct rpc *rpc)
{
	return names->call ? names->call(sb, rpc) : server_call(rpc);
}

/* Nothing is known of the name yet. 0: found, 1: created, else negative errno. */
static int ask_server(const struct fs_names *names, struct super_block *sb, struct rpc *rpc,
		      bool create, bool excl)
{
	const char *name = rpc->name;
	int err = call(names, sb, rpc);

	if (err != -ENOENT || !create)
		return !err && create && excl ? -EEXIST : err;
	*rpc = (struct rpc){.op = RPC_CREATE, .client = sb->client, .name = name};
	rpc->flags = excl ? RPC_EXCL : 0;
	err = call(names, sb, rpc);
	return err ? err : 1;
}

int fs_lookup(const struct fs_names *names, struct super_block *sb, const char *name, bool create,
	      bool excl, struct inode **inodep)
{
	struct rpc rpc = {.op = RPC_LOOKUP, .client = sb->client, .name = name};
	struct inode *inode = inode_lookup(sb, name);
	int ret, err = 0;

	if (inode) {
		*inodep = inode;
		if (create && excl)
			return -EEXIST;
		return names->revalidate ? names->revalidate(inode) : 0;
	}
	ret = ask_server(names, sb, &rpc, create, excl);
	if (ret >= 0 && names->getattr)
		err = names->getattr(sb, &rpc);
	if (ret >= 0 && !err) {
		/* Another task may have looked it up meanwhile: d_alloc_parallel(), iget5_locked().
		 */
		inode = inode_lookup(sb, name);
		*inodep = inode ? inode : names->iget(sb, &rpc);
	}
	if (rpc.result)
		server_file_put(rpc.result);
	return err ? err : ret;
}
