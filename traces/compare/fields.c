/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading of netfs_* trace lines, field by field. */
#include "traces/compare/fields.h"

#include "sim/base/math.h"

#define RECORDED_PAGE 4096 /* bytes; of the simulator, too */

/* "name=1f", where name holds what goes before the digits, blanks included. */
static bool named_hex(const char **p, const char *name, uint64_t *v)
{
	struct scan_span unused;

	return scan_lit(p, name) && scan_hex(p, &unused, v);
}

/* The same, for a field that not every kernel prints: *p stays where it was without it. */
static bool optional_hex(const char **p, const char *name, uint64_t *v)
{
	const char *q = *p;

	if (!named_hex(&q, name, v))
		return false;
	*p = q;
	return true;
}

bool fields_request(const char **text, struct scan_span *id)
{
	const char *p = *text;

	if (!scan_lit(&p, "R=") || !scan_hex(&p, id, NULL))
		return false;
	*text = p;
	return true;
}

/* "R=00000321 READ-GAPS c=00000000" */
static bool request_what_cookie(const char **p, struct scan_span *what)
{
	struct scan_span id;
	uint64_t cookie;

	return fields_request(p, &id) && scan_lit(p, " ") && scan_solid(p, what) &&
	       scan_blanks(p) && named_hex(p, "c=", &cookie);
}

bool fields_netfs_read(const char *p, struct netfs_read_fields *f)
{
	if (!request_what_cookie(&p, &f->what) || !named_hex(&p, " ni=", &f->ino) ||
	    !named_hex(&p, " s=", &f->start))
		return false;
	return optional_hex(&p, " l=", &f->len) || named_hex(&p, " ", &f->len);
}

bool fields_netfs_write(const char *p, struct netfs_write_fields *f)
{
	if (!request_what_cookie(&p, &f->what))
		return false;
	f->has_ino = optional_hex(&p, " i=", &f->ino);
	return named_hex(&p, " by=", &f->first) && named_hex(&p, "-", &f->last);
}

bool fields_netfs_rreq(const char *p, struct netfs_rreq_fields *f)
{
	struct scan_span id, unused;

	if (!fields_request(&p, &id) || !scan_lit(&p, " ") || !scan_solid(&p, &f->origin) ||
	    !scan_lit(&p, " ") || !scan_solid(&p, &f->what) || !scan_blanks(&p) ||
	    !scan_lit(&p, "f="))
		return false;
	if (!scan_hex(&p, &unused, &f->flags))
		f->flags = 0; /* cut off there: what matters is known */
	return true;
}

/* "[1]": whatever stands between the brackets. */
static bool bracketed(const char **p, struct scan_span *index)
{
	const char *end;

	if (!scan_lit(p, "["))
		return false;
	end = strchr(*p, ']');
	if (!end)
		return false;
	*index = (struct scan_span){*p, (size_t)(end - *p)};
	*p = end + 1;
	return true;
}

static bool signed_dec(const char **p, int64_t *v)
{
	bool minus = scan_lit(p, "-");
	uint64_t u;

	if (!scan_dec(p, &u))
		return false;
	u = sim_min(u, (uint64_t)INT64_MAX);
	*v = minus ? -(int64_t)u : (int64_t)u;
	return true;
}

bool fields_netfs_sreq(const char *p, struct netfs_sreq_fields *f)
{
	struct scan_span id;
	uint64_t unused;

	if (!fields_request(&p, &id) || !bracketed(&p, &f->index) || !scan_lit(&p, " ") ||
	    !scan_solid(&p, &f->source) || !scan_lit(&p, " ") || !scan_solid(&p, &f->what) ||
	    !scan_blanks(&p))
		return false;
	if (!named_hex(&p, "f=", &unused) || !named_hex(&p, " s=", &f->start) ||
	    !named_hex(&p, " ", &f->transferred) || !named_hex(&p, "/", &f->len))
		return false;
	optional_hex(&p, " s=", &unused);
	return scan_lit(&p, " e=") && signed_dec(&p, &f->error);
}

bool fields_netfs_folio(const char *p, struct netfs_folio_fields *f)
{
	return named_hex(&p, "i=", &f->ino) && named_hex(&p, " ix=", &f->first) &&
	       named_hex(&p, "-", &f->last) && scan_lit(&p, " ") && scan_solid(&p, &f->what);
}

bool fields_page(const char *p, struct page_fields *f)
{
	struct scan_span unused;
	uint64_t ofs;

	if (scan_lit(&p, "bdi "))
		return scan_solid(&p, &unused) && scan_lit(&p, " ino=") && scan_dec(&p, &f->ino) &&
		       scan_lit(&p, " index=") && scan_dec(&p, &f->index);
	if (!scan_lit(&p, "dev ") || !scan_solid(&p, &unused) || !named_hex(&p, " ino ", &f->ino) ||
	    !scan_lit(&p, " pfn=") || !scan_solid(&p, &unused) || !scan_lit(&p, " ofs=") ||
	    !scan_dec(&p, &ofs))
		return false;
	f->index = ofs / RECORDED_PAGE;
	return true;
}

bool fields_netfs_write_iter(const char *p, struct netfs_write_iter_fields *f)
{
	if (!scan_solid(&p, &f->what))
		return false;
	f->has_ino = optional_hex(&p, " i=", &f->ino);
	return scan_lit(&p, " s=") && scan_hex(&p, &f->start, NULL) && scan_lit(&p, " l=") &&
	       scan_hex(&p, &f->len, NULL) && scan_lit(&p, " f=") && scan_hex(&p, &f->flags, NULL);
}
