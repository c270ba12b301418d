/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of model/mm share: the index, accounting, LRU lists, flusher and reclaim.
 *
 * Mirrors: mm/internal.h (6.8).
 */
#ifndef MODEL_MM_INTERNAL_H
#define MODEL_MM_INTERNAL_H

#include <assert.h>
#include <errno.h>

#include "model/model.h"
#include "sim/base/math.h"
#include "sim/core/task.h"
#include "sim/trace/emit.h"

/* Most folios that are handled between two reschedule points: a folio_batch. */
#define PAGEVEC_SIZE 15

/* No index of a page is larger. */
#define PAGE_INDEX_MAX (CONTENT_END >> PAGE_SHIFT)

/* ->read_folio and friends: the folio left its mapping, look it up again. */
#define AOP_TRUNCATED_PAGE 0x80001

struct folio_batch {
	unsigned nr;
	struct folio *folios[PAGEVEC_SIZE];
};

/* Drop the references of a batch and empty it. */
void folio_batch_release(struct folio_batch *fbatch);

/* The client of which this is the memory. */
static inline const struct client *mm_client(const struct mm *mm)
{
	return (const struct client *)((const char *)mm - offsetof(struct client, mm));
}
static inline struct sim_world *mm_world(const struct mm *mm)
{
	return mm_client(mm)->w;
}
static inline struct model *mm_model(const struct mm *mm)
{
	return mm_client(mm)->model;
}

/* Where the current task is; an event is on the first CPU. */
static inline unsigned this_cpu(const struct mm *mm)
{
	const struct sim_task *current = mm_world(mm)->current;

	return current ? current->cpu : 0;
}

static inline struct mm *mapping_mm(const struct address_space *mapping)
{
	return &mapping->host->i_sb->client->mm;
}

/* ---- folio.c ---- */

static inline void folio_set(struct folio *f, enum folio_flags b)
{
	f->flags |= 1u << b;
}

static inline void folio_clear(struct folio *f, enum folio_flags b)
{
	f->flags &= ~(1u << b);
}

/* PG_private or PG_private_2: somebody holds a reference for it. */
static inline bool folio_has_private(const struct folio *f)
{
	return f->flags & (1u << PG_private | 1u << PG_private_2);
}

/* release_folio has to be asked before the folio may go. */
static inline bool folio_needs_release(const struct folio *f)
{
	return folio_has_private(f) || (f->mapping && (f->mapping->flags & AS_RELEASE_ALWAYS));
}

/* Tell the observers that the folio's state changed. */
static inline void folio_changed(struct folio *f)
{
	if (!(f->touched & FOLIO_TOUCHED))
		MODEL_HOOK(mm_model(f->mm), folio, f);
}

static inline void folio_point(const struct folio *f, uint16_t site)
{
	sim_point(mm_world(f->mm), site);
}

/* Wait until PG_locked is clear, without taking it: 0 or -EINTR. */
int folio_wait_locked_killable(struct folio *f);
/* The same after giving back the caller's reference, so that the folio may go meanwhile. */
int folio_put_wait_locked(struct folio *f);

bool folio_write_protect(struct folio *f);
/* Take the page tables off the folio: a later store faults again. True if any could write. */
static inline bool folio_mkclean(struct folio *f)
{
	return f->mapping && mapping_mapped(f->mapping) && folio_write_protect(f);
}

/* ---- page_tree.c: the index of a mapping ---- */

struct folio *page_tree_load(struct address_space *mapping, pgoff_t index);
/* Any folio that ends after index and starts at or before last. mark < 0: marked or not. */
struct folio *page_tree_find(struct address_space *mapping, pgoff_t index, pgoff_t last, int mark);
/* Insert f at f->index: 0 or -EEXIST. */
int page_tree_insert(struct address_space *mapping, struct folio *f);
/* Any of the marks of a folio, by PAGE_MARK(); they lie where the index has them. */
typedef uint64_t page_marks;
#define PAGE_MARK(mark) (1ull << 16 * ((mark) + 1))
/* Take f out, with its marks: returns those that it had. */
page_marks page_tree_erase(struct address_space *mapping, struct folio *f);
/* Clear, then set marks of f; returns those that it had. */
page_marks page_tree_mark(struct address_space *mapping, const struct folio *f, page_marks clear,
			  page_marks set);
