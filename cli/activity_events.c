/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each trace event tells of spans and memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/activity_impl.h"
#include "model/events/events.h"
#include "traces/compare/fields.h"

#define KEY_MAX 160

struct key {
	char text[KEY_MAX];
};

static struct key key_of_client(uint32_t client, struct scan_span id)
{
	struct key k;

	snprintf(k.text, sizeof(k.text), "r%u.%.*s", client, (int)id.len, id.p);
	return k;
}

/* Each client has its numbers; in an interrupt it is the one whose request began last. */
static struct key request_key(struct activity_reader *r, struct scan_span id)
{
	const struct span *last = NULL;

	for (uint32_t c = 0; r->is_interrupt && c < r->a->nr_clients; c++) {
		struct key k = key_of_client(c, id);
		const struct span *s = activity_find(r, SPAN_REQUEST, k.text);

		if (!s || (last && last->begin_ns > s->begin_ns))
			continue;
		last = s;
		r->client = c;
	}
	return key_of_client(r->client, id);
}

static uint32_t request_number(struct scan_span id)
{
	return (uint32_t)strtoul(id.p, NULL, 16);
}

/* ---- requests ---- */

/* The open request, begun now if this is the first line of it. */
static struct span *request(struct activity_reader *r, struct scan_span id, const char *kind)
{
	struct key k = request_key(r, id);
	struct span *s = activity_find(r, SPAN_REQUEST, k.text);

	if (!s) {
		s = activity_open(r, SPAN_REQUEST, k.text, kind);
		s->number = request_number(id);
		s->client = r->client;
	}
	s->end_ns = r->now_ns;
	return s;
}

static void on_rreq_ref(struct activity_reader *r, const char *text)
{
	struct scan_span id;
	struct span *s;
	struct key k;

	if (!fields_request(&text, &id) || strncmp(text, " NEW", 4))
		return;
	/* Another one with this number: a client's counter began anew. */
	k = request_key(r, id);
	s = activity_open(r, SPAN_REQUEST, k.text, "??");
	s->number = request_number(id);
	s->client = r->client;
}

/* "READAHEAD" and the like; the origin's short name comes with the first netfs_rreq line. */
static void on_extent(struct activity_reader *r, const char *text, uint64_t start, uint64_t len)
{
	struct scan_span id;
	struct span *s;

	if (!fields_request(&text, &id))
		return;
	s = request(r, id, "??");
	s->start = start;
	s->bytes = len;
}

static void on_read(struct activity_reader *r, const char *text)
{
	struct netfs_read_fields f;

	if (fields_netfs_read(text, &f))
		on_extent(r, text, f.start, f.len);
}

static void on_write(struct activity_reader *r, const char *text)
{
	struct netfs_write_fields f;

	if (fields_netfs_write(text, &f))
		on_extent(r, text, f.first, f.last - f.first + 1);
}

static void on_rreq(struct activity_reader *r, const char *text)
{
	struct netfs_rreq_fields f;
	const char *p = text;
	struct scan_span id;
	struct span *s;
	struct key k;

	if (!fields_netfs_rreq(text, &f) || !fields_request(&p, &id))
		return;
	k = request_key(r, id);
	if (scan_span_is(f.what, "FREE")) {
		s = activity_find(r, SPAN_REQUEST, k.text);
		if (s) {
			uint64_t end_ns = s->end_ns; /* FREE comes later, in a worker */

			activity_close(r, s, k.text);
			s->end_ns = end_ns;
		}
		return;
	}
	s = request(r, id, "??");
	s->kind = activity_name(r, f.origin);
	if (f.flags & NETFS_RREQ_FAILED)
		s->error = -EIO; /* or another: its subrequests know */
}

/* ---- subrequests ---- */

/* The copy of a download to the cache is an activity of its own beside the download. */
static struct key subrequest_key(struct activity_reader *r, char of, struct scan_span id,
				 const struct netfs_sreq_fields *f)
{
	struct key k = request_key(r, id);
	size_t len = strlen(k.text);

	snprintf(k.text + len, sizeof(k.text) - len, "%c%.*s", of, (int)f->index.len, f->index.p);
	return k;
}

