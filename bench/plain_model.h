/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The baseline of the whole model: the same number of events, records and page-cache accesses as
 * one does them with nothing modelled, checked, named or chosen. Events go through the plain heap,
 * records are 48 bytes that are hashed, pages are looked up in a hash table with an LRU list.
 */
#ifndef BENCH_PLAIN_MODEL_H
#define BENCH_PLAIN_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* How much there is to do. */
struct plain_work {
	uint64_t events, records, touches; /* touches: accesses to the page cache */
	uint64_t cached;                   /* folios that fit into it */
	uint64_t pages;                    /* different ones that are accessed */
	bool in_order;    /* pages are accessed one after the other, not at random */
	uint32_t pending; /* events at any time */
};

/* Do it; returns a hash, so that nothing is optimised away. */
uint64_t plain_model(const struct plain_work *work);

#endif
