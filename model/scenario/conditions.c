/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which records of a trace show which condition. */
/* Mirrors: no kernel file. */
#include "model/scenario/conditions.h"

#include <assert.h>

#include "model/scenario/scenario.h"
#include "model/scenario/schema_impl.h"
#include "sim/base/math.h"

static const struct sim_conf_name condition_names[NR_CONDITIONS + 1] = {
#define CONDITION(id, name_, doc_) [id] = {.name = name_, .value = id, .doc = doc_},
#include "model/scenario/conditions.def"
#undef CONDITION
};

const struct sim_conf_type scn_condition_type =
	SIM_CONF_ENUM_TYPE("condition", condition_names, .doc = "Something that a run can show.");

const char *scn_condition_name(unsigned condition)
{
	return condition < NR_CONDITIONS ? condition_names[condition].name : NULL;
}

const char *scn_condition_doc(unsigned condition)
{
	return condition < NR_CONDITIONS ? condition_names[condition].doc : NULL;
}

/* Places of the fields that are looked at, in the rows of events.def. */
enum {
	FOLIO_WHY = 3,
	READ_WHAT = 4,
	WRITE_WHAT = 4,
	SREQ_ERROR = 2,
	SREQ_FLAGS = 3,
	SREQ_SOURCE = 4,
	SREQ_WHAT = 5,
	SREQ_LEN = 6,
	SREQ_DONE = 7,
	RPC_STAGE = 1,
	RPC_ERROR = 7,
	SIGNAL_PHASE = 0,
	SIGNAL_KIND = 2,
	SIGNAL_RET = 3,
};

static void folio_record(uint64_t *seen, unsigned why)
{
	static const uint8_t condition_of[] = {
		[netfs_just_prefetch] = COND_PREFETCH_FOR_WRITE,
		[netfs_modify_and_clear] = COND_WRITE_AT_ZERO_POINT,
		[netfs_streaming_write] = COND_STREAMING_WRITE,
		[netfs_streaming_write_cont] = COND_STREAMING_CONTINUED,
		[netfs_streaming_cont_filled_page] = COND_STREAMING_CONTINUED,
		[netfs_flush_content] = COND_FLUSH_CONFLICT,
		[netfs_folio_trace_kill] = COND_FOLIO_KILLED,
		[netfs_folio_trace_launder] = COND_LAUNDER,
		[netfs_folio_trace_read_gaps] = COND_READ_GAPS,
		[netfs_folio_trace_redirty] = COND_FOLIO_REDIRTIED,
		[netfs_folio_trace_redirtied] = COND_FOLIO_REDIRTIED,
		[netfs_folio_trace_wthru] = COND_WRITETHROUGH,
		[netfs_folio_trace_wthru_plus] = COND_WRITETHROUGH,
	};

	/* 0 is a condition of whole runs: none. */
	if (why < sizeof(condition_of) && condition_of[why])
		seen[condition_of[why]]++;
}

static void sreq_record(uint64_t *seen, const union sim_trace_value *v)
{
	switch (v[SREQ_WHAT].u) {
	case netfs_sreq_trace_submit:
		if (v[SREQ_SOURCE].u == NETFS_FILL_WITH_ZEROES)
			seen[COND_ZERO_WITHOUT_DOWNLOAD]++;
		break;
	case netfs_sreq_trace_download_instead:
	case netfs_sreq_trace_resubmit_short:
	case netfs_sreq_trace_retry:
		seen[COND_SUBREQUEST_RETRIED]++;
		break;
	case netfs_sreq_trace_clear:
		seen[COND_TAIL_CLEARED]++;
		break;
	case netfs_sreq_trace_terminated:
		if (v[SREQ_ERROR].s)
			seen[COND_SUBREQUEST_FAILED]++;
		else if (v[SREQ_SOURCE].u == NETFS_DOWNLOAD_FROM_SERVER &&
			 v[SREQ_DONE].u < v[SREQ_LEN].u)
			seen[COND_SHORT_READ]++;
		break;
	}
}

static void signal_record(uint64_t *seen, const union sim_trace_value *v)
{
	if (v[SIGNAL_PHASE].u != SIM_SIGNAL_DELIVER)
		return;
	if (v[SIGNAL_KIND].u == SIM_SIGNAL_KILL)
		seen[COND_TASK_KILLED]++;
	else if (v[SIGNAL_KIND].u == SIM_SIGNAL_RESTART && v[SIGNAL_RET].s == -ERESTARTSYS)
		seen[COND_CALL_RESTARTED]++;
	else if (v[SIGNAL_RET].s == -ERESTARTSYS || v[SIGNAL_RET].s == -EINTR)
		seen[COND_CALL_INTERRUPTED]++;
}

void scn_conditions_record(uint64_t *seen, const struct sim_trace_record *rec)
{
	const union sim_trace_value *v = rec->value;

	switch (rec->event - model_events) {
	case EVENT_netfs_folio:
		folio_record(seen, (unsigned)v[FOLIO_WHY].u);
		break;
	case EVENT_netfs_sreq:
		sreq_record(seen, v);
		break;
	case EVENT_netfs_read:
		if (v[READ_WHAT].u == netfs_read_trace_readahead)
			seen[COND_READAHEAD]++;
		break;
	case EVENT_sim_rpc:
		if (v[RPC_STAGE].u == SIM_RPC_RECEIVED && v[RPC_ERROR].s)
			seen[COND_MESSAGE_FAILED]++;
		break;
	case EVENT_sim_fault:
		seen[COND_FAULT]++;
		break;
	case EVENT_sim_signal:
		signal_record(seen, v);
		break;
	}
}

void scn_conditions_subscribe(struct sim_trace *trace, struct sim_trace_sink *sink)
{
	static const char *const patterns[] = {
		"netfs:netfs_folio", "netfs:netfs_sreq", "netfs:netfs_read",
		"sim:rpc",           "sim:fault",        "sim:signal",
	};

	sim_trace_filter(trace, sink, "*:*", false);
	for (size_t i = 0; i < SIM_ARRAY_SIZE(patterns); i++) {
		unsigned matches = sim_trace_filter(trace, sink, patterns[i], true);

		assert(matches);
	}
}
