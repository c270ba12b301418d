/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page-cache index against a plain array, and what it costs. */
#include "tests/model/mm_fixture.h"

#include <string.h>
#include <time.h>

#include "model/mm/internal.h"

#define PAGES 2048u

/* The naive model: for each page of a window of the file, the folio there and its marks. */
struct naive {
	pgoff_t base;
	struct folio *at[PAGES];
	uint8_t marks[PAGES];
};

struct run {
	struct mm_fixture f;
	struct naive naive[3]; /* near 0, in the middle, at the end of what a file can be */
	uint64_t seed;
};

static uint32_t draw(struct run *r, uint32_t n)
{
	r->seed = r->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(r->seed >> 33) % n;
}

static struct address_space *mapping(struct run *r)
{
	return fx_mapping(&r->f);
}

static void do_insert(struct run *r, struct naive *n)
{
	static const unsigned orders[] = {0, 0, 0, 0, 2, 3, 4, 5, 8, 9};
	unsigned order = orders[draw(r, SIM_ARRAY_SIZE(orders))];
	uint32_t page = draw(r, PAGES) & ~((1u << order) - 1);
	struct folio *folio = sim_pool_get(&r->f.client.mm.folios);
	bool taken = false;

	folio->order = order;
	folio->index = n->base + page;
	folio->mapping = mapping(r);
	for (uint32_t i = page; i < page + (1u << order); i++)
		taken |= n->at[i] != NULL;
	assert_int_equal(page_tree_insert(mapping(r), folio), taken ? -EEXIST : 0);
	if (taken) {
		sim_pool_put(&r->f.client.mm.folios, folio);
		return;
	}
	for (uint32_t i = page; i < page + (1u << order); i++) {
		n->at[i] = folio;
		n->marks[i] = 0;
	}
}

static void do_erase(struct run *r, struct naive *n)
{
	struct folio *folio = n->at[draw(r, PAGES)];

	if (!folio)
		return;
	for (uint64_t i = folio->index; i < folio_next_index(folio); i++) {
		n->at[i - n->base] = NULL;
		n->marks[i - n->base] = 0;
	}
	page_tree_erase(mapping(r), folio);
	sim_pool_put(&r->f.client.mm.folios, folio);
}

static void do_mark(struct run *r, struct naive *n)
{
	struct folio *folio = n->at[draw(r, PAGES)];
	unsigned mark = draw(r, NR_PAGE_MARKS);
	bool set = draw(r, 2);

	if (!folio)
		return;
	for (uint64_t i = folio->index - n->base; i < folio_next_index(folio) - n->base; i++)
		n->marks[i] =
			(uint8_t)(set ? n->marks[i] | 1u << mark : n->marks[i] & ~(1u << mark));
	if (set)
		page_tree_set_mark(mapping(r), folio, mark);
	else
		page_tree_clear_mark(mapping(r), folio, mark);
	assert_int_equal(page_tree_get_mark(mapping(r), folio, mark), set);
}

/* The first page from `from` on, up to last, that has a folio (with the mark). */
static struct folio *naive_find(const struct naive *n, uint32_t from, uint32_t last, int mark)
{
	for (uint32_t i = from; i <= last; i++) {
		if (n->at[i] && (mark < 0 || (n->marks[i] >> mark & 1)))
			return n->at[i];
	}
	return NULL;
}

static pgoff_t naive_miss(const struct naive *n, uint32_t from, uint32_t max, int step)
{
	for (uint32_t i = from; max-- && i < PAGES; i += (uint32_t)step) {
		if (!n->at[i])
			return n->base + i;
	}
	return UINT64_MAX;
}

