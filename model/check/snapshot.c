/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about groups and snapshots: nothing newer is uploaded before what is older (I32), and a
 * snapshot shows what the file held (I33). Encryption leaves its source alone (I34).
 *
 * Mirrors: no kernel file; reference 4.4.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* ---- I32 ---- */

void check_group_order(struct check *c, const struct netfs_io_request *wreq)
{
	const struct netfs_inode *ctx = netfs_inode(wreq->inode);

	sim_list_for_each (group, &ctx->groups, struct netfs_group, entry) {
		if (group == wreq->group)
			return;
		if (group->nr_folios && wreq->group)
			check_fail_request(c, CHECK_GROUP_ORDER, wreq,
					   "uploads group %u, but %u folios of group %u are not "
					   "written",
					   wreq->group->ordinal, group->nr_folios, group->ordinal);
	}
}

/* ---- I33 ---- */

/* Nothing can be said about bytes that calls are about to change, or that others have changed. */
static void forget_unsettled(const struct check_inode *ci, struct frozen_file *f)
{
	struct content_val unknown = {.kind = CONTENT_JUNK};

	sim_list_for_each (w, &ci->writes, struct live_write, entry)
		if (w->pos + w->copied < f->size)
			content_set(&f->data, w->pos + w->copied, w->len - w->copied, unknown);
	content_for_each (e, &ci->also, 0, f->size)
		if (e.val.kind != CONTENT_HOLE)
			content_set(&f->data, e.off, e.len, unknown);
}

void check_snap_taken(struct check *c, struct inode *inode, uint32_t seq)
{
	struct check_inode *ci = check_inode_of(c, inode);
	struct frozen_file *f = sim_pool_get(&c->frozen_pool);

	shadow_settle(c, ci);
	f->seq = seq;
	f->size = inode->i_size;
	content_map_init(&f->data, c->m->content);
	content_copy(&f->data, 0, &ci->expected, 0, f->size);
	forget_unsettled(ci, f);
	sim_list_add_tail(&f->entry, &ci->frozen);
}

static bool is_unknown(const struct check_inode *ci, const struct frozen_file *f, uint64_t pos)
{
	return content_get(&f->data, pos).kind == CONTENT_JUNK ||
	       content_get(&ci->also, pos).kind == CONTENT_JUNK;
}

static void check_frozen(struct check *c, struct check_inode *ci, const struct frozen_file *f)
{
	struct server_view view;
	uint64_t pos = 0, diff;

	/* Stores through a mapping reach pages of an older group. */
	if (ci->mmapped || !check_has_remote(ci) ||
	    !server_snap_view(ci->inode->remote, f->seq, &view))
		return;
	while (pos < f->size && !content_equal_range(view.data, pos, &f->data, pos, f->size - pos,
						     CONTENT_SAME, &diff)) {
		pos += diff;
		if (!is_unknown(ci, f, pos)) {
			check_fail_byte(c, CHECK_SNAPSHOT, ci->inode, pos, "snapshot",
					content_get(view.data, pos), content_get(&f->data, pos));
			return;
		}
		pos++;
	}
	if (view.size != f->size && sim_list_empty(&ci->writes) && !ci->foreign_size)
		check_fail_file(c, CHECK_SNAPSHOT, ci->inode, f->size,
				"snapshot %u shows 0x%llx bytes instead of 0x%llx", f->seq,
				(unsigned long long)view.size, (unsigned long long)f->size);
}

static void drop(struct check *c, struct frozen_file *f)
{
	sim_list_del(&f->entry);
	content_map_fini(&f->data);
	sim_pool_put(&c->frozen_pool, f);
}

/* All that is older than the snapshot is written: the first one after the group is complete. */
void check_snap_flushed(struct check *c, struct inode *inode, uint32_t ordinal)
{
	struct check_inode *ci = check_inode_of(c, inode);

	sim_list_for_each_safe (f, &ci->frozen, struct frozen_file, entry) {
		if (f->seq <= ordinal)
			continue;
		check_frozen(c, ci, f);
		drop(c, f);
		return;
	}
}

void check_snaps_settled(struct check *c, struct check_inode *ci)
{
	const struct netfs_group *oldest = netfs_oldest_group(netfs_inode(ci->inode));

	sim_list_for_each (f, &ci->frozen, struct frozen_file, entry)
		if (!oldest || f->seq <= oldest->ordinal)
			check_frozen(c, ci, f);
}

void check_frozen_drop(struct check *c, struct check_inode *ci)
{
	while (!sim_list_empty(&ci->frozen))
		drop(c, sim_list_first(&ci->frozen, struct frozen_file, entry));
}

/* ---- I34 ---- */

/* Told before and after; nothing else runs in between but the cost. */
void check_encrypt(struct check *c, struct netfs_io_request *wreq, const struct content_map *source,
		   uint64_t off, uint64_t len, bool begin)
{
	if (begin) {
		content_map_init(&c->source, c->m->content);
		content_copy(&c->source, 0, source, off, len);
		return;
	}
	if (!content_equal_range(&c->source, 0, source, off, len, CONTENT_SAME, NULL))
		check_fail_request(c, CHECK_SOURCE_KEPT, wreq,
				   "encrypts [0x%llx, +0x%llx) in place",
				   (unsigned long long)wreq->start, (unsigned long long)len);
	content_map_fini(&c->source);
}
