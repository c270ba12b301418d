/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client with a page cache and a filesystem that is nothing but a log: tests of model/mm. */
#include "tests/model/mm_fixture.h"

#include <string.h>

#include "sim/choice/choice.h"
#include "sim/core/task.h"

static struct mm_fixture *fx(const struct address_space *mapping)
{
	return mapping->host->i_sb->s_fs_info;
}

/* ---- the filesystem ---- */

static int fake_read_folio(struct file *file, struct folio *folio)
{
	struct mm_fixture *f = fx(folio->mapping);

	sim_buf_printf(&f->log, "read %llu\n", (unsigned long long)folio->index);
	if (f->read_ns)
		sim_sleep(f->w, f->read_ns);
	if (!f->read_error)
		folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

static void fake_readahead(struct readahead_control *ractl)
{
	struct mm_fixture *f = fx(ractl->mapping);
	struct folio *folios[1024];
	unsigned nr = 0;

	sim_buf_printf(&f->log, "ra %llu+%u", (unsigned long long)ractl->_index, ractl->_nr_pages);
	if (ractl->ra)
		sim_buf_printf(&f->log, " (%llu %u %u)", (unsigned long long)ractl->ra->start,
			       ractl->ra->size, ractl->ra->async_size);
	sim_buf_putc(&f->log, '\n');
	while ((folios[nr] = readahead_folio(ractl)))
		nr++;
	if (f->read_ns)
		sim_sleep(f->w, f->read_ns);
	for (unsigned i = 0; i < nr; i++) {
		if (!f->read_error)
			folio_mark_uptodate(folios[i]);
		folio_unlock(folios[i]);
	}
}

struct upload {
	struct sim_event ev;
	struct mm_fixture *f;
	struct folio *folio;
};

static void upload_done(struct sim_world *w, struct sim_event *ev)
{
	struct upload *u = sim_container_of(ev, struct upload, ev);
	struct address_space *mapping = u->folio->mapping;

	u->f->pages_written += folio_nr_pages(u->folio);
	if (u->f->write_error)
		filemap_dirty_folio(mapping, u->folio);
	folio_end_writeback(u->folio);
	if (u->f->write_error)
		mapping_set_error(mapping, u->f->write_error);
}

/* Upload one locked folio; true if it was dirty. Unlocks it. */
static bool upload(struct mm_fixture *f, struct folio *folio)
{
	struct upload *u;

	if (!folio_clear_dirty_for_io(folio)) {
		folio_unlock(folio);
		return false;
	}
	u = sim_alloc(f->w->arena, sizeof(*u));
	u->f = f;
	u->folio = folio;
	u->ev.fn = upload_done;
	folio_start_writeback(folio);
	folio_unlock(folio);
	f->uploads++;
	sim_event_after(f->w, &u->ev, f->write_ns);
	return true;
}

static int fake_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct mm_fixture *f = fx(mapping);
	pgoff_t index = wbc->range_start >> PAGE_SHIFT, last = wbc->range_end >> PAGE_SHIFT;
	unsigned n = f->nr_writepages++ % SIM_ARRAY_SIZE(f->nr_to_write);
	struct folio *folio;

	f->writepages_ns[n] = f->w->now_ns;
	f->nr_to_write[n] = wbc->nr_to_write;
	f->sync_mode[n] = wbc->sync_mode;
	f->inode_of[n] = mapping->host->ordinal;
	while (wbc->nr_to_write > 0 &&
	       (folio = filemap_next_marked(mapping, index, last, PAGE_MARK_DIRTY))) {
		uint64_t nr = folio_nr_pages(folio);

		index = folio_next_index(folio);
		folio_get(folio);
		if (wbc->sync_mode == WB_SYNC_ALL)
			folio_lock(folio);
		if (wbc->sync_mode == WB_SYNC_ALL || folio_trylock(folio)) {
			folio_wait_writeback(folio);
			if (upload(f, folio)) {
				folio_wait_writeback(folio); /* as netfs: one after the other */
				if (!f->write_error)
					wbc->nr_to_write -= (int64_t)nr;
			}
		}
		folio_put(folio);
	}
	return 0;
}

