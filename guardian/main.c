/* guardian, the daemon: the Garden API in front of a depot. It may be killed at any moment; what it knows is in the depot. */
#include "common/base/fd.h"
#include "common/base/say.h"
#include "guardian/arguments.h"
#include "guardian/server.h"

static int end(struct ending *ending)
{
	(void)fd_write_all(1, text_string(&ending->out), ending->out.len); /* nobody listens: nobody to tell */
	(void)fd_write_all(2, text_string(&ending->err), ending->err.len);
	return ending->code;
}

int main(int argc, char **argv)
{
	struct ending ending = { 0 };
	struct flags flags;

	progname = "guardian";
	fd_standard_open();
	switch (arguments_parse(argc, argv, &flags, &ending)) {
	case COMMAND_SERVER: return server_run(&flags, argc, argv);
	case COMMAND_CLEANUP: return server_cleanup(&flags);
	case COMMAND_SETUP: return server_setup(&flags);
	case COMMAND_NONE: break;
	}
	return end(&ending);
}
