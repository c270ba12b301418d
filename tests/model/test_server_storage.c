/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's storage: writes without room, sparse files, space given back, a plain model. */
#include "tests/model/server_world.h"

#define KIB   1024ull
#define BLOCK 4096ull

/* 6.8-9penospc/enospc-small: messages of 0x1f000 into 256 KiB. */
static void test_full_small(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->config.capacity = 256 * KIB;
	sw_start(sw);
	f = sw_file(sw, "f", 0, SRV_FILL_HOLE);
	sw_touch(sw, 0, 512 * KIB);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 0x1f000), 0);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0x1f000, 0x1f000), 0);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0x3e000, 0x1f000), -ENOSPC);
	assert_int_equal(m.rpc.transferred, 0);
	assert_int_equal(m.iter.count, 0x1f000);
	assert_int_equal(f->size, 0x40000);
	assert_true(content_equal_range(&f->data, 0, &sw->mem, 0, 0x40000, CONTENT_EXACT, NULL));
	assert_int_equal(content_get(&f->data, 0x40000).kind, CONTENT_HOLE);
	assert_int_equal(sw->s->used_blocks, 64);
	/* Nothing fits, nothing changes; but what is there can be overwritten. */
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0x40000, 0x1f000), -ENOSPC);
	assert_int_equal(f->size, 0x40000);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 4096), 0);
	/* Sizes above the end need no space; truncation gives space back. */
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 1ull << 40, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 1ull << 39, 1), -ENOSPC);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 0x3ffff, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0x40000, 1), -ENOSPC);
	assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, 0x3f000, 0), 0);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0x50010, 1), 0);
	assert_int_equal(sw->s->used_blocks, 64);
}

/* 6.8-9penospc/x-k10-enospc-full: a sparse file, and somebody else took all space. */
static void test_full_filler(void **state)
{
	struct sw *sw = *state;
	struct server_file *f;
	struct sw_msg m;

	sw->config.capacity = 256 * KIB;
	sw_start(sw);
	f = sw_file(sw, "f", 256 * KIB, SRV_FILL_HOLE);
	assert_int_equal(srv_fillfs(sw->s, "filler"), 256 * KIB);
	assert_int_equal(srv_fillfs(sw->s, "filler"), 0);
	assert_int_equal(sw->s->used_blocks, 64);
	for (uint64_t off = 0; off < 256 * KIB; off += 1000)
		assert_int_equal(
			content_render(sw->model.content,
				       content_get(&server_find(sw->s, "filler")->data, off)),
			'z');
	sw_touch(sw, 0, 16 * KIB);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 16 * KIB), -ENOSPC);
	assert_int_equal(f->version, 1);
	assert_int_equal(srv_write(sw->s, "f", 100, 5), -ENOSPC);
	assert_int_equal(srv_rm(sw->s, "filler"), 0);
	assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, 0, 16 * KIB), 0);
	assert_int_equal(sw->s->used_blocks, 4);
	assert_int_equal(f->size, 256 * KIB);
}

/* The last block of a file is filled up too, and a partial file is where fillfs goes on. */
static void test_fillfs(void **state)
{
	struct sw *sw = *state;

	sw->config.capacity = 4 * BLOCK;
	sw_start(sw);
	sw_file(sw, "f", 5000, SRV_FILL_ZERO);
	assert_int_equal(srv_fillfs(sw->s, "f"), 4 * BLOCK - 5000);
	assert_int_equal(srv_truncate(sw->s, "f", 4096), 0);
	assert_int_equal(srv_truncate(sw->s, "f", 4100), 0); /* a hole: its block is not there */
	assert_int_equal(srv_fillfs(sw->s, "f"), 3 * BLOCK - 4);
	assert_int_equal(srv_fillfs(sw->s, "f"), 0);
	/* A sparse end has room in its block, but no block. */
	sw_file(sw, "g", 100, SRV_FILL_HOLE);
	assert_int_equal(srv_fillfs(sw->s, "g"), 0);
	sw->s->config.capacity = 0;
	assert_int_equal(srv_fillfs(sw->s, "f"), -EINVAL);
}

/* ---- against a plain model ---- */

#define FILES  3u
#define BLOCKS 24u
#define PLAIN  (BLOCKS * BLOCK)

