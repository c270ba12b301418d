/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Independent pieces of work in processes of their own, results in order. */
#include "cli/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/watch.h"
#include "sim/base/arena.h"

#define MAX_PARALLEL 256u
#define READ_STEP    65536u
#define POLL_MS      100

/* One piece of work. */
struct job {
	pid_t pid;
	int fd; /* what it writes; -1: not running */
	bool ended;
	enum job_end end;
	struct sim_buf out;
};

struct pool {
	const struct jobs *jobs;
	struct job *at;
	size_t next;  /* piece to begin */
	size_t given; /* pieces that were handed to done() */
	size_t ended;
	unsigned running;
	bool killed;
};

static void write_out(int fd, const struct sim_buf *b)
{
	size_t at = 0;

	while (at < b->len) {
		ssize_t n = write(fd, b->data + at, b->len - at);

		if (n < 0 && errno != EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
}

static int start(struct pool *p, struct sim_err *err)
{
	struct job *job = &p->at[p->next];
	struct sim_buf out = {0};
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return sim_err_set(err, "cannot make a pipe: %s", strerror(errno));
	job->pid = fork();
	if (job->pid < 0) {
		close(fd[0]);
		close(fd[1]);
		return sim_err_set(err, "cannot make a process: %s", strerror(errno));
	}
	if (!job->pid) {
		close(fd[0]);
		p->jobs->work(p->next, &out, p->jobs->arg);
		write_out(fd[1], &out);
		sim_buf_free(&out);
		exit(0);
	}
	close(fd[1]);
	job->fd = fd[0];
	p->next++;
	p->running++;
	return 0;
}

/* The pipe is at its end: so is the process. */
static void reap(struct pool *p, struct job *job)
{
	int status = 0;

	close(job->fd);
	job->fd = -1;
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	job->ended = true;
	job->end = JOB_DONE;
	if (WIFSIGNALED(status) || WEXITSTATUS(status)) {
		job->end = JOB_CRASHED;
		sim_buf_clear(&job->out);
		if (WIFSIGNALED(status))
			sim_buf_printf(&job->out, "killed by signal %d (%s)", WTERMSIG(status),
				       strsignal(WTERMSIG(status)));
		else
			sim_buf_printf(&job->out, "ended with code %d", WEXITSTATUS(status));
	}
	p->running--;
	p->ended++;
}

static void read_some(struct pool *p, struct job *job)
{
	char *at = sim_buf_room(&job->out, READ_STEP);
	ssize_t n = read(job->fd, at, READ_STEP);

	if (n > 0) {
		job->out.len += (size_t)n;
		job->out.data[job->out.len] = '\0';
	} else if (n == 0 || errno != EINTR) {
		reap(p, job);
	}
}

/* Wait a little for anything to happen. */
static void wait_some(struct pool *p)
{
	struct pollfd fds[MAX_PARALLEL];
	struct job *of[MAX_PARALLEL];
	nfds_t n = 0;

	for (size_t i = p->given; i < p->next && n < MAX_PARALLEL; i++) {
		if (p->at[i].fd < 0)
			continue;
		of[n] = &p->at[i];
		fds[n++] = (struct pollfd){.fd = p->at[i].fd, .events = POLLIN};
	}
	if (poll(fds, n, POLL_MS) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents)
			read_some(p, of[i]);
}

/* Hand over what is ready and in turn. */
static void give(struct pool *p)
{
	while (p->given < p->jobs->nr && p->at[p->given].ended) {
		struct job *job = &p->at[p->given];

		p->jobs->done(p->given, job->end, &job->out, p->jobs->arg);
		sim_buf_free(&job->out);
		p->given++;
	}
}

/* Interrupted: those that run are told, once; the others do not begin. */
static void stop(struct pool *p)
{
	for (size_t i = p->given; i < p->next && !p->killed; i++)
		if (p->at[i].fd >= 0)
			kill(p->at[i].pid, SIGTERM);
	p->killed = true;
	for (; p->next < p->jobs->nr; p->next++) {
		p->at[p->next].ended = true;
		p->at[p->next].end = JOB_NOT_RUN;
	}
}

static int run_all(struct pool *p, struct sim_err *err)
{
	unsigned most = p->jobs->parallel < MAX_PARALLEL ? p->jobs->parallel : MAX_PARALLEL;
	int ret = 0;

	while (p->given < p->jobs->nr) {
		if (watch_interrupted() || ret)
			stop(p);
		while (!ret && p->next < p->jobs->nr && p->running < most)
			ret = start(p, err);
		if (p->running)
			wait_some(p);
		give(p);
		if (p->jobs->progress)
			p->jobs->progress(p->ended, p->jobs->arg);
	}
	return ret;
}

int jobs_run(const struct jobs *j, struct sim_err *err)
{
	struct pool p = {.jobs = j, .at = sim_xcalloc(j->nr + 1, sizeof(*p.at))};
	int ret;

	for (size_t i = 0; i < j->nr; i++)
		p.at[i].fd = -1;
	ret = run_all(&p, err);
	sim_xfree(p.at);
	return ret;
}
