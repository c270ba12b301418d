/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page cache of one client: folios, their state machine, the index, and what the memory manager
 * does with them (readahead, dirty throttling, flusher, reclaim).
 *
 * Mirrors: include/linux/{mm_types,page-flags,pagemap,writeback,mm}.h (6.8).
 */
#ifndef MODEL_MM_MM_H
#define MODEL_MM_MM_H

#include <assert.h>

#include "model/vfs/fs.h"

struct client;
struct mm;
struct sim_task;

/* ---- folio ---- */

enum folio_flags {
	PG_locked,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_active,
	PG_private,
	PG_private_2, /* being written to the cache: "PG_fscache" */
	PG_writeback,
	PG_readahead, /* the same bit as PG_reclaim: not looked at under writeback */
	PG_workingset,
};

/* What the low bits of folio.private say: a streaming record; a copy to the cache is due. */
#define FOLIO_PRIVATE_RECORD 1ul
#define FOLIO_PRIVATE_COPY   2ul

/*
 * A folio: 2^order pages of one file in memory. Its bytes are in mapping->data. One cache line and
 * a quarter; allocated from the client's pool. The states are documented in folio.c.
 */
struct folio {
	uint32_t flags;    /* 1 << enum folio_flags */
	uint32_t refcount; /* pagecache 1, private 1, PG_private_2 1, users */
	pgoff_t index;
	struct address_space *mapping; /* NULL: removed from the page cache */
	void *private;                 /* owned by netfs: reference 1.6 */
	struct sim_waitq waiters;      /* bit waits on PG_locked, PG_writeback, PG_private_2 */
	struct sim_task *locker;       /* who holds PG_locked; NULL: none, or a request in flight */
	struct sim_list lru;
	struct mm *mm;    /* whose memory it is, also after it left its mapping */
	uint32_t touched; /* private to model/check, but for FOLIO_TOUCHED */
	uint32_t order : 8;
};
/* Not 0: who observes has the folio on a list and looks at it when the step ends. */
#define FOLIO_TOUCHED ((1u << 27) - 1)
_Static_assert(sizeof(struct folio) <= 88, "a cached folio and its index are to fit in 128 bytes");

static inline bool folio_test(const struct folio *f, enum folio_flags b)
{
	return f->flags & 1u << b;
}
static inline uint64_t folio_nr_pages(const struct folio *f)
{
	return 1ull << f->order;
}
static inline uint64_t folio_size(const struct folio *f)
{
	return PAGE_SIZE << f->order;
}
static inline uint64_t folio_pos(const struct folio *f)
{
	return f->index << PAGE_SHIFT;
}
/* The index is a multiple of its number of pages. */
static inline bool folio_is_aligned(const struct folio *f)
{
	return !(f->index & (folio_nr_pages(f) - 1));
}
static inline pgoff_t folio_next_index(const struct folio *f)
{
	return f->index + folio_nr_pages(f);
}
#define folio_test_locked(f)    folio_test(f, PG_locked)
#define folio_test_uptodate(f)  folio_test(f, PG_uptodate)
#define folio_test_dirty(f)     folio_test(f, PG_dirty)
#define folio_test_writeback(f) folio_test(f, PG_writeback)
#define folio_test_private(f)   folio_test(f, PG_private)
#define folio_test_fscache(f)   folio_test(f, PG_private_2)

/* Lock the folio; waits in the order of arrival as folio_wait_bit_common. killable: 0 or -EINTR. */
void folio_lock(struct folio *f);
int folio_lock_killable(struct folio *f);
bool folio_trylock(struct folio *f);
/* Unlocking an unlocked folio locks it, as 6.8 does (reference recorded C1); checked by
 * model/check. */
void folio_unlock(struct folio *f);

void folio_free(struct folio *f);
static inline void folio_get(struct folio *f)
{
	assert(f->refcount > 0);
	f->refcount++;
}
/* Drop a reference; the last one frees the folio (it must have left the page cache). */
static inline void folio_put(struct folio *f)
{
	assert(f->refcount > 0);
	if (!--f->refcount)
		folio_free(f);
}

