/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small world for tests of the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/model/fixture.h"

#include "sim/trace/text.h"

static void fixture_record(struct sim_trace_sink *sink, const struct sim_trace_record *rec)
{
	struct fixture_line *l = sim_container_of(sink, struct fixture_line, sink);

	sim_buf_printf(&l->text, "%s: %s: ", rec->ctx->comm, rec->event->name);
	sim_trace_text_add(l->layouts, rec, &l->text);
	sim_buf_putc(&l->text, '\n');
}

void model_fixture_init(struct model_fixture *f)
{
	*f = (struct model_fixture){.design = {.generation = GEN_6_8,
					       .zero_point = true,
					       .perform_write = true,
					       .writeback_runs = true,
					       .write_streaming = true,
					       .large_folios = true,
					       .unbuffered = true,
					       .class_locking = true,
					       .direct_io = true,
					       .write_grouping = true,
					       .bounce_buffer = true,
					       .write_through = true,
					       .variable_wsize = true},
				    .seed = 1};
	f->mount.fs = FS_9P;
	mount_config_defaults(&f->mount);
	f->link.latency.kind = SIM_LAW_CONSTANT;
	f->link.latency.value = 100000;
}

void model_fixture_start(struct model_fixture *f)
{
	struct costs costs = {0};

	f->trace = sim_trace_new(model_events, NR_EVENTS);
	f->lines.sink.record = fixture_record;
	f->lines.layouts = sim_trace_text_new(model_events, NR_EVENTS, EVENTS_6_8);
	sim_trace_add_sink(f->trace, &f->lines.sink);
	sim_trace_filter(f->trace, &f->lines.sink, "*:*", false);
	sim_trace_filter(f->trace, &f->lines.sink, "netfs", true);
	f->w = sim_world_new(&(struct sim_world_config){
		.seed = f->seed, .trace = f->trace, .choices = f->choices});
	assert_non_null(f->w);
	f->m = model_new(f->w, &f->design, &costs);
	f->m->nr_cpus = 1;
	f->m->nr_clients = 1;
	f->m->clients = sim_alloc_array(f->w->arena, 1, sizeof(*f->m->clients));
	server_init(f->m, &f->server, &f->link, 1, f->faults, f->nr_faults);
	f->c = f->m->clients[0] = client_new(f->m, 0, &f->mm);
	mount_fs(f->c, &f->mount);
	f->source = content_source_new(f->m->content, "the test", CONTENT_LAW_OPS, 0);
}

void model_fixture_teardown(struct model_fixture *f)
{
	sim_world_free(f->w);
	sim_trace_remove_sink(f->trace, &f->lines.sink);
	sim_trace_free(f->trace);
	sim_trace_text_free(f->lines.layouts);
	sim_buf_free(&f->lines.text);
}

struct fixture_call {
	struct model_fixture *f;
	void (*fn)(struct model_fixture *f);
};

static void fixture_task(void *arg)
{
	struct fixture_call *call = arg;

	call->fn(call->f);
}

void model_fixture_run(struct model_fixture *f, const char *comm,
		       void (*fn)(struct model_fixture *f))
{
	struct fixture_call call = {f, fn};
	enum sim_end end;

	client_spawn(f->c, comm, fixture_task, &call);
	end = sim_world_run(f->w);
	if (end == SIM_END_HANG) {
		struct sim_buf report = {0};

		sim_hang_report(f->w, &report);
		print_error("%s\n", report.data);
		sim_buf_free(&report);
	}
	assert_int_equal(end, SIM_END_QUIESCENT);
	assert_int_equal(f->failures, 0);
}

struct file *fx_open(struct model_fixture *f, const char *name, uint32_t flags)
{
	int err;
	struct file *file = sys_open(f->c, name, flags, &err);

	fx_equal(f, err, 0);
	return file;
}

int64_t fx_pwrite(struct model_fixture *f, struct file *file, uint64_t pos, uint64_t len)
{
	struct content_map buf;
	int64_t ret;

	content_map_init(&buf, f->m->content);
	content_set(&buf, 0, len,
		    content_source_append(f->m->content, f->source, len, f->nr_writes,
					  f->nr_writes % 26));
	f->nr_writes++;
	ret = sys_pwrite(file, &buf, 0, len, pos, 0, 0);
	content_map_fini(&buf);
	return ret;
}

int64_t fx_pread(struct model_fixture *f, struct file *file, uint64_t pos, uint64_t len)
{
	struct content_map buf;
	int64_t ret;

	content_map_init(&buf, f->m->content);
	ret = sys_pread(file, &buf, 0, len, pos, 0, 0);
	content_map_fini(&buf);
	return ret;
}

void fx_forget(struct model_fixture *f)
{
	sim_buf_clear(&f->lines.text);
}

void fx_expect(struct model_fixture *f, const char *text)
{
	const char *got = f->lines.text.len ? f->lines.text.data : "";

	if (!strcmp(got, text))
		return;
	fprintf(stderr, "expected:\n%s\ngot:\n%s\n", text, got);
	f->failures++;
}

void fx_check_equal(struct model_fixture *f, int64_t got, int64_t want, const char *what, int line)
{
	if (got == want)
		return;
	print_error("line %d: %s is %lld, expected %lld\n", line, what, (long long)got,
		    (long long)want);
	f->failures++;
}
