/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 6.8 library's table of entry points.
 *
 * Mirrors: fs/afs/file.c afs_file_aops, fs/9p/vfs_addr.c v9fs_addr_operations (6.8).
 */
#include "model/netfs/v6_8/internal.h"

static const struct address_space_operations netfs_aops = {
	.read_folio = netfs_read_folio,
	.readahead = netfs_readahead,
	.write_begin = netfs_write_begin,
	.write_end = netfs_write_end,
	.writepages = netfs_writepages,
	.dirty_folio = netfs_dirty_folio,
	.invalidate_folio = netfs_invalidate_folio,
	.release_folio = netfs_release_folio,
	.launder_folio = netfs_launder_folio,
};

const struct netfs_lib netfs_lib_6_8 = {
	.name = "6.8",
	.aops = &netfs_aops,
	.file_read_iter = netfs_file_read_iter,
	.file_write_iter = netfs_file_write_iter,
	.unbuffered_read_iter = netfs_unbuffered_read_iter,
	.unbuffered_write_iter = netfs_unbuffered_write_iter,
	.page_mkwrite = netfs_page_mkwrite,
	.give_up_copies = netfs_give_up_copies,
	.writepages_group = netfs_writepages_group,
	.subreq_terminated = netfs_subreq_terminated,
	.write_subrequest_terminated = netfs_write_subrequest_terminated,
};