/* PG_uptodate; folio_mark_accessed: PG_referenced, then the active list (mm/swap.c). */
void folio_mark_uptodate(struct folio *f);
void folio_clear_uptodate(struct folio *f);
void folio_mark_accessed(struct folio *f);

/* Attach private data: sets PG_private and takes a reference. Detach gives it back; NULL: none. */
void folio_attach_private(struct folio *f, void *data);
void *folio_change_private(struct folio *f, void *data);
void *folio_detach_private(struct folio *f);

/* PG_writeback with the index's mark and the counters; start needs the lock held. */
void folio_start_writeback(struct folio *f);
void folio_end_writeback(struct folio *f);
void folio_wait_writeback(struct folio *f);
int folio_wait_writeback_killable(struct folio *f);

/* PG_private_2 with its reference. */
void folio_start_fscache(struct folio *f);
void folio_end_fscache(struct folio *f);
void folio_wait_fscache(struct folio *f);
int folio_wait_fscache_killable(struct folio *f);

/*
 * Dirty the folio through mapping->a_ops->dirty_folio. filemap_dirty_folio is the common part:
 * PG_dirty, the mark, the counters, the inode on the flusher's list; false if it was dirty already.
 */
bool folio_mark_dirty(struct folio *f);
bool filemap_dirty_folio(struct address_space *mapping, struct folio *f);
/* Clear PG_dirty for writing it out: write-protects page tables; the index keeps the mark until
 * writeback starts. True if it was dirty. */
bool folio_clear_dirty_for_io(struct folio *f);
/* Clear PG_dirty because the data are dropped. */
void folio_cancel_dirty(struct folio *f);

/* The part of the following that is about what private holds. */
const char *assert_private_state(const struct folio *f);
/*
 * State machine's own check: NULL, or a static text naming the broken rule (reference 2.2,
 * folio.c). Streaming records are told by bit 0 of private (reference 1.6).
 */
static inline const char *assert_folio_state(const struct folio *f)
{
	uint32_t holders = folio_test(f, PG_private) + folio_test(f, PG_private_2);

	if (folio_test(f, PG_private) != (f->private != NULL))
		return "folio: PG_private without private data, or the reverse";
	if (f->refcount < holders + (f->mapping != NULL))
		return "folio: fewer references than holders";
	if (f->mapping && !folio_is_aligned(f))
		return "folio: index not aligned to its order";
	if (!f->mapping && (folio_test_dirty(f) || folio_test_writeback(f)))
		return "folio: dirty or in writeback outside the page cache";
	if (folio_test_locked(f))
		return NULL; /* its owner may be half-way */
	if (f->locker)
		return "folio: unlocked, with an owner of the lock";
	if (folio_test_dirty(f) && !folio_test_uptodate(f) &&
	    !((uintptr_t)f->private & FOLIO_PRIVATE_RECORD))
		return "folio: dirty, with contents that nobody knows";
	return f->private ? assert_private_state(f) : NULL;
}
/* All folios of a mapping, its index and its counters: NULL, or the broken rule. O(folios). */
const char *assert_mapping_state(struct address_space *mapping);
/* The same for a client's memory and all inodes of its mount. O(cached folios). */
const char *assert_mm_state(struct mm *mm);

extern const struct sim_wait_class folio_wait_class;

/* ---- index ---- */

enum page_mark { PAGE_MARK_DIRTY, PAGE_MARK_WRITEBACK, PAGE_MARK_TOWRITE, NR_PAGE_MARKS };

/* The folio that covers page index, or NULL. No reference is taken. O(1) near the last look-up. */
struct folio *filemap_lookup(struct address_space *mapping, pgoff_t index);
/* The first folio that ends after page index and starts at or before last; NULL: none. */
struct folio *filemap_next(struct address_space *mapping, pgoff_t index, pgoff_t last);
/* The same among folios that carry a mark. */
struct folio *filemap_next_marked(struct address_space *mapping, pgoff_t index, pgoff_t last,
				  enum page_mark mark);
