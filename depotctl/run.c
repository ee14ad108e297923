/* run: a process in a container, on our own standard input, output and error or left to itself; with --rm in a container of
 * its own. */
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/forget.h"
#include "depotctl/relay.h"
#include "depotctl/terminal.h"
#include "depotctl/verbs.h"

#include <stdio.h>
#include <string.h>

/* What makes no sense together. */
static int check(const struct options *options, struct error *err)
{
	if (options->remove && options->detach)
		return fail(err, "--rm and --detach contradict each other");
	if (options->remove && !options->container.rootfs)
		return fail(err, "--rm needs --rootfs");
	if (!options->remove && options->new_flag)
		return fail(err, "--%s describes a new container, and needs --rm", options->new_flag);
	if (options->forget && options->detach)
		return fail(err, "--forget is of no use with --detach; wait has one too");
	if (options->json && !options->detach)
		return fail(err, "--json is for --detach; otherwise standard output is the process's");
	if (options->process.window_given && !options->process.terminal)
		return fail(err, "--window needs --tty");
	return 0;
}

/* The command line of the process; a "--" before it may stand, to keep it apart from what is ours. */
static int take_command(struct options *options, size_t first, struct error *err)
{
	struct process_spec *process = &options->process;

	if (first < options->arg_count && strcmp(options->args[first], "--") == 0)
		first++;
	if (first >= options->arg_count)
		return fail(err, "COMMAND is missing");
	process->path = xstrdup(options->args[first]);
	for (size_t i = first + 1; i < options->arg_count; i++)
		strings_add(&process->args, options->args[i]);
	process->env = options->env;
	options->env = (struct strings){ 0 };
	process->user = options->user;
	options->user = NULL;
	return 0;
}

static void print_id(const struct options *options, const char *handle)
{
	json_object *started;

	if (!options->json) {
		puts(options->process.id);
		return;
	}
	started = json_object_new_object();
	json_add_text(started, "handle", handle);
	json_add_text(started, "id", options->process.id);
	json_print(started);
}

static int leave_running(struct options *options, const char *handle, const struct streams *streams)
{
	struct error err;

	print_id(options, handle);
	if (!options->interactive && process_close_input(streams->process_dir, &err) < 0)
		return failed(options, &err);
	return 0;
}

static int stay(struct options *options, const char *handle, struct streams *streams, int signals, bool window_follows)
{
	const struct relay relay = {
		.settings = &options->settings,
		.handle = handle,
		.id = options->process.id,
		.streams = streams,
		.signals = signals,
		.input = true,
		.terminal = options->process.terminal,
		.window_follows = window_follows,
		.may_detach = !options->remove,
	};
	struct error err;
	int code, ended = relay_run(&relay, &code, &err);

	if (ended < 0)
		return failed(options, &err);
	return ended ? forget_if_asked(options, handle, relay.id, code) : code;
}

static int run_in(struct options *options, const char *handle, int signals)
{
	autostreams struct streams streams = NO_STREAMS;
	struct process_spec *process = &options->process;
	bool window_follows = process->terminal && !process->window_given;
	struct error err;

	if (window_follows)
		process->window_given = terminal_size(&process->columns, &process->rows);
	if (process_run(&options->settings, handle, process, &streams, &err) < 0)
		return failed_start(options, &err);
	if (options->detach)
		return leave_running(options, handle, &streams);
	return stay(options, handle, &streams, signals, window_follows);
}

static int run_in_new(struct options *options, int signals)
{
	struct container_spec *container = &options->container;
	struct error err;
	int code;

	if (container_create(&options->settings, container, &err) < 0)
		return failed(options, &err);
	code = run_in(options, container->handle, signals);
	if (container_destroy(&options->settings, container->handle, &err) < 0)
		return failed(options, &err);
	return code;
}

int verb_run(struct options *options)
{
	struct error err;
	int signals;

	if (check(options, &err) < 0 || take_command(options, options->remove ? 0 : 1, &err) < 0)
		return misused(options, &err);
	signals = options->detach ? -1 : relay_signals(&err);
	if (signals < 0 && !options->detach)
		return failed(options, &err);
	return options->remove ? run_in_new(options, signals) : run_in(options, options->args[0], signals);
}
