/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounting: what a scenario says of a client's mount, and the network filesystems that exist.
 *
 * Mirrors: fs/9p/v9fs.c, fs/9p/vfs_super.c, fs/afs/super.c (6.8).
 */
#ifndef MODEL_FS_MOUNT_H
#define MODEL_FS_MOUNT_H

#include "model/cache/fscache.h"
#include "model/model.h"

enum fs_kind { FS_9P, FS_AFS, FS_CIFS, FS_CEPH, NR_FS_KINDS };

/* cache= of the mount: fs_types[] in mount.c has those of each filesystem. */
enum cache_mode {
	CACHE_NONE,
	CACHE_READAHEAD,
	CACHE_MMAP,
	CACHE_LOOSE,
	CACHE_FSCACHE,
	CACHE_STRICT, /* as long as the server promises to tell of changes by others */
	NR_CACHE_MODES
};

struct mount_config {
	enum fs_kind fs;
	uint64_t msize;         /* 9P: bytes of a message, 4096.. [128 KiB + 24] */
	uint64_t iounit;        /* 9P: what the server offers; 0: none, msize - 24 counts [0] */
	enum cache_mode cache;  /* 9P [loose]; AFS, CIFS, Ceph [strict] */
	uint64_t rsize, wsize;  /* AFS [256 KiB], CIFS [4 MiB], Ceph [64 MiB]; 9P: 0, only msize */
	uint64_t stripe_unit;   /* Ceph: bytes of a file in one object [4 MiB] */
	uint32_t credits;       /* CIFS: what the server lets it use at once [512] */
	uint32_t max_segments;  /* CIFS: most segments of memory in a read or write; 0: no limit */
	uint64_t closetimeo_ns; /* CIFS: a closed handle is kept so long under a lease [1 s] */
	uint32_t ra_pages;      /* readahead window in pages; 0: as the filesystem has it */
	bool no_readahead;
	bool sync;                   /* -o sync */
	bool fsc;                    /* CIFS: -o fsc: a local cache, whatever the cache mode */
	struct cache_config fscache; /* of the local cache, if there is one */
	bool large_folios;           /* AFS [true]; 9P [false], on: cover letter, 9P note 3 */
};

/* Fill in a zeroed config what [..] says, for its fs. */
void mount_config_defaults(struct mount_config *config);

/* Whether the filesystem can be mounted with this cache mode. */
bool mount_has_cache_mode(enum fs_kind fs, enum cache_mode cache);
/* Its rule of coherence then. */
enum coherence mount_coherence(enum fs_kind fs, enum cache_mode cache);
/* "server order", "promise", "own view". */
const char *coherence_name(enum coherence coherence);

/* Mount: sets client->sb. The config is copied. */
void mount_fs(struct client *c, const struct mount_config *config);

/* Set up a client: memory, workers, pools. mount_fs() comes after. nr_clients: in the world. */
struct client *client_new(struct model *m, uint32_t id, const struct mm_config *mm);

/* A model in a world: arena memory, w->model set. Server, clients, check come after. */
struct model *model_new(struct sim_world *w, const struct design *design,
			const struct costs *costs);

#endif