/* The first page index >= index without a folio, at most max pages further; UINT64_MAX none. */
pgoff_t page_cache_next_miss(struct address_space *mapping, pgoff_t index, uint64_t max);
/* The first page index <= index without a folio, at most max pages down; UINT64_MAX none. */
pgoff_t page_cache_prev_miss(struct address_space *mapping, pgoff_t index, uint64_t max);

/*
 * Allocate a folio of 2^order pages, locked, with one reference and junk contents once it is added.
 * May reclaim. NULL when memory is exhausted (or a fault says so).
 */
struct folio *filemap_alloc_folio(struct client *c, unsigned order);
/* Insert a locked folio at index (aligned to its order). 0 or -EEXIST: a page of it is there. */
int filemap_add_folio(struct address_space *mapping, struct folio *f, pgoff_t index);
/* Take a locked folio out of the page cache and drop the cache's reference. */
void filemap_remove_folio(struct folio *f);

/*
 * Get the folio at index, locked and referenced, creating it if needed: FGP_WRITEBEGIN. len is how
 * much will be written from pos: the size hint for large folios (reference 4.2 step 3). Returns
 * NULL and sets *err (-ENOMEM).
 */
struct folio *filemap_get_folio_write(struct address_space *mapping, uint64_t pos, uint64_t len,
				      int *err);

/* ---- buffered read, readahead ---- */

struct readahead_control {
	struct file *file;
	struct address_space *mapping;
	struct file_ra_state *ra;
	pgoff_t _index;
	uint32_t _nr_pages;
	uint32_t _batch_count; /* pages of the folio that readahead_folio() gave last */
};

static inline uint64_t readahead_pos(const struct readahead_control *ractl)
{
	return ractl->_index << PAGE_SHIFT;
}
static inline uint64_t readahead_length(const struct readahead_control *ractl)
{
	return (uint64_t)ractl->_nr_pages << PAGE_SHIFT;
}
static inline pgoff_t readahead_index(const struct readahead_control *ractl)
{
	return ractl->_index;
}
static inline uint32_t readahead_count(const struct readahead_control *ractl)
{
	return ractl->_nr_pages;
}
/*
 * For ->readahead: the next folio of the batch, locked, or NULL at its end. Its reference of the
 * allocation is dropped: the lock keeps it in the page cache. What ->readahead leaves, the caller
 * removes again.
 */
struct folio *readahead_folio(struct readahead_control *ractl);

/* filemap_read(): reference 3.1. Bytes read or -errno; iocb->ki_pos and the iterator advance. */
int64_t filemap_read(struct kiocb *iocb, struct iov_iter *iter, int64_t already_read);
/*
 * Write the iterator at iocb->ki_pos, a page at a time, by the mapping's write_begin and write_end;
 * the caller holds the file's lock. Bytes written or -errno; iocb->ki_pos and the iterator advance.
 * generic_perform_write(), 6.8.
 */
int64_t generic_perform_write(struct kiocb *iocb, struct iov_iter *i);
/* Page fault on page index of a mapped file: the folio, uptodate, locked and referenced, or an
 * error in *err. */
struct folio *filemap_fault(struct file *file, pgoff_t index, int *err);
/* A read of req_count pages at ractl->_index misses the page cache. */
void page_cache_sync_ra(struct readahead_control *ractl, uint64_t req_count);
/* A read of req_count pages meets folio, the mark of a window. */
void page_cache_async_ra(struct readahead_control *ractl, struct folio *folio, uint64_t req_count);
/* Read exactly nr_to_read pages, at most ra_pages (or io_pages), whatever the history says. */
void force_page_cache_ra(struct readahead_control *ractl, uint64_t nr_to_read);
/* Grow a readahead window with locked order-0 folios (reference 3.4). */
void readahead_expand(struct readahead_control *ractl, uint64_t new_start, uint64_t new_len);
void file_ra_state_init(struct file_ra_state *ra, struct address_space *mapping);
enum fadvise_advice {
	FADV_NORMAL,
	FADV_RANDOM,
	FADV_SEQUENTIAL,
	FADV_WILLNEED,
	FADV_DONTNEED,
	FADV_NOREUSE
};
/* posix_fadvise(2): len 0: to the end. 0; it never fails for a regular file. */
int vfs_fadvise(struct file *file, uint64_t offset, uint64_t len, enum fadvise_advice advice);

