/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file should hold: the image that the calls of a client make of it, and which other values
 * are legal while calls overlap.
 *
 * Mirrors: no kernel file; reference 12, I10-I13.
 */
#include "model/check/private.h"
#include "sim/base/math.h"

/* Any value is legal where check_inode.also has this. */
static struct content_val unknown(void)
{
	return (struct content_val){.kind = CONTENT_JUNK};
}

static bool same_val(struct content_val a, struct content_val b)
{
	return content_val_equal(a, b) || (a.kind <= CONTENT_ZERO && b.kind <= CONTENT_ZERO);
}

/* How many bytes from a's off and b's boff on have the same names, at most len. */
static uint64_t same_run(const struct content_map *a, uint64_t off, const struct content_map *b,
			 uint64_t boff, uint64_t len)
{
	struct content_ext ea, eb;

	if (!len || !content_next(a, off, off + len, &ea) ||
	    !content_next(b, boff, boff + len, &eb) || !same_val(ea.val, eb.val))
		return 0;
	return sim_min(ea.len, eb.len);
}

void shadow_init(struct check *c, struct check_inode *ci)
{
	struct server_file *remote = ci->inode->remote;

	content_map_init(&ci->expected, c->m->content);
	content_map_init(&ci->also, c->m->content);
	content_map_init(&ci->foreign, c->m->content);
	content_map_init(&ci->stale, c->m->content);
	if (remote && remote->size)
		content_copy(&ci->expected, 0, &remote->data, 0, remote->size);
}

/* ---- observers, and what they may still see ---- */

struct observer *shadow_observe(struct check *c, struct check_inode *ci, const void *io, bool sync)
{
	struct observer *o = sim_pool_get(&c->observer_pool);

	shadow_settle(c, ci);
	o->io = io;
	o->order = c->order++;
	o->max_size = ci->inode->i_size;
	o->sync = sync;
	sim_list_add_tail(&o->entry, &ci->observers);
	return o;
}

struct observer *shadow_observer(struct check_inode *ci, const void *io, bool sync)
{
	sim_list_for_each (o, &ci->observers, struct observer, entry)
		if (o->io == io && o->sync == sync)
			return o;
	return NULL;
}

static void forget_past(struct check *c, struct check_inode *ci, uint64_t before)
{
	sim_list_for_each_safe (p, &ci->past, struct past_value, entry) {
		if (p->order >= before)
			return;
		sim_list_del(&p->entry);
		content_map_fini(&p->old);
		sim_pool_put(&c->past_pool, p);
	}
}

void shadow_observer_drop(struct check *c, struct check_inode *ci, struct observer *o)
{
	sim_list_del(&o->entry);
	sim_pool_put(&c->observer_pool, o);
	forget_past(c, ci,
		    sim_list_empty(&ci->observers)
			    ? UINT64_MAX
			    : sim_list_first(&ci->observers, struct observer, entry)->order);
}

static struct past_value *add_past(struct check *c, struct check_inode *ci, uint64_t pos,
				   uint64_t len)
{
	struct past_value *p = sim_pool_get(&c->past_pool);

	p->order = c->order++;
	p->pos = pos;
	p->len = len;
	content_map_init(&p->old, c->m->content);
	sim_list_add_tail(&p->entry, &ci->past);
	return p;
}

void shadow_keep_old(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len)
{
	struct past_value *p;

	if (sim_list_empty(&ci->observers))
		return;
	p = add_past(c, ci, pos, len);
	content_copy(&p->old, 0, &ci->expected, pos, len);
	if (!ci->also.tree)
		return;
	content_for_each (e, &ci->also, pos, pos + len)
		if (e.val.kind != CONTENT_HOLE)
			content_set(&p->old, e.off - pos, e.len, unknown());
}

static void write_free(struct check *c, struct live_write *w)
{
	content_map_fini(&w->landed);
	sim_pool_put(&c->write_pool, w);
}

