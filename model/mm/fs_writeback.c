/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flusher: dirty inodes, periodic and background writing, sync passes.
 *
 * Mirrors: fs/fs-writeback.c, fs/sync.c, mm/backing-dev.c (6.8); reference C.3.
 *
 * A dirty inode waits on b_dirty, oldest first. A round of the flusher moves those that it is to
 * write to b_io and writes them one after the other; what used up its slice goes to b_more_io and
 * has another turn in the same round; what could not be written goes back to b_dirty. A round is
 * made when the timer fires (an interval after an inode became dirty, and again while any is), when
 * a writer exceeds the background limit, and when a sync pass is queued.
 */
#include "model/mm/internal.h"

#include <stdio.h>

/* Chunks of an inode are multiples of so many pages: 4 MiB. */
#define MIN_WRITEBACK_PAGES ((4096u << 10) >> PAGE_SHIFT)
/* A round looks around after so long. */
#define MAX_BATCH_NS (100 * SIM_NS_PER_MS)
/* Dirty metadata counts too; about as many inodes are in use on a small machine. */
#define INODES_IN_USE 1024

/* What the flusher is asked to do: struct wb_writeback_work. */
struct wb_work {
	struct sim_list entry; /* in mm->work */
	int64_t nr_pages;
	enum writeback_sync_modes sync_mode;
	bool tagged_writepages, for_kupdate, for_background, for_sync, range_cyclic;
	struct sim_completion done;
};

static bool wb_has_dirty_io(const struct mm *mm)
{
	return !sim_list_empty(&mm->b_dirty) || !sim_list_empty(&mm->b_io) ||
	       !sim_list_empty(&mm->b_more_io);
}

/* ---- waking the flusher ---- */

static void wb_wakeup(struct mm *mm)
{
	struct sim_world *w = mm_world(mm);

	sim_event_cancel(w, &mm->flusher_timer);
	mm->flusher_woken = true;
	sim_wake(w, &mm->flusher_wait, SIM_WAKE_ALL);
}

static void flusher_timer_fn(struct sim_world *w, struct sim_event *ev)
{
	struct mm *mm = sim_container_of(ev, struct mm, flusher_timer);

	mm->flusher_woken = true;
	sim_wake(w, &mm->flusher_wait, SIM_WAKE_ALL);
}

/* An interval of 0 makes no periodic pass. */
static void wb_wakeup_delayed(struct mm *mm)
{
	if (!mm->flusher_woken && !sim_event_pending(&mm->flusher_timer))
		sim_event_after(mm_world(mm), &mm->flusher_timer,
				mm->config.dirty_writeback_interval_ns);
}

/* wb_over_bg_thresh() tells the flusher what to do when it wakes up. */
void wb_start_background_writeback(struct mm *mm)
{
	wb_wakeup(mm);
}

void wakeup_flusher_threads(struct mm *mm)
{
	if (!wb_has_dirty_io(mm) || mm->start_all)
		return;
	mm->start_all = true;
	wb_wakeup(mm);
}

void mm_set_writeback_interval(struct mm *mm, uint64_t interval_ns)
{
	uint64_t old_ns = mm->config.dirty_writeback_interval_ns;

	mm->config.dirty_writeback_interval_ns = interval_ns;
	if (interval_ns && interval_ns != old_ns)
		wakeup_flusher_threads(mm);
}

static void wb_queue_work(struct mm *mm, struct wb_work *work)
{
	sim_list_add_tail(&work->entry, &mm->work);
	wb_wakeup(mm);
}

/* ---- dirty inodes ---- */

static void inode_io_list_move(struct inode *inode, struct sim_list *list)
{
	sim_list_del(&inode->i_io_list);
	sim_list_add_tail(&inode->i_io_list, list);
}

void __mark_inode_dirty(struct inode *inode, uint32_t flags)
{
	struct mm *mm = &inode_client(inode)->mm;
	bool was_dirty = inode->i_state & I_DIRTY_ALL, had_io;

	trace_writeback_mark_inode_dirty(mm_world(mm)->trace, inode->i_sb->s_type,
					 inode->i_sb->s_dev, inode->i_ino, inode->i_state, flags);
	if ((inode->i_state & flags) == flags)
		return;
	inode->i_state |= flags;
	MODEL_HOOK(inode_client(inode)->model, inode, inode);
	/* On b_io the flusher will see to it when it is done with the inode. */
	if (was_dirty || (inode->i_state & (I_SYNC_QUEUED | I_FREEING)))
		return;
	had_io = wb_has_dirty_io(mm);
	inode->dirtied_when_ns = mm_world(mm)->now_ns;
	inode_io_list_move(inode, &mm->b_dirty);
	if (!had_io)
		wb_wakeup_delayed(mm);
}