/* ---- writing out ---- */

enum writeback_sync_modes { WB_SYNC_NONE, WB_SYNC_ALL };

struct writeback_control {
	int64_t nr_to_write;
	uint64_t range_start, range_end; /* inclusive end */
	enum writeback_sync_modes sync_mode;
	bool range_cyclic, for_kupdate, for_background, for_sync;
	bool unpinned_netfs_wb;
};

int do_writepages(struct address_space *mapping, struct writeback_control *wbc);
/*
 * How often the flusher looks at what is old; 0: never. Another interval than before has it write
 * everything now: mm/page-writeback.c dirty_writeback_centisecs_handler().
 */
void mm_set_writeback_interval(struct mm *mm, uint64_t interval_ns);
/* Ends are inclusive. */
int filemap_fdatawrite_range(struct address_space *mapping, uint64_t start, uint64_t end);
int filemap_flush(struct address_space *mapping);
int filemap_fdatawrite(struct address_space *mapping);
/* Wait for writeback of the range, then report errors this open file has not seen. */
int file_fdatawait_range(struct file *file, uint64_t start, uint64_t end);
void filemap_fdatawait_range_keep_errors(struct address_space *mapping, uint64_t start,
					 uint64_t end);
/* The same, and report the errors of the mapping once. */
int filemap_fdatawait_range(struct address_space *mapping, uint64_t start, uint64_t end);
static inline int filemap_fdatawait(struct address_space *mapping)
{
	return filemap_fdatawait_range(mapping, 0, LLONG_MAX_OFF);
}
/* Write and wait; reports and clears AS_EIO/AS_ENOSPC. */
int filemap_write_and_wait_range(struct address_space *mapping, uint64_t start, uint64_t end);
/* Write and wait, then report errors this open file has not seen: the heart of fsync. */
int file_write_and_wait_range(struct file *file, uint64_t start, uint64_t end);
bool filemap_range_needs_writeback(struct address_space *mapping, uint64_t start, uint64_t end);
void mapping_set_error(struct address_space *mapping, int error);
struct errseq errseq_sample(const struct errseq *e);
/* The error since then, 0 if there is none, negative errno; *since catches up. */
int errseq_check_and_advance(struct errseq *e, struct errseq *since);
int file_check_and_advance_wb_err(struct file *file);

/* Dirty throttling, reference C.2. flags: BDP_ASYNC: return -EAGAIN instead of sleeping. */
#define BDP_ASYNC 1u
int balance_dirty_pages_ratelimited_flags(struct address_space *mapping, unsigned flags);
static inline void balance_dirty_pages_ratelimited(struct address_space *mapping)
{
	balance_dirty_pages_ratelimited_flags(mapping, 0);
}

/* Put the inode on the flusher's list. flags: I_DIRTY_*. */
void __mark_inode_dirty(struct inode *inode, uint32_t flags);
/* A write is about to change the file: the inode is dirty if that changes its times. */
void file_update_time(struct file *file);
/* The file changes by a call other than a write: its time of change is now. */
void inode_set_mtime_to_now(struct inode *inode);
/* A read: the same by the rule of relatime. */
void file_accessed(struct file *file);
/* Write one inode out now (sync passes, eviction). */
int write_inode_now(struct inode *inode, bool sync);
/* syncfs(2) on a mount: have everything written, then wait. 0; errors are in sb->s_wb_err. */
int sync_filesystem(struct super_block *sb);
/* sync(2) for one client: wake the flusher, then write and wait mount by mount. */
void ksys_sync(struct client *c);
/*
 * Before an inode is freed: take it off every list of the flusher and wait until nobody is at it.
 * Set I_FREEING first.
 */
void inode_io_list_del(struct inode *inode);

/* ---- dropping ---- */

void truncate_pagecache(struct inode *inode, uint64_t new_size);
void truncate_setsize(struct inode *inode, uint64_t new_size);
/*
 * The file grows from `from`, and no data are between there and `to`: zero what maps have stored
 * beyond the old end in its last page. 6.8 does not (mm/truncate.c pagecache_isize_extended() of
 * 6.13 does): bug eof-store-exposed.
 */
