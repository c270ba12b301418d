/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event table: its texts against the reference's examples, what must never change, sites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "model/events/events.h"
#include "model/events/sites.h"
#include "model/vfs/fs.h"
#include "sim/base/arena.h"
#include "sim/base/math.h"
#include "sim/trace/text.h"

/* A trace whose sink keeps the text of the last record. */
struct last {
	struct sim_trace_sink sink;
	struct sim_trace *t;
	struct sim_trace_text *text;
	struct sim_buf line;
};

static void keep_last(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct last *l = (struct last *)sink;

	sim_buf_clear(&l->line);
	sim_buf_printf(&l->line, "%s: ", rec->event->name);
	sim_trace_text_add(l->text, rec, &l->line);
}

static struct last *last_new(enum events_version version)
{
	struct last *l = sim_xcalloc(1, sizeof(*l));

	l->t = sim_trace_new(model_events, NR_EVENTS);
	l->text = sim_trace_text_new(model_events, NR_EVENTS, version);
	l->sink.record = keep_last;
	sim_trace_add_sink(l->t, &l->sink);
	return l;
}

static void last_free(struct last *l)
{
	sim_trace_free(l->t);
	sim_trace_text_free(l->text);
	sim_buf_free(&l->line);
	sim_xfree(l);
}

#define LINE(call, want)                                 \
	do {                                             \
		call;                                    \
		assert_string_equal(l->line.data, want); \
	} while (0)

