/* signal: send one to a process of a container, by name or number. */
#include "common/ops/operations.h"
#include "depotctl/failed.h"
#include "depotctl/signals.h"
#include "depotctl/verbs.h"

int verb_signal(struct options *options)
{
	const char *handle = options->args[0], *id = options->args[1];
	int number = signal_number(options->args[2]);
	struct error err;

	if (number < 0) {
		fail(&err, "'%s' is not a signal: a name such as TERM, or a number from 1 to %d", options->args[2],
			NSIG - 1);
		return misused(options, &err);
	}
	if (process_signal(&options->settings, handle, id, number, &err) < 0)
		return failed(options, &err);
	return 0;
}
