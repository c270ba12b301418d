/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several clients of one file: what a client may still see of it, and what it must.
 *
 * Mirrors: no kernel file; the rules are those of enum coherence, one a mount.
 *
 * WHAT OTHERS DID. When somebody else changes bytes on the server, the client may see them from
 * then on: the new values go to "also", beside "expected", and "foreign" marks the place. Nothing
 * says that it must, until a read begins for which the rule says so (rules[]): then they are what
 * is expected, and the values before them go to "stale". A page may still hold a stale value,
 * because the client drops its pages only when it looks; a read that must be up to date may not
 * return one.
 *
 *     expected: old          expected: old            expected: new
 *     also:     -       ->   also:     new       ->   also:     -        -> the client writes them:
 *     stale:    -            foreign:  mark           stale:    old         only "expected" is left
 *            [coherence_foreign]      [coherence_read]
 *
 * What invalidation leaves, because it is dirty, locked or in writeback, the client goes on with:
 * all of the folio, since it knows no smaller piece [check_pages_dropped].
 *
 * Bytes of a folio that is dirty, in writeback or locked stay as they are: what the client has
 * there is younger than what others did, or it is being fetched. A folio that is dirty or in
 * writeback only to be copied to the local cache has nothing younger.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

static bool always(const struct file *file)
{
	return true;
}

/* The server has told the client of every change, or is not about to. */
static bool unless_told(const struct file *file)
{
	return !server_is_telling(file->f_inode->remote, inode_client(file->f_inode));
}

static bool never(const struct file *file)
{
	return false;
}

/* Whether a read that begins now must see what others did before. */
static bool (*const rules[NR_COHERENCE])(const struct file *file) = {
	[COHERENCE_SERVER_ORDER] = always,
	[COHERENCE_PROMISE] = unless_told,
	[COHERENCE_OWN_VIEW] = never,
};

static struct content_val unknown(void)
{
	return (struct content_val){.kind = CONTENT_JUNK};
}

/* Values of src become legal besides: where there are others already, any value is. */
static void allow(struct content_map *values, const struct content_map *src, uint64_t pos,
		  uint64_t len)
{
	struct content_ext e;

	if (!len)
		return;
	content_at(values, pos, pos + len, &e);
	if (e.val.kind != CONTENT_HOLE || e.len < len) {
		content_set(values, pos, len, unknown());
		return;
	}
	for (uint64_t at = pos; content_next(src, at, pos + len, &e); at += e.len)
		content_set(values, e.off, e.len,
			    e.val.kind == CONTENT_HOLE ? content_zero() : e.val);
}

void coherence_foreign(struct check_inode *ci, uint64_t pos, uint64_t len)
{
	allow(&ci->also, &ci->inode->remote->data, pos, len);
	content_set(&ci->foreign, pos, len, unknown());
}

void check_pages_dropped(struct check *c, struct inode *inode)
{
	struct check_inode *ci = check_inode_of(c, inode);
	struct content_ext e;

	for (uint64_t pos = 0; ci->foreign.tree && inode->i_data.nrpages &&
			       content_next(&ci->foreign, pos, CONTENT_END, &e);
	     pos = e.off + e.len) {
		if (e.val.kind == CONTENT_HOLE)
			continue;
		for (uint64_t at = e.off, next; at < e.off + e.len; at = next) {
			struct folio *f = filemap_lookup(&inode->i_data, at >> PAGE_SHIFT);

			next = f ? folio_pos(f) + folio_size(f)
				 : sim_round_down(at, PAGE_SIZE) + PAGE_SIZE;
			next = sim_min(next, e.off + e.len);
			if (f)
				content_erase(&ci->foreign, at, next - at);
		}
	}
}

uint64_t coherence_theirs(const struct check_inode *ci, uint64_t pos, uint64_t len)
{
	struct content_ext e;

	if (inode_coherence(ci->inode) == COHERENCE_PROMISE || !ci->foreign.tree ||
	    !content_next(&ci->foreign, pos, pos + len, &e) || e.val.kind == CONTENT_HOLE)
		return 0;
	return e.len;
}

/* Bytes [pos, pos + len), which others changed and nobody here, are what the file holds now. */
static void adopt(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len)
{
	shadow_keep_old(c, ci, pos, len);
	allow(&ci->stale, &ci->expected, pos, len);
	/* Of several changes the page cache may have any. */
	content_for_each (e, &ci->also, pos, pos + len) {
		if (e.val.kind == CONTENT_JUNK)
			content_set(&ci->stale, e.off, e.len, unknown());
	}
	content_copy(&ci->expected, pos, &ci->inode->remote->data, pos, len);
	content_erase(&ci->also, pos, len);
}

/* Whether the client may go on with what it has in the folio. */
static bool has_its_own(const struct folio *f)
{
	if (folio_test_locked(f))
		return true;
	return !netfs_folio_to_copy(f) && (folio_test_dirty(f) || folio_test_writeback(f));
}

/* Adopt [pos, end) but for the folios that the client has its own contents in. */
static void adopt_run(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t end)
{
	while (pos < end) {
		struct folio *f = filemap_lookup(&ci->inode->i_data, pos >> PAGE_SHIFT);
		uint64_t next = f ? folio_pos(f) + folio_size(f)
				  : sim_round_down(pos, PAGE_SIZE) + PAGE_SIZE;

		next = sim_min(next, end);
		if (!ci->inode->i_data.nrpages)
			next = end;
		if (!f || !has_its_own(f))
			adopt(c, ci, pos, next - pos);
		pos = next;
	}
}

bool coherence_read(struct check *c, struct check_inode *ci, const struct file *file, bool mapped)
{
	enum coherence rule = inode_coherence(ci->inode);
	struct content_ext e;

	if (file->f_flags & O_DIRECT_)
		rule = COHERENCE_SERVER_ORDER;
	if (mapped || !check_has_remote(ci) || !rules[rule](file))
		return false;
	if (!ci->foreign.tree || !ci->also.tree)
		return true;
	for (uint64_t pos = 0; content_next(&ci->foreign, pos, CONTENT_END, &e);
	     pos = e.off + e.len) {
		if (e.val.kind == CONTENT_HOLE)
			continue;
		for (uint64_t at = e.off, end = e.off + e.len; at < end;) {
			struct content_ext also;

			content_next(&ci->also, at, end, &also);
			if (also.val.kind != CONTENT_HOLE)
				adopt_run(c, ci, also.off, also.off + also.len);
			at = also.off + also.len;
		}
	}
	return true;
}