/* The examples of reference 10.2 and lines of 6.8 recordings. */
static void test_lines_of_6_8(void **state)
{
	struct last *l = last_new(EVENTS_6_8);
	struct sim_trace *t = l->t;

	LINE(trace_netfs_read(t, 1, 0, 0, 0x20000, netfs_read_trace_readahead, 0x86),
	     "netfs_read: R=00000001 READAHEAD c=00000000 ni=86 s=0 20000");
	LINE(trace_netfs_rreq(t, 1, 0x20, NETFS_READAHEAD, netfs_rreq_trace_assess),
	     "netfs_rreq: R=00000001 RA ASSESS  f=20");
	LINE(trace_netfs_rreq(t, 1, 0, NETFS_DIO_WRITE, netfs_rreq_trace_wait_ip),
	     "netfs_rreq: R=00000001 DW WAIT-IP f=00");
	LINE(trace_netfs_sreq(t, 1, 0, 0, 2, NETFS_DOWNLOAD_FROM_SERVER,
			      netfs_sreq_trace_terminated, 0x20000, 0x20000, 0),
	     "netfs_sreq: R=00000001[0] DOWN TERM  f=02 s=0 20000/20000 e=0");
	LINE(trace_netfs_sreq(t, 1, 12, -28, 4, NETFS_UPLOAD_TO_SERVER, netfs_sreq_trace_terminated,
			      0x80000, 0x40000, 0x1000),
	     "netfs_sreq: R=00000001[12] UPLD TERM  f=04 s=1000 40000/80000 e=-28");
	LINE(trace_netfs_failure(t, 2, 0, -5, 0, NETFS_DOWNLOAD_FROM_SERVER, netfs_fail_read,
				 0x1000, 0, 0x1000),
	     "netfs_failure: R=00000002[0] DOWN f=00 s=1000 0/1000 read e=-5");
	LINE(trace_netfs_failure(t, 2, -1, -12, 0, NETFS_INVALID_READ, netfs_fail_check_write_begin,
				 0x1000, 0, 0),
	     "netfs_failure: R=00000002[-1] INVL f=00 s=0 0/1000 check-write-begin e=-12");
	LINE(trace_netfs_rreq_ref(t, 1, 3, netfs_rreq_trace_get_subreq),
	     "netfs_rreq_ref: R=00000001 GET SUBREQ  r=3");
	LINE(trace_netfs_sreq_ref(t, 1, 0, 1, netfs_sreq_trace_put_terminated),
	     "netfs_sreq_ref: R=00000001[0] PUT TERM    r=1");
	LINE(trace_netfs_sreq_ref(t, 1, 12, 1, netfs_sreq_trace_new),
	     "netfs_sreq_ref: R=00000001[c] NEW         r=1");
	LINE(trace_netfs_folio(t, 0x86, 0, 4, netfs_whole_folio_modify),
	     "netfs_folio: i=00086 ix=00000-00003 mod-whole-f");
	LINE(trace_netfs_folio(t, 0x15c01fb, 0x123456, 1, netfs_folio_trace_copy_to_cache),
	     "netfs_folio: i=15c01fb ix=123456-123456 copy");
	LINE(trace_netfs_write_iter(t, 0x1000, 0x800, 0),
	     "netfs_write_iter: WRITE-ITER s=1000 l=800 f=0");
	LINE(trace_netfs_write(t, 3, 0, netfs_write_trace_writeback, 0, 0x4000),
	     "netfs_write: R=00000003 WRITEBACK c=00000000 by=0-3fff");
	LINE(trace_9p_client_req(t, 18446632684900888576u, P9_TREAD, 0),
	     "9p_client_req: client 18446632684900888576 request P9_TREAD tag  0");
	LINE(trace_9p_client_res(t, 7, P9_TXATTRWALK, 65535, -95),
	     "9p_client_res: client 7 response P9_TXATTRWALK tag  65535 err -95");
	LINE(trace_tracing_mark_write(t, "OP 4 t0 END ret=1000 fill=A"),
	     "tracing_mark_write: OP 4 t0 END ret=1000 fill=A");
	LINE(trace_mm_filemap_add_to_page_cache(t, 19, 0x15c0205, 0x3fbb5, 4096, 0),
	     "mm_filemap_add_to_page_cache: dev 0:19 ino 15c0205 pfn=0x3fbb5 ofs=4096 order=0");
	LINE(trace_writeback_dirty_folio(t, FS_NAME_9P, 91, 22807045, 1),
	     "writeback_dirty_folio: bdi 9p-91: ino=22807045 index=1");
	LINE(trace_writeback_mark_inode_dirty(t, FS_NAME_CIFS, 1, 2, I_DIRTY_SYNC | I_SYNC_QUEUED,
					      I_DIRTY_PAGES),
	     "writeback_mark_inode_dirty: bdi cifs-1: ino=2 state=I_DIRTY_SYNC|0x20000 "
	     "flags=I_DIRTY_PAGES");
	LINE(trace_writeback_mark_inode_dirty(t, FS_NAME_AFS, 1, 2, 0, I_DIRTY_SYNC),
	     "writeback_mark_inode_dirty: bdi afs-1: ino=2 state= flags=I_DIRTY_SYNC");
	LINE(trace_writeback_single_inode(t, FS_NAME_9P, 76, 22807097, I_SYNC | I_SYNC_QUEUED,
					  4294945790, 0, 4, INT64_MAX, 4),
	     "writeback_single_inode: bdi 9p-76: ino=22807097 state=I_SYNC|0x20000 "
	     "dirtied_when=4294945790 age=0 index=4 to_write=9223372036854775807 wrote=4 "
	     "cgroup_ino=1");
	/* A value that 6.8 does not have. */
	LINE(trace_netfs_rreq(t, 1, 0, NETFS_READ_GAPS, netfs_rreq_trace_collect),
	     "netfs_rreq: R=00000001 0x9 0xb f=00");
	last_free(l);
}