static struct span *subrequest(struct activity_reader *r, struct scan_span id, const struct key *k,
			       const char *kind)
{
	struct span *parent = request(r, id, "??");
	struct span *s = activity_find(r, SPAN_SUBREQUEST, k->text);

	if (!s) {
		s = activity_open(r, SPAN_SUBREQUEST, k->text, kind);
		s->number = request_number(id);
		s->client = r->client;
		s->parent = (uint32_t)(parent - r->a->spans[SPAN_REQUEST].at);
	}
	return s;
}

static void end_subrequest(struct activity_reader *r, struct span *s, const struct key *k,
			   const struct netfs_sreq_fields *f)
{
	s->bytes = f->transferred;
	s->error = f->error;
	activity_close(r, s, k->text);
}

/*
 * What befalls a subrequest after its TERM: WRITE sends its bytes to the cache, too (6.8:
 * netfs_rreq_do_write_to_cache()), WTERM tells that they are there. Without a WRITE, SKIP and FREE
 * tell nothing. True if the line is one of these.
 */
static bool on_copy(struct activity_reader *r, struct scan_span id,
		    const struct netfs_sreq_fields *f)
{
	struct key k = subrequest_key(r, 'w', id, f);
	struct span *s;

	if (scan_span_is(f->what, "WRITE")) {
		subrequest(r, id, &k, "WRIT")->start = f->start;
		return true;
	}
	if (!scan_span_is(f->what, "WTERM") && !scan_span_is(f->what, "SKIP") &&
	    !scan_span_is(f->what, "FREE"))
		return false;
	s = activity_find(r, SPAN_SUBREQUEST, k.text);
	if (s)
		end_subrequest(r, s, &k, f);
	return true;
}

static void on_sreq(struct activity_reader *r, const char *text)
{
	struct netfs_sreq_fields f;
	struct scan_span id;
	const char *p = text;
	struct span *s;
	struct key k;

	if (!fields_netfs_sreq(text, &f) || !fields_request(&p, &id) || on_copy(r, id, &f))
		return;
	k = subrequest_key(r, 's', id, &f);
	s = subrequest(r, id, &k, "????");
	if (!scan_span_is(f.source, "----"))
		s->kind = activity_name(r, f.source);
	s->start = f.start;
	if (scan_span_is(f.what, "TERM"))
		end_subrequest(r, s, &k, &f);
}

/* ---- messages ---- */

/* The one who sends a message waits for its answer: "client 18446... request P9_TREAD tag  0", "...
 * response P9_TREAD tag  0 err 0" */
static void on_9p(struct activity_reader *r, const char *text, uint32_t pid, bool response)
{
	struct scan_span client, type, tag;
	struct span *s;
	struct key k;

	if (r->has_rpc || !scan_lit(&text, "client ") || !scan_solid(&text, &client) ||
	    !scan_lit(&text, response ? " response " : " request ") || !scan_solid(&text, &type) ||
	    !scan_lit(&text, " tag") || !scan_blanks(&text) || !scan_solid(&text, &tag))
		return;
	snprintf(k.text, sizeof(k.text), "9%.*s.%.*s.%u", (int)client.len, client.p, (int)tag.len,
		 tag.p, pid);
	if (!response) {
		activity_open(r, SPAN_MESSAGE, k.text, activity_name(r, type));
		return;
	}
	s = activity_find(r, SPAN_MESSAGE, k.text);
	if (!s)
		return;
	if (scan_lit(&text, " err "))
		s->error = strtoll(text, NULL, 10);
	activity_close(r, s, k.text);
}

/*
 * Messages with equal keys may be under way at one time; they are taken to end in the order in
 * which they began. The key of the one that begins or ends now.
 */
static bool queue_key(struct activity_reader *r, const struct key *base, bool begins, struct key *k)
{
	uint32_t name = strtab_adds(&r->messages, base->text);
	uint32_t nth;

	if (name >= r->nr_queues) {
		size_t n = r->nr_queues ? 2 * r->nr_queues : 64;

		r->queues = sim_realloc_array(r->a->arena, r->queues, r->nr_queues, n,
					      sizeof(*r->queues));
		r->nr_queues = n;
	}
	if (!begins && r->queues[name].ended == r->queues[name].begun)
		return false;
	nth = begins ? r->queues[name].begun++ : r->queues[name].ended++;
	snprintf(k->text, sizeof(k->text), "m%u.%u", name, nth);
	return true;
}

struct rpc_fields {
	struct scan_span stage, op, who, what, start;
	uint64_t pos, len;
	int64_t error;
};