void pagecache_isize_extended(struct inode *inode, uint64_t from, uint64_t to);
void truncate_inode_pages_range(struct address_space *mapping, uint64_t lstart, uint64_t lend);
void truncate_inode_pages_final(struct address_space *mapping);
/* What a page table says of a page. */
enum pte_state { PTE_NONE, PTE_READ, PTE_WRITE };

/* A shared mapping of a part of a file: mmap(MAP_SHARED). */
struct vm_area {
	struct sim_list shared; /* in address_space.i_mmap */
	struct file *file;
	uint64_t pos, len; /* of the file; pos is a multiple of the page size */
	bool write;
	struct content_map ptes; /* the page table: see model/mm/rmap.c */
};

enum pte_state vma_pte(const struct vm_area *vma, pgoff_t index);
void vma_set_pte(struct vm_area *vma, pgoff_t index, enum pte_state state);
/* Some page table has a page of the folio. */
bool folio_mapped(const struct folio *f);
void folio_clear_ptes(struct folio *f);
/* Somebody maps a part of the file. */
static inline bool mapping_mapped(const struct address_space *mapping)
{
	return !sim_list_empty(&mapping->i_mmap);
}
/* Take the folio out of all page tables. */
static inline void folio_unmap(struct folio *f)
{
	if (f->mapping && mapping_mapped(f->mapping))
		folio_clear_ptes(f);
}
/* Map what is cached round page index: do_fault_around. */
void filemap_map_pages(struct vm_area *vma, pgoff_t index);
/* Take pages [start, last] out of all page tables: the next access of a mapping faults. */
void unmap_mapping_range(struct address_space *mapping, pgoff_t start, pgoff_t last);
/* Take a folio out for good after an I/O error: locks it, drops its private data. */
void generic_error_remove_folio(struct address_space *mapping, struct folio *folio);
/* Drop clean, unlocked, unmapped folios; returns how many pages. */
uint64_t invalidate_mapping_pages(struct address_space *mapping, pgoff_t start, pgoff_t end);
/* Drop every folio, laundering dirty ones; 0, -EBUSY or the error of launder_folio. */
int invalidate_inode_pages2_range(struct address_space *mapping, pgoff_t start, pgoff_t end);
static inline int invalidate_inode_pages2(struct address_space *mapping)
{
	return invalidate_inode_pages2_range(mapping, 0, UINT64_MAX);
}
/* Call release_folio if it is needed: true when the folio may go. */
#define GFP_KERNEL_ 0u
#define GFP_KSWAPD_ 1u /* may not wait */
bool filemap_release_folio(struct folio *f, unsigned gfp);
/* 3 > /proc/sys/vm/drop_caches, for the page cache of this client. */
void drop_pagecache(struct client *c);

/* ---- memory of a client ---- */

enum lru_list { LRU_INACTIVE_FILE, LRU_ACTIVE_FILE, NR_LRU };

/* Sysctls and sizes of a client's memory. Zero: the default in brackets. */
struct mm_config {
	uint64_t total_bytes;            /* [1 GiB] */
	uint32_t dirty_background_ratio; /* percent of available memory [10] */
	uint32_t dirty_ratio;            /* [20] */
	uint64_t dirty_background_bytes; /* if not 0, instead of the ratio */
	uint64_t dirty_bytes;
	uint64_t dirty_writeback_interval_ns; /* [5 s] */
	uint64_t dirty_expire_interval_ns;    /* [30 s] */
	uint64_t min_free_bytes;  /* only direct reclaim sees less [by size, as Linux] */
	uint64_t copy_bandwidth;  /* bytes a second that a CPU copies [0: no limit] */
	uint32_t max_folio_order; /* largest folio [9] */
};