static void fake_invalidate_folio(struct folio *folio, uint64_t offset, uint64_t length)
{
	struct mm_fixture *f = fx(folio->mapping);

	f->invalidated++;
	folio_wait_fscache(folio);
	if (!offset && length == folio_size(folio))
		folio_detach_private(folio);
}

static bool fake_release_folio(struct folio *folio, unsigned gfp)
{
	struct mm_fixture *f = fx(folio->mapping);

	f->released++;
	if (f->keep_private || folio_test_private(folio))
		return false;
	if (folio_test_fscache(folio)) {
		if (gfp & GFP_KSWAPD_)
			return false;
		folio_wait_fscache(folio);
	}
	return true;
}

static int fake_launder_folio(struct folio *folio)
{
	struct mm_fixture *f = fx(folio->mapping);

	f->laundered++;
	folio_clear_dirty_for_io(folio);
	return f->write_error;
}

static const struct address_space_operations fake_aops = {
	.read_folio = fake_read_folio,
	.readahead = fake_readahead,
	.writepages = fake_writepages,
	.dirty_folio = filemap_dirty_folio,
	.invalidate_folio = fake_invalidate_folio,
	.release_folio = fake_release_folio,
	.launder_folio = fake_launder_folio,
};

static int fake_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	struct mm_fixture *f = inode->i_sb->s_fs_info;

	f->write_inodes++;
	f->unpinned += wbc->unpinned_netfs_wb;
	return 0;
}

static const struct super_operations fake_sops = {.write_inode = fake_write_inode};

/* ---- the world ---- */

struct sim_task *client_spawn(struct client *c, const char *comm, void (*fn)(void *), void *arg)
{
	struct sim_task *t = sim_spawn(c->w, comm, fn, arg);
	struct model_task *mt = sim_alloc(c->w->arena, sizeof(*mt));

	mt->client = c;
	mt->nr_dirtied_pause = 32;
	t->data = mt;
	return t;
}

/* Every state that observers see must be a right one. */
static void hook_folio(struct check *check, struct folio *folio)
{
	struct mm_fixture *f = (struct mm_fixture *)check;
	const char *broken = assert_folio_state(folio);

	f->nr_hooks++;
	f->most_dirty = sim_max(f->most_dirty, fx_mm(f)->nr_dirty + fx_mm(f)->nr_writeback);
	if (broken && !f->broken)
		f->broken = broken;
}

static void hook_flag(struct check *check, struct folio *folio, bool set)
{
	hook_folio(check, folio);
}

static void hook_end_writeback(struct check *check, struct folio *folio, int error)
{
	hook_folio(check, folio);
}

static const struct model_hooks fake_hooks = {
	.folio = hook_folio,
	.folio_added = hook_folio,
	.start_writeback = hook_folio,
	.end_writeback = hook_end_writeback,
	.folio_unlock = hook_flag,
	.fscache = hook_flag,
};

struct inode *mm_fixture_inode(struct mm_fixture *f, const char *name, uint64_t i_size)
{
	struct inode *inode = sim_alloc(f->w->arena, sizeof(*inode));

	inode_init_once(inode, &f->sb);
	inode->name = name;
	inode->ordinal = ++f->model.nr_inodes;
	inode->i_size = i_size;
	inode->i_count = 1;
	inode->i_data.a_ops = &fake_aops;
	sim_list_add_tail(&inode->i_sb_list, &f->sb.s_inodes);
	return inode;
}

void mm_fixture_start(struct mm_fixture *f, const struct mm_config *mm, uint64_t i_size,
		      uint32_t flags, uint32_t ra_pages)
{
	struct sim_choices *choices = f->choices;
	struct sim_world_config config = {.nr_cpus = 2, .choices = choices};

	memset(f, 0, sizeof(*f));
	f->choices = choices;
	f->write_ns = SIM_NS_PER_MS;
	f->w = sim_world_new(&config);
	assert_non_null(f->w);
	f->model.w = f->w;
	f->model.content = content_space_new(f->w->arena);
	f->model.hooks = fake_hooks;
	f->model.check = (struct check *)f;
	f->w->model = &f->model;
	f->client.model = &f->model;
	f->client.w = f->w;
	f->client.nr_cpus = 2;
	f->client.sb = &f->sb;
	f->sb.client = &f->client;
	f->sb.noatime = true;
	f->sb.s_time_gran = 1;
	f->sb.s_op = &fake_sops;
	f->sb.ra_pages = f->sb.io_pages = ra_pages;
	f->sb.s_fs_info = f;
	sim_list_init(&f->sb.s_inodes);
	mm_init(&f->client.mm, &f->client, mm);
	f->inode = mm_fixture_inode(f, "f", i_size);
	f->inode->i_data.flags = flags;
	f->file = (struct file){.f_inode = f->inode, .f_mode = FMODE_READ | FMODE_WRITE};
	file_ra_state_init(&f->file.f_ra, &f->inode->i_data);
}