/* "queued read client=0 R=00000001[0] s=0 l=20000 e=0" */
static bool parse_rpc(const char *text, struct rpc_fields *f)
{
	struct scan_span len;

	if (!scan_solid(&text, &f->stage) || !scan_blanks(&text) || !scan_solid(&text, &f->op) ||
	    !scan_blanks(&text) || !scan_solid(&text, &f->who) || !scan_blanks(&text) ||
	    !scan_solid(&text, &f->what) || !scan_lit(&text, " s=") ||
	    !scan_hex(&text, &f->start, &f->pos) || !scan_lit(&text, " l=") ||
	    !scan_hex(&text, &len, &f->len) || !scan_lit(&text, " e="))
		return false;
	f->error = strtoll(text, NULL, 10);
	return true;
}

static void on_rpc(struct activity_reader *r, const char *text)
{
	struct rpc_fields f;
	struct key base, k;
	struct span *s;
	bool begins;

	if (!parse_rpc(text, &f))
		return;
	begins = scan_span_is(f.stage, "queued");
	if (!begins && !scan_span_is(f.stage, "received"))
		return;
	snprintf(base.text, sizeof(base.text), "%.*s %.*s %.*s %.*s", (int)f.op.len, f.op.p,
		 (int)f.who.len, f.who.p, (int)f.what.len, f.what.p, (int)f.start.len, f.start.p);
	if (!queue_key(r, &base, begins, &k))
		return;
	if (begins)
		s = activity_open(r, SPAN_MESSAGE, k.text, activity_name(r, f.op));
	else
		s = activity_find(r, SPAN_MESSAGE, k.text);
	if (!s)
		return;
	s->start = f.pos;
	s->bytes = f.len;
	s->error = f.error;
	if (!begins)
		activity_close(r, s, k.text);
}

/* ---- calls ---- */

static void end_call(struct activity_reader *r, const char *key, int64_t ret)
{
	struct span *s = activity_find(r, SPAN_CALL, key);

	if (!s)
		return;
	if (ret < 0)
		s->error = ret;
	else if (span_moves(s))
		s->bytes = (uint64_t)ret;
	activity_close(r, s, key);
}

/* "enter task=1 op=4 ret=0 write f=f s=0 l=1000" */
static void on_syscall(struct activity_reader *r, const char *text)
{
	struct scan_span phase, task, op, ret, name;
	struct key k;

	if (!scan_solid(&text, &phase) || !scan_blanks(&text) || !scan_solid(&text, &task) ||
	    !scan_blanks(&text) || !scan_solid(&text, &op) || !scan_lit(&text, " ret=") ||
	    !scan_solid(&text, &ret))
		return;
	snprintf(k.text, sizeof(k.text), "c%.*s", (int)task.len, task.p);
	if (!scan_span_is(phase, "enter")) {
		end_call(r, k.text, strtoll(ret.p, NULL, 10));
		return;
	}
	scan_blanks(&text);
	if (scan_solid(&text, &name))
		activity_open(r, SPAN_CALL, k.text, activity_name(r, name));
}

/* "OP 4 t0 START write fd=0 len=64K", "OP 4 t0 END ret=65536" */
static void on_marker(struct activity_reader *r, const char *text)
{
	struct scan_span line, thread, phase, name;
	const char *ret;
	struct key k;

	if (r->has_syscall || !scan_lit(&text, "OP ") || !scan_solid(&text, &line) ||
	    !scan_blanks(&text) || !scan_solid(&text, &thread) || !scan_blanks(&text) ||
	    !scan_solid(&text, &phase))
		return;
	snprintf(k.text, sizeof(k.text), "c%.*s", (int)thread.len, thread.p);
	scan_blanks(&text);
	if (scan_span_is(phase, "START") && scan_solid(&text, &name)) {
		activity_open(r, SPAN_CALL, k.text, activity_name(r, name));
	} else if (scan_span_is(phase, "END")) {
		ret = strstr(text, "ret=");
		end_call(r, k.text, ret ? strtoll(ret + 4, NULL, 10) : 0);
	}
}

/* ---- memory ---- */

