/* attach: the streams of a process that runs, or what is left of them after its end. */
#include "common/ops/operations.h"
#include "depotctl/failed.h"
#include "depotctl/forget.h"
#include "depotctl/relay.h"
#include "depotctl/verbs.h"

int verb_attach(struct options *options)
{
	autostreams struct streams streams = NO_STREAMS;
	struct relay relay = {
		.settings = &options->settings,
		.handle = options->args[0],
		.id = options->args[1],
		.streams = &streams,
		.input = !options->no_stdin,
		.window_follows = !options->no_stdin,
		.may_detach = true,
		.guest = true,
	};
	struct process process;
	struct error err;
	int code, ended;

	relay.signals = relay_signals(&err);
	if (relay.signals < 0 || process_info(&options->settings, relay.handle, relay.id, &process, &err) < 0 ||
		process_attach(&options->settings, relay.handle, relay.id, relay.input, &streams, &err) < 0)
		return failed(options, &err);
	relay.terminal = process.terminal;
	relay.window_follows &= process.terminal;
	ended = relay_run(&relay, &code, &err);
	if (ended < 0)
		return failed(options, &err);
	return ended ? forget_if_asked(options, relay.handle, relay.id, code) : code;
}