/* Back to the young end of b_dirty; its age counts from now if it would break the order. */
static void redirty_tail(struct mm *mm, struct inode *inode)
{
	inode->i_state &= ~(uint32_t)I_SYNC_QUEUED;
	if (!sim_list_empty(&mm->b_dirty)) {
		struct inode *youngest = sim_list_last(&mm->b_dirty, struct inode, i_io_list);

		if (inode->dirtied_when_ns < youngest->dirtied_when_ns)
			inode->dirtied_when_ns = mm_world(mm)->now_ns;
	}
	inode_io_list_move(inode, &mm->b_dirty);
}

/* Clean: on no list. */
static void inode_clean(struct inode *inode)
{
	inode->i_state &= ~(uint32_t)I_SYNC_QUEUED;
	sim_list_del(&inode->i_io_list);
}

static void inode_wait_for_writeback(struct inode *inode)
{
	struct sim_world *w = inode_client(inode)->w;

	while (inode->i_state & I_SYNC)
		sim_wait(w, &inode->i_state_wait, SIM_WAIT_PLAIN, SITE_INODE_SYNC, NULL, inode);
}

static void inode_sync_complete(struct inode *inode)
{
	inode->i_state &= ~(uint32_t)I_SYNC;
	sim_wake(inode_client(inode)->w, &inode->i_state_wait, SIM_WAKE_ALL);
}

void inode_pin(struct inode *inode)
{
	inode->i_pins++;
}

void inode_unpin(struct inode *inode)
{
	if (!--inode->i_pins)
		sim_wake(inode_client(inode)->w, &inode->i_state_wait, SIM_WAKE_ALL);
}

struct inode *next_inode(struct super_block *sb, uint32_t ordinal)
{
	sim_list_for_each (inode, &sb->s_inodes, struct inode, i_sb_list) {
		if (inode->ordinal > ordinal)
			return inode;
	}
	return NULL;
}

void inode_io_list_del(struct inode *inode)
{
	struct sim_world *w = inode_client(inode)->w;

	inode_clean(inode);
	inode_wait_for_writeback(inode);
	while (inode->i_pins)
		sim_wait(w, &inode->i_state_wait, SIM_WAIT_PLAIN, SITE_INODE_PINS, NULL, inode);
	inode_clean(inode);
}

/* ---- writing one inode ---- */

/* What trace events of a whole inode tell. */
static uint64_t dirtied_when_jiffies(const struct inode *inode)
{
	return INITIAL_JIFFIES + inode->dirtied_when_ns / JIFFY_NS;
}

static uint64_t dirty_age_s(const struct inode *inode)
{
	uint64_t now_ns = inode_client(inode)->w->now_ns;

	return (now_ns / JIFFY_NS - inode->dirtied_when_ns / JIFFY_NS) / (SIM_NS_PER_S / JIFFY_NS);
}

static int write_inode(struct inode *inode, struct writeback_control *wbc)
{
	const struct super_operations *s_op = inode->i_sb->s_op;
	struct sim_trace *trace = inode_client(inode)->w->trace;
	int ret;

	if (!s_op || !s_op->write_inode)
		return 0;
	trace_writeback_write_inode_start(trace, inode->i_sb->s_type, inode->i_sb->s_dev,
					  inode->i_ino, wbc->sync_mode);
	ret = s_op->write_inode(inode, wbc);
	trace_writeback_write_inode(trace, inode->i_sb->s_type, inode->i_sb->s_dev, inode->i_ino,
				    wbc->sync_mode);
	return ret;
}