static void test_lines_of_6_12(void **state)
{
	struct last *l = last_new(EVENTS_6_12);
	struct sim_trace *t = l->t;

	LINE(trace_netfs_read_v6_12(t, 0x321, 0, 0x10000, 0x1000, 0x1000,
				    netfs_read_trace_read_gaps, 0x14f8115),
	     "netfs_read: R=00000321 READ-GAPS c=00000000 ni=14f8115 s=1000 l=1000 sz=10000");
	LINE(trace_netfs_write_v6_12(t, 0x322, 0, 0x14f8115, netfs_write_trace_writeback, 0x1000,
				     0),
	     "netfs_write: R=00000322 WRITEBACK c=00000000 i=14f8115 by=1000-fff");
	LINE(trace_netfs_write_v6_12(t, 4, 0, 1, netfs_write_trace_writeback, 0, 0),
	     "netfs_write: R=00000004 WRITEBACK c=00000000 i=1 by=0-ffffffffffffffff");
	LINE(trace_netfs_failure_v6_12(t, 2, -1, -5, 0, NETFS_SOURCE_UNKNOWN, netfs_fail_read, 1, 0,
				       0),
	     "netfs_failure: R=00000002[ffffffff] ---- f=00 s=0 0/1 read e=-5");
	LINE(trace_netfs_folio(t, 1, 1, 1, netfs_folio_trace_copy_to_cache),
	     "netfs_folio: i=00001 ix=00001-00001 mark-copy");
	LINE(trace_netfs_donate(t, 0x276, 1, UINT32_MAX, netfs_trace_donate_to_deferred_next,
				0x710),
	     "netfs_donate: R=00000276[01] -> [ffffffff] defer-next am=710");
	LINE(trace_writeback_mark_inode_dirty(t, FS_NAME_CEPH, 1, 2, I_SYNC | I_SYNC_QUEUED,
					      I_DIRTY_PAGES),
	     "writeback_mark_inode_dirty: bdi ceph-1: ino=2 state=I_SYNC|I_SYNC_QUEUED "
	     "flags=I_DIRTY_PAGES");
	last_free(l);
}

static void test_lines_of_the_simulator(void **state)
{
	struct last *l = last_new(EVENTS_6_8);
	struct sim_trace *t = l->t;

	LINE(trace_sim_choice(t, 17, SIM_SITE_READY, 3, 4, 5, 6, 7, 8, 2, 0xabc),
	     "sim:choice: #17 ready task=3 op=4 obj=5 sub=6 occ=7 2/8 hash=0000000000000abc");
	LINE(trace_sim_choice_check(t, 1024, SIM_CHOICE_MARK_CHECK, 0xabc),
	     "sim:choice_check: #1024 check hash=0000000000000abc");
	LINE(trace_sim_task_switch(t, 1, 2, SITE_FOLIO_LOCK),
	     "sim:task_switch: 1 ==> 2 at folio_lock");
	LINE(trace_sim_task_switch(t, 1, 2, 9999), "sim:task_switch: 1 ==> 2 at 0x270f");
	LINE(trace_sim_syscall(t, SIM_SYSCALL_EXIT, 1, 2, sim_call_write, "f", 4096, 512, -28),
	     "sim:syscall: exit task=1 op=2 ret=-28 write f=f s=1000 l=200");
	LINE(trace_sim_rpc(t, 0, SIM_RPC_STARTED, SIM_RPC_WRITE, 9, 1, 0x1000, 0x200, 0),
	     "sim:rpc: started write client=0 R=00000009[1] s=1000 l=200 e=0");
	LINE(trace_sim_signal(t, SIM_SIGNAL_DELIVER, 7, SIM_SIGNAL_RESTART, -512),
	     "sim:signal: deliver restart task=7 ret=-512");
	LINE(trace_sim_memory(t, 0, 1, 2, 3), "sim:memory: client=0 dirty=1 writeback=2 cached=3");
	LINE(trace_sim_violation(t, "I7", "two\nlines"), "sim:violation: I7: two\\nlines");
	LINE(trace_sim_fault(t, 0, SIM_FAULT_ERROR, SIM_RPC_READ, 9, 0, 0, 4096, -5),
	     "sim:fault: rule=0 error read R=00000009[0] s=0 l=1000 e=-5");
	last_free(l);
}

