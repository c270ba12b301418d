/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client with a page cache and a filesystem that is nothing but a log: tests of model/mm.
 *
 * Reads complete at once (or after read_ns), uploads after write_ns; both write a line to log.
 */
#ifndef TESTS_MODEL_MM_FIXTURE_H
#define TESTS_MODEL_MM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/model.h"
#include "sim/base/math.h"
#include "sim/base/text.h"

struct mm_fixture {
	struct sim_world *w;
	struct sim_choices *choices; /* set before the start: not fifo; freed at the end */
	struct model model;
	struct client client;
	struct super_block sb;
	struct inode *inode; /* the first file: "f" */
	struct file file;    /* open on it */
	struct sim_buf log;
	uint64_t write_ns; /* an upload takes so long */
	uint64_t read_ns;  /* read_folio, readahead take so long */
	int write_error;   /* uploads fail with it, and redirty their folios */
	bool read_error;   /* reads leave folios not uptodate */
	bool keep_private; /* release_folio refuses */
	uint32_t uploads;
	uint64_t pages_written;
	uint32_t invalidated, released, laundered, write_inodes, unpinned;
	uint64_t writepages_ns[64]; /* when writepages was called */
	int64_t nr_to_write[64];
	enum writeback_sync_modes sync_mode[64];
	uint32_t inode_of[64];
	uint64_t most_dirty; /* most pages that were dirty or in writeback */
	uint32_t nr_writepages;
	uint32_t nr_hooks;  /* calls of the folio hook */
	const char *broken; /* first rule that a folio broke at its hook */
	void (*fn)(struct mm_fixture *f);
};

/* Zeroed but for choices: a world with one client; mm NULL: defaults. flags of the mapping: enum
 * mapping_flags. */
void mm_fixture_start(struct mm_fixture *f, const struct mm_config *mm, uint64_t i_size,
		      uint32_t flags, uint32_t ra_pages);
/* Ends the world after checking every counter. */
void mm_fixture_end(struct mm_fixture *f);
/* Run fn in a task until nothing is left to do; all counters are right then. */
void mm_fixture_run(struct mm_fixture *f, void (*fn)(struct mm_fixture *f));
/* Start a task beside the others, to be used from within fn or before mm_fixture_go(). */
void mm_fixture_spawn(struct mm_fixture *f, const char *comm, void (*fn)(struct mm_fixture *f));
void mm_fixture_go(struct mm_fixture *f);

struct inode *mm_fixture_inode(struct mm_fixture *f, const char *name, uint64_t i_size);
/* What the filesystem logged since the last call. */
void expect_log(struct mm_fixture *f, const char *text);

static inline struct address_space *fx_mapping(struct mm_fixture *f)
{
	return &f->inode->i_data;
}
static inline struct mm *fx_mm(struct mm_fixture *f)
{
	return &f->client.mm;
}

/* Add n single clean pages at index. */
void fx_add_clean(struct mm_fixture *f, pgoff_t index, uint64_t n);
/* A folio of an order, added locked, not uptodate. */
struct folio *fx_add(struct mm_fixture *f, pgoff_t index, unsigned order);
/* Write like a filesystem does: get folios, make them uptodate and dirty. Pages written. */
uint64_t fx_write(struct mm_fixture *f, struct inode *inode, uint64_t pos, uint64_t len);
/* read(2) at pos. */
int64_t fx_read(struct mm_fixture *f, uint64_t pos, uint64_t len);

#endif
