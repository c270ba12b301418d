/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From libyaml's events to a tree: one plain document, no tags, aliases as copies, limits on all. */
#include "sim/conf/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "sim/base/arena.h"
#include "sim/base/math.h"

#define KEY_MAX 256 /* bytes; libyaml's own limit is 1024 characters */

struct anchor {
	const char *name;
	struct conf_node *node;
	bool open; /* its list or map is not complete yet */
};

struct reader {
	struct sim_conf_doc *doc;
	struct sim_err *err;
	uint16_t source;
	uint32_t shift; /* columns before the YAML text in the first line */
	yaml_parser_t parser;
	struct conf_node *stack[SIM_CONF_MAX_DEPTH]; /* open lists and maps */
	struct conf_node *key[SIM_CONF_MAX_DEPTH];   /* of each open map: key without value yet */
	unsigned depth;
	struct conf_node *root;
	unsigned documents;
	struct anchor *anchors;
	size_t n_anchors, max_anchors;
};

/* --- Text that libyaml may see --- */

/* Length of the well-formed UTF-8 character at p, 0 if it is not one. */
static size_t utf8_len(const char *text, const char *end)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4, left = (size_t)(end - text);
	uint32_t v;

	if (*p < 0x80)
		return 1;
	if (*p < 0xc2 || *p > 0xf4 || left < n)
		return 0;
	v = n == 2 ? *p & 0x1f : n == 3 ? *p & 0x0f : *p & 0x07;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && v < 0x800) || (v >= 0xd800 && v <= 0xdfff) || v == 0xfffe || v == 0xffff)
		return 0;
	return (n == 4 && v < 0x10000) || v > 0x10ffff ? 0 : n;
}

/* True for characters that libyaml refuses: controls, byte order marks. */
static bool is_control(const unsigned char *p, size_t n)
{
	if (n == 1)
		return (*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r') || *p == 0x7f;
	if (n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0 && p[1] != 0x85;
	return n == 3 && !memcmp(p, "\xef\xbb\xbf", 3);
}

/* Refuse bytes that are no text, with their place. */
static int check_text(struct reader *r)
{
	const struct conf_source *s = &r->doc->sources[r->source];
	const char *end = s->text + s->len;
	struct conf_place at = {r->source, 1, r->shift + 1, 1};
	char what[16];

	for (const char *p = s->text + s->skip; p < end;) {
		size_t n = utf8_len(p, end), line_break = conf_break_len(p, end);

		if (!n || is_control((const unsigned char *)p, n)) {
			snprintf(what, sizeof(what), "byte 0x%02x", (unsigned char)*p);
			return conf_error_place(
				r->doc, at, what, r->err, "%s",
				n ? "begins a control character; only text is allowed"
				  : "is not valid UTF-8; write the file in UTF-8");
		}
		at.line += line_break > 0;
		at.column = line_break ? 1 : at.column + 1;
		p += line_break ? line_break : n;
	}
	return 0;
}

/* --- Places and errors --- */

static struct conf_place place_of(const struct reader *r, yaml_mark_t start, yaml_mark_t end)
{
	struct conf_place at = {
		.source = r->source,
		.line = (uint32_t)start.line + 1,
		.column = (uint32_t)start.column + 1 + (start.line == 0 ? r->shift : 0),
		.width = 1,
	};

	if (end.line == start.line && end.column > start.column)
		at.width = (uint32_t)(end.column - start.column);
	return at;
}

static struct conf_place event_place(const struct reader *r, const yaml_event_t *e)
{
	return place_of(r, e->start_mark, e->end_mark);
}

/* The word of the source at a place, for messages on syntax. */
static void word_at(const struct reader *r, struct conf_place at, struct sim_buf *out)
{
	size_t len;
	const char *p = conf_source_line(&r->doc->sources[r->source], at.line, &len);
	const char *end = p + len;

	for (uint32_t i = 1; i < at.column && p < end; i++)
		p += conf_char_len(p, end);
	while (p < end && *p != ' ' && *p != '\t')
		sim_buf_putc(out, *p++);
	if (!out->len)
		sim_buf_puts(out,
			     end < r->doc->sources[r->source].text + r->doc->sources[r->source].len
				     ? "end of line"
				     : "end of file");
}

static const char *syntax_hint(const char *word)
{
	if (word[0] == '@' || word[0] == '`' || word[0] == '%')
		return "put text that begins with this character in quotes";
	if (word[0] == '*' || word[0] == '&')
		return "an alias is '*name', an anchor is '&name'";
	return "check indentation (spaces, no tabs), quotes, brackets and colons here";
}

/* Turn libyaml's complaint into an error of ours. */
static int syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	struct conf_place at = place_of(r, p->problem_mark, p->problem_mark);
	struct sim_buf word = {0};

	if (p->error == YAML_MEMORY_ERROR)
		sim_xoom(NULL);
	word_at(r, at, &word);
	if (p->context)
		conf_error_place(r->doc, at, word.data, r->err,
				 "is not valid YAML: %s %s from line %u; %s", p->problem,
				 p->context, (unsigned)p->context_mark.line + 1,
				 syntax_hint(word.data));
	else
		conf_error_place(r->doc, at, word.data, r->err, "is not valid YAML: %s; %s",
				 p->problem ? p->problem : "unknown problem",
				 syntax_hint(word.data));
	sim_buf_free(&word);
	return -1;
}

static int refuse(const struct reader *r, const yaml_event_t *e, const char *what, const char *text)
{
	return conf_error_place(r->doc, event_place(r, e), what, r->err, "%s", text);
}

/* --- Building the tree --- */

static bool wants_key(const struct reader *r)
{
	return r->depth && r->stack[r->depth - 1]->kind == CONF_MAP && !r->key[r->depth - 1];
}

/* Put a complete scalar, or a list or map that begins, into what is open. */
static void attach(struct reader *r, struct conf_node *node)
{
	struct conf_node *top;

	if (!r->depth) {
		r->root = node;
		return;
	}
	top = r->stack[r->depth - 1];
	if (top->kind == CONF_MAP) {
		node->key = r->key[r->depth - 1];
		r->key[r->depth - 1] = NULL;
	}
	conf_append(top, node);
}

static int set_key(struct reader *r, const yaml_event_t *e, struct conf_node *node)
{
	if (!*node->text)
		return refuse(r, e, "", "is an empty key; a key is a name");
	if (strlen(node->text) > KEY_MAX)
		return refuse(r, e, node->text,
			      "is too long for a key; at most 256 bytes are allowed");
	if (!strcmp(node->text, "<<") && !node->quoted)
		return refuse(r, e, "<<",
			      "merge keys are not read; use 'extends: FILE', or an alias "
			      "for a whole value");
	r->key[r->depth - 1] = node;
	return 0;
}

static struct anchor *find_anchor(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->n_anchors; i++) {
		if (!strcmp(r->anchors[i].name, name))
			return &r->anchors[i];
	}
	return NULL;
}

