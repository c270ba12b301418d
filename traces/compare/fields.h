/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of those netfs_* trace lines whose numbers the comparison uses, for 6.1, 6.8 and 6.12.
 */
#ifndef TRACES_COMPARE_FIELDS_H
#define TRACES_COMPARE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "traces/format/scan.h"

/* "R=00000321 READ-GAPS c=00000000 ni=14f8115 s=1000 l=1000"; 6.1 and 6.8 lack the "l=". */
struct netfs_read_fields {
	struct scan_span what;
	uint64_t ino, start, len;
};

/* "R=00000322 WRITEBACK c=00000000 i=14f8115 by=1000-fff"; 6.8 has no inode. */
struct netfs_write_fields {
	struct scan_span what;
	bool has_ino;
	uint64_t ino, first, last;
};

/* "R=00000322 WB COLLECT f=2120" */
struct netfs_rreq_fields {
	struct scan_span origin, what;
	uint64_t flags;
};

/* "R=00000322[1] UPLD SUBMT f=100 s=1100 0/200 s=0 e=0"; the slot is 6.12's. */
struct netfs_sreq_fields {
	struct scan_span index, source, what;
	uint64_t start, transferred, len;
	int64_t error;
};

/* "i=14f8115 ix=00001-00001 mod-streamw" */
struct netfs_folio_fields {
	uint64_t ino, first, last;
	struct scan_span what;
};

/* "WRITE-ITER i=14f8115 s=1100 l=200 f=0"; 6.8 has no inode. */
struct netfs_write_iter_fields {
	struct scan_span what, start, len, flags; /* the numbers as printed */
	bool has_ino;
	uint64_t ino;
};

/*
 * "dev 0:19 ino 15c0205 pfn=0x1e8c ofs=4096 order=0", "bdi 9p-91: ino=22807045 index=1": an event
 * of the page cache.
 */
struct page_fields {
	uint64_t ino, index;
};

/* Each reads the text of its event; false if it is not of this form. What follows is ignored. */
bool fields_netfs_read(const char *text, struct netfs_read_fields *f);
bool fields_netfs_write(const char *text, struct netfs_write_fields *f);
bool fields_netfs_rreq(const char *text, struct netfs_rreq_fields *f);
bool fields_netfs_sreq(const char *text, struct netfs_sreq_fields *f);
bool fields_netfs_folio(const char *text, struct netfs_folio_fields *f);
bool fields_netfs_write_iter(const char *text, struct netfs_write_iter_fields *f);
bool fields_page(const char *text, struct page_fields *f);

/* The request's number, "R=00000321", with *text set behind it; false if there is none. */
bool fields_request(const char **text, struct scan_span *id);

#endif
