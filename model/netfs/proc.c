/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/fs/netfs: the counters and the requests that exist, as the kernel prints them.
 *
 * Mirrors: fs/netfs/stats.c netfs_stats_show, fs/netfs/main.c netfs_requests_seq_show (6.8).
 * Reference 10.5. The lines of fscache, which follow the counters there, are left out.
 */
#include "model/netfs/netfs.h"

#include <inttypes.h>

void netfs_stats_show(const struct client *c, struct sim_buf *out)
{
	const struct netfs_stats *s = &c->stats;

#define U PRIu64
	sim_buf_printf(out,
		       "Netfs  : DR=%" U " DW=%" U " RA=%" U " RP=%" U " WB=%" U " WBZ=%" U "\n",
		       s->dio_read, s->dio_write, s->readahead, s->readpage, s->write_begin,
		       s->write_zskip);
	sim_buf_printf(out, "Netfs  : ZR=%" U " sh=%" U " sk=%" U "\n", s->zero, s->short_read,
		       s->write_skip);
	sim_buf_printf(out, "Netfs  : DL=%" U " ds=%" U " df=%" U " di=%" U "\n", s->download,
		       s->download_done, s->download_failed, s->download_instead);
	sim_buf_printf(out, "Netfs  : RD=%" U " rs=%" U " rf=%" U "\n", s->read, s->read_done,
		       s->read_failed);
	sim_buf_printf(out, "Netfs  : UL=%" U " us=%" U " uf=%" U "\n", s->upload, s->upload_done,
		       s->upload_failed);
	sim_buf_printf(out, "Netfs  : WR=%" U " ws=%" U " wf=%" U "\n", s->write, s->write_done,
		       s->write_failed);
	sim_buf_printf(out, "Netfs  : rr=%" U " sr=%" U " wsc=%" U "\n", s->rreq, s->sreq,
		       s->wstream_conflict);
#undef U
}

void netfs_requests_show(const struct client *c, struct sim_buf *out)
{
	static const char origins[][3] = {
		[NETFS_READAHEAD] = "RA",        [NETFS_READPAGE] = "RP",
		[NETFS_READ_FOR_WRITE] = "RW",   [NETFS_WRITEBACK] = "WB",
		[NETFS_WRITETHROUGH] = "WT",     [NETFS_LAUNDER_WRITE] = "LW",
		[NETFS_UNBUFFERED_WRITE] = "UW", [NETFS_DIO_READ] = "DR",
		[NETFS_DIO_WRITE] = "DW",
	};

	sim_buf_puts(out, "REQUEST  OR REF FL ERR  OPS COVERAGE\n"
			  "======== == === == ==== === =========\n");
	sim_list_for_each (rreq, &c->io_requests, struct netfs_io_request, proc_link)
		sim_buf_printf(out,
			       "%08x %s %3d %2x %4d %3d @%04" PRIx64 " %" PRIx64 "/%" PRIx64 "\n",
			       rreq->debug_id, origins[rreq->origin], rreq->ref, rreq->flags,
			       rreq->error, rreq->nr_outstanding, rreq->start, rreq->submitted,
			       rreq->len);
}
