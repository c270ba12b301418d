/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network filesystems that exist, and their defaults.
 *
 * Mirrors: fs/super.c (6.8).
 */
#include "model/fs/mount.h"

#include "model/fs/9p.h"
#include "model/fs/afs.h"

void mount_config_defaults(struct mount_config *config)
{
	switch (config->fs) {
	case FS_9P:
		config->msize = 128 * 1024 + 24;
		config->cache = CACHE_LOOSE;
		cache_config_defaults(&config->fscache);
		break;
	case FS_AFS:
		config->rsize = config->wsize = 256 * 1024;
		config->large_folios = true;
		break;
	case NR_FS_KINDS:
		break;
	}
}

void mount_fs(struct client *c, const struct mount_config *config)
{
	if (config->fs == FS_AFS)
		afs_mount(c, config);
	else
		v9fs_mount(c, config);
}
