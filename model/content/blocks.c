/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted blocks: a range of an object as the derived values of its blocks, and back. */
/* Mirrors: fs/crypto/crypto.c (6.8), fscrypt_encrypt_block_inplace() and its inverse. */
#include <assert.h>

#include "model/content/content.h"

#define KIND_ENCRYPTED 1u

static bool is_hole(const struct content_map *map, uint64_t off, uint64_t len)
{
	struct content_ext e;

	return content_next(map, off, off + len, &e) && e.len == len && e.val.kind == CONTENT_HOLE;
}

void content_encrypt(struct content_map *map, uint64_t off, uint64_t len, uint64_t pos,
		     uint64_t block, uint64_t key)
{
	assert(!(len % block) && !(pos % block));
	for (uint64_t at = 0; at < len; at += block) {
		struct content_val val;

		if (is_hole(map, off + at, block))
			continue;
		val = content_derive(map->space, KIND_ENCRYPTED, (pos + at) / block, key, map,
				     off + at, block);
		content_set(map, off + at, block, val);
	}
}

/* Zeros that were supplied in place of a block that the server does not have. */
static bool is_zero(const struct content_map *map, uint64_t off, uint64_t len)
{
	content_for_each (e, map, off, off + len)
		if (e.val.kind > CONTENT_ZERO)
			return false;
	return true;
}

void content_decrypt(struct content_map *map, uint64_t off, uint64_t len, uint64_t pos,
		     uint64_t block, uint64_t key)
{
	assert(!(len % block) && !(pos % block));
	for (uint64_t at = 0; at < len; at += block)
		if (!is_zero(map, off + at, block))
			content_underive(map->space, KIND_ENCRYPTED, (pos + at) / block, key, map,
					 off + at, block, map, off + at);
}