static inline bool page_tree_get_mark(struct address_space *mapping, const struct folio *f,
				      enum page_mark mark)
{
	return page_tree_mark(mapping, f, 0, 0) & PAGE_MARK(mark);
}
/* Both return whether it had the mark. */
static inline bool page_tree_set_mark(struct address_space *mapping, const struct folio *f,
				      enum page_mark mark)
{
	return page_tree_mark(mapping, f, 0, PAGE_MARK(mark)) & PAGE_MARK(mark);
}
static inline bool page_tree_clear_mark(struct address_space *mapping, const struct folio *f,
					enum page_mark mark)
{
	return page_tree_mark(mapping, f, PAGE_MARK(mark), 0) & PAGE_MARK(mark);
}
size_t page_tree_node_size(void);
/* NULL, or what is wrong with the tree itself. */
const char *page_tree_check(const struct address_space *mapping);

/* ---- filemap.c ---- */

/* How hard an allocation may try. */
enum alloc_effort {
	ALLOC_WAIT,    /* reclaim, wait for writeback, until nothing helps */
	ALLOC_NORETRY, /* reclaim once: readahead and folios of more than a page */
};
struct folio *filemap_alloc_folio_effort(struct client *c, unsigned order,
					 enum alloc_effort effort);
/* Look up with a reference; NULL: none. */
struct folio *filemap_get_folio(struct address_space *mapping, pgoff_t index);
/* The same, locked; it is in the mapping and covers index. */
struct folio *filemap_lock_folio(struct address_space *mapping, pgoff_t index);
/*
 * Collect referenced folios from *index to last (mark < 0: any) and move *index behind them.
 * Returns how many.
 */
unsigned filemap_get_folios(struct address_space *mapping, pgoff_t *index, pgoff_t last, int mark,
			    struct folio_batch *fbatch);
/* The folio's dirty state is given up without being written. */
void folio_account_cleaned(struct folio *f);
/* Count pages of a new size of free memory, and of caches, in traces: at most now and then. */
void mm_gauge_record(struct mm *mm);
static inline void mm_gauge(struct mm *mm)
{
	const struct sim_trace *trace = mm_world(mm)->trace;

	if (trace && sim_trace_sinks(trace, EVENT_sim_memory))
		mm_gauge_record(mm);
}
/* The same where what is dirty or under writeback has grown: the most there ever was. */
static inline void mm_gauge_dirty(struct mm *mm)
{
	mm->peak_dirty = sim_max(mm->peak_dirty, mm->nr_dirty + mm->nr_writeback);
	mm_gauge(mm);
}

/* ---- vmstat.c ---- */

void node_stat_init(struct mm *mm, struct node_stat *stat);
/* Count delta pages on the CPU of the current task. */
static inline void mod_node_page_state(struct mm *mm, struct node_stat *stat, int64_t delta)
{
	int64_t *mine = &stat->of_cpu[this_cpu(mm)];

	*mine += delta;
	if (*mine > stat->threshold || -*mine > stat->threshold) {
		stat->seen += *mine;
		*mine = 0;
	}
}
/* Pages that all CPUs have told of, at least 0. */
static inline uint64_t node_page_state(const struct node_stat *stat)
{
	return stat->seen > 0 ? (uint64_t)stat->seen : 0;
}

/* Start writing the dirty folios of a range; ends are inclusive. */
int filemap_flush_range(struct address_space *mapping, uint64_t start, uint64_t end);

/* ---- readahead.c ---- */

/* page_cache_ra_order(): issue ra's window, in large folios where they are supported. */
void page_cache_ra_order(struct readahead_control *ractl, unsigned new_order);
/* page_cache_ra_unbounded() clipped at the end of the file. */
void do_page_cache_ra(struct readahead_control *ractl, uint64_t nr_to_read,
		      uint64_t lookahead_size);

/* ---- truncate.c ---- */

/* invalidate_mapping_pages() that says how many folios had to stay. */
uint64_t mapping_try_invalidate(struct address_space *mapping, pgoff_t start, pgoff_t end,
				uint64_t *nr_failed);
/* Split a locked folio into single pages: 0, -EBUSY, -EAGAIN. It stays locked, now of order 0. */
int split_folio(struct folio *f);

/* ---- swap.c ---- */