/* The caller has set I_SYNC. */
static int write_single_inode(struct inode *inode, struct writeback_control *wbc)
{
	struct sim_trace *trace = inode_client(inode)->w->trace;
	struct address_space *mapping = &inode->i_data;
	int64_t to_write = wbc->nr_to_write;
	uint32_t dirty;
	int ret, err;

	trace_writeback_single_inode_start(trace, inode->i_sb->s_type, inode->i_sb->s_dev,
					   inode->i_ino, inode->i_state,
					   dirtied_when_jiffies(inode), dirty_age_s(inode),
					   mapping->writeback_index, to_write, 0);
	ret = do_writepages(mapping, wbc);

	/* sync(2) waits for all inodes together afterwards. */
	if (wbc->sync_mode == WB_SYNC_ALL && !wbc->for_sync) {
		err = filemap_fdatawait(mapping);
		ret = ret ? ret : err;
	}
	dirty = inode->i_state & I_DIRTY_ALL;
	inode->i_state &= ~dirty;
	if (mapping->nr_dirty) {
		inode->i_state |= I_DIRTY_PAGES;
	} else if (inode->i_state & I_PINNING_NETFS_WB) {
		inode->i_state &= ~(uint32_t)I_PINNING_NETFS_WB;
		wbc->unpinned_netfs_wb = true;
		dirty |= I_PINNING_NETFS_WB;
	}
	MODEL_HOOK(inode_client(inode)->model, inode, inode);
	if (dirty & ~(uint32_t)I_DIRTY_PAGES) {
		err = write_inode(inode, wbc);
		ret = ret ? ret : err;
	}
	wbc->unpinned_netfs_wb = false;
	trace_writeback_single_inode(trace, inode->i_sb->s_type, inode->i_sb->s_dev, inode->i_ino,
				     inode->i_state, dirtied_when_jiffies(inode),
				     dirty_age_s(inode), mapping->writeback_index, to_write,
				     (uint64_t)(to_write - wbc->nr_to_write));
	return ret;
}

int write_inode_now(struct inode *inode, bool sync)
{
	struct mm *mm = &inode_client(inode)->mm;
	struct writeback_control wbc = {
		.nr_to_write = INT64_MAX,
		.sync_mode = sync ? WB_SYNC_ALL : WB_SYNC_NONE,
		.range_end = LLONG_MAX_OFF,
	};
	int ret;

	if (inode->i_state & I_SYNC) {
		if (!sync)
			return 0;
		inode_wait_for_writeback(inode);
	}
	if (!(inode->i_state & I_DIRTY_ALL) && (!sync || !inode->i_data.nr_writeback))
		return 0;
	inode->i_state |= I_SYNC;
	ret = write_single_inode(inode, &wbc);
	if (!(inode->i_state & I_FREEING)) {
		if (!(inode->i_state & I_DIRTY_ALL))
			inode_clean(inode);
		else if (!(inode->i_state & I_SYNC_QUEUED))
			redirty_tail(mm, inode);
	}
	inode_sync_complete(inode);
	return ret;
}

/* ---- a round ---- */

/* Move what is due from b_dirty to b_io: dirtied at or before the given time. */
static void queue_io(struct mm *mm, uint64_t dirtied_before_ns)
{
	while (!sim_list_empty(&mm->b_more_io))
		inode_io_list_move(sim_list_first(&mm->b_more_io, struct inode, i_io_list),
				   &mm->b_io);
	while (!sim_list_empty(&mm->b_dirty)) {
		struct inode *inode = sim_list_first(&mm->b_dirty, struct inode, i_io_list);

		if (inode->dirtied_when_ns > dirtied_before_ns)
			break;
		inode->i_state |= I_SYNC_QUEUED;
		inode_io_list_move(inode, &mm->b_io);
	}
}

static int64_t writeback_chunk_size(const struct mm *mm, const struct wb_work *work)
{
	int64_t pages;

	if (work->sync_mode == WB_SYNC_ALL || work->tagged_writepages)
		return INT64_MAX;
	pages = (int64_t)sim_min(mm->rate.avg_write_bandwidth / 2, mm_dirty_limits(mm).thresh / 8);
	pages = sim_min(pages, work->nr_pages) + MIN_WRITEBACK_PAGES;
	return pages - pages % MIN_WRITEBACK_PAGES;
}

/* Where the inode goes after it was written. */
static void requeue_inode(struct mm *mm, struct inode *inode, const struct writeback_control *wbc)
{
	if (inode->i_state & I_FREEING)
		return;
	if ((inode->i_state & I_DIRTY_ALL) && wbc->sync_mode == WB_SYNC_ALL)
		inode->dirtied_when_ns = mm_world(mm)->now_ns;
	if (inode->i_data.nr_dirty && wbc->nr_to_write <= 0)
		inode_io_list_move(inode, &mm->b_more_io);
	else if (inode->i_data.nr_dirty || (inode->i_state & I_DIRTY_ALL))
		redirty_tail(mm, inode);
	else
		inode_clean(inode);
}