static int add_anchor(struct reader *r, const yaml_event_t *e, const yaml_char_t *anchor,
		      struct conf_node *node)
{
	const char *name = (const char *)anchor;

	if (!name)
		return 0;
	if (find_anchor(r, name))
		return refuse(r, e, name, "this anchor was set before; each name is set once");
	if (r->doc->anchors++ == SIM_CONF_MAX_ALIASES)
		return refuse(r, e, name, "too many anchors; at most 1000 are allowed");
	if (r->n_anchors == r->max_anchors) {
		r->max_anchors = r->max_anchors ? r->max_anchors * 2 : 16;
		r->anchors = sim_xrealloc(r->anchors, r->max_anchors, sizeof(*r->anchors));
	}
	r->anchors[r->n_anchors++] =
		(struct anchor){sim_strdup(r->doc->arena, name), node, node->kind != CONF_SCALAR};
	return 0;
}

/* A deep copy of what an alias names; the copies keep the places of the originals. */
static struct conf_node *copy_tree(struct reader *r, const yaml_event_t *e,
				   const struct conf_node *from, unsigned depth)
{
	struct conf_place at = {from->source, from->line, from->column, from->width};
	struct conf_node *node = conf_new_node(r->doc, from->kind, at, r->err);

	if (!node)
		return NULL;
	if (from->kind != CONF_SCALAR && depth == SIM_CONF_MAX_DEPTH) {
		refuse(r, e, "alias", "is nested too deeply; at most 64 levels are allowed");
		return NULL;
	}
	node->quoted = from->quoted;
	node->flow = from->flow;
	node->text = from->text;
	for (const struct conf_node *c = from->first; c; c = c->next) {
		struct conf_node *copy = copy_tree(r, e, c, depth + 1);

		if (!copy)
			return NULL;
		copy->key = c->key;
		conf_append(node, copy);
	}
	return node;
}

static int on_alias(struct reader *r, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	struct anchor *anchor = find_anchor(r, name);
	struct conf_node *node;

	if (wants_key(r))
		return refuse(r, e, name, "is an alias as a key; a key is a name");
	if (!anchor)
		return refuse(r, e, name,
			      "no anchor of this name comes before; write '&name' at a value");
	if (anchor->open)
		return refuse(r, e, name,
			      "is inside the value that it names; a value cannot hold itself");
	if (r->doc->aliases++ == SIM_CONF_MAX_ALIASES)
		return refuse(r, e, name, "too many aliases; at most 1000 are allowed");
	node = copy_tree(r, e, anchor->node, r->depth);
	if (!node)
		return -1;
	attach(r, node);
	return 0;
}

static int refuse_nul(const struct reader *r, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	struct sim_buf shown = {0};

	for (size_t i = 0; i < e->data.scalar.length; i++)
		sim_buf_add(&shown, text[i] ? text + i : "\\0", text[i] ? 1 : 2);
	refuse(r, e, shown.data,
	       "has a NUL character; only text is allowed, and a backslash in double quotes is "
	       "written \\\\");
	sim_buf_free(&shown);
	return -1;
}

