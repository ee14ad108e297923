/* stream-in and stream-out: a tar archive on standard input or output, unpacked or packed inside a container. */
#include "common/ops/operations.h"
#include "depotctl/failed.h"
#include "depotctl/verbs.h"

#include <unistd.h>

/* A terminal on the other side of an archive is a forgotten redirection. */
static int refuse_terminal(const struct options *options, const char *archive)
{
	struct error err;

	fail(&err, "%s is a terminal; redirect it", archive);
	return misused(options, &err);
}

/* The operations know no handles here, only that there is no process to enter. */
static int check_handle(const struct options *options, struct error *err)
{
	struct container_info info;

	if (container_info(&options->settings, options->args[0], &info, err) < 0)
		return -1;
	container_info_free(&info);
	return 0;
}

int verb_stream_in(struct options *options)
{
	struct error err;

	if (isatty(0))
		return refuse_terminal(options, "the archive is read from standard input, which");
	if (check_handle(options, &err) < 0 ||
		container_stream_in(&options->settings, options->args[0], options->user, options->args[1], 0, &err) < 0)
		return failed(options, &err);
	return 0;
}

int verb_stream_out(struct options *options)
{
	struct error err;

	if (isatty(1))
		return refuse_terminal(options, "the archive goes to standard output, which");
	if (check_handle(options, &err) < 0 ||
		container_stream_out(&options->settings, options->args[0], options->user, options->args[1], 1, &err) <
			0)
		return failed(options, &err);
	return 0;
}
