#include "guardian/worker.h"

#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/base/signals.h"
#include "common/base/spawn.h"
#include "guardian/logfile.h"
#include "guardian/loop.h"
#include "guardian/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLACK_SECONDS 15 /* an operation's own limits come first: they clean up, a kill does not */

/* What comes through the pipe: lines "step NAME" and "log LINE", then one "reply STATUS" and behind it the body up to the end. */
struct worker {
	const char *name;
	void (*work)(struct reply *reply, void *data);
	void (*done)(struct reply *reply, void *data);
	void *data;
	int keep;
	bool unlimited;
	pid_t pid;
	struct watch result;
	struct timer limit;
	struct text said;
	size_t steps_end; /* up to where said is lines that have been dealt with */
	char step[128];
	bool timed_out;
	struct worker *next;
};

static struct {
	struct worker_limits limits;
	struct rlimit descriptors;
	size_t running, waiting;
	struct worker *first, **last;
} pool = { .last = &pool.first };

void (*worker_died)(void);

static int result_pipe = -1; /* in a worker: where its steps and its reply go */

void worker_setup(const struct worker_limits *limits)
{
	pool.limits = *limits;
}

void worker_restore_limit(const struct rlimit *limit)
{
	pool.descriptors = *limit;
}

size_t workers_running(void)
{
	return pool.running;
}

size_t workers_waiting(void)
{
	return pool.waiting;
}

static void report_step(const char *step)
{
	autofree char *line = xprintf("step %s\n", step);

	/* A daemon that is gone reads no more; the operation goes on all the same. */
	(void)fd_write_all(result_pipe, line, strlen(line));
}

static void report_log(const char *line, size_t len)
{
	autofree char *marked = xprintf("log %.*s", (int)len, line);

	(void)fd_write_all(result_pipe, marked, strlen(marked)); /* as above */
}

/* Closes everything but 0, 1, 2 and the two that are needed: a copy of a socket or FIFO in here would hide its end from the
 * daemon's other clients. */
static void close_others(int first, int second)
{
	int low = first < second ? first : second, high = first < second ? second : first;

	/* Cannot fail: an empty range, last before first, would, and is left out. */
	if (low > 3)
		syscall(SYS_close_range, 3, low - 1, 0);
	if (high - low > 1)
		syscall(SYS_close_range, low + 1, high - 1, 0);
	syscall(SYS_close_range, high + 1, ~0u, 0);
}

_Noreturn static void be_worker(struct worker *worker, int pipe)
{
	struct reply reply = { 0 };
	autofree char *head = NULL;

	if (worker->keep >= 0)
		close_others(pipe, worker->keep);
	else
		close_others(pipe, pipe);
	if (pool.descriptors.rlim_max)
		setrlimit(RLIMIT_NOFILE, &pool.descriptors); /* what was allowed before is allowed again */
	setpgid(0, 0); /* what is meant for the daemon, such as ^C, must not end an operation in the middle */
	signals_default();
	signal(SIGPIPE, SIG_IGN);
	result_pipe = pipe;
	say_step_sink = report_step;
	logfile_through(report_log);
	worker->work(&reply, worker->data);
	head = xprintf("reply %d\n", reply.status);
	if (fd_write_all(pipe, head, strlen(head)) == 0)
		(void)fd_write_all(pipe, text_string(&reply.body), reply.body.len); /* nobody is left to tell */
	_exit(0);
}

static void start_next(void);

/* What it sent is a reply if it is whole; the child's clean exit says so. */
static void take_reply(struct worker *worker, int status, struct reply *reply)
{
	const char *rest = text_string(&worker->said) + worker->steps_end, *newline = strchr(rest, '\n');
	autotext struct text words = { 0 };

	if (status == 0 && newline && sscanf(rest, "reply %d", &reply->status) == 1) {
		size_t before = (size_t)(newline + 1 - worker->said.data);

		text_add(&reply->body, newline + 1, worker->said.len - before);
		return;
	}
	spawn_describe(status, &words);
	reply->status = 500;
	if (worker->timed_out)
		wire_error(reply, ERROR_TIMEOUT, NULL, NULL, "%s: %s: no end within %d s, killed", worker->name,
			worker->step, pool.limits.step_seconds);
	else
		wire_error(reply, ERROR_OTHER, NULL, NULL, "%s: %s: the worker died: %s", worker->name, worker->step,
			text_string(&words));
	say(SAY_ERROR, "worker %s died in step %s: %s", worker->name, worker->step, text_string(&words));
	if (worker_died)
		worker_died();
}