static void do_look(struct run *r, struct naive *n)
{
	uint32_t from = draw(r, PAGES), last = from + draw(r, PAGES - from);
	int mark = (int)draw(r, NR_PAGE_MARKS + 1) - 1;
	uint32_t max = draw(r, sim_min(from + 1, PAGES - from));

	assert_ptr_equal(filemap_lookup(mapping(r), n->base + from), n->at[from]);
	assert_ptr_equal(page_tree_find(mapping(r), n->base + from, n->base + last, mark),
			 naive_find(n, from, last, mark));
	assert_int_equal(page_cache_next_miss(mapping(r), n->base + from, max),
			 naive_miss(n, from, max, 1));
	assert_int_equal(page_cache_prev_miss(mapping(r), n->base + from, max),
			 naive_miss(n, from, max, -1));
}

static void run_ops(struct run *r, unsigned ops, unsigned erase_weight)
{
	for (unsigned i = 0; i < ops; i++) {
		struct naive *n = &r->naive[draw(r, SIM_ARRAY_SIZE(r->naive))];
		unsigned what = draw(r, 10);

		if (what < 3)
			do_insert(r, n);
		else if (what < 3 + erase_weight)
			do_erase(r, n);
		else if (what < 7)
			do_mark(r, n);
		else
			do_look(r, n);
		if (i % 64 == 0) {
			const char *broken = page_tree_check(mapping(r));

			if (broken)
				fail_msg("%s", broken);
		}
	}
}

/* Everything that is found from 0 to the end, in order, is what the arrays have. */
static void walk_all(struct run *r)
{
	pgoff_t index = 0;

	for (unsigned k = 0; k < SIM_ARRAY_SIZE(r->naive); k++) {
		struct naive *n = &r->naive[k];

		for (uint32_t i = 0; i < PAGES; i++) {
			struct folio *folio = n->at[i];

			if (!folio || folio->index != n->base + i)
				continue;
			assert_ptr_equal(filemap_next(mapping(r), index, UINT64_MAX), folio);
			index = folio_next_index(folio);
		}
	}
	assert_null(filemap_next(mapping(r), index, UINT64_MAX));
}

static void erase_all(struct run *r)
{
	struct folio *folio;

	while ((folio = filemap_next(mapping(r), 0, UINT64_MAX))) {
		page_tree_erase(mapping(r), folio);
		sim_pool_put(&r->f.client.mm.folios, folio);
	}
	assert_null(mapping(r)->root);
	assert_null(mapping(r)->hint);
	assert_int_equal(r->f.client.mm.nodes.live, 0);
	memset(r->naive, 0, sizeof(r->naive));
}

static void test_property(void **state)
{
	struct run *r = test_calloc(1, sizeof(*r));

	mm_fixture_start(&r->f, NULL, 0, 0, 32);
	for (unsigned seed = 0; seed < 30; seed++) {
		r->seed = seed;
		r->naive[1].base = (1ull << 28) - PAGES / 2;
		r->naive[2].base = PAGE_INDEX_MAX - PAGES;
		run_ops(r, 4000, seed % 3);
		walk_all(r);
		erase_all(r);
	}
	mm_fixture_end(&r->f);
	test_free(r);
}

/* Nothing is found in an empty mapping, nor beyond what the root covers. */
static void test_empty(void **state)
{
	struct mm_fixture f = {0};
	struct folio folio = {.index = 0};

	mm_fixture_start(&f, NULL, 0, 0, 32);
	folio.mapping = fx_mapping(&f);
	assert_null(filemap_lookup(fx_mapping(&f), 0));
	assert_null(filemap_next(fx_mapping(&f), 0, UINT64_MAX));
	assert_int_equal(page_cache_next_miss(fx_mapping(&f), 5, 0), UINT64_MAX);
	assert_int_equal(page_cache_next_miss(fx_mapping(&f), 5, 1), 5);
	assert_int_equal(page_cache_prev_miss(fx_mapping(&f), 0, 1), 0);
	assert_int_equal(page_tree_insert(fx_mapping(&f), &folio), 0);
	assert_null(filemap_lookup(fx_mapping(&f), 16));
	assert_null(filemap_lookup(fx_mapping(&f), UINT64_MAX));
	assert_null(filemap_next(fx_mapping(&f), 1, UINT64_MAX));
	assert_int_equal(page_cache_prev_miss(fx_mapping(&f), 0, 9), UINT64_MAX);
	page_tree_erase(fx_mapping(&f), &folio);
	mm_fixture_end(&f);
}