/* "client=0 dirty=3 writeback=0 cached=12": of one client; clients are added up. */
static void on_memory(struct activity_reader *r, const char *text)
{
	unsigned long client, dirty, writeback;
	uint32_t name;
	struct key k;

	if (sscanf(text, "client=%lu dirty=%lu writeback=%lu", &client, &dirty, &writeback) != 3)
		return;
	snprintf(k.text, sizeof(k.text), "client%lu", client);
	name = strtab_adds(&r->names, k.text);
	if (name >= r->nr_clients) {
		r->clients = sim_realloc_array(r->a->arena, r->clients, r->nr_clients, name + 1,
					       sizeof(*r->clients));
		r->nr_clients = name + 1;
	}
	r->dirty_pages += dirty - r->clients[name].dirty;
	r->writeback_pages += writeback - r->clients[name].writeback;
	r->clients[name] = (struct client_pages){dirty, writeback};
	activity_sample(r, r->dirty_pages * r->a->page_size, r->writeback_pages * r->a->page_size);
}

enum folio_state { FOLIO_CLEAN, FOLIO_DIRTY, FOLIO_WRITEBACK };

/* What a folio event says of the folio; -1: nothing. */
static int state_after(struct scan_span what)
{
	static const struct {
		const char *begins;
		enum folio_state state;
	} rules[] = {
		{"mod-", FOLIO_DIRTY},      {"mkwrite", FOLIO_DIRTY},
		{"redirt", FOLIO_DIRTY},    {"store", FOLIO_WRITEBACK},
		{"wthru", FOLIO_WRITEBACK}, {"launder", FOLIO_WRITEBACK},
		{"clear", FOLIO_CLEAN},     {"kill", FOLIO_CLEAN},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (what.len >= strlen(rules[i].begins) &&
		    !memcmp(what.p, rules[i].begins, strlen(rules[i].begins)))
			return (int)rules[i].state;
	return -1;
}

static void count_pages(struct activity_reader *r, enum folio_state state, int64_t pages)
{
	if (state == FOLIO_DIRTY)
		r->dirty_pages += (uint64_t)pages;
	else if (state == FOLIO_WRITEBACK)
		r->writeback_pages += (uint64_t)pages;
}

static void on_folio(struct activity_reader *r, const char *text)
{
	struct netfs_folio_fields f;
	uint32_t name;
	struct key k;
	int state;

	if (r->has_memory || !fields_netfs_folio(text, &f))
		return;
	state = state_after(f.what);
	if (state < 0)
		return;
	snprintf(k.text, sizeof(k.text), "%u.%llx.%llx", r->client, (unsigned long long)f.ino,
		 (unsigned long long)f.first);
	name = strtab_adds(&r->folios, k.text);
	if (name >= r->nr_folios) {
		size_t n = r->nr_folios ? 2 * r->nr_folios : 256;

		r->folio_state = sim_realloc_array(r->a->arena, r->folio_state, r->nr_folios, n,
						   sizeof(*r->folio_state));
		r->nr_folios = n;
	}
	count_pages(r, r->folio_state[name], -(int64_t)(f.last - f.first + 1));
	count_pages(r, state, (int64_t)(f.last - f.first + 1));
	r->folio_state[name] = (uint8_t)state;
	activity_sample(r, r->dirty_pages * r->a->page_size, r->writeback_pages * r->a->page_size);
}

void activity_event(struct activity_reader *r, const struct ftrace_record *rec)
{
	const char *ev = rec->event;

	if (!strcmp(ev, "netfs_rreq_ref"))
		on_rreq_ref(r, rec->text);
	else if (!strcmp(ev, "netfs_read"))
		on_read(r, rec->text);
	else if (!strcmp(ev, "netfs_write"))
		on_write(r, rec->text);
	else if (!strcmp(ev, "netfs_rreq"))
		on_rreq(r, rec->text);
	else if (!strcmp(ev, "netfs_sreq"))
		on_sreq(r, rec->text);
	else if (!strcmp(ev, "netfs_folio"))
		on_folio(r, rec->text);
	else if (!strcmp(ev, "9p_client_req") || !strcmp(ev, "9p_client_res"))
		on_9p(r, rec->text, rec->pid, !strcmp(ev, "9p_client_res"));
	else if (!strcmp(ev, "sim:rpc"))
		on_rpc(r, rec->text);
	else if (!strcmp(ev, "sim:syscall"))
		on_syscall(r, rec->text);
	else if (!strcmp(ev, "sim:memory"))
		on_memory(r, rec->text);
	else if (!strcmp(ev, "tracing_mark_write"))
		on_marker(r, rec->text);
}
