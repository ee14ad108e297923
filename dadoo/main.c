/* dadoo, the shim of one process: runs the OCI runtime for it, holds its FIFOs, carries its terminal's bytes, and records
 * how it ended. Everything it has to say to others is in the process directory and on the descriptors it was given. */
#include "common/base/confine.h"
#include "common/base/error.h"
#include "common/base/signals.h"
#include "common/base/text.h"
#include "dadoo/caller.h"
#include "dadoo/directory.h"
#include "dadoo/options.h"
#include "dadoo/process.h"
#include "dadoo/relay.h"
#include "dadoo/runtime.h"
#include "dadoo/stdio.h"
#include "dadoo/terminal.h"

#include "dadoo-filter.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>

/* Whatever we have inherited must not reach the runtime, nor keep us from being told of our children. */
static int prepare_signals(void)
{
	int signals;

	signals_default();
	signal(SIGPIPE, SIG_IGN); /* a caller or reader that is gone is an errno */
	signals = signals_block(SIGCHLD, SIGIO, 0);
	if (signals < 0)
		give_up("signalfd: %s", errno_text(errno));
	return signals;
}

/* Starts the process; returns the master end of its terminal, -1 if it has none. */
static int start(struct relay *relay, const struct options *options)
{
	struct terminal terminal = { .socket = -1, .master = -1 };

	directory_sign(&relay->dir);
	stdio_open(&relay->io, &relay->dir, options->terminal);
	caller_tell(FD_READY, 0);
	stdio_keep(&relay->io, &relay->dir, options->terminal);
	if (options->terminal)
		terminal_listen(&terminal, options->socket_dir, relay->dir.fd);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		caution("Failed to set ourselves as subreaper: %s", errno_text(errno));
	runtime_await(runtime_start(options, &relay->io, &terminal), relay->signals, &relay->dir, &terminal);
	/* After the caller knows that the process runs: a slow disk must not keep it waiting. */
	process_find(&relay->process, &relay->dir);
	caller_forget_spec();
	return terminal.master;
}

/* Takes over a process that runs; its terminal, if it had one, went with the dadoo that it had. */
static void adopt(struct relay *relay)
{
	process_adopt(&relay->process, &relay->dir);
	stdio_reopen(&relay->io, &relay->dir);
	directory_sign(&relay->dir);
	caller_tell(FD_READY, 0);
}

/* From here on all is open and nothing is started. Without it the process is served as well, so a failure only warns. */
static void confine(enum mode mode)
{
	/* An adopted process's status may have to be read from its zombie. */
	uint64_t keep = mode == MODE_ADOPT ? UINT64_C(1) << CAP_SYS_PTRACE : 0;

	if (confine_capabilities(keep) < 0)
		caution("Failed to give up capabilities: %s", errno_text(errno));
	if (confine_calls(filter, ARRAY_SIZE(filter)) < 0)
		caution("Failed to give up system calls: %s", errno_text(errno));
}

/* The exit status of dadoo, which is the process's. A status that is not known is never made up. */
static int leave_code(const struct relay *relay)
{
	const struct process *process = &relay->process;

	if (process->lost)
		report("process %d has ended, its exit status is lost", process->who.pid);
	return process->lost || directory_leave_code(&relay->dir, process->code) < 0 ? EXIT_SHIM : process->code;
}

int main(int argc, char **argv)
{
	static struct relay relay;
	struct options options;
	int master = -1, code;

	caller_prepare();
	options_parse(&options, argc, argv);
	relay.signals = prepare_signals();
	directory_enter(&relay.dir, options.process_dir);
	if (options.mode == MODE_ADOPT)
		adopt(&relay);
	else
		master = start(&relay, &options);
	confine(options.mode);
	relay_connect(&relay, master);
	relay_until_exit(&relay);
	code = leave_code(&relay);
	relay_drain(&relay);
	return code;
}