void shadow_fini(struct check *c, struct check_inode *ci)
{
	while (!sim_list_empty(&ci->observers))
		shadow_observer_drop(c, ci, sim_list_first(&ci->observers, struct observer, entry));
	forget_past(c, ci, UINT64_MAX);
	while (!sim_list_empty(&ci->writes)) {
		struct live_write *w = sim_list_first(&ci->writes, struct live_write, entry);

		sim_list_del(&w->entry);
		write_free(c, w);
	}
	while (!sim_list_empty(&ci->truncations)) {
		struct truncation *t = sim_list_first(&ci->truncations, struct truncation, entry);

		sim_list_del(&t->entry);
		sim_pool_put(&c->truncation_pool, t);
	}
	content_map_fini(&ci->expected);
	content_map_fini(&ci->also);
	content_map_fini(&ci->foreign);
	content_map_fini(&ci->stale);
}

/* ---- changes ---- */

static void change(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len,
		   const struct content_map *src, uint64_t off)
{
	shadow_keep_old(c, ci, pos, len);
	content_copy(&ci->expected, pos, src, off, len);
	content_erase(&ci->also, pos, len);
	coherence_forget(ci, pos, len);
	ci->dirty_lo = sim_min(ci->dirty_lo, pos);
	ci->dirty_hi = sim_max(ci->dirty_hi, pos + len);
}

static void settle(struct check *c, struct check_inode *ci, struct live_write *w)
{
	if (w->applied == w->copied)
		return;
	change(c, ci, w->pos + w->applied, w->copied - w->applied, w->buf, w->buf_off + w->applied);
	w->applied = w->copied;
}

void shadow_settle(struct check *c, struct check_inode *ci)
{
	sim_list_for_each (w, &ci->writes, struct live_write, entry)
		settle(c, ci, w);
}

/*
 * Bytes [off, off + len) of a direct write take effect, as far as they have not yet. Its parts do
 * so in any order. Returns whether there were any.
 */
static bool land(struct check *c, struct check_inode *ci, struct live_write *w, uint64_t off,
		 uint64_t len)
{
	bool any = false;

	shadow_settle(c, ci);
	content_for_each (e, &w->landed, off, off + len) {
		if (e.val.kind != CONTENT_HOLE)
			continue;
		change(c, ci, w->pos + e.off, e.len, w->buf, w->buf_off + e.off);
		content_set_zero(&w->landed, e.off, e.len);
		any = true;
	}
	return any;
}

void shadow_unknown(struct check_inode *ci, uint64_t pos, uint64_t len)
{
	content_set(&ci->also, pos, len, unknown());
	coherence_forget(ci, pos, len);
}

/* ---- what is legal ---- */

uint64_t shadow_live(const struct check_inode *ci, bool direct, uint64_t pos, uint64_t len)
{
	sim_list_for_each (w, &ci->writes, struct live_write, entry)
		if (pos >= w->pos && pos - w->pos < w->len && (!direct || w->reached_server))
			return sim_min(len, w->len - (pos - w->pos));
	return 0;
}

/* The bytes of a direct or synchronous write are on the server, whatever the page cache has. */
static bool goes_round(const struct live_write *w)
{
	return w->reached_server || w->stored;
}

/* How many bytes from pos on have the values that "values" allows besides. */
static uint64_t allowed_by(const struct content_map *values, const struct content_map *map,
			   uint64_t off, uint64_t pos, uint64_t len)
{
	struct content_ext e;

	if (!values->tree || !content_next(values, pos, pos + len, &e) ||
	    e.val.kind == CONTENT_HOLE)
		return 0;
	return e.val.kind == CONTENT_JUNK ? e.len : same_run(map, off, values, pos, e.len);
}

uint64_t shadow_also(const struct check_inode *ci, const struct content_map *map, uint64_t off,
		     uint64_t pos, uint64_t len)
{
	return allowed_by(&ci->also, map, off, pos, len);
}

/* A truncation is on its way: zeros are legal beyond where it cuts. */
static uint64_t truncated(const struct check_inode *ci, const struct content_map *map, uint64_t off,
			  uint64_t pos, uint64_t len)
{
	struct content_ext e;

	if (pos < ci->trunc_to || !content_next(map, off, off + len, &e) ||
	    e.val.kind > CONTENT_ZERO)
		return 0;
	return e.len;
}

