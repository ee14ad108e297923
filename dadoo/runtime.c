#include "dadoo/runtime.h"

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/pidfile.h"
#include "common/base/signals.h"
#include "common/base/spawn.h"
#include "common/base/text.h"
#include "common/depot/names.h"
#include "dadoo/caller.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIDFILE_ROUNDS = 20, PIDFILE_ROUND_MS = 500 };

/* The order is part of the process protocol. */
static void build_argv(struct strings *argv, const struct options *options, const struct terminal *terminal)
{
	strings_add(argv, options->runtime);
	if (*options->runtime_root) {
		strings_add(argv, "--root");
		strings_add(argv, options->runtime_root);
	}
	strings_add(argv, "--debug");
	strings_add(argv, "--log");
	strings_addf(argv, "/proc/%d/fd/%d", getpid(), FD_RUNTIME_LOG);
	strings_add(argv, "--log-format");
	strings_add(argv, "json");
	strings_add(argv, options->mode == MODE_EXEC ? "exec" : "run");
	strings_add(argv, "--detach");
	strings_add(argv, "--pid-file");
	strings_addf(argv, "%s/%s", options->process_dir, NAME_PID);
	if (options->mode == MODE_EXEC) {
		strings_add(argv, "-p");
		strings_addf(argv, "/proc/%d/fd/%d", getpid(), FD_SPEC);
		if (options->terminal)
			strings_add(argv, "--tty");
	} else {
		strings_add(argv, "--no-new-keyring");
		strings_add(argv, "--bundle");
		strings_add(argv, options->process_dir);
	}
	if (options->terminal) {
		strings_add(argv, "--console-socket");
		strings_add(argv, terminal->path);
	}
	strings_add(argv, options->container_id);
}

/* Runs in the child. The runtime belongs to dadoo's process group, so that a start that hangs can be ended as a whole. */
static int join_group(void *group)
{
	return setpgid(0, *(pid_t *)group);
}

pid_t runtime_start(const struct options *options, const struct stdio *io, const struct terminal *terminal)
{
	const struct fdmap streams[] = { { io->in, 0 }, { io->out, 1 }, { io->err, 2 } };
	autostrings struct strings argv = { 0 };
	pid_t group = getpgrp();
	pid_t pid;

	build_argv(&argv, options, terminal);
	pid = spawn_with(argv.item, streams, options->terminal ? 0 : ARRAY_SIZE(streams), join_group, &group);
	if (pid < 0) {
		report("exec %s: %s", options->runtime, errno_text(errno));
		caller_tell(FD_STATUS, STATUS_NOT_STARTED);
		exit(EXIT_SHIM);
	}
	return pid;
}

/* Without its console the process is of no use; it ends as soon as the runtime has said who it is. */
_Noreturn static void abandon(const struct directory *dir, pid_t runtime)
{
	bool ended;
	pid_t pid;

	for (int round = 0; round <= PIDFILE_ROUNDS; round++) {
		ended = waitpid(runtime, NULL, WNOHANG) != 0;
		pid = pidfile_read(dir->fd, NAME_PID);
		if (pid > 0)
			kill(pid, SIGKILL);
		if (pid > 0 || ended)
			break;
		clock_sleep_ms(PIDFILE_ROUND_MS);
	}
	exit(EXIT_SHIM);
}

static void wait_for_news(pid_t runtime, int signals, const struct directory *dir, struct terminal *terminal)
{
	enum { SIGNALS, CONSOLE, N };
	struct pollfd watch[N] = {
		[SIGNALS] = { .fd = signals, .events = POLLIN },
		[CONSOLE] = { .fd = terminal->socket, .events = POLLIN },
	};

	poll(watch, N, -1);
	while (signals_next(signals)) {
	}
	if (terminal_accept(terminal) < 0)
		abandon(dir, runtime);
}

void runtime_await(pid_t runtime, int signals, const struct directory *dir, struct terminal *terminal)
{
	int status;

	while (waitpid(runtime, &status, WNOHANG) == 0)
		wait_for_news(runtime, signals, dir, terminal);
	close(FD_RUNTIME_LOG); /* its reader waits for the end of the log, and does so before it looks at the status */
	if (status == 0 && terminal_complete(terminal) < 0)
		abandon(dir, runtime);
	caller_tell(FD_STATUS, WIFSIGNALED(status) ? STATUS_KILLED : WEXITSTATUS(status));
	if (status != 0)
		exit(EXIT_RUNTIME);
}
