/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network filesystems that exist: one row each, and the rule of coherence of each cache mode.
 *
 * Mirrors: fs/super.c, fs/filesystems.c (6.8).
 */
#include "model/fs/mount.h"

#include "model/fs/9p.h"
#include "model/fs/afs.h"
#include "model/fs/ceph.h"
#include "model/fs/cifs.h"

static void v9fs_defaults(struct mount_config *config)
{
	config->msize = 128 * 1024 + 24;
	cache_config_defaults(&config->fscache);
}

static void afs_defaults(struct mount_config *config)
{
	config->rsize = config->wsize = 256 * 1024;
	config->large_folios = true;
	cache_config_defaults(&config->fscache);
}

static void cifs_defaults(struct mount_config *config)
{
	config->rsize = config->wsize = 4 << 20;
	config->credits = 512;
	config->closetimeo_ns = 1000000000;
	cache_config_defaults(&config->fscache);
}

/* A cache mode that a filesystem has, with its rule of coherence. */
struct cache_row {
	bool exists;
	enum coherence coherence;
};

struct fs_type {
	enum fs_name name;     /* in traces */
	enum cache_mode cache; /* if the mount names none */
	struct cache_row modes[NR_CACHE_MODES];
	void (*defaults)(struct mount_config *config);
	void (*mount)(struct client *c, const struct mount_config *config);
};

static const struct fs_type fs_types[NR_FS_KINDS] = {
	[FS_9P] = {FS_NAME_9P,
		   CACHE_LOOSE,
		   {[CACHE_NONE] = {true, COHERENCE_SERVER_ORDER},
		    [CACHE_READAHEAD] = {true, COHERENCE_OWN_VIEW},
		    [CACHE_MMAP] = {true, COHERENCE_OWN_VIEW},
		    [CACHE_LOOSE] = {true, COHERENCE_OWN_VIEW},
		    [CACHE_FSCACHE] = {true, COHERENCE_OWN_VIEW}},
		   v9fs_defaults,
		   v9fs_mount},
	[FS_AFS] = {FS_NAME_AFS,
		    CACHE_STRICT,
		    {[CACHE_STRICT] = {true, COHERENCE_PROMISE},
		     [CACHE_FSCACHE] = {true, COHERENCE_PROMISE}},
		    afs_defaults,
		    afs_mount},
	[FS_CEPH] = {FS_NAME_CEPH,
		     CACHE_STRICT,
		     {[CACHE_STRICT] = {true, COHERENCE_PROMISE},
		      [CACHE_FSCACHE] = {true, COHERENCE_PROMISE}},
		     ceph_defaults,
		     ceph_mount},
	[FS_CIFS] = {FS_NAME_CIFS,
		     CACHE_STRICT,
		     {[CACHE_STRICT] = {true, COHERENCE_PROMISE},
		      [CACHE_NONE] = {true, COHERENCE_SERVER_ORDER},
		      [CACHE_LOOSE] = {true, COHERENCE_OWN_VIEW}},
		     cifs_defaults,
		     cifs_mount},
};

void mount_config_defaults(struct mount_config *config)
{
	config->cache = fs_types[config->fs].cache;
	fs_types[config->fs].defaults(config);
}

bool mount_has_cache_mode(enum fs_kind fs, enum cache_mode cache)
{
	return fs_types[fs].modes[cache].exists;
}

enum coherence mount_coherence(enum fs_kind fs, enum cache_mode cache)
{
	return fs_types[fs].modes[cache].coherence;
}

const char *coherence_name(enum coherence coherence)
{
	static const char *const names[NR_COHERENCE] = {
		[COHERENCE_SERVER_ORDER] = "server order",
		[COHERENCE_PROMISE] = "promise",
		[COHERENCE_OWN_VIEW] = "own view",
	};

	return names[coherence];
}

void mount_fs(struct client *c, const struct mount_config *config)
{
	fs_types[config->fs].mount(c, config);
	c->sb->s_type = fs_types[config->fs].name;
	c->sb->coherence = mount_coherence(config->fs, config->cache);
}