/* Write a chunk of one inode: pages written, and 1 if it is clean now. */
static int64_t writeback_one_inode(struct mm *mm, struct inode *inode, struct wb_work *work)
{
	int64_t chunk = writeback_chunk_size(mm, work), wrote;
	struct writeback_control wbc = {
		.nr_to_write = chunk,
		.sync_mode = work->sync_mode,
		.for_kupdate = work->for_kupdate,
		.for_background = work->for_background,
		.for_sync = work->for_sync,
		.range_cyclic = work->range_cyclic,
		.range_end = LLONG_MAX_OFF,
	};

	inode->i_state |= I_SYNC;
	write_single_inode(inode, &wbc);
	work->nr_pages -= chunk - wbc.nr_to_write;
	wrote = sim_max(chunk - wbc.nr_to_write, 0);
	if (!(inode->i_state & I_DIRTY_ALL))
		wrote++;
	requeue_inode(mm, inode, &wbc);
	inode_sync_complete(inode);
	return wrote;
}

/* Write the inodes on b_io: pages and inodes written. */
static int64_t writeback_inodes(struct mm *mm, struct wb_work *work)
{
	uint64_t start_ns = mm_world(mm)->now_ns;
	int64_t total = 0;

	while (!sim_list_empty(&mm->b_io)) {
		struct inode *inode = sim_list_first(&mm->b_io, struct inode, i_io_list);

		if (inode->i_state & I_FREEING) {
			inode_clean(inode);
			continue;
		}
		if (inode->i_state & I_SYNC) {
			if (work->sync_mode == WB_SYNC_ALL) {
				inode_pin(inode);
				inode_wait_for_writeback(inode);
				inode_unpin(inode);
			} else {
				inode_io_list_move(inode, &mm->b_more_io);
			}
			continue;
		}
		total += writeback_one_inode(mm, inode, work);
		sim_point(mm_world(mm), SITE_FILEMAP_RESCHED);
		if (total &&
		    (work->nr_pages <= 0 || mm_world(mm)->now_ns > start_ns + MAX_BATCH_NS))
			break;
	}
	return total;
}

/* Nothing could be written now, but an inode is in somebody else's hands: wait for it. */
static void inode_sleep_on_writeback(struct mm *mm)
{
	struct inode *inode = sim_list_first(&mm->b_more_io, struct inode, i_io_list);

	if (inode->i_state & I_SYNC) {
		inode_pin(inode);
		sim_wait(mm_world(mm), &inode->i_state_wait, SIM_WAIT_PLAIN, SITE_INODE_SYNC, NULL,
			 inode);
		inode_unpin(inode);
	}
}

static void wb_writeback(struct mm *mm, struct wb_work *work)
{
	uint64_t before = mm_world(mm)->now_ns;

	while (work->nr_pages > 0) {
		/* Explicit work goes before what is done anyway. */
		if ((work->for_background || work->for_kupdate) && !sim_list_empty(&mm->work))
			break;
		if (work->for_background && !wb_over_bg_thresh(mm))
			break;
		if (work->for_kupdate) {
			if (mm_world(mm)->now_ns < mm->config.dirty_expire_interval_ns)
				break; /* nothing can be that old */
			before = mm_world(mm)->now_ns - mm->config.dirty_expire_interval_ns;
		} else if (work->for_background) {
			before = mm_world(mm)->now_ns;
		}
		if (sim_list_empty(&mm->b_io))
			queue_io(mm, before);
		if (writeback_inodes(mm, work))
			continue;
		if (sim_list_empty(&mm->b_more_io))
			break;
		inode_sleep_on_writeback(mm);
	}
}

/* ---- the thread ---- */

/* Pages that a pass for everything has to write, at least. */
static int64_t get_nr_dirty_pages(const struct mm *mm)
{
	return (int64_t)mm->nr_dirty + INODES_IN_USE;
}

static void wb_check_start_all(struct mm *mm)
{
	struct wb_work work = {.nr_pages = get_nr_dirty_pages(mm), .range_cyclic = true};

	if (!mm->start_all)
		return;
	wb_writeback(mm, &work);
	mm->start_all = false;
}