void folio_add_lru(struct folio *f);
void folio_del_lru(struct folio *f);
/* tail was split off head, and stands before it. */
void lru_add_page_tail(struct folio *head, struct folio *tail);
/* A folio marked for reclaim was written: to the end where reclaim looks first. */
void folio_rotate_reclaimable(struct folio *f);
/* Not wanted any more: to the inactive list, last if it can go at once. */
void deactivate_file_folio(struct folio *f);

/* ---- page_writeback.c ---- */

/* More is dirty than background writing tolerates, in all or of this device's share. */
bool wb_over_bg_thresh(const struct mm *mm);
/* nr pages were dirtied by the current task. */
void mm_count_dirtied(struct mm *mm, uint64_t nr);
/* nr pages were written. */
void mm_count_written(struct mm *mm, uint64_t nr);

/* ---- wb_rate.c ---- */

/* What the throttling looks at: struct dirty_throttle_control. In pages. */
struct dirty_state {
	struct dirty_limits limits;
	uint64_t nr_dirty;            /* not yet under writeback, in the machine */
	uint64_t dirty;               /* dirty and in writeback, of all devices */
	uint64_t wb_dirty, wb_thresh; /* of this device: the same, and its share of the limit */
	uint64_t pos_ratio;           /* times 1024; wb_position_ratio() */
};

void wb_rate_init(struct wb_rate *rate);
/* The clock that dirty throttling goes by: CONFIG_HZ=250. Down to a whole tick. */
#define JIFFY_NS (4 * SIM_NS_PER_MS)
/* Its value when the world begins: it wraps as 32 bits five minutes later. */
#define INITIAL_JIFFIES ((1ull << 32) - 300 * (SIM_NS_PER_S / JIFFY_NS))
static inline uint64_t jiffies_ns(uint64_t ns)
{
	return ns - ns % JIFFY_NS;
}

uint64_t dirty_freerun_ceiling(const struct dirty_limits *l);
/* How much faster or slower than dirty_ratelimit a task may be now, times 1024; 0: not at all. */
uint64_t wb_position_ratio(const struct wb_rate *rate, const struct dirty_state *d);
/* Rates are measured so often at most. */
#define BANDWIDTH_INTERVAL_NS (200 * SIM_NS_PER_MS)
static inline bool wb_bandwidth_is_due(const struct wb_rate *rate, uint64_t now_ns)
{
	return now_ns - rate->stamp_ns >= BANDWIDTH_INTERVAL_NS;
}
/* Measure, at most every 200 ms; with d, a throttled writer's view, set its rate too. */
void wb_update_bandwidth(struct mm *mm, const struct dirty_state *d);
/* Restart the measuring after an idle time. */
void wb_bandwidth_estimate_start(struct mm *mm);
/* Longest sleep of a writer in ns, with so many pages dirty. */
uint64_t wb_max_pause(const struct wb_rate *rate, uint64_t wb_dirty);
/* Shortest sleep that is worth it in ns, and after how many pages the writer looks again. */
uint64_t wb_min_pause(const struct wb_rate *rate, uint64_t max_pause_ns, uint64_t task_ratelimit,
		      uint32_t *nr_dirtied_pause);

/* ---- fs_writeback.c ---- */

void mm_init_flusher(struct mm *mm);
void wb_start_background_writeback(struct mm *mm);
void wakeup_flusher_threads(struct mm *mm);
/* Keep the inode from being freed while a pass over all inodes sleeps. */
void inode_pin(struct inode *inode);
void inode_unpin(struct inode *inode);
/* The next inode of the mount in order of creation, after ordinal; NULL: none. */
struct inode *next_inode(struct super_block *sb, uint32_t ordinal);

/* ---- page_alloc.c ---- */

extern const struct sim_wait_class memory_wait_class, dirty_limit_wait_class;
/* Take nr pages; may reclaim and sleep. False: there are none. */
bool mm_alloc_pages(struct mm *mm, uint64_t nr, enum alloc_effort effort);
void mm_free_pages(struct mm *mm, uint64_t nr);

/* ---- vmscan.c ---- */

/* Free pages until nr can be taken above the minimum. Returns how many were freed. */
uint64_t try_to_free_pages(struct mm *mm, uint64_t nr, enum alloc_effort effort);
/* Few pages are free: have kswapd free some. Its thread is made the first time. */
void wakeup_kswapd(struct mm *mm);
/* Take a clean, locked folio that nobody else uses out of its mapping; pages freed, 0: in use. */
uint64_t remove_mapping(struct address_space *mapping, struct folio *f);

#endif
