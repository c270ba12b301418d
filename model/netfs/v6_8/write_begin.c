/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing page by page, through write_begin and write_end: what netfs_perform_write() replaces
 * (design.perform_write: false).
 *
 * Mirrors: fs/netfs/buffered_read.c netfs_write_begin() (6.8); v9fs_write_end(), afs_write_end()
 * (6.7). Reference 3.11.
 */
#include "model/netfs/v6_8/internal.h"

static int netfs_write_begin_folio(struct file *file, uint64_t pos, uint64_t len,
				   struct netfs_group *group, struct folio **foliop)
{
	struct address_space *mapping = &file->f_inode->i_data;
	struct folio *folio;
	uint64_t fpos, fend;
	int ret;

	while ((folio = filemap_get_folio_write(mapping, pos, len, &ret)) &&
	       netfs_group_conflict(folio, group)) {
		fpos = folio_pos(folio);
		fend = fpos + folio_size(folio);
		folio_unlock(folio);
		folio_put(folio);
		ret = filemap_write_and_wait_range(mapping, fpos, fend - 1);
		if (ret < 0)
			return ret;
	}
	if (!folio)
		return ret;
	ret = folio_test_uptodate(folio) ? 0 : netfs_fill_for_write(file, folio, pos, len);
	if (ret == 0)
		ret = folio_wait_fscache_killable(folio);
	if (ret < 0) {
		folio_unlock(folio);
		folio_put(folio);
		return ret;
	}
	netfs_stop_copy(folio, false);
	*foliop = folio;
	return 0;
}

int netfs_write_begin(struct file *file, uint64_t pos, uint64_t len, struct folio **foliop,
		      void **fsdata)
{
	struct netfs_group *group = netfs_write_group(file->f_inode);
	int ret = netfs_write_begin_folio(file, pos, len, group, foliop);

	if (ret < 0)
		netfs_put_group(group);
	*fsdata = group;
	return ret;
}

void netfs_write_end(struct file *file, uint64_t pos, uint64_t len, struct folio *folio,
		     void *fsdata)
{
	struct netfs_group *group = fsdata;

	if (!folio_test_uptodate(folio))
		folio_mark_uptodate(folio);
	netfs_update_i_size(file->f_inode, pos, pos + len);
	folio_mark_dirty(folio);
	/* Only now: the end of a writeback may have taken the group that it had. */
	netfs_set_group(folio, group);
	netfs_put_group(group);
	folio_unlock(folio);
	folio_put(folio);
}