/* Free pages at which kswapd wakes (low) and sleeps (high); below min, allocations reclaim. */
enum wmark { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

/* Rates of writing and dirtying, in pages a second: private to model/mm/wb_rate.c. */
struct wb_rate {
	uint64_t write_bandwidth, avg_write_bandwidth;
	uint64_t dirty_ratelimit, balanced_dirty_ratelimit;
	uint64_t stamp_ns, dirtied_stamp, written_stamp; /* when last measured, and counts then */
	uint64_t dirty_limit, dirty_limit_stamp_ns;      /* follows a falling limit slowly */
};

/* A count of pages that CPUs keep in part for themselves: private to model/mm/vmstat.c. */
struct node_stat {
	int64_t seen;    /* by all */
	int64_t *of_cpu; /* beyond that, each up to the threshold */
	int64_t threshold;
};

struct mm {
	struct client *client;
	struct mm_config config;
	struct sim_pool folios;
	unsigned nr_cpus;
	uint64_t total_pages, free_pages;
	uint64_t nr_cached, nr_dirty, nr_writeback, nr_anon; /* pages */
	struct node_stat dirty_stat, writeback_stat; /* the same two, as the kernel can see them */
	uint64_t *bdp_ratelimits; /* pages that each CPU has dirtied since a look at the limit */
	uint64_t wmark[NR_WMARK];
	struct sim_list lru[NR_LRU];
	uint64_t nr_lru[NR_LRU];
	struct sim_pool nodes;         /* of the indexes of all mappings */
	struct sim_waitq reclaim_wait; /* allocations that wait for writeback to end */
	struct sim_task *kswapd;       /* NULL: it was never needed */
	struct sim_waitq kswapd_wait;
	bool kswapd_woken;
	uint32_t kswapd_failures; /* rounds in a row without a page freed */
	/* the flusher: one bdi_writeback */
	struct sim_task *flusher;
	struct sim_waitq flusher_wait;
	struct sim_event flusher_timer;
	struct sim_list b_dirty, b_io, b_more_io; /* struct inode.i_io_list, oldest first */
	struct sim_list work;                     /* explicit requests: private to model/mm */
	bool flusher_woken;                       /* it has to make a round */
	bool writeback_running;                   /* it is making one */
	bool start_all;                           /* somebody wants everything written */
	uint64_t last_old_flush_ns;
	uint64_t completions, completions_period; /* this device's share of writing, decaying */
	/* dirty throttling */
	bool dirty_exceeded;
	struct sim_waitq throttle; /* writers that sleep because of the dirty limit */
	struct wb_rate rate;
	uint64_t dirtied_pages, written_pages; /* in all */
	/* most pages there ever were: cached, dirty or under writeback, under writeback */
	uint64_t peak_cached, peak_dirty, peak_writeback;
	uint64_t nr_throttled;  /* sleeps of writers because of the dirty limit */
	uint64_t throttled_ns;  /* and how long they were to take */
	uint64_t nr_over_limit; /* looks of writers that found more dirty than the limit */
	uint64_t nr_reclaimed;  /* pages that reclaim freed */
	uint64_t nr_kswapd;     /* of those, by kswapd */
	struct {
		uint64_t stamp_ns, dirty, writeback, cached;
	} gauge; /* sim:memory as last emitted */
};

/* Above thresh writers wait, above bg_thresh the flusher works; in pages. */
struct dirty_limits {
	uint64_t thresh, bg_thresh;
};
struct dirty_limits mm_dirty_limits(const struct mm *mm);

/*
 * The current task takes anonymous memory of its own, or gives it back; in whole pages. 0, -ENOMEM
 * (nothing was taken), -EINTR (it was killed meanwhile), -EINVAL (it has not so much).
 */
int mm_take_anon(struct mm *mm, uint64_t bytes);
int mm_give_anon(struct mm *mm, uint64_t bytes);
/* It ends: all that it has. */
void mm_give_anon_all(struct mm *mm);

/* The CPU copies bytes between a task and the page cache. */
void mm_copy_cost(struct client *c, uint64_t bytes);

/*
 * c->w and c->model are set, nothing else needed. config is copied, zeroes become the defaults;
 * NULL: all of them. Spawns the flusher thread with client_spawn() (idle until something is dirty).
 */
void mm_init(struct mm *mm, struct client *c, const struct mm_config *config);
/* Initialise the page-cache side of an inode: i_data (host, data, lists), waits, list heads. */
void inode_init_once(struct inode *inode, struct super_block *sb);

#endif