static void check_state(struct mm_fixture *f)
{
	const char *broken = assert_mm_state(&f->client.mm);

	if (broken)
		fail_msg("%s", broken);
	if (f->broken)
		fail_msg("at a hook: %s", f->broken);
}

void mm_fixture_end(struct mm_fixture *f)
{
	check_state(f);
	sim_world_free(f->w);
	sim_choices_free(f->choices);
	sim_buf_free(&f->log);
}

static void task_main(void *arg)
{
	struct mm_fixture *f = arg;
	void (*fn)(struct mm_fixture *) = f->fn;

	f->fn = NULL;
	fn(f);
}

struct started {
	struct mm_fixture *f;
	void (*fn)(struct mm_fixture *f);
};

static void started_main(void *arg)
{
	struct started *s = arg;

	s->fn(s->f);
}

void mm_fixture_spawn(struct mm_fixture *f, const char *comm, void (*fn)(struct mm_fixture *f))
{
	struct started *s = sim_alloc(f->w->arena, sizeof(*s));

	s->f = f;
	s->fn = fn;
	client_spawn(&f->client, comm, started_main, s);
}

void mm_fixture_go(struct mm_fixture *f)
{
	enum sim_end end = sim_world_run(f->w);

	assert_string_equal(sim_end_name(end), sim_end_name(SIM_END_QUIESCENT));
	f->w->end = SIM_END_NONE;
	check_state(f);
}

void mm_fixture_run(struct mm_fixture *f, void (*fn)(struct mm_fixture *f))
{
	f->fn = fn;
	client_spawn(&f->client, "test", task_main, f);
	mm_fixture_go(f);
}

void expect_log(struct mm_fixture *f, const char *text)
{
	assert_string_equal(f->log.len ? f->log.data : "", text);
	sim_buf_clear(&f->log);
}

/* ---- contents of the page cache ---- */

struct folio *fx_add(struct mm_fixture *f, pgoff_t index, unsigned order)
{
	struct folio *folio = filemap_alloc_folio(&f->client, order);

	assert_non_null(folio);
	assert_int_equal(filemap_add_folio(fx_mapping(f), folio, index), 0);
	return folio;
}

void fx_add_clean(struct mm_fixture *f, pgoff_t index, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		struct folio *folio = fx_add(f, index + i, 0);

		folio_mark_uptodate(folio);
		folio_unlock(folio);
		folio_put(folio);
	}
}

uint64_t fx_write(struct mm_fixture *f, struct inode *inode, uint64_t pos, uint64_t len)
{
	uint64_t done = 0;

	while (done < len) {
		struct folio *folio;
		uint64_t part;
		int err = 0;

		if (balance_dirty_pages_ratelimited_flags(&inode->i_data, 0))
			break;
		folio = filemap_get_folio_write(&inode->i_data, pos + done, len - done, &err);
		if (!folio)
			break;
		part = sim_min(len - done, folio_pos(folio) + folio_size(folio) - pos - done);
		content_set_zero(&inode->i_data.data, pos + done, part);
		folio_mark_uptodate(folio);
		done += part;
		if (pos + done > inode->i_size)
			inode->i_size = pos + done;
		folio_mark_dirty(folio);
		folio_unlock(folio);
		folio_put(folio);
	}
	return done;
}

int64_t fx_read(struct mm_fixture *f, uint64_t pos, uint64_t len)
{
	struct kiocb iocb = {.ki_filp = &f->file, .ki_pos = pos};
	struct iov_iter iter;

	iov_iter_init(&iter, ITER_UBUF, NULL, 0, len);
	return filemap_read(&iocb, &iter, 0);
}