static void wb_check_old_data_flush(struct mm *mm)
{
	struct wb_work work = {
		.nr_pages = get_nr_dirty_pages(mm), .for_kupdate = true, .range_cyclic = true};
	uint64_t now = mm_world(mm)->now_ns;

	if (!mm->config.dirty_writeback_interval_ns ||
	    now < mm->last_old_flush_ns + mm->config.dirty_writeback_interval_ns)
		return;
	mm->last_old_flush_ns = now;
	wb_writeback(mm, &work);
}

static void wb_check_background_flush(struct mm *mm)
{
	struct wb_work work = {.nr_pages = INT64_MAX, .for_background = true, .range_cyclic = true};

	if (wb_over_bg_thresh(mm))
		wb_writeback(mm, &work);
}

static void wb_do_writeback(struct mm *mm)
{
	mm->writeback_running = true;
	while (!sim_list_empty(&mm->work)) {
		struct wb_work *work = sim_list_first(&mm->work, struct wb_work, entry);

		sim_list_del(&work->entry);
		wb_writeback(mm, work);
		sim_complete(mm_world(mm), &work->done);
	}
	wb_check_start_all(mm);
	wb_check_old_data_flush(mm);
	wb_check_background_flush(mm);
	mm->writeback_running = false;
}

static void flusher_main(void *arg)
{
	struct mm *mm = arg;
	struct sim_world *w = mm_world(mm);

	for (;;) {
		while (!mm->flusher_woken)
			sim_wait(w, &mm->flusher_wait, SIM_WAIT_IDLE, SITE_FLUSHER_IDLE, NULL,
				 NULL);
		mm->flusher_woken = false;
		sim_point(w, SITE_FLUSHER_RUN);
		do {
			wb_do_writeback(mm);
		} while (!sim_list_empty(&mm->work));
		if (wb_has_dirty_io(mm) && mm->config.dirty_writeback_interval_ns)
			wb_wakeup_delayed(mm);
	}
}

void mm_init_flusher(struct mm *mm)
{
	struct client *c = mm->client;
	char comm[SIM_COMM_LEN];

	sim_list_init(&mm->b_dirty);
	sim_list_init(&mm->b_io);
	sim_list_init(&mm->b_more_io);
	sim_list_init(&mm->work);
	mm->flusher_timer.fn = flusher_timer_fn;
	mm->flusher_timer.site = SITE_FLUSHER_RUN;
	/* Other workers of the unbound kind count from 1. */
	snprintf(comm, sizeof(comm), "kworker/u%u:0", 2 * c->nr_cpus);
	mm->flusher = client_spawn(c, comm, flusher_main, mm);
}

/* ---- sync(2) ---- */

/* Have the flusher do a work and wait for it. */
static void wb_do_work(struct mm *mm, struct wb_work *work)
{
	wb_queue_work(mm, work);
	sim_wait_for_completion(mm_world(mm), &work->done, SIM_WAIT_PLAIN, SITE_WB_COMPLETION);
}

/* Wait for all writeback of the mount; errors stay for whoever asks next. */
static void wait_sb_inodes(struct super_block *sb)
{
	uint32_t ordinal = 0;
	struct inode *inode;

	while ((inode = next_inode(sb, ordinal))) {
		ordinal = inode->ordinal;
		if (!inode->i_data.nr_writeback || (inode->i_state & I_FREEING))
			continue;
		inode_pin(inode);
		filemap_fdatawait_range_keep_errors(&inode->i_data, 0, LLONG_MAX_OFF);
		inode_unpin(inode);
	}
}

static void sync_inodes_sb(struct super_block *sb)
{
	struct wb_work work = {.nr_pages = INT64_MAX, .sync_mode = WB_SYNC_ALL, .for_sync = true};

	wb_do_work(&sb->client->mm, &work);
	wait_sb_inodes(sb);
}

int sync_filesystem(struct super_block *sb)
{
	struct mm *mm = &sb->client->mm;
	struct wb_work work = {.nr_pages = get_nr_dirty_pages(mm), .tagged_writepages = true};

	if (wb_has_dirty_io(mm))
		wb_do_work(mm, &work);
	sync_inodes_sb(sb);
	return 0;
}

void ksys_sync(struct client *c)
{
	wakeup_flusher_threads(&c->mm);
	sim_yield(c->w); /* other mounts come first: the flusher has begun when it is our turn */
	sync_inodes_sb(c->sb);
}