static uint64_t past(const struct check_inode *ci, uint64_t since, const struct content_map *map,
		     uint64_t off, uint64_t pos, uint64_t len)
{
	sim_list_for_each (p, &ci->past, struct past_value, entry) {
		uint64_t at = pos - p->pos, n;

		if (p->order < since || p->written || pos < p->pos || at >= p->len)
			continue;
		n = same_run(map, off, &p->old, at, sim_min(len, p->len - at));
		if (!n)
			n = allowed_by(&p->old, map, off, at, sim_min(len, p->len - at));
		if (n)
			return n;
	}
	return 0;
}

/* How many bytes from pos on, that are not as expected, are legal all the same. */
static uint64_t excused(const struct check_inode *ci, uint64_t since, bool stale,
			const struct content_map *map, uint64_t off, uint64_t pos, uint64_t len)
{
	uint64_t n = shadow_also(ci, map, off, pos, len);

	if (!n && stale)
		n = allowed_by(&ci->stale, map, off, pos, len);
	if (!n)
		n = truncated(ci, map, off, pos, len);
	if (n)
		return n;
	sim_list_for_each (w, &ci->writes, struct live_write, entry) {
		if (pos < w->pos || pos - w->pos >= w->len)
			continue;
		if (pos >= w->race_lo && pos < w->race_hi && (w->mapped || goes_round(w)))
			return sim_min(len, w->race_hi - pos);
		n = same_run(map, off, w->buf, w->buf_off + (pos - w->pos),
			     sim_min(len, w->len - (pos - w->pos)));
		if (!n && w->overtaken)
			n = past(ci, w->overtaken->order, map, off, pos,
				 sim_min(len, w->len - (pos - w->pos)));
		if (n)
			return n;
	}
	return past(ci, since, map, off, pos, len);
}

static bool legal(struct check *c, struct check_inode *ci, uint64_t since, bool stale,
		  const struct content_map *map, uint64_t off, uint64_t pos, uint64_t len,
		  uint64_t *bad)
{
	shadow_settle(c, ci);
	for (uint64_t done = 0, diff; done < len;) {
		uint64_t n;

		if (content_equal_range(map, off + done, &ci->expected, pos + done, len - done,
					CONTENT_SAME, &diff))
			return true;
		done += diff;
		n = excused(ci, since, stale, map, off + done, pos + done, len - done);
		if (!n) {
			*bad = pos + done;
			return false;
		}
		done += n;
	}
	return true;
}

bool shadow_legal(struct check *c, struct check_inode *ci, uint64_t since,
		  const struct content_map *map, uint64_t off, uint64_t pos, uint64_t len,
		  uint64_t *bad)
{
	return legal(c, ci, since, true, map, off, pos, len, bad);
}

bool shadow_readable(struct check *c, struct check_inode *ci, const struct observer *o, bool stale,
		     const struct content_map *map, uint64_t off, uint64_t pos, uint64_t len,
		     uint64_t *bad)
{
	return legal(c, ci, o->order, stale, map, off, pos, len, bad);
}

/* How many bytes from pos on were written by calls that ended since then. */
static uint64_t written_since(const struct check_inode *ci, uint64_t since, uint64_t pos,
			      uint64_t len)
{
	sim_list_for_each (p, &ci->past, struct past_value, entry)
		if (p->order >= since && pos >= p->pos && pos - p->pos < p->len)
			return sim_min(len, p->len - (pos - p->pos));
	return 0;
}

bool shadow_durable(struct check *c, struct check_inode *ci, uint64_t since, uint64_t pos,
		    uint64_t len, uint64_t *bad)
{
	const struct content_map *data = &ci->inode->remote->data;
	uint64_t end = pos + len;

	while (!shadow_legal(c, ci, since, data, pos, pos, end - pos, bad)) {
		uint64_t n = shadow_live(ci, false, *bad, end - *bad);

		if (!n)
			n = written_since(ci, since, *bad, end - *bad);
		if (!n)
			return false;
		pos = *bad + n;
		if (pos >= end)
			return true;
	}
	return true;
}

/* ---- calls of write ---- */