/* A mapping that is broken in some way is reported. */
static void test_check_fires(void **state)
{
	struct mm_fixture f = {0};
	struct folio *folio;

	mm_fixture_start(&f, NULL, 0, 0, 32);
	fx_add_clean(&f, 0, 20);
	assert_null(assert_mapping_state(fx_mapping(&f)));
	fx_mapping(&f)->nrpages++;
	assert_string_equal(assert_mapping_state(fx_mapping(&f)), "mapping: nrpages is wrong");
	fx_mapping(&f)->nrpages--;
	folio = filemap_lookup(fx_mapping(&f), 7);
	folio->flags |= 1u << PG_dirty;
	assert_string_equal(assert_mapping_state(fx_mapping(&f)),
			    "mapping: a dirty folio without its mark");
	folio->flags &= ~(1u << PG_dirty);
	page_tree_set_mark(fx_mapping(&f), folio, PAGE_MARK_WRITEBACK);
	assert_string_equal(assert_mapping_state(fx_mapping(&f)),
			    "mapping: a folio in writeback without its mark, or the reverse");
	page_tree_clear_mark(fx_mapping(&f), folio, PAGE_MARK_WRITEBACK);
	folio->order = 4;
	assert_string_equal(page_tree_check(fx_mapping(&f)),
			    "index: a folio stands at the wrong level");
	folio->order = 0;
	f.client.mm.nr_cached++;
	assert_string_equal(assert_mm_state(&f.client.mm), "mm: nr_cached is wrong");
	f.client.mm.nr_cached--;
	mm_fixture_end(&f);
}

/* A run of 16 or more clean pages costs at most 128 bytes a page, wherever it lies. */
static void test_memory(void **state)
{
	for (unsigned run = 16; run <= 256; run *= 4) {
		struct mm_fixture f = {0};
		uint64_t seed = run, nr = 0;
		size_t bytes;

		mm_fixture_start(&f, NULL, 0, 0, 32);
		while (nr < 40000) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			/* as many runs as make a file of 1 Mi pages about 4 % cached */
			if (!filemap_next(fx_mapping(&f), seed >> 44, (seed >> 44) + run - 1)) {
				fx_add_clean(&f, seed >> 44, run);
				nr += run;
			}
		}
		bytes = sizeof(struct folio) + f.client.mm.nodes.live * page_tree_node_size() / nr;
		print_message("runs of %u: %zu bytes a page\n", run, bytes);
		assert_in_range(bytes, sizeof(struct folio), 128);
		mm_fixture_end(&f);
	}
}

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SIM_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Reported, not asserted: bench/ has the figures that count. */
static void test_speed(void **state)
{
	struct mm_fixture f = {0};
	const unsigned nr = 100000;
	uint64_t start, found = 0;

	mm_fixture_start(&f, NULL, 0, 0, 32);
	start = clock_ns();
	fx_add_clean(&f, 0, nr);
	print_message("add: %llu ns a folio\n", (unsigned long long)(clock_ns() - start) / nr);
	start = clock_ns();
	for (pgoff_t i = 0; i < nr; i++)
		found += filemap_lookup(fx_mapping(&f), i) != NULL;
	print_message("look-up in order: %llu ns a folio\n",
		      (unsigned long long)(clock_ns() - start) / nr);
	start = clock_ns();
	for (pgoff_t i = 0, x = 1; i < nr; i++, x = (x * 48271) % 2147483647)
		found += filemap_lookup(fx_mapping(&f), x % nr) != NULL;
	print_message("look-up at random: %llu ns a folio\n",
		      (unsigned long long)(clock_ns() - start) / nr);
	assert_int_equal(found, 2 * nr);
	mm_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_property),    cmocka_unit_test(test_empty),
		cmocka_unit_test(test_check_fires), cmocka_unit_test(test_memory),
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