static int on_scalar(struct reader *r, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	struct conf_node *node;

	if (e->data.scalar.tag)
		return refuse(r, e, (const char *)e->data.scalar.tag,
			      "tags are not read; leave it out");
	if (strlen(text) != e->data.scalar.length)
		return refuse_nul(r, e);
	node = conf_new_node(r->doc, CONF_SCALAR, event_place(r, e), r->err);
	if (!node)
		return -1;
	node->text = sim_strdup(r->doc->arena, text);
	node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (add_anchor(r, e, e->data.scalar.anchor, node))
		return -1;
	if (wants_key(r))
		return set_key(r, e, node);
	attach(r, node);
	return 0;
}

/* Begin a list or map. */
static int on_start(struct reader *r, const yaml_event_t *e, enum conf_node_kind kind, bool flow,
		    const yaml_char_t *tag, const yaml_char_t *anchor)
{
	struct conf_place at = event_place(r, e);
	struct conf_node *node;

	if (tag)
		return refuse(r, e, (const char *)tag, "tags are not read; leave it out");
	if (wants_key(r))
		return refuse(r, e, kind == CONF_LIST ? "list" : "map",
			      "stands as a key; a key is a name");
	if (r->depth == SIM_CONF_MAX_DEPTH)
		return refuse(r, e, kind == CONF_LIST ? "list" : "map",
			      "is nested too deeply; at most 64 levels are allowed");
	at.width = 1;
	node = conf_new_node(r->doc, kind, at, r->err);
	if (!node || add_anchor(r, e, anchor, node))
		return -1;
	node->flow = flow;
	attach(r, node);
	r->key[r->depth] = NULL;
	r->stack[r->depth++] = node;
	return 0;
}

/* Of two equal keys the later one is refused; of several, the first repetition in the file. */
static int check_duplicates(struct reader *r, const struct conf_node *map)
{
	struct conf_node **sorted = conf_sorted(map);
	const struct conf_node *twice = NULL, *first = NULL;

	for (uint32_t i = 1; i < map->n; i++) {
		const struct conf_node *a = sorted[i - 1]->key, *b = sorted[i]->key;

		if (strcmp(a->text, b->text))
			continue;
		if (twice && (twice->line < b->line ||
			      (twice->line == b->line && twice->column < b->column)))
			continue;
		twice = b;
		first = a;
	}
	sim_xfree(sorted);
	if (!twice)
		return 0;
	return conf_error(r->doc, twice, r->err,
			  "the key is given twice, first in line %u; each key is allowed once",
			  first->line);
}

static int on_end(struct reader *r)
{
	struct conf_node *node = r->stack[--r->depth];

	for (size_t i = 0; i < r->n_anchors; i++) {
		if (r->anchors[i].node == node)
			r->anchors[i].open = false;
	}
	return node->kind == CONF_MAP ? check_duplicates(r, node) : 0;
}

static int on_document(struct reader *r, const yaml_event_t *e)
{
	if (e->data.document_start.version_directive ||
	    e->data.document_start.tag_directives.start !=
		    e->data.document_start.tag_directives.end)
		return refuse(r, e, "%", "directives are not read; leave the line out");
	if (r->documents++)
		return refuse(r, e, "---", "begins a second document; a file holds one");
	return 0;
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return on_document(r, e);
	case YAML_ALIAS_EVENT:
		return on_alias(r, e);
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return on_start(r, e, CONF_LIST,
				e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
				e->data.sequence_start.tag, e->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return on_start(r, e, CONF_MAP,
				e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
				e->data.mapping_start.tag, e->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(r);
	default:
		return 0;
	}
}

static int read_events(struct reader *r)
{
	for (;;) {
		yaml_event_t e;
		bool end;
		int ret;

		if (!yaml_parser_parse(&r->parser, &e))
			return syntax_error(r);
		end = e.type == YAML_STREAM_END_EVENT;
		ret = on_event(r, &e);
		yaml_event_delete(&e);
		if (ret || end)
			return ret;
	}
}

int conf_read(struct sim_conf_doc *doc, uint16_t source, struct conf_node **root,
	      struct sim_err *err)
{
	struct conf_source *s = &doc->sources[source];
	struct reader *r = sim_xcalloc(1, sizeof(*r));
	int ret;

	r->doc = doc;
	r->err = err;
	r->source = source;
	if (!s->skip && s->len >= 3 && !memcmp(s->text, "\xef\xbb\xbf", 3))
		s->skip = 3; /* byte order mark */
	else
		for (size_t i = 0; i < s->skip; i += conf_char_len(s->text + i, s->text + s->skip))
			r->shift++;
	ret = check_text(r);
	if (!ret && !yaml_parser_initialize(&r->parser))
		sim_xoom(NULL);
	if (!ret) {
		yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&r->parser, (unsigned char *)s->text + s->skip,
					     s->len - s->skip);
		ret = read_events(r);
		yaml_parser_delete(&r->parser);
	}
	*root = ret ? NULL : r->root;
	sim_xfree(r->anchors);
	sim_xfree(r);
	return ret;
}