static struct live_write *find_write(struct check_inode *ci, const void *io)
{
	sim_list_for_each (w, &ci->writes, struct live_write, entry)
		if (w->io == io)
			return w;
	return NULL;
}

void check_write_start(struct check *c, struct file *file, const void *io, uint64_t pos,
		       uint64_t len, const struct iov_iter *from, bool mapped)
{
	struct check_inode *ci = check_inode_of(c, file->f_inode);
	struct live_write *w = sim_pool_get(&c->write_pool);

	w->io = io;
	w->pos = pos;
	w->len = len;
	w->buf = from->seg[0].map;
	w->buf_off = from->seg[0].off + from->iov_offset;
	w->alone = true;
	w->mapped = mapped;
	w->race_lo = w->dirtied_lo = UINT64_MAX;
	content_map_init(&w->landed, c->m->content);
	sim_list_add_tail(&w->entry, &ci->writes);
	ci->mmapped |= mapped;
}

void check_write_placed(struct check *c, struct file *file, const void *io, uint64_t pos)
{
	struct live_write *w = find_write(check_inode_of(c, file->f_inode), io);

	if (w)
		w->pos = pos;
}

void check_store_dirtied(struct check *c, struct folio *f)
{
	uint64_t lo = folio_pos(f), hi = lo + folio_size(f);

	sim_list_for_each (w, &check_inode_of(c, f->mapping->host)->writes, struct live_write,
			   entry) {
		if (!w->mapped || w->pos >= hi || w->pos + w->len <= lo)
			continue;
		w->dirtied_lo = sim_min(w->dirtied_lo, lo);
		w->dirtied_hi = sim_max(w->dirtied_hi, hi);
	}
}

void check_write_stored(struct check *c, struct file *file, const void *io)
{
	struct live_write *w = find_write(check_inode_of(c, file->f_inode), io);

	if (w)
		w->stored = true;
}

void check_bytes_written(struct check *c, struct inode *inode, const void *io, uint64_t pos,
			 uint64_t len)
{
	struct check_inode *ci = check_inode_of(c, inode);
	struct live_write *w = find_write(ci, io);

	check_throttled(c, inode);
	if (w && pos == w->pos + w->copied && len <= w->len - w->copied) {
		/* They take effect after what other writes have copied so far. */
		sim_list_for_each (other, &ci->writes, struct live_write, entry)
			if (other != w)
				settle(c, ci, other);
		w->copied += len;
	} else {
		/* A store through a mapping: the page cache is what it made of it. */
		shadow_settle(c, ci);
		change(c, ci, pos, len, &inode->i_data.data, pos);
		ci->mmapped = true;
	}
	check_runs_add(c, &c->filled, ci, pos, pos + len);
	check_overwritten(c, ci, pos, len);
}

/* A direct write ended: what it reported must be there; more of it may be. */
static void direct_write_ended(struct check *c, struct check_inode *ci, struct live_write *w,
			       uint64_t done)
{
	uint64_t pos = w->pos + done, end = w->pos + w->len;

	land(c, ci, w, 0, done);
	if (w->reached_server && pos < sim_min(end, ci->inode->remote->size)) {
		shadow_unknown(ci, pos, end - pos);
		ci->foreign_size = true;
	}
}

/* A store makes all of its folio dirty, and all of it is uploaded: that of now, and those before. */
static void widen(const struct check_inode *ci, const struct live_write *w, uint64_t *lo,
		  uint64_t *hi)
{
	struct address_space *mapping = &ci->inode->i_data;
	struct folio *first = filemap_lookup(mapping, w->pos >> PAGE_SHIFT);
	struct folio *last = filemap_lookup(mapping, (w->pos + w->len - 1) >> PAGE_SHIFT);

	*lo = first ? folio_pos(first) : sim_round_down(w->pos, PAGE_SIZE);
	*hi = last ? folio_pos(last) + folio_size(last) : sim_round_up(w->pos + w->len, PAGE_SIZE);
	*lo = sim_min(*lo, w->dirtied_lo);
	*hi = sim_max(*hi, w->dirtied_hi);
}

/*
 * open(2) promises nothing for a file that is mapped and written directly at a time: where folios
 * of a store and such a write overlap, either may win, or a mixture. Called when one of them ends.
 */
