/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test needs to spoil files and folios, so that the checker finds it. */
#ifndef TESTS_MODEL_CHECK_SPOIL_H
#define TESTS_MODEL_CHECK_SPOIL_H

#include "model/check/check.h"
#include "tests/model/fixture.h"

#define FILE_SIZE 0x4000u

/* A file with clean pages 0-3, and what a test needs to spoil them. */
struct spoil {
	struct model_fixture f;
	struct check *c;
	struct file *file, *writer; /* O_RDWR, O_WRONLY */
	struct inode *inode;
	struct folio *folio; /* page 1 */
	void (*plant)(struct spoil *s);
	struct netfs_io_request rreq;
	struct netfs_io_subrequest sreq, second;
};

static inline struct content_map *server_data(struct spoil *s)
{
	return &s->inode->remote->data;
}

static inline void step(struct spoil *s)
{
	check_step(s->f.w);
}

static inline void folio_event(struct spoil *s)
{
	MODEL_HOOK(s->f.m, folio, s->folio);
	step(s);
}

/* Write page 1 so that it is dirty. */
static inline void dirty_page(struct spoil *s)
{
	fx_pwrite(&s->f, s->file, PAGE_SIZE, PAGE_SIZE);
}

/* Another value in a byte, told to nobody. */
static inline void spoil_byte(struct spoil *s, struct content_map *map, uint64_t pos)
{
	content_set(map, pos, 1, content_junk(s->f.m->content));
}

/* A streaming write into page 9, which the server has; s->folio is it. */
static inline struct netfs_folio *stream(struct spoil *s)
{
	fx_pwrite(&s->f, s->writer, 0x9100, 0x200);
	s->folio = filemap_lookup(&s->inode->i_data, 9);
	return netfs_folio_info(s->folio);
}

#endif