static void finish(struct worker *worker)
{
	struct reply reply = { 0 };
	int fd = worker->result.fd, status = 0;

	loop_unwatch(&worker->result);
	loop_timer_stop(&worker->limit);
	fd_close(&fd);
	/* It has closed its end of the pipe, so it is about to exit or has. */
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	take_reply(worker, status, &reply);
	pool.running -= !worker->unlimited;
	worker->done(&reply, worker->data);
	text_free(&reply.body);
	text_free(&worker->said);
	loop_free(worker);
	start_next();
}

static void expired(struct timer *timer)
{
	struct worker *worker = owner_of(timer, struct worker, limit);

	worker->timed_out = true;
	kill(worker->pid, SIGKILL); /* the end of its pipe tells the rest */
}

static void begin_step(struct worker *worker)
{
	if (!worker->unlimited)
		loop_timer(&worker->limit, (pool.limits.step_seconds + SLACK_SECONDS) * 1000LL, expired);
}

static void read_lines(struct worker *worker)
{
	for (;;) {
		char *line = worker->said.data + worker->steps_end, *newline = strchr(line, '\n');

		if (newline && !strncmp(line, "log ", 4)) {
			logfile_put(line + 4, (size_t)(newline + 1 - line) - 4);
		} else if (newline && !strncmp(line, "step ", 5)) {
			snprintf(worker->step, sizeof worker->step, "%.*s", (int)(newline - line - 5), line + 5);
			begin_step(worker);
		} else {
			return;
		}
		worker->steps_end = (size_t)(newline + 1 - worker->said.data);
	}
}

static void result_ready(struct watch *watch, uint32_t events)
{
	struct worker *worker = owner_of(watch, struct worker, result);
	char buffer[16384];
	ssize_t n = read(watch->fd, buffer, sizeof buffer);

	(void)events;
	if (n > 0) {
		text_add(&worker->said, buffer, (size_t)n);
		read_lines(worker);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		finish(worker);
	}
}

static void cannot_start(struct worker *worker)
{
	struct reply reply = { .status = 500 };

	wire_error(&reply, ERROR_OTHER, NULL, NULL, "%s: fork: %s", worker->name, errno_text(errno));
	worker->done(&reply, worker->data);
	text_free(&reply.body);
	loop_free(worker);
}

/* With the fork last, nothing can fail when the worker is at its work already. */
static int fork_worker(struct worker *worker)
{
	autoclose int ours = -1, its = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	ours = ends[0];
	its = ends[1];
	if (loop_watch(&worker->result, ours, EPOLLIN, result_ready) < 0)
		return -1;
	worker->pid = fork();
	if (worker->pid == 0)
		be_worker(worker, its);
	if (worker->pid < 0) {
		loop_unwatch(&worker->result);
		return -1;
	}
	(void)fd_take(&ours);
	return 0;
}

static void start(struct worker *worker)
{
	if (fork_worker(worker) < 0) {
		cannot_start(worker);
		return;
	}
	pool.running += !worker->unlimited;
	begin_step(worker);
}

static void start_next(void)
{
	while (pool.first && pool.running < pool.limits.at_once) {
		struct worker *worker = pool.first;

		pool.first = worker->next;
		if (!pool.first)
			pool.last = &pool.first;
		pool.waiting--;
		start(worker);
	}
}

void worker_run(const char *name, void (*work)(struct reply *reply, void *data),
	void (*done)(struct reply *reply, void *data), void *data, int keep, bool unlimited)
{
	struct worker *worker = xmalloc(sizeof *worker);

	*worker = (struct worker){ .name = name,
		.work = work,
		.done = done,
		.data = data,
		.keep = keep,
		.unlimited = unlimited,
		.result.fd = -1 };
	snprintf(worker->step, sizeof worker->step, "start");
	if (unlimited) { /* as many as there are clients for it: they would hold up each other */
		start(worker);
		return;
	}
	*pool.last = worker;
	pool.last = &worker->next;
	pool.waiting++;
	start_next();
}