static void note_races(struct check_inode *ci, const struct live_write *ended)
{
	sim_list_for_each (o, &ci->writes, struct live_write, entry) {
		const struct live_write *other = o->mapped ? ended : o;
		uint64_t lo, hi;

		o->alone = false;
		widen(ci, o->mapped ? o : ended, &lo, &hi);
		lo = sim_max(lo, other->pos);
		hi = sim_min(hi, other->pos + other->len);
		if (lo >= hi || o->mapped == ended->mapped || (o->mapped && !goes_round(ended)))
			continue;
		o->race_lo = sim_min(o->race_lo, lo);
		o->race_hi = sim_max(o->race_hi, hi);
		if (o->mapped)
			shadow_unknown(ci, lo, hi - lo);
	}
	if (ended->race_lo < ended->race_hi && (ended->mapped || goes_round(ended)))
		shadow_unknown(ci, ended->race_lo, ended->race_hi - ended->race_lo);
}

void check_write_end(struct check *c, struct file *file, const void *io, uint64_t pos, int64_t done)
{
	struct check_inode *ci = check_inode_of(c, file->f_inode);
	struct live_write *w = find_write(ci, io);

	if (!w) {
		check_fail_file(c, CHECK_REQUEST_LIFE, file->f_inode, pos,
				"a write ends that did not begin");
		return;
	}
	settle(c, ci, w);
	if (!w->copied)
		direct_write_ended(c, ci, w, done > 0 ? (uint64_t)done : 0);
	sim_list_del(&w->entry);
	if (w->overtaken)
		shadow_observer_drop(c, ci, w->overtaken);
	if (!sim_list_empty(&ci->observers))
		add_past(c, ci, w->pos, w->len)->written = true;
	note_races(ci, w);
	if (w->stored && done > 0)
		check_promised(c, ci, w->pos, (uint64_t)done, w->alone);
	/* Pages that came into the page cache meanwhile may have the old bytes. */
	if (w->reached_server && file->f_inode->i_data.nrpages)
		check_runs_add(c, &c->filled, ci, w->pos, w->pos + w->len);
	write_free(c, w);
}

/* ---- the server ---- */

/*
 * Bytes came to the server from the client itself. If they are some of a direct write, they are in
 * the file from now on: direct writes that overlap each other take effect in this order.
 */
static void landed(struct check *c, struct check_inode *ci, uint64_t pos, uint64_t len)
{
	sim_list_for_each (w, &ci->writes, struct live_write, entry) {
		uint64_t lo = sim_max(pos, w->pos), hi = sim_min(pos + len, w->pos + w->len);

		if (lo >= hi || w->copied ||
		    !content_equal_range(&ci->inode->remote->data, lo, w->buf,
					 w->buf_off + (lo - w->pos), hi - lo, CONTENT_SAME, NULL))
			continue;
		if (!w->overtaken)
			w->overtaken = shadow_observe(c, ci, w, false);
		w->reached_server = true;
		if (land(c, ci, w, lo - w->pos, hi - lo))
			return;
	}
}

void check_server_wrote(struct check *c, struct client *client, struct server_file *f, uint64_t pos,
			uint64_t len)
{
	for (struct check_inode *ci = f->check; ci; ci = ci->next_remote) {
		if (inode_client(ci->inode) != client) {
			shadow_settle(c, ci); /* what it has written so far is older */
			coherence_foreign(ci, pos, len);
		} else if (!sim_list_empty(&ci->writes))
			landed(c, ci, pos, len);
	}
}

void check_server_resized(struct check *c, struct client *client, struct server_file *f,
			  uint64_t old_size, uint64_t new_size)
{
	for (struct check_inode *ci = f->check; ci; ci = ci->next_remote) {
		if (inode_client(ci->inode) == client) {
			if (new_size < old_size)
				shadow_truncation_begins(c, ci, new_size);
			continue;
		}
		shadow_settle(c, ci);
		ci->foreign_size = true;
		if (new_size < old_size)
			coherence_foreign(ci, new_size, old_size - new_size);
	}
}