/* The files once more as arrays of a byte a 512: 0 hole, else written. */
#define UNIT  512u
#define UNITS (PLAIN / UNIT)

struct plain {
	bool written[FILES][UNITS];
	uint64_t size[FILES];
};

static uint32_t next_random(uint64_t *s)
{
	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*s >> 33);
}

static bool plain_block(const struct plain *p, unsigned f, unsigned block)
{
	for (unsigned i = 0; i < BLOCK / UNIT; i++) {
		if (p->written[f][block * (BLOCK / UNIT) + i])
			return true;
	}
	return false;
}

static unsigned plain_blocks(const struct plain *p)
{
	unsigned n = 0;

	for (unsigned f = 0; f < FILES; f++) {
		for (unsigned b = 0; b < BLOCKS; b++)
			n += plain_block(p, f, b);
	}
	return n;
}

/* Write unit by unit until one has no block; returns the bytes that went. */
static uint64_t plain_write(struct plain *p, unsigned f, uint64_t pos, uint64_t len,
			    unsigned capacity)
{
	uint64_t done = 0;

	for (; done < len; done += UNIT) {
		uint64_t unit = (pos + done) / UNIT;

		if (!plain_block(p, f, (unsigned)(unit / (BLOCK / UNIT))) &&
		    plain_blocks(p) == capacity)
			break;
		p->written[f][unit] = true;
	}
	if (done)
		p->size[f] = sim_max(p->size[f], pos + done);
	return done;
}

static void plain_resize(struct plain *p, unsigned f, uint64_t size)
{
	for (uint64_t u = size / UNIT; u < UNITS; u++)
		p->written[f][u] = false;
	p->size[f] = size;
}

static void plain_compare(struct sw *sw, const struct plain *p, const char *const *name)
{
	assert_int_equal(sw->s->used_blocks, plain_blocks(p));
	for (unsigned i = 0; i < FILES; i++) {
		struct server_file *f = server_find(sw->s, name[i]);

		assert_int_equal(f ? f->size : 0, p->size[i]);
		for (unsigned u = 0; f && u < UNITS; u++)
			assert_int_equal(content_get(&f->data, u * UNIT).kind != CONTENT_HOLE,
					 p->written[i][u]);
	}
}

static void random_step(struct sw *sw, struct plain *p, const char *const *name, uint64_t *rnd)
{
	unsigned i = next_random(rnd) % FILES, capacity = (unsigned)(sw->config.capacity / BLOCK);
	uint64_t pos = next_random(rnd) % UNITS * UNIT, done;
	uint64_t len = (1 + next_random(rnd) % (UNITS / 4)) * UNIT;
	struct server_file *f = server_find(sw->s, name[i]);
	struct sw_msg m;

	if (!f)
		f = sw_file(sw, name[i], 0, SRV_FILL_HOLE);
	len = sim_min(len, PLAIN - pos);
	switch (next_random(rnd) % 8) {
	case 0:
		assert_int_equal(sw_once(sw, &m, RPC_SETATTR, f, pos, 0), 0);
		plain_resize(p, i, pos);
		break;
	case 1:
		assert_int_equal(srv_rm(sw->s, name[i]), 0);
		plain_resize(p, i, 0);
		break;
	case 2:
		done = plain_write(p, i, pos, len, capacity);
		assert_int_equal(srv_write(sw->s, name[i], pos, len), done ? (int)done : -ENOSPC);
		break;
	default:
		done = plain_write(p, i, pos, len, capacity);
		assert_int_equal(sw_once(sw, &m, RPC_WRITE, f, pos, len),
				 done == len ? 0 : -ENOSPC);
	}
}

static void test_storage_property(void **state)
{
	static const char *const name[FILES] = {"f", "g", "h"};
	struct sw *sw = *state;
	struct plain *p = sim_xcalloc(1, sizeof(*p));
	uint64_t rnd = 7;

	sw->config.capacity = 20 * BLOCK + 4000;
	sw_start(sw);
	for (unsigned step = 0; step < 3000; step++) {
		random_step(sw, p, name, &rnd);
		plain_compare(sw, p, name);
	}
	sim_xfree(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SW_TEST(test_full_small),
		SW_TEST(test_full_filler),
		SW_TEST(test_fillfs),
		SW_TEST(test_storage_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
