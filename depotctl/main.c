/* depotctl: the operator's tool. Every command is one operation on the depot, done in this very process; no daemon is asked. */
#include "common/base/fd.h"
#include "common/base/say.h"
#include "depotctl/failed.h"
#include "depotctl/flags.h"
#include "depotctl/help.h"
#include "depotctl/verbs.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

const struct verb verbs[] = {
	{
		.name = "create",
		.flags = FLAGS_NEW | FLAGS_ENV,
		.json = true,
		.helpers = true,
		.run = verb_create,
		.summary = "Make a container, start it, and print its handle",
		.details =
			"Nothing runs in it but its init, until there is a 'run'. --rootfs is required. Limits that are not given\n"
			"are not set.\n",
	},
	{
		.name = "list",
		.flags = FLAGS_QUIET,
		.json = true,
		.run = verb_list,
		.summary = "List the containers of the depot",
	},
	{
		.name = "info",
		.arguments = { "HANDLE..." },
		.json = true,
		.run = verb_info,
		.summary = "Print what is known of some containers",
	},
	{
		.name = "run",
		.flags = FLAGS_RUN | FLAGS_USER | FLAGS_ENV | FLAGS_NEW | FLAGS_FORGET,
		.arguments = { "HANDLE", "COMMAND", "[ARGUMENT...]" },
		.command_line = true,
		.json = true,
		.helpers = true,
		.run = verb_run,
		.summary = "Run a process in a container, and exit as it does",
		.details =
			"Standard input, output and error are the process's until it ends. HUP, INT, QUIT, ALRM, TERM, USR1 and USR2\n"
			"are passed on to it. A full output makes it wait. When nobody takes its output any more, as at a closed\n"
			"pipe, it is left, waiting, for an 'attach' (the exit code is then 141).\n"
			"\n"
			"With --tty it has a terminal that is the image of ours; typing ^P^Q leaves it running (the ^P reaches it).\n"
			"The end of an input that is no terminal is typed as ^D.\n"
			"\n"
			"With --detach it is left to itself. Its input is at its end at once, unless --interactive keeps it open for\n"
			"an 'attach'. Its output is held until somebody attaches, and when 64 KiB are held, it waits.\n"
			"\n"
			"The process's directory stays, for 'attach' and 'wait', until the container is destroyed or with --forget.\n"
			"\n"
			"With --rm there is no HANDLE: a container is made for the command (--handle may name it) and destroyed when\n"
			"it has ended, whatever ended it. Flags end at HANDLE, or at COMMAND with --rm; '--' may stand before COMMAND.\n",
	},
	{
		.name = "attach",
		.flags = FLAGS_ATTACH | FLAGS_FORGET,
		.arguments = { "HANDLE", "ID" },
		.run = verb_attach,
		.summary = "Connect to a process that runs, and exit as it does",
		.details =
			"What it wrote and nobody has read comes first, even if it has ended. One attachment at a time can have the\n"
			"output. INT, QUIT, ALRM, TERM, USR1 and USR2 are passed on to the process. It is left running at a hang-up\n"
			"(exit code 129), when nobody takes our output any more (141), and, if it has a terminal, by typing ^P^Q (0;\n"
			"the ^P reaches it). The end of our input is the end of its input.\n",
	},
	{
		.name = "wait",
		.flags = FLAGS_WAIT | FLAGS_FORGET,
		.arguments = { "HANDLE", "ID" },
		.json = true,
		.run = verb_wait,
		.summary = "Wait until a process has ended, and exit as it did",
		.details = "It may have ended long ago, and be waited for any number of times.\n",
	},
	{
		.name = "signal",
		.arguments = { "HANDLE", "ID", "SIGNAL" },
		.run = verb_signal,
		.summary = "Send a signal to a process, by name or number",
	},
	{
		.name = "ps",
		.flags = FLAGS_QUIET,
		.arguments = { "[HANDLE]" },
		.json = true,
		.run = verb_ps,
		.summary = "List the processes of a container, or of all",
		.details = "These are the processes started by 'run' or through the API, not their children.\n",
	},
	{
		.name = "stop",
		.flags = FLAGS_STOP,
		.arguments = { "HANDLE..." },
		.run = verb_stop,
		.summary = "End all processes of some containers, but not the containers",
		.details = "SIGTERM once a second for ten seconds, then SIGKILL.\n",
	},
	{
		.name = "destroy",
		.flags = FLAGS_DESTROY,
		.arguments = { "[HANDLE...]" },
		.json = true,
		.run = verb_destroy,
		.summary = "Destroy containers, with all that runs in them",
		.details = "Works in every state, and goes on where an earlier, interrupted attempt has ended.\n",
	},
	{
		.name = "stream-in",
		.flags = FLAGS_USER,
		.arguments = { "HANDLE", "PATH" },
		.helpers = true,
		.run = verb_stream_in,
		.summary = "Unpack a tar archive from standard input into a container",
		.details =
			"PATH is the directory to unpack in, and is made if missing. Files belong to the user, root by default.\n",
	},
	{
		.name = "stream-out",
		.flags = FLAGS_USER,
		.arguments = { "HANDLE", "PATH" },
		.helpers = true,
		.run = verb_stream_out,
		.summary = "Pack files of a container into a tar archive on standard output",
		.details =
			"A PATH that ends in a slash means what is in that directory, otherwise it is itself in the archive.\n"
			"If the exit code is not 0, what was written is not a whole archive.\n",
	},
	{
		.name = "completion",
		.arguments = { "SHELL", "[WORD...]" },
		.command_line = true,
		.bare = true,
		.run = verb_completion,
		.summary = "Print the completion script of a shell, which is bash",
		.details =
			"For the shell that runs: source <(depotctl completion bash). The script comes back with the WORDs of a\n"
			"command line that is being typed, to be told what may stand in place of the last one.\n",
	},
	{
		.name = "help",
		.arguments = { "[COMMAND]" },
		.bare = true,
		.run = verb_help,
		.summary = "Print help on a command, or on all",
	},
};
const size_t verb_count = ARRAY_SIZE(verbs);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < verb_count; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int no_command(void)
{
	warn("no command");
	warn("try 'depotctl help'");
	return EXIT_OURS;
}

static int do_it(struct options *options)
{
	struct settings *settings = &options->settings;
	struct error err;

	if (options->verbose)
		say_threshold = SAY_DEBUG;
	if (options->help) {
		help_print(options->verb);
		return 0;
	}
	if (options->version) {
		puts("depotctl " VERSION); /* from the Makefile */
		return 0;
	}
	if (!options->verb)
		return no_command();
	if (options->verb->bare)
		return options->verb->run(options);
	if (settings_check(settings, &err) < 0 ||
		(options->verb->helpers && settings_check_helpers(settings, &err) < 0))
		return failed(options, &err);
	say(SAY_INFO, "depot %s, runtime %s with its state in %s", settings->depot, settings->runtime,
		settings->runtime_root);
	return options->verb->run(options);
}

/* What stdio still holds is written now. A reader that has gone is no news, and ends us as SIGPIPE would have. */
static int finish_output(int code)
{
	struct pollfd output = { .fd = 1 };

	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (poll(&output, 1, 0) == 1 && output.revents & POLLERR)
		return EXIT_SIGNALLED + SIGPIPE;
	warn("unable to write standard output"); /* why may be long gone from errno */
	return EXIT_OURS;
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err;

	progname = "depotctl";
	fd_standard_open();
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away must not end an operation half way */
	if (options_parse(&options, argc, argv, &err) < 0)
		return misused(&options, &err);
	return finish_output(do_it(&options));
}