static void test_null_trace(void **state)
{
	trace_netfs_rreq(NULL, 1, 0, NETFS_READAHEAD, netfs_rreq_trace_assess);
	trace_sim_choice(NULL, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	trace_sim_violation(NULL, "", "");
}

/* The first nr values of an enum and their order are in fingerprints that people keep. */
static const struct {
	const char *name;
	unsigned nr;
	uint32_t hash; /* XXH32 over the names, each with its NUL */
} pinned[] = {
	{"fs_name", 4, 0x8cc155e2},
	{"inode_state_bit", 19, 0xda05269c},
	{"netfs_io_origin", 11, 0x8fbdcddd},
	{"netfs_io_source", 8, 0x48bf73a9},
	{"netfs_read_trace", 7, 0xe337814c},
	{"netfs_write_trace", 6, 0x51e2b6e3},
	{"netfs_rreq_trace", 16, 0xe45387be},
	{"netfs_sreq_trace", 25, 0xcd19848b},
	{"netfs_failure", 8, 0x08b9b5bd},
	{"netfs_rreq_ref_trace", 17, 0x0d3fa823},
	{"netfs_sreq_ref_trace", 17, 0xf0a97e90},
	{"netfs_folio_trace", 47, 0xcb94e0f4},
	{"netfs_donate_trace", 4, 0x2ef9d23a},
	{"netfs_folioq_trace", 5, 0xe5a80304},
	{"p9_msg", 34, 0x6cda8fae},
	{"sim_syscall_phase", 2, 0x01f73804},
	{"sim_call", 28, 0x2085c5bd},
	{"sim_signal_phase", 2, 0x328ef3ac},
	{"sim_signal_kind", 3, 0x4024e654},
	{"sim_rpc_stage", 5, 0x062231e4},
	{"sim_rpc_op", 11, 0xc05f306f},
	{"sim_choice_mark_trace", 2, 0xae68824d},
	{"sim_fault_action", 4, 0x5f0b5a5c},
	{"cachefiles_prepare_read_trace", 7, 0xc0d95a18},
	{"cachefiles_trunc_trace", 3, 0x08225bfb},
};

static void test_tags_are_pinned(void **state)
{
	unsigned nr;
	const struct sim_trace_tags *const *tags = model_event_tags(&nr);

	for (unsigned i = 0; i < nr; i++) {
		struct sim_buf b = {0};
		unsigned j = 0;
		uint32_t hash;

		while (j < SIM_ARRAY_SIZE(pinned) && strcmp(pinned[j].name, tags[i]->name) != 0)
			j++;
		if (j == SIM_ARRAY_SIZE(pinned) || tags[i]->nr < pinned[j].nr)
			fail_msg("%s is not pinned or has shrunk", tags[i]->name);
		for (unsigned k = 0; k < pinned[j].nr; k++)
			sim_buf_add(&b, tags[i]->tag[k].name, strlen(tags[i]->tag[k].name) + 1);
		hash = XXH32(b.data, b.len, 0);
		if (hash != pinned[j].hash)
			fail_msg("%s: the first %u values are not what they were (0x%08x)",
				 tags[i]->name, pinned[j].nr, hash);
		sim_buf_free(&b);
	}
}

static void test_fingerprint_vector(void **state)
{
	struct sim_trace *t = sim_trace_new(model_events, NR_EVENTS);
	char buf[SIM_FINGERPRINT_TEXT];

	sim_trace_now(t, 1500);
	sim_trace_who(t, 1001, 1, "wl");
	trace_netfs_rreq_ref(t, 1, 1, netfs_rreq_trace_new);
	trace_netfs_read(t, 1, 0, 0, 0x20000, netfs_read_trace_readahead, 0x86);
	trace_netfs_sreq(t, 1, 0, -5, 2, NETFS_DOWNLOAD_FROM_SERVER, netfs_sreq_trace_terminated,
			 0x20000, 0x1f000, 0);
	trace_netfs_folio(t, 0x86, 3, 4, netfs_folio_trace_store);
	trace_9p_client_req(t, 7, P9_TREAD, 0);
	trace_tracing_mark_write(t, "CASE END");
	trace_sim_choice(t, 1, 1, 1, 1, 1, 1, 1, 2, 1, 0);
	trace_sim_rpc(t, 0, SIM_RPC_SENT, SIM_RPC_READ, 1, 0, 0, 0x20000, 0);
	sim_fingerprint_text(sim_trace_fingerprint(t), buf);
	assert_string_equal(buf, "757d08f16a7d693c1186293eaaa228fd");
	sim_trace_free(t);
}

/* One row for each name in each version, and texts for whatever a version can print. */
static void test_table(void **state)
{
	for (enum events_version v = 0; v < SIM_TRACE_VERSIONS; v++) {
		struct sim_trace_text *text = sim_trace_text_new(model_events, NR_EVENTS, v);

		sim_trace_text_free(text);
		for (unsigned i = 0; i < NR_EVENTS; i++)
			if (model_events[i].versions >> v & 1)
				assert_ptr_equal(model_event_find(model_events[i].name, v),
						 &model_events[i]);
	}
	for (unsigned i = 0; i < NR_EVENTS; i++) {
		assert_true(model_events[i].versions);
		assert_true(model_events[i].doc[strlen(model_events[i].doc) - 1] == '.');
	}
	assert_null(model_event_find("netfs_folio", EVENTS_6_1));
	assert_null(model_event_find("nothing", EVENTS_6_8));
	assert_ptr_equal(model_event_find("netfs_read", EVENTS_6_12),
			 &model_events[EVENT_netfs_read_v6_12]);
}

static void test_sites(void **state)
{
	assert_int_equal(SITE_FOLIO_LOCK, model_site_find("folio_lock"));
	assert_true((int)SITE_FOLIO_LOCK >= (int)SIM_SITE_MODEL);
	assert_string_equal(model_site_name(SIM_SITE_READY), "ready");
	assert_int_equal(model_site_find("sleep"), SIM_SITE_SLEEP);
	assert_null(model_site_name(MODEL_SITE_END));
	assert_null(model_site_name(SIM_SITE_MODEL - 1));
	assert_null(model_site_doc(MODEL_SITE_END));
	assert_int_equal(model_site_find("nowhere"), -1);
	for (uint16_t i = SIM_SITE_MODEL; i < MODEL_SITE_END; i++) {
		assert_non_null(model_site_name(i));
		assert_non_null(model_site_doc(i));
		assert_int_equal(model_site_find(model_site_name(i)), i); /* names are unique */
	}
}

static void test_man(void **state)
{
	struct sim_buf b = {0};

	events_man(&b);
	assert_memory_equal(b.data, "netfs-sim-events(7)\n", 20);
	assert_non_null(strstr(b.data, "## netfs\\_sreq\\_ref\n"));
	assert_non_null(strstr(b.data, "R={rreq:08x} {origin} {what} f={flags:02x}"));
	assert_non_null(strstr(b.data, "\n- netfs\\_folio\\_trace\\_copy\\_to\\_cache: "
				       "\"copy\" (6\\.8) \"mark\\-copy\" (6\\.12)\n"));
	assert_non_null(
		strstr(b.data, "\n- netfs\\_folio\\_trace\\_store: \"store\" (6\\.8, 6\\.12)\n"));
	assert_non_null(strstr(b.data, "\n- NETFS\\_READAHEAD: \"RA\"\n"));
	assert_non_null(strstr(b.data, "\n- 10: NETFS\\_RREQ\\_FAILED\n"));
	assert_non_null(strstr(b.data, "\n*netfs\\_read\\_folio\\.locked*\n"
				       "\tread\\_folio has its folio, locked\n"));
	sim_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_6_8),
		cmocka_unit_test(test_lines_of_6_12),
		cmocka_unit_test(test_lines_of_the_simulator),
		cmocka_unit_test(test_null_trace),
		cmocka_unit_test(test_tags_are_pinned),
		cmocka_unit_test(test_fingerprint_vector),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_man),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
